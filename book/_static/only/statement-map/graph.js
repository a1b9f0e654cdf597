// What rests on what: the pointer or the focus on a box shows what it uses and what uses it.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const frame = document.querySelector(".graph-frame");
  if (!frame) return;
  const boxes = new Map([...frame.querySelectorAll("a[data-anchor]")].map((box) => [box.dataset.anchor, box]));
  const lines = [...frame.querySelectorAll("path[data-used]")];
  const mark = (anchor, state) => boxes.get(anchor).classList.add(state);

  const clear = () => {
    frame.classList.remove("is-asked");
    for (const part of [...boxes.values(), ...lines]) part.classList.remove("is-one", "is-used", "is-user");
  };

  const ask = (box) => {
    clear();
    frame.classList.add("is-asked");
    const { anchor } = box.dataset;
    mark(anchor, "is-one");
    for (const line of lines) {
      const { used, user } = line.dataset;
      if (used !== anchor && user !== anchor) continue;
      const state = user === anchor ? "is-used" : "is-user";
      line.classList.add(state);
      mark(user === anchor ? used : user, state);
      line.parentNode.append(line); // above the others
    }
  };

  for (const box of boxes.values()) {
    box.addEventListener("pointerenter", () => ask(box));
    box.addEventListener("pointerleave", clear);
    box.addEventListener("focus", () => {
      ask(box);
      if (box.matches(":focus-visible")) box.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
    box.addEventListener("blur", clear);
  }

  const sign = document.querySelector(".graph-sign");
  const fits = () => { sign.hidden = frame.scrollWidth <= frame.clientWidth + 1; };
  new ResizeObserver(fits).observe(frame);
  fits();
});
