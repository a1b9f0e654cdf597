/* Squared error on logits: a row, what was drawn of it, and three ways to share out the rest. */
(() => {
  "use strict";
  const ROW = kdMaths.normalised(Array.from({ length: 8 }, (_, a) => 1 / (a + 1)));
  const MOST = 200;

  /** The same answers for all readers of this run; the first n of them are used. */
  function countsOf({ n, run }) {
    const [random, counts] = [kdMaths.random(run), ROW.map(() => 0)];
    for (let i = 0; i < n; i++) counts[kdMaths.drawn(ROW, random)] += 1;
    return counts;
  }

  /** How the matcher shares out a mass over labels not drawn: evenly, all to the least likely, all to the likeliest. */
  function filled(counts, fill) {
    const unseen = ROW.map((_, a) => a).filter((a) => !counts[a]);
    const rest = kdMaths.sum(unseen.map((a) => ROW[a]));
    const chosen = fill === "evenly" ? unseen : unseen.slice(fill === "least" ? -1 : 0, fill === "least" ? undefined : 1);
    return { rest, answer: ROW.map((p, a) => (counts[a] ? p : chosen.includes(a) ? rest / chosen.length : 0)) };
  }

  function students(state) {
    const counts = countsOf(state);
    const { rest, answer } = filled(counts, state.fill);
    const weighed = kdMaths.normalised(counts.map((count, a) => count * ROW[a]));
    const far = (row) => kdMaths.totalVariation(row, ROW);
    return { counts, rest, answer, matcher: far(answer), counter: far(kdMaths.normalised(counts)), weigher: far(weighed) };
  }

  kdLive.define("fills", {
    title: "Share out the rest yourself",
    controls: [
      { key: "n", label: "Answers n", low: 1, high: MOST, value: 6, log: true, step: 1 },
      { key: "fill", label: "What is left goes", value: "evenly", options: { evenly: "evenly to all not drawn", least: "to the least likely", likeliest: "to the likeliest" } },
      { label: "Other answers", press: (state) => { state.run += 1; } },
    ],
    start: (state) => { state.run = 4; },
    height: (width) => (width < 500 ? 455 : 240),

    draw(state, paper) {
      const narrow = paper.width < 500;
      const { counts, rest, answer, ...risks } = students(state);
      const half = narrow ? paper.width : paper.width / 2 - 14;
      const [left, top, bottom] = [8, 26, 210];
      const [width, most] = [(half - left) / ROW.length, Math.max(...ROW, ...answer)];
      const y = (value) => bottom - ((bottom - top) * value) / most;
      paper.text(4, 14, "blue: told; hatched: not drawn; line: the answer", { size: narrow ? 13 : 14 });
      ROW.forEach((p, a) => {
        const x = left + a * width;
        if (counts[a]) paper.rect(x + 2, y(p), width - 4, bottom - y(p), "counter-soft");
        else paper.silent(x + 2, y(p), width - 4, bottom - y(p));
        paper.line([[x + 1, y(answer[a])], [x + width - 1, y(answer[a])]], "matcher", { width: 4 });
        if (counts[a]) paper.text(x + width / 2, bottom + 18, `${counts[a]}×`, { anchor: "middle", size: 13 });
      });

      const [from, under] = narrow ? [0, 282] : [half + 36, 40];
      const length = paper.width - from - 56;
      const scale = Math.max(rest, ...Object.values(risks), 1e-9);
      paper.text(from, under - 26, "distance from the teacher", { size: 14 });
      Object.entries(risks).forEach(([student, risk], i) => {
        const at = under + i * 54;
        paper.text(from, at + 4, student, { tone: student, bold: true });
        paper.rect(from, at + 10, (length * risk) / scale, 20, student);
        paper.text(from + (length * risk) / scale + 8, at + 26, kdLive.number(risk), { tone: student, bold: true });
      });
      const x = from + (length * rest) / scale;
      paper.line([[x, under - 16], [x, under + 148]], "ink", { dashes: "4 3" });
      paper.text(Math.min(x, paper.width - 120), under + 164, "not drawn", { anchor: x > paper.width - 130 ? "end" : "middle", size: 13 });
    },

    say(state) {
      const { rest, ...far } = students(state);
      const { number } = kdLive;
      const many = state.n === 1 ? "After 1 answer" : `After ${number(state.n)} answers`;
      return `${many} the labels not drawn have probability ${number(rest)}. The matcher is at most so far off, ${number(far.matcher)}; counter and weigher are at least so far off, ${number(far.counter)} and ${number(far.weigher)}.`;
    },
  });
})();
