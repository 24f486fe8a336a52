"""SQLite behind the `Store` port: one writer thread that is handed functions, and a reader beside it.

Units that wait together share one commit; each has its savepoint, so a failing unit harms no other. A commit that
fails answers nobody. After a failing disk nothing is written again: `broken` tells whoever ends the process.
"""

import asyncio
import contextlib
import dataclasses
import sqlite3
import threading
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache, partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import aiosqlite

from bot.ports import Parameter
from bot.store import migrate, queries
from bot.store.backup import unfinished
from bot.store.errors import BrokenStoreError, StoreError, is_fatal, mapped

T = TypeVar("T")
P = ParamSpec("P")

_LOOKS_UP_EVERY = 10_000  # instructions of the database's machine
_BUSY_MILLISECONDS = 10_000
_MOST_UNITS_A_COMMIT = 256
_CHECKPOINT_PAGES = 4_000  # 16 MiB of journal: the pages that every purchase touches are brought over seldom
# what a connection must be, read back from itself: with less, a commit that was answered may be gone after a power cut
_DEMANDED = {"journal_mode": ("WAL", "wal"), "synchronous": ("FULL", 2), "foreign_keys": ("ON", 1)}


class _Connection(aiosqlite.Connection):
    """The one seam into aiosqlite's inherited `_execute`, which runs a function on the connection's thread."""

    async def run(self, function: Callable[[sqlite3.Connection], T]) -> T:
        result: T = await self._execute(function, self._conn)  # type: ignore[no-untyped-call]  # inherited, untyped
        return result


@cache
def _converters(shape: type) -> Mapping[str, type[Enum]]:
    hints = typing.get_type_hints(shape)
    return {name: hint for name, hint in hints.items() if isinstance(hint, type) and issubclass(hint, Enum)}


class SqliteTx:
    """A unit's view of the database: named queries in, dataclasses out."""

    __slots__ = ("_connection", "_statements", "signals")

    def __init__(self, connection: sqlite3.Connection, statements: Mapping[str, str]) -> None:
        self._connection = connection
        self._statements = statements
        self.signals: set[str] = set()

    def one(self, shape: type[T], name: str, /, **parameters: Parameter) -> T | None:
        """The first row as `shape`, or None."""
        cursor = self._connection.execute(self._statements[name], parameters)
        row = cursor.fetchone()
        made = None if row is None else _maker(shape, name, cursor)(row)
        cursor.close()
        return made

    def all(self, shape: type[T], name: str, /, **parameters: Parameter) -> list[T]:
        """Every row as `shape`."""
        cursor = self._connection.execute(self._statements[name], parameters)
        rows = cursor.fetchall()
        return list(map(_maker(shape, name, cursor), rows)) if rows else []

    def run(self, name: str, /, **parameters: Parameter) -> int:
        """Execute and return how many rows it touched."""
        return self._connection.execute(self._statements[name], parameters).rowcount

    def signal(self, topic: str) -> None:
        """Wake whoever works on the topic once this unit is durable."""
        self.signals.add(topic)


Maker = Callable[[tuple[Any, ...]], Any]
_makers: dict[tuple[type, str], Maker] = {}  # by shape and query: both are fixed as long as the process


def _maker(shape: type[T], query: str, cursor: sqlite3.Cursor) -> Callable[[tuple[Any, ...]], T]:
    """How a row of the query becomes the shape; found out once."""
    made = _makers.get((shape, query))
    if made is None:
        made = _makers[shape, query] = _made(shape, [column[0] for column in cursor.description])
    return made


def _made(shape: type, columns: list[str]) -> Maker:
    if not dataclasses.is_dataclass(shape):
        return lambda row: shape(row[0])  # int, str: a row of one column
    kinds = _converters(shape)
    enums = [(place, kinds[name]) for place, name in enumerate(columns) if name in kinds]
    in_order = columns == [field.name for field in dataclasses.fields(shape)][: len(columns)]

    def make(row: tuple[Any, ...]) -> Any:
        values: Any = row
        if enums:
            values = list(row)
            for place, kind in enums:
                values[place] = kind(values[place])
        return shape(*values) if in_order else shape(**dict(zip(columns, values, strict=True)))

    return make


@dataclasses.dataclass(slots=True)
class _Unit:
    function: Callable[[SqliteTx], Any]
    future: asyncio.Future[Any]
    signals: set[str] = dataclasses.field(default_factory=set)
    result: Any = None
    error: BaseException | None = None

    def run(self, connection: sqlite3.Connection, statements: Mapping[str, str]) -> None:
        tx = SqliteTx(connection, statements)
        try:
            self.result, self.error = self.function(tx), None
        except StopIteration as error:  # would be swallowed by the future that carries it
            self.error = RuntimeError(f"StopIteration in a unit: {error}")
        except BaseException as error:  # noqa: BLE001  # whatever it is, its caller gets it and its savepoint goes
            self.error = error
        self.signals = tx.signals


