"""Set-up on a machine that lacks something: one line that says what to do."""

from __future__ import annotations

import builtins
import importlib.util
import shutil
import sys
from collections import namedtuple
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "bootstrap.py"


@pytest.fixture
def bootstrap(tmp_path, monkeypatch):
    """The script, pointed at an empty project so that it would set up a new environment."""
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("requirements.txt", "pyproject.toml"):
        (tmp_path / name).write_text("")
    monkeypatch.setattr(module, "ROOT", str(tmp_path))
    monkeypatch.setattr(module, "VENV", str(tmp_path / ".venv"))
    monkeypatch.setattr(module, "STAMP", str(tmp_path / ".venv" / ".ready"))
    monkeypatch.setattr(module, "LOG", str(tmp_path / "log"))
    return module


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


def test_a_disk_that_fills_up_during_the_installation(bootstrap, monkeypatch, capsys):
    def fails(_command, stdout, **_named):
        stdout.write(b"ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n")
        return 1

    monkeypatch.setattr("venv.EnvBuilder.create", lambda self, path: None)
    monkeypatch.setattr("subprocess.call", fails)
    assert "the disk is full" in complaint(bootstrap, capsys)


def test_a_failed_download_names_the_log(bootstrap, monkeypatch, capsys):
    def fails(_command, stdout, **_named):
        stdout.write(b"WARNING: retrying\nERROR: No matching distribution found for numpy\n")
        return 1

    monkeypatch.setattr("venv.EnvBuilder.create", lambda self, path: None)
    monkeypatch.setattr("subprocess.call", fails)
    line = complaint(bootstrap, capsys)
    assert "No matching distribution found for numpy" in line
    assert bootstrap.LOG in line


def test_an_environment_is_ready_only_for_this_lock_in_this_place(bootstrap, tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "VENV_PYTHON", sys.executable)
    assert not bootstrap.is_ready()
    (tmp_path / ".venv").mkdir()
    Path(bootstrap.STAMP).write_text(bootstrap.wanted())
    assert bootstrap.is_ready()
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 100")
    assert bootstrap.is_ready()
    (tmp_path / "pyproject.toml").write_text("[project]\nversion = '2'")
    assert not bootstrap.is_ready()
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "requirements.txt").write_text("numpy==2.0.0")
    assert not bootstrap.is_ready()
