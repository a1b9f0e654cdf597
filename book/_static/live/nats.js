/* In nats: what each face of a die adds to total variation and to KL, for who counts and for who hears numbers. */
(() => {
  "use strict";
  const DIE = [22, 18, 15, 12, 10, 8, 6, 3, 2, 2, 2, 0].map((percent) => percent / 100);
  const MOST = 10_000;
  const STUDENTS = { counter: "add-one counter", matcher: "matcher" };

  /** The same long run of rolls for all readers of this seed; the first n of them are used. */
  function countsOf({ n, run }) {
    const [random, counts] = [kdMaths.random(run), DIE.map(() => 0)];
    for (let i = 0; i < n; i++) counts[kdMaths.drawn(DIE, random)] += 1;
    return counts;
  }

  const answersOf = (counts) => ({
    counter: kdMaths.addOne(counts),
    matcher: kdMaths.topKAnswer(DIE, counts, 0, "revealed")[0],
  });

  const SHEETS = {
    tv: { name: "TV", pieces: (answer) => DIE.map((p, a) => Math.abs(p - answer[a]) / 2) },
    kl: { name: "KL", pieces: (answer) => kdMaths.piecesOfKl(DIE, answer) },
  };

  kdLive.define("nats", {
    controls: [
      { key: "n", label: "Rolls n", low: 1, high: MOST, value: 60, log: true, step: 1 },
      { label: "Other rolls", press: (state) => { state.run += 1; } },
    ],
    start: (state) => { state.run = 25; },
    height: (width) => (width < 500 ? 640 : 330),

    draw(state, paper) {
      const counts = countsOf(state);
      const narrow = paper.width < 500;
      const answers = answersOf(counts);
      const panels = Object.keys(STUDENTS).flatMap((student) => Object.keys(SHEETS).map((sheet) => ({ student, sheet })));
      const pieces = panels.map(({ student, sheet }) => SHEETS[sheet].pieces(answers[student]));
      const most = Math.max(1e-12, ...pieces.flat());
      panels.forEach(({ student, sheet }, i) => {
        const [column, line] = narrow ? [0, i] : [i % 2, Math.floor(i / 2)];
        const [across, down] = narrow ? [paper.width, 160] : [paper.width / 2, 165];
        const [left, top, bottom] = [column * across + 8, line * down + 24, line * down + down - 26];
        const step = (across - 24) / DIE.length;
        const name = narrow || sheet === "tv" ? `${STUDENTS[student]}: ` : "";
        paper.text(left, top - 8, `${name}${SHEETS[sheet].name} ${kdLive.number(kdMaths.sum(pieces[i]))}`, { tone: student, bold: true });
        pieces[i].forEach((piece, a) => {
          const x = left + a * step;
          if (counts[a] === 0) paper.silent(x, top, step, bottom - top);
          const height = ((bottom - top) * piece) / most;
          paper.rect(x + 0.1 * step, bottom - height, 0.8 * step, height, student);
          if (line === 1 || narrow) paper.text(x + step / 2, bottom + 16, String(a + 1), { anchor: "middle", size: 12 });
        });
        paper.line([[left, bottom], [left + DIE.length * step, bottom]], "ink", { width: 1 });
      });
    },

    say(state) {
      const counts = countsOf(state);
      const answers = answersOf(counts);
      const { number } = kdLive;
      const total = (student, sheet) => kdMaths.sum(SHEETS[sheet].pieces(answers[student]));
      const silent = counts.filter((count) => count === 0).length;
      const faces = silent === 1 ? "1 face has" : `${silent} faces have`;
      const [tv, kl] = ["tv", "kl"].map((sheet) => total("counter", sheet) / total("matcher", sheet));
      const rival = total("matcher", "tv") < 1e-9 ? "The matcher loses nothing." : `This is ${number(tv)} and ${number(kl)} times as much as the matcher loses.`;
      return `After ${number(state.n)} ${state.n === 1 ? "roll" : "rolls"} ${faces} not come. Counting loses ${number(total("counter", "tv"))} in TV and ${number(total("counter", "kl"))} nats. ${rival}`;
    },
  });
})();
