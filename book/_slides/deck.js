/* Starts a deck: mathematics first, then reveal.js, which measures what it shows. */
(function () {
  "use strict";
  const printing = /print-pdf/.test(window.location.search);
  document.documentElement.classList.toggle("deck-print", printing);

  window.MathJax = {
    tex: { inlineMath: [["$", "$"], ["\\(", "\\)"]], processEscapes: true },
    chtml: { matchFontHeight: false },
    options: { skipHtmlTags: ["script", "style", "pre", "code", "svg"], enableMenu: false },
    startup: {
      elements: [".slides"],
      ready() {
        MathJax.startup.defaultReady();
        window.deckReady = MathJax.startup.promise.then(start);
      },
    },
  };

  function start() {
    return Reveal.initialize({
      width: 1280,
      height: 720,
      margin: 0.03,
      center: false,
      hash: true,
      controlsTutorial: false,
      slideNumber: "c/t",
      transition: "none",
      pdfSeparateFragments: false,
      showNotes: printing && /notes/.test(window.location.search) ? "separate-page" : false,
      plugins: [RevealNotes],
    });
  }
})();
