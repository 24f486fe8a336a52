"""Taps: twenty fingers on one Pay button within a second, on two devices, under new ids, delivered side by side.

One payment, one hold, and a kind answer for everybody; also with the shop killed in the middle.
"""

import asyncio
import random
from pathlib import Path

from tests.campaign import checker
from tests.campaign.agents import Agent, Temper
from tests.campaign.checker import Found, Violation
from tests.campaign.evidence import Evidence, Intent
from tests.campaign.outcome import Outcome
from tests.telegram.campaign.gathering import count, gather
from tests.telegram.campaign.phone import agents_of
from tests.telegram.campaign.stage import Stage, staged
from tests.telegram.double import Mail

FACTOR = 20.0
TAPS = 20
_DEVICES = 2


async def play(folder: Path, seed: int, mode: str, *, rounds: int = 4, kills: bool = False) -> Outcome:
    """So many cards, one after another, each of an agent of his own."""
    outcome, chance = Outcome("taps with kills" if kills else "taps", seed, mode), random.Random(seed)
    async with staged(folder, mode, factor=FACTOR, seed=seed, agents=rounds + 1, level="DEBUG") as stage:
        people = agents_of(stage, seed, Temper())
        await stage.open()
        first, *others = people
        await first.buy()
        stage.api.mail.chance(Mail.TWIN, 0.3)
        for one in others:
            await _round(stage, one, chance, kills=kills)
        await stage.settle()
        left = await stage.rest()
        await stage.stop()
        evidence = await gather(stage, people)
        outcome.found = checker.check(evidence) + checker.unanswered(evidence) + _kindly(evidence, kills=kills)
        if left:
            outcome.found.append(Found(Violation.RESTLESS, left))
        count(outcome, evidence, stage)
        outcome.counts["kills"] = len(stage.kills)
    return outcome


async def _round(stage: Stage, agent: Agent, chance: random.Random, *, kills: bool) -> None:
    number = agent.phone.number
    card = await agent.order(f"78{number:09d}", 20_000)
    assert card is not None, agent.phone.drawn()
    stage.api.webhook.hold()
    mark = agent.phone.mark()
    for _ in range(_DEVICES):
        agent.tap(card, "pay", copies=TAPS // _DEVICES, new_ids=True)
    pending = list(stage.api.state.updates.pending.values())
    for update in chance.sample(pending, len(pending)):
        if update.kind == "callback_query":
            stage.api.again(update)  # beside all the others, whatever the queues would have it
    stage.api.webhook.release()
    agent.intents[-1].taps += TAPS
    if kills:
        await asyncio.sleep(chance.random() * 0.12)
        await stage.kill()
        await stage.open()
    await agent.end(agent.intents[-1], mark, lambda: None)


def _kindly(evidence: Evidence, *, kills: bool) -> list[Found]:
    """One purchase an order; a pop-up for each tap, if nobody was killed; and something said for each."""
    found = []
    if (made := sum(evidence.states.values())) != len(evidence.intents):
        found.append(Found(Violation.SOLD_TWICE, f"{made} purchases for {len(evidence.intents)} orders"))
    if not kills:
        waiting = [one for one in evidence.taps if not one.answers]
        found += [Found(Violation.UNANSWERED, f"the spinner of tap {one.query} of {one.chat}") for one in waiting]
    for intent in evidence.intents:
        found += _said_for_each(evidence, intent)
    return found


def _said_for_each(evidence: Evidence, intent: Intent) -> list[Found]:
    taps = [one.at for one in evidence.taps if one.chat == intent.chat and intent.taps >= TAPS]
    if not taps:
        return []
    moments = [at for line in evidence.lines if line.chat == intent.chat and not line.mine for at in line.moments]
    said = sum(at >= min(taps) for at in moments)
    if said < len(taps):
        return [Found(Violation.UNANSWERED, f"{intent.chat}: {len(taps)} taps, {said} answers")]
    return []
