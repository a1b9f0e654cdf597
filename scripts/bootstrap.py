"""Make .venv with everything the book needs: the locked requirements.txt and kdcore itself, in editable form.

Standard library only, and readable by old Pythons, so that a wrong version gets a sentence and no traceback.
Does nothing when .venv is already what requirements.txt and pyproject.toml ask for.
"""

from __future__ import print_function

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, ".ready")
LOG = os.path.join(ROOT, ".venv-setup.log")
VENV_PYTHON = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin", "python.exe" if os.name == "nt" else "python")
NEEDED_MIB = 1500
OLDEST, NEWEST = (3, 11), (3, 14)


class SetupError(Exception):
    """What went wrong and what to do, in one line."""


def wanted():
    """Return the text that the stamp of an up-to-date environment holds.

    It changes with the lock and with what pyproject.toml says of the package, not with the settings of tools there.
    """
    import tomllib

    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        settings = tomllib.load(file)
    package = json.dumps({key: value for key, value in settings.items() if key != "tool"}, sort_keys=True)
    with open(os.path.join(ROOT, "requirements.txt"), "rb") as file:
        digest = hashlib.sha256(file.read() + package.encode())
    return "%s %s" % (digest.hexdigest(), VENV)


def is_ready():
    """Tell whether .venv is complete, current, in this place, and its Python still starts."""
    try:
        with open(STAMP) as file:
            if file.read() != wanted():
                return False
        return subprocess.call([VENV_PYTHON, "-c", ""]) == 0
    except (IOError, OSError):
        return False


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


def check_disk():
    free = shutil.disk_usage(ROOT).free // 2**20
    if free < NEEDED_MIB:
        raise SetupError(
            "the disk is too full: %s has %d MiB free and the environment needs about %d MiB; free some space "
            "and run the command again" % (ROOT, free, NEEDED_MIB)
        )


def pip(*arguments):
    """Run pip inside .venv; its output goes to the log."""
    command = [VENV_PYTHON, "-m", "pip", "--disable-pip-version-check", "install"] + list(arguments)
    with open(LOG, "ab") as log:
        status = subprocess.call(command, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT)
    if status:
        with open(LOG, "rb") as log:
            said = log.read().decode("utf-8", "replace")
        if "No space left on device" in said:
            raise SetupError("the disk is full: free about %d MiB and run the command again" % NEEDED_MIB)
        errors = [line.strip() for line in said.splitlines() if line.startswith("ERROR")]
        raise SetupError(
            "pip could not install the requirements (%s); check the network connection, then run the command again; "
            "the full log is %s" % (errors[-1] if errors else "status %d" % status, LOG)
        )


def make_environment():
    check_disk()
    import venv

    print("Setting up .venv (once; a few minutes with a slow connection) ...")
    sys.stdout.flush()
    open(LOG, "w").close()
    try:
        venv.EnvBuilder(with_pip=True, clear=True).create(VENV)
    except subprocess.CalledProcessError:
        raise SetupError(
            "venv could not put pip into .venv: install the full venv module (Debian and Ubuntu: "
            "apt install python%d.%d-venv) and run the command again" % tuple(sys.version_info[:2])
        )
    pip("--only-binary", ":all:", "--require-hashes", "-r", "requirements.txt")
    pip("--no-deps", "--no-build-isolation", "--editable", ".")
    with open(STAMP, "w") as file:
        file.write(wanted())
    os.remove(LOG)
    print("Done: %s" % VENV_PYTHON)


def main():
    try:
        check_python()
        if not is_ready():
            make_environment()
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
    sys.exit(main())
