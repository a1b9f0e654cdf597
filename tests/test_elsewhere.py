"""Windows and macOS, without either: what they do otherwise is imitated (``tests/otherwise.py``), or sought in code."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from contextlib import nullcontext
from functools import cache
from pathlib import Path, PurePosixPath

import pandas as pd
import pytest
from matplotlib.figure import Figure

from kdbook import files, folders
from kdbook.commands import main, serve
from kdbook.commands.answers import logs
from kdbook.commands.authors import new_chapter
from kdbook.execution import records
from kdbook.execution.chapters import as_committed
from kdbook.printing import chromium
from kdbook.project import BookError, Project
from kdbook.site.staging import stage
from kdcore import figures
from tests.mini import kdcore, snapshot, write_book, write_chapter
from tests.otherwise import Console, files_of_any_case, windows_files

ROOT = Path(__file__).parents[1]
SOURCES = [path for folder in ("kdbook", "kdcore", "scripts", "benchmarks") for path in (ROOT / folder).rglob("*.py")]


@cache
def parsed(path):
    return ast.parse(path.read_bytes())


on_linux = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="looks into /proc for what is open")


# What is open stays


@pytest.fixture
def short_waits(monkeypatch):
    monkeypatch.setattr(files, "WAITS", (0, 0, 0))


def test_the_imitation_refuses_what_windows_refuses(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    (tmp_path / "folder").mkdir()
    one.touch()
    with windows_files():
        other.write_text("é\n")
        assert other.read_bytes() == b"\xe9\r\n"
        assert other.read_text() == "é\n"
        with one.open("rb"):
            for refused in (
                lambda: os.replace(other, one),
                lambda: os.replace(one, other),
                lambda: os.replace(tmp_path, tmp_path.with_name("elsewhere")),
                one.unlink,
                lambda: shutil.rmtree(tmp_path),
            ):
                with pytest.raises(PermissionError):
                    refused()
        with pytest.raises(FileExistsError):
            other.rename(one)
        with pytest.raises(PermissionError):
            os.replace(one, tmp_path / "folder")
        os.replace(other, one)
    assert (one.exists(), other.exists()) == (True, False)


@pytest.mark.usefixtures("short_waits")
@pytest.mark.parametrize("refusals", [0, 1, 3])
def test_a_file_that_is_open_for_a_moment_is_replaced_after_it(tmp_path, monkeypatch, refusals):
    target, replace, tries = tmp_path / "file", os.replace, []

    def refused_at_first(source, place):
        tries.append(place)
        if len(tries) <= refusals:
            raise PermissionError(13, "Permission denied", str(source), 32, str(place))
        replace(source, place)

    monkeypatch.setattr(os, "replace", refused_at_first)
    files.write_atomic(target, "new")
    assert target.read_bytes() == b"new"
    assert len(tries) == refusals + 1
    assert os.listdir(tmp_path) == ["file"]


@on_linux
@pytest.mark.usefixtures("short_waits")
def test_what_stays_open_is_left_whole_and_named_with_what_to_do(tmp_path):
    target, folder, new = tmp_path / "file", tmp_path / "folder", tmp_path / "new"
    target.write_text("old")
    for one in (folder, new):
        one.mkdir()
        (one / "page").write_text(one.name)
    with windows_files(), target.open("rb"), (folder / "page").open("rb"):
        for place, write in (
            (target, lambda: files.write_atomic(target, "new")),
            (tmp_path / ".folder.old", lambda: folders.replace_folder(new, folder)),
        ):
            with pytest.raises(
                PermissionError, match="close the program that has it open, and run the command again"
            ) as said:
                write()
            assert said.value.filename == str(place)
    assert (target.read_text(), (folder / "page").read_text()) == ("old", "folder")
    assert sorted(os.listdir(tmp_path)) == ["file", "folder", "new"]


def test_elsewhere_a_refusal_is_not_tried_again(tmp_path, monkeypatch):
    tries = []

    def refused(source, _):
        tries.append(source)
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files, "WAITS", ())
    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(PermissionError, match="Permission denied: '"):
        files.write_atomic(tmp_path / "file", "new")
    assert len(tries) == 1


# Texts


@on_linux
def test_what_is_written_is_the_same_to_the_byte(tmp_path):
    """A new chapter, its normal form, sheets, answers and results of a class, and a staged book."""
    made = []
    for name in ("here", "windows"):
        root = write_book(tmp_path / name)
        write_chapter(root / "book" / "first.ipynb", "Größe: π ≤ 4", "print('√')")
        with windows_files() if name == "windows" else nullcontext():
            for words in (
                ["new-chapter", "third", "--title", "Größe ≥ 1"],
                ["normalise"],
                ["classroom", "sheets", "--pairs", "2"],
                ["classroom", "example", "--pairs", "3"],
                ["classroom", "compare", "answers.csv"],
            ):
                result = kdcore(root, *words)
                assert result.returncode == 0, result.stderr
            stage(Project(root), as_committed(Project(root)), root / "staged", downloads=False)
        made.append(snapshot(root))
    assert {"book/third.ipynb", "classroom-results/classroom-comparison.csv", "staged/_toc.yml"} < set(made[0])
    assert [name for name, data in made[0].items() if made[1].get(name) != data] == []
    assert set(made[0]) == set(made[1])


@on_linux
def test_a_figure_is_the_same_to_the_byte(tmp_path, monkeypatch):
    made = []
    for name in ("here", "windows"):
        monkeypatch.setenv("KDCORE_FIGURES", str(tmp_path / name))
        fig = Figure()
        fig.subplots().plot([1, 2], [3, 4])
        with monkeypatch.context() as patch, windows_files() if name == "windows" else nullcontext():
            patch.setattr(os, "linesep", "\r\n")
            figures.save(fig, "fig-line", pd.DataFrame({"x": [1, 2], "π": ["é", "√"]}))
        made.append(snapshot(tmp_path / name))
    assert made[0] == made[1]
    assert not any(b"\r" in data for data in made[0].values())


def test_whoever_reads_what_a_program_says_names_its_encoding():
    """As ruff's PLW1514 asks of files."""
    for path in (path for path in SOURCES if path.is_relative_to(ROOT / "kdbook")):
        for call in (node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)):
            words = {word.arg for word in call.keywords}
            reads = ast.unparse(call.func).startswith("subprocess.") and words & {"text", "universal_newlines"}
            assert not reads or "encoding" in words, f"{path.name}:{call.lineno}"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_console_that_knows_few_characters_shows_the_others_by_their_numbers(tmp_path, monkeypatch, encoding):
    root = write_book(tmp_path / "book")
    write_chapter(root / "book" / "first.ipynb", "Size ≤ 4 √π", "pass")
    console = Console(encoding)
    monkeypatch.setattr(sys, "stdout", console)
    assert main(["--project", str(root), "list"]) == 0
    assert rb"Size \u2264 4 \u221a\u03c0" in console.said


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_json_can_be_read_whatever_the_console_knows(monkeypatch, encoding):
    result = {"path": "Größe/π", "labels": ["ja\u2028", "😀"]}
    console = Console(encoding)
    console.reconfigure(errors="backslashreplace")
    monkeypatch.setattr(sys, "stdout", console)
    logs.print_json(result)
    assert json.loads(console.said) == result
    assert ("π".encode() in console.said) == (encoding == "utf-8")


