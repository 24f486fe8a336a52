"""`python -m tests.year`: a year of a shop in one zone or in each of the three, and the page in docs/proof."""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.simulation.shop import quiet
from tests.year import report
from tests.year.checking import Checker, end_of_fates
from tests.year.life import Life
from tests.year.plants import OF_DAYS
from tests.year.report import Lived
from tests.year.shop import ZONES


def live(zone: str, seed: int, days: int, sales: int) -> Lived:
    """One shop from its first day to the morning after its last."""
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder, quiet():
        life = Life(Path(folder) / "year.db", seed, zone, days=days, sales=sales)
        checker = Checker(life, zone)

        def morning(day: int) -> None:
            checker.morning(day)
            if day % 30 == 29:
                seconds, bought = time.process_time() - began, len(life.diary.deals)
                print(f"{zone}: day {day + 1}, {bought} purchases, {seconds:.0f} s", file=sys.stderr, flush=True)

        life.run(morning)
        checker.end()
        wrong = checker.found + [f"came to another end: {one}" for one in end_of_fates(life)]
        wrong += [f"a unit raised {error!r}" for error in life.shop.unexpected]
        caught = {plant.__name__ for plant in checker.caught}
        caught |= {plant.__name__ for plant in OF_DAYS if checker.spoilt(plant)}
        return report.lived(life, checker, zone, seed, wrong, caught, time.process_time() - began)


def main(arguments: Iterable[str] | None = None) -> int:
    """Live, write the page if asked, and end with 1 where a summary and a recount differ."""
    parser = argparse.ArgumentParser(prog="python -m tests.year", description=__doc__)
    parser.add_argument("--zones", nargs="+", choices=ZONES, default=list(ZONES))
    parser.add_argument("--seed", type=int, default=20_261_128)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--sales", type=int, default=70, help="a day, more or less")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--page", type=Path, help="write the page there")
    given = parser.parse_args(None if arguments is None else list(arguments))
    with ProcessPoolExecutor(given.processes) as pool:
        years = [pool.submit(live, zone, given.seed, given.days, given.sales) for zone in given.zones]
        lived = [one.result() for one in years]
    command = f"python -m tests.year --zones {' '.join(given.zones)} --seed {given.seed} --days {given.days}"
    text = report.page(lived, f"{command} --sales {given.sales}")
    if given.page:
        given.page.write_text(text, encoding="utf-8")
    print(text)
    wrong = [one for shop in lived for one in shop.wrong]
    print(*wrong[:50], sep="\n")
    return 1 if wrong or any(shop.missed for shop in lived) else 0


if __name__ == "__main__":
    sys.exit(main())
