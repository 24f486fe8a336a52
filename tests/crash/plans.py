"""What is played: the grid (each point under each behaviour and reading, once) and random runs, each from its seed."""

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from bot.sandbox import Behaviour, Readings
from tests.crash.run import Outcome, Plan
from tests.crash.supplier import BEHAVIOURS, LATE, Weather

HARSHEST = Readings(repeated_trxid="sells again", refnum_single_use=False)
# each other reading, for the grid's second part: one at a time, so that a violation names its reading
READINGS: dict[str, Readings] = {
    "gentlest": Readings(),
    "a repeated trxid is refused": Readings(repeated_trxid="is refused"),
    "advice answers the earliest": replace(HARSHEST, advice_matches="earliest"),
    "advice sees any day": replace(HARSHEST, advice_any_day=True),
    "advice by the same trxid only": replace(HARSHEST, advice_trxid="same"),
    "advice by a fresh trxid only": replace(HARSHEST, advice_trxid="fresh"),
    "lenient date": replace(HARSHEST, strict_date=False),
    "another admin fee": replace(HARSHEST, adm_in_answer=2_500),
    "40-digit tokens": replace(HARSHEST, token_groups=2),
    "60-digit tokens": replace(HARSHEST, token_groups=3),
}
# under a clock that is ahead no advice is dated before a payment has measured it, so only a direct answer settles
AHEAD = replace(HARSHEST, clock_ahead_seconds=7 * 60)
# kills in the life after a kill: what is found again is interrupted again
_AGAIN = (
    "before PAY is sent",
    "PAY was booked by the supplier",
    "after exchanges.complete PAY",
    "after token.only was shown",
)
_MIDNIGHTS = 0.1  # so many random runs have WIB midnight in them, where an advice stops seeing what was sold before
_METERS = ("54123456789", "77123456701", "77123456702", "77123456703")
_SECOND_PASSAGES = ("ADV", "advice", "token.only", "pay.done", "failed", "inbox.put")
_PREFIXES = ("before ", "inside ", "after ")


def dry_runs() -> list[Plan]:
    """One undisturbed run for each row of the grid: what it passes are the row's points."""
    rows = [
        Plan(1, behaviour, HARSHEST, Weather(behaviour=behaviour), settle=behaviour == LATE) for behaviour in BEHAVIOURS
    ]
    for name, readings in READINGS.items():
        fresh = readings.advice_trxid == "fresh"
        for behaviour in (Behaviour.SUCCESS, Behaviour.DROP_SOLD, Behaviour.REFUSED_SOLD):
            weather = Weather(behaviour=behaviour.value)
            rows.append(Plan(1, f"{behaviour} · {name}", readings, weather, fresh_advice_id=fresh))
    weather = Weather(behaviour=Behaviour.SUCCESS.value)
    rows.append(Plan(1, "success · clock ahead", AHEAD, weather, settle=True))
    for point in _AGAIN:
        for behaviour in (Behaviour.SUCCESS, Behaviour.DROP_SOLD, Behaviour.PENDING_SUCCESS):
            weather = Weather(behaviour=behaviour.value)
            rows.append(Plan(1, f"{behaviour} · again", HARSHEST, weather, points=((point, 1),)))
    return rows


def gentle(*, meddles: bool = False) -> Plan:
    """A run in which nothing goes wrong, in which errors are planted."""
    return Plan(1, "gentle", people=2, orders=3, meters=_METERS[:3], amounts=(20_000, 50_000), meddles=meddles)


def grid(dry: Outcome) -> list[Plan]:
    """A run for each point that the last life of the dry one passed, and for the second passage of some."""
    passed = Counter(dry.passages) + dry.reached
    plans = []
    for point, count in sorted(passed.items()):
        plans.append(replace(dry.plan, points=(*dry.plan.points, (point, 1))))
        if count > 1 and any(word in point for word in _SECOND_PASSAGES):
            plans.append(replace(dry.plan, points=(*dry.plan.points, (point, 2))))
    return plans


def at_random(seed: int) -> Plan:
    """Everything of a random run by its seed."""
    chance = random.Random(seed)
    fresh = chance.random() < 0.15
    readings = Readings(
        repeated_trxid=chance.choice(("replays", "sells again", "is refused")),
        refnum_single_use=chance.random() < 0.5,
        advice_matches=chance.choice(("latest", "latest", "earliest")),
        advice_any_day=chance.random() < 0.3,
        advice_trxid="fresh" if fresh else chance.choice(("any", "any", "same")),
        strict_date=chance.random() < 0.7,
        clock_ahead_seconds=chance.choice((0, 0, 0, 7 * 60, -4 * 60)),
        adm_in_answer=chance.choice((None, None, None, 2_500)),
        token_groups=chance.choice((1, 1, 1, 2, 3)),
    )
    much = chance.choice((0.3, 0.6, 0.9))
    return Plan(
        seed=seed,
        readings=readings,
        weather=Weather(pay=much, advice=chance.choice((0.0, 0.3, 0.6)) * much, inquiry=0.1 * much),
        kills=chance.randint(5, 8),
        people=chance.randint(3, 6),
        meters=_METERS[: chance.randint(2, 3)],
        amounts=(20_000, 50_000, 100_000)[: chance.randint(2, 3)],
        flaky=chance.choice((0.0, 0.0, 0.05)),
        fresh_advice_id=fresh or (readings.advice_trxid == "any" and chance.random() < 0.2),
        unclear_run=chance.choice((5, 1_000_000, 1_000_000)),
        near_midnight=chance.random() < _MIDNIGHTS,
        settle=True,
    )


def random_plans(first: int, runs: int) -> Iterable[Plan]:
    """Runs by consecutive seeds."""
    return (at_random(seed) for seed in range(first, first + runs))
