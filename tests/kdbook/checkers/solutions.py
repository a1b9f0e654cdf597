"""A chapter run as a teacher's notebook: what each check in it says."""

from __future__ import annotations

import json

from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from kdbook.course import handout
from kdbook.course.exercises import checked, read_exercises
from kdbook.project import Project
from tests.labels import unnumbered

PROJECT = Project.find()
VERDICTS = "verdicts.json"
CHAPTERS = [c for c in PROJECT.chapters() if any(exercise.code for exercise in read_exercises(c))]
"""Those with code in a solution."""

_LISTEN = """\
import json
import kdcore as kd
_heard, _check = [], kd.check
def _listening(label, answer):
    verdict = _check(label, answer)
    _heard.append([_where, label, verdict.right, verdict.answered, verdict.message])
    return verdict
kd.check = _listening
"""


def run(chapter, folder):
    """Run a chapter, its starters and solutions; return ``[where, label, right, answered, message]`` for each check."""
    notebook = handout.handed_out(chapter, unnumbered(PROJECT), handout.TEACHER)
    cells = [new_code_cell(_LISTEN)]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            tags = cell.metadata.get("tags", [])
            cells.append(new_code_cell(f"_where = {tags[0] if tags else ''!r}"))
            cells.append(cell)
    cells.append(new_code_cell(f"with open({VERDICTS!r}, 'w') as file:\n    json.dump(_heard, file)"))
    notebook.cells = cells
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    return json.loads((folder / VERDICTS).read_text())


def assert_solved(chapter, folder):
    heard = run(chapter, folder)
    exercises = read_exercises(chapter)
    blanks = [said for said in heard if said[0] == handout.BLANK]
    solved = [said for said in heard if said[0] == handout.SOLUTION]
    assert len(heard) == len(blanks) + len(solved), "a cell of the chapter itself checks something"
    assert [said for said in blanks if said[3]] == [], "a starter must leave its answers blank"
    assert [said for said in solved if not said[2]] == []
    assert [label for _, label, *_ in blanks] == [label for exercise in exercises for label in exercise.checks]
    assert [label for _, label, *_ in solved] == [
        label for e in exercises for code in e.code for label in checked(code)
    ]
