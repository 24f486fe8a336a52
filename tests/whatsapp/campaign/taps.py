"""Taps: twenty fingers on one Pay button within a second, on two devices, each as a message of its own, and delivered
again side by side.

One payment, one hold, and an answer that stands after the last of them; also with the shop killed in the middle.
"""

import asyncio
import random
from pathlib import Path

from tests.campaign import checker as shared
from tests.campaign import course
from tests.campaign.agents import Agent, Temper
from tests.campaign.checker import Found, Violation
from tests.campaign.evidence import Evidence
from tests.campaign.outcome import Outcome
from tests.double.faults import Mail
from tests.whatsapp.campaign import checker
from tests.whatsapp.campaign.gathering import count, gather
from tests.whatsapp.campaign.phone import agents_of
from tests.whatsapp.campaign.stage import Stage, staged

FACTOR = 20.0
TAPS = 20
_DEVICES = 2


async def play(folder: Path, seed: int, mode: str, *, rounds: int = 4, kills: bool = False) -> Outcome:
    """So many cards, one after another, each of an agent of his own: in posts of one tap and of twenty in turn."""
    outcome, chance = Outcome("taps with kills" if kills else "taps", seed, mode), random.Random(seed)
    async with staged(folder, mode, factor=FACTOR, seed=seed, agents=rounds + 1, level="DEBUG") as stage:
        people = agents_of(stage, seed, Temper())
        await stage.open()
        first, *others = people
        await first.buy()
        stage.api.mail.chance(Mail.TWIN, 0.3)
        for number, one in enumerate(others):
            await _round(stage, one, chance, size=TAPS if number % 2 else 1, kills=kills)
        await course.end(stage, people, outcome)
        evidence = await gather(stage, people)
        outcome.found += checker.check(evidence) + shared.unanswered(evidence) + _one_each(evidence)
        count(outcome, evidence, stage)
        outcome.counts["kills"] = len(stage.kills)
    return outcome


async def _round(stage: Stage, agent: Agent, chance: random.Random, *, size: int, kills: bool) -> None:
    agent.phone = agent.phones[0]
    card = await agent.order(f"78{agent.phone.number:09d}", 20_000)
    assert card is not None, agent.phone.drawn()
    await stage.api.idle()
    stage.api.mail.hold()
    mark = agent.phone.mark()
    for _ in range(_DEVICES):
        agent.tap(card, "pay", copies=TAPS // _DEVICES, new_ids=True)
    pending = list(stage.api.state.items.pending.values())
    stage.api.mail.flush(size)
    for item in chance.sample(pending, len(pending)):
        if item.kind == "message":
            stage.api.again(item)  # beside all the others, whatever their order would have it
    agent.intents[-1].taps += TAPS
    if kills:
        await asyncio.sleep(chance.random() * 0.12)
        await stage.kill()
        await stage.open()
    await agent.end(agent.intents[-1], mark, lambda: None)


def _one_each(evidence: Evidence) -> list[Found]:
    """One purchase an order."""
    made = sum(evidence.states.values())
    if made == len(evidence.intents):
        return []
    return [Found(Violation.SOLD_TWICE, f"{made} purchases for {len(evidence.intents)} orders")]
