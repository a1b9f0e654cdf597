"""Imports run one way: in kdcore from layer to layer, in kdbook from room to room, and from kdbook to kdcore."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("kdcore", "kdbook")

# What each module of the mathematics builds on. It may import these, and what they build on.
LAYERS = {
    "_types": set(),
    "_checks": {"_types"},
    "_workers": {"_checks"},
    "_files": {"_types"},
    "teacher": {"_checks", "_files"},
    "_numerics": {"teacher"},
    "instances": {"teacher"},
    "protocols": {"teacher"},
    "learners": {"protocols"},
    "topk": {"learners", "_numerics"},
    "risk": {"learners", "_numerics"},
    "exact": {"learners", "_numerics"},
    "sweep": {"risk", "exact", "_workers"},
    "needed": {"risk", "exact"},
    "bounds": {"_checks", "_numerics"},
    "rates": {"_checks"},
    "figures": {"learners", "_workers"},
    "logs": {"learners", "_workers"},
}
FREE_STANDING = {"bounds": {"_types", "_checks", "_numerics"}, "rates": {"_types", "_checks"}}
"""What need not know a teacher: of ``_numerics`` only the sums, not the risks from few samples."""

# The rooms of kdbook in order: each may import itself, those before it, and kdcore. "" is the package's own modules.
ROOMS = ["", "execution", "markup", "classroom", "printing", "course", "sphinx_ext", "site", "archive", "commands"]
CHECKERS = "checkers"
READERS = {"kdbook.markup.myst", "kdbook.markup.elements"}
"""The reader of Markdown: it imports nothing else of ours, so that every room may read."""


def below(module):
    return set().union(*({lower} | below(lower) for lower in LAYERS[module]))


def files(package):
    return sorted((ROOT / package).rglob("*.py"))


def room_of(path):
    """The module of kdcore, or the room of kdbook, that a file belongs to."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "kdcore" or len(parts) > 2 else ""


