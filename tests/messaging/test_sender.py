"""The sender against a store that other things happen in meanwhile, and a platform that takes its time."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot import books
from bot.domain.message import Message, Option, Text
from bot.messaging import outbox
from bot.messaging.channel import SENT, Local, Outcome, Result
from bot.messaging.outbox import Class, Outgoing, Place
from bot.messaging.policy import Policy, Status, note_status
from bot.messaging.sender import Sender
from bot.ports import Tx
from bot.services import people
from bot.store.errors import UnavailableError
from bot.store.sqlite import SqliteStore
from tests.world import NOON, SHOP

HINT = Message(Text("in.media"))


class Wire(Local):
    """A channel that notes what it sends; calls wait for `gate`, and end as `ends` says by address."""

    name = "console"

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.ends: dict[str, Result] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.began = asyncio.Event()

    async def send(self, outgoing: Outgoing, message: Message) -> Result:
        self.sent.append(outgoing.address)
        self.began.set()
        await self.gate.wait()
        return self.ends.get(outgoing.address, SENT)


class Watched(SqliteStore):
    """The real store, with something that happens while a read's answer is on its way, and a disk that can be full."""

    reads = 0
    meanwhile: Callable[[], Any] | None = None
    is_full = False
    held: asyncio.Event | None = None  # until it is set, units are done and their answers held back
    is_done: asyncio.Event

    async def read(self, unit: Any, *args: Any, **kwargs: Any) -> Any:
        self.reads += 1
        found = await super().read(unit, *args, **kwargs)
        if (happens := self.meanwhile) is not None:
            self.meanwhile = None
            await happens()
        return found

    async def write(self, unit: Any, *args: Any, **kwargs: Any) -> Any:
        if self.is_full:
            raise UnavailableError("the disk is full")
        done = await super().write(unit, *args, **kwargs)
        if (held := self.held) is not None:
            self.is_done.set()
            await held.wait()
        return done


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Watched]:
    async with books.opened(tmp_path / "a.db", SHOP):
        pass
    made = await Watched.open(tmp_path / "a.db", NOON)
    assert isinstance(made, Watched)
    made.is_done = asyncio.Event()
    yield made
    await made.close()


def say(tx: Tx, who: str, message_class: Class = Class.PROMPT) -> int:
    chat = people.conversation(tx, "console", who, "id", NOON)
    outbox.put(tx, chat.id, HINT, NOON, cause=f"to {who}", message_class=message_class)
    return chat.id


async def test_what_is_unparked_while_rows_are_read_is_sent(store: Watched) -> None:
    wire = Wire()
    sender = Sender(store, wire, lambda: NOON, SHOP.waits)
    store.on("unparked", sender.reload)
    wire.ends["gone"] = Result(Outcome.AWAY)
    gone = await store.write(say, "gone", Class.CRITICAL)
    await sender.work()
    wire.ends.clear()
    await store.write(say, "other")

    async def comes_back() -> None:
        await store.write(outbox.bring_back, gone, NOON)

    store.meanwhile = comes_back
    await sender.work()
    assert sorted(wire.sent) == ["gone", "gone", "other"]


async def test_while_every_line_is_taken_the_sender_waits_for_one_to_end(store: Watched) -> None:
    wire = Wire()
    wire.gate.clear()
    sender = Sender(store, wire, lambda: NOON, SHOP.waits)
    for number in range(262):
        await store.write(say, f"person {number}")
    working = asyncio.create_task(sender.work())
    await wire.began.wait()
    for _ in range(50):
        await store.read(lambda _: None)
    assert len(wire.sent) == 256
    assert sender.due_in() is None
    assert store.reads < 60
    wire.gate.set()
    await working
    assert len(wire.sent) == 262


