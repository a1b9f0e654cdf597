"""Make .venv or bring it up to date: what the book needs, further parts on demand, and kdcore itself, editable.

    python3 scripts/bootstrap.py [PART ...]

A part is an extra of pyproject.toml: ``book`` (if none is named), ``dev`` (everything), ``jupyter`` and so on.  What
.venv has already stays there, also when the folder was moved or copied.  Does nothing when it has what the lock files
of these parts and pyproject.toml ask for.

Standard library only, and readable by old Pythons, so that a wrong version gets a sentence and no traceback.
"""

from __future__ import print_function

import errno
import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, ".ready")
LOG = os.path.join(ROOT, ".venv-setup.log")
BIN = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
VENV_PYTHON = os.path.join(BIN, "python.exe" if os.name == "nt" else "python")
# The command, wherever .venv lies: pip's own names the path of Python, and is not found where that has a $ or a quote.
LAUNCHER = """#!/bin/sh
exec "$(dirname -- "$0")/python" -m kdcore "$@"
"""
# What each part takes on the disk; those beside the book's, what they take in addition to it.
NEEDED_MIB = {"book": 900, "dev": 600, "distributed": 50, "jupyter": 100, "logs": 100, "parquet": 200, "pdf": 200}
PACKAGE_MIB = 10
PIP_LOCK = "requirements/pip.txt"
BEGINS = b"Installing collected packages"  # what pip says before it changes anything
OLDEST, NEWEST = (3, 11), (3, 14)


class SetupError(Exception):
    """What went wrong and what to do, in one line."""


def lock(part):
    """Return the lock file of a part, as pip is told it; all begin with the book's."""
    return "requirements.txt" if part == "book" else "requirements/%s.txt" % part


def digest(*texts):
    return hashlib.sha256(b"\0".join(texts)).hexdigest()


def wanted(part):
    """Return the hash of what a part must hold."""
    texts = []
    for name in ("requirements.txt", lock(part)):
        with open(os.path.join(ROOT, name), "rb") as file:
            texts.append(file.read())
    return digest(*texts)


def wanted_package():
    """Return the hash of what pyproject.toml says of the package, not of the settings of tools there."""
    import tomllib

    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        settings = tomllib.load(file)
    package = {key: value for key, value in settings.items() if key != "tool"}
    return digest(json.dumps(package, sort_keys=True).encode())


def installed():
    """Return what the stamp says: the hash of each part and of the package.

    None if .venv must be made anew: it is not there or not whole, or its Python does not start.
    """
    try:
        with open(STAMP, encoding="utf-8") as file:
            stamp = json.load(file)
        place = stamp.pop("place")
        if subprocess.call([VENV_PYTHON, "-c", ""]) == 0:
            if place != VENV and not (os.path.exists(place) and os.path.samefile(place, VENV)):
                settle(place)
                stamp.pop("package", None)  # which is found by its path
            return stamp
    except (IOError, OSError, ValueError, KeyError, AttributeError):
        pass
    return None


def settle(place):
    """Make what names the old place of .venv name the new one: the scripts beside its Python."""
    print("The environment was moved or copied from %s: its scripts follow, and nothing is removed." % place)
    old, new = (os.fsencode(path) for path in (place, VENV))
    for path in glob.glob(os.path.join(glob.escape(BIN), "*")):
        if os.path.islink(path) or not os.path.isfile(path):
            continue
        with open(path, "rb") as file:
            data = file.read()
        if old in data and b"\0" not in data:
            with open(path, "wb") as file:
                file.write(data.replace(old, new))


