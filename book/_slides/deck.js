/* Starts a deck: mathematics first, then reveal.js, which measures what it shows. */
(function () {
  "use strict";
  const printing = /print-pdf/.test(window.location.search);
  document.documentElement.classList.toggle("deck-print", printing);
  const live = [...document.querySelectorAll("[data-live]")];
  if (printing) live.forEach((box) => box.removeAttribute("data-live")); // paper shows the still picture

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

  /* A key in a live figure is for its controls. Those that turn pages, as a presenter's remote does, leave it, and so
     does Escape. */
  addEventListener("keydown", (event) => {
    if (!event.target.closest?.(".live-controls")) return;
    if (/^(PageUp|PageDown|Escape)$/.test(event.key)) {
      event.target.blur();
      event.preventDefault(); // a slider would move
      if (event.key === "Escape") event.stopPropagation();
    }
  }, true);
  for (const box of live) box.addEventListener("keydown", (event) => { if (/^( |Enter|Arrow.*)$/.test(event.key)) event.stopPropagation(); });

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
