"""A short campaign: some random runs and a sample of the grid. `make crash` plays all of it.

The seed of the first run is printed; `CRASH_SEED` sets it, and `python -m tests.crash --only SEED` shows one run.
"""

import os
import random
from collections.abc import Iterator

import pytest

from tests.crash import campaign
from tests.crash.campaign import Campaign
from tests.crash.plants import PLANTS, Planted

RUNS = 8
ROWS, SHARE = 6, 30
LANES = 5


@pytest.fixture(scope="module")
def lanes() -> Iterator[Campaign]:
    with campaign.opened(LANES) as made:
        yield made


@pytest.fixture(scope="module")
def planted(lanes: Campaign) -> dict[str, Planted]:
    return {one.what: one for one in lanes.planted()}


def test_where_nothing_is_planted_the_checker_finds_nothing(planted: dict[str, Planted]) -> None:
    assert planted["nothing"].said == "nothing"


@pytest.mark.parametrize("what", [what for what, _, _ in PLANTS])
def test_each_planted_error_is_named(planted: dict[str, Planted], what: str) -> None:
    assert planted[what].is_named, planted[what].said


def test_a_hold_paid_back_behind_the_shops_back_is_seen_by_audit_and_agent(planted: dict[str, Planted]) -> None:
    meddled = [one for what, one in planted.items() if "database" in what or "the same" in what]
    assert len(meddled) == 2
    assert all(one.is_named for one in meddled)


def test_killed_at_random_no_token_is_lost_and_no_purchase_doubled(lanes: Campaign) -> None:
    seed = int(os.environ.get("CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)
    print(f"CRASH_SEED={seed}")
    tally = lanes.random(seed, RUNS, 0)
    print(dict(tally.counts))
    assert tally.violations == []
    assert tally.counts["kills"] >= 5 * RUNS
    assert tally.counts["sales"], "runs in which nothing was sold prove nothing"


def test_killed_at_a_named_point_it_pays_once_and_loses_nothing(lanes: Campaign) -> None:
    tally = lanes.grid(SHARE, ROWS)
    print(dict(tally.counts))
    assert tally.violations == []
    assert tally.counts["kills"] >= 50