def strangers():
    """Return the packages in .venv, as pip is told them, that no lock file names."""
    locked = {"kdcore", "pip", "setuptools", "wheel"}
    for path in [os.path.join(ROOT, "requirements.txt")] + glob.glob(
        os.path.join(glob.escape(ROOT), "requirements", "*.txt")
    ):
        with open(path, encoding="utf-8") as file:
            locked.update(normal(name) for name in re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==", file.read(), re.M))
    found = glob.glob(os.path.join(glob.escape(VENV), "[Ll]ib", "**", "site-packages", "*.dist-info"), recursive=True)
    packages = [os.path.basename(path)[: -len(".dist-info")].partition("-") for path in found]
    return sorted("%s==%s" % (name, version) for name, _, version in packages if normal(name) not in locked)


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def write_stamp(stamp):
    with open(STAMP, "w", encoding="utf-8") as file:
        json.dump(dict(stamp, place=VENV), file)


def check_python():
    version = tuple(sys.version_info[:2])
    if not OLDEST <= version <= NEWEST:
        raise SetupError(
            "Python 3.11 to 3.14 is needed, but %s is Python %d.%d: install one of these and run "
            "'make book PYTHON=python3.12' with its name" % ((sys.executable,) + version)
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise SetupError(
            "this Python has no venv module: install it (Debian and Ubuntu: apt install python%d.%d-venv) "
            "and run the command again" % version
        )


def check_disk(needed):
    free = shutil.disk_usage(ROOT).free // 2**20
    if free < needed:
        raise SetupError(
            "the disk is too full: %s has %d MiB free and the environment needs about %d MiB; free some space "
            "and run the command again" % (ROOT, free, needed)
        )


def pip(needed, *arguments):
    """Run pip inside .venv; its output goes to the log.

    The stamp goes when pip begins to change the environment: until then a failure leaves a whole one.
    """
    command = [VENV_PYTHON, "-m", "pip", "--disable-pip-version-check", "install"] + list(arguments)
    environment = dict(os.environ, PYTHONUNBUFFERED="1")
    said = b""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT, env=environment)
    with process, open(LOG, "ab") as log:
        for line in process.stdout:
            if line.startswith(BEGINS) and os.path.exists(STAMP):
                os.remove(STAMP)
            log.write(line)
            said += line
    if process.returncode:
        text = said.decode("utf-8", "replace")
        if "No space left on device" in text:
            raise SetupError("the disk is full: free about %d MiB and run the command again" % needed)
        errors = [line.strip() for line in text.splitlines() if line.startswith("ERROR")]
        raise SetupError(
            "pip could not install the requirements (%s); check the network connection, then run the command again; "
            "the full log is %s" % (errors[-1] if errors else "status %d" % process.returncode, LOG)
        )


def make_environment(needed):
    """Make a .venv with nothing but pip in place of what is there, and say what goes with it."""
    import venv

    lost = strangers()
    if lost:
        print(
            "The environment in .venv is not whole and is made anew. What you installed there yourself goes with it; "
            "to have it again: %s -m pip install %s" % (VENV_PYTHON, " ".join(lost))
        )
        sys.stdout.flush()
    try:
        venv.EnvBuilder(with_pip=True, clear=True).create(VENV)
    except ValueError as error:  # the separator of PATH is in the path
        raise SetupError("%s: move the folder to a path without it and run the command again" % error)
    except subprocess.CalledProcessError:
        raise SetupError(
            "venv could not put pip into .venv: install the full venv module (Debian and Ubuntu: "
            "apt install python%d.%d-venv) and run the command again" % tuple(sys.version_info[:2])
        )
    install(needed, [PIP_LOCK])  # the pip that a Python brings is as old as it is, and may take twice as long


def install(needed, locks):
    """Install what lock files ask for."""
    words = [word for path in locks for word in ("--requirement", path)]
    # Modules are compiled when they are first imported: most never are, and this halves the time of the set-up.
    pip(needed, "--no-compile", "--only-binary", ":all:", "--require-hashes", *words)


def install_package(needed):
    """Install kdcore so that .venv reads it where it stands."""
    if "$" not in VENV:
        return pip(needed, "--no-deps", "--no-build-isolation", "--editable", ".")
    # Setuptools takes $name in the path of the environment that it runs in for a variable.
    folder = tempfile.mkdtemp()
    build = (
        "import sys, sysconfig; sys.prefix = sys.exec_prefix = sys.base_prefix; "
        "sysconfig.get_config_vars().update(prefix=sys.prefix, exec_prefix=sys.prefix); "
        "from setuptools import build_meta; build_meta.build_editable(sys.argv[1])"
    )
    try:
        subprocess.check_output([VENV_PYTHON, "-c", build, folder], cwd=ROOT, stderr=subprocess.STDOUT)
        wheels = [os.path.join(folder, name) for name in os.listdir(folder)]
        pip(needed, "--no-deps", "--force-reinstall", *wheels)
    except subprocess.CalledProcessError as error:
        said = error.output.decode("utf-8", "replace").strip().splitlines()
        raise SetupError("kdcore could not be installed (%s); move the folder to a path without $" % (said or [""])[-1])
    finally:
        shutil.rmtree(folder)


def write_launcher():
    """Put a command ``kdcore`` beside Python that asks for no path."""
    if os.name != "nt":
        path = os.path.join(BIN, "kdcore")
        with open(path, "w", encoding="utf-8") as file:
            file.write(LAUNCHER)
        os.chmod(path, 0o755)


def make_ready(parts):
    """Make .venv have these parts and the package, as it stands."""
    have = installed()
    todo = [part for part in parts if have is None or have.get(part) != wanted(part)]
    package = wanted_package()
    if have is not None and not todo and have.get("package") == package:
        return
    needed = PACKAGE_MIB + sum(NEEDED_MIB[part] for part in set(todo + ["book"] * (have is None)))
    check_disk(needed)
    if have is None:
        print("Setting up .venv (once; a few minutes with a slow connection) ...")
    elif todo:
        print("Bringing .venv up to date: %s ..." % ", ".join(todo))
    sys.stdout.flush()
    open(LOG, "wb").close()
    if have is None:
        make_environment(needed)
        have = {}
    if todo:
        install(needed, [lock(part) for part in todo])
    if have.get("package") != package:
        install_package(needed)
        write_launcher()
    have.update((part, wanted(part)) for part in ["book"] + todo)
    have["package"] = package
    write_stamp(have)
    os.remove(LOG)
    print("Done: %s" % VENV_PYTHON)


def main(parts=()):
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a path may hold characters that the console has not
            stream.reconfigure(errors="backslashreplace")
    try:
        for part in parts:
            if part not in NEEDED_MIB:
                raise SetupError("there is no part %r; the parts are %s" % (part, ", ".join(sorted(NEEDED_MIB))))
        check_python()
        make_ready(list(parts) or ["book"])
    except SetupError as error:
        print("set-up: %s" % error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nset-up: interrupted; run the command again to start over", file=sys.stderr)
        return 130
    except (IOError, OSError) as error:
        advice = "free some space" if error.errno == errno.ENOSPC else "mend this"
        print("set-up: %s; %s and run the command again" % (error, advice), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
