/* What the API shows: one row, what n lines tell of it, and what is not learned yet. */
(() => {
  "use strict";
  const LABELS = 12;
  const ZIPF = kdMaths.normalised(Array.from({ length: LABELS }, (_, a) => 1 / (a + 1)));
  const STUDENTS = { revealed: "matcher", censored: "counter", hidden: "copier" };
  const NAMES = { hidden: "top k alone", censored: "censored", revealed: "revealed" };
  const [LIMIT, FLOOR] = [2000, 0.001];

  /** A row that costs much in this format: dummies and a subset, a flat row, or a flat one on some labels. */
  function worst(format, k, n) {
    if (format === "censored") return Array(LABELS).fill(1 / LABELS);
    const below = LABELS - k;
    const rows = Array.from({ length: below }, (_, i) => i + 1).flatMap((m) => {
      const masses = format === "hidden" ? [1 / (k + m)] : [1, 1.5, 2].map((t) => Math.min(t / n, 1 / (k + m)));
      return masses.map((x) => {
        const light = Array(k + m - 1).fill(x);
        return [1 - x * light.length, ...light, ...Array(below - m).fill(0)];
      });
    });
    const risks = rows.map((row) => kdMaths.topKRisk(row, k, n, format));
    return rows[risks.indexOf(Math.max(...risks))];
  }

  const rowOf = ({ row, told, k, n }) => (row === "zipf" ? ZIPF : worst(told, k, n));

  /** What is left after growing numbers of lines, as far as the drawing shows it. */
  function risks({ k, row }, format) {
    const points = [];
    for (let i = 0; i <= 24; i++) {
      const lines = Math.round(LIMIT ** (i / 24));
      const risk = kdMaths.topKRisk(row === "zipf" ? ZIPF : worst(format, k, lines), k, lines, format);
      if (risk < FLOOR) break;
      points.push([lines, risk]);
    }
    return points;
  }

  /** How often each label is drawn in n lines, from a seed that is the same for all readers. */
  function counts(row, n) {
    const [random, found] = [kdMaths.random(3), row.map(() => 0)];
    for (let i = 0; i < n; i++) found[kdMaths.drawn(row, random)] += 1;
    return found;
  }

  kdLive.define("top-k", {
    title: "Ask a service yourself",
    controls: [
      { key: "k", label: "Labels told with every line, k", low: 1, high: LABELS - 2, value: 3, step: 1 },
      { key: "n", label: "Lines n", low: 1, high: LIMIT, value: 10, log: true, step: 1 },
      {
        key: "told", label: "The number of the drawn label is", value: "revealed",
        options: { revealed: "revealed", censored: "censored below the top k", hidden: "missing, and so is the label" },
      },
      { key: "row", label: "The row is", value: "zipf", options: { zipf: "a Zipf row", worst: "the worst one for this n" } },
    ],
    height: (width) => (width < 500 ? 480 : 270),

    draw(state, paper) {
      const { k, n, told } = state;
      const narrow = paper.width < 500;
      const row = rowOf(state);
      const drawn = told === "hidden" ? row.map(() => 0) : counts(row, n);
      const [answer, known] = kdMaths.topKAnswer(row, drawn, k, told);
      const [left, top, bottom] = [8, 26, 208];
      const width = ((narrow ? paper.width : paper.width / 2) - left - 12) / LABELS;
      const most = Math.max(...row, ...answer);
      const y = (value) => bottom - ((bottom - top) * value) / most;
      paper.text(4, 14, "the row, and the answer");
      row.forEach((value, a) => {
        const x = left + a * width;
        if (known[a]) paper.rect(x + 2, y(value), width - 4, bottom - y(value), "counter-soft");
        else paper.silent(x + 2, y(value), width - 4, bottom - y(value));
        paper.line([[x + 1, y(answer[a])], [x + width - 1, y(answer[a])]], STUDENTS[told], { width: 3 });
        if (drawn[a] && width > 20) paper.text(x + width / 2, bottom + 18, drawn[a] < 1000 ? `${drawn[a]}×` : "…", { anchor: "middle", size: 12 });
      });
      paper.text(left, bottom + 40, told === "hidden" ? "blue: told; line: the answer" : "blue: told; line: the answer; below: draws", { size: 13 });

      const lower = narrow ? { left: 58, right: 14, top: 286 } : { left: paper.width / 2 + 56, right: 14 };
      const place = paper.axes(
        { from: 1, to: LIMIT, log: true, label: "lines n" }, { from: FLOOR, to: 1, log: true, label: "" }, lower,
      );
      paper.text(narrow ? 4 : place.left - 50, narrow ? 274 : 14, "distance that is left, on average");
      Object.keys(NAMES).forEach((format, i) => {
        const chosen = format === told;
        const points = risks(state, format).map(([lines, risk]) => [place.x(lines), place.y(risk)]);
        if (points.length > 1) paper.line(points, STUDENTS[format], { width: chosen ? 3.5 : 1.5, dashes: chosen ? "" : "4 3" });
        const [x, height] = [place.left + 8, place.bottom - 50 + 18 * i];
        paper.text(x, height, NAMES[format], { tone: STUDENTS[format], bold: chosen, size: 13 });
      });
      const risk = kdMaths.topKRisk(row, k, n, told);
      if (risk >= FLOOR) paper.dot(place.x(n), place.y(risk), STUDENTS[told], 6);
    },

    say(state) {
      const { k, n, told } = state;
      const row = rowOf(state);
      const drawn = counts(row, n);
      const [answer] = kdMaths.topKAnswer(row, drawn, k, told);
      const { number } = kdLive;
      const [shown, counted, alone] = ["revealed", "censored", "hidden"].map((format) => {
        const at = state.row === "zipf" ? ZIPF : worst(format, k, n);
        return number(kdMaths.topKRisk(at, k, n, format));
      });
      const lines = n === 1 ? "After 1 line" : `After ${number(n)} lines`;
      return `${lines} this answer is at distance ${number(kdMaths.totalVariation(answer, row))} from the row. On average it is ${shown} if the drawn number is revealed, ${counted} if it is censored, ${alone} with the top k alone.`;
    },
  });
})();
