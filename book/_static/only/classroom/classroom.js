/* The cook of the classroom experiment on a phone: for a pair without dice, or for one person alone. */
(() => {
  "use strict";

  // The cook of kdbook/classroom/cook.py; a test compares the two.
  const COOK = {
    inputs: ["sun", "rain"],
    labels: ["bread", "fish", "noodles", "pie", "rice", "soup"],
    faces: [4, 2],
    parts: [[15, 9, 6, 4, 2, 0], [12, 12, 6, 4, 2, 0]],
  };
  const STOPS = [5, 10, 20];
  const PROTOCOLS = {
    hard: "the dish alone",
    partial: "the dish and its number out of 36",
    soft: "the dish and the whole row",
  };
  const WHOLE = 36;

  /** Return a stream of numbers in [0, 1): mulberry32, the same as kdbook.classroom.uniforms. */
  function uniforms(seed) {
    let state = seed >>> 0;
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  /** Return the rows of a pair's own cook, out of 36. */
  function shuffled(pair) {
    const next = uniforms(pair);
    return COOK.parts.map((parts) => {
      const row = [...parts];
      for (let last = row.length - 1; last > 0; last--) {
        const other = Math.floor(next() * (last + 1));
        [row[last], row[other]] = [row[other], row[last]];
      }
      return row;
    });
  }

  /** Return the conditional total variation between two tables of parts. */
  function distance(guess, rows) {
    const apart = (s) => rows[s].reduce((sum, part, a) => sum + Math.abs(guess[s][a] - part), 0) / WHOLE / 2;
    return COOK.faces.reduce((sum, faces, s) => sum + (faces / 6) * apart(s), 0);
  }

  /** Return which of several sizes a number in [0, 1) falls on, the sizes in order. */
  function fallsOn(sizes, number) {
    let left = Math.floor(number * sizes.reduce((a, b) => a + b));
    return sizes.findIndex((size) => (left -= size) < 0);
  }

  const protocolOf = (pair) => Object.keys(PROTOCOLS)[(pair - 1) % 3];
  window.kdClassroom = { COOK, STOPS, uniforms, shuffled, distance, protocolOf };

  /* ---- the page ---- */

  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }

  function button(text, act, attributes = {}) {
    const node = element("button", { type: "button", ...attributes }, text);
    node.addEventListener("click", act);
    return node;
  }

  const parts = {};
  let game = null;

  function build(root) {
    const asked = new URLSearchParams(location.hash.slice(1));
    parts.pair = element("input", { id: "kdc-pair", type: "text", inputmode: "numeric", autocomplete: "off", "aria-describedby": "kdc-error" });
    parts.protocol = element("select", { id: "kdc-protocol" });
    for (const [key, told] of Object.entries(PROTOCOLS)) parts.protocol.append(element("option", { value: key }, `${key}: ${told}`));
    parts.error = element("p", { id: "kdc-error", class: "kdc-error", role: "alert" });
    parts.pair.value = asked.get("pair") || "";
    parts.protocol.value = Object.hasOwn(PROTOCOLS, asked.get("protocol") || "") ? asked.get("protocol") : protocolOf(Number(parts.pair.value) || 1);
    parts.pair.addEventListener("input", () => {
      if (Number(parts.pair.value) >= 1) parts.protocol.value = protocolOf(Number(parts.pair.value)) || "hard";
    });
    const form = element("form", { class: "kdc-start", "aria-label": "Who you are" },
      element("div", {}, element("label", { for: "kdc-pair" }, "Number of your pair"), parts.pair),
      element("div", {}, element("label", { for: "kdc-protocol" }, "You are told"), parts.protocol),
      element("button", { type: "submit" }, "Start"), parts.error);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      start(asked.get("seed"));
    });
    parts.said = element("p", { class: "kdc-said", role: "status", "aria-live": "polite" });
    parts.throw = button("Throw the dice", throwDice, { class: "kdc-throw" });
    parts.tally = element("div", { class: "kdc-table", role: "region", "aria-label": "What you were told so far", tabindex: 0 });
    parts.guess = element("form", { class: "kdc-guess", "aria-label": "Your guess" });
    parts.guess.addEventListener("submit", (event) => {
      event.preventDefault();
      writeDown();
    });
    parts.result = element("div", { class: "kdc-result" });
    parts.play = element("div", { class: "kdc-play" }, parts.said, parts.throw, parts.tally, parts.guess, parts.result);
    parts.play.hidden = true;
    root.replaceChildren(form, parts.play);
    root.hidden = false;
  }

  function start(seed) {
    const text = parts.pair.value.trim();
    if (!/^\d{1,6}$/.test(text) || Number(text) < 1) {
      parts.error.textContent = `The number of a pair must be a whole number from 1 to 999999, not “${text}”.`;
      parts.pair.setAttribute("aria-invalid", "true");
      parts.pair.focus();
      return;
    }
    parts.error.textContent = "";
    parts.pair.removeAttribute("aria-invalid");
    const chance = seed === null ? crypto.getRandomValues(new Uint32Array(1))[0] : Number(seed);
    game = {
      pair: Number(text), protocol: parts.protocol.value, rows: shuffled(Number(text)), next: uniforms(chance), n: 0,
      counts: COOK.parts.map((row) => row.map(() => 0)), guess: COOK.parts.map((row) => row.map(() => "")), guesses: [],
    };
    parts.play.hidden = false;
    parts.guess.replaceChildren();
    parts.result.replaceChildren();
    parts.throw.hidden = false;
    parts.said.textContent = `Pair ${game.pair}, ${game.protocol}. After ${STOPS.join(", ")} throws you write down a guess.`;
    showTally();
    parts.throw.focus();
  }

  function throwDice() {
    const s = fallsOn(COOK.faces, game.next());
    const a = fallsOn(game.rows[s], game.next());
    const first = game.counts[s].every((count) => count === 0);
    game.n += 1;
    game.counts[s][a] += 1;
    const said = [`Throw ${game.n}. ${COOK.inputs[s]}: ${COOK.labels[a]}`];
    if (game.protocol === "partial") said.push(`, ${game.rows[s][a]} of 36`);
    if (game.protocol === "soft" && first) said.push(`. When ${COOK.inputs[s]}: ${COOK.labels.map((label, i) => `${label} ${game.rows[s][i]}`).join(", ")}`);
    parts.said.textContent = `${said.join("")}.`;
    showTally();
    if (STOPS.includes(game.n)) ask();
  }

  /** Return what the pair has been told of a cell, "" for nothing. */
  function told(s, a) {
    const drawn = game.counts[s].some((count) => count > 0);
    const known = game.protocol === "soft" ? drawn : game.protocol === "partial" && game.counts[s][a] > 0;
    return known ? String(game.rows[s][a]) : "";
  }

  function showTally() {
    const numbers = game.protocol !== "hard";
    const heads = COOK.inputs.flatMap((input) => [input, ...(numbers ? [`${input}, of 36`] : [])]);
    const table = element("table", {}, element("caption", {}, `How often after ${game.n} throws`));
    table.append(element("thead", {}, element("tr", {}, ...["dish", ...heads].map((head) => element("th", { scope: "col" }, head)))));
    const body = element("tbody");
    COOK.labels.forEach((label, a) => {
      const cells = COOK.inputs.flatMap((_, s) => [String(game.counts[s][a]), ...(numbers ? [told(s, a) || "?"] : [])]);
      body.append(element("tr", {}, element("th", { scope: "row" }, label), ...cells.map((cell) => element("td", {}, cell))));
    });
    table.append(body);
    parts.tally.replaceChildren(table);
  }

  function ask() {
    parts.throw.hidden = true;
    const groups = COOK.inputs.map((input, s) => {
      const left = element("output", { id: `kdc-left-${s}`, "aria-live": "polite" });
      const cells = COOK.labels.map((label, a) => stepper(input, label, s, a));
      return element("fieldset", {}, element("legend", {}, `When ${input}: in how many of 36 throws?`), ...cells, left);
    });
    parts.problem = element("p", { class: "kdc-error", role: "alert" });
    parts.guess.replaceChildren(element("h3", {}, `Your guess after ${game.n} throws`), ...groups,
      element("button", { type: "submit" }, "Write it down"), parts.problem);
    COOK.inputs.forEach((_, s) => showLeft(s));
    document.getElementById("kdc-0-0").focus();
  }

  function stepper(input, label, s, a) {
    const id = `kdc-${s}-${a}`;
    const field = element("input", { id, type: "text", inputmode: "numeric", autocomplete: "off", "aria-describedby": `kdc-left-${s}`, "aria-label": `${label} when ${input}` });
    field.value = game.guess[s][a];
    const set = (value) => {
      game.guess[s][a] = value;
      showLeft(s);
    };
    const step = (by) => {
      field.value = String(Math.min(WHOLE, Math.max(0, (Number(field.value) || 0) + by)));
      set(field.value);
    };
    field.addEventListener("input", () => set(field.value.trim()));
    field.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
      event.preventDefault();
      step(event.key === "ArrowUp" ? 1 : -1);
    });
    return element("div", { class: "kdc-stepper" }, element("span", {}, label),
      button("−", () => step(-1), { "aria-label": `one less: ${label} when ${input}` }), field,
      button("+", () => step(1), { "aria-label": `one more: ${label} when ${input}` }));
  }

  const valid = (text) => /^\d*$/.test(text) && Number(text) <= WHOLE;
  const sum = (row) => row.reduce((total, text) => total + Number(text), 0);

  function showLeft(s) {
    const row = game.guess[s];
    const output = document.getElementById(`kdc-left-${s}`);
    row.forEach((text, a) => document.getElementById(`kdc-${s}-${a}`).setAttribute("aria-invalid", String(!valid(text))));
    const left = WHOLE - sum(row);
    const state = !row.every(valid) ? "only whole numbers from 0 to 36" : left === 0 ? "sum 36" : left > 0 ? `${left} of 36 left to give` : `${-left} too many`;
    output.textContent = state;
    output.classList.toggle("kdc-done", state === "sum 36");
  }

  function writeDown() {
    const wrong = COOK.inputs.filter((_, s) => !game.guess[s].every(valid) || sum(game.guess[s]) !== WHOLE);
    if (wrong.length) {
      parts.problem.textContent = `The numbers for ${wrong.join(" and ")} must be whole and sum to 36.`;
      return;
    }
    game.guesses.push({ n: game.n, rows: game.guess.map((row) => row.map(Number)) });
    parts.guess.replaceChildren();
    if (game.n < STOPS.at(-1)) {
      parts.said.textContent = `Guess after ${game.n} throws written down. Go on.`;
      parts.throw.hidden = false;
      parts.throw.focus();
    } else finish();
  }

  const lines = () => game.guesses.flatMap(({ n, rows }) => rows.map((row, s) => [game.pair, game.protocol, n, COOK.inputs[s], ...row].join(",")));

  function finish() {
    const header = ["pair", "protocol", "n", "input", ...COOK.labels].join(",");
    const area = element("textarea", { id: "kdc-lines", rows: 7, readonly: "", spellcheck: "false" });
    area.value = `${lines().join("\n")}\n`;
    const copied = element("span", { role: "status", "aria-live": "polite" });
    const copy = button("Copy the lines", async () => {
      area.select();
      let done = true;
      try {
        await navigator.clipboard.writeText(area.value);
      } catch {
        done = document.execCommand("copy"); // a page opened from disk may have no clipboard
      }
      copied.textContent = done ? "Copied." : "Select the lines and copy them by hand.";
    });
    const file = button("Download as CSV", () => {
      const link = element("a", { href: URL.createObjectURL(new Blob([`${header}\n${area.value}`], { type: "text/csv" })), download: `pair-${game.pair}.csv` });
      link.click();
      URL.revokeObjectURL(link.href);
    });
    const far = game.guesses.map(({ n, rows }) => element("li", {}, `after ${n} throws: `, element("data", { value: String(distance(rows, game.rows)) }, distance(rows, game.rows).toFixed(3))));
    const truth = COOK.inputs.map((input, s) => element("li", {}, `${input}: ${COOK.labels.map((label, a) => `${label} ${game.rows[s][a]}`).join(", ")}`));
    const head = element("h3", { tabindex: -1 }, "Done: hand these lines to the leader");
    parts.said.textContent = "All guesses are written down.";
    parts.result.replaceChildren(head, element("label", { for: "kdc-lines" }, "Your guesses, a line for each weather"), area,
      element("div", { class: "kdc-buttons" }, copy, file, copied),
      element("p", {}, "Your distance from the cook (0 is the cook, 1 is as far as can be):"), element("ul", {}, ...far),
      element("p", {}, "Your cook, out of 36:"), element("ul", {}, ...truth));
    head.focus();
  }

  function ready() {
    const root = document.getElementById("kd-classroom");
    if (root) build(root);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready);
  else ready();
})();