class SqliteStore:
    """One SQLite file. Open with `await SqliteStore.open(path, now)`, close in a `finally`."""

    def __init__(self, path: Path, writer: _Connection, reader: _Connection) -> None:
        self.path = path
        self._writer = writer
        self._reader = reader
        self._statements = queries.load()
        self._waiting: list[_Unit] = []
        self._flusher: asyncio.Task[None] | None = None
        self._listeners: dict[str, list[Callable[[], None]]] = {}
        self._closed = False
        self._broken: BrokenStoreError | None = None
        self._broke = asyncio.Event()

    @classmethod
    async def open(cls, path: Path, now: int, *, migrating: bool = True) -> "SqliteStore":
        """Open (and by default migrate) the database. Raises `StoreError` with a sentence for the operator."""
        if unfinished(path):
            raise StoreError(f"a restore of {path.absolute()} did not finish: run `setrum restore` once more")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            writer, reader = _connection(path), _connection(path)
            try:
                await writer
                await writer.run(_prepare)
                if migrating:
                    await writer.run(_settle_journal)
                    await writer.run(lambda connection: migrate.migrate(connection, now))
                elif await writer.run(migrate.version) != migrate.latest():
                    raise StoreError(f"{path} has another schema than this release: run `setrum migrate`")
                await reader
                await reader.run(_prepare)
            except BaseException:
                await _close(writer, reader)
                raise
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"cannot open the database {path.absolute()}: {error}") from error
        return cls(path, writer, reader)

    def on(self, topic: str, listener: Callable[[], None]) -> None:
        """Call the listener, on the event loop, after every commit in which a unit signalled the topic."""
        self._listeners.setdefault(topic, []).append(listener)

    async def write(self, unit: Callable[Concatenate[SqliteTx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the unit atomically; returns once it is durable. A cancelled caller does not undo its unit."""
        if self._closed:
            raise StoreError("the store is closed")
        if self._broken is not None:
            raise self._broken
        loop = asyncio.get_running_loop()
        waiting = _Unit(lambda tx: unit(tx, *args, **kwargs), loop.create_future())
        self._waiting.append(waiting)
        if self._flusher is None:
            self._flusher = loop.create_task(self._flush())
        return typing.cast("T", await waiting.future)

    async def read(self, unit: Callable[Concatenate[SqliteTx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a unit that only reads, beside the writer, on one consistent view."""

        def view(connection: sqlite3.Connection) -> T:
            connection.execute("BEGIN")
            try:
                return unit(SqliteTx(connection, self._statements), *args, **kwargs)
            finally:
                connection.execute("ROLLBACK")

        return await self.raw(view)

    async def aside(self, unit: Callable[Concatenate[SqliteTx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a long read on a connection of its own: nobody waits behind it, and a stop not for it."""
        let_go = threading.Event()

        def view() -> T:
            with contextlib.closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
                connection.set_progress_handler(let_go.is_set, _LOOKS_UP_EVERY)
                connection.execute("PRAGMA query_only = ON")
                connection.execute("BEGIN")
                return unit(SqliteTx(connection, self._statements), *args, **kwargs)

        try:
            return await asyncio.to_thread(view)
        except asyncio.CancelledError:
            let_go.set()  # a thread cannot be cancelled, but its statements end
            raise
        except sqlite3.Error as error:
            raise self._noted(mapped(error)) from None

    async def raw(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function on the reader's connection: for PRAGMAs and the integrity check."""
        try:
            return await self._reader.run(function)
        except sqlite3.Error as error:
            raise self._noted(mapped(error)) from None

    async def scrub(self) -> bool:
        """Empty the journal, in which what was deleted still stands; False where a reader keeps it for now."""

        def emptied(connection: sqlite3.Connection) -> bool:
            connection.execute("PRAGMA busy_timeout = 0")  # units wait behind this: it waits for nobody
            try:
                return bool(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
            finally:
                connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")

        if (failed := self._broken) is not None:
            raise failed
        try:
            return await self._writer.run(emptied)
        except sqlite3.Error as error:
            raise self._noted(mapped(error)) from None

    async def broken(self) -> BrokenStoreError:
        """Return once the disk has failed, with what it said: the process must end, for only a new one may go on."""
        await self._broke.wait()
        return typing.cast("BrokenStoreError", self._broken)

    async def close(self) -> None:
        """Finish the units that wait, then end both threads."""
        self._closed = True
        while self._flusher is not None:
            await asyncio.wait([self._flusher])
        await _close(self._writer, self._reader)

    async def _flush(self) -> None:
        batch: list[_Unit] = []
        try:
            while self._waiting:
                batch = self._waiting[:_MOST_UNITS_A_COMMIT]
                del self._waiting[: len(batch)]
                if self._broken is None:
                    await self._writer.run(partial(_run, batch=batch, statements=self._statements))
                else:
                    for unit in batch:
                        unit.error = self._broken
                self._answer(batch)
        finally:
            self._flusher = None
            for unit in (*batch, *self._waiting):  # only if the thread itself is gone: nobody may wait for ever
                if not unit.future.done():
                    unit.future.set_exception(StoreError("the store's thread has ended"))
            self._waiting.clear()

    def _answer(self, batch: list[_Unit]) -> None:
        topics: set[str] = set()
        for unit in batch:
            error = None if unit.error is None else self._noted(mapped(unit.error))
            if error is None:
                topics |= unit.signals
            if unit.future.done():  # its caller was cancelled
                continue
            if error is None:
                unit.future.set_result(unit.result)
            else:
                unit.future.set_exception(error)
        for topic in topics:
            for listener in self._listeners.get(topic, ()):
                listener()

    def _noted(self, error: BaseException) -> BaseException:
        if isinstance(error, BrokenStoreError) and self._broken is None:
            self._broken = error
            self._broke.set()
        return error


def _connection(path: Path) -> _Connection:
    # the units' thread must not keep the process alive: aiosqlite's is a daemon only if told so
    made = _Connection(
        lambda: sqlite3.connect(
            path,
            isolation_level=None,
            timeout=_BUSY_MILLISECONDS / 1000,
            cached_statements=512,
            check_same_thread=False,
        ),
        iter_chunk_size=64,
    )
    made._thread.daemon = True  # noqa: SLF001  # part of the same seam
    return made


def _prepare(connection: sqlite3.Connection) -> None:
    """Set what durability rests on, and believe only what the connection then says. Raises `StoreError`."""
    for name, (value, demanded) in _DEMANDED.items():
        connection.execute(f"PRAGMA {name} = {value}")
        found = connection.execute(f"PRAGMA {name}").fetchone()[0]
        if found != demanded:
            raise StoreError(
                f"the database cannot be written safely: {name} is {found!r} here and must be {demanded!r}; "
                "put it on a local disk"
            )
    connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    connection.execute("PRAGMA secure_delete = ON")  # what is forgotten is overwritten, not only let go


def _settle_journal(connection: sqlite3.Connection) -> None:
    """Bring the journal into the database and start it anew.

    What a failed fsync left in the journal is whole in the kernel's memory and perhaps not on disk. New commits behind
    it would be lost with it in a power cut; brought over, it is written and made durable once more.
    """
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()  # busy: a reader is about, the next start does it


async def _close(*connections: _Connection) -> None:
    for connection in connections:
        try:
            await connection.close()
        except ValueError:  # was never opened
            continue


def _run(connection: sqlite3.Connection, batch: list[_Unit], statements: Mapping[str, str]) -> None:
    """Run a batch in one transaction; if a failure ended the transaction itself, run the units again one by one."""
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:  # locked or unreadable: the same for each of them
        for unit in batch:
            unit.error = error
        return
    if _attempt(connection, batch, statements) or len(batch) == 1:
        return
    if any(is_fatal(unit.error) for unit in batch):
        return
    for unit in batch:
        _run(connection, [unit], statements)


def _attempt(connection: sqlite3.Connection, batch: list[_Unit], statements: Mapping[str, str]) -> bool:
    """The open transaction over the batch; False where it did not commit as a whole: then every unit has an error."""
    try:
        for unit in batch:
            connection.execute("SAVEPOINT unit")
            unit.run(connection, statements)
            if not connection.in_transaction or is_fatal(unit.error):  # a full disk rolls everything back
                raise unit.error or sqlite3.OperationalError("the transaction ended by itself")
            if unit.error is not None:
                connection.execute("ROLLBACK TO unit")
            connection.execute("RELEASE unit")
        connection.execute("COMMIT")
    except BaseException as error:  # noqa: BLE001  # nobody may be answered from a batch that did not commit
        failure = _rolled_back(connection) or error
        for unit in batch:
            unit.error = failure if is_fatal(failure) else unit.error or failure
        return False
    return True


def _rolled_back(connection: sqlite3.Connection) -> BaseException | None:
    """End what did not commit; where even that fails, nobody knows where the connection stands."""
    try:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        return mapped(error) if is_fatal(error) else BrokenStoreError(f"a failed commit could not be undone: {error}")
    return None
