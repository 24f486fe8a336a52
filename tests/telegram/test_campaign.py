"""A short campaign on Telegram, in processes of its own. `make chaos` plays all of it.

The seed is printed; `TELEGRAM_SEED` sets it.
"""

import os
import random
from pathlib import Path

import pytest

from tests.campaign.agents import Agent, Temper
from tests.campaign.checker import Violation
from tests.campaign.evidence import Deed
from tests.campaign.outcome import Outcome, never
from tests.campaign.plants import PLANTS, Planted, planted
from tests.telegram.campaign import hour, kill, taps
from tests.telegram.campaign.flood import Flood
from tests.telegram.campaign.phone import TelegramPhone
from tests.telegram.double import BotApi, Clock


@pytest.fixture(scope="module")
def plants() -> dict[str, Planted]:
    return {one.what: one for one in planted()}


@pytest.fixture(scope="module")
def seed() -> int:
    return int(os.environ.get("TELEGRAM_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)


def _judge(outcome: Outcome) -> None:
    print(f"TELEGRAM_SEED={outcome.seed}", outcome.label, dict(outcome.counts), dict(outcome.fired))
    assert [str(one) for one in outcome.found] == []
    assert outcome.counts["sales"], "a run in which nothing was sold proves nothing"


@pytest.mark.parametrize("what", ["nothing", "nothing but a headed repeat"])
def test_where_nothing_is_planted_the_checker_finds_nothing(plants: dict[str, Planted], what: str) -> None:
    assert plants[what].said == "nothing"


@pytest.mark.parametrize("what", [what for what, _, _ in PLANTS])
def test_each_planted_error_is_named(plants: dict[str, Planted], what: str) -> None:
    assert plants[what].is_named, plants[what].said


def test_a_flood_that_others_feel_is_named_and_one_that_nobody_feels_is_not() -> None:
    flooder = Agent((TelegramPhone(BotApi().person()),), random.Random(1), Temper())
    flood = Flood(flooder, Clock(factor=20), random.Random(1), [("blue sky", False, 0, 10), ("blue sky", True, 10, 20)])
    calm = [Deed(1, one, "saldo", 0.05) for one in range(10)]
    unharmed = [Deed(1, 10 + one, "saldo", 0.1) for one in range(10)]
    harmed = [Deed(1, 10 + one, "saldo", 1.0) for one in range(10)]
    assert flood.judge(calm + unharmed, [], {}) == []
    assert {one.name for one in flood.judge(calm + harmed, [], {})} == {Violation.HARMED}
    assert [one.name for one in flood.judge(calm, [], {})] == [Violation.NEVER]


def test_a_run_in_which_a_planned_fault_never_came_about_fails() -> None:
    assert [str(one) for one in never({"reset", "429"}, {"reset": 3})] == [f"{Violation.NEVER}: 429"]


async def test_killed_amid_conversations_nobody_is_left_unanswered_and_no_token_lost(tmp_path: Path, seed: int) -> None:
    outcome = await kill.play(tmp_path, seed, "polling", agents=8, kills=3, least=1)
    _judge(outcome)
    assert outcome.counts["kills"] == 3


async def test_twenty_taps_on_one_payment_are_one_payment_though_it_is_killed(tmp_path: Path, seed: int) -> None:
    outcome = await taps.play(tmp_path, seed, "webhook", rounds=1, kills=True)
    _judge(outcome)
    assert outcome.counts["taps"] >= taps.TAPS


async def test_twenty_taps_fetched_in_one_batch_are_one_payment(tmp_path: Path, seed: int) -> None:
    _judge(await taps.play(tmp_path, seed, "polling", rounds=1))


async def test_faults_and_a_flood_cost_nobody_his_token(tmp_path: Path, seed: int) -> None:
    outcome = await hour.play(tmp_path, seed, "webhook", hours=0.045, agents=10, factor=40)
    # in minutes a rare fault may not come about, and how long answers take is measured where nothing else runs
    never = [one for one in outcome.found if one.name is Violation.NEVER]
    assert len(never) <= 3, never
    outcome.found = [one for one in outcome.found if one.name not in (Violation.NEVER, Violation.HARMED)]
    _judge(outcome)
