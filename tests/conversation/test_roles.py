"""Every owner's action against everybody who is no owner: his own start text, nothing changed, no figure told.

The actions are those of the table of commands itself, so that a new one is walked without being named here; each is
said in all its words, with everything that owners say behind their commands.
"""

import dataclasses
import sqlite3
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest

from bot.conversation import grammar
from bot.conversation.answers import ANSWERS
from bot.conversation.command import OWNERS
from bot.messaging.event import Event, Kind
from bot.messaging.inbox import InboxRow, plain
from bot.ports import Tx
from bot.services import people, prices
from bot.services.prices import Scope
from tests.conversation.test_staff import code_for
from tests.world import SHOP, Phone, Said, World, world

METER = "54123456789"
BEHIND = (  # a command, as owners type them: one of these means something to each
    "",
    "A002",
    "A002 ya",
    "A002 5000",
    "A002 5000 utang",
    "A002 5000 salah hitung",
    "A002 hapus",
    "A002 nama Toko Baru",
    "A002 zona WIT",
    "baru Toko Baru",
    "diam",
    "hal 2",
    "1",
    "#1",
    "1 150000",
    "P1",
    "T10001",
    "semua 500",
    "100rb 700",
    "+5000000",
    "cek 5000000",
    "kemarin",
    "7",
    "hapus A002",
    "rina",
    METER,
    "kunci A002",
    "rusak",
    "jam 06.30",
    "bulan",
)
SHARED = sorted(name for name, answer in ANSWERS.items() if answer.roles > OWNERS and name not in ("hapus", "bahasa"))
ACTIONS = sorted(name for name, answer in ANSWERS.items() if answer.roles == OWNERS)
ALWAYS = frozenset(
    [
        "agen",
        "aktif",
        "alarm",
        "batas",
        "beku",
        "blokir",
        "buka",
        "catatan",
        "jejak",
        "keluar",
        "markup",
        "saldo+",
        "saldo-",
        "setuju",
        "tolak",
        "tutup",
        "umumkan",
        "undang",
        "usulan",
    ]
)
OWN = (  # what a message that is answered leaves behind, whatever it says
    *("inbox", "outbox", "step", "session", "session_log", "effect"),
    *("conversation", "address", "published", "sqlite_sequence"),
)
SECRETS = ("7.654.321", "4.321", "98.765.432", "telegram:777")
EVERYBODY = ("siti", "budi", "kas", "dua", "beku", "grup", "bekas")
STARTS = {"siti": "start.customer", "bekas": "start.customer"}


class Doors(Phone):
    """A console on which one chat is a group."""

    @staticmethod
    def parse(row: InboxRow) -> Event:
        found = plain(row)
        return dataclasses.replace(found, kind=Kind.GROUP) if row.address == "grup" else found


def furnish(tx: Tx, made: World) -> None:
    """Figures that nobody but an owner may see, and an agent who is frozen."""
    now = made.clock()
    rina = people.add_agent(tx, "Rina Rahasia", ("telegram", "777"), made.shop, now)
    people.top_up(tx, rina, 7_654_321, "rahasia", "test", made.shop, now)
    people.top_up_supplier(tx, 88_765_432, "rahasia", "test", now)
    prices.change(tx, Scope(rina.id), 4_321, "boss", made.shop, now)
    frozen = people.add_agent(tx, "Kios Beku", ("console", "beku"), made.shop, now)
    people.freeze(tx, frozen, "boss", now)


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[World]:
    """A shop with everybody in it; `bekas` was an owner and has a question of an owner's waiting."""
    owners = (("console", "boss"), ("console", "bekas"))
    bank = dataclasses.replace(SHOP, owners=owners)
    async with world(tmp_path, shop=bank) as made:
        await made.store.write(furnish, made)
        await made.say(f"AGEN {await code_for(made, 'kasir undang', 'budi')}", "kas")
        await made.say(f"AGEN {await code_for(made, 'kasir chat', 'budi')}", "dua")
        for who in EVERYBODY:
            await made.say("menu", who)
        await made.say("markup A002", "bekas")
    async with world(tmp_path, shop=SHOP, phone=Doors(), at=made.clock()) as again:
        yield again