def imported(path, source=None):
    """The modules of ours that a file imports, at the top, inside functions and for types alike, as dotted names."""
    found = set()
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(source or path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            name = ".".join(part for part in (base, node.module) if part)
            # `from kdcore import x` may mean the module x or a name that __init__ holds.
            found.update(f"{name}.{alias.name}" if is_module(name, alias.name) else name for alias in node.names)
    return {name for name in found if name.split(".")[0] in PACKAGES}


def is_module(package, name):
    place = ROOT.joinpath(*package.split("."), name)
    return place.with_suffix(".py").exists() or place.is_dir()


def rooms(names, package):
    """The modules of kdcore or the rooms of kdbook among imported names."""
    parts = [name.split(".") for name in names if name.split(".")[0] == package]
    if package == "kdcore":
        return {part[1] if len(part) > 1 else "" for part in parts}
    return {part[1] if len(part) > 1 and (ROOT / "kdbook" / part[1]).is_dir() else "" for part in parts}


@pytest.mark.parametrize(
    ("file", "source", "found"),
    [
        ("kdcore/teacher.py", "import numpy\nfrom scipy import stats", set()),
        ("kdcore/teacher.py", "import kdcore.risk", {"kdcore.risk"}),
        ("kdcore/teacher.py", "import kdcore as kd", {"kdcore"}),
        ("kdcore/teacher.py", "from kdcore import bounds, Teacher", {"kdcore.bounds", "kdcore"}),
        ("kdcore/teacher.py", "from . import learners", {"kdcore.learners"}),
        ("kdcore/teacher.py", "from .rates import fit_rate", {"kdcore.rates"}),
        ("kdcore/teacher.py", "def f():\n    from kdbook import site", {"kdbook.site"}),
        ("kdcore/teacher.py", "if TYPE_CHECKING:\n    from kdcore.sweep import x", {"kdcore.sweep"}),
        ("kdbook/site/render.py", "from . import buttons", {"kdbook.site.buttons"}),
        ("kdbook/site/render.py", "from .. import files", {"kdbook.files"}),
        ("kdbook/site/render.py", "from ..course import decks", {"kdbook.course.decks"}),
    ],
)
def test_every_way_to_import_is_seen(file, source, found):
    assert imported(ROOT / file, source) == found


@pytest.mark.parametrize("path", files("kdcore"), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_mathematics_is_built_in_layers_and_knows_nothing_of_the_book(path):
    module = room_of(path)
    names = imported(path)
    assert {name for name in names if name.startswith("kdbook")} == set()
    if module == "__init__":
        return
    allowed = {""} if module == "__main__" else below(module) | {module}
    assert rooms(names, "kdcore") <= allowed


@pytest.mark.parametrize("module", FREE_STANDING)
def test_bounds_and_rates_stand_alone(module):
    places = [path for path in files("kdcore") if room_of(path) == module]
    names = set().union(*(imported(path) for path in places))
    assert rooms(names, "kdcore") <= FREE_STANDING[module] | {module}
    assert "kdcore._numerics.sparse" not in names


@pytest.mark.parametrize("path", files("kdbook"), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_rooms_of_the_book_are_in_order(path):
    room, names = room_of(path), imported(path)
    if room == CHECKERS:
        assert rooms(names, "kdbook") <= {CHECKERS}
    else:
        assert room in ROOMS, f"say in ROOMS where {room} stands"
        assert rooms(names - READERS, "kdbook") <= set(ROOMS[: ROOMS.index(room) + 1])


@pytest.mark.parametrize("module", sorted(READERS))
def test_the_reader_of_markdown_stands_alone(module):
    assert imported(ROOT / f"{module.replace('.', '/')}.py") <= READERS


def test_each_room_says_what_it_is_for_what_it_may_import_and_where_to_begin():
    for room in [*ROOMS[1:], CHECKERS]:
        text = ast.get_docstring(ast.parse((ROOT / "kdbook" / room / "__init__.py").read_text(encoding="utf-8")))
        assert "May import: " in text, room
        assert room == "sphinx_ext" or "Begin with" in text, room


def test_contributing_shows_the_rooms_in_this_order():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    places = [text.index(f"`kdbook/{room}/`") for room in [*ROOMS[1:], CHECKERS]]
    assert places == sorted(places)


def test_no_folder_is_crowded():
    for package in PACKAGES:
        for folder in {path.parent for path in files(package)}:
            modules = [path for path in folder.glob("*.py") if path.name not in ("__init__.py", "__main__.py")]
            assert len(modules) <= 12 or folder.name == "by_chapter", f"{folder.name} has {len(modules)} modules"


def lines_of_code(source):
    """How many lines hold code: docstrings, comments and empty lines are not counted."""
    strings = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Expr)]
    alone = [node for node in strings if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)]
    no_code = {line for node in alone for line in range(node.lineno, node.end_lineno + 1)}
    shape = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = [token for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type not in shape]
    return len({line for token in tokens for line in range(token.start[0], token.end[0] + 1)} - no_code)


def test_the_mathematics_stays_small():
    assert lines_of_code('"""Doc."""\n\n# why\nx = [\n    1,\n]\n') == 3
    assert sum(lines_of_code(path.read_text(encoding="utf-8")) for path in files("kdcore")) < 4500


def loaded(code):
    """The modules that Python has loaded after some code."""
    line = f"import sys; {code}; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True, timeout=60)
    return set(result.stdout.splitlines()[-1].split())


def test_importing_kdcore_loads_the_mathematics_alone():
    modules = loaded("import kdcore")
    assert "kdcore.teacher" in modules
    own = {name.split(".")[1] for name in modules if name.startswith("kdcore.")}
    assert own <= set(LAYERS) - {"figures"}
    heavy = {
        "kdbook",
        "duckdb",
        "sphinx",
        "papermill",
        "nbformat",
        "jupyter_client",
        "IPython",
        "pandas",
        "matplotlib",
        "pytest",
    }
    assert {name.split(".")[0] for name in modules} & heavy == set()


def test_the_first_check_loads_the_checkers_of_its_chapter_alone():
    modules = loaded("import kdcore; kdcore.check('ex-hard-1.1', 0)")
    parts = [name for name in modules if name.startswith("kdbook.checkers.by_chapter.")]
    assert parts == ["kdbook.checkers.by_chapter.hard"]


def test_a_command_starts_without_what_takes_long_to_import():
    modules = loaded("from kdbook import commands; commands._parser()")
    slow = {"pandas", "matplotlib", "scipy.stats", "seaborn", "sphinx", "papermill", "rfc3987_syntax"}
    assert slow & modules == set()
