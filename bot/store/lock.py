"""One working process a database: an advisory lock beside the file, which also says who holds it.

The operating system lets go of it when the process ends, however it ends.
"""

import fcntl
import os
import socket
from pathlib import Path
from types import TracebackType

from bot.store.errors import LockedError, StoreError


class DatabaseLock:
    """`<database file>.lock`, held as a context manager. Raises `LockedError` naming the holder."""

    def __init__(self, database: Path, verb: str) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._verb = verb
        self._descriptor = -1

    def __enter__(self) -> "DatabaseLock":
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreError(f"cannot make the lock {self._path.absolute()}: {error.strerror}") from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = self._path.read_text(encoding="utf-8", errors="replace").strip() or "another process"
            os.close(self._descriptor)
            raise LockedError(f"{self._path.absolute()} is held by {holder}: one working process a database") from None
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, f"setrum {self._verb} (pid {os.getpid()} on {socket.gethostname()})\n".encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)
