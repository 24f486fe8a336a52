"""Every morning's summary as it is pushed, and every day's again at the end, against the three recounts."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import fields

from tests.year import said
from tests.year.diary import Deal
from tests.year.fates import CHANCES
from tests.year.figures import Figures, differences
from tests.year.life import Life
from tests.year.plants import OF_MORNINGS, Plant
from tests.year.recount import (
    FromLedger,
    FromSupplier,
    corrections,
    from_diary,
    place,
    standing_of_diary,
)


class Checker:
    """`found` are the differences, in words; `compared` counts summaries, `corrected` what later ones put right.

    `caught` are the errors of mornings that were planted into some morning's summary and found there.
    """

    def __init__(self, life: Life, zone: str) -> None:
        self.life = life
        self.found: list[str] = []
        self.compared = self.corrected = 0
        self.caught: set[Plant] = set()
        self._here = place(zone)
        self._ledger = FromLedger(life, self._here)
        self._supplier = FromSupplier(life)
        self._first = self._here.day(life.span(0)[0])
        self._days: dict[int, list[Deal]] = defaultdict(list)
        self._sorted = 0
        self._told = life.shop.now

    def morning(self, day: int) -> None:
        """06.30 after the day with this number: what the owner reads."""
        pushed = said.push(self.life, day)
        self._read_on()
        self._compare(day, "morning")
        self._compare_pushed(day, pushed)
        self._compare_more(day, "morning")
        for plant in OF_MORNINGS:
            if plant not in self.caught and self._with(plant, lambda: self._compare_more(day, "spoilt")):
                self.caught.add(plant)
        self.corrected += len(self._corrections(day))
        self._told = self.life.shop.now
        self.life.diary.changed.clear()

    def end(self) -> None:
        """The year is over: every day once more, as it has come out."""
        self._read_on()
        for day in range(self.life.days):
            self._compare(day, "end")

    def spoilt(self, plant: Plant) -> list[str]:
        """What is found first in the days where the summary has this error."""

        def compare() -> None:
            for day in range(self.life.days):
                self._compare(day, plant.__name__)
                if self.found:  # one is enough
                    return

        return self._with(plant, compare)

    def _with(self, plant: Plant, compare: Callable[[], object]) -> list[str]:
        """What is found with the error planted; the shop is as before afterwards."""
        shop, found, compared = self.life.shop, self.found, self.compared
        rules, statements, self.found = shop.rules, shop.statements, []
        shop.connection.execute("SAVEPOINT spoilt")
        try:
            plant(shop)
            compare()
            return self.found
        finally:
            shop.connection.execute("ROLLBACK TO spoilt")
            shop.connection.execute("RELEASE spoilt")
            shop.rules, shop.statements, self.found, self.compared = rules, statements, found, compared

    @property
    def quiet_days(self) -> int:
        """Days on which nobody confirmed anything."""
        return sum(not self._days[day] for day in range(self.life.days))

    def _read_on(self) -> None:
        self.life.look()
        self._ledger.read_on()
        self._supplier.read_on(self.life.diary.changed.values())
        deals = list(self.life.diary.deals.values())
        for deal in deals[self._sorted :]:
            self._days[self._here.day(deal.confirmed_at) - self._first].append(deal)
        self._sorted = len(deals)

    def _compare(self, day: int, when: str) -> None:
        at, deals = self.life.shop.now, self._days[day]
        ours = said.figures(said.ask(self.life, day))
        self.compared += 1
        recounts = {
            "the ledger": self._ledger.day(self._first + day),
            "the supplier": self._supplier.day(self._here, deals, at),
            "the diary": from_diary(self._here, deals, at),
        }
        for source, recounted in recounts.items():
            self._note(day, when, differences(ours, recounted, source))

    def _compare_pushed(self, day: int, pushed: Figures) -> None:
        """What the owner read says what he would be told now."""
        ours = said.figures(said.ask(self.life, day))
        for field in fields(pushed):
            if getattr(pushed, field.name) is None:
                setattr(ours, field.name, None)
        self._note(day, "pushed", differences(pushed, ours, "the summary"))

    def _compare_more(self, day: int, when: str) -> None:
        """What a summary has beside its day: how things stand, what is put right, and what it is compared with."""
        at, ours = self.life.shop.now, said.ask(self.life, day)
        lately = [deal for before in range(day - 8, day + 2) for deal in self._days[before]]
        for source, recounted in {
            "the ledger": self._ledger.standing(),
            "the supplier": self._supplier.standing(self.life.diary.sent_to_supplier),
            "the diary": standing_of_diary(self.life, lately),
        }.items():
            self._note(day, when, differences(said.standing(ours), recounted, source))
        recounted_corrections, found = self._corrections(day), said.corrections(ours)
        if found != recounted_corrections:
            lacks, has = sorted(recounted_corrections - found), sorted(found - recounted_corrections)
            self._note(day, when, [f"corrections: {lacks} are not said, {has} are said and were none"])
        earlier = from_diary(self._here, self._days[day - 7], at)
        compared = Figures(count=earlier.count, sales=earlier.sales, by_hour=earlier.by_hour)
        self._note(day, when, differences(said.before(ours), compared, "the diary of last week"))
        if day >= 6:
            week = [self._ledger.day(self._first + one) for one in range(day - 6, day + 1)]
            spanned = said.figures(said.ask(self.life, day, days=7))
            self._note(day, when, differences(spanned, sum(week[1:], start=week[0]), "the ledger of seven days"))

    def _corrections(self, day: int) -> set[said.Correction]:
        """Each once: what has changed since the summary before, of days that had been summed up by then."""
        before = self.life.span(day)[0]
        earlier = [deal for deal in self.life.diary.changed.values() if deal.confirmed_at < before]
        return corrections(earlier, self._told, self.life.shop.now)

    def _note(self, day: int, when: str, found: list[str]) -> None:
        self.found += [f"day {day + 1}, {when}: {one}" for one in found]


def end_of_fates(life: Life) -> list[str]:
    """Purchases that came to an end which their fate does not know."""
    ends = {one.fate.name: one.ends for one in CHANCES}
    # what was bought in the last days may not have come to its end yet
    late = life.span(life.days - 10)[0] if life.days > 10 else 0
    return [
        f"T{deal.number}, {deal.fate}: {deal.state}"
        for deal in life.diary.deals.values()
        if deal.confirmed_at < late and deal.state not in ends[deal.fate]
    ]
