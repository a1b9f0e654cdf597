/* The page of the search. Sphinx asks its index for words as properties, of which every object has some: "constructor"
   is none of its words. And lines of a page that hold the words are shown as the result comes into view, each page read
   once; from disk, a page may not read the others. */
document.addEventListener("DOMContentLoaded", () => { // before Sphinx's own, whose script comes later
  "use strict";
  const results = document.getElementById("search-results");
  if (!results || typeof Search === "undefined") return;
  const plain = { __proto__: null, hasOwnProperty: Object.prototype.hasOwnProperty };
  for (const words of [Search._index?.terms, Search._index?.titleterms]) {
    if (words) Object.setPrototypeOf(words, plain);
  }
  if (!location.protocol.startsWith("http")) return;
  const query = new URLSearchParams(location.search).get("q") ?? "";
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const pages = new Map();

  async function read(address) {
    const answer = await fetch(address);
    const page = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html");
    for (const left of page.querySelectorAll(".headerlink, script, style, pre, div.math, .uses")) left.remove();
    for (const formula of page.querySelectorAll(".math")) formula.textContent = "…";
    return page;
  }

  function excerpt(page, anchor) {
    let place = anchor ? page.getElementById(decodeURIComponent(anchor.slice(1))) : null;
    if (place?.matches("dt")) place = place.nextElementSibling;
    else if (place && place.textContent.trim() === "") place = place.closest("section");
    const text = (place ?? page.querySelector("[role='main']"))?.textContent.replace(/\s+/g, " ").trim() ?? "";
    const lower = text.toLowerCase();
    const found = [query.toLowerCase().trim(), ...words].map((word) => lower.indexOf(word)).find((at) => at >= 0) ?? 0;
    const from = found <= 120 ? 0 : text.indexOf(" ", found - 120) + 1;
    const to = from + 240 < text.length ? text.lastIndexOf(" ", from + 240) : text.length;
    return `${from ? "… " : ""}${text.slice(from, to)}${to < text.length ? " …" : ""}`;
  }

  const seen = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const link = target.querySelector("a");
      if (!isIntersecting || !link) continue;
      seen.unobserve(target);
      const { origin, pathname, hash } = new URL(link.href);
      if (!pages.has(pathname)) pages.set(pathname, read(origin + pathname));
      pages.get(pathname).then((page) => {
        const lines = document.createElement("p");
        lines.className = "context";
        lines.textContent = excerpt(page, hash);
        target.append(lines);
      }, () => {}); // without a network there are results, and no excerpts
    }
  });
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) {
      for (const item of addedNodes) if (item instanceof HTMLLIElement) seen.observe(item);
    }
  }).observe(results, { childList: true, subtree: true });
});
