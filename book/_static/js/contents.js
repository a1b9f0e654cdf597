/* Contents at the right: the section that is being read is marked. The theme marks one when its heading comes into view,
   and so none after a jump, and the wrong one on the way up. */
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const contents = document.querySelector("nav.page-toc");
  const links = contents ? [...contents.querySelectorAll("a.nav-link[href^='#']")] : [];
  const sections = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  if (!sections.length || sections.includes(null)) return;
  let asked = false;

  function scrolling(element) {
    while (element !== document.body && !/auto|scroll/.test(getComputedStyle(element).overflowY)) {
      element = element.parentElement;
    }
    return element === document.body ? null : element;
  }
  let box = scrolling(contents);

  function mark() {
    asked = false;
    const line = 0.3 * innerHeight;
    let current = 0;
    sections.forEach((section, number) => {
      if (section.getBoundingClientRect().top <= line) current = number;
    });
    const end = document.documentElement.scrollHeight - innerHeight;
    if (scrollY > 0 && scrollY >= end - 1) current = sections.length - 1; // which may be too short to reach the line
    links.forEach((link, number) => {
      link.classList.toggle("active", number === current);
      if (number === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
    if (!box) return;
    const { top, bottom } = links[current].getBoundingClientRect();
    const { top: first, bottom: last } = box.getBoundingClientRect();
    if (top < first) box.scrollTop -= first - top + 20;
    else if (bottom > last) box.scrollTop += bottom - last + 20;
  }

  addEventListener("scroll", () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(mark);
  }, { passive: true });
  addEventListener("resize", () => (box = scrolling(contents)), { passive: true });
  mark();
});
