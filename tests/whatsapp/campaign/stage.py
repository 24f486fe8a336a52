"""The stage on WhatsApp: the Cloud API with its people, Telegram for half of them, beside the two processes."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.campaign import stage as stages
from tests.campaign.processes import Process, free_port
from tests.campaign.stage import Address, furnish, settings_of, supplied
from tests.telegram.campaign import stage as telegram
from tests.telegram.double import BotApi
from tests.whatsapp.double import ACCESS, Call, Clock, CloudApi, Kind, Person

_REFUSED = re.compile(r'setrum_whatsapp_items_total{as="refused"} (\S+)')
OWNER, FIRST_AGENT = "628110000011", 628_120_001_001
SERVE = ("bot", "serve")
MODES = ("alone", "beside telegram")
WINDOW_BEFORE = 1.0  # real seconds before the platform's that the shop takes the window for closed
# what comes to rest within minutes of the double's clock, where the platform's last step takes days
LADDER = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0, 60.0, 60.0)


class Platform(CloudApi):
    """The double, which keeps more of what happened.

    When it turned a connection away, for whoever made it cannot know what became of it; and how often a status was
    taken before the call that it is about was answered.
    """

    def __init__(self, *, clock: Clock, seed: int) -> None:
        super().__init__(clock=clock, seed=seed)
        self.cut_off: list[float] = []
        self.overtaken = 0

    def _accept(self) -> asyncio.Protocol:
        before = self.state.fired[Kind.REFUSE.value]
        made = super()._accept()
        if self.state.fired[Kind.REFUSE.value] > before:
            self.cut_off.append(self.clock.now())
        return made

    async def _tell(self, call: Call) -> None:
        await super()._tell(call)
        self.overtaken += any(one.state == "confirmed" for one in call.items)


@dataclass(slots=True, kw_only=True)
class Stage(stages.Stage):
    """Everything that runs. `agents` are the names of each one's chats; `telegram` is there where some have one."""

    mode: str
    port: int
    api: Platform
    telegram: BotApi | None
    agents: list[tuple[str, int | None]]

    def person(self, number: str) -> Person:
        """An agent with his number, and the id that the platform gave him."""
        known = self.api.persons.get(number)
        return known or self.api.person(number, f"Orang {number[-4:]}", user_id=f"ID.{number[::-1]}")

    @property
    def holds(self) -> str:
        """Deliveries that wait or are under way, on either platform."""
        if self.api.is_busy:
            return "deliveries that the platform holds"
        return telegram.held_by(self.telegram) if self.telegram else ""

    @property
    def address(self) -> str:
        """Where the shop listens."""
        return f"http://127.0.0.1:{self.port}"

    async def refused(self) -> int:
        """How many deliveries the shop says that it turned away."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.address}/metrics") as answer:
            found = _REFUSED.search(await answer.text())
        return int(float(found[1])) if found else 0


@asynccontextmanager
async def staged(
    folder: Path, mode: str, *, factor: float, seed: int, agents: int, latency: int = 20, level: str = "INFO",
    window: float = 0.0, program: tuple[str, ...] = SERVE,
) -> AsyncIterator[Stage]:  # fmt: skip
    """A shop with so many agents, not yet started; everything is ended at the end.

    With a `window` of so many real seconds in place of the day, the shop and the platform count alike.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = [_named(number, is_mixed=mode == "beside telegram") for number in range(agents)]
    await furnish(folder, [_addresses(*one) for one in names])
    async with AsyncExitStack() as stack:
        relay, supplier = await stack.enter_async_context(supplied(folder, latency))
        api = await stack.enter_async_context(Platform(clock=Clock(factor=factor), seed=seed))
        api.webhook.ladder = LADDER
        port = free_port()
        told = settings_of(folder, port, factor, level, f"whatsapp:{OWNER}") | supplier | _settings_for(api)
        if window:
            api.window.hours = window / 3_600
            told["WAIT_WINDOW"] = f"{window - WINDOW_BEFORE:.3f}"
        bots: BotApi | None = None
        if mode == "beside telegram":
            bots = await stack.enter_async_context(BotApi(clock=api.clock, seed=seed))
            told |= telegram.settings_for(bots, "polling")
        shop = Process(program, told, folder, "serve")
        stack.push_async_callback(shop.kill)
        api.deliver_to(f"http://127.0.0.1:{port}/whatsapp")
        yield Stage(
            folder=folder, clock=api.clock, relay=relay, shop=shop, environment=told, mode=mode, port=port, api=api,
            telegram=bots, agents=names,
        )  # fmt: skip


def _named(number: int, *, is_mixed: bool) -> tuple[str, int | None]:
    """An agent's chats; beside Telegram every other one has one there, too."""
    return str(FIRST_AGENT + number), telegram.FIRST_AGENT + number if is_mixed and number % 2 else None


def _addresses(number: str, chat: int | None) -> list[Address]:
    return [("whatsapp", number), *([] if chat is None else [("telegram", str(chat))])]


def _settings_for(api: CloudApi) -> dict[str, str]:
    """What the shop is told of this platform."""
    return {
        "WHATSAPP_TOKEN": ACCESS.token,
        "WHATSAPP_PHONE_NUMBER_ID": ACCESS.phone_number_id,
        "WHATSAPP_APP_SECRET": ACCESS.app_secret,
        "WHATSAPP_VERIFY_TOKEN": ACCESS.verify_token,
        "WHATSAPP_API_URL": api.url,
        "WHATSAPP_API_VERSION": ACCESS.version,
    }
