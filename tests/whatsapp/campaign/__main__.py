"""`python -m tests.whatsapp.campaign`: kills, taps, weather and short runs, and the page they write."""

import argparse
import signal
import sys
from functools import partial
from pathlib import Path

from tests.campaign.outcome import Outcome
from tests.campaign.playing import Planned, all_of
from tests.whatsapp.campaign import defects, hour, kill, report, short, taps
from tests.whatsapp.campaign.plants import planted
from tests.whatsapp.campaign.stage import MODES

_NAME = "whatsapp"


def _plays(given: argparse.Namespace) -> list[Planned]:
    """What is to be played one after another: every sort, on WhatsApp alone and beside Telegram."""
    seed: int = given.seed
    plays: list[Planned] = [(kill.play, seed + number, MODES[number % len(MODES)]) for number in range(given.kills)]
    if given.taps:
        plays += [(partial(taps.play, rounds=given.taps, kills=kills), seed, MODES[0]) for kills in (False, True)]
    if given.hours_compressed:
        weather = partial(hour.play, hours=given.hours_compressed, factor=given.factor)
        plays += [(weather, seed + number, mode) for mode in MODES for number in range(given.weathers)]
    return plays


def _shorts(given: argparse.Namespace) -> list[Planned]:
    return [(short.play, given.seed + number, MODES[number % len(MODES)]) for number in range(given.shorts)]


def main() -> int:
    """Exit 1 where anything was violated, or an error or a defect planted on purpose was not named."""
    given = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends the campaign ends its processes, too
    plants = planted()
    caught = defects.caught(given.seed, given.jobs) if given.defects else []
    outcomes: list[Outcome] = []
    for ended in (all_of(_NAME, _plays(given)), all_of(_NAME, _shorts(given), given.jobs)):
        outcomes += ended
        if given.page is not None:  # the first part of it stands, should the second not be waited for
            given.page.parent.mkdir(parents=True, exist_ok=True)
            given.page.write_text(report.text(outcomes, plants, caught, given.seed, given.factor), encoding="utf-8")
    missed = [one.what for one in (*plants, *caught) if not one.is_named]
    violations = sum(len(one.found) for one in outcomes)
    print(f"{violations} violations; planted and not named: {', '.join(missed) or 'none'}")
    return 1 if violations or missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.whatsapp.campaign", description=__doc__)
    parser.add_argument("--kills", type=int, default=10, metavar="RUNS", help="runs of fifty agents and ten kills")
    parser.add_argument("--taps", type=int, default=10, metavar="CARDS", help="cards that are tapped, twice")
    parser.add_argument("--weathers", type=int, default=1, metavar="RUNS", help="runs of weather in each mode")
    parser.add_argument("--hours-compressed", type=float, default=1.0, metavar="HOURS", help="of weather in each run")
    parser.add_argument("--factor", type=float, default=hour.FACTOR, help="by how much the hours are compressed")
    parser.add_argument("--shorts", type=int, default=1000, metavar="RUNS", help="short runs with a fault in five")
    parser.add_argument("--no-defects", dest="defects", action="store_false", help="leave the planted defects out")
    parser.add_argument("--jobs", type=int, default=2, help="short runs side by side")
    parser.add_argument("--seed", type=int, default=1, help="of the first run; the others follow it")
    parser.add_argument("--page", type=Path, help="where to write the report")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
