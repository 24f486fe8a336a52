"""The year's days counted again, without the summary and its queries: from plain rows of the ledger, from the
sandbox's own books, and from the diary. Each reads on from where it stopped; sums are Python's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.sandbox.customers import kwh_tenths
from bot.sandbox.ledger import Sold
from tests.year.diary import Deal
from tests.year.fates import DAY, HOUR
from tests.year.figures import Figures, Standing
from tests.year.life import Life
from tests.year.said import Correction

_OFFSETS = {"WIB": 7 * HOUR, "WITA": 8 * HOUR, "WIT": 9 * HOUR}
_COUNTER = "agent:counter"


@dataclass(frozen=True, slots=True)
class Place:
    """Days and hours of a zone by arithmetic alone: none of the three has a summer time."""

    offset: int

    def day(self, at: int) -> int:
        """The number of the local day."""
        return (at + self.offset) // DAY

    def hour(self, at: int) -> int:
        """The local hour, 0 to 23."""
        return (at + self.offset) % DAY // HOUR


def place(zone: str) -> Place:
    """By its short name, such as `WITA`."""
    return Place(_OFFSETS[zone])


@dataclass(slots=True)
class Sum:
    """Figures on the way."""

    here: Place
    figures: Figures

    def sold(self, agent: int, nominal: int, at: int, price: int) -> None:
        """One sale more."""
        made = self.figures
        made.count = (made.count or 0) + 1
        made.sales = (made.sales or 0) + price
        for counter, key, more in (
            (made.by_agent, agent, 1),
            (made.sales_by_agent, agent, price),
            (made.by_denomination, nominal, 1),
            (made.by_hour, self.here.hour(at), 1),
        ):
            if counter is not None:
                counter[key] += more

    def earned(self, profit: int) -> None:
        """Profit, or a loss below zero."""
        self.figures.profit = (self.figures.profit or 0) + profit


def _empty() -> Figures:
    return Figures(
        count=0, sales=0, profit=0, lost=0,
        by_agent=Counter(), sales_by_agent=Counter(), by_denomination=Counter(), by_hour=Counter(),
    )  # fmt: skip


@dataclass(slots=True)
class Booked:
    """What the ledger has of one purchase: who paid how much, what it earned, and whether the shop bears it."""

    payer: str = ""
    paid: int = 0
    earned: int = 0
    is_lost: bool = False


@dataclass(slots=True)
class FromLedger:
    """All transfers, as plain rows. A purchase's day is the one thing that they do not know: its row says it."""

    life: Life
    here: Place
    read: int = 0
    balances: Counter[str] = field(default_factory=Counter)
    booked: dict[int, Booked] = field(default_factory=lambda: defaultdict(Booked))
    bought: dict[int, list[tuple[int, int, int]]] = field(default_factory=lambda: defaultdict(list))  # by day
    last: int = 0

    def read_on(self) -> None:
        """What was booked since."""
        query = "SELECT id, debit, credit, amount, purchase_id FROM transfer WHERE id > ? ORDER BY id"
        for row in self.life.shop.connection.execute(query, (self.read,)).fetchall():
            self.read, debit, credit, amount, number = row
            self.balances[debit] -= amount
            self.balances[credit] += amount
            if number is not None:
                self._book(self.booked[number], debit, credit, amount)
        query = "SELECT id, confirmed_at, denomination FROM purchase WHERE id > ? ORDER BY id"
        for row in self.life.shop.connection.execute(query, (self.last,)).fetchall():
            self.last = row[0]
            self.bought[self.here.day(row[1])].append(row)

    @staticmethod
    def _book(one: Booked, debit: str, credit: str, amount: int) -> None:
        if debit.startswith("agent:"):
            one.payer = debit
            one.paid += amount
        if credit.startswith("agent:"):  # a price below cost: what the shop adds
            one.paid -= amount
        one.is_lost |= debit == "expense:loss"
        for account, sign in ((credit, 1), (debit, -1)):
            if account.startswith(("income:", "expense:")):
                one.earned += sign * amount

    def day(self, day: int) -> Figures:
        """A sale is what an agent, or the counter, paid for; what the shop paid for is lost."""
        made = Sum(self.here, _empty())
        for number, at, denomination in self.bought[day]:
            one = self.booked.get(number)
            if one is None:
                continue
            made.earned(one.earned)
            if one.payer:
                agent = 0 if one.payer == _COUNTER else int(one.payer.removeprefix("agent:"))
                made.sold(agent, denomination, at, one.paid)
            if one.is_lost:
                made.figures.lost = (made.figures.lost or 0) - one.earned
        return made.figures

    def standing(self) -> Standing:
        """Balances as sums of all transfers."""
        agents = [name for name in self.balances if name.startswith("agent:") and name != _COUNTER]
        owed = [name for name in self.balances if name.startswith("receivable:")]
        return Standing(
            agents=sum(self.balances[name] for name in agents),
            receivables=-sum(self.balances[name] for name in owed),
            deposit=-self.balances["vsi:deposit"],
            till=-self.balances[_COUNTER],
            of_agent={one.agent: self._of(one.agent) for one in self.life.sellers[1:]},
        )

    def _of(self, agent: int) -> tuple[int, int, int]:
        query = "SELECT amount FROM hold WHERE state = 'open' AND account_id = ?"
        holds = self.life.shop.connection.execute(query, (f"agent:{agent}",)).fetchall()
        return self.balances[f"agent:{agent}"], sum(row[0] for row in holds), -self.balances[f"receivable:{agent}"]


