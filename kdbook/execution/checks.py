"""Cells that fold: those tagged ``check``, with what their run said, and code that only draws or computes."""

from __future__ import annotations

import ast

from nbformat import NotebookNode

TAG = "check"
"""A cell with this tag checks or computes something that a proof says; a page folds it with all that it printed."""
TITLE = "Check this step"
"""What the fold of such a cell is called, unless the cell's ``code_prompt_show`` says it."""


def fold(notebook: NotebookNode) -> None:
    """Give cells of an executed notebook the tags and titles with which MyST-NB folds them on a page.

    The title of a check says how long it is and what became of it: "Check this step: 12 lines, passes".
    """
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        prompts = dict(cell.metadata.get("mystnb", {}))
        if cell.cell_type != "code" or not {TAG, "hide-input"} & set(tags):
            continue
        n_lines = len(cell.source.splitlines())
        lines = f"{n_lines} {'line' if n_lines == 1 else 'lines'}"
        if TAG in tags:
            cell.metadata["tags"] = [*tags, "hide-cell"]
            title = prompts.get("code_prompt_show", TITLE)
            prompts["code_prompt_show"] = prompts["code_prompt_hide"] = f"{title}: {lines}, {outcome(cell)}"
        else:
            prompts.setdefault("code_prompt_show", f"Show the code: {lines}")
            prompts.setdefault("code_prompt_hide", "Hide the code")
        cell.metadata["mystnb"] = prompts


def outcome(cell: NotebookNode) -> str:
    """Return what the run of a cell says: it passes, fails, ran (and asserts nothing), or did not run."""
    if any(output.output_type == "error" for output in cell.outputs):
        return "fails"
    if cell.execution_count is None:
        return "not run"
    return "passes" if asserts(cell.source) else "ran"


def asserts(code: str) -> bool:
    """Return whether a code cell asserts something."""
    return any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(code)))
