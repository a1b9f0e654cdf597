"""Every handout opened in Jupyter, in Chromium, as participants do; both workshops are run and answered there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from kdbook.course import handout
from kdbook.execution import notebooks
from kdbook.project import Project
from tests.book.browser import Visit, left_over_in
from tests.committed import HANDED_OUT, PROJECT
from tests.labels import unnumbered

NAMES = [chapter.name for chapter in HANDED_OUT]
WHO = (handout.STUDENT, handout.TEACHER)
# A role whose backticks Jupyter took for those of code.
ROLE = re.compile(r"\{(?:[a-z]+:)?(?:cite\S*|doc|eq|exercise|glue|numref|ref|term|text)\}\S+")
# What can be drawn wrongly: commands of TeX, marks of Markdown, HTML, roles, letters that are not ASCII.
CONSTRUCT = re.compile(
    r"\\[A-Za-z]+|\\.|^ *(?:[-*+]|\d+\.|#+|>+|\||```+\S*|~~~|\$\$)|!\[|\]\([^)]{0,6}"
    r"|</?\w+|\{[a-z:]+\}`|\*\*|__|`|[^\x00-\x7f]|\$",
    re.MULTILINE,
)
# Jupyter draws the cells in view only; the tests look at all of them.
TRACKER = Path("@jupyterlab") / "notebook-extension" / "tracker.jupyterlab-settings"


class Jupyter:
    """A server of notebooks in a folder, and a browser's window on it."""

    def __init__(self, folder, address, token, context):
        self.folder, self.address, self.token = folder, address, token
        self.visit = Visit(context.new_page())
        self.page = self.visit.page

    def open(self, path):
        """Open a notebook, wait until all of its text is drawn, and return it as it lies in the folder."""
        notebook = notebooks.read(self.folder / path)
        self.visit.requests.clear()
        self.page.goto(f"{self.address}notebooks/{path}?token={self.token}")
        texts = sum(cell.cell_type == "markdown" for cell in notebook.cells)
        drawn = "document.querySelectorAll('.jp-MarkdownCell.jp-mod-rendered .jp-RenderedMarkdown:not(:empty)').length"
        self.wait_until(f"{drawn} >= {texts}")
        formulas = "[...document.querySelectorAll('.jp-MarkdownCell .jp-RenderedMarkdown')]"
        self.wait_until(f"!{formulas}.some(text => /\\$\\S/.test(text.textContent))")
        return notebook

    def wait_until(self, what, arg=None):
        """Wait until something holds on the page; it is asked now and then, as each look at a long page takes long."""
        self.page.wait_for_function(what, arg=arg, timeout=300_000, polling=250)

    def wait_for_kernel(self):
        """Wait until the notebook's kernel has nothing to do: what the menu starts before that may be lost."""
        kernels, headers = f"{self.address}api/kernels", {"Authorization": f"token {self.token}"}
        until = time.monotonic() + 60
        while [kernel["execution_state"] for kernel in self.page.request.get(kernels, headers=headers).json()] != [
            "idle"
        ]:
            assert time.monotonic() < until
            self.page.wait_for_timeout(100)

    def run_all(self):
        """Run all cells by the menu, until each has a number."""
        self.wait_for_kernel()
        self.page.get_by_role("menuitem", name="Run", exact=True).first.click()
        self.page.get_by_text("Run All Cells", exact=True).first.click()
        prompts = "[...document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt')]"
        self.wait_until(f"{prompts}.every(prompt => /\\d/.test(prompt.textContent))")

    def answer(self, number, source):
        """Type a text in place of a cell's, run it, wait for its new number, and return what is shown below."""
        cell = self.cell(number)
        prompt = cell.locator(".jp-InputArea-prompt")
        before = prompt.text_content()
        cell.locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Control+Enter")
        is_new = "([prompt, before]) => /\\d/.test(prompt.textContent) && prompt.textContent !== before"
        self.wait_until(is_new, [prompt.element_handle(), before])
        return self.shown_below(number)

    def cell(self, number):
        return self.page.locator(".jp-Cell").nth(number)

    def shown_below(self, number):
        return "\n".join(self.cell(number).locator(".jp-OutputArea-output").all_inner_texts())

    def stop_kernels(self):
        sessions, headers = f"{self.address}api/sessions", {"Authorization": f"token {self.token}"}
        for session in self.page.request.get(sessions, headers=headers).json():
            self.page.request.delete(f"{sessions}/{session['id']}", headers=headers)


@pytest.fixture(scope="module")
def jupyter(browser, tmp_path_factory):
    made = handout.write_handout(Project(PROJECT.root, tmp_path_factory.mktemp("made")), unnumbered(PROJECT))
    home = tmp_path_factory.mktemp("home")
    settings = home / "settings" / TRACKER
    settings.parent.mkdir(parents=True)
    settings.write_text('{"windowingMode": "none"}')
    own = {"HOME": home, "IPYTHONDIR": home / "ipython", "JUPYTERLAB_SETTINGS_DIR": home / "settings"}
    own |= {f"JUPYTER_{kind}_DIR": home / kind.lower() for kind in ("CONFIG", "DATA", "RUNTIME")}
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "notebook", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root"],
            cwd=made,
            env=os.environ | {key: str(value) for key, value in own.items()},
            stdout=log,
            stderr=log,
        )
    try:
        until = time.monotonic() + 60
        while not (found := [path for path in (home / "runtime").glob("jpserver-*.json") if path.stat().st_size]):
            assert server.poll() is None, (home / "log").read_text()
            assert time.monotonic() < until, (home / "log").read_text()
            time.sleep(0.1)
        said = json.loads(found[0].read_text())
        context = browser.new_context(viewport={"width": 1300, "height": 1000})
        jupyter = Jupyter(made, f"http://127.0.0.1:{said['port']}/", said["token"], context)
        yield jupyter
        jupyter.stop_kernels()
    finally:
        server.terminate()
        server.wait(60)


