"""Copies of the database: one made beside a running shop, and one put in its place.

Every copy carries the mark that makes it read-only, whatever way it gets into place; the original is never marked.
A file is whole under its name, or it is not there.
"""

import contextlib
import fcntl
import gzip
import os
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from bot.store import migrate, queries, sealing
from bot.store.errors import NewerSchemaError, StoreError

_PAGES_A_STEP = 256
_BUSY_SECONDS = 10.0
_COMPANIONS = ("-wal", "-shm", "-journal")
_NOT_YET = 0  # `since` of a copy that nobody has put in place
_HEAD = b"SQLite format 3\0"
_PACKED = b"\x1f\x8b"  # how gzip begins
_RESTORING = ".restoring"

Progress = Callable[[int, int], None]  # pages that remain, pages in all


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy that was made and verified; `copied_at` in epoch milliseconds."""

    file: Path
    size: int
    pages: int
    sales: int
    encrypted: bool
    copied_at: int


@dataclass(frozen=True, slots=True)
class Restored:
    """A copy that took the database's place; `aside` is where the old one went."""

    database: Path
    sales: int
    schema: int
    copied_at: int
    aside: Path | None


def back_up(
    database: Path,
    target: Path,
    now: int,
    progress: Progress,
    *,
    recipient: str = "",
    force: bool = False,
    packed: bool = False,
    armored: bool = False,
) -> Backup:
    """Copy the database as it is at this moment, beside whoever works on it; encrypted if there is a recipient.

    What is encrypted may be `packed` (gzip) before, and `armored` (text) after. Nobody waits for it: it
    reads one snapshot, and the shop's commits go on behind that. Raises `StoreError`, and then leaves nothing behind.
    """
    if not database.is_file():
        raise StoreError(f"no database at {database.absolute()}: there is nothing to back up")
    if target.exists() and (target.is_dir() or target.samefile(database)):
        raise StoreError(f"{target} cannot take a backup: it is a directory, or the shop's database itself")
    if target.exists() and not force:
        raise StoreError(f"{target} exists: name another file, or --force")
    try:
        with _partial(target, ".partial") as partial:
            if recipient:
                with _partial(database, ".copying") as plain:
                    made = _copy(database, plain, now, progress)
                    sealing.seal(plain, partial, recipient, packed=packed, armored=armored)
            else:
                made = _copy(database, partial, now, progress)
            _sync(partial)
            size = partial.stat().st_size
            if target.exists() and not force:
                raise StoreError(f"{target} exists by now: name another file, or --force")
            partial.replace(target)
            try:
                _sync(target.parent)
            except OSError:  # nobody may rely on a name that a power cut takes away
                target.unlink()
                raise
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"the backup failed and left nothing behind: {error}") from error
    return Backup(target, size, made[0], made[1], bool(recipient), now)


def restore(source: Path, database: Path, now: int, *, key_file: Path | None, replace: bool, dated: str) -> Restored:
    """Put a copy in the database's place, read-only by its mark. The caller holds the lock. Raises `StoreError`.

    An old database is renamed with `dated` in its name, whole, and never deleted.
    """
    if not source.is_file():
        raise StoreError(f"no file at {source.absolute()}")
    if database.exists() and source.samefile(database):
        raise StoreError(f"{source} is the shop's database itself")
    if database.exists() and not replace:
        raise StoreError(f"a database exists at {database.absolute()}: --replace puts it aside under a dated name")
    fresh = database.with_name(database.name + _RESTORING)
    try:
        _new(fresh)
        try:
            _fetch(source, fresh, key_file)
            sales, schema, copied_at = _admit(source, fresh, now)
            _sync(fresh)
        except BaseException:
            _discard(fresh)
            raise
        aside = _put_aside(database, dated)
        fresh.replace(database)
        _sync(database.parent)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{source} could not be restored: {error}") from error
    return Restored(database, sales, schema, copied_at, aside)


def move(made: Path, kept: Path) -> None:
    """Put a finished backup where it stays, whole or not at all, wherever that is."""
    with _partial(kept, ".partial") as partial:
        shutil.copyfile(made, partial)
        _sync(partial)
        partial.replace(kept)
        _sync(kept.parent)
    made.unlink()


def unfinished(database: Path) -> bool:
    """Whether a restore ended between putting the old database aside and putting the copy in its place."""
    return not database.exists() and database.with_name(database.name + _RESTORING).exists()


def _copy(database: Path, target: Path, now: int, progress: Progress) -> tuple[int, int]:
    """The database into an existing empty file, marked and verified; its pages and its sales."""
    with (
        contextlib.closing(_connect(f"file:{quote(str(database.absolute()))}?mode=rw")) as original,
        contextlib.closing(_connect(f"file:{quote(str(target.absolute()))}?mode=rw")) as copy,
    ):
        if migrate.version(original) == 0:
            raise StoreError(f"{database.absolute()} is no database of Setrum")
        if migrate.version(original) > migrate.latest():
            raise NewerSchemaError("the database was written by a newer Setrum: back it up with that one")
        copy.execute("PRAGMA journal_mode = OFF")
        copy.execute("PRAGMA synchronous = OFF")  # made durable as a whole, before it gets its name
        original.execute("BEGIN")  # one snapshot for all steps: a commit of the shop restarts nothing
        original.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        original.backup(copy, pages=_PAGES_A_STEP, progress=lambda _, remaining, total: progress(remaining, total))
        original.execute("ROLLBACK")
    with contextlib.closing(_alone(target)) as copy:
        _verify(copy, target)
        _mark(copy, "a copy made by `setrum backup`, which does not know what was sold since", _NOT_YET, now)
        _name_anew(copy)
        pages = copy.execute("PRAGMA page_count").fetchone()[0]
        return int(pages), _sales(copy)