async def test_a_stop_while_the_disk_is_full_leaves_the_last_messages_to_the_next_start(store: Watched) -> None:
    wire = Wire()
    wire.gate.clear()
    sender = Sender(store, wire, lambda: NOON, SHOP.waits)
    await store.write(say, "budi", Class.CRITICAL)
    await store.write(say, "siti", Class.CRITICAL)
    working = asyncio.create_task(sender.work())
    await wire.began.wait()
    store.is_full = True
    wire.gate.set()
    with pytest.raises(UnavailableError):
        await working
    await sender.finish(1.0)
    store.is_full = False
    await sender.finish(1.0)
    after = Sender(store, wire, lambda: NOON, SHOP.waits)
    await after.start()
    await after.work()
    assert sorted(wire.sent) == ["budi", "siti"]


async def test_a_platform_that_asks_for_an_endless_pause_stops_no_sender(store: Watched) -> None:
    wire = Wire()
    sender = Sender(store, wire, lambda: NOON, SHOP.waits)
    wire.ends["budi"] = Result(Outcome.LATER, seconds=float("inf"))
    await store.write(say, "budi")
    await store.write(say, "siti")
    await sender.work()
    assert wire.sent.count("siti") == 1


async def test_what_waits_behind_an_unclear_question_leaves_once_its_answer_is_there(store: Watched) -> None:
    wire = Wire()
    waits = dataclasses.replace(SHOP.waits, resend_prompt=600_000)
    sender = Sender(store, wire, lambda: NOON, waits)
    store.on("unparked", sender.reload)
    wire.ends["budi"] = Result(Outcome.UNKNOWN)
    question = Message(Text("buy.meter"), options=(Option("cancel", Text("btn.cancel")),))

    def ask(tx: Tx) -> str:
        chat = people.conversation(tx, "console", "budi", "id", NOON)
        outbox.put(tx, chat.id, question, NOON, cause="question", place=Place(1, 1))
        return next(iter(tx.all(str, "step_nonces", session_id=1, position=1)))

    nonce = await store.write(ask)
    await sender.work()
    wire.ends.clear()
    await store.write(say, "budi")
    await sender.work()
    assert wire.sent == ["budi"]
    await store.write(outbox.seen, nonce, "7")
    await sender.work()
    assert wire.sent == ["budi", "budi"]
    assert await store.read(lambda tx: tx.one(int, "metric_outbox")) == 0


async def test_a_stop_waits_for_the_calls_of_a_claim_that_is_under_way(store: Watched) -> None:
    wire = Wire()
    wire.gate.clear()
    sender = Sender(store, wire, lambda: NOON, SHOP.waits)
    await store.write(say, "budi", Class.CRITICAL)
    store.held = asyncio.Event()
    working = asyncio.create_task(sender.work())
    await store.is_done.wait()
    finishing = asyncio.create_task(sender.finish(5.0))
    await store.read(lambda _: None)
    store.held.set()
    await wire.began.wait()
    assert not finishing.done()
    wire.gate.set()
    await finishing
    working.cancel()
    after = Sender(store, wire, lambda: NOON, SHOP.waits)
    await after.start()
    await after.work()
    assert wire.sent == ["budi"]


@pytest.mark.parametrize("is_proven", [True, False])
async def test_what_a_killed_process_left_unclear_waits_for_its_status_before_it_is_repeated(
    store: Watched, is_proven: bool
) -> None:  # fmt: skip
    """The first process is killed in the middle of its call; the platform's word of it is on its way."""
    now = NOON
    wire = Wire()
    wire.statuses = True
    wire.gate.clear()
    killed = Sender(store, wire, lambda: now, SHOP.waits)
    await store.write(say, "budi", Class.CRITICAL)
    working = asyncio.create_task(killed.work())
    await wire.began.wait()
    working.cancel()
    wire.gate.set()
    after = Sender(store, wire, lambda: now, SHOP.waits)
    store.on("unparked", after.reload)
    await after.start()
    await after.work()
    assert wire.sent == ["budi"]
    if is_proven:
        told = Status(1, 1, is_whole=True, proof=1, at=now)
        await store.write(note_status, "console", told, Policy(SHOP.waits).after, now)
    now += SHOP.waits.status
    await after.work()
    assert wire.sent == (["budi"] if is_proven else ["budi", "budi"])
