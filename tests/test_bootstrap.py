"""Set-up: one line says what a machine lacks, and no more is installed than is missing."""

from __future__ import annotations

import builtins
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from collections import namedtuple
from pathlib import Path

import pytest

from tests.otherwise import Console

SCRIPT = Path(__file__).parents[1] / "scripts" / "bootstrap.py"


@pytest.fixture
def bootstrap(tmp_path, monkeypatch):
    """The script, pointed at an empty project so that it would set up a new environment."""
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "requirements").mkdir()
    for name in ("requirements.txt", "requirements/dev.txt", "requirements/jupyter.txt", "pyproject.toml"):
        (tmp_path / name).write_text("")
    monkeypatch.setattr(module, "ROOT", str(tmp_path))
    monkeypatch.setattr(module, "VENV", str(tmp_path / ".venv"))
    monkeypatch.setattr(module, "BIN", str(tmp_path / ".venv" / "bin"))
    monkeypatch.setattr(module, "VENV_PYTHON", sys.executable)
    monkeypatch.setattr(module, "STAMP", str(tmp_path / ".venv" / ".ready"))
    monkeypatch.setattr(module, "LOG", str(tmp_path / "log"))
    return module


class Machine:
    """What the script does to the machine: environments made, and what pip was told, without doing it.

    ``says`` is what the next pips print, each with its exit status; the others print that they install something.
    """

    def __init__(self, root):
        self.root, self.done, self.says = root, [], []

    def create(self, _builder, path):
        shutil.rmtree(path, ignore_errors=True)
        (Path(path) / "bin").mkdir(parents=True)
        self.done.append("new")

    def pip(self, command, **_named):
        options = command[command.index("install") + 1 :]
        editable = "--editable" in options
        if not editable:
            assert {"--require-hashes", "--only-binary"} <= set(options)
        locks = [options[place + 1] for place, word in enumerate(options) if word == "--requirement"]
        self.done.append("kdcore" if editable else " ".join(locks))
        return Process(*(self.says.pop(0) if self.says else (b"Installing collected packages: x\n", 0)))


class Process:
    """A process that has ended."""

    def __init__(self, said, status):
        self.stdout, self.returncode = said if isinstance(said, Interrupted) else io.BytesIO(said), status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class Interrupted:
    """Output in which somebody presses Ctrl-C after the given line."""

    def __init__(self, line):
        self.line = line

    def __iter__(self):
        yield self.line
        raise KeyboardInterrupt


@pytest.fixture
def machine(bootstrap, tmp_path, monkeypatch):
    machine = Machine(tmp_path)
    monkeypatch.setattr("venv.EnvBuilder.create", lambda self, path: machine.create(self, path))
    monkeypatch.setattr("subprocess.Popen", machine.pip)
    monkeypatch.setattr("subprocess.call", lambda _: 0)
    return machine


def complaint(bootstrap, capsys):
    """Run the script and return the one line that it complains with."""
    assert bootstrap.main() == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    return lines[0]


@pytest.mark.parametrize("version", [(3, 9, 2), (3, 10, 0), (3, 15, 0)])
def test_a_wrong_python(bootstrap, monkeypatch, capsys, version):
    monkeypatch.setattr(sys, "version_info", version)
    line = complaint(bootstrap, capsys)
    assert "Python 3.11 to 3.14 is needed" in line
    assert f"is Python {version[0]}.{version[1]}" in line
    assert "make book PYTHON=" in line


def test_no_venv_module(bootstrap, monkeypatch, capsys):
    original = builtins.__import__

    def without_ensurepip(name, *rest, **named):
        if name == "ensurepip":
            raise ImportError(name)
        return original(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without_ensurepip)
    assert "no venv module: install it" in complaint(bootstrap, capsys)


def test_a_full_disk(bootstrap, monkeypatch, capsys):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(2**40, 2**40, 5 * 2**20))
    line = complaint(bootstrap, capsys)
    assert "the disk is too full" in line
    assert "5 MiB free" in line


def test_each_part_asks_for_its_own_room(bootstrap, machine, monkeypatch, capsys):
    usage = namedtuple("usage", "total used free")
    enough = bootstrap.PACKAGE_MIB + bootstrap.NEEDED_MIB["book"]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(2**40, 2**40, enough * 2**20))
    assert bootstrap.main(["dev"]) == 1
    both = bootstrap.PACKAGE_MIB + bootstrap.NEEDED_MIB["book"] + bootstrap.NEEDED_MIB["dev"]
    assert f"needs about {both} MiB" in capsys.readouterr().err
    assert machine.done == []
    assert bootstrap.main() == 0
    assert bootstrap.main(["dev"]) == 0
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(2**40, 2**40, 50 * 2**20))
    assert bootstrap.main(["jupyter"]) == 1


