"""The year itself: people buy, the supplier answers or does not, the owner does what owners do, and days go by.

Everything moves by one seed and one clock; each step is a unit of the real services, and the diary says what was done.
"""

import heapq
import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.clock import date_span
from bot.domain.purchase import Purchase
from bot.domain.supply import Advise, Inquire, Pay
from bot.ports import Tx
from bot.services import breaker, people, purchases, purchasing
from bot.services.purchases import Refused
from tests.year import fates, owner
from tests.year.diary import OPEN, Deal, Diary
from tests.year.fates import HOUR, MINUTE, Chance
from tests.year.people import Seller, hire, hour_of, size_of, surcharge
from tests.year.shop import REBATE, ZONES, YearShop
from tests.year.supplier import Supplier

MORNING = 6 * HOUR + 30 * MINUTE
NOMINALS = (20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000)
_OFTEN = (30, 45, 18, 5, 1, 1)
_METERS = 3_000
_BY_CHAT = 0.04
FIRST = date(2026, 1, 1)

Event = Callable[[], None]


class Life:
    """`days` days from the date `first` in the shop's `zone`, with some `sales` each.

    What can go wrong goes wrong `trouble` times as often as it usually would, and where that is more than once, every
    fate there is befalls somebody in the first weeks.
    """

    def __init__(
        self, path: Path, seed: int, zone: str, *, days: int, sales: int, trouble: int = 1, first: date = FIRST
    ) -> None:
        self.chance = random.Random(seed)
        self.days, self.sales, self.trouble, self.first = days, sales, trouble, first
        self.zone = ZoneInfo(ZONES[zone])
        self.true, self.error = date_span(first, self.zone)[0], 0
        self.shop = YearShop(path, zone, self.true)
        self.supplier = Supplier(lambda: self.shop.now)
        self.diary = Diary()
        self.markups: dict[tuple[int, int], int] = {}  # agent or 0, denomination or 0 → rupiah
        self.sellers: list[Seller] = hire(self)
        self._rare = fates.each(self.chance) if trouble > 1 else []
        self._events: list[tuple[int, int, Event]] = []
        self._serial = 0
        self._fresh_meters = 0
        self._tended = 0

    # time

    def span(self, day: int) -> tuple[int, int]:
        """First and one-past-last millisecond of the day with this number, in the shop's zone."""
        return date_span(self.first + timedelta(days=day), self.zone)

    def at(self, when: int, event: Event) -> None:
        """Do it then."""
        self._serial += 1
        heapq.heappush(self._events, (when, self._serial, event))

    def forward(self, when: int) -> None:
        """Real time goes on; never back."""
        self.true = max(self.true, when)
        self.shop.now = self.true + self.error

    def serve(self) -> str:
        """The next number, for whatever has to be unique."""
        self._serial += 1
        return str(self._serial)

    # the days

    def run(self, morning: Callable[[int], None]) -> None:
        """All days, and the mornings after them; `morning` gets the number of the day that has ended."""
        for day in range(self.days + 1):
            self._plan(day, morning)
            ends = self.span(day)[1] if day < self.days else self.span(day)[0] + MORNING + 1
            while self._events and self._events[0][0] < ends:
                when, _, event = heapq.heappop(self._events)
                self._until(when)
                event()
            self._until(ends)

    def _plan(self, day: int, morning: Callable[[int], None]) -> None:
        start, _ = self.span(day)
        if day:
            self.at(start + MORNING, lambda: morning(day - 1))
        if day == self.days:
            return
        self.at(start + 4 * HOUR, self._clock_is_set)
        self.at(start + 7 * HOUR, lambda: owner.morning(self))
        self.at(start + 13 * HOUR, lambda: owner.noon(self))
        for _ in range(size_of(self.chance, day, self.sales)):
            seller = self.chance.choices(self.sellers, [one.weight for one in self.sellers])[0]
            self.at(hour_of(self.chance, seller, start, self.zone), self._buying(seller))
        if self.chance.random() < 0.2:
            self.at(start + self.chance.randrange(24 * HOUR), self._restart)

    def _clock_is_set(self) -> None:
        """Somebody corrects the machine's clock, which is up to half a minute wrong."""
        if self.chance.random() < 0.1:
            self.error = self.chance.randint(-30_000, 30_000)
            self.diary.did("clock set")

    def _restart(self) -> None:
        self.diary.did("restart")
        self.shop.restart()
        self.tend()

    def _until(self, when: int) -> None:
        """Meanwhile the supplier is asked about what is due, and the janitor goes round."""
        while (due := self._next_due()) is not None and due - self.error <= when:
            self.forward(due - self.error)
            self._advise()
            if self.true - self._tended > 10 * MINUTE:
                self.tend()
        self.forward(when)

    def _next_due(self) -> int | None:
        query = "SELECT MIN(next_at) FROM purchase WHERE next_at IS NOT NULL"
        found: int | None = self.shop.connection.execute(query).fetchone()[0]
        return found

    def tend(self) -> None:
        """The janitor's round."""
        self._tended = self.true
        self.shop.whole(self.shop.workers.tend())
        self.look()

    def look(self) -> None:
        """The diary sees what has become of everything that is not at its end."""
        for deal in list(self.diary.unsettled.values()):
            self.see(deal)

    def see(self, deal: Deal) -> None:
        """How the purchase stands now."""
        before = deal.moves[-1][1] if deal.moves else ""
        state, adm = self.shop.seen(deal.number)
        self.diary.move(deal, self.shop.now, state, adm)
        if state == "SUCCESS" and before != state:
            self.diary.spend(deal)

    # buying

    def _buying(self, seller: Seller) -> Event:
        def buy() -> None:
            chance = self._rare.pop() if self._rare and self.chance.random() < 0.3 else None
            if not self.buy(seller, chance or fates.draw(self.chance, self.trouble)) and chance is not None:
                self._rare.insert(0, chance)

        return buy

    def meter(self, chance: Chance) -> str:
        """A regular's for a plain sale; one of its own for whatever may stay open."""
        if chance.fate.name == "clean":
            return f"{54_000_000_000 + self.chance.randrange(_METERS)}"
        self._fresh_meters += 1
        return f"{56_000_000_000 + self._fresh_meters}"

    def buy(self, seller: Seller, chance: Chance) -> bool:
        """One purchase from meter to its end, or to where it is left open; False if it was refused."""
        msn, nominal = self.meter(chance), self.chance.choices(NOMINALS, _OFTEN)[0]
        extra = surcharge(self, seller, nominal)
        by_chat = seller.address and self.chance.random() < _BY_CHAT
        made = self._by_chat(seller, msn, nominal) if by_chat else self._by_unit(seller, msn, nominal)
        if made is None:
            return False
        deal = Deal(
            made.id, made.trxid, seller.agent, msn, nominal, self.supplier.config.adm, extra, REBATE,
            self.shop.now, chance.fate.name,
        )  # fmt: skip
        self.diary.deal(deal)
        self.see(deal)
        self._pay(deal, chance)
        return True

    def _by_unit(self, seller: Seller, msn: str, nominal: int) -> Purchase | None:
        answer = self.shop.wire.read_inquiry(self.supplier.inquire(msn))
        quoted = self.shop.run(_quote, seller, answer.inquiry, nominal, self.shop.rules, self.shop.now)
        placed: Purchase | Refused = quoted
        if not isinstance(quoted, Refused):
            placed = self.shop.run(purchases.place, quoted.id, self.serve(), self.shop.rules, self.shop.now)
        if isinstance(placed, Refused):
            self._refused(placed.message.key)
            return None
        return placed

    def _by_chat(self, seller: Seller, msn: str, nominal: int) -> Purchase | None:
        """The same by a talk: the words, the supplier's name for the meter, and the button."""
        before = self.shop.last_purchase()
        self.shop.say(seller.address, f"{msn} {nominal // 1000}")
        self.shop.ask_supplier(seller.address, self.supplier.inquire)
        for _ in range(4):
            made = self.shop.last_purchase()
            if made is not None and (before is None or made.id > before.id):
                self.diary.did("sold by chat")
                return made
            wanted = [key for key in ("pay", "again", "correct") if key in self.shop.offered(seller.address)]
            if not wanted:
                break
            self.shop.tap(seller.address, wanted[0])
        self._refused("by chat")
        return None

    def _refused(self, key: str) -> None:
        self.diary.refused[key] = self.diary.refused.get(key, 0) + 1
        if self.shop.view(breaker.read).state is not breaker.Position.CLOSED:
            self._probe()

    def _probe(self) -> None:
        """Sales are stopped: whether the supplier works again is asked as the shop does it."""
        worker = self.shop.workers.probe()
        request = self.shop.begin(worker)
        if isinstance(request, Inquire):
            self.shop.finish(worker, self.supplier.inquire(request.number))

    def _pay(self, deal: Deal, chance: Chance) -> None:
        fate = chance.fate
        if fate.name == "not sent in time":
            self.forward(self.true + 70_000)
            self.shop.run(purchasing._expire, deal.number, self.shop.rules, self.shop.now)
            self.see(deal)
            return
        worker: Any = self.shop.workers._pay(deal.number)
        request = self.shop.begin(worker)
        assert isinstance(request, Pay)
        self.see(deal)
        reply = self.supplier.pay(request, deal.msn, fate)
        if fate.name == "process dies":
            worker.close()
            self.shop.restart()
            self.tend()
        else:
            self.forward(self.true + self.chance.randint(300, 2_500))
            self.shop.finish(worker, reply)
        self.see(deal)
        if chance.owner:
            self.at(self.true + self.chance.randint(*chance.after), lambda: owner.act(self, deal, chance.owner))

    def _advise(self) -> None:
        """Ask about everything that is due."""
        for purchase in self.shop.view(purchasing._due_for_advice, self.shop.now):
            worker = self.shop.workers._ask_once(purchase.id)
            request = self.shop.begin(worker)
            if isinstance(request, Advise):
                self.shop.finish(worker, self.supplier.advise(request))
            self.see(self.diary.deals[purchase.id])

    @property
    def still_open(self) -> list[Deal]:
        """What the shop has not settled."""
        return [one for one in self.diary.unsettled.values() if one.state in OPEN]


def _quote(tx: Tx, seller: Seller, inquiry: Any, nominal: int, rules: Any, now: int) -> Any:
    return purchases.quote(tx, seller.conversation, people.agent(tx, seller.agent), inquiry, nominal, rules, now)
