/* Nobody does better: write percentages on four hidden cards, and see what that costs in every order of their numbers. */
(() => {
  "use strict";

  const CARDS = { A: 8, B: null, C: 30, D: null, E: 5, F: 20, G: null, H: 3, I: 10, J: null };
  const HIDDEN = ["B", "D", "G", "J"];
  const ORDERS = kdMaths.orders([15, 6, 2, 1]);
  const ALL = 24; // what the hidden cards carry together

  const answersOf = (state) => HIDDEN.map((letter) => state[letter]);
  const costs = (answers) => ORDERS.map((order) => kdMaths.costOfAnswers(answers, order));
  const average = (answers) => kdMaths.sum(costs(answers)) / ORDERS.length;
  const rows = (width) => (width < 560 ? 2 : 1);

  kdLive.define("cards", {
    controls: [
      ...HIDDEN.map((key, i) => ({ key, label: `Write on ${key}`, low: 0, high: ALL, value: ORDERS[0][i], step: 1 })),
      { label: "Another order of the hidden numbers", press: (state) => { state.place = (state.place + 1 + Math.floor(state.random() * (ORDERS.length - 1))) % ORDERS.length; } },
      { label: "Spread evenly", press: (state) => HIDDEN.forEach((letter) => { state[letter] = ALL / HIDDEN.length; }) },
    ],
    start: (state) => { state.place = 9; },
    height: (width) => 215 + 108 * rows(width),

    draw(state, paper) {
      const answers = answersOf(state);
      const truth = ORDERS[state.place];
      const across = rows(paper.width) === 2 ? 5 : 10;
      const step = paper.width / across;
      Object.entries(CARDS).forEach(([letter, value], i) => {
        const [x, y] = [(i % across) * step + 3, Math.floor(i / across) * 108];
        const middle = x + step / 2 - 3;
        const place = HIDDEN.indexOf(letter);
        paper.text(middle, y + 14, letter, { anchor: "middle" });
        if (place < 0) {
          paper.rect(x, y + 20, step - 6, 44, "counter-soft");
          paper.text(middle, y + 48, String(value), { anchor: "middle", bold: true, size: 16 });
          return;
        }
        paper.silent(x, y + 20, step - 6, 44);
        paper.text(middle, y + 48, String(truth[place]), { anchor: "middle", size: 16, tone: "grey" });
        paper.text(middle, y + 84, `you: ${answers[place]}`, { anchor: "middle", tone: "matcher", bold: true });
      });

      const all = costs(answers);
      const most = Math.max(26, ...all);
      const top = 108 * rows(paper.width) + 16;
      const bottom = paper.height - 46;
      const x = (cost) => 16 + ((paper.width - 32) * cost) / most;
      for (let cost = 0; cost <= most; cost += 5) {
        paper.line([[x(cost), bottom], [x(cost), bottom + 5]], "ink", { width: 1 });
        paper.text(x(cost), bottom + 20, String(cost), { anchor: "middle", size: 13 });
      }
      paper.line([[16, bottom], [paper.width - 16, bottom]], "ink", { width: 1 });
      paper.text(paper.width / 2, bottom + 40, "points lost; a dot is one order", { anchor: "middle" });
      const stacks = new Map(); // the orders of each cost
      all.forEach((cost, i) => stacks.set(Math.round(cost * 2), [...(stacks.get(Math.round(cost * 2)) ?? []), i]));
      const gap = Math.min(9, (bottom - top - 24) / Math.max(...[...stacks.values()].map((stack) => stack.length)));
      all.forEach((cost, i) => {
        const level = stacks.get(Math.round(cost * 2)).indexOf(i);
        paper.dot(x(cost), bottom - 8 - gap * level, i === state.place ? "weigher" : "grey-c", i === state.place ? 6 : 4);
      });
      const mean = average(answers);
      const best = average(HIDDEN.map(() => ALL / HIDDEN.length));
      paper.line([[x(best), top + 8], [x(best), bottom]], "matcher", { dashes: "5 4" });
      paper.line([[x(mean), top + 8], [x(mean), bottom]], "ink");
      paper.text(x(best) - 6, top + 4, `evenly ${kdLive.number(best)}`, { anchor: "end", tone: "matcher" });
      const right = x(mean) + 140 < paper.width;
      paper.text(x(mean) + (right ? 6 : -6), top + 4, `your average ${kdLive.number(mean)}`, { anchor: right ? "start" : "end" });
    },

    say(state) {
      const answers = answersOf(state);
      const { number } = kdLive;
      const written = `${answers.slice(0, 3).join(", ")} and ${answers[3]}`;
      const cost = kdMaths.costOfAnswers(answers, ORDERS[state.place]);
      const mean = average(answers);
      const verdict = mean > 9 ? "Spread evenly, it would be 9." : "Nothing does better.";
      return `You wrote ${written}, ${kdMaths.sum(answers)} in all; the four carry ${ALL}. In this order you lose ${number(cost)} points, over all ${ORDERS.length} orders ${number(mean)} on average. ${verdict}`;
    },
  });
})();
