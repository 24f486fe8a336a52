"""A whole shop for a test: real SQLite, the real client, the sandbox over loopback HTTP, a clock that tests move.

People talk to it with `say`, which returns what they then read. Nothing here sleeps.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from bot import app, books
from bot.clock import ManualClock
from bot.domain.message import Message
from bot.domain.purchase import Purchase
from bot.domain.rules import Shop, Waits
from bot.i18n import Catalogues, Renderer, zone_of
from bot.messaging import inbox
from bot.messaging.channel import SENT, Local, Outcome, Result
from bot.messaging.inbox import Inbound
from bot.messaging.outbox import Outgoing
from bot.ports import Supplier, Tx
from bot.sandbox import Readings, Sandbox, SandboxConfig
from bot.services import audit, people
from bot.store.sqlite import SqliteStore
from bot.vsi.client import VsiAccess, VsiClient
from bot.vsi.client import Waits as Deadlines

NOON = 1_795_582_800_000  # 2026-11-25 12:00 WIB
ZONE = ZoneInfo("Asia/Jakarta")
SHOP = Shop(
    name="Toko Uji",
    owners=(("console", "boss"),),
    zone=ZONE,
    waits=Waits(advice_gap=0, advice_jitter=0.0, not_sent=(0,), resend=(0, 0, 0, 0), resend_prompt=0),
)
CATALOGUES = Catalogues()


@dataclass(frozen=True)
class Said:
    """One message as a person read it."""

    to: str
    key: str
    text: str
    options: tuple[tuple[str, str, str], ...]  # number or word, label, id
    message: Message


@dataclass
class Phone(Local):
    """A console channel that collects."""

    name: str = "console"
    read: list[Said] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    zone: tzinfo = ZONE

    async def send(self, outgoing: Outgoing, message: Message) -> Result:
        result = Result(self.outcomes.pop(0)) if self.outcomes else SENT
        if result.outcome is Outcome.NOT_SENT:
            return result
        renderer = Renderer(CATALOGUES)
        zone = zone_of(message, self.zone)
        options = tuple(
            (
                "bayar" if option.key == "pay" else str(number),
                renderer.label(option, outgoing.language, zone),
                f"{outgoing.nonce}.{option.key}",
            )
            for number, option in enumerate(message.options, 1)
        )
        text = renderer.message(message, outgoing.language, self.zone)
        self.read.append(Said(outgoing.address, message.key, text, options, message))
        return result


@dataclass
class World:
    """The shop, its supplier and its clock."""

    setrum: app.Setrum
    store: SqliteStore
    sandbox: Sandbox
    clock: ManualClock
    phone: Phone
    shop: Shop
    count: int = 0

    async def say(self, text: str, who: str = "budi", at: int | None = None) -> list[Said]:
        """Type a line, let everything settle that can, and return what this person then reads."""
        await self.put(text, who, at)
        return await self.settle(who)

    async def put(self, text: str, who: str = "budi", at: int | None = None) -> None:
        """Type a line and wait for nothing."""
        self.count += 1
        self.clock.forward(10)
        now = self.clock() if at is None else at
        item = Inbound("console", f"{now}:{self.count}", who, text, self.count, now)
        await self.store.write(inbox.put, item, now)

    async def settle(self, who: str = "budi") -> list[Said]:
        """Work off everything that is due; what this person reads meanwhile."""
        before = len(self.phone.read)
        await self.setrum.drain()
        return [said for said in self.phone.read[before:] if said.to == who]

    async def keys(self, text: str, who: str = "budi") -> list[str]:
        """The keys of what is answered."""
        return [said.key for said in await self.say(text, who)]

    async def later(self, milliseconds: int, who: str = "budi") -> list[Said]:
        """Let time pass, then let advice and janitor do what is due."""
        self.clock.forward(milliseconds)
        before = len(self.phone.read)
        await self.setrum.purchasing.tend()
        await self.setrum.purchasing.advise()
        await self.setrum.drain()
        return [said for said in self.phone.read[before:] if said.to == who]

    async def purchases(self) -> list[Purchase]:
        """All of them, oldest first."""
        found = await self.store.read(
            lambda tx: tx.all(Purchase, "history_of", chat=0, start=0, end=2**62, skip=0, agent_id=1, most=1000)
        )
        return sorted(found, key=lambda one: one.id)

    async def violations(self) -> list[str]:
        """What the audit finds."""
        return (await self.store.read(audit.check)).violations


Wrap = Callable[[VsiClient], Supplier]


@asynccontextmanager
async def world(
    folder: Path,
    *,
    shop: Shop = SHOP,
    readings: Readings | None = None,
    deposit: int = 500_000,
    supplied: int = 10_000_000,
    wrap: Wrap = lambda client: client,
    at: int = NOON,
    point: Callable[[str], None] | None = None,
    pay_seconds: float = 10.0,
    phone: Phone | None = None,
) -> AsyncIterator[World]:
    """A shop in the folder with the agent Budi; opened again on the same folder, it is the same shop after a crash."""
    clock = ManualClock(at)
    config = SandboxConfig(
        cid="uji", secret="rahasia", ledger=folder / "supplier.db", clock=clock, readings=readings or Readings()
    )
    sandbox = Sandbox(config)
    url = await sandbox.start()
    phone = phone or Phone(zone=shop.zone)
    client = VsiClient(VsiAccess(url, "uji", "rahasia"), Deadlines(pay=pay_seconds, unsent_pause=0.0), clock)
    try:
        async with books.opened(folder / "setrum.db", shop, now=clock) as store:
            await store.write(_furnish, shop, deposit, supplied, clock())
            setrum = app.assemble(store, wrap(client), shop, [phone], now=clock, point=point)
            await setrum.start()
            try:
                yield World(setrum, store, sandbox, clock, phone, shop)
            finally:
                await setrum.effects.stop()
                await setrum.purchasing.stop()
    finally:
        await sandbox.stop()


def _furnish(tx: Tx, shop: Shop, deposit: int, supplied: int, now: int) -> None:
    if len(people.agents(tx)) > 1:
        return
    agent = people.add_agent(tx, "Budi Cell", ("console", "budi"), shop, now)
    if deposit:
        people.top_up(tx, agent, deposit, "uji", "test", shop, now)
    if supplied:
        people.top_up_supplier(tx, supplied, "uji", "test", now)


async def execute(made: World, statement: str) -> None:
    """Change the database behind the shop's back, as an operator with a database shell could."""
    await made.store.raw(lambda connection: connection.execute(statement))
