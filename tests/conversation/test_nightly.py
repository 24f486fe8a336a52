"""The nightly backup in an owner's chat: switched on and off there, made once a night, opened by `restore`."""

import dataclasses
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pyrage
import pytest

from bot import nightly
from bot.clock import DAY, HOUR
from bot.domain.message import File, Message
from bot.messaging.channel import Result
from bot.messaging.outbox import Outgoing
from bot.services import nightly as plans
from bot.store import backup
from bot.store.errors import StoreError
from tests.conversation.test_staff import keys, only, tap
from tests.world import NOON, SHOP, Phone, World, execute, world

METER = "54123456789"
KEY = pyrage.x25519.Identity.generate()
SAFE = dataclasses.replace(SHOP, backup_recipient=str(KEY.to_public()))


@dataclass
class Desk(Phone):
    """A console that takes files."""

    took: list[tuple[str, bytes]] = field(default_factory=list)

    async def send(self, outgoing: Outgoing, message: Message) -> Result:
        self.took += [(file.name, path.read_bytes()) for file, path in zip(message.files, outgoing.paths, strict=True)]
        return await super().send(outgoing, message)


@pytest.fixture
async def safe(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, shop=SAFE, phone=Desk()) as made:
        yield made


def desk(shop: World) -> Desk:
    assert isinstance(shop.phone, Desk)
    return shop.phone


async def night(shop: World) -> int:
    """What the loop does once a minute; and everything that comes of it."""
    made = await nightly.work(shop.store, shop.setrum.spool, shop.shop, shop.clock)
    await shop.settle()
    return made


async def test_without_a_key_the_owner_reads_what_to_do(shop: World) -> None:
    said = await only(shop, "cadangan malam 02.00")
    assert said.key == "backup.no_key"
    assert "age-keygen -o setrum.key" in said.text
    await shop.say("bahasa en", "boss")
    assert "then type backup nightly." in (await only(shop, "backup")).text


async def test_a_backup_comes_every_night_once_and_opens_to_the_same_books(safe: World, tmp_path: Path) -> None:
    await safe.say(f"{METER} 50")
    await safe.say("bayar")
    card = await only(safe, "cadangan")
    assert card.key == "backup.off"
    (switched,) = await tap(safe, card, "Nyalakan")
    assert "Berikutnya 26 Nov 02.00." in switched.text
    assert await night(safe) == 0  # not yet
    safe.clock.forward(14 * HOUR)
    assert [await night(safe), await night(safe)] == [1, 0]
    (name, sealed), *more = desk(safe).took
    assert (name, more) == ("setrum-2026-11-26-0200.db.gz.age", [])
    sent = next(one for one in safe.phone.read if one.key == "backup.sent")
    assert sent.to == "boss"
    assert sent.text.startswith("💾 Cadangan Kam 26 Nov 2026: 1 penjualan, 1 MB, terenkripsi.")
    assert not list(safe.setrum.spool.folder.iterdir())
    (tmp_path / "arrived.age").write_bytes(sealed)
    (tmp_path / "key").write_text(str(KEY))
    done = backup.restore(
        tmp_path / "arrived.age", tmp_path / "drill.db", safe.clock(), key_file=tmp_path / "key", replace=False,
        dated="x",
    )  # fmt: skip
    assert done.sales == 1
    tables = ("transfer", "account", "purchase", "vended_token", "trail")
    assert [contents(tmp_path / "drill.db", one) for one in tables] == [
        contents(tmp_path / "setrum.db", one) for one in tables
    ]
    safe.clock.forward(DAY)
    assert await night(safe) == 1


def contents(path: Path, table: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
    finally:
        connection.close()


async def test_it_is_had_at_once_moved_and_switched_off(safe: World) -> None:
    assert (await only(safe, "cadangan sekarang")).key == "backup.off"  # nothing is on yet
    await safe.say("bahasa en", "boss")
    assert "Next 25 Nov 23:15." in (await only(safe, "backup nightly 23:15")).text
    assert (await only(safe, "backup at noon")).key == "backup.how"
    assert (await only(safe, "backup now")).key == "backup.soon"
    assert await night(safe) == 1
    assert len(desk(safe).took) == 1
    assert (await only(safe, "backup off")).key == "backup.off"
    safe.clock.forward(2 * DAY)
    assert await night(safe) == 0
    assert "switched nightly backups off" in (await only(safe, "audit")).text


async def test_what_is_too_large_for_the_chat_stays_on_the_server_and_only_seven_of_it(
    safe: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(plans._MOST, "console", 1_000)
    await safe.say("cadangan malam", "boss")
    for _ in range(9):
        safe.clock.forward(DAY)
        assert await night(safe) == 1
    kept = sorted(path.name for path in (tmp_path / "backups").iterdir())
    assert (len(kept), desk(safe).took) == (7, [])
    said = [one for one in safe.phone.read if one.key == "backup.kept"][-1]
    assert f"Disimpan di server: {tmp_path}/backups/{kept[-1]}." in said.text


async def test_a_failed_one_is_noted_and_tried_the_next_night(safe: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await safe.say("cadangan malam", "boss")
    safe.clock.forward(DAY)

    def full(*_: object, **__: object) -> None:
        raise StoreError("no room left")

    with monkeypatch.context() as patched:
        patched.setattr(backup, "back_up", full)
        assert [await night(safe), await night(safe)] == [0, 0]
    tries = await safe.store.raw(lambda one: one.execute("SELECT ok, detail FROM backup").fetchall())
    assert [tuple(one) for one in tries] == [(0, "no room left")]
    safe.clock.forward(DAY)
    assert await night(safe) == 1


async def test_a_chat_that_is_an_owners_no_longer_gets_none(safe: World) -> None:
    await safe.say("menu")  # the first chat: Budi's
    await safe.say("cadangan malam", "boss")
    await execute(safe, "UPDATE nightly_backup SET conversation_id = 1, next_at = 0")
    assert await night(safe) == 0
    assert desk(safe).took == []
    assert (await only(safe, "cadangan")).key == "backup.off"


@pytest.mark.parametrize("who", ["budi", "stranger"])
async def test_only_an_owner_has_the_database_sent(safe: World, who: str) -> None:
    assert keys(await safe.say("cadangan malam", who)) == ["start.agent" if who == "budi" else "start.customer"]
    assert await safe.store.read(plans.plan) is None


def test_a_cut_off_copy_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(str(KEY))
    (tmp_path / "cut.age").write_bytes(pyrage.encrypt(b"\x1f\x8b\x08" + b"x" * 40, [KEY.to_public()]))
    with pytest.raises(StoreError, match="could not be unpacked"):
        backup.restore(
            tmp_path / "cut.age", tmp_path / "a.db", NOON, key_file=tmp_path / "key", replace=False, dated="x"
        )


async def test_another_hour_that_is_chosen_while_a_backup_is_made_holds_for_the_next(safe: World) -> None:
    await safe.say("cadangan malam 02.00", "boss")
    safe.clock.forward(14 * HOUR)
    found = await safe.store.read(plans.due, safe.shop, safe.clock())
    assert found is not None
    await safe.say("cadangan malam 01.00", "boss")
    file = File("backup-1.age", "setrum.db.gz.age", "text/plain")
    await safe.store.write(plans.made, found, file, plans.Made(1, 1, "/srv"), safe.shop, safe.clock())
    await safe.settle()
    assert "Berikutnya 27 Nov 01.00." in (await only(safe, "cadangan")).text
