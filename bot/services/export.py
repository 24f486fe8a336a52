"""What an owner's export consists of: sales, ledger and agents of whole days, page by page from one view of the books.

Rows only; in which files and words they end is not said here. A sale belongs to the day of its confirm, an entry to the
day that it was booked on.
"""

import heapq
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo

from bot.clock import date_span
from bot.domain.ledger import Account, account_of, receivable_of
from bot.domain.people import Agent
from bot.domain.proof import Span
from bot.domain.purchase import Event, State
from bot.ports import Tx

MOST_DAYS = 366
MOST_ROWS = 250_000  # of sales and entries in one workbook: about 12 MB, which every platform and most phones take
_PAGE = 500


class StoppedError(Exception):
    """Nobody wants it any longer, or the process ends."""


@dataclass(slots=True)
class Progress:
    """How far it is, in rows; whoever sets `stopped` ends it at the next page."""

    total: int = 0
    done: int = 0
    stopped: bool = False

    def advance(self, rows: int) -> None:
        """So many rows more; the shop's own work comes between two pages."""
        if self.stopped:
            raise StoppedError
        self.done += rows
        time.sleep(0.001)

    @property
    def percent(self) -> int:
        """Of the whole, 99 at most: it is done when it is sent."""
        return min(99, 100 * self.done // max(1, self.total))


@dataclass(frozen=True, slots=True)
class Part:
    """The days of one workbook, and how many rows they have."""

    days: Span
    sales: int
    entries: int

    @property
    def rows(self) -> int:
        """All of them."""
        return self.sales + self.entries


@dataclass(frozen=True, slots=True)
class Sale:
    """A purchase as it is exported; `sold` is 1 where its token is its agent's. Rupiah, epoch milliseconds."""

    id: int
    confirmed_at: int
    agent_id: int
    conversation_id: int
    msn: str
    idpel: str
    name: str
    tariff_power: str
    denomination: int
    adm: int
    markup: int
    price: int
    fee: int
    state: State
    kwh: str
    payref: str
    sold: int


@dataclass(frozen=True, slots=True)
class Entry:
    """`amount` rupiah from `debit` to `credit`; a `purchase_id` of 0 is none."""

    id: int
    created_at: int
    kind: str
    debit: str
    credit: str
    amount: int
    purchase_id: int
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """An agent: what he has, holds and owes now, and what he sold in the span. Rupiah."""

    agent: Agent
    balance: int
    held: int
    owed: int
    count: int = 0
    price: int = 0
    profit: int = 0


@dataclass(frozen=True, slots=True)
class _Digits:
    purchase_id: int
    digits: str


@dataclass(frozen=True, slots=True)
class _Sums:
    agent_id: int
    count: int
    price: int
    profit: int


@dataclass(frozen=True, slots=True)
class _Cashier:
    conversation_id: int
    chat: str


def plan(tx: Tx, days: Span, zone: tzinfo, most: int = MOST_ROWS) -> list[Part]:
    """The days cut into parts of at most so many rows, each of whole days; empty where nothing happened."""
    parts: list[Part] = []
    for day in days.days():
        start, end = date_span(day, zone)
        sales = tx.one(int, "export_sale_count", start=start, end=end) or 0
        entries = tx.one(int, "export_entry_count", start=start, end=end) or 0
        fits = bool(parts) and parts[-1].rows + sales + entries <= most
        before = parts.pop() if fits else Part(Span(day, day), 0, 0)
        parts.append(Part(Span(before.days.first, day), before.sales + sales, before.entries + entries))
    return parts if any(part.rows for part in parts) else []


def bounds(days: Span, zone: tzinfo) -> tuple[int, int]:
    """First and one-past-last millisecond of the days."""
    return date_span(days.first, zone)[0], date_span(days.last, zone)[1]


def sales(tx: Tx, start: int, end: int, progress: Progress) -> Iterator[tuple[Sale, str]]:
    """Every purchase of that time with its token, in order; groups that change a meter's key come before the credit."""
    after, after_id = start, -1
    while page := tx.all(
        Sale, "export_sales", after=after, after_id=after_id, end=end, most=_PAGE, paid=Event.LATE_PAID
    ):
        tokens: dict[int, list[str]] = {}
        first, after, after_id = page[0].confirmed_at, page[-1].confirmed_at, page[-1].id
        for one in tx.all(_Digits, "export_tokens", first=first, last=after):
            tokens.setdefault(one.purchase_id, []).append(one.digits)
        for sale in page:
            yield sale, " ".join(tokens.get(sale.id, ())) if sale.sold else ""
        progress.advance(len(page))


def entries(tx: Tx, start: int, end: int, progress: Progress) -> Iterator[Entry]:
    """Every entry of that time, in order."""
    accounts = tx.all(Account, "export_accounts")
    streams = [_taken_from(tx, account.id, start, end, progress) for account in accounts]
    return heapq.merge(*streams, key=lambda entry: (entry.created_at, entry.id))


def _taken_from(tx: Tx, account_id: str, start: int, end: int, progress: Progress) -> Iterator[Entry]:
    after, after_id = start, -1
    while page := tx.all(
        Entry, "export_entries", account_id=account_id, after=after, after_id=after_id, end=end, most=_PAGE
    ):
        after, after_id = page[-1].created_at, page[-1].id
        yield from page
        progress.advance(len(page))


def standings(tx: Tx, start: int, end: int) -> list[Standing]:
    """Every agent, the counter first: as he stands now, and what he sold in that time."""
    accounts = {one.id: one for one in tx.all(Account, "export_accounts")}
    sums = {one.agent_id: one for one in tx.all(_Sums, "export_agent_sums", start=start, end=end, paid=Event.LATE_PAID)}
    found = []
    for agent in tx.all(Agent, "agent_list"):
        own, debt = accounts[account_of(agent.id)], accounts.get(receivable_of(agent.id))
        sold = sums.get(agent.id, _Sums(agent.id, 0, 0, 0))
        owed = -debt.posted if debt is not None else 0
        found.append(Standing(agent, own.posted, own.held, owed, sold.count, sold.price, sold.profit))
    return found


def cashiers(tx: Tx) -> dict[int, str]:
    """The chats that sell as somebody's cashier or once did, by the numbers of their conversations."""
    return {one.conversation_id: one.chat for one in tx.all(_Cashier, "export_cashiers")}
