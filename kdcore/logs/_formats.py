"""Answers of a model as SQL: what a line of each format says, in the columns that all logs share."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

SUFFIXES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".csv", ".csv.gz", ".parquet")
INPUTS = ("input", "prompt", "messages")
SEPARATOR = "\u241f"
"""Between a prompt and the tokens that follow it, where every token of an answer is a draw."""
MAX_BYTES = 1 << 25
"""The longest line that is read."""

_CHAT = "STRUCT(content STRUCT(token VARCHAR, logprob DOUBLE, top_logprobs STRUCT(token VARCHAR, logprob DOUBLE)[])[])"
_COMPLETION = "STRUCT(tokens VARCHAR[], token_logprobs DOUBLE[], top_logprobs MAP(VARCHAR, DOUBLE)[])"
_TOP = "STRUCT(label VARCHAR, p DOUBLE)[]"
_TOLD = "CASE WHEN {0} > -9999 THEN exp({0}) END"  # chat completions put -9999.0 where they do not tell a logarithm


def expand(paths: Any) -> list[Path]:
    """Return the files that a path, a folder, a pattern or several of these name, in their order."""
    given = [Path(one) for one in ([paths] if isinstance(paths, str | Path) else paths)]
    found: list[Path] = []
    for path in given:
        if path.is_dir():
            found += sorted(one for one in path.iterdir() if one.name.lower().endswith(SUFFIXES))
        elif any(mark in path.name for mark in "*?[") and not path.exists():
            found += sorted(path.parent.glob(path.name))
        else:
            found.append(path)
    if not found:
        raise ValueError(f"no log found in {', '.join(map(str, given)) or 'no path'}")
    for path in found:
        if not path.is_file():
            raise ValueError(
                f"{path} is no file: a log is a file, a folder of files, or a pattern such as logs/*.jsonl"
            )
        if not path.name.lower().endswith(SUFFIXES):
            raise ValueError(f"{path.name} does not end as a log does: known are {', '.join(SUFFIXES)}")
    return found


def draws_of(path: Path, tokens: str, extra: Sequence[str] = ()) -> str:
    """Return a query for the draws of a file: ``line, part, input, label, p, top`` and extra columns, in their order.

    ``line`` counts lines that hold something, or rows.  What is no answer has no label.
    """
    name = path.name.lower()
    if name.endswith(".parquet"):
        return _of_table(f"read_parquet({text(str(path))})", path, extra)
    if name.endswith((".csv", ".csv.gz")):
        options = (
            "header = true, all_varchar = true, null_padding = true, strict_mode = false, quote = '\"', escape = '\"'"
        )
        return _of_table(f"read_csv({text(str(path))}, {options}, max_line_size = {MAX_BYTES})", path, extra)
    return _of_json(path, tokens, extra)


def _of_json(path: Path, tokens: str, extra: Sequence[str]) -> str:
    asked, where, kind = _find_format(path)
    leaf = _CHAT if kind == "content" else _COMPLETION
    for above, key in reversed(list(zip([None, *where], where, strict=False))):
        leaf = f"STRUCT({key} {leaf})" + ("[]" if above == "choices" else "") if above else f"{key}: {text(leaf)}"
    columns = [f"{asked}: {text('VARCHAR' if asked != 'messages' else 'JSON')}", leaf]
    columns += [f"{_name(one)}: 'DOUBLE'" for one in extra]
    lines = (
        f"read_json({text(str(path))}, format = 'newline_delimited', ignore_errors = true, "
        f"maximum_object_size = {MAX_BYTES}, columns = {{{', '.join(columns)}}})"
    )
    before, _, after = ".".join(where).partition("choices")
    answers = f"{before}choices" if "choices" in where else f"[{before}]"
    answer = f"answer{after}"
    others = "".join(f", {_name(one)}" for one in extra)
    if kind == "content":
        token, logprob = "one.token", "one.logprob"
        parts = f"{answer}.content"
        top = f"list_transform(one.top_logprobs, lambda x: {{'label': x.token, 'p': {_TOLD.format('x.logprob')}}})"
        tops, item = "NULL", "one"
    else:
        token, logprob = "one", f"{answer}.token_logprobs[part]"
        parts = f"{answer}.tokens"
        tops = f"map_entries({answer}.top_logprobs[part])"
        top, item = f"list_transform(tops, lambda x: {{'label': x.key, 'p': {_TOLD.format('x.value')}}})", "one"
    upto = "" if tokens == "all" else "[:1]"
    prefix = f"list_transform({parts}[:part - 1], lambda x: {'x.token' if kind == 'content' else 'x'})"
    whole = f"CASE WHEN part = 1 THEN asked ELSE array_to_string(list_prepend(asked, {prefix}), {text(SEPARATOR)}) END"
    return f"""
        WITH lines AS (
            SELECT row_number() OVER () AS line, CAST({asked} AS VARCHAR) AS asked, {answers} AS answers{others}
            FROM {lines}
        ), choices AS (
            SELECT *, unnest(CASE WHEN len(answers) > 0 THEN answers ELSE [NULL] END) AS answer,
                generate_subscripts(CASE WHEN len(answers) > 0 THEN answers ELSE [NULL] END, 1) AS choice FROM lines
        ), items AS (
            SELECT *, unnest(CASE WHEN len({parts}) > 0 THEN {parts}{upto} ELSE [NULL] END) AS {item},
                generate_subscripts(CASE WHEN len({parts}) > 0 THEN {parts}{upto} ELSE [NULL] END, 1) AS part,
                len({parts}) AS n_tokens FROM choices
        ), told AS (SELECT *, {tops} AS tops FROM items)
        SELECT line, choice, part, n_tokens, {whole} AS input, {token} AS label,
            {_TOLD.format(logprob)} AS p, CAST({top} AS {_TOP}) AS top{others}
        FROM told
    """


def _of_table(table: str, path: Path, extra: Sequence[str]) -> str:
    import duckdb

    described = duckdb.execute(f"DESCRIBE SELECT * FROM {table}").fetchall()
    kinds = {str(column): str(kind) for column, kind, *_ in described}
    for column in ("input", "label", *extra):
        if column not in kinds:
            raise ValueError(
                f"{path} has no column {column!r}, only {', '.join(kinds)}: a table has the columns input and label, "
                f"and probability and top where they were told"
            )
    p = "NULL" if "probability" not in kinds else "probability"
    if "probability" in kinds and kinds["probability"] == "VARCHAR":
        p = "CASE WHEN trim(probability) <> '' THEN coalesce(try_cast(probability AS DOUBLE), 'nan'::DOUBLE) END"
    top, label = "NULL" if "top" not in kinds else "top", "label"
    if top == "top" and kinds["top"] in ("VARCHAR", "JSON"):
        top = "from_json(CASE WHEN json_valid(top) THEN top END, '\"MAP(VARCHAR, DOUBLE)\"')"
        label = "CASE WHEN coalesce(trim(top), '') = '' OR json_valid(top) THEN label END"
    if top != "NULL" and not kinds["top"].endswith("[]"):
        top = f"list_transform(map_entries({top}), lambda x: {{'label': x.key, 'p': x.value}})"
    others = "".join(f", try_cast({_name(one)} AS DOUBLE) AS {_name(one)}" for one in extra)
    return f"""
        SELECT row_number() OVER () AS line, 1 AS choice, 1 AS part, 1 AS n_tokens, CAST(input AS VARCHAR) AS input,
            CAST({label} AS VARCHAR) AS label, CAST({p} AS DOUBLE) AS p, CAST({top} AS {_TOP}) AS top{others}
        FROM {table}
    """


def _find_format(path: Path) -> tuple[str, list[str], str]:
    """Return the field of the input, the way to the logarithms and what they are in, of the first line with any."""
    first = ""
    for number, line in lines(path):
        record, why = parse(line)
        if record is not None:
            asked = next((key for key in INPUTS if key in record), None)
            where = _way(record)
            if asked is not None and where is not None:
                return asked, where[:-1], where[-1]
            why = _missing(asked, where)
        first = first or f"{path}, line {number}: {why}"
    raise ValueError(first or f"{path} is empty: a log holds an answer in each line")


def _way(record: Any) -> list[str] | None:
    """Return the keys that lead to the logarithms of the drawn tokens."""
    if isinstance(record, list):
        return _way(record[0]) if record else None
    if not isinstance(record, dict):
        return None
    for kind in ("content", "tokens"):
        if isinstance(record.get(kind), list):
            return [kind]
    for key in ("response", "body", "choices", "logprobs"):
        if key in record and (further := _way(record[key])) is not None:
            return [key, *further]
    return None


def _missing(asked: str | None, where: list[str] | None) -> str:
    if asked is None:
        return f"tells no input: a line has the field {', '.join(INPUTS[:-1])} or {INPUTS[-1]}"
    return "tells no answer: a line has logprobs with content (chat) or tokens (completions), as responses have them"


def parse(line: bytes) -> tuple[dict[str, Any] | None, str]:
    """Return the object of a line, or None and what is wrong."""
    try:
        record = json.loads(line)
    except ValueError as error:
        return None, f"is no JSON: {error}"
    if not isinstance(record, dict):
        return None, f"holds no object, but {type(record).__name__}"
    return record, ""


def place(path: Path, which: int) -> str:
    """Return the place of the which-th line that holds something, or of a row of a table, in words."""
    return _place(path, which)[0]


def broken_line(path: Path, which: int) -> str:
    """Return the place of a line that is no answer, and what is wrong with it, in words."""
    where, line = _place(path, which)
    if line is None:
        return f"{where}: the input or the label is missing, or top is no JSON"
    record, why = parse(line)
    if record is not None:
        asked, way = next((key for key in INPUTS if key in record), None), _way(record)
        why = "tells no token" if asked and way else _missing(asked, way)
    return f"{where}: {why}"


def _place(path: Path, which: int) -> tuple[str, bytes | None]:
    if not path.name.lower().endswith((".csv", ".csv.gz", ".parquet")):
        for order, (number, line) in enumerate(lines(path), start=1):
            if order == which:
                return f"{path}, line {number}", line
    return f"{path}, row {which}", None


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a text file that hold something, with their numbers."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield number, line


def text(value: str) -> str:
    """Return a text as a literal of SQL."""
    return "'" + value.replace("'", "''") + "'"


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