# Names


RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def unsound(names):
    """The paths, with / between their parts, that Windows or macOS cannot hold, beside the others or at all."""
    seen = {}
    for name in names:
        folded = unicodedata.normalize("NFC", name).casefold()
        if (
            seen.setdefault(folded, name) != name
            or len(name) > 150
            or any(
                RESERVED.fullmatch(p) or p.endswith((".", " ")) or set(p) & set('<>:"\\|?*')
                for p in PurePosixPath(name).parts
            )
            or unicodedata.normalize("NFC", name) != name
            or any(ord(letter) < 32 for letter in name)
        ):
            yield name


def test_unsound_names_are_known():
    bad = ["a/b.md", "A/b.md", "x/aux", "nul.py", "Com1", "what?", "a:b", "end.", "a\\b", "e\u0301", "l" * 151]
    assert list(unsound(bad)) == bad[1:]
    assert list(unsound(["auxiliary.py", "console.md", "a.b.c", ".hidden", "é"])) == []


def test_every_file_of_the_repository_can_lie_on_every_system():
    told = subprocess.run(["git", "ls-files", "-z", "--eol"], cwd=ROOT, capture_output=True, encoding="utf-8")
    if told.returncode != 0:
        pytest.skip("not a clone")
    kinds, names = zip(*(line.split("\t") for line in told.stdout.split("\0") if line), strict=True)
    assert list(unsound(names)) == []
    # Git for Windows writes two characters at the end of a line, unless it is told otherwise.
    assert {kind.split()[-1] for kind in kinds} == {"eol=lf"}
    assert {kind.split()[0] for kind in kinds} <= {"i/lf", "i/none", "i/-text"}


