"""Kill: many people talk at once while the shop is killed at random moments and started again at once.

At the end nobody is unanswered, nothing is paid twice, and every sold token is on its agent's phone.
"""

from pathlib import Path

from tests.campaign import checker as shared
from tests.campaign import course
from tests.campaign.agents import Temper
from tests.campaign.outcome import Outcome
from tests.whatsapp.campaign import checker
from tests.whatsapp.campaign.gathering import count, gather
from tests.whatsapp.campaign.phone import agents_of
from tests.whatsapp.campaign.stage import SERVE, Stage, staged
from tests.whatsapp.double import Kind

FACTOR = 10.0
ANSWERS_TAKE = 1.5  # seconds of the double's clock


async def play(
    folder: Path, seed: int, mode: str, *, agents: int = 50, kills: int = 10, least: int = 3,
    program: tuple[str, ...] = SERVE,
) -> Outcome:  # fmt: skip
    """One run."""
    outcome = Outcome("kill", seed, mode)
    async with staged(folder, mode, factor=FACTOR, seed=seed, agents=agents, program=program) as stage:
        people = agents_of(stage, seed, Temper())
        for api in (stage.api, stage.telegram):
            if api is not None:  # answers take their time, so that a kill can come before them
                api.faults.chance(Kind.DRIP, 0.5)
                api.faults.seconds, api.faults.spared = ANSWERS_TAKE, {"getupdates"}
        stage.api.statuses.shuffled = stage.api.statuses.early = 0.2
        await course.amid_kills(stage, people, seed, kills, least, outcome, lambda: _under_way(stage))
        evidence = await gather(stage, people)
        outcome.found += checker.check(evidence) + shared.unanswered(evidence)
        count(outcome, evidence, stage)
    return outcome


def _under_way(stage: Stage) -> dict[str, int]:
    since = stage.api.clock.now() - ANSWERS_TAKE / FACTOR
    waiting = list(stage.api.state.items.pending.values())
    return {
        "calls on the wire": sum(call.fault == Kind.DRIP.value and call.at > since for call in stage.api.calls[-200:]),
        "messages not yet taken": sum(one.kind == "message" for one in waiting),
        "statuses not yet taken": sum(one.kind == "status" for one in waiting),
    }
