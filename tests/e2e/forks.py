"""The command line without its imports: a process that has read all of it forks a process a call.

What it forks is a process of its own, with its own event loop, files and signals; it only finds its modules read
already, which is most of what a short verb does. `python -m bot` itself is started by `test_commands`, `test_copies`,
`test_doctor` and by all that is killed.
"""

import atexit
import functools
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import IO, NoReturn

from bot import __main__ as setrum

Streams = tuple[IO[str], IO[str], IO[str]]
Done = subprocess.CompletedProcess[str]

_LONGEST = 1 << 20  # bytes of one call: words, folder, environment
_PATIENCE = 60.0


class Forked:
    """`setrum ARGUMENTS` with three standard streams; what it ends with comes through a pipe that its end closes."""

    def __init__(self, folder: Path, arguments: list[str], environment: Mapping[str, str], streams: Streams) -> None:
        self._arguments = arguments
        ours, theirs = os.pipe()
        self._answers = os.fdopen(ours, "rb", buffering=0)
        call = json.dumps([arguments, str(folder), dict(environment)]).encode()
        socket.send_fds(_server(), [call], [*(one.fileno() for one in streams), theirs])
        os.close(theirs)
        self.pid = int(self._answers.readline())

    def wait(self) -> int:
        """Its exit code; -9 where it was ended before it could say one. Kills what takes a minute."""
        with self._answers:
            if not select.select([self._answers], [], [], _PATIENCE)[0]:
                os.kill(self.pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(self._arguments, _PATIENCE)
            return int(self._answers.readline() or -signal.SIGKILL)

    def terminate(self) -> None:
        os.kill(self.pid, signal.SIGTERM)


def run(folder: Path, arguments: list[str], environment: Mapping[str, str], lines: str) -> Done:
    """`setrum ARGUMENTS` from beginning to end, with these lines on standard input."""
    ours, theirs = os.pipe()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said, tempfile.TemporaryFile("w+", encoding="utf-8") as told:
        with os.fdopen(ours, encoding="utf-8") as read, os.fdopen(theirs, "w", encoding="utf-8") as typed:
            process = Forked(folder, arguments, environment, (read, said, told))
            typed.write(lines)  # a pipe takes 64 KiB at once, and no test types as much
        code = process.wait()
        said.seek(0)
        told.seek(0)
        return subprocess.CompletedProcess(arguments, code, said.read(), told.read())


@functools.cache
def _server() -> socket.socket:
    """This process's end of its fork server, which ends when that is closed."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LONGEST)
    root = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, str(theirs.fileno())], cwd=root, pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    theirs.close()
    atexit.register(process.wait)
    atexit.register(ours.close)  # the last is called first
    return ours


def _serve(link: socket.socket) -> None:
    """Fork as asked, until nobody asks any more; the kernel reaps."""
    for verb in setrum.VERBS:
        import_module(f"bot.verbs.{verb}")
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        call, descriptors, _, _ = socket.recv_fds(link, _LONGEST, 4)
        if not call:
            return
        if os.fork() == 0:
            link.close()
            _live(descriptors, *json.loads(call))
        for one in descriptors:
            os.close(one)


def _live(descriptors: list[int], arguments: list[str], folder: str, environment: dict[str, str]) -> NoReturn:
    """What the interpreter does around `python -m bot`."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *streams, answers = descriptors
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.write(answers, f"{os.getpid()}\n".encode())
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    code: object = 1
    try:
        code = setrum.main(arguments)
    except SystemExit as error:
        code = error.code or 0
    except BaseException:  # noqa: BLE001  # as the interpreter would print it
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(answers, f"{code}\n".encode())
    os._exit(0)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
