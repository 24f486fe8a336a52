"""Weather: for minutes or hours calls, deliveries and statuses go wrong at random, windows close, chats are blocked,
and forgers try their luck, while agents buy and ask.

Every agent ends with exactly what was sold to him.
"""

import asyncio
import random
from pathlib import Path

from tests.campaign import checker as shared
from tests.campaign import course
from tests.campaign.agents import Temper
from tests.campaign.outcome import Outcome, never
from tests.whatsapp.campaign import checker
from tests.whatsapp.campaign.gathering import count, gather
from tests.whatsapp.campaign.phone import agents_of
from tests.whatsapp.campaign.stage import SERVE, staged
from tests.whatsapp.campaign.weather import COPY, TEMPLATE, Weather

FACTOR = 20.0
HOUR = 3_600.0
WINDOW = 3.0  # real seconds in place of the day: less than people are patient
_PATIENCE = 160.0  # seconds of the double's clock, as the pause between two purchases
PAUSE = 120.0


async def play(
    folder: Path, seed: int, mode: str, *, hours: float = 1.0, agents: int = 30, factor: float = FACTOR,
    pause: float = PAUSE,    program: tuple[str, ...] = SERVE,
) -> Outcome:  # fmt: skip
    """One run."""
    outcome = Outcome("weather", seed, mode)
    stages = staged(folder, mode, factor=factor, seed=seed, agents=agents, window=WINDOW, program=program)
    async with stages as stage:
        temper = Temper(patience=_PATIENCE / factor, again=8, pause=pause / factor, asks=0.5)
        people = agents_of(stage, seed, temper, (20_000,))
        await stage.open()
        await people[0].buy()
        weather = Weather(stage, random.Random(seed))
        weather.begin()
        raging = asyncio.create_task(weather.run(hours * HOUR))
        await asyncio.gather(raging, *(one.work(lambda: not raging.done(), 1) for one in people))
        weather.end()
        outcome.counts["settled by hand"] = await stage.settle()
        await stage.rest()
        counted = await stage.refused()
        await course.end(stage, people, outcome)
        away = tuple(at for span in weather.away for at in span)
        evidence = await gather(
            stage, people, closings=weather.closings, forged=weather.forged, counted=counted, away=away
        )
        outcome.found += checker.check(evidence) + shared.last_words(evidence)
        count(outcome, evidence, stage)
        outcome.fired += weather.done
        outcome.fired.update({TEMPLATE: outcome.counts["templates"], COPY: outcome.counts["copies"]})
        outcome.found += never(weather.planned, +outcome.fired)
        outcome.counts["asked again"] = sum(one.seconds < 0 for one in evidence.deeds)
        outcome.counts["simulated seconds"] = round(hours * HOUR)
    return outcome
