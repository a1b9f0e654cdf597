/* Partial labels, lower bound: pairs of which one exists; a pair that was not seen is a coin toss. */
(() => {
  "use strict";
  const PAIRS = 8;
  const mass = ({ times, n }) => times / (n + 1);

  function deal(state) {
    state.cards = Array.from({ length: PAIRS }, () => (state.random() < 0.5 ? 0 : 1));
    state.draws = Array.from({ length: PAIRS }, () => state.random());
  }

  const isSeen = (state, pair) => state.draws[pair] > Math.exp(state.n * Math.log1p(-mass(state)));

  kdLive.define("buddies", {
    title: "Draw coins and samples again, with other masses",
    controls: [
      { key: "n", label: "Samples n", low: 24, high: 1000, value: 100, log: true, step: 1 },
      { key: "times", label: "Samples per pair, on average", low: 0.1, high: 5, value: 1, step: 0.1 },
      { label: "Draw again", press: deal },
      { label: "One per pair", press: (state) => { state.times = 1; } },
    ],
    start: deal,
    height: (width) => (width < 500 ? 430 : 290),

    draw(state, paper) {
      const narrow = paper.width < 500;
      const half = narrow ? paper.width : paper.width * 0.46;
      const width = half / 4;
      for (let pair = 0; pair < PAIRS; pair++) {
        const [x, y] = [(pair % 4) * width, 26 + Math.floor(pair / 4) * 74];
        for (const card of [0, 1]) {
          const left = x + 6 + card * (width / 2 - 7);
          const [w, h] = [width / 2 - 10, 56];
          if (!isSeen(state, pair)) paper.silent(left, y, w, h);
          else paper.rect(left, y, w, h, state.cards[pair] === card ? "matcher" : "shade");
          if (!isSeen(state, pair)) paper.text(left + w / 2, y + 34, "?", { anchor: "middle", bold: true });
        }
      }
      paper.text(0, 14, "eight pairs; green: the twin that lives");
      const at = narrow ? { top: 226 } : { left: half + 76 };
      const costs = Array.from({ length: 100 }, (_, i) => [(i + 1) / 20, kdMaths.costOfBuddies(state.n, (i + 1) / 20 / (state.n + 1))]);
      const highest = Math.max(...costs.map(([, cost]) => cost)) * 1.2;
      const place = paper.axes({ from: 0, to: 5, label: "samples per pair, on average" }, { from: 0, to: highest, label: "" }, at);
      paper.text(narrow ? 4 : half + 18, narrow ? 212 : 14, "mean cost of a pair");
      paper.line(costs.map(([x, y]) => [place.x(x), place.y(y)]), "ink");
      paper.dot(place.x(state.times), place.y(kdMaths.costOfBuddies(state.n, mass(state))), "matcher", 6);
    },

    say(state) {
      const unseen = state.cards.filter((_, pair) => !isSeen(state, pair)).length;
      const { number } = kdLive;
      return `${unseen} of 8 pairs were not seen (?): which twin lives is a coin toss. A pair costs half of its mass if it is not seen, ${number(kdMaths.costOfBuddies(state.n, mass(state)))} on average. That is most at mass 1/(n + 1), about one sample per pair.`;
    },
  });
})();
