"""The store on a real file: units are atomic, share commits, harm no other, and are durable when they return."""

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import aiosqlite
import pytest

from bot.ports import Tx
from bot.store import migrate, queries
from bot.store.errors import BrokenStoreError, LockedError, NewerSchemaError, StoreError
from bot.store.lock import DatabaseLock
from bot.store.sqlite import SqliteStore
from tests.store.probe import count, note


async def test_the_connection_keeps_every_commit_through_a_power_cut(store: SqliteStore) -> None:
    async def pragma(name: str) -> object:
        return await store._writer.run(lambda connection: connection.execute(f"PRAGMA {name}").fetchone()[0])

    assert await pragma("synchronous") == 2  # FULL
    assert await pragma("journal_mode") == "wal"
    assert await pragma("foreign_keys") == 1


async def test_a_failing_unit_leaves_nothing_and_harms_no_other(store: SqliteStore) -> None:
    def broken(tx: Tx) -> None:
        note(tx, "broken")
        raise LookupError("mine")

    results = await asyncio.gather(
        store.write(note, "first"), store.write(broken), store.write(note, "last"), return_exceptions=True
    )
    assert results[0] == 1
    assert isinstance(results[1], LookupError)
    assert results[2] == 1
    assert await store.read(count) == 2


async def test_a_unit_that_breaks_a_constraint_is_told_so_alone(store: SqliteStore) -> None:
    def clash(tx: Tx) -> None:
        tx.run("agent_add", id=1, name="a", fee=-1, daily_limit=0, created_at=1)

    results = await asyncio.gather(store.write(clash), store.write(note, "fine"), return_exceptions=True)
    assert isinstance(results[0], StoreError)
    assert results[1] == 1


async def test_stop_iteration_in_a_unit_does_not_end_the_thread(store: SqliteStore) -> None:
    def stop(_: Tx) -> None:
        next(iter([]))

    with pytest.raises(RuntimeError, match="StopIteration"):
        await store.write(stop)
    assert await store.write(note, "still here") == 1


async def test_a_transaction_that_ends_by_itself_answers_nobody_and_runs_the_others_again(store: SqliteStore) -> None:
    def full(tx: Tx) -> None:
        assert tx is not None
        tx._connection.execute("ROLLBACK")  # type: ignore[attr-defined]  # what a full disk does
        raise sqlite3.OperationalError("database or disk is full")

    results = await asyncio.gather(
        store.write(note, "before"), store.write(full), store.write(note, "after"), return_exceptions=True
    )
    assert [isinstance(one, StoreError) for one in results] == [False, True, False]
    assert await store.read(count) == 2


