/* Questions that check themselves (kdbook/sphinx_ext/quiz.py). Without this script, and in the PDF, the answers are in a fold. */
(() => {
  "use strict";

  const KEY = `kd-quiz:${window.location.pathname}`;

  function element(tag, className, text = "") {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text;
    return made;
  }

  /* What was chosen on this page: by question, the first try and the answers chosen now. A file may be refused a store. */
  const store = {
    read() {
      try {
        return JSON.parse(window.sessionStorage.getItem(KEY)) ?? {};
      } catch {
        return {};
      }
    },
    write(state) {
      try {
        window.sessionStorage.setItem(KEY, JSON.stringify(state));
      } catch { /* the state is kept until the page is closed */ }
    },
  };

  function prepare(quiz, state, changed) {
    const several = "several" in quiz.dataset;
    const key = quiz.querySelector(".quiz-key");
    const reasons = [...key.querySelectorAll(".quiz-reasons > li")];
    const right = reasons.map((reason) => "right" in reason.dataset);
    const held = element("div", "quiz-held"); // feedback that is not shown, where MathJax finds it
    const verdict = element("p", "quiz-verdict quiz-whole");
    verdict.setAttribute("aria-live", "polite");

    const answers = [...quiz.querySelectorAll(".quiz-answers > li")].map((item, place) => {
      const label = element("label", "quiz-label");
      const input = element("input", "quiz-input");
      input.type = several ? "checkbox" : "radio";
      input.name = quiz.id;
      label.append(input, element("span", "quiz-letter", String.fromCharCode(65 + place)), ...item.childNodes);
      const said = element("div", "quiz-said");
      said.setAttribute("aria-live", "polite");
      const reason = element("div", `quiz-reason ${right[place] ? "is-right" : "is-wrong"}`);
      reason.append(...reasons[place].childNodes);
      held.append(reason);
      item.append(label, said);
      return { input, said, reason };
    });

    function show(places) {
      answers.forEach(({ said, reason }, place) => {
        const place_of = places.includes(place) ? said : held;
        if (reason.parentNode !== place_of) place_of.append(reason);
      });
    }

    const chosen = () => answers.flatMap(({ input }, place) => (input.checked ? [place] : []));

    function isRight(places) {
      return several ? right.every((is, place) => is === places.includes(place)) : right[places[0]];
    }

    function judge(places) {
      show(places);
      if (!several) return;
      const missing = right.filter((is, place) => is && !places.includes(place)).length;
      const wrong = places.some((place) => !right[place]);
      if (isRight(places)) verdict.textContent = "Right: these, and no others.";
      else if (missing) verdict.textContent = `Not right${wrong ? ", and" : ":"} ${missing} right ${missing > 1 ? "answers are" : "answer is"} missing.`;
      else verdict.textContent = "Not right: you chose too many.";
    }

    function answer() {
      const places = chosen();
      judge(places);
      state[quiz.id] = { first: state[quiz.id]?.first ?? isRight(places), places };
      changed();
    }

    /* Arrow keys move without choosing: to reach the third answer is not to give the first two. */
    function move(event) {
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      const place = answers.findIndex(({ input }) => input === event.target);
      if (!step || place < 0) return;
      event.preventDefault();
      answers[(place + step + answers.length) % answers.length].input.focus();
    }

    quiz.querySelector(".quiz-answers").addEventListener("keydown", move);
    if (several) {
      const check = element("button", "quiz-button", "Check");
      check.type = "button";
      check.addEventListener("click", () => {
        if (chosen().length) answer();
        else verdict.textContent = "Choose at least one answer.";
      });
      quiz.addEventListener("change", () => {
        show([]);
        verdict.textContent = "";
      });
      key.before(check, verdict);
    } else quiz.addEventListener("change", answer);
    key.replaceWith(held);
    quiz.classList.add("is-live");

    const places = (state[quiz.id]?.places ?? []).filter((place) => answers[place]);
    if (places.length) {
      places.forEach((place) => { answers[place].input.checked = true; });
      judge(places);
    }

    return {
      clear() {
        answers.forEach(({ input }) => { input.checked = false; });
        show([]);
        verdict.textContent = "";
      },
      focus: () => answers[0].input.focus(),
      /* On paper the questions come first: the feedback goes into the list of answers at the end, and back. */
      toPaper(list) {
        const entry = element("li", "quiz-entry");
        entry.append(...answers.map(({ reason }, place) => {
          const line = element("div", "quiz-line");
          line.append(element("span", "quiz-letter", String.fromCharCode(65 + place)), reason);
          return line;
        }));
        list.append(entry);
      },
      fromPaper: () => show(state[quiz.id]?.places ?? []),
    };
  }

  function start() {
    const found = [...document.querySelectorAll("fieldset.quiz")];
    if (!found.length) return;
    const state = store.read();
    const score = element("div", "quiz-score");
    const line = element("p", "quiz-points");
    const again = element("button", "quiz-button", "Start again");
    const paper = element("ol", "quiz-paper");
    again.type = "button";

    function count() {
      const firsts = found.flatMap(({ id }) => (state[id] ? [state[id].first] : []));
      const left = found.length - firsts.length;
      const rest = left ? `, ${left} not answered yet` : "";
      line.textContent = `${firsts.filter(Boolean).length} of ${found.length} right at the first try${rest}.`;
    }

    const quizzes = found.map((quiz) => prepare(quiz, state, () => {
      store.write(state);
      count();
    }));
    again.addEventListener("click", () => {
      for (const id of Object.keys(state)) delete state[id];
      store.write(state);
      quizzes.forEach((quiz) => quiz.clear());
      count();
      quizzes[0].focus();
    });
    window.addEventListener("beforeprint", () => quizzes.forEach((quiz) => quiz.toPaper(paper)));
    window.addEventListener("afterprint", () => {
      quizzes.forEach((quiz) => quiz.fromPaper());
      paper.replaceChildren();
    });
    count();
    score.append(line, again);
    found.at(-1).after(score, paper);

    /* A formula in an answer is part of what one taps, not a stop of the Tab key. */
    window.addEventListener("load", () => window.MathJax?.startup?.promise?.then(() => {
      document.querySelectorAll(".quiz-label mjx-container[tabindex]").forEach((formula) => formula.removeAttribute("tabindex"));
    }));
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