def _fetch(source: Path, fresh: Path, key_file: Path | None) -> None:
    if sealing.is_sealed(source):
        sealing.unseal(source, fresh, key_file)
        _unpack(source, fresh)
    else:
        shutil.copyfile(source, fresh)
        journal = source.with_name(source.name + "-wal")
        if journal.exists():  # a raw copy of a database in use: the last commits stand there
            shutil.copyfile(journal, fresh.with_name(fresh.name + "-wal"))
    with fresh.open("rb") as file:
        if file.read(len(_HEAD)) != _HEAD:
            raise StoreError(f"{source} is no copy of a database")


def _unpack(source: Path, fresh: Path) -> None:
    """What was compressed before it was encrypted is a database again; anything else stays as it is."""
    with fresh.open("rb") as file:
        if file.read(len(_PACKED)) != _PACKED:
            return
    packed = fresh.with_name(f"{fresh.name}.packed")
    fresh.replace(packed)
    try:
        _new(fresh)
        with gzip.open(packed, "rb") as reader, fresh.open("wb") as writer:
            shutil.copyfileobj(reader, writer)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise StoreError(f"{source} could not be unpacked, it may be damaged or cut off: {error}") from error
    finally:
        packed.unlink(missing_ok=True)


def _admit(source: Path, fresh: Path, now: int) -> tuple[int, int, int]:
    """Let only a sound copy of a shop in, and only with its mark; its sales, its schema, and when it was made."""
    statements = queries.load()
    with contextlib.closing(_alone(fresh)) as copy:
        tables = {row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not {"schema_version", "purchase", "exchange", "transfer"} <= tables:
            raise StoreError(f"{source} is a database, but not one of Setrum")
        if migrate.version(copy) > migrate.latest():
            raise NewerSchemaError(
                f"{source} has schema {migrate.version(copy)}, this release of Setrum knows {migrate.latest()}: "
                "restore it with the newer release"
            )
        _verify(copy, source)
        newest = min(now, copy.execute(statements["copy_newest_moment"]).fetchone()[0] or now)
        found = copy.execute(statements["restriction"]).fetchone() if "restriction" in tables else None
        if found is None or found[0] != "restored":
            _mark(copy, "a copy without a mark, as new as the last row in it", _NOT_YET, newest)
            found = copy.execute(statements["restriction"]).fetchone()
        copy.execute(statements["restriction_since"], {"now": now})
        _name_anew(copy)
        return _sales(copy), migrate.version(copy), int(found[3])


def _mark(copy: sqlite3.Connection, detail: str, since: int, copied_at: int) -> None:
    """Make the copy read-only for whoever opens it (money rules §4.7); an older schema is brought up to carry it."""
    if copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'restriction'").fetchone() is None:
        migrate.migrate(copy, copied_at)
    copy.execute(queries.load()["restriction_mark"], {"detail": detail, "since": since, "copied_at": copied_at})


def _name_anew(copy: sqlite3.Connection) -> None:
    """What the copy sends is told from what its original sent since; an older schema has no such names."""
    if copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'published'").fetchone() is not None:
        copy.execute(queries.load()["copy_names_anew"])


def _verify(copy: sqlite3.Connection, named: Path) -> None:
    found = [str(row[0]) for row in copy.execute("PRAGMA integrity_check")]
    if found != ["ok"]:
        raise StoreError(f"{named} is damaged: {found[0]}")


def _sales(copy: sqlite3.Connection) -> int:
    return int(copy.execute(queries.load()["check_sales_count"]).fetchone()[0])


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_SECONDS)


def _alone(path: Path) -> sqlite3.Connection:
    """A connection to a file that nobody else has open, with its journal brought in: one file is all of it."""
    connection = _connect(f"file:{quote(str(path.absolute()))}?mode=rw")
    try:
        connection.execute("PRAGMA journal_mode = DELETE").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


# files


@contextlib.contextmanager
def _partial(target: Path, suffix: str) -> Iterator[Path]:
    """A private empty file beside the target that no other process writes; what is left of it at the end goes."""
    path = target.with_name(target.name + suffix)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreError(f"another backup is writing {path}") from None
        if os.fstat(descriptor).st_ino != path.stat().st_ino:  # it was finished, and renamed, meanwhile
            raise StoreError(f"another backup has just written {target}")
        try:
            os.fchmod(descriptor, 0o600)
            os.ftruncate(descriptor, 0)  # what a killed one left
            yield path
        finally:
            _discard(path)
    finally:
        os.close(descriptor)


def _new(path: Path) -> None:
    _discard(path)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _discard(path: Path) -> None:
    for one in _all_of(path):
        one.unlink(missing_ok=True)


def _all_of(database: Path) -> list[Path]:
    return [database, *(database.with_name(database.name + suffix) for suffix in _COMPANIONS)]


def _put_aside(database: Path, dated: str) -> Path | None:
    """Rename an old database, its journal first linked to the new name, so that at no moment it is without its own."""
    if not any(one.exists() for one in _all_of(database)):
        return None
    names = (database.with_name(f"{database.name}.{dated}{count or ''}") for count in range(1_000))
    aside = next(name for name in names if not any(one.exists() for one in _all_of(name)))
    for old, new in zip(_all_of(database)[1:], _all_of(aside)[1:], strict=True):
        if old.exists():
            os.link(old, new)
    _sync(database.parent)
    if database.exists():
        database.rename(aside)
    _sync(database.parent)
    for old in _all_of(database)[1:]:
        old.unlink(missing_ok=True)
    _sync(database.parent)
    return aside


def _sync(path: Path) -> None:
    """Make a file's content, or a directory's names, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
