/* Live figures (kdbook/sphinx_ext/figures/live.py): controls, a drawing, and a sentence that says what it shows.
 *
 * kdLive.define(name, {title, controls, start, draw, say}) makes one. `title` says in a few words what one can do; a
 * figure below its still picture needs one. `controls` is a list of
 *   {key, label, low, high, value, log, step, wide}  a slider; `log` for one of equal ratios, `wide` for a long label
 *   {key, label, options: {value: words}, value}     a choice
 *   {label, press(state)}                            a button
 * `draw(state, paper)` draws with the functions of `paper`; `say(state)` returns a sentence for those who do not see it.
 * The state holds the value of each control by its key, and what `start(state)` puts there; `state.random` draws numbers that are the same for all readers.
 * The picture that stands in the page is shown on paper and without scripts.
 */
window.kdLive = (() => {
  "use strict";

  const figures = new Map();
  const STEPS = 200; // of a slider

  document.documentElement.classList.add("has-live"); // room is kept from the first moment, so that nothing jumps

  function svg(tag, attributes = {}, ...children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }

  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }

  /** A number for reading: three digits, powers of ten from a million on and below a thousandth. */
  function number(value) {
    if (value === 0) return "0";
    if (value >= 1e6 || value < 1e-3) {
      const exponent = Math.floor(Math.log10(value) + 1e-12);
      const digits = Number((value / 10 ** exponent).toPrecision(2));
      return `${digits === 1 ? "" : `${digits} · `}10${superscript(exponent)}`;
    }
    const rounded = Number(value.toPrecision(3));
    return rounded >= 1e4 ? rounded.toLocaleString("en-GB").replaceAll(",", "\u202f") : String(rounded);
  }

  const superscript = (exponent) =>
    [...String(exponent)].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(sign)])).join("");

  /** What a figure draws with: places are in pixels of a drawing that is as wide as the column. */
  class Paper {
    constructor(width, height) {
      this.width = width;
      this.height = height;
      this.root = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" });
    }

    text(x, y, words, { tone = "ink", anchor = "start", bold = false, size = 14 } = {}) {
      const weight = bold ? { "font-weight": 600 } : {};
      this.root.append(svg("text", { x, y, class: `live-fill-${tone}`, "text-anchor": anchor, "font-size": size, ...weight }, words));
    }

    rect(x, y, width, height, tone, more = {}) {
      this.root.append(svg("rect", { x, y, width: Math.max(0, width), height: Math.max(0, height), class: `live-fill-${tone}`, ...more }));
    }

    /** A cell of which nothing is told. */
    silent(x, y, width, height) {
      this.rect(x, y, width, height, "shade");
      for (let at = 8; at < width + height; at += 12) {
        const [x1, y1] = at < height ? [x, y + at] : [x + at - height, y + height];
        const [x2, y2] = at < width ? [x + at, y] : [x + width, y + at - width];
        this.root.append(svg("line", { x1, y1, x2, y2, class: "live-stroke-grey-c", "stroke-width": 1 }));
      }
    }

    line(points, tone, { dashes = "", width = 2 } = {}) {
      const d = points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
      this.root.append(svg("path", { d, class: `live-stroke-${tone}`, fill: "none", "stroke-width": width, "stroke-dasharray": dashes }));
    }

    dot(x, y, tone, radius = 5) {
      this.root.append(svg("circle", { cx: x, cy: y, r: radius, class: `live-fill-${tone}` }));
    }

    /** Draw two axes; return what places a point on them. Each is {from, to, label, log}; a `bare` one has no numbers. */
    axes(horizontal, vertical, { left = 62, right = 16, top = 26, bottom = 46 } = {}) {
      const scale = ({ from, to, log }, first, last) => {
        const along = log ? (value) => Math.log(value / from) / Math.log(to / from) : (value) => (value - from) / (to - from);
        return (value) => first + along(value) * (last - first);
      };
      const ends = [left, this.width - right, this.height - bottom, top];
      const [x, y] = [scale(horizontal, ends[0], ends[1]), scale(vertical, ends[2], ends[3])];
      for (const value of ticks(vertical)) {
        this.line([[ends[0], y(value)], [ends[1], y(value)]], "grid", { width: 1 });
        this.text(ends[0] - 8, y(value) + 5, number(value), { anchor: "end", size: 13 });
      }
      for (const value of horizontal.bare ? [] : ticks(horizontal)) {
        this.line([[x(value), ends[2]], [x(value), ends[2] + 5]], "ink", { width: 1 });
        this.text(x(value), ends[2] + 20, number(value), { anchor: "middle", size: 13 });
      }
      this.line([[ends[0], ends[2]], [ends[1], ends[2]]], "ink", { width: 1 });
      this.text((ends[0] + ends[1]) / 2, ends[2] + 40, horizontal.label, { anchor: "middle" });
      this.text(4, 14, vertical.label);
      return { x, y, left: ends[0], right: ends[1], bottom: ends[2], top: ends[3] };
    }
  }

  function ticks({ from, to, log }) {
    if (log) {
      const [first, last] = [Math.ceil(Math.log10(from) - 1e-9), Math.floor(Math.log10(to) + 1e-9)];
      return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
    }
    const raw = (to - from) / 4;
    const unit = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 2.5, 5, 10].map((factor) => factor * unit).find((one) => one >= raw * 0.999);
    const count = Math.floor((to - from) / step + 1e-9);
    return Array.from({ length: count + 1 }, (_, i) => Number((from + i * step).toPrecision(12)));
  }

  /* ---- controls ---- */

  function slider(control, state, changed, id) {
    const { key, label, low, high, log, step, wide } = control;
    const at = (place) => (log ? low * (high / low) ** (place / STEPS) : low + ((high - low) * place) / STEPS);
    const value = (place) => (step ? Math.min(high, Math.max(low, Math.round(at(place) / step) * step)) : at(place));
    const place = (chosen) => STEPS * (log ? Math.log(chosen / low) / Math.log(high / low) : (chosen - low) / (high - low));
    const range = element("input", { type: "range", id, min: 0, max: STEPS, step: 1 });
    const shown = element("output", { for: id });
    let [last, byArrow] = [0, false];
    const show = () => {
      if (value(Number(range.value)) !== state[key]) range.value = Math.round(place(state[key]));
      last = Number(range.value);
      shown.textContent = number(state[key]);
      range.setAttribute("aria-valuetext", shown.textContent);
    };
    range.addEventListener("keydown", (event) => { byArrow = event.key.startsWith("Arrow"); });
    range.addEventListener("pointerdown", () => { byArrow = false; });
    range.addEventListener("input", () => {
      let reached = Number(range.value);
      const onward = reached < last ? -1 : 1; // a key must change something
      while (byArrow && value(reached) === state[key] && reached > 0 && reached < STEPS) reached += onward;
      state[key] = value(reached);
      changed();
    });
    return [element("div", { class: `live-control${wide ? " live-wide" : ""}` }, element("label", { for: id }, label, " ", shown), range), show];
  }

  function choice({ key, label, options }, state, changed, id) {
    const box = element("fieldset", { class: "live-control live-choice" }, element("legend", {}, label));
    const inputs = Object.entries(options).map(([value, words]) => {
      const input = element("input", { type: "radio", name: id, value });
      input.addEventListener("change", () => {
        state[key] = value;
        changed();
      });
      box.append(element("label", {}, input, " ", words));
      return input;
    });
    return [box, () => inputs.forEach((input) => { input.checked = input.value === state[key]; })];
  }

  function button({ label, press }, state, changed) {
    const made = element("button", { type: "button", class: "live-button" });
    made.addEventListener("click", () => {
      press(state);
      changed();
    });
    return [made, () => { made.textContent = typeof label === "function" ? label(state) : label; }];
  }

  /* ---- one figure ---- */

  function prepare(root, serial) {
    const { title, controls, draw, say, start = () => {}, height = 330 } = figures.get(root.dataset.live);
    const state = { random: kdMaths.random(1) };
    for (const { key, value } of controls) if (key) state[key] = value;
    start(state);
    const panel = element("div", { class: "live-panel" });
    const inputs = element("div", { class: "live-controls", role: "group", "aria-label": "Controls of this figure" });
    if (title) inputs.append(element("p", { class: "live-title" }, title));
    const buttons = element("div", { class: "live-buttons" });
    const drawing = element("div", { class: "live-drawing" });
    const words = element("p", { class: "live-words", role: "status" });
    const shows = controls.map((control, i) => {
      const make = control.press ? button : control.options ? choice : slider;
      const [node, show] = make(control, state, changed, `live-${serial}-${i}`);
      (control.press ? buttons : inputs).append(node);
      return show;
    });

    function changed() {
      for (const show of shows) show();
      redraw();
      words.textContent = say(state);
    }

    function redraw() {
      const scale = Number(getComputedStyle(root).getPropertyValue("--live-scale")) || 1; // of its letters, on slides
      const width = Math.max(260, (drawing.clientWidth || 640) / scale);
      const paper = new Paper(width, typeof height === "function" ? height(width) : height);
      draw(state, paper);
      drawing.replaceChildren(paper.root);
    }

    if (buttons.childElementCount) inputs.append(buttons);
    panel.append(inputs, drawing, words);
    if (root.matches(".live-below")) root.append(panel);
    else root.prepend(panel);
    root.classList.add("is-live");
    changed();
    let width = drawing.clientWidth;
    new ResizeObserver(() => {
      if (Math.abs(drawing.clientWidth - width) < 1) return;
      width = drawing.clientWidth;
      redraw();
    }).observe(drawing);
  }

  function start() {
    document.querySelectorAll("[data-live]").forEach((root, serial) => {
      if (figures.has(root.dataset.live)) prepare(root, serial);
    });
  }

  document.addEventListener("DOMContentLoaded", start); // after the scripts of the figures, which come after this one

  return { define: (name, spec) => figures.set(name, spec), number };
})();
