/* Soft labels: ten stickers, nine of them alike. How rare must they be for most of the packets to be in vain? */
(() => {
  "use strict";
  const OTHERS = 9;
  const law = ({ x }) => [...Array(OTHERS).fill(x), 1 - OTHERS * x];
  const rarest = ({ n }) => 1 / (n + 1);
  const worst = (n) => {
    const places = Array.from({ length: 200 }, (_, i) => 0.0005 * 200 ** ((i + 1) / 200));
    return places.map((x) => kdMaths.expectedMissingMass(law({ x }), n)).reduce((most, one) => Math.max(most, one), 0);
  };

  kdLive.define("album", {
    title: "Fill the packets yourself",
    controls: [
      { key: "n", label: "Packets n", low: 1, high: 1000, value: 50, log: true, step: 1 },
      { key: "x", label: "Probability of each of nine stickers", low: 0.0005, high: 0.1, value: 0.05, log: true, wide: true },
      { label: "All equally common", press: (state) => { state.x = 0.1; } },
      { label: "Each expected once", press: (state) => { state.x = Math.min(0.1, rarest(state)); } },
    ],
    height: (width) => (width < 500 ? 500 : 290),

    draw(state, paper) {
      const narrow = paper.width < 500;
      const half = narrow ? paper.width : paper.width / 2 - 10;
      const shares = law(state);
      const missed = shares.map((p) => p * (1 - p) ** state.n);
      const top = Math.max(0.12, 1.1 * state.x);
      const left = paper.axes(
        { from: 0, to: 10, label: "ten stickers; purple: missing", bare: true }, { from: 0, to: top, label: "probability" },
        { right: paper.width - half + 8, bottom: narrow ? paper.height - 200 : 46 },
      );
      const width = (left.right - left.left) / 10;
      shares.forEach((p, i) => {
        const [x, y] = [left.left + i * width + 0.12 * width, left.y(Math.min(p, top))];
        paper.rect(x, y, 0.76 * width, left.bottom - y, "counter-soft");
        paper.rect(x, left.y(missed[i]), 0.76 * width, left.bottom - left.y(missed[i]), "copier");
        if (p > top) paper.text(left.right, left.top - 6, `${kdLive.number(p)} ↑`, { anchor: "end", size: 13 });
      });

      const at = narrow ? { top: 290 } : { left: half + 80 };
      const points = Array.from({ length: 81 }, (_, i) => 0.0005 * 200 ** (i / 80));
      const masses = points.map((x) => kdMaths.expectedMissingMass(law({ x }), state.n));
      const place = paper.axes(
        { from: 0.0005, to: 0.1, log: true, label: "probability of each of nine" },
        { from: 0, to: 1.2 * Math.max(...masses, 1e-9), label: "" }, at,
      );
      paper.text(narrow ? 4 : half + 22, narrow ? 276 : 14, "missing on average");
      paper.line(points.map((x, i) => [place.x(x), place.y(masses[i])]), "copier");
      paper.dot(place.x(state.x), place.y(kdMaths.expectedMissingMass(shares, state.n)), "copier", 6);
    },

    say(state) {
      const { number } = kdLive;
      const mass = kdMaths.expectedMissingMass(law(state), state.n);
      const packets = state.n === 1 ? "1 packet" : `${number(state.n)} packets`;
      return `After ${packets} the empty places are asked for with probability ${number(mass)} on average. The most that nine such stickers can make it is ${number(worst(state.n))}. One expects ${number(state.n * state.x)} of each.`;
    },
  });
})();
