"""Files on their way in or out: a folder beside the database, for what is too large for a row.

Only the process that works on the database uses it, and nobody else may read it: an export holds tokens. What a row no
longer needs is removed at once, what a crash left after a day.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from bot.clock import DAY
from bot.domain.message import File

KEPT = DAY  # so long a file waits for its row
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,80}(?:\.[a-z]{2,5})?", re.ASCII)


class Spool:
    """Files by their keys: letters, digits, hyphens and an ending; never a path."""

    def __init__(self, database: Path) -> None:
        self.folder = database.with_name(f"{database.name}.spool")

    def path(self, key: str) -> Path:
        """Where the file of this key lies or would lie; the folder is made. Raises `ValueError` for what is no key."""
        if not _KEY.fullmatch(key):
            raise ValueError("no key of a file")
        self.folder.mkdir(mode=0o700, exist_ok=True)
        return self.folder / key

    def finish(self, key: str, now: int) -> None:
        """A file that was written here is whole: readable by us alone, and as old as the shop's clock says."""
        path = self.path(key)
        path.chmod(0o600)
        os.utime(path, (now / 1000, now / 1000))

    def keep(self, key: str, data: bytes, now: int) -> None:
        """Write a file as a whole, over an earlier one of this key."""
        path = self.path(key)
        draft = path.with_name(f"{path.name}~")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        draft.replace(path)
        self.finish(key, now)

    def paths(self, files: Iterable[File]) -> tuple[Path, ...] | None:
        """Where the files of a message lie; None where one of them is gone."""
        found = tuple(self.path(file.key) for file in files)
        return found if all(path.is_file() for path in found) else None

    def remove(self, keys: Iterable[str]) -> None:
        """They are needed no longer."""
        for key in keys:
            self.path(key).unlink(missing_ok=True)

    def sweep(self, now: int) -> int:
        """Remove what nobody came for; how many files went."""
        if not self.folder.is_dir():
            return 0
        old = [path for path in self.folder.iterdir() if path.is_file() and self._is_old(path, now)]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    @staticmethod
    def _is_old(path: Path, now: int) -> bool:
        return path.stat().st_mtime * 1000 < now - KEPT
