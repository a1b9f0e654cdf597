"""Which cells of a notebook others need: those that bind or change a name that is used after them."""

from __future__ import annotations

import ast
from collections.abc import Sequence

_SCOPES = (ast.FunctionDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def needed(sources: Sequence[str], last: Sequence[bool]) -> list[bool]:
    """Return for each cell whether it must run for those that are marked, which must themselves."""
    wanted: set[str] = set()
    kept = []
    for source, always in reversed(list(zip(sources, last, strict=True))):
        body = ast.parse(source).body
        keep = always or bool(_changed(body) & wanted)
        kept.append(keep)
        if keep:
            bound: set[str] = set()
            free = _free(body, bound)
            wanted = wanted - bound | free
    return kept[::-1]


def _inside(node: ast.AST) -> list[ast.AST]:
    """Return a node and those under it, without what is in a function or comprehension of its own."""
    under = [] if isinstance(node, _SCOPES) else ast.iter_child_nodes(node)
    return [node, *(each for child in under for each in _inside(child))]


def _base(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _bound(node: ast.AST) -> set[str]:
    """Return the names that a statement, or a part of one, binds or stores something in."""
    names = set()
    for one in _inside(node):
        if isinstance(one, ast.FunctionDef | ast.ClassDef):
            names.add(one.name)
        elif isinstance(one, ast.alias):
            names.add((one.asname or one.name).partition(".")[0])
        elif isinstance(one, ast.Name | ast.Attribute | ast.Subscript) and not isinstance(one.ctx, ast.Load):
            names.add(_base(one))
    return names


def _changed(body: Sequence[ast.stmt]) -> set[str]:
    """Return the names that are bound, stored in, or have a method called for what it does."""
    calls = (one.value for each in body for one in _inside(each) if isinstance(one, ast.Expr))
    methods = {_base(call) for call in calls if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)}
    return set().union(methods, *(_bound(each) for each in body))


def _used(node: ast.AST) -> set[str]:
    """Return the names that a node uses; those that a function or comprehension binds for itself are its own."""
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    names = set().union(*(_used(child) for child in ast.iter_child_nodes(node)))
    if not isinstance(node, _SCOPES):
        return names
    own = {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
    parts = node.body if isinstance(node, ast.FunctionDef) else getattr(node, "generators", [])
    stored = {
        name.id
        for part in parts
        for name in _inside(part)
        if isinstance(name, ast.Name) and not isinstance(name.ctx, ast.Load)
    }
    return names - own - stored


def _free(body: Sequence[ast.stmt], bound: set[str]) -> set[str]:
    """Return the names that a body uses before it binds them; what it surely binds is added to ``bound``."""
    free: set[str] = set()
    for each in body:
        if isinstance(each, ast.For):
            free |= _used(each.iter) - bound
            free |= _free(each.body + each.orelse, bound | _bound(each.target))
            continue
        free |= _used(each) - bound
        if isinstance(each, ast.Assign):
            bound |= {
                name.id
                for target in each.targets
                for name in _inside(target)
                if isinstance(name, ast.Name) and not isinstance(name.ctx, ast.Load)
            }
        elif isinstance(each, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef):
            bound |= _bound(each)
    return free
