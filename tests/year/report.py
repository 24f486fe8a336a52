"""What a simulated year came to, as a page for docs/proof."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.year.checking import Checker
from tests.year.life import Life
from tests.year.plants import OF_DAYS, OF_MORNINGS

_HEAD = """# The simulated year

Written by `make year`. The counter and thirty agents, ten in each Indonesian zone, sell through the real services on
the real SQLite; a part of it is talked through the engine. The supplier is the sandbox's own desk and books. Answers
get lost, come hours or days later, or after the purchase was given up; the owner settles, errs, corrects, lends and is
paid back, changes prices, freezes; the process is restarted, the clock set, days pass without a sale, and people buy
in the first and last millisecond of the shop's, their own and the supplier's day.

Each morning at half past six the summary of yesterday is asked for, and at the end every day once more. Three recounts
that share no query with it must agree: plain rows of the ledger's transfers, summed in Python; the sandbox's own
books; and the simulation's diary of what it did. Compared are count, sales, profit, kWh, failures and losses, by agent,
by denomination and by hour, seven days in one, last week's same day, corrections of earlier days (each once), and how
everybody stands: balances, holds, debts, till, the supplier's deposit, who has fallen silent.

A recount that finds nothing proves little by itself, so errors are planted into the summary: each must be found.

"""
_LIMITS = """
## What it does not show

The three recounts were thought out beside the summary by people who read the same rules: what a late sale counts for is
one decision, tested three times. Of a sale that the owner settled by hand, or that only a report names, no kWh are
known, so none are counted. What comes from a report is applied row by row: how files are read is tried elsewhere.
"""


@dataclass(frozen=True, slots=True)
class Lived:
    """One shop's year in counts. `wrong` says what differed, `missed` which planted errors were not found."""

    zone: str
    seed: int
    days: int
    quiet_days: int
    purchases: int
    compared: int
    corrected: int
    wrong: list[str]
    missed: list[str]
    ends: Counter[tuple[str, str]]
    deeds: Counter[str]
    refused: int
    seconds: float


def lived(
    life: Life, checker: Checker, zone: str, seed: int, wrong: list[str], caught: set[str], seconds: float
) -> Lived:
    """What there is to say of a shop."""
    deals = life.diary.deals.values()
    return Lived(
        zone=zone,
        seed=seed,
        days=life.days,
        quiet_days=checker.quiet_days,
        purchases=len(deals),
        compared=checker.compared,
        corrected=checker.corrected,
        wrong=wrong,
        missed=[plant.__name__ for plant in (*OF_DAYS, *OF_MORNINGS) if plant.__name__ not in caught],
        ends=Counter((deal.fate, deal.state) for deal in deals),
        deeds=Counter(life.diary.deeds),
        refused=sum(life.diary.refused.values()),
        seconds=seconds,
    )


def page(shops: list[Lived], command: str) -> str:
    """The whole page."""
    rows: list[tuple[str, Callable[[Lived], object]]] = [
        ("seed", lambda one: one.seed),
        ("days · without a sale", lambda one: f"{one.days} · {one.quiet_days}"),
        ("purchases confirmed", lambda one: one.purchases),
        ("refused before any money moved", lambda one: one.refused),
        ("summaries compared", lambda one: one.compared),
        ("corrections told in later summaries", lambda one: one.corrected),
        ("**differences**", lambda one: f"**{len(one.wrong)}**"),
        ("planted errors found", lambda one: f"{len(OF_DAYS) + len(OF_MORNINGS) - len(one.missed)} of {_PLANTS}"),
        ("seconds of processor", lambda one: round(one.seconds)),
    ]
    lines = [_row("the shop's zone", [one.zone for one in shops]), _row("---", ["---:"] * len(shops))]
    lines += [_row(name, [value(one) for one in shops]) for name, value in rows]
    ends = sorted({end for one in shops for end in one.ends})
    lines += ["", "## What befell purchases", "", _row("fate and end", [one.zone for one in shops])]
    lines.append(_row("---", ["---:"] * len(shops)))
    lines += [_row(f"{fate}: {state}", [one.ends[fate, state] for one in shops]) for fate, state in ends]
    deeds = sorted({deed for one in shops for deed in one.deeds})
    lines += ["", "## What else was done", "", _row("", [one.zone for one in shops])]
    lines.append(_row("---", ["---:"] * len(shops)))
    lines += [_row(deed, [one.deeds[deed] for one in shops]) for deed in deeds]
    lines += ["", "## Errors planted", ""]
    lines += [f"- {' '.join((plant.__doc__ or '').split())}" for plant in (*OF_DAYS, *OF_MORNINGS)]
    return f"{_HEAD}Command: `{command}`\n\n" + "\n".join(lines) + "\n" + _LIMITS


_PLANTS = len(OF_DAYS) + len(OF_MORNINGS)


def _row(name: str, values: Sequence[object]) -> str:
    shown = [f"{value:,}".replace(",", ".") if isinstance(value, int) and value < 10**6 else value for value in values]
    return f"| {name} | {' | '.join(str(one) for one in shown)} |"
