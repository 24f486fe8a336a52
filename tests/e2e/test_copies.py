"""Backup and restore as an operator runs them, beside a shop that goes on selling; and disks that forget."""

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pyrage
import pytest

from bot.clock import MINUTE
from bot.ports import Tx
from bot.store import backup, migrate
from bot.store.errors import StoreError
from bot.store.sqlite import SqliteStore
from tests.e2e import forks
from tests.world import NOON, World, world

ROOT = Path(__file__).parents[2]
PLAIN = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("VSI_", "WAIT_", "DATABASE_", "BACKUP_", "EPHEMERAL_"))
} | {"PYTHONPATH": str(ROOT)}
PRACTICE = {"VSI_URL": "http://127.0.0.1:9/x", "VSI_CID": "a", "VSI_SECRET": "b", "PORT": "0"}


def setrum(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    done = forks.run(folder, list(arguments), PLAIN | settings, "")
    assert "Traceback" not in done.stderr, done.stderr
    return done


def rows(path: Path, statement: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


async def sold(folder: Path) -> Path:
    """A shop that sold once; its database, closed."""
    async with world(folder) as shop:
        await shop.say("54123456789 50")
        await shop.say("bayar")
    return folder / "setrum.db"


def note(tx: Tx, length: int) -> None:
    tx.run("alert_add", kind="x", purchase_id=None, detail="y" * length, created_at=1)


def nothing(_: int, __: int) -> None:
    """Nobody watches."""


async def test_a_backup_is_made_beside_a_selling_shop_and_has_what_was_sold_before_it(tmp_path: Path) -> None:
    async with world(tmp_path, deposit=5_000_000) as shop:
        await shop.say("54123456789 50")
        await shop.say("bayar")
        for _ in range(40):  # enough pages for many steps
            await shop.store.write(note, 50_000)
        steps: list[int] = []
        copying = asyncio.create_task(
            asyncio.to_thread(
                backup.back_up, tmp_path / "setrum.db", tmp_path / "copy.db", NOON, lambda left, _: steps.append(left)
            )
        )
        await sell_on(shop, copying)
        made = await copying
        later = len(await shop.purchases())
        assert later > 1
    assert len(steps) > 1
    assert made.sales >= 1
    assert made.sales == rows(tmp_path / "copy.db", "SELECT COUNT(*) FROM purchase WHERE state = 'SUCCESS'")[0][0]
    assert rows(tmp_path / "copy.db", "SELECT kind, copied_at FROM restriction") == [("restored", NOON)]
    assert rows(tmp_path / "setrum.db", "SELECT * FROM restriction") == []
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("*partial*"))


async def sell_on(shop: World, copying: "asyncio.Task[backup.Backup]") -> None:
    """Sell while the copy is made, and once more."""
    for meter in ("54123456780", "54123456781", "54123456782"):
        await shop.say(f"{meter} 20")
        await shop.say("bayar")
        if copying.done():
            return


async def test_a_copy_keeps_what_it_found_although_every_step_is_followed_by_a_commit(tmp_path: Path) -> None:
    store = await SqliteStore.open(tmp_path / "a.db", 1)
    loop = asyncio.get_running_loop()
    commits: list[int] = []

    def commit(left: int, _: int) -> None:
        """In the thread of the copy, between two of its steps: the shop commits, and is not kept waiting."""
        writing = store.write(note, 100_000)
        asyncio.run_coroutine_threadsafe(writing, loop).result(5)
        commits.append(left)

    try:
        for _ in range(60):
            await store.write(note, 50_000)
        await asyncio.to_thread(backup.back_up, tmp_path / "a.db", tmp_path / "b.db", NOON, commit)
    finally:
        await store.close()
    assert len(commits) > 2
    assert commits == sorted(commits, reverse=True), "a copy that begins again never ends beside a busy shop"
    assert rows(tmp_path / "b.db", "SELECT COUNT(*) FROM alert") == [(60,)]


def test_a_backup_and_its_way_back(tmp_path: Path) -> None:
    setrum(tmp_path, "agents", "add", "Budi", "--on", "console:budi", "--deposit", "500000")
    made = json.loads(setrum(tmp_path, "backup", "copy.db", "--json").stdout)
    assert (made["encrypted"], made["sales"], made["bytes"]) == (False, 0, (tmp_path / "copy.db").stat().st_size)
    assert "exists" in setrum(tmp_path, "backup", "copy.db").stderr
    over = setrum(tmp_path, "backup", "data/setrum.db", "--force")
    assert (over.returncode, "the shop's database itself" in over.stderr) == (2, True)
    setrum(tmp_path, "agents", "add", "Siti")  # after the copy

    refused = setrum(tmp_path, "restore", "copy.db")
    assert (refused.returncode, "--replace" in refused.stderr) == (2, True)
    done = setrum(tmp_path, "restore", "copy.db", "--replace")
    assert done.returncode == 0, done.stderr
    assert "setrum release --reason" in done.stdout
    assert [one["name"] for one in json.loads(setrum(tmp_path, "agents", "--json").stdout)][1:] == ["Budi"]
    [aside] = (tmp_path / "data").glob("setrum.db.replaced-*")
    assert rows(aside, "SELECT COUNT(*) FROM agent WHERE name = 'Siti'") == [(1,)]
    assert rows(tmp_path / "data" / "setrum.db", "SELECT kind FROM restriction") == [("restored",)]


def test_a_backup_for_a_key_is_opened_by_that_key_alone(tmp_path: Path) -> None:
    keys = [pyrage.x25519.Identity.generate() for _ in range(2)]
    for name, key in zip(("right", "wrong"), keys, strict=True):
        (tmp_path / name).write_text(f"# made by age-keygen\n{key}\n")
    setrum(tmp_path, "agents", "add", "Budi")
    made = setrum(tmp_path, "backup", "copy.age", "--json", BACKUP_RECIPIENT=str(keys[0].to_public()))
    assert json.loads(made.stdout)["encrypted"] is True
    assert (tmp_path / "copy.age").read_bytes().startswith(b"age-encryption.org/v1\n")
    assert b"Budi" not in (tmp_path / "copy.age").read_bytes()
    assert not list((tmp_path / "data").glob("*.copying*"))  # the copy in the clear is gone
    (tmp_path / "cut.age").write_bytes((tmp_path / "copy.age").read_bytes()[:-1000])
    database = tmp_path / "data" / "setrum.db"
    before = database.read_bytes()
    for name, key_file, words in (
        ("copy.age", None, "--identity KEYFILE"),
        ("copy.age", "wrong", "was encrypted to another"),
        ("copy.age", "copy.age", "cannot be read as an age key file"),
        ("cut.age", "right", "damaged or cut off"),
        ("nowhere.age", "right", "no file at"),
    ):
        with pytest.raises(StoreError, match=words):
            restore(tmp_path / name, database, replace=True, key_file=tmp_path / key_file if key_file else None)
        assert database.read_bytes() == before
    assert not list((tmp_path / "data").glob("*restoring*"))
    done = setrum(tmp_path, "restore", "copy.age", "--identity", "right", "--replace", "--json")
    assert json.loads(done.stdout)["read_only"] is True


def test_a_malformed_key_is_named_before_anything_is_written(tmp_path: Path) -> None:
    setrum(tmp_path, "migrate")
    done = setrum(tmp_path, "backup", "copy.age", BACKUP_RECIPIENT="age1nonsense")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "BACKUP_RECIPIENT: is no public key of age" in done.stderr
    assert not (tmp_path / "copy.age").exists()


async def test_a_raw_copy_comes_back_read_only_with_the_commits_of_its_journal(tmp_path: Path) -> None:
    async with world(tmp_path / "shop") as shop:
        await shop.say("54123456789 50")
        await shop.say("bayar")
        newest = shop.clock()
        for suffix in ("", "-wal"):  # `cp` beside a running shop
            shutil.copyfile(tmp_path / "shop" / f"setrum.db{suffix}", tmp_path / f"raw.db{suffix}")
    assert (tmp_path / "raw.db-wal").stat().st_size > 0
    done = restore(tmp_path / "raw.db", tmp_path / "new" / "setrum.db")
    assert done.sales == 1
    assert NOON < done.copied_at <= newest
    assert rows(done.database, "SELECT kind, copied_at FROM restriction") == [("restored", done.copied_at)]


async def test_a_copy_of_a_copy_is_as_old_as_the_first(tmp_path: Path) -> None:
    database = await sold(tmp_path)
    backup.back_up(database, tmp_path / "first.db", NOON, nothing)
    restore(tmp_path / "first.db", tmp_path / "second" / "setrum.db")
    backup.back_up(tmp_path / "second" / "setrum.db", tmp_path / "third.db", NOON + 1_000_000, nothing)
    assert rows(tmp_path / "third.db", "SELECT copied_at FROM restriction") == [(NOON,)]


async def test_a_copy_of_a_stopped_shop_says_why_it_was_stopped(tmp_path: Path) -> None:
    database = await sold(tmp_path)
    connection = sqlite3.connect(database)
    with connection:
        connection.execute("INSERT INTO restriction VALUES (1, 'violation', 'I1: agent:1', 5, NULL)")
    connection.close()
    (tmp_path / "copy.db").write_text("an older copy")
    with pytest.raises(StoreError, match="--force"):
        backup.back_up(database, tmp_path / "copy.db", NOON, nothing)
    backup.back_up(database, tmp_path / "copy.db", NOON, nothing, force=True)
    [(kind, detail, copied_at)] = rows(tmp_path / "copy.db", "SELECT kind, detail, copied_at FROM restriction")
    assert (kind, copied_at) == ("restored", NOON)
    assert "I1: agent:1" in str(detail)
    assert rows(database, "SELECT kind FROM restriction") == [("violation",)]


async def test_what_is_no_sound_copy_of_a_shop_stays_outside(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database " * 1000)
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE x (y)")
    other.close()
    (tmp_path / "data").mkdir()
    await (await SqliteStore.open(tmp_path / "data" / "setrum.db", NOON)).close()
    original = tmp_path / "data" / "setrum.db"
    shutil.copyfile(original, tmp_path / "newer.db")
    with sqlite3.connect(tmp_path / "newer.db") as newer:
        newer.execute("INSERT INTO schema_version VALUES (9999, 1)")
    newer.close()
    broken = bytearray(original.read_bytes())
    broken[4096 * 10 : 4096 * 60] = b"\xa5" * 4096 * 50
    (tmp_path / "broken.db").write_bytes(broken)
    for name, words in (
        ("text", "no copy of a database"),
        ("other.db", "not one of Setrum"),
        ("newer.db", "the newer release"),
        ("broken.db", "broken.db"),
        ("data/setrum.db", "the shop's database itself"),
    ):
        with pytest.raises(StoreError, match=words):
            restore(tmp_path / name, original, replace=True)
        assert [one.name for one in (tmp_path / "data").glob("setrum.db?*") if one.suffix != ".lock"] == []
    with pytest.raises(StoreError, match=r"is damaged|malformed"):
        backup.back_up(tmp_path / "broken.db", tmp_path / "copy.db", NOON, nothing)
    assert not (tmp_path / "copy.db").exists()


def test_a_copy_by_an_older_release_is_brought_up_so_that_it_can_carry_the_mark(tmp_path: Path) -> None:
    older = sqlite3.connect(tmp_path / "older.db", isolation_level=None)
    for statement in migrate.statements(migrate.steps()[1]):
        older.execute(statement)
    older.execute("INSERT INTO schema_version VALUES (1, 7)")
    older.close()
    done = restore(tmp_path / "older.db", tmp_path / "new" / "setrum.db")
    assert (done.schema, done.copied_at) == (migrate.latest(), 7)
    backup.back_up(tmp_path / "older.db", tmp_path / "copy.db", NOON, nothing)
    assert rows(tmp_path / "copy.db", "SELECT kind FROM restriction") == [("restored",)]
    assert rows(tmp_path / "older.db", "SELECT MAX(number) FROM schema_version") == [(1,)]  # the original is left alone


async def test_an_old_database_is_put_aside_with_the_commits_of_its_journal(tmp_path: Path) -> None:
    await sold(tmp_path / "shop")
    backup.back_up(tmp_path / "shop" / "setrum.db", tmp_path / "copy.db", NOON, nothing)
    (tmp_path / "old").mkdir()
    async with world(tmp_path / "shop", at=NOON + MINUTE) as shop:
        await shop.say("54123456780 20")
        await shop.say("bayar")
        for suffix in ("", "-wal", "-shm"):  # as a killed process leaves them
            shutil.copyfile(tmp_path / "shop" / f"setrum.db{suffix}", tmp_path / "old" / f"setrum.db{suffix}")
    done = restore(tmp_path / "copy.db", tmp_path / "old" / "setrum.db", replace=True)
    assert done.aside is not None
    assert rows(done.aside, "SELECT COUNT(*) FROM purchase") == [(2,)]
    assert rows(done.database, "SELECT COUNT(*) FROM purchase") == [(1,)]


async def test_a_restore_that_was_cut_off_leaves_no_empty_shop_to_start(tmp_path: Path) -> None:
    database = await sold(tmp_path)
    backup.back_up(database, tmp_path / "copy.db", NOON, nothing)
    database.rename(tmp_path / "setrum.db.replaced")  # the old one is aside, the copy is not yet in place
    (tmp_path / "setrum.db.restoring").write_bytes(b"half")
    with pytest.raises(StoreError, match="did not finish"):
        await SqliteStore.open(database, NOON)
    assert not database.exists()
    assert restore(tmp_path / "copy.db", database).sales == 1
    await (await SqliteStore.open(database, NOON)).close()


def test_a_restore_is_refused_while_somebody_works_on_the_database(tmp_path: Path) -> None:
    setrum(tmp_path, "migrate")
    setrum(tmp_path, "backup", "copy.db")
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"], cwd=tmp_path, env=PLAIN | PRACTICE | {"EPHEMERAL_DISK": "1"},
        stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        done = setrum(tmp_path, "restore", "copy.db", "--replace")
        beside = setrum(tmp_path, "backup", "beside.db")
        process.terminate()
    assert (done.returncode, f"pid {process.pid}" in done.stderr) == (2, True)
    assert beside.returncode == 0


def test_a_shop_is_not_opened_on_a_host_that_forgets_its_disk(tmp_path: Path) -> None:
    done = setrum(tmp_path, "serve", **PRACTICE, DYNO="web.1")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "DYNO is set" in done.stderr
    assert not (tmp_path / "data").exists()


def restore(source: Path, database: Path, *, replace: bool = False, key_file: Path | None = None) -> backup.Restored:
    database.parent.mkdir(exist_ok=True)
    return backup.restore(source, database, NOON + 9_000_000, key_file=key_file, replace=replace, dated="replaced")
