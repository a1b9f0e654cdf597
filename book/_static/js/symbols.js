/* A formula that is a link (kdbook/sphinx_ext/symbols.py) is one stop of the Tab key, not two. */
(() => {
  "use strict";

  function typeset() {
    const formulas = document.querySelectorAll("a.symbol mjx-container[tabindex]");
    formulas.forEach((formula) => formula.removeAttribute("tabindex"));
  }

  window.addEventListener("load", () => {
    if (document.querySelector("a.symbol")) window.MathJax?.startup?.promise?.then(typeset);
  });
})();
