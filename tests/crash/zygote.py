"""A process that has imported everything and forks the shop's process on demand, so that a start costs milliseconds.

What it forks is a process of its own with its own event loop and threads; it is ended by SIGKILL and nothing else.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

_LINE = 65_536

Live = Callable[[str], None]


class Zygote:
    """The campaign's end of it. Made before any thread of this process exists; one shop's process at a time."""

    def __init__(self, live: Live) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._pid = os.fork()
        if self._pid == 0:
            ours.close()
            _serve(theirs, live)
        theirs.close()
        self._socket = ours
        self._reader = ours.makefile("rb")
        self.victim: int | None = None

    def start(self, orders: str, log: Path) -> None:
        """Fork a process that lives by the orders; its standard error goes to the log."""
        if self.victim is not None:
            raise RuntimeError("the last one still lives")
        self.victim = int(self._ask("start", orders, str(log)))

    def kill(self) -> None:
        """SIGKILL, at once: the process executes nothing any more when this returns."""
        if self.victim is not None:
            os.kill(self.victim, signal.SIGKILL)  # not reaped before `reap`, so the number is still its own

    def has_ended(self) -> bool:
        """Whether the process is gone, by whatever hand; not yet reaped."""
        return self.victim is not None and self._ask("ended?") == "yes"

    def was_killed(self) -> bool:
        """Whether SIGKILL ended it; not yet reaped."""
        return self._ask("killed?") == "yes"

    def reap(self) -> int:
        """Wait for its end; returns its exit status as `os.waitpid` gives it."""
        status = int(self._ask("reap"))
        self.victim = None
        return status

    def close(self) -> None:
        """End the victim, if any, and the zygote."""
        self._reader.close()
        self._socket.close()
        os.waitpid(self._pid, 0)

    def _ask(self, *words: str) -> str:
        self._socket.sendall(json.dumps(words).encode() + b"\n")
        answer = self._reader.readline()
        if not answer:
            raise RuntimeError("the fork server is gone")
        return str(json.loads(answer))


def _serve(link: socket.socket, live: Live) -> NoReturn:
    """Fork, watch and reap, as asked over the link; when that closes, nobody is left alive."""
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lines = link.makefile("rb")
    victim, life = 0, -1
    while line := lines.readline(_LINE):
        word, *rest = json.loads(line)
        match word:
            case "start":
                victim, life = _fork(link, live, *rest)
                answer = str(victim)
            case "ended?":
                answer = "yes" if select.select([life], [], [], 0)[0] else "no"
            case "killed?":
                told = os.waitid(os.P_PID, victim, os.WEXITED | os.WNOWAIT)
                answer = "yes" if told is not None and told.si_status == signal.SIGKILL else "no"
            case _:
                answer = str(os.waitpid(victim, 0)[1])
                os.close(life)
                victim = 0
        link.sendall(json.dumps(answer).encode() + b"\n")
    if victim:
        os.kill(victim, signal.SIGKILL)
        os.waitpid(victim, 0)
    os._exit(0)


def _fork(link: socket.socket, live: Live, orders: str, log: str) -> tuple[int, int]:
    """The process and the end of a pipe that its death closes."""
    life, held = os.pipe()
    pid = os.fork()
    if pid:
        os.close(held)
        return pid, life
    code = 1
    try:
        link.close()
        os.close(life)
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(descriptor, sys.stderr.fileno())
        live(orders)
        code = 0
    except BaseException:  # noqa: BLE001  # whatever it is, it is on record and this process ends here
        traceback.print_exc()
        sys.stderr.flush()
    os._exit(code)
