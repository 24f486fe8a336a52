"""The stage on Telegram: the Bot API with its people, beside the supplier's process and the shop's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.campaign import stage as stages
from tests.campaign.processes import Process, free_port
from tests.campaign.stage import furnish, settings_of, supplied
from tests.telegram.double import BotApi, Clock, Person
from tests.telegram.street import SECRET

OWNER, FIRST_AGENT = 11, 1001


@dataclass(slots=True, kw_only=True)
class Stage(stages.Stage):
    """Everything that runs."""

    mode: str
    api: BotApi
    agents: list[int]

    def person(self, number: int) -> Person:
        """An agent, or anybody; every other one speaks English."""
        known = self.api.persons.get(number)
        return known or self.api.person(number, f"Orang {number}", "en" if number % 2 else "id")

    @property
    def holds(self) -> str:
        """Updates that wait to be fetched or posted."""
        return held_by(self.api)


def held_by(api: BotApi) -> str:
    """What the platform has for the shop, in words; '' for nothing."""
    return "updates that the platform holds" if api.state.updates.pending or api.state.updates.again else ""


@asynccontextmanager
async def staged(
    folder: Path, mode: str, *, factor: float, seed: int, agents: int, latency: int = 20, level: str = "INFO"
) -> AsyncIterator[Stage]:
    """A shop with so many agents, not yet started; everything is ended at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = [FIRST_AGENT + number for number in range(agents)]
    await furnish(folder, [[("telegram", str(number))] for number in numbers])
    async with supplied(folder, latency) as (relay, supplier), BotApi(clock=Clock(factor=factor), seed=seed) as api:
        told = settings_of(folder, free_port(), factor, level, f"telegram:{OWNER}")
        environment = told | supplier | settings_for(api, mode)
        shop = Process(("bot", "serve"), environment, folder, "serve")
        try:
            yield Stage(
                folder=folder, clock=api.clock, relay=relay, shop=shop, environment=environment, mode=mode, api=api,
                agents=numbers,
            )  # fmt: skip
        finally:
            await shop.kill()


def settings_for(api: BotApi, mode: str) -> dict[str, str]:
    """What the shop is told of this platform."""
    return {
        "TELEGRAM_TOKEN": api.token,
        "TELEGRAM_API_URL": api.url,
        "TELEGRAM_MODE": mode,
        "TELEGRAM_SECRET": SECRET,
    }
