"""`make fuzz`: a million spoilt answers, seeded, in several processes; the figures go to a page.

`--only K` runs one input again and shows it. Ends with 1 if anything was found.
"""

import argparse
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from tests.fuzz import campaign
from tests.fuzz.campaign import MOST_MEMORY, Tally

_PORTION = 5_000
_MOST_SHOWN = 20


def _all(seed: int, inputs: int, jobs: int) -> tuple[Tally, int]:
    """Every input, and by how many KiB the largest process was larger in the second half than in the first."""
    tally, sizes = Tally(), []
    portions = [range(start, min(start + _PORTION, inputs)) for start in range(0, inputs, _PORTION)]
    # processes of their own that start afresh: what one grows by is then its readers' doing
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        for part, size in pool.map(partial(campaign.run_and_weigh, seed), portions):
            tally.add(part)
            sizes.append(size)
            if tally.inputs % 100_000 == 0:
                print(f"{tally.inputs:>9} inputs, {len(tally.findings)} findings", flush=True)
    half = len(sizes) // 2
    return tally, max(sizes) - max(sizes[:half], default=max(sizes))


def _table(title: str, counts: dict[str, int]) -> list[str]:
    return [f"| {title} | inputs |", "|---|---|", *(f"| {name} | {count} |" for name, count in counts.items()), ""]


def page(tally: Tally, seed: int, grown: int) -> str:
    """The figures as docs/proof/fuzz.md."""
    false = sum("false settlement" in one for one in tally.findings)
    lines = [
        "# Fuzzed answers",
        "",
        "Written by `make fuzz`. Each input is an answer of the supplier's samples or of the practice supplier, spoilt",
        "by up to six mutations of its elements and bytes, and is read as a payment, as both kinds of advice, as an",
        "inquiry and as a bill; a reported sale goes through the gate. A second reading (`tests/fuzz/oracle.py`)",
        "without any code of `bot.vsi` says what may be believed.",
        "",
        "| | |",
        "|---|---|",
        f"| inputs | {tally.inputs} |",
        f"| seed | {seed} |",
        f"| false settlements | {false} |",
        f"| other findings: a verdict, digits or a fee without proof | {_others(tally, false)} |",
        f"| exceptions | {tally.exceptions} |",
        f"| proven by the second reading, left in doubt by the first | {sum(tally.cautious.values())} |",
        f"| most memory for one answer | {tally.peak // 1024} KiB ({tally.peak_of}) |",
        f"| memory allowed for one answer | {MOST_MEMORY // 1024} KiB |",
        f"| answers whose memory was watched | {tally.measured} |",
        f"| growth of the process in the second half, the watching of memory included | {grown} KiB |",
        "",
        "One input again: `python -m tests.fuzz --seed SEED --only NUMBER`. That the oracle can fail is tested, too:",
        "`tests/fuzz/test_fuzz.py` breaks the reading in a dozen ways, and each is found.",
        "",
        *_table("read as", dict(sorted(tally.verdicts.items()))),
        *_table("mutation", dict(sorted(tally.mutations.items()))),
    ]
    return "\n".join(lines)


def _others(tally: Tally, false: int) -> int:
    return len(tally.findings) - false - tally.exceptions


def _show(seed: int, number: int) -> Tally:
    given = campaign.made(seed, number)
    tally = Tally()
    campaign.one(given, f"seed {seed} input {number}", campaign.Readers(), tally, measuring=True)
    print(f"{given.reply.transport} {given.reply.status}, mutations: {', '.join(given.mutations)}")
    print(given.reply.body.decode("utf-8", "backslashreplace"))
    print(dict(tally.verdicts))
    return tally


def main() -> int:
    """Run the campaign, or one input."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", type=int, help="one input, shown")
    parser.add_argument("--page", type=Path, help="where the figures are written")
    args = parser.parse_args()
    started = time.monotonic()
    if args.only is not None:
        tally, grown = _show(args.seed, args.only), 0
    else:
        tally, grown = _all(args.seed, args.inputs, args.jobs)
    for finding in tally.findings[:_MOST_SHOWN]:
        print(finding, file=sys.stderr)
    print(
        f"{tally.inputs} inputs, seed {args.seed}, {len(tally.findings)} findings, {time.monotonic() - started:.0f} s"
    )
    if args.page is not None:
        args.page.parent.mkdir(parents=True, exist_ok=True)
        args.page.write_text(page(tally, args.seed, grown), encoding="utf-8")
    return 1 if tally.findings else 0


if __name__ == "__main__":
    sys.exit(main())
