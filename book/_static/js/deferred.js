/* Formulas in closed folds and answers, in a chapter half of all, are typeset when somebody is about to open theirs: when
   the pointer comes over its title, or the focus. On paper every formula is there. */
(() => {
  "use strict";
  if (!window.MathJax) return;
  const FORMULAS = ".math, .output_area, .tex2jax_process, .mathjax_process";
  const ANSWER = ".admonition.dropdown";
  const CLOSED = `details:not([open], .quiz-key), ${ANSWER}`; // quiz.js takes formulas out of the keys
  const FONTS = { // those of nearly every page with formulas, by MathJax's names
    MJXZERO: "Zero", MJXTEX: "Main-Regular", "MJXTEX-I": "Math-Italic", "MJXTEX-A": "AMS-Regular",
    "MJXTEX-S1": "Size1-Regular", "MJXTEX-S2": "Size2-Regular",
  };
  const waiting = new Set();
  const asked = new Set();
  let last = Promise.resolve();

  // One after the other, as MathJax may have to load something in between.
  const typeset = (elements) => {
    elements.forEach((element) => waiting.delete(element));
    if (elements.length) last = last.catch(() => {}).then(() => MathJax.typesetPromise(elements));
    return last;
  };
  const prepare = (box) => { // those of all folds that open together at once
    const before = asked.size;
    for (const element of box ? waiting : []) if (box.contains(element)) asked.add(element);
    if (before || !asked.size) return;
    setTimeout(() => {
      typeset([...asked].filter((element) => waiting.has(element)));
      asked.clear();
    });
  };
  const now = (elements) => {
    if (!elements.length || !MathJax.typeset) return;
    try {
      MathJax.typeset(elements);
      elements.forEach((element) => waiting.delete(element));
    } catch { // something has to be loaded first
      typeset(elements);
    }
  };

  const target = () => {
    try {
      return document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch { // no address of ours
      return null;
    }
  };
  const waits = (element) => {
    const title = element.closest("summary, .admonition-title"); // which is seen while its fold is closed
    const box = (title ? title.parentElement.parentElement : element).closest(CLOSED);
    return box !== null && !box.contains(target());
  };
  // Fonts are loaded while the page is read: formulas drawn without them have another height, and lines would move later.
  const program = document.querySelector("script[src*='mathjax']")?.src;
  const fonts = program ? Object.entries(FONTS).map(([family, file]) => {
    const face = new FontFace(family, `url("${new URL(`output/chtml/fonts/woff-v2/MathJax_${file}.woff`, program)}")`);
    document.fonts.add(face);
    return face.load().catch(() => {}); // MathJax asks again
  }) : [];
  (window.MathJax.startup ??= {}).pageReady = async () => {
    await Promise.all(fonts);
    const found = [...document.querySelectorAll(FORMULAS)].filter((element) => !element.parentElement.closest(FORMULAS));
    for (const element of found) if (waits(element)) waiting.add(element);
    return typeset(found.filter((element) => !waiting.has(element)));
  };

  for (const kind of ["pointerover", "pointerdown", "focusin", "click"]) {
    document.addEventListener(kind, (event) => {
      prepare(event.target.closest?.("summary")?.parentElement ?? event.target.closest?.(ANSWER));
    }, { capture: true, passive: true });
  }
  document.addEventListener("toggle", (event) => { // by a link, a search in the page or a button for all folds
    if (event.target.open) prepare(event.target);
  }, true);
  // These come before folds.js opens the fold and shows the place, and before equations.js breaks rows for paper.
  addEventListener("hashchange", () => now([...waiting].filter((element) => !waits(element))));
  addEventListener("beforeprint", () => now([...waiting]));

  window.kdTypeset = () => typeset([...waiting]);
})();
