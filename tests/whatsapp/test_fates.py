"""Tokens under every fate that a call can have, by chance: nothing is lost, and no copy after the first is unmarked.

The platform is played by a model that knows what each phone shows. Its statuses come late, in any order and again;
people write under either of their names or both, so that chats merge; and processes die with calls under way.
"""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from bot import app, books
from bot.channels.whatsapp import Access, Templates, WhatsApp
from bot.clock import ManualClock
from bot.domain.message import Message, Text
from bot.messaging import outbox
from bot.messaging.channel import NOT_SENT, SENT, UNKNOWN, Outcome, Result
from bot.messaging.outbox import Class, Outgoing
from bot.messaging.sender import Sender
from bot.ports import Tx
from bot.store.sqlite import SqliteStore
from tests.whatsapp.street import SHOP
from tests.world import NOON

NUMBER = "106540352242922"
ACCESS = Access("token", NUMBER, "secret", "verify", "http://127.0.0.1:9", "v26.0")
LATER = Result(Outcome.LATER, seconds=1, one_chat=True)
SHUT = Result(Outcome.SHUT, seconds=5, whole_channel=True)
AT_ONCE = (NOT_SENT, LATER, SHUT, *(Result(Outcome[one]) for one in ("AWAY", "CLOSED", "BARE", "HELD", "REFUSED")))
CODES = (131047, 131026, 131056, 131000, 131048, 131009, 132001, 190)
ARRIVED = (("sent", "delivered"), ("delivered",), ("sent", "read"), ("sent", "delivered", "read"))
FAILED = (("failed",), ("sent", "failed"))
PEOPLE, PROCESSES, STEPS, MOST_STEPS = 2, 3, 60, 300
PAUSES = (10, 1_000, 9_000, 60_000, 600_000)  # milliseconds

Told = tuple[str, str, int]  # what the call was named, the state, the code


