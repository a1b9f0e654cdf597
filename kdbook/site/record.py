"""The page *Reproducibility*: what this build ran, with what, and the command that repeats each chapter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import kdcore
from kdbook.downloads import wheel_name
from kdbook.execution.chapters import Executed

PLACEHOLDER = "% the record of the build stands here"


_EQUALS = "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"
"""Between a parameter and its value, which stay on one line."""


def record_page(executed: Sequence[Executed]) -> str:
    """Return the record of a build as Markdown."""
    ran = [result for result in executed if result.record]
    parts = [_places(ran), _chapters(executed), _parameters(ran), _hashes(ran)]
    downloads = (
        f"{{download}}`manifest.json <downloads/manifest.json>` holds all of this for programs, "
        f"{{download}}`{wheel_name()} <downloads/{wheel_name()}>` is kdcore {kdcore.__version__} as it ran here.\n"
    )
    return "\n".join([downloads, *parts])


def _places(ran: Sequence[Executed]) -> str:
    """Say with what the chapters ran: once if all ran with the same."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for result in ran:
        groups.setdefault(_place(result.record), []).append(result.chapter.name)
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


def _chapters(executed: Sequence[Executed]) -> str:
    lines = ["## Each chapter", "", "| Chapter | Seconds | Seed | Repeat it with |", "|:--|--:|--:|:--|"]
    for result in executed:
        name = f"[](/{result.chapter.name}.ipynb)"
        if not result.record:
            lines.append(f"| {name} | not run | | `kdcore run {result.chapter.name}` |")
            continue
        seed = result.record.get("seed")
        state = "" if result.current else " (code or parameters have changed since)"
        lines.append(
            f"| {name}{state} | {result.record['duration_s']:.1f} | {'none' if seed is None else seed} "
            f"| `{command(result)}` |"
        )
    return "\n".join(lines) + "\n"


def command(result: Executed) -> str:
    """Return the command that repeats a chapter with the parameters it ran with."""
    words = ["kdcore", "run", result.chapter.name]
    for name, value in result.record["parameters"].items():
        words += ["-p", name, str(value)]
    return " ".join(words)


def _parameters(ran: Sequence[Executed]) -> str:
    lines = ["## Parameters", "", "Bold where they differ from the chapter's own.", ""]
    for result in ran:
        changed = result.record["parameters"]
        pairs = {k: f"{k}{_EQUALS}{v}" for k, v in result.record["values"].items()}
        values = [f"**{pair}**" if k in changed else pair for k, pair in pairs.items()]
        lines += [f"[](/{result.chapter.name}.ipynb)", f": {', '.join(values) or 'none'}", ""]
    return "\n".join(lines) + "\n"


def _hashes(ran: Sequence[Executed]) -> str:
    lines = [
        "## Hashes",
        "",
        "The first twelve digits of SHA-256: of what a chapter's numbers depend on (its code, parameters, kdcore, the "
        "lock file, Python's version), of what its cells printed, and of its figures' data.",
        "",
        "| Chapter | Inputs | Outputs | Data of figures |",
        "|:--|:--|:--|:--|",
    ]
    for result in ran:
        outputs = result.record["outputs"]
        data = [f"{n.removesuffix('.csv')} `{h[:12]}`" for n, h in outputs["figures"].items() if n.endswith(".csv")]
        lines.append(
            f"| [](/{result.chapter.name}.ipynb) | `{result.record['key'][:12]}` | `{outputs['cells'][:12]}` "
            f"| {'<br>'.join(data)} |"
        )
    return "\n".join(lines) + "\n"