def test_a_disk_that_fills_up_during_the_installation(bootstrap, machine, capsys):
    machine.says = [
        (b"ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n", 1),
    ]
    assert "the disk is full" in complaint(bootstrap, capsys)


def test_a_failed_download_names_the_log(bootstrap, machine, capsys):
    machine.says = [(b"WARNING: retrying\nERROR: No matching distribution found for numpy\n", 1)]
    line = complaint(bootstrap, capsys)
    assert "No matching distribution found for numpy" in line
    assert "check the network connection" in line
    assert bootstrap.LOG in line
    assert "retrying" in Path(bootstrap.LOG).read_text()


def test_a_part_that_does_not_exist(bootstrap, machine, capsys):
    assert bootstrap.main(["books"]) == 1
    assert "there is no part 'books'; the parts are book, dev, " in capsys.readouterr().err
    assert machine.done == []


def test_every_extra_is_a_part():
    root = SCRIPT.parents[1]
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert set(module.NEEDED_MIB) == set(project["optional-dependencies"])
    for part in module.NEEDED_MIB:
        assert (root / module.lock(part)).is_file()


def test_the_oldest_and_the_newest_python_are_the_same_everywhere():
    root = SCRIPT.parents[1]
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (oldest, newest), settings = (module.OLDEST, module.NEWEST), tomllib.loads((root / "pyproject.toml").read_text())
    assert settings["project"]["requires-python"] == f">={oldest[0]}.{oldest[1]},<{newest[0]}.{newest[1] + 1}"
    assert settings["tool"]["ruff"]["target-version"] == f"py{oldest[0]}{oldest[1]}"
    makefile, range_of = (root / "Makefile").read_text(), f"{oldest[0]}.{oldest[1]} to {newest[0]}.{newest[1]}"
    assert f"{oldest} <= sys.version_info[:2] <= {newest}" in makefile
    tried = re.search(r"for p in python3 (.*?); do", makefile)[1].split()
    assert tried == [f"python3.{minor}" for minor in range(newest[1], oldest[1] - 1, -1)]
    assert f"Python {range_of} is needed" in SCRIPT.read_text()
    doctor = (root / "kdbook" / "commands" / "doctor.py").read_text()
    assert f"{oldest} <= sys.version_info[:2] <= {newest}" in doctor
    assert f"install Python {range_of}" in doctor
    texts = [root / "README.md", root / "CONTRIBUTING.md", *(root / "book").glob("*.md")]
    said = {
        found for path in texts for found in re.findall(r"Python (3\.\d+ to 3\.\d+)", path.read_text(encoding="utf-8"))
    }
    assert said == {range_of}
    used = [root / "Dockerfile", root / ".binder" / "runtime.txt", root / ".github" / "workflows" / "book.yml"]
    pins = [found for path in used for found in re.findall(r"python(?:-version: \"|[:-])(3)\.(\d+)", path.read_text())]
    assert len(pins) == 4
    assert all(oldest <= (int(major), int(minor)) <= newest for major, minor in pins)


BOOK, DEV = "requirements.txt", "requirements/dev.txt"
NEW = ["new", "requirements/pip.txt"]
"""What an environment begins with."""


def test_what_is_there_is_not_made_again(bootstrap, machine, tmp_path):
    for parts, done in (
        ([], [*NEW, BOOK, "kdcore"]),
        ([], []),
        (["book"], []),
        (["dev"], [DEV]),
        (["book"], []),
        (["dev"], []),
        (["jupyter"], ["requirements/jupyter.txt"]),
        (["dev", "jupyter"], []),
    ):
        machine.done.clear()
        assert bootstrap.main(parts) == 0
        assert machine.done == done, parts
    assert not Path(bootstrap.LOG).exists()


def test_everything_at_once(bootstrap, machine):
    assert bootstrap.main(["dev"]) == 0
    assert machine.done == [*NEW, DEV, "kdcore"]
    machine.done.clear()
    assert bootstrap.main() == 0
    assert machine.done == []


