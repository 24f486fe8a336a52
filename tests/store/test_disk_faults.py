"""The disk fails under the shop: full, with I/O errors, damaged, or in a power cut. It stops, and never guesses."""

import asyncio
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pyrage
import pytest

from bot import http
from bot.messaging.event import Event
from bot.messaging.inbox import Inbound, Inbox, InboxRow, plain, put
from bot.ports import Tx
from bot.store.errors import BrokenStoreError, StoreError, UnavailableError
from bot.store.sqlite import SqliteStore, _prepare
from tests.store.disk_campaign import ROOT, WAYS, compiled, compiler
from tests.store.probe import count, note
from tests.world import world

needs_compiler = pytest.mark.skipif(
    compiler() is None or not sys.platform.startswith("linux"),
    reason="a disk that fails is a C library: it needs Linux and a C compiler",
)


def campaign(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.store.disk_campaign", "--json", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@needs_compiler
def test_whatever_the_disk_does_a_purchase_is_paid_once_and_the_books_agree_with_the_suppliers() -> None:
    seed = os.environ.get("DISK_SEED", "47178")
    print(f"DISK_SEED={seed}")
    points = campaign("--points", "24", "--seed", seed)["points"]
    assert [point for point in points if point["wrong"]] == []
    assert {point["way"] for point in points} == set(WAYS)
    assert any(point["stopped"] for point in points)
    assert {"SUCCESS", "none"} <= {point["state"] for point in points}, "a fault that changes nothing proves nothing"


@needs_compiler
def test_a_commit_that_only_looked_durable_would_lose_a_sale_in_a_power_cut() -> None:
    way = "power cut, all unsynced lost"
    points = campaign("--points", "14", "--way", way, "--synchronous", "NORMAL")["points"]
    assert any("sold, and ours is unknown" in point["wrong"] for point in points)


async def test_a_database_that_turns_out_damaged_is_never_written_again(tmp_path: Path) -> None:
    store = await full_of_notes(tmp_path / "a.db")
    try:
        waiting = asyncio.create_task(store.broken())
        damage(tmp_path / "a.db")
        results = await asyncio.gather(
            store.write(note, "beside it"), store.write(_rewrite_all), return_exceptions=True
        )
        assert [type(one) for one in results] == [BrokenStoreError, BrokenStoreError]
        assert "nothing more is written" in str(await waiting)
        with pytest.raises(BrokenStoreError):
            await store.write(note, "later")
    finally:
        await store.close()


async def test_a_reader_that_finds_the_damage_stops_the_writer(tmp_path: Path) -> None:
    store = await full_of_notes(tmp_path / "a.db")
    try:
        damage(tmp_path / "a.db")
        with pytest.raises(BrokenStoreError):
            await store.read(lambda tx: sql(tx, "SELECT detail FROM alert"))
        with pytest.raises(BrokenStoreError):
            await store.write(note, "later")
    finally:
        await store.close()


async def test_the_shop_ends_its_run_and_is_not_ready_once_the_disk_has_failed(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        stopped: list[str] = []

        async def until() -> None:
            try:
                async with http.running(shop.setrum, "127.0.0.1", 0) as address:
                    assert await asyncio.to_thread(status, f"{address}/readyz") == 200
                    await shop.store.raw(lambda _: None)
                    shop.store._noted(BrokenStoreError("the disk failed"))
                    with contextlib.suppress(BrokenStoreError):
                        await shop.put("54123456789 50")
                    assert await asyncio.to_thread(status, f"{address}/readyz") == 503
                    await asyncio.Event().wait()
            finally:
                stopped.append("the web server is closed")

        with pytest.raises(BrokenStoreError, match="the disk failed"):
            await asyncio.wait_for(shop.setrum.run(until=until), 20)
        assert stopped == ["the web server is closed"]


def status(address: str) -> int:
    try:
        with urlopen(address) as answer:
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code


@needs_compiler
def test_the_process_ends_in_one_sentence_and_not_with_zero(tmp_path: Path) -> None:
    practice = {"VSI_URL": "http://127.0.0.1:9/x", "VSI_CID": "a", "VSI_SECRET": "b"}
    done = preloaded(tmp_path, CHAT, str(tmp_path / "data" / "setrum.db"), lines="halo\n" * 200, **practice)
    assert done.returncode == 2
    assert [line for line in done.stderr.splitlines() if line.startswith("setrum chat: the disk failed")]
    assert "Traceback" not in done.stderr


async def test_a_full_disk_costs_nobody_his_message(store: SqliteStore, tmp_path: Path) -> None:
    parked: list[int] = []
    done: list[str] = []

    def turn(tx: Tx, row: InboxRow, _: Event) -> bool:
        note(tx, "x" * 1_000_000)
        done.append(row.text)
        return True

    inbox = Inbox(store, turn, lambda _, row: parked.append(row.id), {"console": plain})
    await store.write(put, Inbound("console", "1", "budi", "halo", 1, 1), 1)
    await room(store, 5)
    for _ in range(5):  # more often than a message is tried that fails by its own fault
        assert await inbox.work() == 1
        await inbox.idle()
    await room(store, 100_000)
    done.clear()
    await inbox.work()
    await inbox.idle()
    assert (done, parked) == (["halo"], [])


async def test_a_full_disk_takes_nothing_of_a_unit_and_everything_once_there_is_room(store: SqliteStore) -> None:
    await room(store, 5)
    results = await asyncio.gather(
        store.write(note, "small"), store.write(note, "x" * 1_000_000), return_exceptions=True
    )
    assert results[0] == 1
    assert isinstance(results[1], UnavailableError)
    assert "the disk is full" in str(results[1])
    assert await store.read(count) == 1
    await room(store, 100_000)
    assert await store.write(note, "x" * 1_000_000) == 1


async def test_a_commit_behind_one_whose_fsync_failed_survives_the_power_cut(tmp_path: Path) -> None:
    store = await SqliteStore.open(tmp_path / "a.db", 1)
    await store.write(note, "durable")
    on_disk = (tmp_path / "a.db-wal").stat().st_size
    await store.write(note, "its fsync failed")  # whole in the kernel's memory from here on, and not on disk
    (tmp_path / "next").mkdir()
    for name in ("a.db", "a.db-wal"):  # as the next process finds them, which reads from that memory
        shutil.copyfile(tmp_path / name, tmp_path / "next" / name)
    await store.close()
    lost = (tmp_path / "next" / "a.db-wal").read_bytes()[on_disk:]
    assert lost
    store = await SqliteStore.open(tmp_path / "next" / "a.db", 1)
    await store.write(note, "behind it")
    (tmp_path / "after").mkdir()
    for name in ("a.db", "a.db-wal"):
        shutil.copyfile(tmp_path / "next" / name, tmp_path / "after" / name)
    await store.close()
    journal = (tmp_path / "after" / "a.db-wal").read_bytes()
    if journal[on_disk : on_disk + len(lost)] == lost:  # nobody has written it once more: the power cut takes it
        journal = journal[:on_disk] + bytes(len(lost)) + journal[on_disk + len(lost) :]
        (tmp_path / "after" / "a.db-wal").write_bytes(journal)
    store = await SqliteStore.open(tmp_path / "after" / "a.db", 1)
    try:
        details = await store.read(lambda tx: sql(tx, "SELECT detail FROM alert ORDER BY id"))
        assert details == [("durable",), ("its fsync failed",), ("behind it",)]
    finally:
        await store.close()


def test_a_connection_that_cannot_promise_durability_is_refused(tmp_path: Path) -> None:
    nowhere = sqlite3.connect(":memory:", isolation_level=None)
    with contextlib.closing(nowhere), pytest.raises(StoreError, match="journal_mode is 'memory'"):
        _prepare(nowhere)
    with contextlib.closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as busy:
        busy.execute("PRAGMA journal_mode = WAL")
        busy.execute("PRAGMA synchronous = FULL")
        _prepare(busy)
        busy.execute("PRAGMA foreign_keys = OFF")
        busy.set_authorizer(_keeps_foreign_keys)
        with pytest.raises(StoreError, match="foreign_keys is 0"):
            _prepare(busy)


@needs_compiler
async def test_a_backup_that_fails_leaves_neither_half_a_file_nor_a_changed_original(tmp_path: Path) -> None:
    await (await SqliteStore.open(tmp_path / "a.db", 1)).close()
    before = (tmp_path / "a.db").read_bytes()
    key = pyrage.x25519.Identity.generate().to_public()
    done = preloaded(tmp_path, BACKUPS, str(tmp_path), str(key))
    assert done.returncode == 0, done.stderr
    failed, made = json.loads(done.stdout)
    assert failed > 80
    assert made == ["plain.db", "sealed.age"]
    assert (tmp_path / "a.db").read_bytes() == before


# every call of a backup fails in turn, plain and encrypted; whatever is left of one that failed is an error
BACKUPS = """
import ctypes, errno, json, sys
from pathlib import Path
from bot.store.backup import back_up
from bot.store.errors import StoreError
folder, key = Path(sys.argv[1]), sys.argv[2]
copies, disk, failed = folder / "copies", ctypes.CDLL(None), 0
copies.mkdir()
ways = [("plain.db", "", copies), ("sealed.age", key, copies), ("sealed.age", key, folder / "a.db.copying")]
for name, recipient, files in ways:
    for error in (errno.ENOSPC, errno.EIO):
        (copies / name).unlink(missing_ok=True)
        made = {one.name for one in copies.iterdir()}
        for call in (*range(1, 10), *range(10, 10_000, 3)):
            disk.failing_disk_arm(str(files).encode(), ctypes.c_long(call), error, 1)
            try:
                back_up(folder / "a.db", copies / name, 1, lambda *_: None, recipient=recipient)
                break
            except StoreError:
                failed += 1
            finally:
                disk.failing_disk_disarm()
            left = {one.name for one in (*copies.iterdir(), *folder.glob("a.db?*"))} - made
            assert not left, (name, call, left)
print(json.dumps([failed, sorted(one.name for one in copies.iterdir())]))
"""


def _keeps_foreign_keys(_: int, name: str | None, value: str | None, *__: str | None) -> int:
    return sqlite3.SQLITE_IGNORE if name == "foreign_keys" and value else sqlite3.SQLITE_OK


async def full_of_notes(path: Path) -> SqliteStore:
    """A store whose file has many pages, none of them in anybody's cache."""
    store = await SqliteStore.open(path, 1)
    for _ in range(20):
        await store.write(note, "x" * 20_000)
    await store.close()
    return await SqliteStore.open(path, 1)


def damage(path: Path) -> None:
    """Overwrite everything but the first page, as a dying disk might."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))


def _rewrite_all(tx: Tx) -> None:
    sql(tx, "UPDATE alert SET detail = 'y' || detail")


def sql(tx: Tx, statement: str) -> list[tuple[object, ...]]:
    return tx._connection.execute(statement).fetchall()  # type: ignore[attr-defined,no-any-return]  # no query of ours


async def room(store: SqliteStore, pages: int) -> None:
    """Let the database grow by so many pages and no more: the real SQLITE_FULL."""

    def limit(connection: sqlite3.Connection) -> None:
        used = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {used + pages}").fetchone()

    await store._writer.run(limit)


CHAT = """
import ctypes, errno, sys
from bot.__main__ import main
assert main(["migrate"]) == 0
ctypes.CDLL(None).failing_disk_arm(sys.argv[1].encode(), ctypes.c_long(150), errno.EIO, 1)
sys.exit(main(["chat"]))
"""


def preloaded(
    folder: Path, program: str, *arguments: str, lines: str = "", **settings: str
) -> subprocess.CompletedProcess[str]:
    """A program in a process of its own that can make its disk fail."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("VSI_", "WAIT_", "DATABASE_"))}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=folder, env=clean | {"PYTHONPATH": str(ROOT), "LD_PRELOAD": str(compiled(folder))} | settings,
        input=lines, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
