/* Light or dark before the first line is drawn. The theme's own script says so only once MathJax's has been read: until
   then a page in the dark is white, and its text has another size. */
(() => {
  "use strict";
  const root = document.documentElement;
  if (root.dataset.mode === "auto") {
    root.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
})();