async def test_a_cancelled_caller_does_not_undo_its_unit(store: SqliteStore) -> None:
    task = asyncio.create_task(store.write(note, "mine"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await store.write(note, "next")
    assert await store.read(count) == 2


async def test_a_full_disk_is_an_error_and_not_a_guess(store: SqliteStore) -> None:
    pages = await store._writer.run(lambda connection: connection.execute("PRAGMA page_count").fetchone()[0])
    await store._writer.run(lambda connection: connection.execute(f"PRAGMA max_page_count = {pages + 1}").fetchone())
    with pytest.raises(StoreError, match="full"):
        await asyncio.gather(*(store.write(note, "x" * 4000) for _ in range(20)))
    await store._writer.run(lambda connection: connection.execute("PRAGMA max_page_count = 100000").fetchone())
    assert await store.write(note, "room again") == 1


async def test_a_long_read_beside_the_shop_ends_when_nobody_waits_for_it_any_more(store: SqliteStore) -> None:
    begun, ended = threading.Event(), threading.Event()

    def endless(tx: Tx) -> None:
        begun.set()
        try:
            for _ in range(2):  # the next statement ends as the one that ran
                with contextlib.suppress(sqlite3.OperationalError):
                    tx._connection.execute(  # type: ignore[attr-defined]
                        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n"
                    )
        finally:
            ended.set()

    reading = asyncio.create_task(store.aside(endless))
    assert await asyncio.to_thread(begun.wait, 20)
    reading.cancel()
    assert await asyncio.to_thread(ended.wait, 20)
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await store.write(note, "goes on") == 1


async def test_a_commit_that_fails_answers_nobody_in_it(store: SqliteStore) -> None:
    def dangling(tx: Tx) -> None:
        tx._connection.execute("PRAGMA defer_foreign_keys = ON")  # type: ignore[attr-defined]  # found out at the commit
        tx.run("trail_add", at=1, actor="x", action="added", subject="A099", agent_id=99, chat="", reason="")

    results = await asyncio.gather(
        store.write(note, "before"), store.write(dangling), store.write(note, "after"), return_exceptions=True
    )
    assert [isinstance(one, StoreError) for one in results] == [False, True, False]
    assert await store.read(count) == 2
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        await store.write(dangling)


async def test_after_a_failed_disk_nothing_is_written_although_it_works_again(store: SqliteStore) -> None:
    def failing(_: Tx) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        raise error

    # more than one commit takes: what waits behind the failed one is refused, too
    writes = [store.write(note, "first"), store.write(failing), *(store.write(note, str(one)) for one in range(300))]
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert {type(one) for one in results} == {BrokenStoreError}
    with pytest.raises(BrokenStoreError, match="nothing more is written"):
        await store.write(note, "later")
    assert await store.read(count) == 0


async def test_transfers_can_neither_be_changed_nor_deleted(store: SqliteStore) -> None:
    for statement in ("UPDATE transfer SET amount = 1", "DELETE FROM transfer"):
        await store._writer.run(
            lambda connection: connection.executescript(
                "INSERT OR IGNORE INTO account VALUES ('a', 0, 0, 0), ('b', 0, 0, 0);"
                "INSERT OR IGNORE INTO transfer VALUES (1, 'k', 'a', 'b', 5, 'x', NULL, '', '', 1);"
            )
        )
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            await store._writer.run(lambda connection, sql=statement: connection.execute(sql))  # type: ignore[misc]


async def test_migrating_twice_changes_nothing_and_a_newer_schema_is_refused(tmp_path: Path) -> None:
    store = await SqliteStore.open(tmp_path / "a.db", 1)
    await store.close()
    connection = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    assert migrate.migrate(connection, 2) == []
    connection.execute("INSERT INTO schema_version VALUES (9999, 1)")
    connection.close()
    with pytest.raises(NewerSchemaError, match="newer"):
        await SqliteStore.open(tmp_path / "a.db", 1)


async def test_what_was_printed_before_prints_were_recorded_is_no_first_print_again(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    older = {number: script for number, script in migrate.steps().items() if number < 7}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrate, "steps", lambda: older)
        migrate.migrate(connection, 1)
    for number, prints in ((10_001, 0), (10_002, 2)):
        columns = [(row[1], row[2]) for row in connection.execute("PRAGMA table_info(purchase)")]
        values: dict[str, int | str] = {name: 0 if kind == "BIGINT" else str(number) for name, kind in columns}
        values |= {"id": number, "state": "SUCCESS", "refused": "", "settled_at": 7, "prints": prints}
        values |= {"price": 52_000, "denomination": 50_000, "adm": 1_600, "sold_adm": 2_000, "fee": 1_400}
        marks = ", ".join("?" * len(values))
        statement = f"INSERT INTO purchase ({', '.join(values)}) VALUES ({marks})"  # noqa: S608
        connection.execute(statement, list(values.values()))
    migrate.migrate(connection, 2)
    found = connection.execute("SELECT purchase_id, kind, fee, total, printed_at FROM receipt_print").fetchall()
    assert found == [(10_002, "CA", 1_400, 53_400, 7)]
    connection.close()


async def test_agents_of_a_shop_from_before_markups_were_set_in_chat_keep_their_prices(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "old.db", isolation_level=None)
    older = {number: script for number, script in migrate.steps().items() if number < 15}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrate, "steps", lambda: older)
        migrate.migrate(connection, 1)
    for number, markup in enumerate((0, 700, 400, 400, 0)):
        terms = (number, f"agent {number}", "active", markup, 1_400, 0, 1)
        connection.execute("INSERT INTO agent VALUES (?, ?, ?, ?, ?, ?, ?, '', '')", terms)
    migrate.migrate(connection, 2)
    held = [
        connection.execute(queries.load()["markup_holds"], {"agent_id": one, "denomination": 50_000}).fetchone()[0]
        for one in range(1, 5)
    ]
    assert held == [700, 400, 400, 0]
    added = connection.execute(queries.load()["markup_holds"], {"agent_id": 99, "denomination": 50_000}).fetchone()
    assert added == (400,)  # the commonest is everybody's
    connection.close()


async def test_a_migration_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "CREATE TABLE schema_version (number BIGINT PRIMARY KEY, applied_at BIGINT);\nCREATE TABLE x (;\n"
    monkeypatch.setattr(migrate, "steps", lambda: {1: script})
    connection = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    with pytest.raises(sqlite3.OperationalError):
        migrate.migrate(connection, 1)
    assert connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone() == (0,)
    connection.close()


async def test_what_is_no_database_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"this is no database, by any means at all" * 200)
    with pytest.raises(StoreError, match="cannot open"):
        await SqliteStore.open(tmp_path / "a.db", 1)


def test_a_second_process_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    database = tmp_path / "a.db"
    holder = (
        "import sys, pathlib; from bot.store.lock import DatabaseLock\n"
        "with DatabaseLock(pathlib.Path(sys.argv[1]), 'serve'): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        other.stdout.readline()
        with pytest.raises(LockedError, match=rf"setrum serve \(pid {other.pid}"), DatabaseLock(database, "chat"):
            pass
        other.stdin.close()
        other.wait()
    with DatabaseLock(database, "chat"):
        pass


def test_the_seam_into_aiosqlite_is_as_it_was() -> None:
    assert aiosqlite.__version__ == "0.22.1"
    assert hasattr(aiosqlite.Connection, "_execute")
    assert hasattr(aiosqlite.Connection, "_conn")


def test_queries_are_portable() -> None:
    for name, statement in queries.load().items():
        assert "%" not in statement.replace("'agent:%'", "").replace("'%'", ""), name
        assert "FOR UPDATE" not in statement.upper(), name
