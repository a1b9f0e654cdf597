/* The setting: one data set under three protocols, and what its student makes of it. */
(() => {
  "use strict";
  const RHO = [0.5, 0.3, 0.2];
  const PI = [[0.7, 0.2, 0.1, 0], [0.25, 0.25, 0.25, 0.25], [0.4, 0.4, 0.1, 0.1]];
  const STUDENTS = { hard: "counter", partial: "matcher", soft: "copier" };
  const NONE = () => PI.map((row) => row.map(() => 0));

  function ask(state, times) {
    for (let i = 0; i < times; i++) {
      const s = kdMaths.drawn(RHO, state.random);
      state.counts[s][kdMaths.drawn(PI[s], state.random)] += 1;
    }
  }

  /** The answers of a protocol's student: the counter's, the matcher's or the copier's. */
  function answers({ protocol, counts }) {
    return counts.map((row, s) => {
      const many = kdMaths.sum(row);
      if (!many) return row.map(() => 1 / row.length);
      if (protocol === "hard") return row.map((count) => count / many);
      if (protocol === "soft") return PI[s];
      const unseen = row.filter((count) => count === 0).length;
      const rest = 1 - kdMaths.sum(row.map((count, a) => (count ? PI[s][a] : 0)));
      return row.map((count, a) => (count ? PI[s][a] : Math.max(0, rest) / unseen));
    });
  }

  const risk = (state) =>
    kdMaths.sum(answers(state).map((row, s) => RHO[s] * kdMaths.totalVariation(row, PI[s])));

  kdLive.define("protocols", {
    title: "Ask this teacher yourself",
    controls: [
      {
        key: "protocol", label: "With each answer you are told", value: "hard",
        options: { hard: "nothing more", partial: "its probability", soft: "all probabilities" },
      },
      { label: "Ask once", press: (state) => ask(state, 1) },
      { label: "Ask ten times", press: (state) => ask(state, 10) },
      { label: "Start again", press: (state) => { state.counts = NONE(); } },
    ],
    height: 230,

    start(state) {
      state.counts = NONE();
      ask(state, 5);
    },

    draw({ protocol, counts }, paper) {
      const left = 66;
      const [width, height] = [(paper.width - left) / 4, 62];
      counts.forEach((row, s) => {
        const many = kdMaths.sum(row);
        paper.text(0, 30 + s * height + 36, `input ${s}`, { size: 14 });
        row.forEach((count, a) => {
          const told = (protocol === "partial" && count > 0) || (protocol === "soft" && many > 0);
          const [x, y] = [left + a * width, 30 + s * height];
          if (told || count) paper.rect(x + 2, y + 2, width - 4, height - 4, "counter-pale");
          else paper.silent(x + 2, y + 2, width - 4, height - 4);
          if (told) paper.rect(x + 6, y + height - 12, (width - 12) * PI[s][a], 6, "counter-soft");
          const words = [count ? `${count}×` : "", told ? PI[s][a].toFixed(2) : ""].filter(Boolean);
          paper.text(x + width / 2, y + height / 2 + 3, words.join("  "), { anchor: "middle", size: width < 75 ? 13 : 15 });
          if (s === 0) paper.text(x + width / 2, 20, `label ${a}`, { anchor: "middle", size: 14 });
        });
      });
    },

    say(state) {
      const many = kdMaths.sum(state.counts.map(kdMaths.sum));
      const times = many === 1 ? "After 1 answer" : `After ${many} answers`;
      return `${times} the ${STUDENTS[state.protocol]} is at distance ${kdLive.number(risk(state))} from the teacher. Blue: what it is told.`;
    },
  });
})();
