"""`python -m tests.telegram.campaign`: kills, taps and hours of faults, one after another, and the page they write."""

import argparse
import signal
import sys
from pathlib import Path

from tests.campaign.outcome import Outcome
from tests.campaign.plants import planted
from tests.campaign.playing import Planned, all_of
from tests.telegram.campaign import hour, kill, report, taps

MODES = ("polling", "webhook")


def _plays(given: argparse.Namespace) -> list[Planned]:
    """What is to be played: every sort in both modes."""

    async def with_taps(folder: Path, seed: int, mode: str) -> Outcome:
        return await taps.play(folder, seed, mode, rounds=given.taps)

    async def with_taps_and_kills(folder: Path, seed: int, mode: str) -> Outcome:
        return await taps.play(folder, seed, mode, rounds=given.taps, kills=True)

    async def for_hours(folder: Path, seed: int, mode: str) -> Outcome:
        return await hour.play(folder, seed, mode, hours=given.hours_compressed, factor=given.factor)

    seed: int = given.seed
    plays: list[Planned] = [(kill.play, seed + number, MODES[number % len(MODES)]) for number in range(given.kills)]
    for mode in MODES:
        plays += [(with_taps, seed, mode), (with_taps_and_kills, seed, mode)] if given.taps else []
        plays += [(for_hours, seed, mode)] if given.hours_compressed else []
    return plays


def main() -> int:
    """Exit 1 where anything was violated or a planted error was not named."""
    given = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends the campaign ends its processes, too
    plants = planted()
    outcomes = list(all_of("telegram", _plays(given)))
    if given.page is not None:
        given.page.parent.mkdir(parents=True, exist_ok=True)
        given.page.write_text(report.text(outcomes, plants, given.seed, given.factor), encoding="utf-8")
    missed = [one.what for one in plants if not one.is_named]
    violations = sum(len(one.found) for one in outcomes)
    print(f"{violations} violations; planted errors not named: {', '.join(missed) or 'none'}")
    return 1 if violations or missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.telegram.campaign", description=__doc__)
    parser.add_argument("--kills", type=int, default=30, metavar="RUNS", help="runs of fifty agents and ten kills")
    parser.add_argument(
        "--taps", type=int, default=10, metavar="CARDS", help="cards that are tapped, in each mode twice"
    )
    parser.add_argument(
        "--hours-compressed", type=float, default=1.0, metavar="HOURS", help="hours of faults, in each mode"
    )
    parser.add_argument("--factor", type=float, default=hour.FACTOR, help="by how much the hours are compressed")
    parser.add_argument("--seed", type=int, default=1, help="of the first run; the others follow it")
    parser.add_argument("--page", type=Path, help="where to write the report")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
