"""The first file to read in an archive: what it holds, and how to check that it is what its code computes."""

from __future__ import annotations

from kdbook.archive.checksums import FILE as CHECKSUMS
from kdbook.archive.crate import FILE as CRATE
from kdbook.archive.crate import Told

FILE = "README.md"
_TEXT = """\
# {title}

{abstract}

Version {version}, {date}, commit {commit}.{unclean}

| | |
|---|---|
| `html/index.html` | the rendered book: open it in a browser, it needs no network |
| `executed/` | each chapter as it ran: a notebook with its outputs, its figures (SVG) and their data (CSV) |
| `manifest.json` | the record of each chapter: parameters, seed, versions, hashes of what went in and came out |
| `source/` | the sources of that commit; `source/README.md` says how to build the book from them |
| `{wheel}` | the code that computed it, as a Python package |
| `{lock}` | every package that it ran with, pinned with hashes |
| `{checksums}` | the SHA-256 of every other file here |
| `{crate}` | this list for machines (RO-Crate 1.1) |

## To verify it

That no file has changed since: `sha256sum --quiet -c {checksums}` (on macOS `shasum -a 256 -c {checksums}`).

That the book is what the code computes, with Python 3.11 to 3.14, in this folder:

    python3 -m venv .venv
    .venv/bin/pip install -r {lock}
    .venv/bin/pip install --no-deps {wheel}
    .venv/bin/kdcore verify .

(On Windows, `.venv\\Scripts\\` in place of `.venv/bin/`.) The second line needs a package index; the last one neither a
network nor git. It checks the checksums, runs every chapter again with its recorded parameters, and compares each
number with the stored one; `--sample 3` runs three chapters. It takes about as long as the book took to make: a few
minutes on two cores. It writes nothing here, and its exit status is 0 if nothing differs.

Without a package index at that time, fetch the packages before, with the same Python on the same kind of machine:
`pip download -r {lock} -d packages`, and then add `--no-index --find-links packages` to the second line.

## Licence and citation

Code is under the BSD 3-Clause licence (`source/LICENSE`), prose and figures are under CC BY 4.0
(`source/LICENSE-PROSE`). `source/CITATION.cff` says how to cite it; each page of the book ends with its own entry.
"""


def text(told: Told, wheel: str, lock: str) -> str:
    """Return the file.

    Parameters
    ----------
    told : Told
        What the archive says of itself.
    wheel, lock : str
        The names of kdcore as a package and of its lock file.
    """
    return _TEXT.format(
        title=told.cited["title"],
        abstract=str(told.cited["abstract"]).strip(),
        version=told.cited["version"],
        date=told.cited["date-released"],
        commit=f"`{told.commit}`",
        unclean=f" **{told.unclean}**" if told.unclean else "",
        wheel=wheel,
        lock=lock,
        checksums=CHECKSUMS,
        crate=CRATE,
    )
