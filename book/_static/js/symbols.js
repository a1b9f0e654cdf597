/* A formula that is a link (kdbook/sphinx_ext/symbols.py) is one stop of the Tab key, not two. */
(() => {
  "use strict";
  const DRAWN = 210; // after MathJax has put its formulas into the page (200)

  const leaveOut = ({ typesetRoot }) => {
    if (typesetRoot?.closest?.("a.symbol")) typesetRoot.removeAttribute("tabindex");
  };
  const leaveAllOut = ({ math }) => {
    for (const formula of math) leaveOut(formula);
  };
  if (window.MathJax) ((window.MathJax.options ??= {}).renderActions ??= {}).linksOnce = [DRAWN, leaveAllOut, leaveOut];
})();
