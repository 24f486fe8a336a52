"""A whole shop on Telegram: at work in this process, with a Bot API and people who have phones.

What people see is asserted on their phones.
"""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot import clock
from bot.channels.telegram import Access, Telegram
from bot.domain.rules import Shop
from bot.store.sqlite import SqliteStore
from tests import street as streets
from tests.double.clock import PATIENCE, Clock, by_day
from tests.street import AtWork, Doors, at_noon, at_work, faster, free_port, settled
from tests.telegram.double import BotApi, Person

__all__ = ["AGENT", "OTHER", "OWNER", "SECRET", "SHOP", "STRANGER", "Street", "faster", "free_port", "street"]

OWNER, AGENT, OTHER, STRANGER = 11, 22, 23, 33
SECRET = "nobody-else-knows-this"
SHOP = dataclasses.replace(streets.SHOP, owners=(("telegram", str(OWNER)),))


@dataclass
class Street(AtWork):
    """The shop, its supplier, the platform and the people."""

    api: BotApi
    telegram: Telegram

    def person(self, number: int, language: str | None = "id", name: str = "") -> Person:
        """Somebody with a phone."""
        return self.api.persons.get(number) or self.api.person(number, name or f"Orang {number}", language)

    async def settled(self, seconds: float = PATIENCE) -> None:
        """Until nothing waits any more, in or out."""
        updates = self.api.state.updates
        await settled(self.store, lambda: bool(updates.pending or updates.again), seconds)


async def talking(
    api: BotApi, mode: str, store: SqliteStore, shop: Shop, port: int, stack: AsyncExitStack, now: clock.Now
) -> Telegram:
    """The channel to this platform, open, by polling or by webhook."""
    hook = (f"http://127.0.0.1:{port}/telegram", SECRET) if mode == "webhook" else ("", "")
    return await stack.enter_async_context(Telegram(Access(api.token, api.url, *hook), store, shop, now))


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
    now: clock.Now | None = None,
) -> AsyncIterator[Street]:
    """Open the shop in the folder; opened again there, it is the same shop after a stop.

    Both clocks stand at noon, unless a platform or a clock is given.
    """
    shops: clock.Now = now or (at_noon if api is None else clock.now)
    async with AsyncExitStack() as outer:
        platform = api if api is not None else await outer.enter_async_context(BotApi(clock=Clock(by_day, factor=20)))
        doors = Doors()

        async def opening(store: SqliteStore, shop: Shop, port: int, stack: AsyncExitStack) -> Doors:
            doors.telegram = await talking(platform, mode, store, shop, port, stack, shops)
            return doors

        members = [("telegram", str(number)) for number in agents]
        async with at_work(
            folder, shop, opening, agents=members, deposit=deposit, latency_ms=latency_ms, now=shops
        ) as work:
            assert doors.telegram is not None
            yield Street(work.setrum, work.store, work.sandbox, work.shop, work.address, platform, doors.telegram)
