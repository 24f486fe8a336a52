"""The campaign's page, docs/proof/crash.md: counts, points, behaviours, readings, violations, and how to repeat it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from tests.crash.campaign import Tally
from tests.crash.plants import Planted
from tests.crash.supplier import BEHAVIOURS

_COUNTS = (
    ("runs", "runs"),
    ("kills", "SIGKILLs"),
    ("orders", "orders typed"),
    ("taken", "confirmed intents that became purchases"),
    ("sales", "sales in the supplier's books"),
    ("sold", "sold: token shown, money taken"),
    ("refunded", "refunded"),
    ("late", "LATE: refunded, and a sale turned up"),
    ("doubted", "in doubt at some time"),
    ("open", "still open at the end"),
    ("resent", "messages sent again under their heading"),
)
_PLANTED = (
    "The same checker on runs without kills and without faults, one error planted in each. It must name it, and must"
    " find nothing where none is planted."
)
_POINTS = (
    "In the grid each point is passed in an undisturbed run first, so the list is complete by construction: `before`,"
    " `inside` (the unit has run, its transaction is not committed) and `after` every unit of the store, every request"
    " and every message, and both sides of the supplier's booking. A random kill counts at the point passed last."
)


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that the report says."""

    first_seed: int
    grid: Tally
    random: Tally
    planted: list[Planted]


def text(result: Result) -> str:
    """The page."""
    grid, random = result.grid, result.random
    found = len(grid.violations) + len(random.violations)
    parts = [
        "# Killed at every point: the crash campaign",
        _intro(result, found),
        "## What was counted",
        _table(
            ("", "grid", "random", "both"),
            ((words, *_row(grid.counts[key], random.counts[key])) for key, words in _COUNTS),
        ),
        (
            f"The grid has {grid.points} points; {grid.counts['points not reached again']} of its runs did not come by"
            " their point a second time, for what passes there depends on the moment."
        ),
        _by_hand(random),
        "## Violations",
        _violations([*grid.violations, *random.violations]),
        "## Planted errors",
        _PLANTED,
        _table(
            ("planted", "named", "what it said"), ((one.what, _yes(one.is_named), one.said) for one in result.planted)
        ),
        "## Kills by point",
        _POINTS,
        _table(("point", "grid", "random"), _points(grid, random)),
        "## Behaviours of the supplier",
        _table(
            ("a payment met", "grid", "random"),
            ((name, grid.met[name], random.met[name]) for name in BEHAVIOURS),
        ),
        "## Readings of the contract",
        _table(("reading", "runs"), sorted((grid.readings + random.readings).items())),
        _table(("chance that a random run's payment meets trouble", "runs"), sorted(random.chances.items())),
        "## What the shop itself logged as errors",
        _complaints(grid.complaints + random.complaints),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _intro(result: Result, found: int) -> str:
    grid, random = result.grid, result.random
    last = result.first_seed + random.counts["runs"] - 1
    bound = (
        f" Over {random.counts['runs']} random runs that bounds it below {3 / max(1, random.counts['runs']):.2%} a run"
    )
    return (
        f"{date.today():%-d %B %Y} · `make crash` · seeds {result.first_seed} to {last} · "  # noqa: DTZ011
        f"{grid.seconds / 60:.0f} + {random.seconds / 60:.0f} minutes · **{found} violations**.\n\n"
        "The real process (`app.assemble`, SQLite on a file, the real client, inbox, outbox and engine) is ended by"
        " `SIGKILL` and started again until nothing moves. The checker then sees only what the chats saw, what the"
        " supplier's own books say, and what `setrum check` says: never our database. Waiting times are compressed some"
        " thousandfold by settings, counts are the shop's own. Power cuts are not in it: the kernel outlives a kill."
        "\n\n"
        f"A run with nothing found is no proof of zero.{bound if not found else ''} (95 %).\n\n"
        f"Repeat one run: `python -m tests.crash --only SEED`; the campaign: `make crash SEED={result.first_seed}`."
    )


def _row(grid: int, random: int) -> tuple[int, int, int]:
    return grid, random, grid + random


def _by_hand(random: Tally) -> str:
    rows = sorted((key.partition(" · ")[2], count) for key, count in random.counts.items() if key.startswith("settled"))
    words = (
        "At the end of each random run the supplier's report is imported; then the owner settles by hand what is left:"
        " what was not sold, and late sales, which the shop bears or the agent pays, as chance will have it."
    )
    return f"{words}\n\n{_table(('settled by', 'rows or purchases'), rows)}" if rows else ""


def _violations(violations: list[str]) -> str:
    return "None." if not violations else "\n".join(f"- {one}" for one in violations)


def _points(grid: Tally, random: Tally) -> Iterable[tuple[str, int, int]]:
    for point in sorted({*grid.killed, *random.killed}, key=_without_side):
        yield point, grid.killed[point], random.killed[point]


def _without_side(point: str) -> tuple[str, int]:
    side, _, rest = point.partition(" ")
    order = ("before", "inside", "after")
    return (rest, order.index(side)) if side in order else (point, 0)


def _complaints(complaints: Counter[str]) -> str:
    rows = [(line.strip('"'), count) for line, count in complaints.most_common() if line]
    return _table(("event", "times"), rows) if rows else "Nothing."


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [head, tuple("---:" if number else "---" for number in range(len(head)))]
    lines += [tuple(f"{one:,}".replace(",", " ") if isinstance(one, int) else str(one) for one in row) for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "**no**"


def summary(name: str, counts: Mapping[str, int], seconds: float) -> str:
    """One line for the terminal."""
    words = ", ".join(f"{counts[key]} {key}" for key in ("runs", "kills", "taken", "sales", "refunded", "late", "open"))
    return f"{name}: {words}; {seconds:.0f} s"
