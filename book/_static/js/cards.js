/* Wide tables on a phone: a card for each column (.cards-by-column) or for each row (.cards-by-row), css/cards.css. Each
   cell is told the words of its row or column, which the table shows only once. Tables stay tables for screen readers. */
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const words = (cell) => cell.textContent.trim();
  for (const table of document.querySelectorAll(".cards-by-column table, .cards-by-row table")) {
    const byRow = Boolean(table.closest(".cards-by-row"));
    const heads = [...table.querySelectorAll("thead th")].map(words);
    for (const row of table.querySelectorAll("tbody tr")) {
      [...row.cells].forEach((cell, place) => {
        cell.dataset.label = byRow ? heads[place] : words(row.cells[0]);
        if (!byRow) cell.style.order = place;
      });
    }
    if (!byRow) [...table.querySelectorAll("thead th")].forEach((head, place) => { head.style.order = place; });
    for (const part of [table, ...table.querySelectorAll("thead, tbody, tr, th, td")]) { // which other looks would take away
      const role = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TH: "columnheader", TD: "cell" }[part.tagName];
      part.setAttribute("role", part.tagName === "TH" && part.closest("tbody") ? "rowheader" : role);
    }
    table.classList.add("has-cards");
  }
});
