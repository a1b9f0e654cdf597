"""The page *Reproducibility*: what this build ran, with what, and the command that repeats each chapter."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import kdcore
from kdbook.downloads import wheel_name
from kdbook.execution.chapters import Executed
from kdbook.markup import myst

FILE = "record.json"
"""In the staged book: what the page is made of."""
DIRECTIVE = "record"
_EQUALS = "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"
"""Between a parameter and its value, which stay on one line."""


@dataclass(frozen=True)
class Run:
    """A chapter in this build: its name, its record (empty if it has not run), and whether it would run the same."""

    name: str
    record: Mapping[str, Any]
    current: bool


def to_text(executed: Sequence[Executed]) -> str:
    """Return what the page is made of, for :mod:`kdbook.site.record_directive`."""
    runs = [Run(result.chapter.name, dict(result.record), result.current) for result in executed]
    return json.dumps([asdict(run) for run in runs], indent=1) + "\n"


def from_text(text: str) -> list[Run]:
    """Return what :func:`to_text` wrote."""
    return [Run(**entry) for entry in json.loads(text)]


def is_shown(page: str) -> bool:
    """Return whether a page in Markdown shows the record."""
    if f"{{{DIRECTIVE}}}" not in page:
        return False
    try:
        return any(box.name == DIRECTIVE for box in myst.directives(page))
    except ValueError:
        return True  # a directive is not closed, and the record may be in it


def record_page(runs: Sequence[Run]) -> str:
    """Return the record of a build as Markdown."""
    ran = [run for run in runs if run.record]
    parts = [_places(ran), _chapters(runs), _parameters(ran), _hashes(ran)]
    downloads = (
        f"{{download}}`manifest.json <downloads/manifest.json>` holds all of this for programs, "
        f"{{download}}`{wheel_name()} <downloads/{wheel_name()}>` is kdcore {kdcore.__version__} as it ran here.\n"
    )
    return "\n".join([downloads, *parts])


def _places(ran: Sequence[Run]) -> str:
    """Say with what the chapters ran: once if all ran with the same."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for run in ran:
        groups.setdefault(_place(run.record), []).append(run.name)
    lines = ["| Made with | " + " | ".join(_names(names, len(ran)) for names in groups.values()) + " |"]
    lines.append("|:--|" + ":--|" * len(groups))
    for row, label in enumerate(("commit", "profile", "Python", "platform", "versions", "source of kdcore")):
        lines.append(f"| {label} | " + " | ".join(place[row] for place in groups) + " |")
    return "\n".join(lines) + "\n" if ran else ""


def _names(names: Sequence[str], total: int) -> str:
    return "all chapters" if len(names) == total else ", ".join(names)


def _place(record: Any) -> tuple[str, ...]:
    commit = f"`{record['commit'][:12]}`" if record.get("commit") else record.get("no_commit", "no repository")
    clean = {True: "", False: ", with changes that are not in it", None: ""}[record.get("clean")]
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    source = record["source"][:12]
    return f"{commit}{clean}", record["profile"], record["python"], record["platform"], versions, f"`{source}`"


def _chapters(runs: Sequence[Run]) -> str:
    lines = ["## Each chapter", "", "```{container} cards-by-row"]
    lines += ["| Chapter | Seconds | Seed | Repeat it with |", "|:--|--:|--:|:--|"]
    for run in runs:
        name = f"[](/{run.name}.ipynb)"
        if not run.record:
            lines.append(f"| {name} | not run | | `kdcore run {run.name}` |")
            continue
        seed = run.record.get("seed")
        state = "" if run.current else " (code or parameters have changed since)"
        lines.append(
            f"| {name}{state} | {run.record['duration_s']:.1f} | {'none' if seed is None else seed} "
            f"| `{command(run)}` |"
        )
    lines.append("```")
    return "\n".join(lines) + "\n"


def command(run: Run) -> str:
    """Return the command that repeats a chapter with the parameters it ran with."""
    words = ["kdcore", "run", run.name]
    for name, value in run.record["parameters"].items():
        words += ["-p", name, str(value)]
    return " ".join(words)


def _parameters(ran: Sequence[Run]) -> str:
    lines = ["## Parameters", "", "Bold where they differ from the chapter's own.", ""]
    for run in ran:
        changed = run.record["parameters"]
        pairs = {k: f"{k}{_EQUALS}{v}" for k, v in run.record["values"].items()}
        values = [f"**{pair}**" if k in changed else pair for k, pair in pairs.items()]
        lines += [f"[](/{run.name}.ipynb)", f": {', '.join(values) or 'none'}", ""]
    return "\n".join(lines) + "\n"


def _hashes(ran: Sequence[Run]) -> str:
    lines = [
        "## Hashes",
        "",
        "The first twelve digits of SHA-256: of what a chapter's numbers depend on (its code, parameters, kdcore, the "
        "lock file, Python's version), of what its cells printed, and of its figures' data.",
        "",
        "```{container} cards-by-row",
        "| Chapter | Inputs | Outputs | Data of figures |",
        "|:--|:--|:--|:--|",
    ]
    for run in ran:
        outputs = run.record["outputs"]
        data = [f"{n.removesuffix('.csv')} `{h[:12]}`" for n, h in outputs["figures"].items() if n.endswith(".csv")]
        lines.append(
            f"| [](/{run.name}.ipynb) | `{run.record['key'][:12]}` | `{outputs['cells'][:12]}` | {'<br>'.join(data)} |"
        )
    lines.append("```")
    return "\n".join(lines) + "\n"
