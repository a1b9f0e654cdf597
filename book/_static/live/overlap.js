/* Hard labels: two coins that are hard to tell apart, and what it costs to take one for the other. */
kdLive.define("overlap", {
  title: "Bend the coins yourself",
  controls: [
    { key: "m", label: "Throws N", low: 4, high: 400, value: 50, log: true, step: 1 },
    { key: "gap", label: "Gap Δ", low: 0.01, high: 0.9, value: 0.3, step: 0.01 },
  ],
  height: (width) => (width < 500 ? 544 : 290),

  draw({ m, gap }, paper) {
    const narrow = paper.width < 500;
    const half = narrow ? paper.width : paper.width / 2 - 10;
    const heads = kdMaths.binomial(m, (1 + gap) / 2);
    const most = Math.max(...heads) * 1.15;
        const place = paper.axes(
      { from: 0, to: m, label: "heads" }, { from: 0, to: most, label: "probability" },
      { right: paper.width - half, bottom: narrow ? paper.height - 222 : 46 },
    );
    const steps = (values) => values.map((value, k) => [place.x(k), place.y(value)]);
    const common = heads.map((value, k) => Math.min(value, heads[m - k]));
    common.forEach((value, k) => {
      const width = (place.right - place.left) / m;
      paper.rect(place.x(k) - width / 2, place.y(value), Math.min(width, place.right - place.x(k) + width / 2), place.bottom - place.y(value), "grey-c");
    });
    paper.line(steps(heads), "counter");
    paper.line(steps(heads.map((_, k) => heads[m - k])), "weigher", { dashes: "6 3" });

    const lower = narrow ? { left: 62, right: 16, top: 302 } : { left: paper.width / 2 + 66 };
    const costs = Array.from({ length: 90 }, (_, i) => [(i + 1) / 100, kdMaths.costOfGap(m, (i + 1) / 100)]);
    const highest = Math.max(...costs.map(([, cost]) => cost)) * 1.2;
    const second = paper.axes({ from: 0, to: 0.9, label: "gap Δ" }, { from: 0, to: highest, label: "" }, lower);
    paper.text(narrow ? 4 : second.left - 58, narrow ? 288 : 14, "gap × share of wrong bets");
    paper.line(costs.map(([at, cost]) => [second.x(at), second.y(cost)]), "ink");
    paper.dot(second.x(gap), second.y(kdMaths.costOfGap(m, gap)), "counter", 6);
  },

  say({ m, gap }) {
    const costs = Array.from({ length: 90 }, (_, i) => (i + 1) / 100);
    const best = costs.reduce((found, at) => (kdMaths.costOfGap(m, at) > kdMaths.costOfGap(m, found) ? at : found), 0.01);
    const { number } = kdLive;
    return `After ${m} throws the two curves have ${number(kdMaths.overlap(m, gap))} in common (grey), and ${number(50 * kdMaths.overlap(m, gap))} of 100 bets are wrong. If a wrong bet costs the gap, that is ${number(kdMaths.costOfGap(m, gap))} on average. The gap that costs most is ${number(best)}, near ${number(best * Math.sqrt(m))} / √N.`;
  },
});