async def books(shop: World) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that a mere answer does not touch."""

    def read(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
        run = connection.execute
        tables = [row[0] for row in run("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: run(f"SELECT * FROM {name}").fetchall() for name in tables if name not in OWN}  # noqa: S608

    return await shop.store.raw(read)


async def walked(shop: World, who: str, lines: Iterable[str]) -> list[Said]:
    """Everything that is answered to all the lines."""
    before = len(shop.phone.read)
    for number, line in enumerate(lines, 1):
        await shop.put(line, who)
        if number % 20 == 0:  # more at once would be a flood
            await shop.settle(who)
    await shop.settle(who)
    return list(shop.phone.read[before:])


def words_of(name: str) -> list[str]:
    """A command in every word that it has."""
    return grammar._COMMANDS[name].split()


def actions() -> list[str]:
    """Every owner's command with everything behind it in its first word, and with a little in its others."""
    lines = []
    for name in ACTIONS:
        first, *others = words_of(name)
        lines += [f"{first} {more}".strip() for more in BEHIND]
        lines += [f"{word} {more}".strip() for word in others for more in ("", "A002 5000")]
    return lines


def leaks(said: Iterable[Said]) -> list[str]:
    """Messages that tell what only an owner may know."""
    shown = [one.text + " ".join(label for _, label, _ in one.options) for one in said]
    return [text for text in shown if any(secret in text for secret in SECRETS)]


@pytest.mark.parametrize("who", EVERYBODY)
async def test_no_action_of_an_owner_is_open_to_anybody_else(crowd: World, who: str) -> None:
    lines = actions()
    start = STARTS.get(who, "start.agent")
    before = await books(crowd)
    for language in ("id", "en"):
        await crowd.say(f"bahasa {language}", who)
        some = lines if language == "id" else lines[:: len(BEHIND) // 5]
        said = await walked(crowd, who, some)
        assert {one.to for one in said} <= {who}
        if who == "grup":
            assert {one.key for one in said} <= {"group.private"}
        else:
            assert [one.key for one in said] == [start] * len(some)
        assert leaks(said) == []
    assert await books(crowd) == before


@pytest.mark.parametrize("who", EVERYBODY)
async def test_what_owners_say_in_shared_commands_touches_and_tells_nothing_of_others(crowd: World, who: str) -> None:
    theirs = ("", "A002", "A002 5000", "hapus A002", "kunci A002", "1", "#1", "rina", "T10001")
    lines = [f"{words_of(name)[0]} {more}".strip() for name in SHARED if name in grammar._COMMANDS for more in theirs]
    before = await books(crowd)
    said = await walked(crowd, who, [*lines, *(f"pin {more}" for more in theirs)])
    assert leaks(said) == []
    after = await books(crowd)
    own = {"agent", "pin", "favourite"} if who != "grup" else set()  # what people may change of their own
    assert {name for name in before if before[name] != after[name]} <= own | {"trail", "wrong_code"}
    others = [[row for row in one["agent"] if row[1] in ("Rina Rahasia", "Toko Uji")] for one in (before, after)]
    assert others[0] == others[1]


async def test_no_button_of_an_owner_works_in_another_chat_nor_in_his_own_once_he_is_none(tmp_path: Path) -> None:
    owners = dataclasses.replace(SHOP, owners=(("console", "boss"),))
    async with world(tmp_path, shop=owners) as made:
        await made.store.write(furnish, made)
        await made.say("menu", "siti")
        await made.say("menu")
        lines = [f"{words_of(name)[0]} {more}".strip() for name in ACTIONS for more in ("", "A002", "1")]
        shown = await walked(made, "boss", [*lines, "menu", "rekap", "agen", "tiket", "saldo"])
        taps = {tap for one in shown if one.to == "boss" for _, _, tap in one.options if not tap.startswith("None")}
        assert len(taps) > 100
    async with world(tmp_path, shop=dataclasses.replace(SHOP, owners=()), at=made.clock()) as shop:
        before = await books(shop)
        for who in ("siti", "budi", "boss"):
            said = await walked(shop, who, sorted(taps))
            assert leaks(said) == []
            if who != "boss":
                assert {one.key for one in said} == {"in.stale", STARTS.get(who, "start.agent")}
        assert await books(shop) == before


def test_what_the_design_keeps_for_owners_is_theirs_alone() -> None:
    """A command that is opened to others is no longer walked above: so it is missed here."""
    assert ALWAYS - set(ACTIONS) == set()


async def test_each_owners_command_means_something_to_an_owner(crowd: World) -> None:
    """Else the walk above would walk nothing."""
    for name in ACTIONS:
        assert words_of(name), name
        said = await crowd.say(f"{words_of(name)[-1]} A002", "boss")
        assert said, name
        assert said[-1].key not in ("start.owner", "in.unknown"), name
        await crowd.say("batal", "boss")
