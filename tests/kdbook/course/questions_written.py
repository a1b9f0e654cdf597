"""What files of questions say, read by other rules than those that wrote them."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

from bs4 import BeautifulSoup
from lxml import etree

QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"
MATH = "{http://www.w3.org/1998/Math/MathML}math"
PAGES = ("quiz-start", "quiz-paper", "quiz-beyond", "quiz-teacher")
BLOCK = re.compile(r"^```\{quiz\} (.*?)\n:name: (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ANSWER = re.compile(r"^- \[(.)\] (.*)\n((?:  >.*\n)+)", re.MULTILINE)
ELSEWHERE = re.compile(r"\{[a-z:]+\}`[^`]*`|\[[^\]]*\]\([^)]*\)|[*`'\"]|\$[^$]*\$")


@dataclass
class Read:
    """A question: what it asks and adds, and of each answer its words, what it is worth, and the feedback."""

    name: str
    asks: str
    answers: list[tuple[str, float, str]]


def sources(book):
    """The questions as they stand in the pages of a book, which its table of contents lists in this order."""
    assert len(list(book.glob("quiz-*.md"))) == len(PAGES)
    pages = [(book / f"{name}.md").read_text(encoding="utf-8") for name in PAGES]
    found = [match for page in pages for match in BLOCK.findall(page)]
    return {name: (asks, several(body), ANSWER.findall(body)) for asks, name, body in found}


def several(body):
    return body.startswith(":several:")


def words(markdown):
    """The pieces of a text that every format must have as they are, in order."""
    pieces = (re.sub(r"\s+", " ", piece).strip(" >") for piece in ELSEWHERE.split(re.sub(r"\n  > ?", " ", markdown)))
    return [piece for piece in pieces if len(piece) > 2]


def formulas(text, opening=r"\$", closing=r"\$"):
    return re.findall(f"{opening}(.+?){closing}", text)


def said(written, markdown):
    """Whether a text says what the Markdown says, whatever its references, marks and formulas became."""
    place, flat = 0, re.sub(r"\s+", " ", written)
    for piece in words(markdown):
        place = flat.find(piece, place)
        if place < 0:
            return False
        place += len(piece)
    return True


def gift(text):
    """Questions in GIFT, letter by letter, by the rules of Moodle's documentation: a backslash takes the next letter
    as it is, ``\\n`` is the end of a line, and of the others ``{ } = ~ #`` divide a question."""
    questions, categories = [], []
    for block in re.split(r"\n\s*\n", text):
        lines = [line for line in block.split("\n") if not line.lstrip().startswith("//")]
        rest = "\n".join(lines).strip()
        if rest.startswith("$CATEGORY:"):
            categories.append(rest.removeprefix("$CATEGORY:").strip())
        elif rest:
            _, name, body = rest.split("::", 2)
            questions.append(_gift(name, body))
    return questions, categories


def _gift(name, body):
    parts, signs, letters = [""], [], iter(body)
    for letter in letters:
        if letter == "\\":
            following = next(letters)
            parts[-1] += "\n" if following == "n" else following
        elif letter in "{}=~#":
            signs.append(letter)
            parts.append("")
        else:
            assert letter != ":", body
            parts[-1] += letter
    assert (signs[0], signs[-1], parts[-1].strip()) == ("{", "}", "")
    assert signs[1:-1:2] == [sign for sign in signs[1:-1:2] if sign in "=~"]
    assert set(signs[2:-1:2]) == {"#"}
    answers = []
    for sign, answer, feedback in zip(signs[1:-1:2], parts[2:-1:2], parts[3:-1:2], strict=True):
        weight = re.match(r"%(-?[\d.]+)%", answer)
        share = float(weight[1]) / 100 if weight else float(sign == "=")
        answers.append((plain(answer[weight.end() :] if weight else answer), share, plain(feedback)))
    return Read(name, plain(parts[0]), answers)


def plain(html):
    html = html.strip()
    assert html.startswith("[html]"), html
    return shown(html.removeprefix("[html]"))


def shown(html):
    return BeautifulSoup(html, "html.parser").get_text()


def qti(data):
    """The files of a package, and its questions in the order of its test."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    files = {name: etree.fromstring(archive.read(name)) for name in archive.namelist()}
    order = [ref.get("href") for ref in files["test.xml"].iter(f"{QTI}assessmentItemRef")]
    return files, [_qti(files[name]) for name in order]


def _qti(item):
    worth = {entry.get("mapKey"): float(entry.get("mappedValue")) for entry in item.iter(f"{QTI}mapEntry")}
    body = item.find(f"{QTI}itemBody")
    feedback = {one.get("identifier"): "".join(one.itertext()) for one in item.iter(f"{QTI}modalFeedback")}
    choices = list(item.iter(f"{QTI}simpleChoice"))
    answers = [("".join(c.itertext()), worth[c.get("identifier")], feedback[c.get("identifier")]) for c in choices]
    prompt = "".join(item.find(f".//{QTI}prompt").itertext())
    right = {value.text for value in item.find(f".//{QTI}correctResponse")}
    assert right == {name for name, value in worth.items() if value > 0}
    assert set(worth) == set(feedback) == {choice.get("identifier") for choice in choices}
    return Read(item.get("identifier"), prompt + "".join("".join(e.itertext()) for e in body[:-1]), answers)


def page(html):
    """The questions of a page of HTML."""
    soup = BeautifulSoup(html, "html.parser")
    found = []
    for one in soup.select("fieldset.quiz"):
        texts = [item.get_text() for item in one.select(".quiz-answers > li")]
        reasons = one.select(".quiz-reasons > li")
        rights = ["data-right" in reason.attrs for reason in reasons]
        answers = [
            (text, float(right), reason.get_text()) for text, right, reason in zip(texts, rights, reasons, strict=True)
        ]
        stem = "".join(p.get_text() for p in one.find_all("p", recursive=False))
        found.append(Read(one["id"], one.legend.get_text() + stem, answers))
    return soup, found
