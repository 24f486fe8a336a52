"""The model supplier: what was really sold, to whom and when. The shop under test never sees this, only answers.

Its clock, its way of matching an advice and how far it looks back are drawn for every example.
"""

from collections import Counter
from dataclasses import dataclass, field, replace

from bot.sandbox.ledger import Sold

ADM = 1_600
_DAY = 86_400_000
_WIB = 7 * 3_600_000


@dataclass(frozen=True, slots=True)
class Habits:
    """How this supplier reads the contract. `clock_ahead` is milliseconds."""

    clock_ahead: int = 0
    matches: str = "latest"  # which sale of a meter and amount an advice reports: latest, earliest, or exact by trxid
    any_day: bool = True
    adm: int = ADM  # what it really takes, whatever the inquiry said


@dataclass(slots=True)
class Truth:
    """Every sale, every payment that reached the supplier, and the payments that hang somewhere behind it."""

    habits: Habits = field(default_factory=Habits)
    sales: list[Sold] = field(default_factory=list)
    payments: Counter[str] = field(default_factory=Counter)
    hanging: dict[str, tuple[str, int]] = field(default_factory=dict)

    def sell(self, trxid: str, msn: str, nominal: int, at: int, *, groups: int = 1, adm: int | None = None) -> Sold:
        """Sell now; tokens and references are new and count up."""
        number = len(self.sales) + 1
        tokens = tuple(f"{group}{number:019d}" for group in range(groups, 0, -1))
        taken = self.habits.adm if adm is None else adm
        sold = Sold(number, trxid, msn, f"5{msn}", nominal, taken, tokens, f"{number:032X}", 0, at)
        self.sales.append(sold)
        return sold

    def of_payment(self, trxid: str) -> list[Sold]:
        """What the payment really bought: nothing, one sale, or two where a hop replayed the request."""
        return [sold for sold in self.sales if sold.trxid == trxid]

    def of_pair(self, msn: str, nominal: int) -> list[Sold]:
        """Every sale of a meter and amount, by date."""
        found = [sold for sold in self.sales if (sold.msn, sold.nominal) == (msn, nominal)]
        return sorted(found, key=lambda sold: (sold.sold_at, sold.id))

    def by_token(self, digits: str) -> Sold | None:
        """The sale of a credit token."""
        return next((sold for sold in self.sales if sold.tokens[-1] == digits), None)

    def honest(self, trxid: str, msn: str, nominal: int, payref: str | None, now: int) -> Sold | None:
        """What an advice finds if the supplier answers as well as it can."""
        if payref is not None:
            return next((sold for sold in self.sales if sold.payref == payref), None)
        if self.habits.matches == "exact":
            return next(iter(self.of_payment(trxid)), None)
        seen = [sold for sold in self.of_pair(msn, nominal) if self.habits.any_day or _day(sold.sold_at) == _day(now)]
        if not seen:
            return None
        return seen[-1] if self.habits.matches == "latest" else seen[0]

    def wake(self, trxid: str, at: int) -> Sold | None:
        """A payment that hung sells now."""
        hung = self.hanging.pop(trxid, None)
        return None if hung is None else self.sell(trxid, *hung, at)


def dated(sold: Sold, days: int) -> Sold:
    """The same sale with a date that is wrong by so many days."""
    return replace(sold, sold_at=sold.sold_at + days * _DAY)


def _day(at: int) -> int:
    return (at + _WIB) // _DAY
