/* Stepped figures (kdbook/sphinx_ext/steps.py): one frame at a time. Without this script, and on paper, all are shown. */
(() => {
  "use strict";

  const PAUSE = 3500; // between frames, in milliseconds: time to read a sentence
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");

  document.documentElement.classList.add("has-steps"); // before the page is painted, so that nothing jumps

  function element(tag, className, attributes = {}) {
    const made = document.createElement(tag);
    made.className = className;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }

  function button(className, text) {
    const made = element("button", `steps-button ${className}`, { type: "button" });
    made.textContent = text;
    return made;
  }

  function prepare(figure) {
    const row = figure.querySelector(".steps-frames");
    const frames = [...row.children];
    const label = row.dataset.label;
    const last = frames.length - 1;
    let current = 0;
    let timer = 0;

    const controls = element("div", "steps-controls", { role: "group", "aria-label": `${label}s of this figure` });
    const previous = button("steps-previous", "Previous");
    const next = button("steps-next", "Next");
    const play = button("steps-play", "Play");
    const slider = element("input", "steps-slider", { type: "range", min: 1, max: frames.length, step: 1, value: 1 });
    slider.setAttribute("aria-label", label);
    const live = element("p", "steps-live", { "aria-live": "polite" });

    function stop() {
      window.clearInterval(timer);
      timer = 0;
      play.textContent = "Play";
    }

    function show(place) {
      current = Math.min(Math.max(place, 0), last);
      frames.forEach((frame, index) => frame.classList.toggle("is-shown", index === current));
      slider.value = current + 1;
      slider.setAttribute("aria-valuetext", `${current + 1} of ${frames.length}`);
      previous.setAttribute("aria-disabled", current === 0);
      next.setAttribute("aria-disabled", current === last);
    }

    function go(place) {
      const before = current;
      show(place);
      if (current === before) return;
      const caption = frames[current].querySelector("figcaption");
      const parts = [...caption.querySelectorAll(":scope > .steps-place, :scope > .steps-text")];
      live.textContent = parts.map((part) => part.textContent.trim()).join(" ");
    }

    function advance() {
      go(current + 1);
      if (current === last) stop();
    }

    function byHand(place) {
      stop();
      go(place);
    }

    previous.addEventListener("click", () => byHand(current - 1));
    next.addEventListener("click", () => byHand(current + 1));
    slider.addEventListener("input", () => byHand(Number(slider.value) - 1));
    play.addEventListener("click", () => {
      if (timer) return stop();
      if (current === last) go(0);
      else advance();
      if (current === last) return undefined;
      play.textContent = "Pause";
      timer = window.setInterval(advance, PAUSE);
      return undefined;
    });

    function respectMotion() {
      if (still.matches) {
        stop();
        play.remove();
      } else controls.append(play);
    }

    controls.append(previous, slider, next);
    respectMotion();
    still.addEventListener("change", respectMotion);
    row.after(controls, live);
    figure.classList.add("is-stepped");
    show(0);
  }

  function start() {
    document.querySelectorAll("figure.steps").forEach(prepare);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
