/* Folds: steps of proofs, and cells that check them. One opens when a link leads into it or a search has found words in
   it, all of them on paper or at a press of the button beside the heading of the proofs. Browsers open a fold at a click,
   and for words found in the page, by themselves. */
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const folds = [...document.querySelectorAll("details.fold, .tag_check > details")];
  if (!folds.length) return;

  function openAround(element) {
    let opened = false;
    for (let fold = element?.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      opened ||= !fold.open;
      fold.open = true;
    }
    return opened;
  }

  function follow() {
    let target = null;
    try {
      target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch { /* no address of ours */ }
    const inside = target?.matches("span[id], p:empty") ? target.nextElementSibling ?? target : target;
    if (openAround(inside)) target.scrollIntoView();
  }

  const heading = document.querySelector("#proofs-and-checks > h2");
  if (heading) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "folds-all";
    const name = () => { button.textContent = folds.every((fold) => fold.open) ? "Close all" : "Open all"; };
    button.addEventListener("click", () => {
      const open = !folds.every((fold) => fold.open);
      for (const fold of folds) fold.open = open;
      name();
    });
    for (const fold of folds) fold.addEventListener("toggle", name);
    name();
    heading.after(button);
  }

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = folds.filter((fold) => !fold.open);
    for (const fold of closed) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of closed) fold.open = false;
    closed = [];
  });

  addEventListener("hashchange", follow);
  follow();
  addEventListener("load", () => { // Sphinx marks the words of a search only now
    for (const mark of document.querySelectorAll("details span.highlighted")) openAround(mark);
  });
});