def test_every_file_of_the_book_can_lie_on_every_system(html):
    assert list(unsound(path.relative_to(html).as_posix() for path in html.rglob("*"))) == []


@pytest.mark.parametrize("name", ["aux", "con", "com1", "lp-t9", "n-ul"])
def test_no_new_chapter_is_called_as_windows_calls_a_device(tmp_path, name):
    root = write_book(tmp_path / "book")
    result = kdcore(root, "new-chapter", name)
    assert f"lpt1 to lpt9: got {name!r}" in result.stderr
    assert result.returncode == 1
    assert set(new_chapter.RESERVED) == {f"{n}" for n in new_chapter.RESERVED if RESERVED.fullmatch(n)}


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ("First", "must spell pages as their files, small and capital letters: first.ipynb"),
        ("first\n  - file: FIRST", "must spell pages as their files, small and capital letters: FIRST.ipynb"),
    ],
)
def test_pages_are_spelt_as_their_files(tmp_path, listed, said):
    root = write_book(tmp_path / "book")
    toc = root / "_toc.yml"
    toc.write_text(toc.read_text().replace("first", listed))
    with pytest.raises(BookError, match="lists pages that do not exist"):
        Project(root).pages()
    with files_of_any_case(), pytest.raises(BookError, match="must spell pages as their files"):
        Project(root).pages()


def test_two_pages_that_differ_by_capital_letters_are_refused(tmp_path):
    root = write_book(tmp_path / "book")
    shutil.copy(root / "book" / "first.ipynb", root / "book" / "Second.ipynb")
    toc = root / "_toc.yml"
    toc.write_text(toc.read_text().replace("first", "Second"))
    with pytest.raises(BookError, match="lists 'Second' and 'second', whose files are one on macOS and Windows"):
        Project(root).pages()


def test_a_page_is_listed_however_the_system_writes_its_accents(tmp_path):
    root = write_book(tmp_path / "book")
    (root / "book" / unicodedata.normalize("NFD", "größe.md")).write_text("# Size\n")
    toc = root / "_toc.yml"
    toc.write_text(f"{toc.read_text()}  - file: {unicodedata.normalize('NFD', 'größe')}\n", encoding="utf-8")
    assert Project(root).left_out() == []


def test_a_book_may_be_reached_by_a_link(built, tmp_path):
    """As /tmp on macOS: git, the record and the build see one folder."""
    link = tmp_path / "link"
    link.symlink_to(built, target_is_directory=True)
    before = snapshot(built / "_build" / "html")
    result = kdcore(tmp_path, "--project", str(link), "build", "--strict")
    assert "Nothing changed: the book is up to date." in result.stdout, result.stderr
    assert snapshot(built / "_build" / "html") == before
    subprocess.run(["git", "init", "--quiet"], cwd=built, check=True)
    assert records.git_state(Project(link))["no_commit"] == "no commit yet"
    (link / "inner").mkdir()
    assert "is not its own" in records.git_state(Project(link / "inner"))["no_commit"]


# What only some systems have


ONLY_POSIX = {
    "": {"fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty"},
    "os": {
        *("chown", "fork", "forkpty", "getegid", "geteuid", "getgid", "getgroups", "getloadavg", "getpgid", "getpgrp"),
        *("getsid", "getuid", "killpg", "mkfifo", "mknod", "nice", "openpty", "sched_getaffinity", "sched_setaffinity"),
        *("setgid", "setpgid", "setsid", "setuid", "statvfs", "sync", "sysconf", "uname", "wait3", "wait4"),
    },
    "signal": {
        "SIGALRM",
        "SIGHUP",
        "SIGKILL",
        "SIGPIPE",
        "SIGUSR1",
        "SIGUSR2",
        "alarm",
        "pause",
        "setitimer",
        "sigwait",
    },
    "time": {"tzset", "clock_gettime"},
}


