"""Parameters of a chapter: read from its ``parameters`` cell, checked before anything runs.

A line of the cell reads ``name = default  # help [rules]``.  Rules are separated by commas: ``odd``, ``even``, or a
comparison (``>=``, ``>``, ``<=``, ``<``) with an expression of numbers and of other parameters, as in
``n_first = 60  # smallest n of the grid [>= n_inputs * (n_labels - 1) / 2 - 1]``.
"""

from __future__ import annotations

import ast
import io
import math
import operator
import re
import tokenize
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from nbformat import NotebookNode

from kdbook.project import BookError

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_TYPES = {"int": int, "float": float, "str": str, "bool": bool}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a chapter.

    Attributes
    ----------
    name : str
        Its name in the chapter.
    type : str
        ``int``, ``float``, ``str`` or ``bool``: that of the default.
    default : object
        The value of the ``quick`` profile.
    help : str
        What it is.
    rules : tuple of str
        What its value must fulfil.
    """

    name: str
    type: str
    default: Any
    help: str
    rules: tuple[str, ...]


def tagged_cell(notebook: NotebookNode) -> NotebookNode | None:
    """Return the cell tagged ``parameters``, if there is one."""
    cells = (cell for cell in notebook.cells if cell.cell_type == "code")
    return next((cell for cell in cells if "parameters" in cell.metadata.get("tags", [])), None)


def read_parameters(notebook: NotebookNode, chapter: str) -> list[Parameter]:
    """Return the parameters of a chapter, in the order of its cell.

    Raises
    ------
    BookError
        If the cell holds anything but assignments of literals.
    """
    cell = tagged_cell(notebook)
    if cell is None:
        return []
    try:
        statements = ast.parse(cell.source).body
    except SyntaxError as error:
        raise BookError(f"chapter {chapter!r}: the parameters cell is not Python: {error.msg}") from None
    comments = _comments(cell.source)
    return [_parameter(statement, comments.get(statement.end_lineno or 0, ""), chapter) for statement in statements]


def _parameter(statement: ast.stmt, comment: str, chapter: str) -> Parameter:
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    if not isinstance(statement, ast.Assign) or not isinstance(target, ast.Name):
        raise BookError(
            f"chapter {chapter!r}: line {statement.lineno} of its parameters cell must read 'name = value  # help'"
        )
    try:
        value = ast.literal_eval(statement.value)
    except ValueError:
        raise BookError(f"chapter {chapter!r}: the default of {target.id} must be a plain value") from None
    kind = type(value).__name__
    if kind not in _TYPES:
        raise BookError(f"chapter {chapter!r}: the default of {target.id} is a {kind}, not {', '.join(_TYPES)}")
    match = re.fullmatch(r"(?P<help>.*?)\s*(?:\[(?P<rules>[^\]]*)\])?", comment)
    assert match is not None  # both parts are optional
    if "[" in match["help"]:
        raise BookError(f"chapter {chapter!r}: the comment of {target.id} must end in [rules], got {comment!r}")
    rules = tuple(rule.strip() for rule in (match["rules"] or "").split(",") if rule.strip())
    for rule in rules:
        _split(rule, f"chapter {chapter!r}: rule {rule!r} of {target.id}")
    return Parameter(target.id, kind, value, match["help"], rules)


def _comments(source: str) -> dict[int, str]:
    """Return the comments of a cell by line."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {t.start[0]: t.string.lstrip("# ").rstrip() for t in tokens if t.type == tokenize.COMMENT}


def check_values(parameters: Sequence[Parameter], values: Mapping[str, Any], chapter: str) -> dict[str, Any]:
    """Return ``values`` with the types of the parameters, after checking names, types and rules.

    Rules are checked with the defaults of the parameters that ``values`` does not set.

    Raises
    ------
    BookError
        In one line: what is wrong, what was given and what is allowed.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name in values:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            guess = f" (did you mean {near[0]}?)" if near else ""
            names = ", ".join(known) or "none"
            raise BookError(f"chapter {chapter!r} has no parameter {name!r}{guess}; it has: {names}")
    typed = {name: _typed(known[name], value, chapter) for name, value in values.items()}
    everything = {parameter.name: parameter.default for parameter in parameters} | typed
    for parameter in parameters:
        for rule in parameter.rules:
            _obey(parameter, rule, everything, chapter)
    return typed


def parse_value(text: str) -> Any:
    """Return the value that a text on the command line stands for: a Python literal, or else the text itself."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return {"true": True, "false": False}.get(text.lower(), text)


def _typed(parameter: Parameter, value: Any, chapter: str) -> Any:
    kind = _TYPES[parameter.type]
    if isinstance(value, str) and kind is not str:
        value = parse_value(value)  # YAML takes 1e3 for a text
    if kind is float and type(value) is int:
        value = float(value)
    if kind is int and type(value) is float and value.is_integer():
        value = int(value)  # 1e6 is a million
    if type(value) is not kind:
        rules = f", {' and '.join(parameter.rules)}" if parameter.rules else ""
        raise BookError(
            f"chapter {chapter!r}: {parameter.name} must be of type {parameter.type}{rules}, got {value!r} "
            f"({type(value).__name__}); it is {parameter.help or 'a parameter'}, {parameter.default!r} by default"
        )
    if isinstance(value, float) and not math.isfinite(value):
        raise BookError(f"chapter {chapter!r}: {parameter.name} must be a finite number, got {value!r}")
    return value


def _split(rule: str, where: str) -> tuple[str, ast.expr | None]:
    """Return the comparison of a rule and its right side."""
    if rule in ("odd", "even"):
        return rule, None
    match = re.fullmatch(r"(>=|<=|>|<)\s*(.+)", rule)
    try:
        if match is None:
            raise SyntaxError("no comparison")
        return match[1], ast.parse(match[2], mode="eval").body
    except SyntaxError:
        raise BookError(f"{where} must be odd, even, or a comparison with an expression") from None


def _obey(parameter: Parameter, rule: str, values: Mapping[str, Any], chapter: str) -> None:
    value = values[parameter.name]
    sign, expression = _split(rule, f"chapter {chapter!r}: rule {rule!r} of {parameter.name}")
    if expression is None:
        fits, limit = value % 2 == (1 if sign == "odd" else 0), rule
    else:
        try:
            bound = _evaluate(expression, values)
        except (OverflowError, ZeroDivisionError) as error:
            raise BookError(f"chapter {chapter!r}: {parameter.name} must be {rule}, where {error}") from None
        fits = _COMPARISONS[sign](value, bound)
        limit = rule if isinstance(expression, ast.Constant) else f"{rule} = {bound:g}"
    if not fits:  # also if the value is not a number: a comparison with nan is false
        raise BookError(f"chapter {chapter!r}: {parameter.name} must be {limit}, got {value!r} ({parameter.help})")


def _evaluate(expression: ast.expr, values: Mapping[str, Any]) -> float:
    match expression:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name) if name in values:
            return float(values[name])
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluate(operand, values)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            return _ARITHMETIC[type(op)](_evaluate(left, values), _evaluate(right, values))
    raise BookError(f"a rule may hold numbers, parameters and + - * / only, not {ast.unparse(expression)!r}")
