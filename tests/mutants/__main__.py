"""`make mutants`: every mutant in turn, two at a time; the table goes to a page. Ends with 1 if any is left alive.

The chosen tests first pass on an unchanged copy, from which the mutants are then made: a test that fails anyhow notices
nothing.
"""

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.mutants import mutant as workshop
from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import Fate, Mutant, Result


def _one(source: Path, made: Mutant) -> Result:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutant-", ignore_cleanup_errors=True) as folder:
        result = workshop.run(made, Path(folder), source)
    print(f"{result.fate:>8}  {time.monotonic() - started:5.1f} s  {made.name}: {result.by}", flush=True)
    return result


def _all(chosen: list[Mutant], jobs: int) -> list[Result]:
    """Every mutant's fate; none where the tests do not pass on the unchanged copy."""
    tests = tuple(dict.fromkeys(test for made in chosen for test in made.tests))
    with tempfile.TemporaryDirectory(prefix="mutant-", ignore_cleanup_errors=True) as folder:
        workshop.copy(Path(folder))
        code, said = workshop.run_tests(Path(folder), tests, seconds=1_800)
        if code:
            print(f"the tests fail on an unchanged copy:\n{said[-3_000:]}", file=sys.stderr)
            return []
        print(f"{len(chosen)} mutants", flush=True)
        with ThreadPoolExecutor(jobs) as pool:
            return list(pool.map(partial(_one, Path(folder)), chosen))


def page(results: list[Result]) -> str:
    """The table as docs/proof/mutants.md."""
    killed = sum(one.fate is Fate.KILLED for one in results)
    rows = [
        f"| {one.mutant.name} | {one.mutant.safeguard} | {_noticed(one)} |"
        for one in sorted(results, key=lambda one: MUTANTS.index(one.mutant))
    ]
    return "\n".join(
        [
            "# Mutants",
            "",
            "Written by `make mutants`. Each line is the project with one safeguard taken out (`tests/mutants`), and",
            f"the first test that failed then. Killed: {killed} of {len(results)}.",
            "",
            "| mutant | the safeguard that is gone | noticed by |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def _noticed(result: Result) -> str:
    return f"`{result.by.removeprefix('tests/')}`" if result.fate is Fate.KILLED else f"**{result.fate}**"


def main() -> int:
    """Run all of them, or those whose name contains a word."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--only", default="", metavar="NAME", help="mutants whose name contains this")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--page", type=Path, help="where the table is written; only if all are run")
    args = parser.parse_args()
    chosen = [made for made in MUTANTS if args.only in made.name]
    found = [fault for made in MUTANTS for fault in workshop.faults(made)]
    if found or not chosen:
        print("\n".join(found) or f"no mutant is called {args.only!r}", file=sys.stderr)
        return 2
    results = _all(chosen, args.jobs)
    if not results:
        return 2
    alive = [one for one in results if one.fate is not Fate.KILLED]
    for one in alive:
        print(f"\n{one.fate}: {one.mutant.name}: {one.mutant.safeguard}\n{one.by}", file=sys.stderr)
    print(f"{len(results)} mutants, {len(alive)} left alive")
    if args.page is not None and len(chosen) == len(MUTANTS):
        args.page.parent.mkdir(parents=True, exist_ok=True)
        args.page.write_text(page(results), encoding="utf-8")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
