"""Accessibility of a page in the browser, by axe-core, of which each look of text is asked about and not each word."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# What axe-core would take minutes to look at and need not: drawings are images, what MathJax draws is hidden
# from assistive technology (its MathML stays, as one element with its text), and three formulas of each kind in lines,
# three functions, three classes and so on of those that are documented, and of words of code that can be seen three of
# each kind in each colour, are enough: of the others text or a space of the same size stays, or nothing.
LIGHTEN = """() => {
    const seen = {hidden: 3};
    const enough = (look) => (seen[look] = (seen[look] ?? 0) + 1) > 3;
    for (const e of document.querySelectorAll("dl.py"))
        if (enough(`${e.className} in ${e.parentElement.closest("dl.py")?.className}`)) e.remove();
    const boxes = [...document.querySelectorAll("mjx-math")].map((e) => [e, e.getBoundingClientRect()]);
    const words = [...document.querySelectorAll(":is(.highlight pre, code, .sig) span:not(:has(*))")].map((e) => {
        const own = getComputedStyle(e), block = getComputedStyle(e.closest("pre, code, .sig"));
        const look = [e.className, own.color, own.backgroundColor, own.fontWeight, block.backgroundColor, block.color];
        return [e, e.checkVisibility() ? look.join() : "hidden"];
    });
    for (const [e, box] of boxes) {
        const formula = e.closest("span.math > mjx-container"), around = e.closest("a, button, label, summary");
        const kind = [formula?.getAttributeNames(), around?.tagName, around?.className];
        const isMore = formula && enough(kind.join());
        const space = isMore ? formula.parentElement : e;
        if (isMore && box.width < 120) {
            const whole = space.parentElement.matches("span.with-punctuation") ? space.parentElement : space;
            space.replaceWith("n".repeat(Math.ceil(box.width / 9)));
            if (whole !== space) whole.replaceWith(whole.textContent);
            continue;
        }
        space.replaceChildren();
        Object.assign(space.style, {display: "inline-block", width: `${box.width}px`, height: `${box.height}px`});
    }
    for (const e of document.querySelectorAll("mjx-assistive-mml > math")) e.textContent = e.textContent;
    document.querySelectorAll("svg.drawing > :not(title, desc)").forEach((e) => e.remove());
    const shapes = "svg :is(path, rect, line, circle):not([role], [tabindex], a *)";
    document.querySelectorAll(shapes).forEach((e) => e.remove());
    for (const [e, look] of words) if (enough(look)) e.replaceWith(e.textContent);
}"""
# Marks a text of each look for the rules about colours, and three things to press of each look for the rule about their
# size, where the page is the first with that look; looks that were seen are told, new ones returned.
# Alike are texts of one kind of element in one colour, size and weight, where what is around them has the same
# backgrounds and lies in the same layers; and things to press of one kind, class and size at one distance from the one
# before, which are smaller than 24 pixels and no words of a sentence.
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
    const mark = (name, e, parts, most = 1) => {
        const look = parts.join();
        if (look in before || seen[look] >= most) return;
        seen[look] = (seen[look] ?? 0) + 1;
        e.setAttribute(name, "");
    };
    for (const name of ["data-look", "data-look-of-link", "data-look-of-target"])
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
    let last = {bottom: 0, right: 0};
    const target = "a[href], button, input, select, textarea, summary, [tabindex], [role]";
    for (const e of document.querySelectorAll(target)) {
        const box = e.getBoundingClientRect(), above = e.parentElement;
        if (!box.width || !above || (box.width >= 24 && box.height >= 24)) continue;
        if (getComputedStyle(e).display === "inline" && above.textContent.length > e.textContent.length + 20) continue;
        const parts = [box.width, box.height, box.top - last.bottom, box.left - last.right].map(
            (x) => 4 * Math.round(Math.max(-24, Math.min(24, x)) / 4));
        mark("data-look-of-target", e, [e.tagName, e.className, above.tagName, above.className, ...parts], 3);
        last = box;
    }
    return seen;
}"""
# What holds no marked text is an empty box of its size meanwhile: rules about colours look at everything on a page.
# Returns whether any text is marked.
EMPTY = """() => {
    const needed = new Set();
    for (let e of document.querySelectorAll("[data-look], [data-look-of-link]"))
        for (; e && !needed.has(e); e = e.parentElement) needed.add(e);
    if (!needed.size) return false;
    const others = [...document.body.querySelectorAll("*")].filter(
        (e) => e instanceof HTMLElement && !needed.has(e) && needed.has(e.parentElement) && e.childNodes.length);
    const before = others.map((e) => [e, e.getBoundingClientRect(), getComputedStyle(e).display]);
    window.emptied = before.map(([e, {width, height}, display]) => {
        const kept = [e, e.getAttribute("style"), [...e.childNodes]];
        e.replaceChildren();
        const size = {boxSizing: "border-box", width: `${width}px`, minHeight: `${height}px`};
        if (display === "inline") size.display = "inline-block";
        Object.assign(e.style, size);
        return kept;
    });
    return true;
}"""
FILL = """() => {
    for (const [e, style, children] of window.emptied) {
        if (style === null) e.removeAttribute("style");
        else e.setAttribute("style", style);
        e.append(...children);
    }
}"""
RUN = """async (options) => {
    axe.configure({rules: [
        {id: "color-contrast", selector: "[data-look]"},
        {id: "link-in-text-block", selector: "[data-look-of-link]"},
        {id: "target-size", selector: "[data-look-of-target]"},
    ]});
    const found = await axe.run(document, options);
    return found.violations.flatMap((rule) => rule.nodes.map((node) => [rule.id, node.target[0], node.failureSummary]));
}"""
# Without preload: from disk a page cannot fetch its stylesheets, and the attempt is an error on the console.
ALL = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"], "preload": False}
COLOURS = {**ALL, "rules": {}, "runOnly": ["color-contrast", "link-in-text-block"]}


def violations(page: Page, looks: dict[str, int] | None = None, *, colours_alone: bool = False) -> list[str]:
    """Return what axe-core objects to on a page, which is lightened for it.

    Of colours, one text of each look is asked about, on the first page that shows it: ``looks`` holds the looks that
    were seen. They alone are asked about after all else was, of the same page in other colours.
    """
    if not colours_alone:
        page.evaluate(LIGHTEN)
    looks = {} if looks is None else looks
    new = page.evaluate(MARK, looks)
    looks.update(new)
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    if not colours_alone:
        found = page.evaluate(RUN, ALL)
    elif page.evaluate(EMPTY):
        found = page.evaluate(RUN, COLOURS)
        page.evaluate(FILL)
    else:
        found = []
    return [f"{rule}: {target}: {' '.join(why.split())[:200]}" for rule, target, why in found]
