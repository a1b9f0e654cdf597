/* A real language model's table: how long the k most likely words, told once at each input, are worth something. */
(() => {
  "use strict";
  const [LABELS, LAST] = [100, 1e7];
  const zipf = (size, steepness) => kdMaths.normalised(Array.from({ length: size }, (_, i) => (i + 1) ** -steepness));
  const INPUTS = { zipf: (S) => zipf(S, 1), equal: (S) => [1 / S] }; // of equal inputs one stands for all

  /** What is hidden with the top k, as a share of what is hidden without, for growing numbers of pairs. */
  function shares({ k, S, steep }, inputs) {
    const [rho, row] = [INPUTS[inputs](S), zipf(LABELS, steep)];
    const points = [];
    for (let i = 0; i <= 28; i++) {
      const n = Math.round(LAST ** (i / 28));
      const without = kdMaths.hiddenMass(rho, row, 0, n);
      if (without < 1e-12) break;
      points.push([n, kdMaths.hiddenMass(rho, row, k, n) / without]);
    }
    return points;
  }

  /** Where the head start is largest, and from where on it is below a tenth. */
  function told(points) {
    const [best, least] = points.reduce((low, point) => (point[1] < low[1] ? point : low));
    const over = points.find(([n, share]) => n > best && share >= 0.9);
    return [best, least, over && over[0]];
  }

  kdLive.define("head-start", {
    title: "How long does it last?",
    controls: [
      { key: "k", label: "Words told at each input, k", low: 1, high: 50, value: 20, log: true, step: 1 },
      { key: "S", label: "Inputs S", low: 10, high: 100, value: 50, log: true, step: 1 },
      { key: "steep", label: "Steepness of the rows", low: 0.6, high: 1.6, value: 1, step: 0.1 },
    ],
    height: (width) => (width < 500 ? 320 : 300),

    draw(state, paper) {
      const place = paper.axes(
        { from: 1, to: LAST, log: true, label: "pairs n" },
        { from: 0, to: 1, label: "hidden mass with the top k / without" },
      );
      for (const [inputs, tone, dashes] of [["equal", "grey", "6 4"], ["zipf", "matcher", ""]]) {
        const points = shares(state, inputs);
        paper.line(points.map(([n, share]) => [place.x(n), place.y(share)]), tone, { dashes, width: 2.4 });
        const [best, least] = told(points);
        paper.dot(place.x(best), place.y(least), tone, 5);
      }
      paper.text(place.left + 10, place.bottom - 30, "uneven inputs, as words are", { tone: "matcher", bold: true });
      paper.text(place.left + 10, place.bottom - 12, "equal inputs (dashed)", { tone: "ink" });
    },

    say(state) {
      const { number } = kdLive;
      const [best, least, over] = told(shares(state, "zipf"));
      const [, , equal] = told(shares(state, "equal"));
      const until = (n) => (n ? `${number(n)} pairs` : "more pairs than are drawn");
      return `With uneven inputs the top ${state.k} help most at ${number(best)} pairs, where ${number(Math.round(least * 100) / 100)} of the hidden mass is left. They are worth less than a tenth from ${until(over)} on; with equal inputs from ${until(equal)} on.`;
    },
  });
})();
