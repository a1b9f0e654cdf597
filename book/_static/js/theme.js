/* Before the first line is drawn: light or dark, and the typeface. The theme's own script chooses light or dark only once
   MathJax's has been read: until then a page in the dark is white, and its text has another size. And a browser takes
   a font out of the stylesheet when it first needs it, which is when the text has been set in another. */
(() => {
  "use strict";
  const root = document.documentElement;
  if (root.dataset.mode === "auto") {
    root.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  for (const face of document.fonts) {
    if (face.family.replaceAll('"', "") === "Source Sans Pro") face.load();
  }
})();
