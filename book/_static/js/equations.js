/* Displayed equations are written with breaks that a phone needs. Where there is room, rows join before they are drawn:
   a row that begins with an operator or an indent goes on in the row above, a left side stands beside its first
   relation, and two rows of one chain become a line. Longer chains keep a row for each relation. */
(() => {
  "use strict";
  const JOIN = 115; // after MathJax has measured the fonts (110) and before it typesets (125)
  const DRAWN = 200;
  const [BINARY, RELATION] = [2, 3]; // classes of operators in TeX
  const ALL = ["continued", "left", "pair"];
  const CHOICES = [ALL, ["continued", "left"], ["continued"], ["left"]]; // the first that fits is taken
  const equations = new Map(); // the box of each equation with something to join: its formula and its layouts

  const cell = (row, column) => row.childNodes[column].childNodes[0]; // the contents, as a row of MathML
  const blank = (node) =>
    node.isKind("mspace") || (!node.isToken && node.childNodes.every(blank)) || (node.isToken && node.getText?.() === "");
  const space = (node) =>
    node.isKind("mspace") ? String(node.attributes.get("width")) : node.isToken ? "" : node.childNodes.map(space).join("");
  const empty = (row, column) => cell(row, column).childNodes.every(blank);

  // What the right part of a row begins with: how many parts that show nothing, and of which kind the first other one is.
  const start = (row) => {
    const parts = cell(row, 1).childNodes;
    const shown = parts.findIndex((node) => !blank(node));
    return shown < 0 ? parts.length : shown;
  };
  const indented = (row) => cell(row, 1).childNodes.slice(0, start(row)).some((node) => /em/.test(space(node)));
  const beginning = (row) => {
    const operator = cell(row, 1).childNodes[start(row)]?.coreMO?.();
    if (!operator?.isKind("mo") || operator.getText() === "") return "other";
    if (operator.texClass === RELATION) return "relation";
    return operator.texClass === BINARY || "+-−±".includes(operator.getText()) ? "operator" : "other";
  };

  // Put the right part of a row behind what another one holds in a column.
  const join = (from, into, column) => {
    const target = cell(into, column);
    target.setChildren([...target.childNodes, ...cell(from, 1).childNodes.slice(start(from))]);
  };
  // A relation at the place of alignment keeps its space: it follows an empty letter.
  const unindent = (row) => {
    cell(row, 1).setChildren([row.factory.create("mi"), ...cell(row, 1).childNodes.slice(start(row))]);
  };

  // The rows of an equation that is nothing but rows with one place of alignment; null for any other.
  const table = (root) => {
    let node = root;
    while (node && !(node.isKind("mtable") && node.childNodes.length > 1)) {
      if (node.childNodes?.length !== 1 || node.isToken) return null;
      node = node.childNodes[0];
    }
    const aligned = node?.attributes.get("columnalign")?.startsWith("right left");
    return aligned && node.childNodes.every((row) => row.isKind("mtr") && row.childNodes.length === 2) ? node : null;
  };

  // Join rows of a copy of an equation; null if there is nothing of these kinds.
  const joined = (root, kinds) => {
    const copy = root.copy();
    const rows = table(copy);
    const before = rows.childNodes.length;
    const goesOn = (row) => empty(row, 0) && (beginning(row) === "operator" || (beginning(row) === "other" && indented(row)));
    const relates = (row) => row && empty(row, 0) && beginning(row) === "relation";
    const leave = (row) => rows.setChildren(rows.childNodes.filter((other) => other !== row));
    if (kinds.includes("continued")) {
      for (const row of rows.childNodes.slice(1).reverse()) {
        if (!goesOn(row)) continue;
        join(row, rows.childNodes[rows.childNodes.indexOf(row) - 1], 1);
        leave(row);
      }
    }
    if (kinds.includes("left")) {
      for (const [place, row] of [...rows.childNodes.entries()].reverse()) {
        const next = rows.childNodes[place + 1];
        if (!empty(row, 0) || beginning(row) === "relation" || !relates(next)) continue;
        join(row, next, 0);
        for (let i = place + 1; relates(rows.childNodes[i]) || i === place + 1; i++) unindent(rows.childNodes[i]);
        leave(row);
      }
    }
    if (kinds.includes("pair")) {
      const begins = rows.childNodes.flatMap((row, place) => (relates(row) ? [] : [place]));
      begins.reverse().forEach((place, i) => {
        const end = i ? begins[i - 1] : rows.childNodes.length;
        if (end - place !== 2) return;
        join(rows.childNodes[place + 1], rows.childNodes[place], 1);
        leave(rows.childNodes[place + 1]);
      });
    }
    if (rows.childNodes.length === before) return null;
    // A copy forgets that \log is an operator.
    copy.walkTree((node) => (node.texClass = node.getProperty?.("texClass") ?? node.texClass));
    copy.setInheritedAttributes({}, true, 0, false);
    return copy;
  };

  // How wide an equation may be, in its letters' size; 0 while it is hidden. Before it is drawn, its number is known.
  const room = (box) => {
    const [drawn, number] = ["mjx-container", ".eqno"].map((part) => box.querySelector(`:scope > ${part}`));
    const size = parseFloat(getComputedStyle(box).fontSize);
    const taken = number ? number.getBoundingClientRect().width + size / 2 : 0;
    return Math.max(0, (drawn ? drawn.clientWidth : box.clientWidth - taken) - 1) / size;
  };

  const layout = (item, document, layouts, width) => {
    for (const one of layouts) {
      one.width ??= one.measure(item, document);
      if (one.width <= width) return one.root;
    }
    return layouts.at(-1).root;
  };
  const measure = (root) => (item, document) => {
    const before = item.root;
    const output = document.outputJax;
    item.root = root;
    output.setDocument(document);
    output.container = output.createNode(); // where letters that no font of MathJax has are measured
    output.pxPerEm = item.metrics.ex / output.font.params.x_height;
    output.math = item;
    output.setScale(output.container);
    const { w } = output.getBBox(item, document);
    item.root = before;
    return w * item.metrics.scale;
  };

  const fit = (boxes, rooms) =>
    boxes.forEach((box, i) => {
      const { item, layouts } = equations.get(box);
      const root = layout(item, MathJax.startup.document, layouts, rooms[i]);
      if (root === item.root || item.state() < DRAWN) return;
      item.root = root;
      item.rerender(MathJax.startup.document);
    });
  let printing = false;
  const follow = (boxes) => {
    const shown = printing ? [] : boxes.filter((box) => box.clientWidth);
    fit(shown, shown.map(room));
  };
  // The size of a box changes with the window, and when the fold around it opens.
  const observer = new ResizeObserver((entries) => follow(entries.map(({ target }) => target)));
  const print = (now) => {
    const boxes = [...equations.keys()];
    printing = now && !document.querySelector(".slides");
    if (printing) fit(boxes, boxes.map(() => 0)); // paper is narrow
    else follow(boxes);
  };

  const prepare = (document) => {
    const found = [];
    for (const item of document.math) {
      const box = item.display && item.start.node?.parentElement?.closest(":is(article, .slides) div.math");
      if (!box || item.state() >= JOIN || !table(item.root)) continue;
      const roots = CHOICES.map((kinds) => joined(item.root, kinds)).filter(Boolean);
      if (!roots.length) continue;
      const layouts = roots.map((root) => ({ root, measure: measure(root) }));
      layouts.push({ root: item.root, width: 0 });
      equations.set(box, { item, layouts });
      observer.observe(box);
      found.push(box);
    }
    const rooms = found.map(room); // all before the first is measured: one layout of the page
    found.forEach((box, i) => {
      const { item, layouts } = equations.get(box);
      item.root = layout(item, document, layouts, rooms[i]);
    });
  };

  if (window.MathJax) ((window.MathJax.options ??= {}).renderActions ??= {}).joinRows = [JOIN, prepare, ""];
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
})();
