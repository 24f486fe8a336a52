"""Errors planted into the summary, each of a kind that has been made before: the recount must find every one of them.

A plant spoils an open shop's queries or its tally; whatever is asked of it afterwards is asked of the spoilt one.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC

from bot.store import migrate
from tests.year.shop import YearShop

Plant = Callable[[YearShop], None]

_TALLY = re.compile(r"CREATE (?:VIEW|TRIGGER) tally_|INSERT INTO tally_")


def day_by_utc(shop: YearShop) -> None:
    """A day begins at midnight in Greenwich."""
    shop.rules = replace(shop.rules, zone=UTC)


def pending_counted(shop: YearShop) -> None:
    """What is open counts as sold."""
    _tallied(
        shop, "state = 'SUCCESS'", "state NOT IN ('FAILED', 'LATE')", ("'SUCCESS', 'FAILED'", "'MANUAL', 'FAILED'")
    )


def late_counted_twice(shop: YearShop) -> None:
    """A late sale counts as a sale at once, and once more when its agent pays for it."""
    _tallied(shop, "state = 'SUCCESS'", "state IN ('SUCCESS', 'LATE')")


def late_forgotten(shop: YearShop) -> None:
    """What owners decide about late sales changes no day."""
    _asked(shop, "days_late", "ORDER BY p.id", "AND 0 ORDER BY p.id")


def fee_difference_forgotten(shop: YearShop) -> None:
    """The quoted admin fee is taken for the one that the supplier took."""
    _tallied(shop, "COALESCE(sold_adm, adm)", "adm")


def rebate_forgotten(shop: YearShop) -> None:
    """What the supplier gives back is no profit."""
    _tallied(shop, "+ rebate", "")


def counter_forgotten(shop: YearShop) -> None:
    """Only agents sell."""
    _asked(shop, "days_of_agents", "WHERE", "WHERE agent_id <> 0 AND")


def one_slot_too_many(shop: YearShop) -> None:
    """The first quarter of an hour after midnight belongs to both days."""
    for name in ("days_of_agents", "days_of_denominations", "days_of_slots"):
        _asked(shop, name, "slot < :last", "slot <= :last")


def corrections_repeated(shop: YearShop) -> None:
    """What was put right once is put right every morning."""
    _asked(shop, "days_corrected", ":since", "0")


def lost_is_not_a_correction(shop: YearShop) -> None:
    """A late sale that the shop bears is said by no summary but its own day's."""
    _asked(
        shop,
        "days_corrected",
        "m.created_at > :since",
        "m.event <> 'owner: the shop''s loss' AND m.created_at > :since",
    )


def receivables_forgotten(shop: YearShop) -> None:
    """Nobody owes anything."""
    _asked(shop, "days_standing", "COALESCE(-r.posted, 0)", "0")


def balances_less_holds(shop: YearShop) -> None:
    """A balance is what is free of it."""
    _asked(shop, "days_standing", "a.posted AS", "a.posted - a.held AS")


def last_week_is_yesterday(shop: YearShop) -> None:
    """The day is compared with another than the same weekday of last week."""
    _asked(shop, "days_of_slots", "slot >= :first AND slot < :last", "slot >= :first + 96 AND slot < :last + 96")


def nobody_is_silent(shop: YearShop) -> None:
    """Whoever sells nothing is forgotten."""
    _asked(shop, "days_silent", "g.state = 'active'", "g.state = 'gone'")


# of what has come out, and of what a morning says
OF_DAYS: tuple[Plant, ...] = (
    day_by_utc,
    pending_counted,
    late_counted_twice,
    late_forgotten,
    fee_difference_forgotten,
    rebate_forgotten,
    counter_forgotten,
    one_slot_too_many,
)
OF_MORNINGS: tuple[Plant, ...] = (
    corrections_repeated,
    lost_is_not_a_correction,
    receivables_forgotten,
    balances_less_holds,
    last_week_is_yesterday,
    nobody_is_silent,
)


def _asked(shop: YearShop, query: str, was: str, becomes: str) -> None:
    found = dict(shop.statements)
    assert was in found[query], f"{query} has changed: plant anew"
    shop.statements = found | {query: found[query].replace(was, becomes)}


def _tallied(shop: YearShop, was: str, becomes: str, *more: tuple[str, str]) -> None:
    """The tally as the shop would have kept it by another rule: what counts is said by its view, and counted anew."""
    connection = shop.connection
    for kind, name in connection.execute("SELECT type, name FROM sqlite_master WHERE name GLOB 'tally_*'").fetchall():
        if kind in ("view", "trigger"):
            connection.execute(f"DROP {kind} {name}")
        elif kind == "table":
            connection.execute(f"DELETE FROM {name}")  # noqa: S608  # its own table
    for script in migrate.steps().values():
        for statement in filter(_TALLY.match, migrate.statements(script)):
            made = statement
            if statement.startswith("CREATE VIEW"):
                for old, new in ((was, becomes), *more):
                    assert old in made, "the tally has changed: plant anew"
                    made = made.replace(old, new)
            connection.execute(made)
