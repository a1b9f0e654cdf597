"""Notebooks as data: reading, the normal form that is committed, and what an execution depends on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from lxml.html import fragment_fromstring
from nbformat import NotebookNode

from kdbook.files import digest
from kdbook.project import BookError

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def read(path: Path) -> NotebookNode:
    """Read a notebook (format 4), or say in one line why it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
        if "nbformat" not in json.loads(text):
            raise ValueError("it has no entry 'nbformat'")
        errors: dict[str, nbformat.ValidationError] = {}
        notebook = from_text(text, errors)
        if errors:
            raise errors["ValidationError"]
        return notebook
    except (OSError, ValueError, TypeError, nbformat.ValidationError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BookError(f"{path} is not a readable notebook: {reason}") from None


def from_text(text: str, errors: dict[str, nbformat.ValidationError] | None = None) -> NotebookNode:
    """Return the notebook (format 4) that a text holds, and put into ``errors`` what is wrong with it."""
    return nbformat.reads(text, as_version=4, capture_validation_error=errors)  # type: ignore[no-any-return, no-untyped-call]


def to_text(notebook: NotebookNode) -> str:
    """Return the notebook as the text that is written to a file."""
    return nbformat.writes(notebook).rstrip("\n") + "\n"  # type: ignore[no-any-return, no-untyped-call]


def normalise(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook in normal form: what is committed.

    Text outputs stay, because nbval compares them with a fresh run.  Images, timings, warnings and every other
    metadata that a run leaves go.  Execution counts become those of one run from top to bottom: they say nothing about
    the run, but nbval compares only cells that have one.
    """
    result = nbformat.from_dict(json.loads(json.dumps(notebook)))  # type: ignore[no-untyped-call]
    result.metadata = nbformat.from_dict(  # type: ignore[no-untyped-call]
        {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    )
    result.nbformat, result.nbformat_minor = 4, 5
    for cell in result.cells:
        cell.metadata = {key: cell.metadata[key] for key in ("tags", "mystnb", "slideshow") if key in cell.metadata}
        cell.pop("attachments", None)
    for count, cell in enumerate((c for c in result.cells if c.cell_type == "code"), start=1):
        cell.execution_count = count
        outputs = (_normalise_output(output, count) for output in cell.outputs)
        cell.outputs = _joined([output for output in outputs if output is not None])
    return result  # type: ignore[no-any-return]


def _joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join text that was printed in one go but arrived in pieces: where it breaks differs from run to run."""
    result: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream" and result and result[-1].output_type == "stream":
            result[-1].text += output.text
        else:
            result.append(output)
    return result


def _normalise_output(output: NotebookNode, count: int) -> NotebookNode | None:
    if output.output_type == "stream" and output.name == "stderr":
        return None
    if "execution_count" in output:
        output.execution_count = count
    if "data" in output:
        output.data = {key: value for key, value in output.data.items() if not key.startswith("image/")}
        output.metadata = {
            key: value for key, value in output.get("metadata", {}).items() if not key.startswith("image/")
        }
    return output


def code_key(notebook: NotebookNode, parameters: dict[str, Any], dependencies: str) -> str:
    """Return the hash of all that an execution's results depend on: code, parameters and dependencies, not prose."""
    code = [cell.source for cell in _own_code(notebook)]
    return digest([dependencies, json.dumps(parameters, sort_keys=True), *code])


def _own_code(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells without the parameters that papermill injected."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [cell for cell in cells if "injected-parameters" not in cell.metadata.get("tags", [])]


def same_code(source: NotebookNode, executed: NotebookNode) -> bool:
    """Return whether ``executed`` is a run of the code of ``source``."""
    return [cell.source for cell in _own_code(source)] == [cell.source for cell in _own_code(executed)]


def printed(notebook: NotebookNode) -> list[str]:
    """Return what each code cell printed or showed, as text; tables in HTML without their tags, as well."""
    return ["".join(_texts(cell.outputs)) for cell in _own_code(notebook)]


def _texts(outputs: list[NotebookNode]) -> Iterator[str]:
    for output in outputs:
        if output.output_type == "stream" and output.name == "stdout":
            yield output.text
        for kind, text in output.get("data", {}).items():
            if kind.endswith("text/plain") and not str(text).startswith("<Figure size"):
                yield f"{text}\n"
            elif kind == "text/html":
                yield _words(str(text))


def _words(html: str) -> str:
    """Return the text of a piece of HTML, with a space between what is in different elements."""
    root = fragment_fromstring(html, create_parent="div")
    return " ".join(root.xpath(".//text()[not(parent::style)]"))


def without_paths(notebook: NotebookNode) -> NotebookNode:
    """Return an executed notebook without what papermill notes: paths of this machine, and times."""
    result = from_text(to_text(notebook))
    for one in [result, *result.cells]:
        for key in ("papermill", "execution"):
            one.metadata.pop(key, None)
    return result


def with_outputs(source: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """Return ``executed`` with the prose and the tags of ``source``, whose code is the same.

    So that a chapter in which only prose changed need not run again.  ``executed`` may hold one cell more: the
    parameters that papermill injected.
    """
    result = nbformat.from_dict(json.loads(json.dumps(source)))  # type: ignore[no-untyped-call]
    injected = [cell for cell in executed.cells if "injected-parameters" in cell.metadata.get("tags", [])]
    ran = iter(_own_code(executed))
    cells = []
    for cell in result.cells:
        cells.append(cell)
        if cell.cell_type != "code":
            continue
        twin = next(ran)
        cell.outputs, cell.execution_count = twin.outputs, twin.execution_count
        if "parameters" in cell.metadata.get("tags", []):
            cells.extend(injected)
    result.cells = cells
    result.metadata = executed.metadata
    return result  # type: ignore[no-any-return]
