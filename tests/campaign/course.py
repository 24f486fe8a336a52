"""What runs have in common on every platform: the shop killed at random moments, and the end of a run."""

import asyncio
import random
from collections.abc import Callable, Sequence

from tests.campaign.agents import Agent
from tests.campaign.checker import Found, Violation
from tests.campaign.outcome import Outcome
from tests.campaign.stage import Stage

AFTER_START = 0.85  # of the kills come while the shop works, the others while it starts


async def kill(
    stage: Stage, people: Sequence[Agent], chance: random.Random, kills: int, outcome: Outcome,
    under_way: Callable[[], dict[str, int]],
) -> None:  # fmt: skip
    """So often, at random moments, each followed by a start at once; what was under way then is counted."""
    for _ in range(kills):
        if chance.random() < AFTER_START:
            await stage.shop.until_printed()
        await asyncio.sleep(chance.random() * 1.5)
        outcome.moments.update(
            {
                "people in the middle of something": sum(one.busy for one in people),
                "payments on the wire": stage.relay.under_way["PAY"],
                "inquiries on the wire": stage.relay.under_way["INQ"],
                **under_way(),
            }
        )
        await stage.kill()
        outcome.counts["kills"] += 1
        await stage.start()


async def amid_kills(
    stage: Stage, people: Sequence[Agent], seed: int, kills: int, least: int, outcome: Outcome,
    under_way: Callable[[], dict[str, int]],
) -> None:  # fmt: skip
    """Everybody buys at once, at least so often, while the shop is killed so often; then all comes to rest."""
    await stage.open()
    await people[0].buy()  # a sale without trouble measures the supplier's clock, without which no advice is dated
    killing = asyncio.create_task(kill(stage, people, random.Random(seed), kills, outcome, under_way))
    await asyncio.gather(killing, *(one.work(lambda: not killing.done(), least) for one in people))
    await end(stage, people, outcome)


async def end(stage: Stage, people: Sequence[Agent], outcome: Outcome) -> None:
    """Everybody says something at last, which also shows that he can be reached; then the shop is told to stop."""
    outcome.counts["settled by hand"] = await stage.settle()
    await stage.rest()
    await asyncio.gather(*(one.ask_last() for one in people))
    if left := await stage.rest():
        outcome.found.append(Found(Violation.RESTLESS, left))
    await stage.stop()
