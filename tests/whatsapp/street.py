"""A whole shop on WhatsApp, alone or beside Telegram: at work in this process, with a Cloud API and people with phones.

What people see is asserted on their phones.
"""

import dataclasses
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot import clock
from bot.channels.whatsapp import Access, Templates, WhatsApp
from bot.domain.rules import Shop
from bot.store.sqlite import SqliteStore
from tests import street as streets
from tests.double.clock import by_day
from tests.street import Address, AtWork, Doors, at_noon, at_work, settled
from tests.telegram.double import BotApi
from tests.telegram.street import talking
from tests.whatsapp.double import ACCESS, Clock, CloudApi, Person

OWNER, AGENT, OTHER, STRANGER = "628110000011", "628120000022", "628120000023", "628130000033"
SHOP = dataclasses.replace(streets.SHOP, owners=(("whatsapp", OWNER),))


@dataclass
class Street(AtWork):
    """The shop, its supplier, the platform and the people; `telegram` is the other platform, where it is on both."""

    api: CloudApi
    whatsapp: WhatsApp
    telegram: BotApi | None = None

    def person(self, number: str, name: str = "") -> Person:
        """Somebody with a phone, whose messages carry his number and the id that the platform gave him."""
        known = self.api.persons.get(number)
        return known or self.api.person(number, name or f"Orang {number[-2:]}", user_id=f"ID.{number[::-1]}")

    async def settled(self, seconds: float = 20.0) -> None:
        """Until nothing waits any more, in or out."""
        await self.api.idle()
        await settled(self.store, self.held, seconds)
        await self.api.idle()

    def held(self) -> bool:
        """Whether a platform still has something for the shop."""
        updates = self.telegram.state.updates if self.telegram else None
        return self.api.is_busy or bool(updates and (updates.pending or updates.again))


@asynccontextmanager
async def street(
    folder: Path,
    *,
    api: CloudApi | None = None,
    telegram: BotApi | None = None,
    shop: Shop = SHOP,
    deposit: int = 500_000,
    agents: Sequence[str | Address] = (AGENT,),
    latency_ms: int = 0,
    now: clock.Now | None = None,
    templates: Templates | None = None,
) -> AsyncIterator[Street]:
    """Open the shop in the folder; opened again there, it is the same shop after a stop.

    Both clocks stand at noon, unless a platform or a clock is given.
    """
    shops: clock.Now = now or (at_noon if api is None else clock.now)
    async with AsyncExitStack() as outer:
        platform = api if api is not None else await outer.enter_async_context(CloudApi(clock=Clock(by_day, factor=20)))
        doors = Doors()

        async def opening(store: SqliteStore, shop: Shop, port: int, stack: AsyncExitStack) -> Doors:
            access = Access(
                ACCESS.token,
                ACCESS.phone_number_id,
                ACCESS.app_secret,
                ACCESS.verify_token,
                platform.url,
                ACCESS.version,
            )
            opened = WhatsApp(access, templates or Templates(), store, shop, shops)
            doors.whatsapp = await stack.enter_async_context(opened)
            if telegram is not None:
                doors.telegram = await talking(telegram, "polling", store, shop, port, stack, shops)
            return doors

        members = [one if isinstance(one, tuple) else ("whatsapp", one) for one in agents]
        async with at_work(
            folder, shop, opening, agents=members, deposit=deposit, latency_ms=latency_ms, now=shops
        ) as work:
            assert doors.whatsapp is not None
            platform.deliver_to(f"{work.address}/whatsapp")
            yield Street(
                work.setrum, work.store, work.sandbox, work.shop, work.address, platform, doors.whatsapp, telegram
            )
