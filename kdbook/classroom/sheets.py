"""The printed sheets of the classroom experiment: one page for the cook of each pair, one for its student."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Sequence

from kdbook.classroom import Cook, protocol_of

SAY = {
    "hard": "Say the weather and the dish. Nothing else: “{input}: {label}.”",
    "partial": "Say the weather, the dish, and in how many of the 36 throws this dish comes up in this weather: "
    "“{input}: {label}, {parts} of 36.” Say nothing of other dishes.",
    "soft": "Say the weather and the dish. The first time each weather comes up, read out its whole row: “{input}: "
    "{label}. When {input}: {row}.”",
}
"""What the cook may say under each protocol; a cook of one's own has inputs and labels in place of weather and dish."""
WRITE = {
    "hard": "You hear the weather and the dish. Make a stroke for each.",
    "partial": "You hear the weather, the dish and the number of throws out of 36 that mean this dish. Make a stroke, "
    "and write the number beside it once.",
    "soft": "You hear the weather and the dish, and once for each weather the whole row. Make a stroke, and write the "
    "row down.",
}
_TITLE = {
    "hard": "the answer alone",
    "partial": "the answer and its probability",
    "soft": "all probabilities",
}
_STYLE = """
@page { size: A4; margin: 14mm; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 182mm; color: #000; background: #fff; }
body { font: 11.5pt/1.35 "Source Sans Pro", Arial, sans-serif; }
section { break-after: page; padding: 0 0 8mm; }
section:last-child { break-after: auto; }
h1 { display: flex; justify-content: space-between; margin: 0 0 3mm; font-size: 17pt; }
h1 { padding-bottom: 1.5mm; border-bottom: 0.6mm solid #000; }
h2 { margin: 4.5mm 0 1.5mm; font-size: 12.5pt; }
p { margin: 1.5mm 0; }
table { width: 100%; border-collapse: collapse; table-layout: fixed; break-inside: avoid; }
th, td { border: 0.25mm solid #000; padding: 1mm; text-align: center; font-size: 10.5pt; overflow-wrap: anywhere; }
th { background: #eee; font-weight: 600; }
.say { padding: 2mm 3mm; border: 0.6mm solid #000; font-size: 12.5pt; }
.tally td { height: 15mm; }
.guess td { height: 8.5mm; }
.narrow { width: 17mm; }
@media screen { body { padding: 8mm 4mm; } section { border-bottom: 1px dashed #000; margin-bottom: 8mm; } }
"""


def sheets(cook: Cook, pairs: Sequence[int], samples: Sequence[int]) -> str:
    """Return a page to print: for each pair the sheet of the cook and that of the student.

    Parameters
    ----------
    cook : Cook
        Before shuffling: each pair has its own order.
    pairs : sequence of int
        Their numbers.
    samples : sequence of int
        After how many throws a guess is written.
    """
    words = _words(cook)
    body = "".join(
        _for_cook(cook.shuffled(pair), pair, words) + _for_student(cook, pair, samples, words) for pair in pairs
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>Sheets for the classroom experiment</title><style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )


def empty_answers(cook: Cook, pairs: Sequence[int], samples: Sequence[int]) -> str:
    """Return the answers of a class as CSV with empty guesses, to be filled in."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["pair", "protocol", "n", "input", *cook.labels])
    for pair in pairs:
        for n in samples:
            for name in cook.inputs:
                writer.writerow([pair, protocol_of(pair), n, name, *[""] * len(cook.labels)])
    return text.getvalue()


def _words(cook: Cook) -> tuple[str, str]:
    """Return what inputs and labels are called: weather and dishes are those of the book's cook."""
    return ("weather", "dish") if set(cook.inputs) <= {"sun", "rain", "snow"} else ("input", "label")


def _spoken(text: str, words: tuple[str, str]) -> str:
    return (
        text.replace("weather", words[0])
        .replace("dishes", words[1] + "es" * (words[1] == "dish"))
        .replace("dish", words[1])
    )


def _row(cells: Sequence[object], tag: str = "td", first: str = "") -> str:
    opening = f'<th scope="row">{html.escape(first)}</th>' if first else ""
    return "<tr>" + opening + "".join(f"<{tag}>{html.escape(str(cell))}</{tag}>" for cell in cells) + "</tr>"


def _head(cells: Sequence[object], first: str) -> str:
    return f'<thead><tr><th class="narrow">{html.escape(first)}</th>' + _row(cells, "th")[4:] + "</thead>"


def _for_cook(cook: Cook, pair: int, words: tuple[str, str]) -> str:
    protocol = protocol_of(pair)
    which = next(i for i, row in enumerate(cook.parts) if max(row))
    label = max(range(len(cook.labels)), key=lambda a: cook.parts[which][a])
    row = ", ".join(f"{name} {parts}" for name, parts in zip(cook.labels, cook.parts[which], strict=True))
    say = _spoken(SAY[protocol], words).format(
        input=cook.inputs[which], label=cook.labels[label], parts=cook.parts[which][label], row=row
    )
    faces = _head(range(1, 7), "first die") + _row(cook.on_input_die(), first=words[0])
    parts = [
        f"<h2>{html.escape(name)}: second and third die</h2><table>"
        + _head(range(1, 7), "2nd \\ 3rd")
        + "".join(_row(line, first=str(face)) for face, line in enumerate(cook.on_label_dice(which), start=1))
        + "</table>"
        for which, name in enumerate(cook.inputs)
    ]
    rows = "".join(_row(row, first=name) for name, row in zip(cook.inputs, cook.parts, strict=True))
    numbers = (
        f"<h2>Throws out of 36</h2><table>{_head(cook.labels, words[0])}{rows}</table>" if protocol != "hard" else ""
    )
    return (
        f"<section><h1><span>Cook’s sheet: keep it hidden</span><span>pair {pair}</span></h1>"
        f"<p>Throw three dice, or one die three times. The first chooses the {words[0]}, the other two the "
        f"{words[1]}, in the table of that {words[0]}: second die down, third die across.</p>"
        f'<p class="say"><strong>{protocol}: {_TITLE[protocol]}.</strong> {html.escape(say)}</p>'
        f"<table>{faces}</table>{''.join(parts)}{numbers}</section>"
    )


def _for_student(cook: Cook, pair: int, samples: Sequence[int], words: tuple[str, str]) -> str:
    protocol = protocol_of(pair)
    blank = [""] * len(cook.labels)
    lines = []
    for name in cook.inputs:
        lines.append(_row(blank, first=name))
        if protocol != "hard":
            lines.append(_row(blank, first="of 36"))
    guesses = "".join(
        f'<h2>After {n} throws</h2><table class="guess">{_head([*cook.labels, "sum"], words[0])}'
        + "".join(_row([*blank, "36"], first=name) for name in cook.inputs)
        + "</table>"
        for n in samples
    )
    stops = ", ".join(str(n) for n in samples[:-1]) + (" and " if len(samples) > 1 else "") + str(samples[-1])
    task = (
        f"{_spoken(WRITE[protocol], words)} After {stops} throws stop and write, for each {words[0]}, in how many "
        f"of 36 throws you think each {words[1]} comes up: whole numbers that sum to 36. A {words[1]} that you have "
        f"not met may still be possible. If you know nothing, divide as you like, but divide."
    )
    return (
        f"<section><h1><span>Student’s sheet</span><span>pair {pair} · {protocol}</span></h1><p>{html.escape(task)}</p>"
        f'<h2>Strokes</h2><table class="tally">{_head(cook.labels, words[0])}{"".join(lines)}</table>'
        f"{guesses}</section>"
    )