@pytest.mark.parametrize(
    ("name", "text", "book", "dev"),
    [
        ("pyproject.toml", "[tool.ruff]\nline-length = 100", [], []),
        ("pyproject.toml", "[project]\nversion = '2'", ["kdcore"], []),
        ("pyproject.toml", "[project.scripts]\nkdcore = 'kdbook:main'", ["kdcore"], []),
        ("requirements.txt", "numpy==2.0.0", [BOOK], [DEV]),
        ("requirements/dev.txt", "ruff==1", [], [DEV]),
        ("requirements/jupyter.txt", "notebook==8", [], []),
    ],
)
def test_what_has_changed_is_brought_up_to_date_and_nothing_is_removed(
    bootstrap, machine, tmp_path, name, text, book, dev
):
    assert bootstrap.main(["dev"]) == 0
    (tmp_path / name).write_text(text)
    for parts, done in (([], book), (["dev"], dev), ([], []), (["dev"], [])):
        machine.done.clear()
        assert bootstrap.main(parts) == 0
        assert machine.done == done, parts


@pytest.mark.parametrize("damage", ["torn", "python", "none"])
def test_an_environment_that_is_not_sound_is_made_anew(bootstrap, machine, tmp_path, monkeypatch, damage):
    assert bootstrap.main() == 0
    stamp = Path(bootstrap.STAMP)
    if damage == "torn":
        stamp.write_text(stamp.read_text()[:20])
    elif damage == "python":
        monkeypatch.setattr("subprocess.call", lambda _: 1)
    else:
        stamp.unlink()
    machine.done.clear()
    assert bootstrap.main() == 0
    assert machine.done == [*NEW, BOOK, "kdcore"]


def test_a_part_that_cannot_be_had_leaves_what_is_there(bootstrap, machine, capsys):
    assert bootstrap.main() == 0
    machine.says = [(b"ERROR: no connection\n", 1)]
    assert bootstrap.main(["dev"]) == 1
    assert "no connection" in capsys.readouterr().err
    machine.says = [(Interrupted(b"Downloading x\n"), 1)]
    assert bootstrap.main(["dev"]) == 130
    machine.done.clear()
    assert bootstrap.main() == 0
    assert machine.done == []
    assert bootstrap.main(["dev"]) == 0
    assert machine.done == [DEV]


@pytest.mark.parametrize("end", [1, 130])
def test_an_installation_that_broke_off_starts_over(bootstrap, machine, capsys, end):
    assert bootstrap.main() == 0
    begun = b"Installing collected packages: pytest\n"
    machine.says = [(Interrupted(begun), 1) if end == 130 else (begun + b"ERROR: broken pipe\n", 1)]
    assert bootstrap.main(["dev"]) == end
    assert "run the command again" in capsys.readouterr().err
    machine.done.clear()
    assert bootstrap.main() == 0
    assert machine.done == [*NEW, BOOK, "kdcore"]


def test_an_environment_that_was_moved_stays_and_its_scripts_follow(bootstrap, machine, tmp_path, capsys):
    assert bootstrap.main(["dev"]) == 0
    stamp, scripts = Path(bootstrap.STAMP), Path(bootstrap.BIN)
    stamp.write_text(json.dumps(json.loads(stamp.read_text()) | {"place": "/else where/.venv"}))
    (scripts / "papermill").write_text("""#!/bin/sh\n'''exec' "/else where/.venv/bin/python" "$0" "$@"\n' '''\n""")
    (scripts / "binary").write_bytes(b"\0/else where/.venv")
    (scripts / "alias").symlink_to("papermill")
    own = tmp_path / ".venv" / "what-somebody-installed"
    own.touch()
    machine.done.clear()
    assert bootstrap.main(["dev"]) == 0
    assert machine.done == ["kdcore"]
    assert own.exists()
    assert f'"{bootstrap.VENV}/bin/python"' in (scripts / "papermill").read_text()
    assert (scripts / "binary").read_bytes() == b"\0/else where/.venv"
    assert "moved or copied from /else where/.venv" in capsys.readouterr().out
    machine.done.clear()
    assert bootstrap.main(["dev"]) == 0
    assert machine.done == []


def test_an_environment_that_is_reached_by_a_link_is_left_alone(bootstrap, machine, tmp_path, capsys):
    assert bootstrap.main() == 0
    (tmp_path / "link").symlink_to(bootstrap.VENV)
    stamp = Path(bootstrap.STAMP)
    stamp.write_text(json.dumps(json.loads(stamp.read_text()) | {"place": str(tmp_path / "link")}))
    before = stamp.read_bytes()
    machine.done.clear()
    assert bootstrap.main() == 0
    assert (machine.done, stamp.read_bytes()) == ([], before)
    assert "moved or copied" not in capsys.readouterr().out.partition("Done")[2]


