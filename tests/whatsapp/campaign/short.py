"""Short runs, many of them: a few agents, one call and one delivery in five go wrong, and the shop is killed at random.

Each is a shop of its own from its first start to its last audit.
"""

import asyncio
import random
from pathlib import Path

from tests.campaign import checker as shared
from tests.campaign import course
from tests.campaign.agents import Temper
from tests.campaign.outcome import Outcome
from tests.whatsapp.campaign import checker
from tests.whatsapp.campaign.gathering import count, gather
from tests.whatsapp.campaign.phone import agents_of
from tests.whatsapp.campaign.stage import staged
from tests.whatsapp.campaign.weather import Weather

FACTOR = 100.0
SHARE = 0.2  # of calls, and of deliveries, that go wrong
AGENTS, MOST_KILLS = 3, 2
_PATIENCE, _PAUSE = 100.0, 20.0  # seconds of the double's clock
_SECONDS = 200.0


async def play(folder: Path, seed: int, mode: str) -> Outcome:
    """One run."""
    outcome, chance = Outcome("short", seed, mode), random.Random(seed)
    async with staged(folder, mode, factor=FACTOR, seed=seed, agents=AGENTS) as stage:
        temper = Temper(patience=_PATIENCE / FACTOR, again=10, pause=_PAUSE / FACTOR)
        people = agents_of(stage, seed, temper, (20_000,))
        await stage.open()
        weather = Weather(stage, chance, SHARE)
        weather.begin()
        kills = course.kill(stage, people, chance, chance.randint(1, MOST_KILLS), outcome, dict)
        raging = asyncio.gather(weather.run(_SECONDS), kills)
        await asyncio.gather(raging, *(one.work(lambda: not raging.done(), 1) for one in people))
        weather.end()
        await stage.shop.until_printed()
        await course.end(stage, people, outcome)
        away = tuple(at for span in weather.away for at in span)
        evidence = await gather(stage, people, closings=weather.closings, forged=weather.forged, away=away)
        outcome.found += checker.check(evidence) + shared.last_words(evidence)
        count(outcome, evidence, stage)
        outcome.fired += weather.done
    return outcome