def posix_alone(tree):
    """What a source uses that Windows has not, each with its line, but for lines that ask whether it is there."""
    asked = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.IfExp | ast.BoolOp) and re.search(
            r"hasattr|os\.name|sys\.platform", ast.unparse(node)
        ):
            asked.update(range(node.lineno, node.end_lineno + 1))
    for node in ast.walk(tree):
        found = []
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names if alias.name in ONLY_POSIX[""]]
        elif isinstance(node, ast.ImportFrom):
            found = [alias.name for alias in node.names if alias.name in ONLY_POSIX.get(node.module, ())]
            found += [node.module] * (node.module in ONLY_POSIX[""])
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found = [node.attr] * (node.attr in ONLY_POSIX.get(node.value.id, ()))
        elif isinstance(node, ast.Call):
            found = [word.arg for word in node.keywords if word.arg in ("preexec_fn", "start_new_session", "pass_fds")]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = [node.value] * (node.value.startswith(("/proc/", "/dev/", "/tmp")) and "\n" not in node.value)
        yield from (f"{node.lineno}: {name}" for name in found if node.lineno not in asked)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import os\nos.getuid()", ["2: getuid"]),
        ("import fcntl", ["1: fcntl"]),
        ("from os import fork, path", ["1: fork"]),
        ("from resource import getrusage", ["1: resource"]),
        ("run(x, preexec_fn=f)", ["1: preexec_fn"]),
        ("open('/proc/self/status')", ["1: /proc/self/status"]),
        ("n = len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else 1", []),
        ("if os.name != 'nt':\n    os.getuid()", []),
        ("os.kill(1, 2)\nos.getpid()", []),
    ],
)
def test_what_windows_has_not_is_seen(source, found):
    assert list(posix_alone(ast.parse(source))) == found


def test_nothing_is_used_that_windows_has_not():
    on_linux = {"benchmarks", "forked"}  # what is run there alone; nothing imports the module that forks kernels
    sources = [path for path in SOURCES if not on_linux & {path.parent.name, path.stem}]
    assert not [path for path in sources if re.search(r"import forked|execution\.forked import", path.read_text())]
    assert len(sources) > 150
    found = {path.relative_to(ROOT).as_posix(): list(posix_alone(parsed(path))) for path in sources}
    assert {name: lines for name, lines in found.items() if lines} == {}


WITHOUT = """
import os, signal, sys, time
POSIX = %r
import kdbook.commands, kdcore, kdcore.figures, kdcore.logs
for name in [name for name in sys.modules if name.split(".")[0] in ("kdbook", "kdcore")]:
    del sys.modules[name]
for name in POSIX[""]:
    sys.modules[name] = None
for module in (os, signal, time):
    for name in POSIX[module.__name__]:
        vars(module).pop(name, None)
import kdcore as kd
from kdbook.commands import main
table = kd.simulate_risk(kd.instance_0(4, 4), 10, n_repeats=9)
sys.exit(main(["sweep", "--instance", "2", "--inputs", "10", "--labels", "11", "--samples", "99"]))
"""


def test_a_python_without_them_does_the_mathematics():
    done = subprocess.run([sys.executable, "-c", WITHOUT % ONLY_POSIX], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "sel_ptl,10,11,99," in done.stdout


def test_files_are_served_as_what_they_are_whatever_the_system_calls_them(monkeypatch):
    """The registry of Windows may say that a script is plain text, which browsers then do not run."""
    import mimetypes

    handler = object.__new__(serve._QuietHandler)
    for ending, kind in (
        (".js", "text/javascript"),
        (".css", "text/css"),
        (".svg", "image/svg+xml"),
        (".html", "text/html"),
    ):
        monkeypatch.setitem(mimetypes.types_map, ending, "text/plain")
        assert handler.guess_type(f"/folder/file{ending}") == kind


def test_chromium_is_found_where_macos_and_windows_have_it(tmp_path, monkeypatch):
    program = tmp_path / "Google Chrome"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    monkeypatch.delenv(chromium.VARIABLE, raising=False)
    monkeypatch.setattr(chromium, "PLACES", (str(tmp_path / "absent"), str(program)))
    assert chromium.find() == str(program)
    monkeypatch.setattr(chromium, "TELLS_VERSION", False)
    before = chromium.version(str(program))
    assert before.startswith("Google Chrome of ")
    os.utime(program, (1, 1))
    assert chromium.version(str(program)) != before
