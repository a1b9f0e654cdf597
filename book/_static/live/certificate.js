/* Grading oneself: a certificate along a log, beside what it bounds. Ask until it reaches a target. */
(() => {
  "use strict";
  const RHO = [16, 14, 12, 11, 10, 9, 8, 7, 7, 6].map((share) => share / 100);
  const ROW = kdMaths.normalised(Array.from({ length: 30 }, (_, a) => 1 / (a + 1)));
  const LIMIT = 20000;

  function empty(state) {
    state.n = 0;
    state.told = RHO.map(() => new Set());
    state.certificate = kdMaths.certificate(0.05);
    state.looks = [];
  }

  const hiddenAt = (state, s) => ROW.filter((_, a) => !state.told[s].has(a));

  function now(state) {
    const hidden = RHO.map((_, s) => hiddenAt(state, s));
    return {
      n: state.n,
      bound: state.certificate.bound(),
      missing: kdMaths.sum(RHO.map((rho, s) => rho * kdMaths.sum(hidden[s]))),
      risk: kdMaths.sum(RHO.map((rho, s) => (hidden[s].length ? rho * kdMaths.lossOfSpreading(hidden[s]) : 0))),
    };
  }

  /** Ask once; remember the curves where the certificate is looked at. */
  function ask(state) {
    const [s, a] = [kdMaths.drawn(RHO, state.random), kdMaths.drawn(ROW, state.random)];
    const looked = state.certificate.add(Math.min(1, kdMaths.sum(hiddenAt(state, s))));
    state.told[s].add(a);
    state.n += 1;
    if (looked) state.looks.push(now(state));
    return looked;
  }

  function askTimes(state, times) {
    for (let i = 0; i < times && state.n < LIMIT; i++) ask(state);
  }

  function askUntil(state) {
    while (state.n < LIMIT && state.certificate.bound() > state.target) while (state.n < LIMIT && !ask(state)) { /* to the next look */ }
  }

  kdLive.define("certificate", {
    controls: [
      { key: "target", label: "Your target", low: 0.01, high: 0.5, value: 0.1, log: true },
      { label: "Ask once", press: (state) => askTimes(state, 1) },
      { label: "Ask 100 times", press: (state) => askTimes(state, 100) },
      { label: "Ask until the certificate reaches the target", press: askUntil },
      { label: "Start again", press: empty },
    ],
    start: empty,
    height: (width) => (width < 500 ? 340 : 380),

    draw(state, paper) {
      const narrow = paper.width < 500;
      const place = paper.axes(
        { from: 1, to: LIMIT, log: true, label: "answers asked" },
        { from: 0.0005, to: 1, log: true, label: "total variation" },
        { right: narrow ? 14 : 130 },
      );
      const inside = (value) => Math.max(0.0005, value);
      const points = state.n ? [...state.looks, now(state)] : [];
      const lines = [["bound", "counter", "", "certificate"], ["missing", "grey", "5 3", "hidden mass"], ["risk", "matcher", "9 3 2 3", "matcher"]];
      lines.forEach(([key, tone, dashes, words], i) => {
        const line = points.map((point) => [place.x(point.n), place.y(inside(point[key]))]);
        const ink = tone === "grey" ? "ink" : tone;
        if (line.length) paper.line(line, tone, { dashes, width: 2.4 });
        if (narrow) {
          const y = place.bottom - 16 - 20 * (lines.length - 1 - i);
          paper.line([[place.left + 8, y - 4], [place.left + 34, y - 4]], tone, { dashes, width: 2.4 });
          paper.text(place.left + 40, y, words, { tone: ink, size: 13 });
        } else if (line.length) {
          paper.text(line.at(-1)[0] + 8, line.at(-1)[1] + 5, words, { tone: ink, bold: true });
        }
      });
      const y = place.y(state.target);
      paper.line([[place.left, y], [place.right, y]], "ink", { dashes: "2 3", width: 1.4 });
      paper.text(place.left + 6, y - 6, "target", { size: 13 });
    },

    say(state) {
      const { bound, missing, risk } = now(state);
      const { number } = kdLive;
      const many = state.n === 1 ? "1 answer" : `${number(state.n)} answers`;
      const reached = bound <= state.target ? "The target is reached: you may stop." : `Your target ${number(state.target)} is not reached yet.`;
      return `After ${many} the certificate is ${number(bound)}. ${reached} What it does not know: the hidden mass is ${number(missing)}, and the matcher is off by ${number(risk)}.`;
    },
  });
})();
