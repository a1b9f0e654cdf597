/* Missing mass: a table fills up, and the mass that is missing falls. Guess first. */
(() => {
  "use strict";
  const RHO = kdMaths.normalised(Array.from({ length: 7 }, (_, s) => 0.8 ** s));
  const ROW = kdMaths.normalised(Array.from({ length: 6 }, (_, a) => 0.6 ** a));
  const JOINT = RHO.flatMap((rho, s) => ROW.map((_, a) => rho * ROW[(a + 5 * s + 2 * (s % 3)) % 6]));
  const LIMIT = 4096;

  function ask(state, times) {
    for (let i = 0; i < times && state.n < LIMIT; i++, state.n++) state.seen.add(kdMaths.drawn(JOINT, state.random));
  }

  function empty(state) {
    state.n = 0;
    state.seen = new Set();
  }

  function missing({ seen }) {
    const inputs = new Set([...seen].map((pair) => Math.floor(pair / 6)));
    return {
      pairs: kdMaths.sum(JOINT.filter((_, pair) => !seen.has(pair))),
      inputs: kdMaths.sum(RHO.filter((_, s) => !inputs.has(s))),
    };
  }

  kdLive.define("filling", {
    title: "Fill a notebook of your own",
    controls: [
      { key: "guess", label: "Your guess: how likely is the pair after 64 questions to be new?", low: 0, high: 1, value: 0.5, step: 0.01, wide: true },
      { label: "Ask once", press: (state) => ask(state, 1) },
      { label: "Ask as often again", press: (state) => ask(state, Math.max(1, state.n)) },
      { label: "Go to 64 questions", press: (state) => { if (state.n > 64) empty(state); ask(state, 64 - state.n); } },
      { label: "Start again", press: empty },
    ],
    start: empty,
    height: (width) => (width < 500 ? 470 : 300),

    draw(state, paper) {
      const narrow = paper.width < 500;
      const side = narrow ? Math.min(40, (paper.width - 80) / 6) : 38;
      JOINT.forEach((mass, pair) => {
        const [s, a] = [Math.floor(pair / 6), pair % 6];
        const size = Math.max(3, Math.sqrt(mass / 0.1) * side * 0.95);
        const [x, y] = [76 + (a + 0.5) * side, 22 + (s + 0.5) * side];
        paper.rect(x - size / 2, y - size / 2, size, size, state.seen.has(pair) ? "matcher" : "grey-c");
        if (a === 0) paper.text(0, y + 5, `question ${s + 1}`, { size: 13 });
      });
      paper.text(76 + 3 * side, 14, "answers", { anchor: "middle", size: 13 });
      const now = missing(state);
      const [left, top] = narrow ? [0, 22 + 7 * side + 34] : [76 + 6 * side + 44, 60];
      const length = paper.width - left - 70;
      [["pairs", "pair", "matcher", JOINT], ["inputs", "question", "copier", RHO]].forEach(([name, word, tone, law], i) => {
        const y = top + i * 66;
        paper.text(left, y, `chance that the next ${word} is new`, { size: 14 });
        paper.rect(left, y + 8, length, 18, "shade");
        paper.rect(left, y + 8, length * now[name], 18, tone);
        const mean = left + length * kdMaths.expectedMissingMass(law, state.n);
        paper.line([[mean, y + 4], [mean, y + 30]], "ink", { width: 2 });
        paper.text(left + length + 8, y + 22, kdLive.number(now[name]), { tone, bold: true });
      });
      const guess = left + length * state.guess;
      paper.line([[guess, top + 6], [guess, top + 32]], "weigher", { width: 4 });
      paper.text(left, top + 132, "thin line: on average; thick: your guess for 64", { size: 13 });
    },

    say(state) {
      const now = missing(state);
      const many = state.n === 1 ? "1 question" : `${kdLive.number(state.n)} questions`;
      const told = state.n === 64 ? ` On average it is ${kdLive.number(kdMaths.expectedMissingMass(JOINT, 64))} for the pairs; you guessed ${kdLive.number(state.guess)}.` : "";
      return `After ${many} the next pair is new with probability ${kdLive.number(now.pairs)}, the next question with probability ${kdLive.number(now.inputs)}.${told}`;
    },
  });
})();
