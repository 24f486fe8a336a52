"""An hour of faults, compressed: calls and deliveries go wrong at random, the platform is away for minutes, and one
chat floods while the others buy.

Every agent ends with exactly what was sold to him, and nobody but the flooding chat feels the flood.
"""

import asyncio
import random
from pathlib import Path

from tests.campaign import checker, course
from tests.campaign.agents import Temper
from tests.campaign.outcome import Outcome, never
from tests.telegram.campaign.flood import Flood
from tests.telegram.campaign.gathering import count, gather
from tests.telegram.campaign.phone import agents_of
from tests.telegram.campaign.stage import staged
from tests.telegram.campaign.weather import Weather

FACTOR = 20.0
HOUR = 3_600.0
_QUARTERS = 4  # of the faults: calm, flooded, calm, flooded
_BLUE = 0.05  # of the run, each of two such spans before it, under a blue sky
_BLUE_LEAST = 80.0  # seconds
_PATIENCE = 160.0  # seconds of the double's clock, as the pause between two purchases
_PAUSE = 120.0
_AFTERMATH = 2.0  # real seconds after the platform was away in which nobody's answer is measured


async def play(
    folder: Path, seed: int, mode: str, *, hours: float = 1.0, agents: int = 30, factor: float = FACTOR
) -> Outcome:
    """One run."""
    outcome = Outcome("hour", seed, mode)
    async with staged(folder, mode, factor=factor, seed=seed, agents=agents + 1) as stage:
        temper = Temper(patience=_PATIENCE / factor, again=8, pause=_PAUSE / factor, asks=0.5)
        people = agents_of(stage, seed, temper, (20_000,))
        *others, flooder = people
        await stage.open()
        await people[0].buy()
        weather = Weather(stage, random.Random(seed))
        flood = Flood(flooder, stage.api.clock, random.Random(f"{seed} flood"))
        going = asyncio.create_task(_course(weather, flood, hours * HOUR))
        await asyncio.gather(going, *(one.work(lambda: not going.done(), 1) for one in others))
        await course.end(stage, people, outcome)
        evidence = await gather(stage, people)
        outcome.found += checker.check(evidence)
        count(outcome, evidence, stage)
        away = [(start, end + _AFTERMATH) for start, end in weather.away]
        outcome.found += flood.judge(evidence.deeds, away, outcome.times) + never(weather.planned, outcome.fired)
        outcome.counts["flooding messages"] = flood.messages
        outcome.counts["asked again"] = sum(one.seconds < 0 for one in evidence.deeds)
        outcome.counts["simulated seconds"] = round(hours * HOUR)
    return outcome


async def _course(weather: Weather, flood: Flood, seconds: float) -> None:
    """A blue sky, without the flood and with it; then the faults, and the flood in each second quarter of them."""
    for flooded in (False, True):
        await flood.span("blue sky", max(seconds * _BLUE, _BLUE_LEAST), flooded=flooded)
    weather.begin()
    raging = asyncio.create_task(weather.run(seconds))
    for quarter in range(_QUARTERS):
        await flood.span("faults", seconds / _QUARTERS, flooded=quarter % 2 == 1)
    await raging
    weather.end()
