"""The page of the book that shows the package: every public name is on it, and every docstring is fit to be shown."""

from __future__ import annotations

import ast
import doctest
import inspect
import re
import textwrap
from pathlib import Path

import nbformat
import pytest

import kdcore as kd
from kdcore import figures

BOOK = Path(__file__).parents[1] / "book"
PAGE = (BOOK / "api.md").read_text(encoding="utf-8")


def public():
    """Every public name with its object, under the name that the page gives it."""
    names = {f"kdcore.{name}": getattr(kd, name) for name in kd.__all__}
    names |= {f"kdcore.bounds.{name}": getattr(kd.bounds, name) for name in kd.bounds.__all__}
    for module in (kd.exact, figures):
        for name, thing in vars(module).items():
            here = inspect.isroutine(thing) or inspect.isclass(thing)
            here = (
                thing.__module__ == module.__name__
                if here and hasattr(thing, "__module__")
                else name.isupper() and name != "TYPE_CHECKING"
            )
            if here and not name.startswith("_") and name not in kd.__all__:
                names[f"{module.__name__}.{name}"] = thing
    return {name: thing for name, thing in names.items() if not inspect.ismodule(thing)}


PUBLIC = public()
FUNCTIONS = {name: thing for name, thing in PUBLIC.items() if inspect.isfunction(thing)} | {
    f"kdcore.{cls.__name__}.{name}": method
    for cls in (kd.Teacher, kd.Learner, kd.Protocol, kd.Log, kd.LogStudent)
    for name, method in vars(cls).items()
    if inspect.isfunction(method) and not name.startswith("_")
}
CLASSES = [thing for name, thing in PUBLIC.items() if inspect.isclass(thing) and not name.startswith("kdcore.bounds.")]


def entries():
    """The names that the page has an entry for, with the options of each."""
    found = {}
    pattern = r"^\.\. (?:auto(?:function|class|data)|py:data):: ([\w.]+)\S*\n((?:   :.*\n)*)"
    for name, options in re.findall(pattern, PAGE, re.MULTILINE):
        module = re.search(r":module: (\S+)", options)
        full = f"{module.group(1)}.{name}" if module else name
        assert full not in found, f"{full} has two entries"
        found[full] = options
    return found


def sections(docstring):
    """The sections of a docstring in NumPy's style, by title."""
    parts = re.split(r"^(\w+)\n-{3,}\n", docstring, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def may_raise(function):
    """Whether a function of ours raises, itself or in what it calls by name."""
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called = function.__globals__.get(node.func.id)
            called = called.__init__ if inspect.isclass(called) else called
            if not inspect.isfunction(called) or called.__code__.co_filename == "<string>":
                continue  # what a dataclass generates has no source and raises nothing
            if called.__module__.startswith("kdcore") and may_raise(called):
                return True
    return False


def labels():
    """Every label that a page of the book sets."""
    texts = [path.read_text(encoding="utf-8") for path in BOOK.glob("*.md")]
    for path in BOOK.glob("*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        texts += [cell.source for cell in cells if cell.cell_type == "markdown"]
    pattern = r"^:(?:label|name): *(\S+)$|^\$\$ *\((\S+)\)$|^\((\S+)\)=$"
    return {label for text in texts for groups in re.findall(pattern, text, re.MULTILINE) for label in groups if label}


def test_every_public_name_has_an_entry_and_every_entry_a_public_name():
    assert set(entries()) == set(PUBLIC)


def test_the_table_on_top_links_every_name_once():
    assert sorted(re.findall(r"\{py:obj\}`[^`<]+ <([\w.]+)>`", PAGE)) == sorted(PUBLIC)


@pytest.mark.parametrize("cls", [kd.Teacher, kd.Learner])
def test_methods_and_properties_are_shown(cls):
    assert re.search(r"^ *:members:$", entries()[f"kdcore.{cls.__name__}"], re.MULTILINE)  # all that have a docstring
    members = [
        m for n, m in vars(cls).items() if not n.startswith("_") and (inspect.isfunction(m) or type(m) is property)
    ]
    assert len(members) >= 2
    assert all(inspect.getdoc(member) for member in members)


def test_links_lead_to_labels_and_pages_that_exist():
    roles = re.findall(r"(?:\{([\w:]+)\}|:((?:prf:)?\w+):)`([^`]+)`", PAGE)
    known = {"prf:ref", "ref", "numref", "eq"}
    used = {re.sub(r".*<(.*)>", r"\1", target) for left, right, target in roles if (left or right) in known}
    used |= set(re.findall(r"\]\((api-[\w-]+)\)", PAGE))
    assert len(used) > 25
    assert used - labels() == set()
    pages = {target for left, right, target in roles if (left or right) == "doc"}
    pages |= {name.rsplit(".", 1)[0] for name in re.findall(r"\]\(([\w-]+\.(?:md|ipynb))\)", PAGE)}
    assert pages
    assert pages - {path.stem for path in BOOK.iterdir()} == set()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_docstring_says_what_it_takes_gives_and_refuses(name):
    function = FUNCTIONS[name]
    docstring = inspect.getdoc(function)
    has = sections(docstring)
    like = re.search(r"^(Returns and raises|Raises) as :func:`(\w+)`", docstring, re.MULTILINE)
    if like:
        neighbour = sections(inspect.getdoc(FUNCTIONS[f"{name.rpartition('.')[0]}.{like[2]}"]))
        assert "Raises" in neighbour
        assert {"Returns", "Raises"}.isdisjoint(has) or like[1] == "Raises"
        has |= {title: neighbour[title] for title in ("Returns", "Raises") if title.lower() in like[1].lower()}
    assert doctest.DocTestParser().get_examples(has.get("Examples", "")), "no example"
    parameters = [p for p in inspect.signature(function).parameters.values() if p.name != "self"]
    described = re.findall(r"^(\w[\w, ]*?)(?: :.*)?$", has.get("Parameters", ""), re.MULTILINE)
    described = [one for line in described for one in line.split(", ")]
    # A constant, which needs no argument, may say in a sentence what it takes and gives.
    if all(p.default is not p.empty for p in parameters):
        described += re.findall(r"``(\w+)``", docstring)
        returns = "Returns" in has or docstring.startswith("Return ")
    else:
        returns = "Returns" in has
    assert [p.name for p in parameters if p.name not in described] == []
    assert returns or inspect.signature(function).return_annotation in (None, "None")
    if may_raise(function):
        assert "Raises" in has


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_a_class_says_what_it_holds_and_has_an_example(cls):
    has = sections(inspect.getdoc(cls))
    held = [name for name in inspect.signature(cls).parameters if not name.startswith("_")]
    described = has.get("Parameters", "") + has.get("Attributes", "")
    assert [name for name in held if not re.search(rf"^(\w+, )*{name}(, \w+)* :", described, re.MULTILINE)] == []
    assert doctest.DocTestParser().get_examples(has.get("Examples", ""))


@pytest.mark.parametrize(
    "name", [*FUNCTIONS, *(f"kdcore.{cls.__name__}" for cls in CLASSES if cls in vars(kd).values())]
)
def test_references_in_docstrings_lead_to_entries(name):
    docstring = inspect.getdoc(FUNCTIONS.get(name) or PUBLIC[name])
    module = "kdcore.bounds" if name.startswith("kdcore.bounds.") else name.rsplit(".", 1)[0]
    targets = re.findall(r":(?:func|class|meth|data):`([^`]+)`", docstring)
    known = set(PUBLIC) | set(FUNCTIONS)
    assert [target for target in targets if not {target, f"{module}.{target}", f"kdcore.{target}"} & known] == []
