"""Kernels forked from a process that has made the chapters' imports, which take longer than many a chapter computes.

Each kernel is still a process of its own, and begins as one that starts anew: nothing but imports has run in it.  The
process that they are forked from is this module, started with a kernel's environment; it serves the one that started
it, and forks one kernel at a time.  Only on Linux is that safe.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any, cast

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from kdbook.execution import kernel
from kdbook.project import BookError

IMPORTS = (
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "kdcore",
    "kdcore.figures",
    "matplotlib.backends.backend_svg",
    "matplotlib.pyplot",
    "myst_nb.ext.glue",
    "pandas",
    "scipy.optimize",
    "scipy.stats",
    "seaborn",
)
"""What most chapters import, and what a kernel does."""


class Server:
    """The process that kernels are forked from, as it is seen from the one that starts it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        reading, writing = os.pipe()
        with open(writing, "wb"):  # closed here, as the process has it
            self._process = self._start(writing, environment)
        self.replies = os.fdopen(reading, "rb", buffering=0)  # no more than is asked for: select sees what is left

    def _start(self, replies: int, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", __name__, str(replies)]
        return subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=(replies,), cwd="/", env=environment)

    def runs(self) -> bool:
        """Whether it can fork another."""
        return self._process.poll() is None

    def fork(self, arguments: Sequence[str], environment: Mapping[str, str], folder: str) -> Kernel:
        """Start a kernel, which leads a session of its own."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps([arguments, dict(environment), folder]).encode() + b"\n")
            self._process.stdin.flush()
            return Kernel(int(self.replies.readline()), self)
        except (OSError, ValueError):
            raise BookError("the process that kernels are forked from has ended (killed, or out of memory?)") from None


class Kernel:
    """A forked kernel: what its provisioner asks of a :class:`subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int, server: Server) -> None:
        self.pid, self._server = pid, server
        self._status: int | None = None

    def poll(self) -> int | None:
        """Return its exit status, or None as long as it runs."""
        if self._status is None and select.select([self._server.replies], [], [], 0)[0]:
            self.wait()
        return self._status

    def wait(self) -> int:
        """Wait until it has ended and return its exit status; where the server ended first, that of a kill."""
        if self._status is None:
            self._status = int(self._server.replies.readline() or -signal.SIGKILL)
        return self._status

    def send_signal(self, signum: int) -> None:
        """Send it a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, signum)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


class ForkedProvisioner(LocalProvisioner):
    """Starts kernels as forks of one server, which is started with the first one's environment."""

    _server: Server | None = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel instead of starting a command, whose arguments and environment it gets."""
        environment, self.cwd = kwargs["env"], kwargs.get("cwd") or os.getcwd()
        server = ForkedProvisioner._server
        if server is None or not server.runs():
            ForkedProvisioner._server = server = Server(environment)
        forked = server.fork(cmd[cmd.index("-f") :], environment, str(self.cwd))
        self.process, self.pid, self.pgid = cast(Any, forked), forked.pid, forked.pid
        return self.connection_info


def serve(replies: int) -> bool:
    """Fork a kernel for each line of standard input, and tell its process and later its exit status, a line each.

    Returns true in the kernels, and false in the server when its input has ended: then whoever started it has, too.
    """
    kernel.forget_folder()
    os.environ[kernel.PARENT_VARIABLE] = str(os.getpid())  # read when the kernel's module is imported
    for name in IMPORTS:
        importlib.import_module(name)
    while line := os.read(0, 1 << 20):
        while not line.endswith(b"\n"):
            line += os.read(0, 1 << 20)
        pid = os.fork()
        if pid == 0:
            os.close(replies)
            _begin(*json.loads(line))
            return True
        os.write(replies, b"%d\n" % pid)
        ended = os.pidfd_open(pid)
        waiting = select.poll()
        waiting.register(ended, select.POLLIN)
        waiting.register(0, 0)  # for its end alone
        if ended not in dict(waiting.poll()):
            os.killpg(pid, signal.SIGKILL)
            return False
        os.close(ended)
        os.write(replies, b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    return False


def _begin(arguments: Sequence[str], environment: Mapping[str, str], folder: str) -> None:
    """Make this process what a kernel is that was started with these arguments and in these surroundings."""
    os.setsid()
    nothing, closed = os.pipe()
    os.dup2(nothing, 0)
    os.close(nothing)
    os.close(closed)
    parent = os.environ[kernel.PARENT_VARIABLE]
    os.environ.clear()
    os.environ.update({**environment, kernel.PARENT_VARIABLE: parent})
    os.chdir(folder)
    sys.argv = [kernel.__file__, *arguments]


if __name__ == "__main__" and serve(int(sys.argv[1])):
    kernel.run()
