"""Two weeks of a shop with more trouble than a year has; `make year` lives the whole one."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.simulation.shop import quiet
from tests.year import plants
from tests.year.checking import Checker, end_of_fates
from tests.year.fates import CHANCES
from tests.year.life import Life

SEED, DAYS, SALES, TROUBLE = 20_261_128, 16, 10, 14
ZONE = "WIT"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checker]:
    with quiet():
        life = Life(tmp_path_factory.mktemp("year") / "year.db", SEED, ZONE, days=DAYS, sales=SALES, trouble=TROUBLE)
        made = Checker(life, ZONE)
        life.run(made.morning)
        made.end()
        yield made


def test_every_summary_of_two_weeks_equals_the_ledger_the_suppliers_books_and_what_was_done(lived: Checker) -> None:
    assert lived.found == []
    assert lived.compared == 2 * DAYS
    assert end_of_fates(lived.life) == []
    assert lived.life.shop.unexpected == []


def test_the_two_weeks_have_everything_that_a_year_has(lived: Checker) -> None:
    fates = Counter(deal.fate for deal in lived.life.diary.deals.values())
    assert set(fates) == {one.fate.name for one in CHANCES}
    deeds = lived.life.diary.deeds
    assert {"restart", "clock set", "sold by chat", "late: paid", "late: loss", "price changed"} <= set(deeds)
    assert {"top-up: cash", "top-up: credit", "top-up: ticket", "paid back", "correction of a deposit"} <= set(deeds)
    assert lived.corrected > 5


@pytest.mark.parametrize("plant", plants.OF_DAYS, ids=lambda plant: plant.__name__)
def test_an_error_in_the_days_is_found(lived: Checker, plant: plants.Plant) -> None:
    assert lived.spoilt(plant)


def test_an_error_in_what_a_morning_says_beside_its_day_is_found(lived: Checker) -> None:
    assert {one.__name__ for one in lived.caught} == {one.__name__ for one in plants.OF_MORNINGS}
