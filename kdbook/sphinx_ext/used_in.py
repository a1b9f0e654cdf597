"""What a statement uses and where it is used: links under each box to statements, pages, and its row in the map."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from kdbook import pages
from kdbook.sphinx_ext.doctrees import ancestors
from kdbook.sphinx_ext.statements.directives import row_id
from kdbook.sphinx_ext.statements.listed import FILE, Statement, only, read_statements

CLASS = "uses"
Use = tuple[str, str]
"""A page and the section in which it refers to a statement."""


def collect(app: Sphinx, doctree: nodes.document) -> None:
    """Remember which statements a page refers to, each with the first section that does."""
    page = app.env.docname
    found: dict[str, str] = {}
    for reference in doctree.findall(addnodes.pending_xref):
        if reference.get("refdomain") == "prf" and not _is_inside(reference, reference["reftarget"]):
            found.setdefault(reference["reftarget"], _section(reference))
    _all(app.env)[page] = found


def forget(_app: Sphinx, env: BuildEnvironment, page: str) -> None:
    """Forget a page that is read anew."""
    _all(env).pop(page, None)


def merge(_app: Sphinx, env: BuildEnvironment, _pages: Iterable[str], other: BuildEnvironment) -> None:
    """Take over what another process read."""
    _all(env).update(_all(other))


def changed(_app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return the pages with statements whose uses, or what they use, are others than when they were last written."""
    used_in, uses = _by_statement(env), _listed(env)
    known = getattr(env, "proof_list", {})
    now = {label: (used_in.get(label), [(used.item, used.chapter) for used in uses.get(label, ())]) for label in known}
    before = getattr(env, "kdcore_uses_written", {})
    env.kdcore_uses_written = now  # type: ignore[attr-defined]
    return sorted({known[label]["docname"] for label in known if now[label] != before.get(label)})


def show(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Write the links under each statement that uses another one, or that something refers to."""
    uses, listed = _by_statement(app.env), _listed(app.env)
    statement_map = pages.read(Path(app.srcdir)).statement_map
    for statement in [node for node in doctree.findall(nodes.Element) if "proof" in node.get("classes", [])]:
        label = statement.get("label", "")
        links = [
            _link(app, page, use, _title(app.env, use[0]) if use[0] != page else [nodes.Text("this chapter")])
            for use in uses.get(label, [])
        ]
        if label in _all(app.env).get(statement_map, {}):
            row = (statement_map, row_id(label))
            links.append(_link(app, page, row, [nodes.Text("statement map")]))
        below = [
            _link(app, page, (used.chapter, used.anchor), [nodes.Text(used.item)]) for used in listed.get(label, ())
        ]
        line = nodes.paragraph(classes=[CLASS])
        for head, some in (("Uses: ", below), ("Used in: ", links)):
            for place, link in enumerate(some):
                line += [nodes.Text(" · " if place else f". {head}" if len(line) else head), link]
        if len(line):
            statement += line


def _all(env: BuildEnvironment) -> dict[str, dict[str, str]]:
    if not hasattr(env, "kdcore_uses"):
        env.kdcore_uses = {}  # type: ignore[attr-defined]
    uses: dict[str, dict[str, str]] = env.kdcore_uses  # type: ignore[attr-defined]
    return uses


def _by_statement(env: BuildEnvironment) -> dict[str, list[Use]]:
    """Return the uses of each statement, pages in reading order."""
    result: dict[str, list[Use]] = {}
    no_uses = pages.read(Path(env.srcdir)).no_uses
    for page in env.collect_relations():
        for label, section in _all(env).get(page, {}).items() if page not in no_uses else ():
            result.setdefault(label, []).append((page, section))
    return result


def _listed(env: BuildEnvironment) -> dict[str, list[Statement]]:
    """Return the statements that each one uses, as far as the book has their pages, by label."""
    book = Path(env.srcdir)
    listed = only(read_statements(book), set(env.found_docs)) if (book / FILE).is_file() else []
    by_anchor = {one.anchor: one for one in listed}
    return {one.anchor: [by_anchor[anchor] for anchor in one.uses] for one in listed}


def _is_inside(node: nodes.Node, label: str) -> bool:
    """Return whether the node stands in the box of the statement that it refers to."""
    return any(around.get("label") == label for around in ancestors(node))


def _section(node: nodes.Node) -> str:
    """Return the id of the section around a node; sphinx-proof's own sections do not count."""
    for around in ancestors(node):
        if isinstance(around, nodes.section) and isinstance(around.parent, (nodes.section, nodes.document)):
            return str(around["ids"][0])
    return ""


def _title(env: BuildEnvironment, page: str) -> list[nodes.Node]:
    return [child.deepcopy() for child in env.titles[page].children]


def _link(app: Sphinx, page: str, use: Use, text: list[nodes.Node]) -> nodes.reference:
    target = f"{app.builder.get_relative_uri(page, use[0])}#{use[1]}"
    return nodes.reference("", "", *text, refuri=target, internal=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("env-updated", changed)
    app.connect("doctree-resolved", show)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
