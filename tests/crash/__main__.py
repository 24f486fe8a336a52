"""`python -m tests.crash`: the whole campaign, or one run of it (`--only SEED`), and the page that it writes."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.crash import campaign, lane, plans, report
from tests.crash.history import load
from tests.crash.run import Outcome
from tests.crash.victim import HISTORY, LOG

_TELL_SECONDS = 20


class Progress:
    """A line now and then, and every violation at once."""

    def __init__(self) -> None:
        self._began = self._told = time.monotonic()
        self._runs = self._kills = self._found = 0

    def __call__(self, outcome: Outcome) -> None:
        self._runs += 1
        self._kills += outcome.counts["kills"]
        if not outcome.plan.meddles:
            self._found += len(outcome.found)
            for found in outcome.found:
                print(f"VIOLATION {campaign.label(outcome.plan)}: {found}\n  kept in {outcome.folder}", flush=True)
        if time.monotonic() - self._told > _TELL_SECONDS:
            self._told = time.monotonic()
            seconds = self._told - self._began
            print(f"{self._runs} runs, {self._kills} kills, {self._found} violations, {seconds:.0f} s", flush=True)


def main() -> int:
    """Exit 1 where anything was violated or a plant was not named."""
    arguments = _arguments()
    if arguments.only is not None:
        return _only(arguments.only)
    with campaign.opened(arguments.jobs, Progress()) as made:
        planted = made.planted()
        grid = made.grid(arguments.share)
        print(report.summary("grid", grid.counts, grid.seconds), flush=True)
        random = made.random(arguments.seed, arguments.runs, arguments.kills - grid.counts["kills"])
        print(report.summary("random", random.counts, random.seconds), flush=True)
    result = report.Result(arguments.seed, grid, random, planted)
    if arguments.page is not None:
        arguments.page.parent.mkdir(parents=True, exist_ok=True)
        arguments.page.write_text(report.text(result), encoding="utf-8")
    missed = [one.what for one in planted if not one.is_named]
    violations = len(grid.violations) + len(random.violations)
    print(f"{violations} violations; planted errors not named: {', '.join(missed) or 'none'}")
    return 1 if violations or missed else 0


def _only(seed: int) -> int:
    """One random run again, with everything that was typed and read, and what the process logged."""
    made = lane.Lane(Path(tempfile.mkdtemp(prefix="crash-")))
    outcome = made.play(plans.at_random(seed), keep=True)
    folder = Path(outcome.folder)
    for record in load(folder / HISTORY):
        print(record)
    log = folder / LOG
    if log.exists():
        print(log.read_text(encoding="utf-8"), end="")
    print(outcome.plan)
    for name, count in sorted(outcome.counts.items()):
        print(f"{count:>6} {name}")
    for found in outcome.found:
        print(f"VIOLATION {found}")
    print(f"kept in {folder}")
    return 1 if outcome.found else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000, help="random runs at least")
    parser.add_argument("--kills", type=int, default=5000, help="kills at least, grid and random together")
    parser.add_argument("--jobs", type=int, default=4, help="runs at a time; they mostly wait")
    parser.add_argument("--seed", type=int, default=1, help="of the first random run; the others follow it")
    parser.add_argument("--share", type=int, default=1, help="play every n-th run of the grid only")
    parser.add_argument("--page", type=Path, help="where to write the report")
    parser.add_argument("--only", type=int, metavar="SEED", help="repeat one random run, and show everything")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