def is_drawn(jupyter, path):
    """Open a notebook: all of its cells are there, formulas are typeset, pictures shown, and nothing came from afar."""
    notebook = jupyter.open(path)
    page = jupyter.page
    assert page.locator(".jp-Cell").count() == len(notebook.cells)
    assert page.locator("mjx-container").count() > 0
    assert page.locator("mjx-merror").all_inner_texts() == []
    broken = "i => !i.complete || i.naturalWidth === 0"
    assert page.evaluate(f"[...document.querySelectorAll('.jp-Notebook img')].filter({broken}).map(i => i.src)") == []
    text = "\n".join(page.locator(".jp-MarkdownCell .jp-RenderedMarkdown").all_inner_texts())
    assert left_over_in(text) == []
    assert ROLE.findall(text) == []
    assert jupyter.visit.remote() == []
    jupyter.stop_kernels()


def joined(cells):
    """Join texts to cells of at most twenty: an editor for each takes longer than drawing it.

    A comment ends what a text leaves open, such as a list. Different pictures of one name come in different cells.
    """
    end, made = "\n\n<!-- -->\n\n", []
    for cell in cells:
        pictures = cell.get("attachments", {})
        others = made[-1].attachments if made else {}
        if not made or made[-1].source.count(end) == 20 or any(others.get(n, p) != p for n, p in pictures.items()):
            made.append(new_markdown_cell(attachments=NotebookNode()))
        made[-1].source += cell.source + end
        made[-1].attachments |= pictures
    return made


def enough(cells):
    """Choose from cells, the short ones first, those with a construct that no chosen one has, or a picture."""
    seen, chosen = set(), []
    for cell in sorted(cells, key=lambda cell: len(cell.source)):
        constructs = {found.strip() for found in CONSTRUCT.findall(cell.source)}
        if cell.get("attachments") or constructs - seen:
            seen |= constructs
            chosen.append(cell)
    return chosen


def test_all_that_texts_of_the_handouts_are_made_of_is_drawn_in_jupyter_without_a_network(jupyter):
    """Texts of all notebooks come in one; the slow test draws each handout whole."""
    cells = {}
    for name in NAMES:
        for who in WHO:
            notebook = notebooks.read(jupyter.folder / who / f"{name}.ipynb")
            for cell in notebook.cells:
                if cell.cell_type == "markdown":
                    cells.setdefault(json.dumps([cell.source, cell.get("attachments")]), cell)
    notebook.cells = joined(enough(cells.values()))
    path = f"{handout.TEACHER}/all.ipynb"  # where the pictures are that it refers to
    (jupyter.folder / path).write_text(notebooks.to_text(notebook), encoding="utf-8")
    is_drawn(jupyter, path)


@pytest.mark.slow
@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("name", NAMES)
def test_a_handout_is_drawn_in_jupyter_without_a_network(jupyter, who, name):
    is_drawn(jupyter, f"{who}/{name}.ipynb")


def numbered(notebook, tag):
    """The numbers of the code cells with a tag."""
    return [
        i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and tag in cell.metadata.get("tags", [])
    ]


@pytest.mark.parametrize("name", ["workshop-1", pytest.param("workshop-2", marks=pytest.mark.slow)])
def test_a_participant_runs_a_workshop_is_told_what_is_missing_and_answers(jupyter, name):
    solved = notebooks.read(jupyter.folder / handout.TEACHER / f"{name}.ipynb")
    solutions = [
        solved.cells[i].source for i in numbered(solved, handout.SOLUTION) if "kd.check(" in solved.cells[i].source
    ]
    notebook = jupyter.open(f"{handout.STUDENT}/{name}.ipynb")
    blanks = numbered(notebook, handout.BLANK)
    assert len(blanks) == len(solutions) >= 4
    jupyter.run_all()
    for blank in blanks:
        assert "not answered yet" in jupyter.shown_below(blank)
    wrong = jupyter.page.locator(".jp-OutputArea-output[data-mime-type$='error']")
    assert wrong.all_inner_texts() == []
    if name == "workshop-1":
        assert "✗" in jupyter.answer(blanks[0], 'my_pi = np.full((3, 4), 1 / 4)\nkd.check("ex-ws1-1", my_pi)')
    for blank, solution in zip(blanks, solutions, strict=True):
        shown = jupyter.answer(blank, solution)
        assert shown.count("✓ right") == solution.count("kd.check("), shown
    assert jupyter.visit.remote() == []
    jupyter.stop_kernels()
