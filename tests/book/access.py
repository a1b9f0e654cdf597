"""Accessibility of a page in the browser, by axe-core, of which each look of text is asked about and not each word."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# What axe-core would take minutes to look at and need not: drawings are images, what MathJax draws is hidden from
# assistive technology (its MathML stays, as one element with its text), and of words of code that can be seen three of
# each kind in each colour are enough. Formulas keep their size.
LIGHTEN = """() => {
    const boxes = [...document.querySelectorAll("mjx-math")].map((e) => [e, e.getBoundingClientRect()]);
    const words = [...document.querySelectorAll(".highlight pre span:not(:has(*))")].map((e) => {
        const own = getComputedStyle(e), block = getComputedStyle(e.closest("pre"));
        const look = [e.className, own.color, own.backgroundColor, own.fontWeight, block.backgroundColor, block.color];
        return [e, e.checkVisibility() ? look.join() : "hidden"];
    });
    for (const [e, box] of boxes) {
        e.replaceChildren();
        Object.assign(e.style, {display: "inline-block", width: `${box.width}px`, height: `${box.height}px`});
    }
    for (const e of document.querySelectorAll("mjx-assistive-mml > math")) e.textContent = e.textContent;
    document.querySelectorAll("svg.drawing > :not(title, desc)").forEach((e) => e.remove());
    const seen = {hidden: 3};
    for (const [e, look] of words) {
        seen[look] = (seen[look] ?? 0) + 1;
        if (seen[look] > 3) e.replaceWith(e.textContent);
    }
}"""
# Marks a text of each look for the rules about colours, on three pages; on how many it was is told and returned.
# Alike are texts of one kind of element in one colour, size and weight, where what is around them has the same
# backgrounds and lies in the same layers.
MARK = """(before) => {
    const around = new Map([[null, ""]]);
    const layers = (e) => {
        if (!around.has(e)) {
            const s = getComputedStyle(e);
            const own = [s.backgroundColor, s.backgroundImage, s.opacity, s.position, s.float, s.zIndex, s.filter,
                s.mixBlendMode, s.transform, e.dataset.backgroundColor ?? ""].join();
            const plain = own === "rgba(0, 0, 0, 0),none,1,static,none,auto,none,normal,none,";
            around.set(e, layers(e.parentElement) + (plain ? "" : `|${own}`));
        }
        return around.get(e);
    };
    const seen = {};
    const mark = (name, e, parts) => {
        const look = parts.join();
        if (look in seen || before[look] >= 3) return;
        seen[look] = (before[look] ?? 0) + 1;
        e.setAttribute(name, "");
    };
    for (const name of ["data-look", "data-look-of-link"])
        document.querySelectorAll(`[${name}]`).forEach((e) => e.removeAttribute(name));
    for (const e of document.body.querySelectorAll(":not(svg *)")) {
        const words = [...e.childNodes].some((c) => c.nodeType === Node.TEXT_NODE && c.data.trim());
        const link = e.matches("a[href], [role=link]");
        if (!(words || link || e.matches("input, select, textarea")) || !e.checkVisibility({visibilityProperty: true}))
            continue;
        const s = getComputedStyle(e), above = e.parentElement, p = getComputedStyle(above);
        const look = [e.tagName, s.color, s.fontSize, s.fontWeight, s.textShadow, layers(e)];
        if (link)
            mark("data-look-of-link", e, ["in", above.tagName, p.color, p.fontWeight, s.textDecoration, ...look]);
        if (words || !link) mark("data-look", e, look);
    }
    return seen;
}"""
RUN = """async (options) => {
    axe.configure({rules: [
        {id: "color-contrast", selector: "[data-look]"},
        {id: "link-in-text-block", selector: "[data-look-of-link]"},
    ]});
    const found = await axe.run(document, options);
    return found.violations.flatMap((rule) => rule.nodes.map((node) => [rule.id, node.target[0], node.failureSummary]));
}"""
# Without preload: from disk a page cannot fetch its stylesheets, and the attempt is an error on the console.
ALL = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"], "preload": False}
COLOURS = {**ALL, "rules": {}, "runOnly": ["color-contrast", "link-in-text-block"]}


def violations(page: Page, looks: dict[str, int] | None = None, *, colours_alone: bool = False) -> list[str]:
    """Return what axe-core objects to on a page, which is lightened for it.

    Of colours, one text of each look is asked about, on the first three pages that show it: ``looks`` holds on how many
    it was, by look.
    """
    page.evaluate(LIGHTEN)
    looks = {} if looks is None else looks
    new = page.evaluate(MARK, looks)
    looks |= new
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(RUN, COLOURS if colours_alone else ALL) if new or not colours_alone else []
    return [f"{rule}: {target}: {' '.join(why.split())[:200]}" for rule, target, why in found]
