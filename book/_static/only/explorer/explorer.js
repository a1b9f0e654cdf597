/* The page of the risk explorer: controls, chart and tables around kdExplorer (risks.js). */
(() => {
  "use strict";

  const FIRST = { teacher: "instance_0", S: 100, A: 25, n: 1000, share: 0.9, favoured: 5, show: "all", api: "none", k: 5, risk: "tv" };
  const STUDENTS = {
    ce_sgl: { name: "counter", told: "label", lower: "theorem_3_1", upper: "theorem_3_2", dashes: "" },
    ce_ptl: { name: "weigher", told: "label, its probability", lower: "theorem_4_1", upper: null, dashes: "8 4" },
    sel_ptl: {
      name: "matcher", told: "label, its probability", lower: "theorem_4_1", upper: "theorem_4_4", dashes: "9 3 2 3", kl: [null, "partial_kl_upper"],
    },
    ce_ful: {
      name: "copier", told: "label, all probabilities", lower: "theorem_5_1", upper: "theorem_5_2", dashes: "2 3", kl: ["soft_minimax_kl", "soft_minimax_kl"],
    },
    top_matcher: { name: "top-k matcher", short: "top-k", dashes: "14 3" },
    top_counter: { name: "censored counter", short: "censored", dashes: "" },
    top_renormaliser: { name: "renormaliser", short: "renorm.", dashes: "4 4" },
  };
  /** What a service shows beside the drawn label: what a student is told, and a name for its bounds. */
  const SHOWN = {
    none: { label: "none" },
    revealed: { label: "top k and drawn number", told: "label, its probability, the top k" },
    censored: { label: "top k, number censored", told: "label, the top k" },
    hidden: { label: "top k alone", told: "the top k" },
  };
  const RISKS = { tv: "total variation", kl: "KL divergence, in nats" };
  const ORDER = ["ce_ful", "ce_sgl", "sel_ptl", "ce_ptl"]; // the costly one last
  const NUMBERS = {
    S: { label: "Inputs S", scale: steps(1, 1000) },
    A: { label: "Labels A", scale: steps(2, 1000) },
    n: { label: "Samples n", scale: [0, ...steps(1, 1000000)] },
    favoured: { label: "Favoured labels", scale: steps(1, 999), extra: true },
    share: { label: "Their share of a row", scale: Array.from({ length: 101 }, (_, i) => i / 100), extra: true },
    k: { label: "Shown labels k", scale: [0, ...steps(1, 1000)] },
  };
  const SLICE = 30; // milliseconds of computing before the page may answer
  const LOWEST = 1e-6; // the chart shows no risk below this

  /** Return the integers from low to high that are evenly spaced on a logarithmic scale, 20 a decade. */
  function steps(low, high) {
    const all = new Set([low, high]);
    for (let i = 0; i <= 20 * Math.log10(high); i++) all.add(Math.round(10 ** (i / 20)));
    return [...all].filter((value) => value >= low && value <= high).sort((a, b) => a - b);
  }

  /* ---- small pieces ---- */

  function element(tag, attributes = {}, ...children) {
    const svg = ["svg", "g", "path", "line", "rect", "text", "tspan", "clipPath", "title", "circle"].includes(tag);
    const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }

  const integer = (value) => value.toLocaleString("en-GB").replaceAll(",", "\u202f");
  const called = (learner) => `the ${STUDENTS[learner].name}`;
  const isKL = () => state.risk === "kl";
  /** The students on the page: the four, and those of the top-k answers that are chosen. */
  const students = () => [...kdExplorer.LEARNERS, ...(kdExplorer.PROTOCOLS[state.api] || [])];
  const options = () => ({ divergence: state.risk, k: state.k, drawn: state.api });

  /** Bounds by key: how they are called, and where the book proves them. */
  const BOUNDS = {
    partial_kl_upper: { name: "0.2920 SA/n", anchor: "kdcore.bounds.partial_kl_upper" },
    soft_minimax_kl: { name: "best possible", anchor: "kdcore.bounds.soft_minimax" },
  };
  for (const key of [...Object.keys(kdExplorer.bounds), "theorem_4_3"]) {
    BOUNDS[key] = { name: key.replace("theorem_", "Theorem ").replace("_", "."), anchor: key.replace("theorem", "thm").replaceAll("_", "-") };
  }
  for (const key of Object.keys(kdExplorer.top_k_bounds)) {
    const side = key.split("_")[1];
    BOUNDS[key] = { name: `top k, ${side} bound`, short: `top k ${side}`, anchor: "thm-api" };
  }
  const theorem = (key) => BOUNDS[key].name;

  /** Return the keys of a student's bounds below and above, null where none is known. */
  function boundsOf(learner) {
    const { lower, upper, kl } = STUDENTS[learner];
    if (isKL()) return kl || [null, null];
    if (kdExplorer.LEARNERS.includes(learner)) return [lower, upper];
    const proved = { revealed: true, censored: learner === "top_counter", hidden: false };
    return [`${state.api}_lower`, proved[state.api] ? `${state.api}_upper` : null];
  }

  const nameOf = (learner) => element("span", { class: `kdx-name kdx-${learner}` }, STUDENTS[learner].name);

  /** Return a link to a theorem's chapter, with the address that the page's own text links it by. */
  function theoremLink(key) {
    const { anchor } = BOUNDS[key];
    if (!anchor) return theorem(key);
    const address = document.querySelector(`main a[href$="#${anchor}"]`).getAttribute("href");
    return element("a", { href: address }, theorem(key));
  }

  /** Return a number rounded for reading, all its digits in the attribute `value`. */
  function number(value) {
    const node = element("data", { value: String(value) });
    if (value === 0) node.append("0");
    else if (value === Infinity) node.append("infinite");
    else if (value >= 1e-3) node.append(Number(value.toPrecision(4)).toString());
    else {
      const [digits, exponent] = value.toExponential(2).split("e");
      node.append(`${digits} × 10`, element("sup", {}, exponent.replace("-", "−")));
    }
    return node;
  }

  /** Return the value that was typed, or throw a RangeError that says what is allowed. */
  function parse(key, text) {
    const [low, high] = kdExplorer.LIMITS[key];
    const value = Number(text.replace(/[\s\u202f_]|,(?=\d{3})/g, ""));
    const whole = key === "share" || Number.isInteger(value);
    if (text.trim() === "" || !whole || !(value >= low && value <= high)) {
      const kind = key === "share" ? "a number" : "a whole number";
      throw new RangeError(`${NUMBERS[key].label} must be ${kind} from ${integer(low)} to ${integer(high)}, not “${text.trim()}”.`);
    }
    return value;
  }

  /* ---- state, and its place in the address ---- */

  let state = { ...FIRST };

  function toHash(setting) {
    const keys = ["teacher", "S", "A", "n", ...(kdExplorer.TEACHERS[setting.teacher].extra ? ["share", "favoured"] : []), "show"];
    if (setting.api !== "none") keys.push("api", "k");
    if (setting.risk !== "tv") keys.push("risk");
    return `#${keys.map((key) => `${key}=${setting[key]}`).join("&")}`;
  }

  /** Return the setting that an address names, and what is wrong with it. */
  function fromHash(hash) {
    const setting = { ...FIRST };
    const wrong = [];
    for (const part of hash.replace(/^#/, "").split("&").filter(Boolean)) {
      const [key, text = ""] = part.split("=");
      try {
        if (key === "teacher" && Object.hasOwn(kdExplorer.TEACHERS, text)) setting.teacher = text;
        else if (key === "api" && Object.hasOwn(SHOWN, text)) setting.api = text;
        else if (key === "risk" && Object.hasOwn(RISKS, text)) setting.risk = text;
        else if (key === "show" && (text === "all" || text === "bounds" || Object.hasOwn(STUDENTS, text))) setting.show = text;
        else if (Object.hasOwn(NUMBERS, key)) setting[key] = parse(key, decodeURIComponent(text));
        else wrong.push(`The address has an unknown setting “${part}”.`);
      } catch (error) {
        wrong.push(error instanceof RangeError ? error.message : `The address has an unreadable setting “${part}”.`);
      }
    }
    return [settled(setting), wrong];
  }

  /** Highlight all students where the chosen one is not on the page. */
  function settled(setting) {
    const there = [...kdExplorer.LEARNERS, ...(kdExplorer.PROTOCOLS[setting.api] || [])];
    return Object.hasOwn(STUDENTS, setting.show) && !there.includes(setting.show) ? { ...setting, show: "all" } : setting;
  }

  /* ---- computing, a slice at a time ---- */

  let curve = { key: "" }; // risks by learner and n; null where there is no exact formula
  let timer = 0;

  const baseKey = ({ teacher, S, A, share, favoured, risk }) =>
    [teacher, S, A, ...(kdExplorer.TEACHERS[teacher].extra ? [share, favoured] : []), ...(risk === "tv" ? [] : [risk])].join("|");
  const curveKey = (setting) => [baseKey(setting), ...(setting.api === "none" ? [] : [setting.api, setting.k])].join("|");

  function attempt(work) {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return error.message;
    }
  }

  /** Compute the chosen point, then the curve; yields now and then. */
  function* work(setting) {
    const order = [...(kdExplorer.PROTOCOLS[setting.api] || []), ...ORDER];
    const jobs = order.map((learner) => [learner, setting.n]);
    for (const learner of order) {
      for (const n of curve.grid) jobs.push([learner, n]);
    }
    for (const [learner, n] of jobs) {
      if (curve.risks[learner].has(n)) continue;
      const teacher = attempt(() => kdExplorer.inputs({ ...setting, n }));
      if (typeof teacher === "string") continue;
      let risk;
      try {
        risk = yield* kdExplorer.expected_risk_steps(teacher, n, learner, options());
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        risk = null;
      }
      curve.risks[learner].set(n, risk);
      yield;
    }
    curve.complete = true;
  }

  function start() {
    clearTimeout(timer);
    const key = curveKey(state);
    if (curve.key !== key) {
      // what the four err does not depend on top-k answers
      const known = curve.base === baseKey(state) ? kdExplorer.LEARNERS.map((learner) => [learner, curve.risks[learner]]) : [];
      const risks = Object.fromEntries([...students().map((learner) => [learner, new Map()]), ...known]);
      const least = kdExplorer.least_samples(state);
      const valid = least <= kdExplorer.LIMITS.n[1] && typeof attempt(() => kdExplorer.inputs({ ...state, n: Math.max(1, least) })) !== "string";
      const grid = [...new Set([least, ...Array.from({ length: 49 }, (_, i) => Math.round(10 ** (i / 8)))])];
      curve = { key, base: baseKey(state), risks, laws: new Map(), complete: false, grid: valid ? grid.filter((n) => n >= Math.max(1, least)).sort((a, b) => a - b) : [] };
    }
    const steps = work(state);
    let drawn = 0;
    const slice = () => {
      const began = performance.now();
      let done = false;
      while (!done && performance.now() - began < SLICE) done = steps.next().done;
      if (done || drawn === 0 || performance.now() - drawn > 150) {
        render();
        drawn = performance.now();
      }
      if (!done) timer = setTimeout(slice);
    };
    slice();
  }

  /* ---- controls ---- */

  const page = {}; // the parts that change

  function build(root) {
    page.teacher = element("select", { id: "kdx-teacher" });
    for (const [key, { label }] of Object.entries(kdExplorer.TEACHERS)) {
      page.teacher.append(element("option", { value: key }, label));
    }
    page.show = element("select", { id: "kdx-show" });
    page.api = element("select", { id: "kdx-api" });
    for (const [key, { label }] of Object.entries(SHOWN)) page.api.append(element("option", { value: key }, label));
    page.risk = element("select", { id: "kdx-risk" });
    for (const [key, label] of Object.entries(RISKS)) page.risk.append(element("option", { value: key }, label));
    page.api.addEventListener("change", () => change({ api: page.api.value }));
    page.risk.addEventListener("change", () => change({ risk: page.risk.value }));
    page.teacher.addEventListener("change", () => change({ teacher: page.teacher.value }));
    page.show.addEventListener("change", () => change({ show: page.show.value }));

    const controls = element("form", { class: "kdx-controls", "aria-label": "Controls" });
    controls.addEventListener("submit", (event) => event.preventDefault());
    const { k, ...others } = NUMBERS;
    controls.append(control("kdx-teacher", "Teacher", page.teacher), ...Object.keys(others).map(slider));
    controls.append(control("kdx-api", "Top-k answers", page.api), slider("k"));
    controls.append(control("kdx-risk", "Error", page.risk), control("kdx-show", "Highlight", page.show));

    const reset = element("button", { type: "button", id: "kdx-reset" }, "Reset");
    const download = element("button", { type: "button", id: "kdx-csv" }, "Download the curve (CSV)");
    reset.addEventListener("click", () => change({ ...FIRST }));
    download.addEventListener("click", save);
    controls.append(element("div", { class: "kdx-buttons" }, reset, download));

    page.notice = element("p", { class: "kdx-notice", role: "alert" });
    page.summary = element("p", { class: "kdx-summary", role: "status", "aria-live": "polite" });
    page.chart = element("figure", { class: "kdx-chart" });
    page.absent = element("p", { class: "kdx-note" });
    const scrolled = (label) => element("div", { class: "kdx-table", role: "region", "aria-label": label, tabindex: 0 });
    page.risks = scrolled("Table of risks");
    page.masses = scrolled("Table of missing masses");
    page.row = scrolled("Table of the teacher");
    page.note = element("p", { class: "kdx-note" });
    const stage = element("div", { class: "kdx-stage" }, page.notice, page.summary, page.chart, page.absent);
    root.replaceChildren(element("div", { class: "kdx-bench" }, controls, stage), page.risks, page.note, page.masses, page.row);
    root.hidden = false;

    for (const item of document.querySelectorAll("[data-kdx]")) {
      const button = element("button", { type: "button", class: "kdx-try" }, "Set the controls");
      button.addEventListener("click", () => {
        change(fromHash(item.dataset.kdx)[0]);
        page.teacher.focus({ preventScroll: true });
        root.scrollIntoView({ block: "start" });
      });
      item.append(" ", button);
    }
    let width = 0;
    new ResizeObserver(([entry]) => {
      if (Math.abs(entry.contentRect.width - width) < 1) return;
      width = entry.contentRect.width;
      drawChart();
    }).observe(page.chart);
  }

  function control(id, label, ...parts) {
    return element("div", { class: "kdx-control" }, element("label", { for: id }, label), ...parts);
  }

  function slider(key) {
    const { label, scale } = NUMBERS[key];
    const [low, high] = kdExplorer.LIMITS[key];
    const range = element("input", {
      type: "range", id: `kdx-${key}-range`, min: 0, max: scale.length - 1, step: 1, "aria-label": `${label}, slider`,
    });
    const field = element("input", {
      type: "text", id: `kdx-${key}`, inputmode: key === "share" ? "decimal" : "numeric", autocomplete: "off",
      "aria-describedby": `kdx-${key}-error`, title: `${integer(low)} to ${integer(high)}`,
    });
    const error = element("p", { id: `kdx-${key}-error`, class: "kdx-error", "aria-live": "assertive" });
    range.addEventListener("input", () => change({ [key]: scale[Number(range.value)] }));
    const typed = (final) => {
      try {
        change({ [key]: parse(key, field.value) }, field);
      } catch (problem) {
        if (!(problem instanceof RangeError)) throw problem;
        if (!final) return;
        error.textContent = problem.message;
        field.setAttribute("aria-invalid", "true");
      }
    };
    field.addEventListener("input", () => typed(false));
    field.addEventListener("change", () => typed(true));
    page[key] = { range, field, error };
    const box = control(`kdx-${key}`, label, element("div", { class: "kdx-number" }, range, field), error);
    page[key].box = box;
    return box;
  }

  /** Take over some settings; `from` is the field that is being typed into, which is left as it is. */
  function change(some, from) {
    state = settled({ ...state, ...some });
    page.notice.textContent = "";
    show(from);
    try {
      history.replaceState(null, "", toHash(state));
    } catch {
      location.replace(toHash(state)); // some browsers refuse the former for files
    }
    start();
  }

  /** Make the controls show the state. */
  function show(from) {
    const offered = [["all", "all students"], ["bounds", "all students, all bounds"]];
    for (const learner of students()) offered.push([learner, `${called(learner)} and the bounds of its protocol`]);
    page.show.replaceChildren(...offered.map(([value, words]) => element("option", { value }, words)));
    for (const key of ["teacher", "show", "api", "risk"]) page[key].value = state[key];
    for (const [key, { scale, extra }] of Object.entries(NUMBERS)) {
      const { range, field, error, box } = page[key];
      const nearest = scale.reduce((best, value, i) => (Math.abs(value - state[key]) < Math.abs(scale[best] - state[key]) ? i : best), 0);
      range.value = nearest;
      range.setAttribute("aria-valuetext", String(state[key]));
      if (field !== from) field.value = String(state[key]);
      error.textContent = "";
      field.removeAttribute("aria-invalid");
      if (extra) box.hidden = !kdExplorer.TEACHERS[state.teacher].extra;
      if (key === "k") box.hidden = state.api === "none";
    }
  }

  /* ---- what is shown ---- */

  function render() {
    const teacher = attempt(() => kdExplorer.inputs(state));
    const problem = typeof teacher === "string" ? teacher : "";
    const risks = Object.fromEntries(students().map((learner) => [learner, curve.risks[learner].get(state.n)]));
    page.summary.replaceChildren(...(problem ? repair(problem) : [summary(risks)]));
    page.summary.classList.toggle("kdx-problem", Boolean(problem));
    for (const part of [page.risks, page.masses, page.row]) part.hidden = Boolean(problem);
    if (!problem) {
      page.risks.replaceChildren(riskTable(teacher, risks));
      page.masses.replaceChildren(massTable(teacher));
      page.row.replaceChildren(rowTable(teacher));
    }
    page.note.textContent = noteOnBounds();
    page.chart.dataset.complete = curve.complete;
    drawChart();
  }

  function repair(problem) {
    const least = kdExplorer.least_samples(state);
    if (state.n >= least || least > kdExplorer.LIMITS.n[1]) return [`${problem}.`];
    const button = element("button", { type: "button" }, `Set n to ${least}`);
    button.addEventListener("click", () => {
      change({ n: least });
      page.n.field.focus();
    });
    return [`${problem}; here n = ${state.n}. `, button];
  }

  /** Whether no student is picked out. */
  const isEvery = () => state.show === "all" || state.show === "bounds";

  /** What stands under the table of risks. */
  function noteOnBounds() {
    const bounds = "A lower bound speaks of the worst teacher: whatever the student, some teacher makes it err at least so much. On the teacher chosen here a student may err less. An upper bound holds for every teacher. Bounds are those in expectation.";
    if (!isKL()) return bounds;
    return `In KL an error is infinite where a student may give probability 0 to a label that the teacher uses. The paper’s bounds are of total variation and are not shown. “Best possible” is both: no student of soft labels errs less on its worst teacher, and the copier errs no more on any. ${bounds}`;
  }

  /** The two students of the summary. */
  function compared(risks) {
    if (state.api !== "none" && (isEvery() || state.show.startsWith("top_"))) {
      const [first] = kdExplorer.PROTOCOLS[state.api];
      return [isEvery() ? first : state.show, state.api === "revealed" && risks.sel_ptl !== null ? "sel_ptl" : "ce_sgl"];
    }
    return [isEvery() || state.show === "ce_sgl" ? "sel_ptl" : state.show, "ce_sgl"];
  }

  /** Return the state of things in one sentence. */
  function summary(risks) {
    const at = `At n = ${integer(state.n)}`;
    const [learner, other] = compared(risks);
    const [risk, against] = [risks[learner], risks[other]];
    if (risk === undefined || against === undefined) return `${at}: computing …`;
    const [it, that] = [called(learner), called(other)];
    const size = (value) => `${short(value)}${isKL() ? " nats" : ""}`;
    if (risk === null && against === null) return `${at}: for ${it} and ${that} there is no exact formula on these rows here.`;
    if (risk === null || against === null) {
      const [known, unknown, value] = risk === null ? [that, it, against] : [it, that, risk];
      return `${at} ${known} ${value === Infinity ? "errs infinitely" : `errs ${size(value)}`}; for ${unknown} on these rows there is no exact formula here.`;
    }
    if (risk === Infinity && against === Infinity) return `${at} ${it} and ${that} both err infinitely: each may give probability 0 to a label that the teacher uses.`;
    if (risk === Infinity || against === Infinity) {
      const [finite, infinite, value] = risk === Infinity ? [that, it, against] : [it, that, risk];
      return `${at} ${finite} errs ${size(value)}. The error of ${infinite} is infinite: it may give probability 0 to a label that the teacher uses.`;
    }
    if (against === 0 && risk === 0) return `${at} neither ${it} nor ${that} errs.`;
    if (risk < 1e-12 * against) return `${at} ${it} errs less than a billionth of a thousandth of what ${that} does, which is ${size(against)}.`;
    if (against < 1e-12 * risk) return `${at} ${it} errs ${size(risk)}, and ${that} practically not.`;
    const times = risk < against ? against / risk : risk / against;
    if (times < 1.005) return `${at} ${it} errs as much as ${that}: ${size(risk)}.`;
    const ratio = times < 100 ? Number(times.toPrecision(2 + (times >= 10 ? 0 : times < 2 ? 1 : 0))) : Number(times.toPrecision(2)).toLocaleString("en-GB");
    return `${at} ${it} errs ${ratio} times ${risk < against ? "less" : "more"} than ${that} (${size(risk)} against ${size(against)}).`;
  }

  const short = (value) => (value >= 1e-3 || value === 0 ? Number(value.toPrecision(3)).toString() : value.toExponential(1).replace("e-", "e−"));

  function table(caption, head, rows) {
    const made = element("table", {}, element("caption", {}, ...caption));
    made.append(element("thead", {}, element("tr", {}, ...head.map((cell) => element("th", { scope: "col" }, cell)))));
    made.append(element("tbody", {}, ...rows));
    return made;
  }

  function row(name, head, ...cells) {
    const made = element("tr", { "data-row": name }, element("th", { scope: "row" }, ...head));
    for (const cell of cells) made.append(element("td", {}, ...(Array.isArray(cell) ? cell : [cell])));
    return made;
  }

  /** Return a bound, or throw a RangeError that says what it needs. */
  function boundAt(key, n, law) {
    const { S, A, k } = state;
    if (key in kdExplorer.kl_bounds) return kdExplorer.kl_bounds[key](S, A, n);
    return key in kdExplorer.bounds ? kdExplorer.bounds[key](S, A, n, law) : kdExplorer.top_k_bounds[key](S, A, n, Math.min(k, A));
  }

  function boundCell(key, teacher) {
    const value = attempt(() => boundAt(key, state.n, kdExplorer.rho_law(teacher)));
    const cell = typeof value === "string" ? [value] : [number(value)];
    if (value > 1 && !isKL()) cell.push(", above 1: says nothing");
    return [...cell, " ", element("small", {}, theoremLink(key))];
  }

  function riskTable(teacher, risks) {
    const base = isKL() ? "sel_ptl" : "ce_sgl";
    const rows = students().map((learner) => {
      const risk = risks[learner];
      const told = STUDENTS[learner].told || SHOWN[state.api].told.replace(" k", ` ${integer(state.k)}`);
      const exact = risk === undefined ? "computing …" : risk === null ? "no exact formula for these rows" : number(risk);
      const ratio = risk > 0 && risks[base] > 0 ? number(risk / risks[base]) : "–";
      const [lower, upper] = boundsOf(learner);
      const made = row(
        learner, [nameOf(learner)], told, exact, ratio,
        lower ? boundCell(lower, teacher) : "none", upper ? boundCell(upper, teacher) : limit(learner, teacher),
      );
      made.classList.toggle("kdx-faded", !isEvery() && state.show !== learner);
      return made;
    });
    const head = ["Student", "Is told", "Exact expected risk", isKL() ? "Times the matcher’s" : "Times the counter’s", "Lower bound", "Upper bound"];
    const caption = state.api === "none" ? "The four students" : "The four students, and those of top-k answers";
    return table([`${caption} at n = ${integer(state.n)}${isKL() ? ", in nats" : ""}`], head, rows);
  }

  /** What stands in the place of an upper bound: where the risk goes as n grows, if that is known. */
  function limit(learner, teacher) {
    if (learner === "ce_ptl" && !isKL()) {
      const fixed = kdExplorer.TEACHERS[state.teacher].fixed;
      const value = fixed ? ["none; tends to ", number(kdExplorer.ce_ptl_limit(teacher))] : ["none"];
      return [...value, " ", element("small", {}, theoremLink("theorem_4_3"))];
    }
    if (kdExplorer.LEARNERS.includes(learner) || state.api === "revealed" || learner === "top_counter") return "none";
    const value = kdExplorer.top_k_limit(teacher, learner, options());
    const words = kdExplorer.TEACHERS[state.teacher].fixed ? "none; tends to " : "none; at inputs drawn ";
    return value === Infinity ? "none" : [words, number(value)];
  }

  function massTable(teacher) {
    const mass = (law) => number(kdExplorer.expected_missing_mass(law, state.n));
    const [sel, ful] = [nameOf("sel_ptl"), nameOf("ce_ful")];
    const most = isKL() ? " errs at most this in total variation" : " errs at most this";
    const tails = teacher.map((one) => kdExplorer.beyond(one, state.k));
    const hidden = [...kdExplorer.rho_law(teacher), ...kdExplorer.joint_law(tails)];
    return table(["Expected missing mass: how likely a fresh draw is new"], ["Of", "Expected", "Why it matters"], [
      row("joint", ["input and label together"], mass(kdExplorer.joint_law(teacher)), [sel, most]),
      row("rho", ["the input"], mass(kdExplorer.rho_law(teacher)), [ful, most]),
      ...(state.api === "revealed" ? [row("beyond", ["the input, and its label beyond the top k"], mass(hidden), [nameOf("top_matcher"), most])] : []),
    ]);
  }

  /** What the samples show of an input's row: some lines of it if it has many. */
  function rowTable(teacher) {
    const lines = [];
    const some = (list) => (list.length > 4 ? [...list.slice(0, 3), list[list.length - 1]] : list);
    const chance = (mass) => number(kdExplorer.expected_missing_mass([[mass, 1]], state.n) / mass);
    for (const one of some(teacher)) {
      const many = one.n_alike === 1 ? "1 input" : `${integer(one.n_alike)} inputs`;
      lines.push(row("input", [many], number(one.rho), number(state.n * one.rho), chance(one.rho)));
      const levels = one.levels.map((level, l) => [level, one.sizes[l]]).reverse();
      if (one.n_zeros) levels.push([0, one.n_zeros]);
      const shown = some(levels);
      shown.forEach(([level, size], i) => {
        const labels = [size === 1 ? "1 label" : `${integer(size)} labels`, ...(level ? [bar(level)] : [])];
        if (shown.length < levels.length && i === shown.length - 1) labels.unshift("… ");
        const mass = one.rho * level;
        const line = row("label", labels, number(level), number(state.n * mass), level ? chance(mass) : number(1));
        line.classList.add("kdx-label");
        lines.push(line);
      });
    }
    const left = teacher.length > 4 ? `, for the first three and the last of ${teacher.length} inputs` : "";
    const head = ["Input, and the labels of its row", "Probability of each", "Drawn on average", "Probability to stay unseen"];
    return table([`The teacher, and what ${integer(state.n)} samples show of it${left}`], head, lines);
  }

  const bar = (level) => element("span", { class: "kdx-bar", style: `width:${(6 * level).toFixed(2)}rem`, "aria-hidden": "true" });

  /* ---- the chart ---- */

  /** Return a bound at a point of the curve, null where it does not hold; each input law is made once. */
  function bounded(key, n) {
    const at = kdExplorer.TEACHERS[state.teacher].fixed ? 0 : n;
    if (!curve.laws.has(at)) curve.laws.set(at, kdExplorer.rho_law(kdExplorer.inputs({ ...state, n })));
    const value = attempt(() => boundAt(key, n, curve.laws.get(at)));
    return typeof value === "string" ? null : value;
  }

  /** The bounds that the tables and the file have. */
  const allBounds = () => (isKL() ? Object.keys(kdExplorer.kl_bounds)
    : [...Object.keys(kdExplorer.bounds), ...Object.keys(kdExplorer.top_k_bounds).filter((key) => key.startsWith(state.api))]);

  function shownBounds() {
    if (state.show === "all") return [];
    if (state.show === "bounds") return allBounds();
    const [lower, upper] = boundsOf(state.show);
    return allBounds().filter((key) => key === lower || key === (upper || (state.show === "ce_ptl" ? "theorem_4_4" : "")));
  }

  function drawChart() {
    const width = Math.max(280, Math.min(1000, page.chart.clientWidth || 700));
    const narrow = width < 560;
    const height = narrow ? 270 : 430;
    const beside = state.api === "none" ? [58, 70] : [66, 120]; // room for the names of the curves
    const [left, right, top, bottom] = [narrow ? 42 : 56, width - beside[narrow ? 0 : 1], 24, height - 46];
    const nameOnChart = (learner) => (narrow && STUDENTS[learner].short) || STUDENTS[learner].name;
    const lines = students().map((learner) => [learner, curve.grid.map((n) => [n, curve.risks[learner].get(n)]).filter(([, risk]) => risk > 0 && risk < Infinity)]);
    const positive = lines.flatMap(([, points]) => points.map(([, risk]) => risk));
    const least = Math.max(LOWEST, Math.min(0.05, ...positive));
    const [floor, start, end] = [Math.floor(Math.log10(least) + 1e-9), Math.floor(Math.log10(curve.grid[0] || 1)), 6];
    const x = (n) => left + ((Math.log10(n) - start) / Math.max(1, end - start)) * (right - left);
    const ceiling = Math.max(0, Math.ceil(Math.log10(Math.max(1e-300, ...positive)) - 1e-9)); // above 1 only in KL
    const y = (risk) => top + ((Math.log10(Math.max(risk, 1e-300)) - ceiling) / (floor - ceiling)) * (bottom - top);

    const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-labelledby": "kdx-chart-title" });
    svg.append(element("title", { id: "kdx-chart-title" }, `Expected risk in ${RISKS[state.risk]} against the number of samples, both on logarithmic axes, for ${students().map(called).join(", ")}, with bounds in grey. The tables below have the numbers at n = ${state.n}.`));
    svg.append(element("clipPath", { id: "kdx-clip" }, element("rect", { x: left, y: top - 7, width: right - left, height: bottom - top + 7 })));
    for (let decade = ceiling; decade >= floor; decade--) {
      svg.append(element("line", { class: "kdx-grid", x1: left, x2: right, y1: y(10 ** decade), y2: y(10 ** decade) }));
      svg.append(power(left - 6, y(10 ** decade) + 4, decade, "end"));
    }
    for (let decade = start; decade <= end; decade++) {
      svg.append(element("line", { class: "kdx-grid", x1: x(10 ** decade), x2: x(10 ** decade), y1: top, y2: bottom }));
      svg.append(power(x(10 ** decade), bottom + 18, decade, "middle"));
    }
    svg.append(element("text", { x: (left + right) / 2, y: height - 6, "text-anchor": "middle" }, "samples n"));
    svg.append(element("text", { x: 2, y: 12 }, isKL() ? "expected risk, nats" : "expected risk"));

    svg.append(element("clipPath", { id: "kdx-frame" }, element("rect", { x: left, y: top, width: right - left, height: bottom - top })));
    const plot = element("g", { "clip-path": "url(#kdx-frame)" });
    svg.append(plot);
    const [placed, taken] = [[], []]; // where labels of bounds and of students stand
    const curves = new Map(shownBounds().map((key) => [key, curve.grid.map((n) => [n, bounded(key, n)]).filter(([, value]) => value !== null)]));
    for (const [learner, points] of lines) curves.set(learner, points);
    for (const key of shownBounds()) {
      const points = curves.get(key);
      if (points.length < 2) continue;
      plot.append(element("path", { class: "kdx-bound", d: path(points, x, y) }));
      const visible = points.filter(([n, value]) => value <= 10 ** ceiling && value > 10 ** floor * 1.5 && x(n) < right - 62 && x(n) > left + 8);
      if (!visible.length) continue;
      // a label stands where its line is farthest from all others, and from labels that are there already
      const room = ([n, value]) => {
        const [here, height] = [x(n) + 28, y(value)];
        const others = [...curves].filter(([other]) => other !== key).flatMap(([, some]) => some);
        const near = others.filter(([m]) => Math.abs(x(m) - here) < 45).map(([, risk]) => Math.abs(y(risk) - height + 8));
        const labelled = placed.filter((at) => Math.abs(at.x - x(n)) < 66).map((at) => Math.abs(at.y - height));
        return Math.min(60, ...near, ...labelled);
      };
      const [n, value] = visible.reduce((best, point) => (room(point) > room(best) ? point : best));
      placed.push({ x: x(n), y: y(value) });
      svg.append(element("text", { class: "kdx-bound-label", x: x(n) + 3, y: y(value) - 4 }, BOUNDS[key].short || (narrow ? theorem(key).replace("Theorem ", "") : theorem(key).replace("eorem", "m"))));
    }

    if (state.n >= 10 ** start) {
      svg.append(element("line", { class: "kdx-chosen", x1: x(state.n), x2: x(state.n), y1: top, y2: bottom }));
      const anchor = x(state.n) > right - 60 ? "end" : x(state.n) < left + 90 ? "start" : "middle";
      svg.append(element("text", { class: "kdx-chosen-label", x: x(state.n), y: top - 11, "text-anchor": anchor }, `n = ${integer(state.n)}`));
    }
    const absent = [];
    const labels = [];
    for (const [learner, points] of lines) {
      const tone = isEvery() || state.show === learner ? "" : " kdx-faded";
      const group = element("g", { class: `kdx-line kdx-${learner}${tone}`, "clip-path": "url(#kdx-clip)" });
      const visible = points.filter(([, risk]) => risk >= 10 ** floor);
      if (!visible.length) {
        if (curve.complete) absent.push(learner);
        continue;
      }
      group.append(element("path", { class: "kdx-curve", d: path(points, x, y), "stroke-dasharray": STUDENTS[learner].dashes }));
      visible.filter((_, i) => i % 4 === 0).forEach(([n, risk]) => group.append(marker(learner, x(n), y(risk), 3.6)));
      const chosen = curve.risks[learner].get(state.n);
      if (chosen >= 10 ** floor && state.n >= 10 ** start) {
        const big = marker(learner, x(state.n), y(chosen), 6.5);
        big.classList.add("kdx-big");
        group.append(big);
      }
      svg.append(group);
      const last = visible[visible.length - 1];
      const falls = points.length > visible.length && points[points.length - 1][1] < 10 ** floor;
      labels.push({ learner, tone, falls, x: falls ? x(last[0]) : right, y: falls ? bottom - 12 : y(last[1]) });
    }
    labels.sort((a, b) => a.y - b.y || a.x - b.x);
    for (const label of labels) {
      const at = { x: Math.min(label.x + 8, right + 8), y: label.y + 4 };
      while (taken.some((other) => Math.abs(other.y - at.y) < 15 && Math.abs(other.x - at.x) < beside[1] - 6)) at.y += label.falls ? -15 : 15;
      taken.push(at);
      svg.append(element("text", { class: `kdx-direct kdx-${label.learner}${label.tone}`, x: at.x, y: at.y }, nameOnChart(label.learner)));
    }
    page.chart.replaceChildren(svg);
    const why = (values) => (values.includes(null) ? "no exact formula for these rows" : values.includes(Infinity) ? "its risk is infinite from the first sample on" : "its risk is 0 or below the chart");
    const without = absent.map((learner) => `${called(learner)} (${why([...curve.risks[learner].values()])})`);
    page.absent.textContent = [
      without.length ? `Not on the chart: ${without.join(", ")}.` : "",
      curve.complete ? "" : "The curves are still being computed …",
    ].join(" ").trim();
  }

  function path(points, x, y) {
    return points.map(([n, value], i) => `${i ? "L" : "M"}${x(n).toFixed(1)} ${Math.min(9999, y(value)).toFixed(1)}`).join("");
  }

  function power(x, y, exponent, anchor) {
    if (exponent === 0) return element("text", { x, y, "text-anchor": anchor }, "1");
    const index = element("tspan", { dy: -5, "font-size": "0.78em" }, String(exponent).replace("-", "−"));
    return element("text", { x, y, "text-anchor": anchor }, "10", index);
  }

  function marker(learner, x, y, r) {
    const shapes = {
      ce_sgl: `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`,
      ce_ptl: `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}Z`,
      sel_ptl: `M${x} ${y - 1.2 * r}L${x + 1.15 * r} ${y + 0.85 * r}H${x - 1.15 * r}Z`,
      ce_ful: `M${x} ${y - 1.25 * r}L${x + 1.25 * r} ${y}L${x} ${y + 1.25 * r}L${x - 1.25 * r} ${y}Z`,
      top_matcher: `M${x} ${y + 1.2 * r}L${x + 1.15 * r} ${y - 0.85 * r}H${x - 1.15 * r}Z`,
      top_counter: `M${x - r} ${y - r}l${r} ${0.6 * r}l${r} ${-0.6 * r}l${-0.6 * r} ${r}l${0.6 * r} ${r}l${-r} ${-0.6 * r}l${-r} ${0.6 * r}l${0.6 * r} ${-r}Z`,
      top_renormaliser: `M${x - r} ${y - 0.4 * r}h${2 * r}v${0.8 * r}h${-2 * r}Z`,
    };
    return element("path", { class: "kdx-marker", d: shapes[learner] });
  }

  /* ---- downloads ---- */

  function csv() {
    const keys = allBounds();
    const lines = [["n_samples", ...students(), ...keys].join(",")];
    const cell = (value) => (value === Infinity ? "inf" : value ?? "");
    for (const n of curve.grid) {
      const risks = students().map((learner) => curve.risks[learner].get(n));
      lines.push([n, ...risks, ...keys.map((key) => bounded(key, n))].map(cell).join(","));
    }
    return `${lines.join("\n")}\n`;
  }

  function save() {
    if (!curve.complete) {
      page.notice.textContent = "The curve is not complete yet: ask again when the note under the chart has gone.";
      return;
    }
    page.notice.textContent = "";
    const address = URL.createObjectURL(new Blob([csv()], { type: "text/csv" }));
    element("a", { href: address, download: `risk-${curve.key.replaceAll("|", "-")}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  /* ---- start ---- */

  function open() {
    const [setting, wrong] = fromHash(location.hash);
    state = setting;
    show();
    page.notice.textContent = wrong.join(" ");
    start();
  }

  document.addEventListener("DOMContentLoaded", () => {
    const root = document.getElementById("kd-explorer");
    if (!root) return;
    document.documentElement.classList.add("kdx-live");
    build(root);
    open();
    window.addEventListener("hashchange", open);
  });
})();
