"""A whole shop on Telegram: the real store, client, web server and channel, a sandbox, and a Bot API with people.

Everything talks over loopback HTTP and the workers run as in `serve`; what people see is asserted on their phones.
"""

import asyncio
import dataclasses
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot import app, clock, http
from bot.channels.telegram import Access, Telegram
from bot.domain.purchase import Purchase
from bot.domain.rules import Shop, Waits
from bot.ports import Tx
from bot.sandbox import Sandbox, SandboxConfig
from bot.services import audit, people
from bot.store.sqlite import SqliteStore
from bot.vsi.client import VsiAccess, VsiClient
from bot.vsi.client import Waits as Deadlines
from tests.telegram.double import BotApi, Person
from tests.telegram.double.clock import Clock
from tests.world import ZONE

T = TypeVar("T")

OWNER, AGENT, OTHER, STRANGER = 11, 22, 23, 33
SECRET = "nobody-else-knows-this"
QUICK = Waits(
    not_sent=(20, 50, 100),
    resend=(50, 100, 200, 400),
    resend_prompt=50,
    telegram_chat=0,
    telegram_all=0,
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
    owners=(("telegram", str(OWNER)),),
    zone=ZONE,
    waits=QUICK,
    inquiries_a_minute=10_000,
    inquiries_a_day=100_000,
    known_after_sales=1_000_000,
)


@dataclass
class Street:
    """The shop, its supplier, the platform and the people."""

    api: BotApi
    setrum: app.Setrum
    telegram: Telegram
    store: SqliteStore
    sandbox: Sandbox
    shop: Shop
    address: str

    def person(self, number: int, language: str | None = "id", name: str = "") -> Person:
        """Somebody with a phone."""
        return self.api.persons.get(number) or self.api.person(number, name or f"Orang {number}", language)

    async def purchases(self) -> list[Purchase]:
        """Every purchase, oldest first."""

        def find(tx: Tx) -> list[Purchase]:
            found = [
                one
                for agent in people.agents(tx)
                for one in tx.all(Purchase, "purchase_of_agent", agent_id=agent.id, most=9999)
            ]
            return sorted(found, key=lambda one: one.id)

        return await self.store.read(find)

    async def violations(self) -> list[str]:
        """What the audit finds."""
        return (await self.store.read(audit.check)).violations

    async def read(self, unit: Callable[[Tx], T]) -> T:
        """Look into the database."""
        return await self.store.read(unit)

    async def settled(self, seconds: float = 20.0) -> None:
        """Until nothing waits any more, in or out."""
        updates = self.api.state.updates
        await settled(self.store, lambda: bool(updates.pending or updates.again), seconds)


async def settled(store: SqliteStore, held: Callable[[], bool] = lambda: False, seconds: float = 20.0) -> None:
    """Until nothing waits in the database, nor is held elsewhere."""
    async with asyncio.timeout(seconds):
        while held() or (await store.read(_busy)) > 0:  # noqa: ASYNC110  # rows of four tables, no event tells of all
            await asyncio.sleep(0.02)


def _busy(tx: Tx) -> int:
    waiting = sum(tx.one(int, f"metric_{name}") or 0 for name in ("inbox", "outbox", "open_purchases"))
    return waiting + len(tx.all(int, "effect_open"))


@asynccontextmanager
async def street(
    folder: Path,
    mode: str = "polling",
    *,
    api: BotApi | None = None,
    shop: Shop = SHOP,
    deposit: int = 500_000,
    agents: tuple[int, ...] = (AGENT,),
    latency_ms: int = 0,
    now: clock.Now = clock.now,
) -> AsyncIterator[Street]:
    """Open the shop in the folder; opened again there, it is the same shop after a stop."""
    async with AsyncExitStack() as stack:
        platform = api if api is not None else await stack.enter_async_context(BotApi(clock=Clock(factor=20)))
        config = SandboxConfig(
            cid="uji", secret="rahasia", ledger=folder / "supplier.db", clock=now, latency_ms=latency_ms
        )
        sandbox = Sandbox(config)
        url = await sandbox.start()
        stack.push_async_callback(sandbox.stop)
        client = VsiClient(
            VsiAccess(url, "uji", "rahasia"), Deadlines(pay=2.0, unsent_pause=0.0, midnight_pause=0), now
        )
        store = await stack.enter_async_context(app.opened(folder / "setrum.db", shop, now=now))
        await store.write(furnish, shop, deposit, agents, now())
        port = free_port()
        hook = (f"http://127.0.0.1:{port}/telegram", SECRET) if mode == "webhook" else ("", "")
        channel = await stack.enter_async_context(
            Telegram(Access(platform.token, platform.url, *hook), store, shop, now)
        )
        setrum = app.assemble(store, client, shop, [channel], now=now)
        stop, up = asyncio.Event(), asyncio.Event()
        found = ""

        async def until() -> None:
            nonlocal found
            async with http.running(setrum, "127.0.0.1", port, channel) as found:
                up.set()
                await stop.wait()

        running = asyncio.create_task(setrum.run(until=until))
        await asyncio.wait([running, asyncio.ensure_future(up.wait())], return_when=asyncio.FIRST_COMPLETED)
        try:
            yield Street(platform, setrum, channel, store, sandbox, shop, found)
        finally:
            stop.set()
            await running


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def furnish(tx: Tx, shop: Shop, deposit: int, agents: tuple[int, ...], now: int, channel: str = "telegram") -> None:
    """Agents with deposits, once a database."""
    if len(people.agents(tx)) > 1:
        return
    for number in agents:
        agent = people.add_agent(tx, f"Agen {number}", (channel, str(number)), shop, now)
        if deposit:
            people.top_up(tx, agent, deposit, f"uji{number}", "test", shop, now)
    people.top_up_supplier(tx, 100_000_000, "uji", "test", now)


def faster(shop: Shop, **waits: int | tuple[int, ...]) -> Shop:
    """The shop with other waiting times."""
    return dataclasses.replace(shop, waits=dataclasses.replace(shop.waits, **waits))  # type: ignore[arg-type]