@dataclass(slots=True)
class FromSupplier:
    """What the sandbox sold, by its own books. Which of it the shop knows by now, only the diary can say."""

    life: Life
    sold: dict[str, Sold] = field(default_factory=dict)
    read: int = 0
    booked: set[str] = field(default_factory=set)
    taken: int = 0

    def read_on(self, changed: Iterable[Deal]) -> None:
        """What was sold since; and which of it the shop has booked, among the deals that have changed since."""
        for one in self.life.supplier.books.since(self.read):
            assert one.trxid not in self.sold, "sold twice"
            self.sold[one.trxid] = one
            self.read = one.id
        for deal in changed:
            if deal.trxid not in self.booked and is_booked(deal, self.life.shop.now):
                one = self.sold[deal.trxid]
                self.booked.add(deal.trxid)
                self.taken += one.nominal + one.adm

    def day(self, here: Place, deals: Iterable[Deal], at: int) -> Figures:
        """The supplier's side of the deals that are sales: amounts, kWh, and what it took, which makes the profit."""
        made = Sum(here, Figures(kwh_tenths=0, profit=0, lost=0, by_denomination=Counter(), by_hour=Counter()))
        for deal in deals:
            if not is_booked(deal, at):
                continue
            one = self.sold[deal.trxid]
            took = one.nominal + one.adm - self.life.shop.rules.rebate
            if is_sale(deal, at):
                made.sold(deal.agent, one.nominal, one.sold_at, deal.price)
                made.earned(deal.price - took)
                if not deal.by_hand:
                    made.figures.kwh_tenths = (made.figures.kwh_tenths or 0) + _kwh(one)
            else:
                made.earned(-took)
                made.figures.lost = (made.figures.lost or 0) + took
        made.figures.by_hour = None  # it dates a sale by its own moment, not by the confirm
        return made.figures

    def standing(self, paid_in: int) -> Standing:
        """The deposit: what was paid in and given back, less what it took for sales that the shop has booked."""
        return Standing(deposit=paid_in - self.taken + len(self.booked) * self.life.shop.rules.rebate)


def _kwh(one: Sold) -> int:
    return kwh_tenths(one.msn, one.nominal - one.instalment)


def is_sale(deal: Deal, at: int) -> bool:
    """Whether it was a sale by what was known at the moment: a late one once its agent has agreed to pay."""
    state = deal.state_at(at)
    return state == "SUCCESS" or (state == "LATE" and deal.decided_by(at) == "paid")


def is_booked(deal: Deal, at: int) -> bool:
    """Whether the ledger had taken its cost from the supplier's deposit."""
    return is_sale(deal, at) or deal.decided_by(at) == "loss"


def from_diary(here: Place, deals: Iterable[Deal], at: int) -> Figures:
    """What was done, as it was known at the moment `at`."""
    made = Sum(here, _empty())
    made.figures.failed = 0
    for deal in deals:
        if is_sale(deal, at):
            made.sold(deal.agent, deal.nominal, deal.confirmed_at, deal.price)
            made.earned(deal.price - deal.cost)
        elif deal.state_at(at) in ("FAILED", "LATE"):
            made.figures.failed = (made.figures.failed or 0) + 1
            if deal.decided_by(at) == "loss":
                made.earned(-deal.cost)
                made.figures.lost = (made.figures.lost or 0) + deal.cost
    return made.figures


def corrections(deals: Iterable[Deal], since: int, until: int) -> set[Correction]:
    """What has become of deals between two summaries, of days before the later one's."""
    found = set()
    for deal in deals:
        was, now = _outcome(deal, since), _outcome(deal, until)
        if was == now:
            continue
        sales = deal.price if now == "sold" else 0
        profit = {"sold": deal.price - deal.cost, "lost": -deal.cost}.get(now, 0)
        found.add((deal.number, now, sales, profit))
    return found


def _outcome(deal: Deal, at: int) -> str:
    if is_sale(deal, at):
        return "sold"
    if deal.decided_by(at) == "loss":
        return "lost"
    return "failed" if deal.state_at(at) in ("FAILED", "LATE") else ""


def standing_of_diary(life: Life, deals: Iterable[Deal]) -> Standing:
    """How things stand by what was done; `deals` are those of the last eight days."""
    diary, now = life.diary, life.shop.now
    still = life.still_open
    week = {one.agent for one in deals if one.confirmed_at >= now - 7 * DAY and is_sale(one, now)}
    is_old = life.span(0)[0] <= now - 7 * DAY
    quiet = [one for one in life.sellers[1:] if is_old and not one.is_frozen and one.agent not in week]
    return Standing(
        open_count=len(still),
        held=sum(one.price for one in still),
        agents=sum(diary.balance(one.agent) for one in life.sellers[1:]),
        receivables=sum(diary.owed.values()),
        till=-diary.balance(0),
        of_agent={
            one.agent: (
                diary.balance(one.agent),
                sum(deal.price for deal in still if deal.agent == one.agent),
                diary.owed.get(one.agent, 0),
            )
            for one in life.sellers[1:]
        },
        silent={one.name for one in quiet},
    )
