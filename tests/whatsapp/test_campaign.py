"""A short campaign on WhatsApp, in processes of its own. `make chaos` plays all of it.

The seed is printed; `WHATSAPP_SEED` sets it.
"""

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from bot.messaging.outbox import Class
from tests.campaign.evidence import Intent, Line, see_ends
from tests.campaign.outcome import Outcome
from tests.campaign.plants import Planted
from tests.street import faster
from tests.talk import says
from tests.whatsapp.campaign import kill, short, taps
from tests.whatsapp.campaign.plants import HARMLESS, OWN, planted
from tests.whatsapp.campaign.weather import FORGED
from tests.whatsapp.double import Kind
from tests.whatsapp.street import AGENT, SHOP, street
from tests.whatsapp.traffic import queue, row, token_message


@pytest.fixture(scope="module")
def plants() -> dict[str, Planted]:
    return {one.what: one for one in planted()}


@pytest.fixture(scope="module")
def seed() -> int:
    return int(os.environ.get("WHATSAPP_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)


def _judge(outcome: Outcome) -> None:
    print(f"WHATSAPP_SEED={outcome.seed}", outcome.label, dict(outcome.counts), dict(outcome.fired))
    assert [str(one) for one in outcome.found] == []
    assert outcome.counts["sales"], "a run in which nothing was sold proves nothing"


@pytest.mark.parametrize("what", [what for what, _ in HARMLESS])
def test_where_nothing_is_wrong_the_checker_finds_nothing(plants: dict[str, Planted], what: str) -> None:
    assert plants[what].said == "nothing"


@pytest.mark.parametrize("what", [what for what, _, _ in OWN])
def test_each_planted_error_is_named(plants: dict[str, Planted], what: str) -> None:
    assert plants[what].is_named, plants[what].said


async def test_killed_amid_conversations_nobody_is_left_unanswered_and_no_token_lost(tmp_path: Path, seed: int) -> None:
    outcome = await kill.play(tmp_path, seed, "beside telegram", agents=3, kills=2, least=1)
    _judge(outcome)
    assert outcome.counts["kills"] == 2


async def test_twenty_taps_on_one_payment_are_one_payment_though_it_is_killed(tmp_path: Path, seed: int) -> None:
    outcome = await taps.play(tmp_path, seed, "alone", rounds=1, kills=True)
    _judge(outcome)
    assert outcome.counts["taps"] >= taps.TAPS


async def test_one_call_and_one_delivery_in_five_going_wrong_cost_nobody_his_token(tmp_path: Path, seed: int) -> None:
    outcome = await short.play(tmp_path, seed, "alone")
    _judge(outcome)
    assert outcome.counts["kills"]
    assert outcome.counts["left open"], "a run in which no call was left open proves nothing"
    assert outcome.fired[FORGED]


# what a campaign found


@pytest.mark.parametrize("sort", [Class.NOTICE, Class.CRITICAL])
async def test_a_failure_told_while_the_call_hangs_and_ends_in_the_dark_is_not_the_last_word(
    tmp_path: Path, sort: Class
) -> None:
    # without repeats, so that the token is given up, like the notice, by an unclear end alone
    async with street(tmp_path, shop=faster(SHOP, resend=())) as town:
        person = town.person(AGENT)
        await says(person, "menu", "Halo")
        await town.settled()
        town.api.fault("send", Kind.HANG_APPLIED, person=person, seconds=10.0)
        town.api.statuses.fail(person, 131000)
        number = await queue(town, person, token_message(), sort, 10_001)
        await person.sees("7718")
        await town.settled()
        assert await row(town, number) == ("sent",)


def test_the_label_that_somebody_taps_is_not_the_word_that_it_was_sold() -> None:
    tap = Line("628120001001", 2, mine=True, text="✅ Bayar Rp22.000", moments=(1.0,), reply_to=1)
    told = replace(tap, id=3, mine=False, text="✅ SUKSES T10001 · BUDI")
    order = Intent("628120001001", "70010000000", 20_000, [1])
    see_ends([tap], [order])
    assert order.ended == ""
    see_ends([tap, told], [order])
    assert order.ended == "sold"
