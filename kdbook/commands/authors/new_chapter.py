"""``kdcore new-chapter``: a chapter to begin with, listed in the book."""

from __future__ import annotations

import argparse
import keyword
import re
from pathlib import Path
from typing import Any

from kdbook.arguments import page_of, title_of
from kdbook.commands.authors.contents import with_page
from kdbook.course import skeleton
from kdbook.execution import notebooks
from kdbook.files import write_atomic
from kdbook.markup import myst
from kdbook.markup.elements import Directive, Equation, Target
from kdbook.project import BookError, Project
from kdbook.sphinx_ext.statements import listed

NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST = 40
MADE = ("genindex", "search")
"""Pages that Sphinx makes itself."""
RESERVED = ("con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)))
"""What no file can be called on Windows, whatever its ending."""
CHECKERS, WRONG = Path("kdbook/checkers/by_chapter"), Path("tests/kdbook/checkers/wrong")
EXAMPLES = """\
example:
  kdcore new-chapter label-noise --title "Noisy labels" --after soft-labels
"""


def add_new_chapter(commands: Any) -> None:
    """Add the command to the parser's sub-commands."""
    parser = commands.add_parser(
        "new-chapter",
        help="write a chapter to begin with, and list it in _toc.yml",
        description="Write book/NAME.ipynb, a chapter that builds and has one of each thing that a chapter has, with "
        "words on what goes there; in a checkout of the project also checkers for its exercise with code. "
        "What is there already is never changed, but for a line in _toc.yml and one in statements.yml.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", metavar="NAME", help="lower-case letters, digits and hyphens, as in hard-labels")
    parser.add_argument("--title", metavar="TITLE", help="its heading (default: NAME in words)")
    parser.add_argument(
        "--after",
        metavar="CHAPTER",
        help="the page that it follows (default: the end of the part with the last numbered chapter)",
    )
    parser.set_defaults(run=_new_chapter)


def _new_chapter(options: argparse.Namespace) -> int:
    project = Project.find(options.project)
    name = options.name
    _check_name(project, name)
    title = title_of(options.title, name.replace("-", " ").capitalize())
    after = _after(project, options.after)
    module = f"{skeleton.prefix(name)}.py"
    files = {project.book / f"{name}.ipynb": ""}
    if checked := all((project.root / folder).is_dir() for folder in (CHECKERS, WRONG)):
        files[project.root / CHECKERS / module] = skeleton.checkers(name)
        files[project.root / WRONG / module] = skeleton.wrong(name)
    files[project.book / f"{name}.ipynb"] = notebooks.to_text(skeleton.notebook(name, title, checked))
    for path in files:
        if path.exists():
            raise BookError(f"{path} exists: give the chapter another name, got {name!r}")
    _check_labels(project, name)
    contents = with_page(project, name, after)
    statements = project.book / listed.FILE
    stated = f"{statements.read_text(encoding='utf-8').rstrip()}\n" if statements.is_file() else ""
    _write(files)
    write_atomic(project.root / "_toc.yml", contents)
    if stated:
        write_atomic(statements, stated + skeleton.statement(name, title))
    _tell(project, name, after, list(files), checked)
    if stated:
        print(f"      move the last line of book/{listed.FILE}, its statement, to those of the chapters around it")
    return 0


def _check_name(project: Project, name: str) -> None:
    rule = (
        f"a chapter's name has at most {LONGEST} lower-case letters, digits and single hyphens and begins with a "
        "letter, as in 'hard-labels'"
    )
    if not NAME.fullmatch(name) or len(name) > LONGEST:
        raise BookError(f"{rule}: got {name!r}")
    if keyword.iskeyword(skeleton.prefix(name)):
        raise BookError(f"a module of checkers cannot be called as a word of Python is: got {name!r}")
    if name in RESERVED or skeleton.prefix(name) in RESERVED:
        reserved = f"{', '.join(RESERVED[:4])}, com1 to com9, lpt1 to lpt9"
        raise BookError(f"Windows has no files called {reserved}: got {name!r}")
    if name in MADE:
        raise BookError(f"Sphinx makes the pages {', '.join(MADE)} itself: got {name!r}")
    for path in (project.book / f"{name}.ipynb", project.book / f"{name}.md"):
        if path.exists():
            raise BookError(f"the book has a page {name!r} already: {path}")


def _check_labels(project: Project, name: str) -> None:
    """Refuse a name whose labels stand on another page."""
    wanted = set(skeleton.labels(name))
    for path in sorted(p for p in project.book.iterdir() if p.suffix in (".ipynb", ".md")):
        text = path.read_text(encoding="utf-8")
        if not any(label in text for label in wanted):  # most pages need not be parsed
            continue
        prose = [text]
        if path.suffix == ".ipynb":
            prose = [cell.source for cell in notebooks.read(path).cells if cell.cell_type == "markdown"]
        for element in (element for source in prose for element in myst.elements(source, inside=True)):
            content = element.content
            label = content.label if isinstance(content, Directive | Equation) else ""
            label = content.name if isinstance(content, Target) else label
            if label in wanted:
                raise BookError(f"{path} has the label {label!r} already: give the chapter another name, got {name!r}")


def _after(project: Project, wanted: str | None) -> str:
    """Return the page that the new one follows."""
    if wanted is not None:
        name = page_of(wanted)
        return name if name in project.pages() else project.chapter(wanted).name
    chapters = [chapter.name for chapter in project.chapters()]
    numbered = [page for page in project.numbered() if page in chapters]
    last = [*chapters, *numbered][-1:]
    part = next((pages for _, pages in project.parts() if last and last[0] in pages), [])
    if not part:
        raise BookError("the book has no chapter yet: say with --after which page the new one follows")
    return part[-1]


def _write(files: dict[Path, str]) -> None:
    """Write new files, all or none."""
    try:
        for path, text in files.items():
            write_atomic(path, text)
    except BaseException:
        for path in files:
            path.unlink(missing_ok=True)
        raise


def _tell(project: Project, name: str, after: str, files: list[Path], checked: bool) -> None:
    for path in files:
        print(f"wrote {path.relative_to(project.root)}")
    print(f"listed {name} in _toc.yml, after {after}")
    print(f"next: 'kdcore build --only {name}', then open {project.html / f'{name}.html'}")
    print("      replace every text that begins with 'Here stands', and the examples after it")
    if not checked:
        print("      this book has no checkers of its own: the exercise with code is not checked")
