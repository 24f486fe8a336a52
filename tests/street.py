"""A whole shop at work in this process: the real store, client, web server and channels, and a sandbox as supplier.

Everything talks over loopback HTTP and the workers run as in `serve`. Which platforms it talks on is said by whoever
opens it.
"""

import asyncio
import dataclasses
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot import app, books, clock, http
from bot.channels.telegram import Telegram
from bot.channels.whatsapp import WhatsApp
from bot.domain.purchase import Purchase
from bot.domain.rules import Shop, Waits
from bot.messaging.channel import Channel
from bot.ports import Tx
from bot.sandbox import Sandbox, SandboxConfig
from bot.services import audit, people
from bot.store.sqlite import SqliteStore
from bot.vsi.client import VsiAccess, VsiClient
from bot.vsi.client import Waits as Deadlines
from tests.double.clock import PATIENCE, by_day
from tests.world import ZONE

T = TypeVar("T")

QUICK = Waits(
    not_sent=(20, 50, 100),
    resend=(50, 100, 200, 400),
    resend_prompt=50,
    status=150,
    telegram_chat=0,
    telegram_all=0,
    whatsapp_chat=0,
    whatsapp_all=0,
    whatsapp_pair=(50, 100, 200),
    whatsapp_crowd=(50, 100, 200),
    whatsapp_typing=200,
    held=100,
    advice=(200, 300, 500),
    advice_gap=0,
    advice_jitter=0.0,
    typing=200,
    menus=50,
    intake=(20, 50, 100),
    rival=200,
    webhook=200,
    shut=200,
)
SHOP = Shop(
    name="Toko Uji",
    zone=ZONE,
    waits=QUICK,
    inquiries_a_minute=10_000,
    inquiries_a_day=100_000,
    known_after_sales=1_000_000,
)

Address = tuple[str, str]  # channel and value


@dataclass
class AtWork:
    """The shop, its supplier, and where its web server listens."""

    setrum: app.Setrum
    store: SqliteStore
    sandbox: Sandbox
    shop: Shop
    address: str

    async def purchases(self) -> list[Purchase]:
        """Every purchase, oldest first."""

        def find(tx: Tx) -> list[Purchase]:
            found = [
                one
                for agent in people.agents(tx)
                for one in tx.all(
                    Purchase, "history_of", chat=0, start=0, end=2**62, skip=0, agent_id=agent.id, most=9999
                )
            ]
            return sorted(found, key=lambda one: one.id)

        return await self.store.read(find)

    async def violations(self) -> list[str]:
        """What the audit finds."""
        return (await self.store.read(audit.check)).violations

    def hang(self) -> None:
        """From now on the supplier keeps everybody waiting for longer than any test lasts."""
        self.sandbox.config = dataclasses.replace(self.sandbox.config, latency_ms=600_000)

    async def sells(self, count: int) -> None:
        """Wait until the supplier has sold so often, and a message says so."""
        stirred = asyncio.Event()
        self.store.on("outbox", stirred.set)
        async with asyncio.timeout(PATIENCE):
            while len(self.sandbox.sales()) < count:
                stirred.clear()
                await stirred.wait()

    async def read(self, unit: Callable[[Tx], T]) -> T:
        """Look into the database."""
        return await self.store.read(unit)


@dataclass
class Doors:
    """The channels that the shop talks on."""

    telegram: Telegram | None = None
    whatsapp: WhatsApp | None = None


Opening = Callable[[SqliteStore, Shop, int, AsyncExitStack], Awaitable[Doors]]


@asynccontextmanager
async def at_work(
    folder: Path,
    shop: Shop,
    opening: Opening,
    *,
    agents: Sequence[Address] = (),
    deposit: int = 500_000,
    latency_ms: int = 0,
    now: clock.Now = clock.now,
) -> AsyncIterator[AtWork]:
    """Open the shop in the folder; opened again there, it is the same shop after a stop.

    `opening` is given the store, the shop, the port of its web server, and the stack that closes what it opens.
    """
    async with AsyncExitStack() as stack:
        config = SandboxConfig(
            cid="uji", secret="rahasia", ledger=folder / "supplier.db", clock=now, latency_ms=latency_ms
        )
        sandbox = Sandbox(config)
        url = await sandbox.start()
        stack.push_async_callback(sandbox.stop)
        client = VsiClient(
            VsiAccess(url, "uji", "rahasia"),
            Deadlines(pay=PATIENCE, other=PATIENCE, unsent_pause=0.0, midnight_pause=0),
            now,
        )
        store = await stack.enter_async_context(books.opened(folder / "setrum.db", shop, now=now))
        await store.write(furnish, shop, deposit, agents, now())
        port = free_port()
        doors = await opening(store, shop, port, stack)
        channels: list[Channel] = [one for one in (doors.telegram, doors.whatsapp) if one is not None]
        setrum = app.assemble(store, client, shop, channels, now=now)
        stop, up = asyncio.Event(), asyncio.Event()
        found = ""

        async def until() -> None:
            nonlocal found
            async with http.running(setrum, "127.0.0.1", port, doors.telegram, doors.whatsapp) as found:
                up.set()
                await stop.wait()

        running = asyncio.create_task(setrum.run(until=until))
        await asyncio.wait([running, asyncio.ensure_future(up.wait())], return_when=asyncio.FIRST_COMPLETED)
        try:
            yield AtWork(setrum, store, sandbox, shop, found)
        finally:
            stop.set()
            await running


async def settled(store: SqliteStore, held: Callable[[], bool] = lambda: False, seconds: float = PATIENCE) -> None:
    """Until nothing waits in the database, nor is held elsewhere."""
    async with asyncio.timeout(seconds):
        while held() or (await store.read(_busy)) > 0:  # noqa: ASYNC110  # rows of four tables, no event tells of all
            await asyncio.sleep(0.02)


def _busy(tx: Tx) -> int:
    waiting = sum(tx.one(int, f"metric_{name}") or 0 for name in ("inbox", "outbox", "open_purchases"))
    return waiting + len(tx.all(int, "effect_open"))


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def furnish(tx: Tx, shop: Shop, deposit: int, agents: Sequence[Address], now: int) -> None:
    """Agents with deposits, once a database."""
    if len(people.agents(tx)) > 1:
        return
    for channel, value in agents:
        agent = people.add_agent(tx, f"Agen {value}", (channel, value), shop, now)
        if deposit:
            people.top_up(tx, agent, deposit, f"uji{value}", "test", shop, now)
    people.top_up_supplier(tx, 100_000_000, "uji", "test", now)


def alerts(tx: Tx) -> int:
    """How many there ever were."""
    return tx.one(int, "metric_alerts") or 0


def at_noon() -> int:
    """Epoch milliseconds of a clock that runs from noon WIB on."""
    return round(by_day() * 1000)


def faster(shop: Shop, **waits: int | tuple[int, ...]) -> Shop:
    """The shop with other waiting times."""
    return dataclasses.replace(shop, waits=dataclasses.replace(shop.waits, **waits))  # type: ignore[arg-type]