def test_on_windows_programs_are_in_scripts(tmp_path, monkeypatch):
    """With another name of the system, the script looks elsewhere and writes no launcher, as pip has a program."""
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        spec.loader.exec_module(module)
        assert os.path.relpath(module.VENV_PYTHON, module.ROOT).split(os.sep) == [".venv", "Scripts", "python.exe"]
        module.BIN = str(tmp_path)
        module.write_launcher()
    assert list(tmp_path.iterdir()) == []
    module.write_launcher()
    assert [path.name for path in tmp_path.iterdir()] == ["kdcore"]
    makefile = (SCRIPT.parents[1] / "Makefile").read_text()
    assert re.search(r"ifeq \(\$\(OS\),Windows_NT\)\nBIN := \.venv/Scripts\n", makefile)


def test_a_console_that_lacks_a_character_of_the_path_ends_nothing(bootstrap, machine, monkeypatch):
    console = Console("ascii")
    monkeypatch.setattr(bootstrap, "VENV_PYTHON", "/Größe/π")
    monkeypatch.setattr(sys, "stdout", console)
    assert bootstrap.main() == 0
    assert rb"Done: /Gr\xf6\xdfe/\u03c0" in console.said


def test_what_goes_with_an_environment_is_named_before_it_goes(bootstrap, machine, tmp_path, capsys):
    (tmp_path / "requirements.txt").write_text("numpy==2.0.0 \\\n    --hash=x\nbleach[css]==6 \\\n")
    packages = tmp_path / ".venv" / "lib" / "python3.11" / "site-packages"
    for name in ("numpy-1.0", "bleach-6", "pip-24", "kdcore-0.1", "My_Own.Tool-3.2"):
        (packages / f"{name}.dist-info").mkdir(parents=True)
    assert bootstrap.main() == 0
    said = capsys.readouterr().out
    assert said.count("==") == 1
    assert said.splitlines()[1].endswith("-m pip install My_Own.Tool==3.2")


def test_the_separator_of_path_in_the_path_is_one_line(bootstrap, machine, monkeypatch, capsys):
    def refuse(*_):
        raise ValueError("Refusing to create a venv in /a:b because it contains the PATH separator :.")

    monkeypatch.setattr("venv.EnvBuilder.create", refuse)
    assert "PATH separator" in complaint(bootstrap, capsys)


AWKWARD = "a \"b\" $c & (d) [é] #% 'e'"


@pytest.mark.skipif(os.name == "nt", reason="Windows has an executable")
def test_the_command_starts_from_any_path(bootstrap, tmp_path):
    """The launcher finds the Python beside it, without a path in it."""
    scripts = tmp_path / AWKWARD / "bin"
    scripts.mkdir(parents=True)
    bootstrap.BIN = str(scripts)
    bootstrap.write_launcher()
    (scripts / "python").write_text('#!/bin/sh\necho "$0" "$@"')
    (scripts / "python").chmod(0o755)
    said = subprocess.run([scripts / "kdcore", "run", "a b"], capture_output=True, text=True, check=True).stdout
    assert said == f"{scripts}/python -m kdcore run a b\n"


def test_the_package_is_installed_where_the_path_holds_a_dollar(bootstrap, tmp_path, monkeypatch):
    """A real environment under an awkward path, in which setuptools would take $c for a variable."""
    root = tmp_path / AWKWARD
    (root / "kdcore").mkdir(parents=True)
    (root / "kdcore" / "__init__.py").touch()
    (root / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "kdcore"\nversion = "1"\n[tool.setuptools]\npackages = ["kdcore"]\n'
    )
    for name, path in (("ROOT", ""), ("VENV", ".venv"), ("LOG", "log"), ("STAMP", ".venv/.ready")):
        monkeypatch.setattr(bootstrap, name, str(root / path))
    builder = venv.EnvBuilder(symlinks=os.name != "nt")
    builder.create(bootstrap.VENV)
    python = builder.ensure_directories(bootstrap.VENV).env_exe
    monkeypatch.setattr(bootstrap, "VENV_PYTHON", python)
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    purelib = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
    Path(purelib, "here.pth").write_text(sysconfig.get_path("purelib"))  # where pip and setuptools are
    bootstrap.install_package(10)
    command = [python, "-c", "import kdcore; print(kdcore.__file__)"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    said = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert said.stdout.strip() == str(root / "kdcore" / "__init__.py"), said.stderr
