/* A formula that is a link (kdbook/sphinx_ext/symbols.py) is one stop of the Tab key, not two: until somebody asks MathJax
   for speech, for which a formula is gone into by itself. */
(() => {
  "use strict";
  const DRAWN = 210; // after MathJax has put its formulas into the page (200)
  const seen = new WeakSet();

  function leaveOut({ math }) {
    for (const { typesetRoot } of math) {
      const link = typesetRoot?.closest?.("a.symbol");
      if (!link || seen.has(link)) continue;
      seen.add(link);
      typesetRoot.removeAttribute("tabindex");
    }
  }
  if (window.MathJax) ((window.MathJax.options ??= {}).renderActions ??= {}).linksOnce = [DRAWN, leaveOut, () => {}];
})();
