"""What a store raises; foreign exceptions are mapped to these at the seam and carry no statement values."""

import sqlite3

from bot.ports import Unavailable

# after these nobody knows what is on disk: a failed fsync may be followed by one that claims success for lost data
_DISK_FAILED = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_LATER = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class StoreError(Exception):
    """The database could not do it; nothing of the unit is on disk."""


class NewerSchemaError(StoreError):
    """The database was written by a newer Setrum; this one must not touch it."""


class LockedError(StoreError):
    """Another process works on this database; the text says who."""


class UnavailableError(StoreError, Unavailable):
    """The disk is full, or another process kept the database to itself: nothing is on disk, later it may work."""


class BrokenStoreError(StoreError, Unavailable):
    """The disk failed or the file is damaged: nothing is written any more, and the process ends.

    What was being committed is not on disk for this process, and may be there for the next one.
    """


def is_fatal(error: BaseException | None) -> bool:
    """Whether the store must never write again in this process."""
    return isinstance(error, BrokenStoreError) or _code(error) in _DISK_FAILED


def mapped(error: BaseException) -> BaseException:
    """An error of SQLite as one of ours; any other as it is."""
    if not isinstance(error, sqlite3.Error):
        return error
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    if is_fatal(error):
        return BrokenStoreError(
            f"the disk failed or the database is damaged ({name}: {error}); nothing more is written. "
            "Start Setrum again, it reads its journal; if this comes back: `setrum check`, another disk, a backup"
        )
    if _code(error) == sqlite3.SQLITE_FULL:
        return UnavailableError(f"the disk is full ({name}: {error}); nothing of this was stored")
    if _code(error) in _LATER:
        return UnavailableError(f"another process holds the database ({name}: {error}); nothing of this was stored")
    return StoreError(f"{type(error).__name__}: {error}")


def _code(error: BaseException | None) -> int:
    """The primary result code, the low byte of the extended one; 0 where there is none."""
    return int(getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
