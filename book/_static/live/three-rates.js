/* Title page, and Sharp constants: the three rates with their best constants, for sizes of one's own. */
kdLive.define("three-rates", {
  title: "Try sizes of your own",
  controls: [
    { key: "S", label: "Questions S", low: 2, high: 1000, value: 100, log: true, step: 1 },
    { key: "A", label: "Answers A", low: 2, high: 1000, value: 25, log: true, step: 1 },
    { key: "n", label: "Samples n", low: 100, high: 1e7, value: 10000, log: true, step: 1 },
  ],
  height: (width) => (width < 500 ? 320 : 360),

  draw({ S, A, n }, paper) {
    const narrow = paper.width < 500;
    const place = paper.axes(
      { from: 100, to: 1e7, log: true, label: "samples n" },
      { from: 1e-5, to: 1, log: true, label: "worst-case error of the best student" },
      { right: narrow ? 58 : 150 },
    );
    const names = {
      hard: ["counter", "only the answer", "", "hard"],
      partial: ["matcher", "and its probability", "9 3 2 3", "partial"],
      soft: ["copier", "every probability", "2 3", "soft"],
    };
    for (const [protocol, [tone, words, dashes, short]] of Object.entries(names)) {
      const points = [];
      for (let i = 0; i <= 100; i++) {
        const at = 10 ** (2 + i / 20);
        const risk = kdMaths.worstRisks(S, A, at)[protocol];
        if (risk >= 1e-5) points.push([place.x(at), place.y(risk)]);
      }
      paper.line(points, tone, { dashes, width: 2.4 });
      const risk = kdMaths.worstRisks(S, A, n)[protocol];
      if (risk >= 1e-5) paper.dot(place.x(n), place.y(risk), tone, 6);
      const [x, y] = points.at(-1);
      paper.text(Math.min(x, place.right) + (narrow ? 5 : 8), Math.min(y + 5, place.bottom - 4), narrow ? short : words, { tone, bold: true });
    }
    paper.line([[place.x(n), place.top], [place.x(n), place.bottom]], "grey", { dashes: "2 3", width: 1 });
  },

  say({ S, A, n }) {
    const [risk, needed] = [kdMaths.worstRisks(S, A, n), kdMaths.samplesFor(S, A, 0.01)];
    const { number } = kdLive;
    return `With ${number(n)} samples the worst-case error is ${number(risk.hard)} if only the answer is told, ${number(risk.partial)} with its probability, ${number(risk.soft)} with all. An error of 0.01 takes ${number(needed.hard)}, ${number(needed.partial)} and ${number(needed.soft)} samples.`;
  },
});
