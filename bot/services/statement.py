"""An account's statement: its entries day by day, between a balance that was and one that is; and what is on hold.

Read from the transfers themselves, so the days chain: one day's closing balance is the next one's opening balance.
"""

from dataclasses import dataclass

from bot.clock import day_span
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import ledger


@dataclass(frozen=True, slots=True)
class Entry:
    """What one event did to the balance: `amount` rupiah, negative where it was taken. `at` is epoch milliseconds."""

    at: int
    kind: str
    purchase_id: int | None
    amount: int
    reason: str


@dataclass(frozen=True, slots=True)
class Held:
    """What a purchase of that day still holds, rupiah."""

    at: int
    purchase_id: int
    amount: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day of an account, rupiah: `opening` and the entries make `closing`. `at` is its first millisecond."""

    at: int
    opening: int
    closing: int
    entries: tuple[Entry, ...]
    held: tuple[Held, ...]

    @property
    def added(self) -> int:
        """All that came in."""
        return sum(one.amount for one in self.entries if one.amount > 0)

    @property
    def taken(self) -> int:
        """All that went out, as a positive number."""
        return -sum(one.amount for one in self.entries if one.amount < 0)


def of_day(tx: Tx, account_id: str, shop: Shop, now: int, days_back: int = 0) -> Day:
    """The local day `days_back` days ago."""
    start, end = day_span(now, shop.zone, days_back)
    posted = ledger.account(tx, account_id).posted
    span: dict[str, str | int] = {"account_id": account_id, "start": start, "end": end}
    return Day(
        at=start,
        opening=posted - _since(tx, account_id, start),
        closing=posted - _since(tx, account_id, end),
        entries=tuple(tx.all(Entry, "statement_entries", **span)),
        held=tuple(tx.all(Held, "statement_held", **span)),
    )


def _since(tx: Tx, account_id: str, moment: int) -> int:
    return tx.one(int, "statement_since", account_id=account_id, since=moment) or 0