@dataclass
class Platform:
    """What it does with each call, what the phones show of each row (whether a copy was headed), what is still told."""

    chance: Random
    clock: ManualClock
    mark: str = ""
    dying: asyncio.Event | None = None  # set with the first call that will never end
    shown: dict[int, list[bool]] = field(default_factory=dict)
    to_tell: list[Told] = field(default_factory=list)
    wamids: int = 0
    calls: int = 0

    async def send(self, outgoing: Outgoing, _: Message) -> Result:
        if outgoing.message_class is not Class.CRITICAL:
            return SENT
        self.calls += 1
        if not outgoing.address:
            return Result(Outcome.AWAY)
        fate = self.chance.choice(
            ("arrives", "fails", "nothing") if self.dying else ("arrives", "fails", "nothing", "no")
        )
        if fate == "arrives":
            self.shown.setdefault(outgoing.id, []).append(bool(outgoing.unknowns))
        if fate in ("arrives", "fails"):
            name = f"{self.mark}.{outgoing.id}.{outgoing.attempts + 1}.0"
            states = self.chance.choice(ARRIVED if fate == "arrives" else FAILED)
            code = self.chance.choice(CODES)
            self.to_tell += [(name, state, code) for state in states for _ in range(self.chance.choice((1, 1, 2)))]
        if self.dying:
            self.dying.set()
            await asyncio.Event().wait()
        if fate == "no":
            return self.chance.choice(AT_ONCE)
        return UNKNOWN if fate == "nothing" else self.chance.choice((SENT, UNKNOWN))

    def message(self, person: int, *, numbered: bool, named: bool) -> dict[str, object]:
        self.wamids += 1
        names = ({"from": f"62811000{person}"} if numbered else {}) | (
            {"from_user_id": f"ID.P{person}"} if named else {}
        )
        said = {"id": f"wamid.{self.wamids}", "timestamp": str(self.clock() // 1000), "type": "text"}
        return said | names | {"text": {"body": "menu"}}

    def delivery(self, messages: list[dict[str, object]], share: float) -> bytes:
        """Messages, and some of what is still to be told."""
        self.chance.shuffle(self.to_tell)
        count = round(share * len(self.to_tell))
        told, self.to_tell = self.to_tell[:count], self.to_tell[count:]
        statuses = [
            {"status": state, "biz_opaque_callback_data": name, "timestamp": str(self.clock() // 1000)}
            | ({"errors": [{"code": code}]} if state == "failed" else {})
            for name, state, code in told
        ]
        value = {"metadata": {"phone_number_id": NUMBER}, "messages": messages, "statuses": statuses}
        return json.dumps({"entry": [{"id": "1", "changes": [{"value": value}]}]}).encode()


@dataclass
class Process:
    """One life of the shop."""

    store: SqliteStore
    whatsapp: WhatsApp
    setrum: app.Setrum
    platform: Platform

    @property
    def sender(self) -> Sender:
        return self.setrum.senders[0]

    async def works(self) -> None:
        async with asyncio.timeout(20):
            await self.setrum.inbox.work()
            await self.setrum.inbox.idle()
            await self.sender.work()

    async def steps(self) -> None:
        """People write, words come late, tokens are sold."""
        chance = self.platform.chance
        for _ in range(STEPS):
            self.platform.clock.forward(chance.choice(PAUSES))
            which = chance.choice(((True, False), (False, True), (True, False), (False, True), (True, True)))
            person = chance.randrange(PEOPLE)
            word = self.platform.message(person, numbered=which[0], named=which[1])
            await self.whatsapp.ingest(self.platform.delivery([word] if chance.random() < 0.3 else [], chance.random()))
            if chance.random() < 0.4:
                await self.sells()
            if chance.random() < 0.7:
                await self.works()

    async def sells(self) -> None:
        """A token for somebody's chat, perhaps one that is another's by now."""

        def unit(tx: Tx) -> None:
            chats = [one for (one,) in connection(tx).execute("SELECT id FROM conversation").fetchall()]
            cause = f"token:{self.platform.chance.random()}"
            token = Message(Text("in.media"))
            if chats:
                chat = self.platform.chance.choice(chats)
                outbox.put(tx, chat, token, self.platform.clock(), cause=cause, message_class=Class.CRITICAL)

        await self.store.write(unit)

    async def dies(self) -> None:
        """With calls under way; some of what is told of them comes before it is noticed."""
        self.platform.dying = asyncio.Event()
        self.platform.clock.forward(3_600_000)
        await self.sells()
        work = asyncio.create_task(self.sender.work())
        begun = asyncio.create_task(self.platform.dying.wait())
        await asyncio.wait([work, begun], return_when=asyncio.FIRST_COMPLETED)
        await self.whatsapp.ingest(self.platform.delivery([], self.platform.chance.choice((0, 0.5, 1))))
        for task in (work, begun, *self.sender._live):  # what a kill ends
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self.platform.dying = None

    async def ends_well(self) -> None:
        """Everybody writes now and then until nothing waits any more."""
        for step in range(MOST_STEPS):
            self.platform.clock.forward(700_000)
            words = [self.platform.message(one, numbered=True, named=True) for one in range(PEOPLE)]
            await self.whatsapp.ingest(self.platform.delivery(words if step % 3 == 0 else [], 1))
            await self.works()
            if not self.platform.to_tell and not await self.store.read(waiting):
                return
        raise AssertionError("something waits for ever")


def connection(tx: Tx):  # type: ignore[no-untyped-def]  # no query of ours
    return tx._connection  # type: ignore[attr-defined]


def mark(tx: Tx) -> str:
    return tx.one(str, "published_value", channel="whatsapp", subject="mark") or ""


def waiting(tx: Tx) -> int:
    query = "SELECT COUNT(*) FROM outbox WHERE class = 'critical' AND state <> 'sent'"
    return int(connection(tx).execute(query).fetchone()[0])


def tokens(tx: Tx) -> list[int]:
    return [one for (one,) in connection(tx).execute("SELECT id FROM outbox WHERE class = 'critical'").fetchall()]


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_becomes_of_calls_no_token_is_lost_and_no_copy_unmarked(tmp_path: Path, seed: int) -> None:
    clock = ManualClock(NOON)
    platform = Platform(Random(seed), clock)
    for life in range(PROCESSES):
        async with books.opened(tmp_path / "a.db", SHOP, now=clock) as store:
            whatsapp = WhatsApp(ACCESS, Templates(), store, SHOP, clock)
            async with whatsapp:
                platform.mark = await store.read(mark)
                with pytest.MonkeyPatch.context() as patched:
                    patched.setattr(whatsapp, "send", platform.send)
                    process = Process(store, whatsapp, assembled(store, whatsapp, clock), platform)
                    await process.sender.start()
                    await process.steps()
                    if life < PROCESSES - 1:
                        await process.dies()
                        continue
                    await process.ends_well()
                    sold = await store.read(tokens)
    assert len(sold) > STEPS // 2
    assert [one for one in sold if not platform.shown.get(one)] == []
    assert [one for one in sold if not all(platform.shown[one][1:])] == []
    assert platform.calls > len(sold) + PROCESSES


def assembled(store: SqliteStore, whatsapp: WhatsApp, clock: ManualClock) -> app.Setrum:
    """A shop that sells nothing: its supplier is never asked."""
    return app.assemble(store, Nobody(), SHOP, [whatsapp], now=clock)  # type: ignore[arg-type]  # never asked


class Nobody:
    """No supplier."""

    identity = None
