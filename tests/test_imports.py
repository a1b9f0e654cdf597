"""Imports run one way, as CONTRIBUTING.md says: the mathematics in layers, two packages on top, and nothing back."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "kdcore"

# What each module of the mathematics builds on. It may import these, what they build on, and the argument checks.
LAYERS = {
    "teacher": set(),
    "instances": {"teacher"},
    "protocols": {"teacher"},
    "learners": {"protocols"},
    "risk": {"learners", "_sparse"},
    "exact": {"teacher", "_binomial", "_occupancy"},
    "sweep": {"risk", "exact", "_engines"},
    "bounds": {"_binomial", "_occupancy"},
    "rates": set(),
    "figures": {"_environment"},
    "classroom": {"risk", "exact", "figures"},
    "_environment": set(),
    "_binomial": set(),
    "_sparse": {"teacher"},
    "_engines": {"_environment"},
    "_occupancy": set(),
}
CHECKS = "_checks"
TEACHING = "teaching"


def below(module):
    return set().union(*({lower} | below(lower) for lower in LAYERS[module]))


ALLOWED = {
    CHECKS: set(),
    **{module: below(module) | {CHECKS} for module in LAYERS},
    "bounds": below("bounds") | {CHECKS, "bounds"},
    "classroom": below("classroom") | {CHECKS, "classroom"},
    "__init__": {*LAYERS, TEACHING},
    "__main__": {"reproduce"},
    TEACHING: {"", TEACHING, CHECKS, *LAYERS},
    "reproduce": {"", "reproduce", CHECKS, *LAYERS},
}
"""Modules of ours that each module may import; "" is the package itself, kdcore/__init__.py."""


def module_of(path):
    """The name in ALLOWED: a file of kdcore/, or the folder it lies in."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(path, source=None):
    """The modules of ours that a file imports, at the top, inside functions and for types alike."""
    found = set()
    package = ("kdcore", *path.relative_to(PACKAGE).parent.parts)
    for node in ast.walk(ast.parse(source or path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            name = ".".join(part for part in (base, node.module) if part)
            # `from kdcore import x` may mean the module x or a name that __init__ holds.
            is_module = {
                alias.name: (PACKAGE / f"{alias.name}.py").exists() or (PACKAGE / alias.name).is_dir()
                for alias in node.names
            }
            found.update(f"{name}.{x}" if name == "kdcore" and is_module[x] else name for x in is_module)
    ours = [name.split(".") for name in found if name.split(".")[0] == "kdcore"]
    return {parts[1] if len(parts) > 1 else "" for parts in ours}


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import numpy\nfrom scipy import stats", set()),
        ("import kdcore.risk", {"risk"}),
        ("import kdcore as kd", {""}),
        ("from kdcore import bounds, Teacher", {"bounds", ""}),
        ("from kdbook.commands.main import main", {"reproduce"}),
        ("from . import learners", {"learners"}),
        ("from .rates import fit_rate", {"rates"}),
        ("def f():\n    from kdcore import reproduce", {"reproduce"}),
        ("if TYPE_CHECKING:\n    from kdcore.sweep import risk_curve", {"sweep"}),
    ],
)
def test_every_way_to_import_is_seen(source, found):
    assert imports(PACKAGE / "teacher.py", source) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [("from . import cli", {"reproduce"}), ("from .. import bounds", {"bounds"}), ("from ..risk import x", {"risk"})],
)
def test_relative_imports_in_reproduce_are_seen(source, found):
    assert imports(PACKAGE / "reproduce" / "cli.py", source) == found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_run_one_way(path):
    module = module_of(path)
    assert module in ALLOWED, f"say in LAYERS what {module} may import"
    assert imports(path) <= ALLOWED[module]


def test_reproduce_is_imported_by_itself_and_the_command_line_only():
    importers = {module_of(path) for path in FILES if "reproduce" in imports(path)}
    assert importers == {"reproduce", "__main__"}


def test_teaching_is_imported_by_itself_and_by_kdcore_when_it_is_first_asked_for():
    assert {module_of(path) for path in FILES if TEACHING in imports(path)} == {TEACHING, "__init__"}


def test_contributing_says_the_same():
    text = " ".join((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split())
    sentence = re.search(r"Imports run one way: (.*?)\. A test checks this", text).group(1)
    said = {}
    for names in re.finditer(r"((?:`\w+`(?:, )?)+) → ((?:`\w+`(?:, )?)+)", sentence):
        uppers, lowers = (set(re.findall(r"\w+", part)) for part in names.groups())
        said.update(dict.fromkeys(uppers, lowers))
    there = {module_of(path) for path in FILES}
    public = {module for module in there & set(LAYERS) if not module.startswith("_")}
    assert said == {module: LAYERS[module] & public for module in public if LAYERS[module] & public}
    exception = "`bounds` (the binomial and occupancy sums apart)"
    assert f"{exception} and `rates` import nothing of ours but the argument checks" in sentence
    assert "`teaching` and `reproduce` import the mathematics, neither the other, never the other way round" in sentence


def test_importing_kdcore_loads_no_part_of_the_build():
    code = "import sys, kdcore; print(*(name for name in sys.modules if name.startswith('kdcore.')))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = {name.split(".")[1] for name in result.stdout.split()}
    assert "teacher" in loaded
    assert loaded <= {CHECKS, *LAYERS} - {"figures"}


def test_the_first_check_loads_the_checkers_of_its_chapter_alone():
    code = "import sys, kdcore; kdcore.check('ex-hard-1.1', 0); print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = [name for name in result.stdout.split() if name.startswith("kdbook.checkers.by_chapter.")]
    assert loaded == ["kdbook.checkers.by_chapter.hard"]


def test_a_command_starts_without_what_takes_long_to_import():
    code = "import sys, kdbook.commands.main; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    slow = {"pandas", "matplotlib", "scipy.stats", "seaborn", "sphinx.builders", "papermill", "rfc3987_syntax"}
    assert slow & set(result.stdout.split()) == set()
