"""Kill: many people talk at once while the shop is killed at random moments and started again at once.

At the end nobody is unanswered, nothing is paid twice, and every sold token is on its agent's phone.
"""

from pathlib import Path

from tests.campaign import checker, course
from tests.campaign.agents import Temper
from tests.campaign.outcome import Outcome
from tests.telegram.campaign.gathering import count, gather
from tests.telegram.campaign.phone import agents_of
from tests.telegram.campaign.stage import Stage, staged
from tests.telegram.double import Kind

FACTOR = 10.0
ANSWERS_TAKE = 1.5  # seconds of the double's clock


async def play(folder: Path, seed: int, mode: str, *, agents: int = 50, kills: int = 10, least: int = 3) -> Outcome:
    """One run."""
    outcome = Outcome("kill", seed, mode)
    async with staged(folder, mode, factor=FACTOR, seed=seed, agents=agents) as stage:
        people = agents_of(stage, seed, Temper())
        stage.api.faults.chance(Kind.DRIP, 0.5)  # answers take their time, so that a kill can come before them
        stage.api.faults.seconds, stage.api.faults.spared = ANSWERS_TAKE, {"getupdates"}
        await course.amid_kills(stage, people, seed, kills, least, outcome, lambda: _under_way(stage))
        evidence = await gather(stage, people)
        outcome.found += checker.check(evidence) + checker.unanswered(evidence)
        count(outcome, evidence, stage)
    return outcome


def _under_way(stage: Stage) -> dict[str, int]:
    since = stage.api.clock.now() - ANSWERS_TAKE / FACTOR
    return {
        "calls on the wire": sum(call.fault == Kind.DRIP.value and call.at > since for call in stage.api.calls[-200:]),
        "updates not yet taken": len(stage.api.state.updates.pending),
    }
