// What a link leads to, shown beside the link while the pointer or the focus rests on it.
(() => {
  "use strict";
  const DELAY = 250; // milliseconds of rest before a preview opens, and before it closes
  const folder = document.currentScript.src.replace(/[^/]*$/, "");
  const page = location.pathname.replace(/.*\//, "") || "index.html";
  let box, anchor, timer, loading;

  // The script of all previews; on disk a page cannot fetch, but it can load a script.
  const load = () =>
    (loading ??= new Promise((resolve) => {
      const script = document.createElement("script");
      script.src = `${folder}previews.js`;
      script.onload = script.onerror = () => resolve();
      document.head.append(script);
    }));

  const key = (link) => {
    const url = new URL(link.href, location.href);
    return `${url.pathname.replace(/.*\//, "") || "index.html"}${decodeURIComponent(url.hash)}`;
  };

  // A figure is shown from the page itself: its drawing is too large to keep twice.
  const figure = (link) => {
    const [where, id] = key(link).split("#");
    const target = where === page && id ? document.getElementById(id) : null;
    return target?.closest("figure") ?? null;
  };

  const content = async (link) => {
    const drawn = figure(link);
    if (drawn) {
      const copy = drawn.cloneNode(true);
      copy.querySelectorAll(".headerlink").forEach((element) => element.remove());
      copy.querySelectorAll(".download").forEach((element) => {
        const after = element.nextSibling;
        if (/^[\s,;.]*$/.test(after?.textContent ?? "-")) after.remove(); // what stood between downloads
        element.remove();
      });
      return copy;
    }
    await load();
    const html = window.kdPreviews?.[key(link)];
    if (!html) return null;
    const made = document.createElement("div");
    made.innerHTML = html;
    return made;
  };

  const close = () => {
    clearTimeout(timer);
    box?.remove();
    box = anchor = undefined;
  };

  const place = () => {
    const link = anchor.getBoundingClientRect();
    const most = Math.max(window.innerHeight - link.bottom, link.top) - 14;
    box.style.maxHeight = `min(${most}px, ${box.querySelector("figure") ? 80 : 50}vh)`;
    const width = box.offsetWidth;
    const left = Math.max(8, Math.min(link.left, document.documentElement.clientWidth - width - 8));
    const below = window.innerHeight - link.bottom;
    const fits = box.offsetHeight + 8 <= below || below > link.top;
    box.style.left = `${left + window.scrollX}px`;
    box.style.top = `${window.scrollY + (fits ? link.bottom + 6 : link.top - box.offsetHeight - 6)}px`;
  };

  const open = async (link) => {
    const inside = await content(link);
    if (!inside || timer === null) return;
    close();
    anchor = link;
    box = document.createElement("div");
    box.className = "preview bd-article";
    box.setAttribute("aria-hidden", "true"); // the link itself leads a screen reader to the text
    box.inert = false;
    box.append(inside);
    box.addEventListener("pointerenter", () => clearTimeout(timer));
    box.addEventListener("pointerleave", () => later(close));
    document.body.append(box);
    place();
    if (window.MathJax?.typesetPromise && !box.querySelector("mjx-container")) {
      await MathJax.typesetPromise([box]);
      if (box) place();
    }
  };

  const later = (action) => {
    clearTimeout(timer);
    timer = setTimeout(action, DELAY);
  };

  const link = (event) => {
    const found = event.target.closest?.("article a[href*='#']");
    return found && !found.matches(".headerlink, .preview a") && !found.closest("nav, svg") ? found : null;
  };

  document.addEventListener("pointerover", (event) => {
    const found = event.pointerType === "touch" ? null : link(event);
    if (found && found !== anchor) later(() => open(found));
  });
  document.addEventListener("pointerout", (event) => {
    if (link(event)) later(close);
  });
  document.addEventListener("focusin", (event) => {
    const found = link(event);
    if (found?.matches(":focus-visible")) later(() => open(found));
  });
  document.addEventListener("focusout", () => later(close));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
})();
