"""Kill: many people talk at once while the shop is killed at random moments and started again at once.

At the end nobody is unanswered, nothing is paid twice, and every sold token is on its agent's phone.
"""

import asyncio
import random
from pathlib import Path

from tests.telegram.campaign import checker
from tests.telegram.campaign.agents import Agent, Temper
from tests.telegram.campaign.checker import Found, Violation
from tests.telegram.campaign.gathering import gather
from tests.telegram.campaign.outcome import Outcome
from tests.telegram.campaign.stage import Stage, staged
from tests.telegram.double import Kind

FACTOR = 10.0
ANSWERS_TAKE = 1.5  # seconds of the double's clock


async def play(folder: Path, seed: int, mode: str, *, agents: int = 50, kills: int = 10, least: int = 3) -> Outcome:
    """One run."""
    outcome = Outcome("kill", seed, mode)
    async with staged(folder, mode, factor=FACTOR, seed=seed, agents=agents) as stage:
        people = [Agent(stage.person(one), random.Random(f"{seed} {one}"), Temper()) for one in stage.agents]
        stage.api.faults.chance(Kind.DRIP, 0.5)  # answers take their time, so that a kill can come before them
        stage.api.faults.seconds, stage.api.faults.spared = ANSWERS_TAKE, {"getupdates"}
        await stage.open()
        await people[0].buy()  # a sale without trouble measures the supplier's clock, without which no advice is dated
        killing = asyncio.create_task(_kill(stage, people, random.Random(seed), kills, outcome))
        await asyncio.gather(killing, *(one.work(lambda: not killing.done(), least) for one in people))
        outcome.counts["settled by hand"] = await stage.settle()
        await asyncio.gather(*(_ask_last(one) for one in people))
        left = await stage.rest()
        await stage.stop()
        evidence = await gather(stage, people)
        outcome.found = checker.check(evidence) + checker.unanswered(evidence)
        if left:
            outcome.found.append(Found(Violation.RESTLESS, left))
        outcome.count(evidence, stage)
    return outcome


async def _ask_last(agent: Agent) -> None:
    await asyncio.gather(agent.ask("saldo"), return_exceptions=True)


async def _kill(stage: Stage, people: list[Agent], chance: random.Random, kills: int, outcome: Outcome) -> None:
    """Mostly while the shop works, now and then while it starts."""
    for _ in range(kills):
        if chance.random() < 0.85:
            await stage.shop.until_printed()
        await asyncio.sleep(chance.random() * 1.5)
        since = stage.api.clock.now() - ANSWERS_TAKE / FACTOR
        under_way = sum(call.fault == Kind.DRIP.value and call.at > since for call in stage.api.calls[-200:])
        outcome.moments.update(
            {
                "people in the middle of something": sum(one.busy for one in people),
                "payments on the wire": stage.relay.under_way["PAY"],
                "inquiries on the wire": stage.relay.under_way["INQ"],
                "calls on the wire": under_way,
                "updates not yet taken": len(stage.api.state.updates.pending),
            }
        )
        await stage.kill()
        outcome.counts["kills"] += 1
        await stage.start()
