// What rests on what: the pointer or the focus on a box shows what it uses and what uses it. One box can be reached by the
// tabulator, the others from it by arrows.
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

  const place = (box) => {
    const { x, y } = box.querySelector("rect");
    return { x: x.baseVal.value, y: y.baseVal.value };
  };
  const all = [...boxes.values()].map((box) => ({ box, ...place(box) }));
  const columns = [...new Set(all.map(({ x }) => x))].sort((one, other) => one - other);

  // The next box of the column, or the box at nearly the same height in the next column.
  const next = (box, key) => {
    const from = place(box);
    const step = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
    const sideways = key === "ArrowRight" || key === "ArrowLeft";
    const x = sideways ? columns[columns.indexOf(from.x) + step] : from.x;
    const open = all.filter((other) => other.x === x && (sideways || (other.y - from.y) * step > 0));
    return open.sort((one, other) => Math.abs(one.y - from.y) - Math.abs(other.y - from.y))[0]?.box;
  };

  const reach = (box) => {
    for (const other of boxes.values()) other.setAttribute("tabindex", other === box ? 0 : -1);
  };
  reach(boxes.values().next().value);

  frame.addEventListener("keydown", (event) => {
    if (!event.key.startsWith("Arrow") || event.altKey || event.ctrlKey || event.metaKey) return;
    const to = next(event.target.closest("a[data-anchor]"), event.key);
    if (to) {
      event.preventDefault();
      to.focus();
    }
  });

  for (const box of boxes.values()) {
    box.addEventListener("pointerenter", () => ask(box));
    box.addEventListener("pointerleave", clear);
    box.addEventListener("focus", () => {
      ask(box);
      reach(box);
      if (box.matches(":focus-visible")) box.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
    box.addEventListener("blur", clear);
  }

  const sign = document.querySelector(".graph-sign");
  const fits = () => { sign.hidden = frame.scrollWidth <= frame.clientWidth + 1; };
  new ResizeObserver(fits).observe(frame);
  fits();
});
