/* Reweighting: a row, and the row that the weigher ends on. */
(() => {
  "use strict";
  const row = (state) => kdMaths.normalised([0, 1, 2, 3].map((a) => state[`w${a}`]));
  const set = (weights) => (state) => weights.forEach((weight, a) => { state[`w${a}`] = weight; });
  const WEIGHTS = [0.6, 0.2, 0.15, 0.05];

  kdLive.define("squared", {
    title: "Try a row of your own",
    controls: [
      ...WEIGHTS.map((value, a) => ({ key: `w${a}`, label: `Weight of label ${a}`, low: 0.01, high: 1, value, step: 0.01 })),
      { label: "A coin of 3/4", press: set([0.75, 0.25, 0.000001, 0.000001]) },
      { label: "All alike", press: set([0.25, 0.25, 0.25, 0.25]) },
      { label: "One favourite", press: set([0.7, 0.1, 0.1, 0.1]) },
    ],
    height: 290,

    draw(state, paper) {
      const [teacher, limit] = [row(state), kdMaths.squared(row(state))];
      const place = paper.axes({ from: 0, to: 4, label: "", bare: true }, { from: 0, to: 1, label: "" }, { bottom: 34 });
      const width = (place.right - place.left) / 4;
      teacher.forEach((value, a) => {
        const x = place.left + a * width;
        paper.rect(x + 0.12 * width, place.y(value), 0.34 * width, place.bottom - place.y(value), "grey-c");
        paper.rect(x + 0.5 * width, place.y(limit[a]), 0.34 * width, place.bottom - place.y(limit[a]), "weigher");
        paper.text(x + 0.29 * width, place.y(value) - 5, value.toFixed(2), { anchor: "middle", size: 13 });
        paper.text(x + 0.67 * width, place.y(limit[a]) - 5, limit[a].toFixed(2), { anchor: "middle", size: 13, tone: "weigher" });
        paper.text(x + width / 2, place.bottom + 20, `label ${a}`, { anchor: "middle" });
      });
      paper.text(4, 14, "left bar: the teacher; right bar: where the weigher ends");
    },

    say(state) {
      const [teacher, limit] = [row(state), kdMaths.squared(row(state))];
      const distance = kdMaths.totalVariation(teacher, limit);
      if (distance < 1e-9) return "All positive probabilities are alike: squaring changes nothing, and the weigher ends on the teacher.";
      return `However many samples it gets, the weigher stays at distance ${kdLive.number(distance)} from this row: what is likely becomes likelier.`;
    },
  });
})();
