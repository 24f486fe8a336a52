"""An agent's sales as a list: the latest, those of a day, of a meter, of a customer; and what a day came to.

A cashier is shown what his own chat sold today, whatever he asks for. Moves no money.
"""

import re
from dataclasses import dataclass, replace

from bot.clock import day_span
from bot.domain.message import Clock, Day, Message, MeterNumber, Nominal, Option, Parts, Rupiah, Text, Value
from bot.domain.people import Agent
from bot.domain.purchase import Event, Purchase
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import notices, sales
from bot.services.lookup import Whose

_ROWS = 9  # a page; with the way on it is ten options, which every channel can show, and a last page may have ten rows
MOST_ROWS = 50
_ALL_TIME = 2**62


@dataclass(frozen=True, slots=True)
class Tally:
    """A day's sales: how many were paid, their prices, what customers paid; how many failed, are open, and held for."""

    count: int
    price: int
    retail: int
    failed: int
    open: int
    held: int


def of_day(tx: Tx, whose: Whose, start: int, end: int) -> Tally:
    """What was sold from `start` up to `end`; a sale belongs to the moment of its confirm. Rupiah."""
    span = {"agent_id": whose.agent_id, "chat": whose.chat, "start": start, "end": end}
    return tx.one(Tally, "history_tally", paid=Event.LATE_PAID, **span) or Tally(0, 0, 0, 0, 0, 0)


def today(tx: Tx, agent: Agent, shop: Shop, now: int) -> Tally:
    """The agent's present day."""
    return of_day(tx, Whose(agent.id), *day_span(now, shop.zone))


def report(tx: Tx, agent: Agent, start: int, end: int) -> Message:
    """*rep.agent*: an agent's own day: sold, paid, earned, what is on hold; parts that would say zero are left out."""
    day = of_day(tx, Whose(agent.id), start, end)
    lines = [Text("rep.none")]
    if day.count:
        args: dict[str, Value] = {"sold": Rupiah(day.retail), "paid": Rupiah(day.price)}
        lines = [Text("rep.money", args | {"profit": Rupiah(day.retail - day.price)})]
    parts = [Text("rep.open", {"n": day.open, "rp": Rupiah(day.held)})] if day.open else []
    parts += [Text("sum.failed", {"n": day.failed})] if day.failed else []
    lines.append(Text("line.parts", {"parts": Parts(tuple(parts))}))
    return Message(Text("rep.agent", {"day": Day(start), "n": day.count}), tuple(lines))


# lists


def latest(tx: Tx, whose: Whose, shop: Shop, now: int, *, rows: int = 0, page: int = 1) -> Message:
    """The last sales, newest first, under today's count and sum; `rows` of them a page, by itself as many as fit."""
    start, end = day_span(now, shop.zone)
    sold = of_day(tx, whose, start, end)
    found = _page(tx, "history_of", whose, rows, page, start=start if whose.chat else 0, end=_ALL_TIME)
    words = f"{rows} " if rows else ""
    if not found.purchases and page == 1:
        return Message(Text("hist.empty"), options=(notices.option("buy", "beli"),))
    head = Text("hist.list", {"day": Day(now), "n": sold.count, "rp": Rupiah(sold.price)})
    return _listed(tx, head, found, start, f"riwayat {words}")


def of_date(tx: Tx, whose: Whose, start: int, end: int, words: str, *, page: int = 1) -> Message:
    """The sales of one day under its count and sum; `words` are what asked for it."""
    sold = of_day(tx, whose, start, end)
    found = _page(tx, "history_of", whose, 0, page, start=start, end=end)
    if not found.purchases and page == 1:
        return Message(Text("hist.day_empty", {"day": Day(start)}), options=_elsewhere())
    head = Text("hist.list", {"day": Day(start), "n": sold.count, "rp": Rupiah(sold.price)})
    return _listed(tx, head, found, start, f"riwayat {words} ")


def search(tx: Tx, whose: Whose, words: str, shop: Shop, now: int, *, page: int = 1, alias: str = "") -> Message:
    """The sales of a meter or an IDPEL, by its last digits too, or of whose name holds the words.

    `alias` is the meter that the words are a short name of: its sales are found beside those of the name.
    """
    start, _ = day_span(now, shop.zone)
    query, args, what = _sought(words, alias)
    found = _page(tx, query, whose, 0, page, start=start if whose.chat else 0, **args)
    if not found.purchases and page == 1:
        return Message(Text("hist.nothing", {"what": what}), options=_elsewhere())
    return _listed(tx, Text("hist.search", {"what": what}), found, start, f"riwayat {words} ")


def matches(tx: Tx, found: list[Purchase], head: Text, shop: Shop, now: int) -> Message:
    """Several sales under their head, to choose one."""
    start, _ = day_span(now, shop.zone)
    return _listed(tx, head, _Page(found, 1, is_last=True), start, "")


def to_choose(tx: Tx, whose: Whose, head: Text, verb: str, shop: Shop, now: int) -> Message:
    """The latest sales, each with the verb that is to be said of it."""
    start, _ = day_span(now, shop.zone)
    found = _page(tx, "history_of", whose, 0, 1, start=start if whose.chat else 0, end=_ALL_TIME)
    if not found.purchases:
        return Message(Text("hist.empty"), options=(notices.option("buy", "beli"),))
    rows = found.purchases[:_ROWS]
    options = tuple(
        replace(notices.option("this_sale", f"{verb} {one.sale}", sale=one.sale), key=f"sale{number}")
        for number, one in enumerate(rows, 1)
    )
    return Message(head, tuple(row(tx, one, start) for one in rows), options)


def _elsewhere() -> tuple[Option, ...]:
    return (notices.option("history", "riwayat"), notices.option("yesterday", "riwayat kemarin"))


def _sought(words: str, alias: str) -> tuple[str, dict[str, str], Value]:
    digits = re.sub(r"[\s.-]", "", words)
    if not re.fullmatch(r"[0-9]{4,12}", digits):
        name = re.sub(r"[%_\\]", "", words).strip().upper()
        return "history_of_name", {"pattern": f"%{name}%" if name else "", "msn": alias}, words[:40]
    if len(digits) > 10:
        return "history_of_meter", {"pattern": digits}, MeterNumber(digits)
    return "history_of_tail", {"pattern": f"%{digits}"}, f"…{digits}"


@dataclass(frozen=True, slots=True)
class _Page:
    purchases: list[Purchase]
    page: int
    is_last: bool


def _page(tx: Tx, query: str, whose: Whose, rows: int, page: int, **args: int | str) -> _Page:
    """One page and whether it is the last; what is left is never just one row more than a page."""
    size = min(rows, MOST_ROWS) or _ROWS
    spare = 0 if rows else 1
    skip = (page - 1) * size
    values: dict[str, int | str] = {"agent_id": whose.agent_id, "chat": whose.chat, "skip": skip, **args}
    found = tx.all(Purchase, query, most=size + spare + 1, **values)
    is_last = len(found) <= size + spare
    return _Page(found if is_last else found[:size], page, is_last)


def _listed(tx: Tx, head: Text, found: _Page, today: int, asked: str) -> Message:
    if not found.purchases:
        return Message(Text("hist.end"), options=(notices.option("history", "riwayat"),))
    lines = tuple(row(tx, purchase, today) for purchase in found.purchases)
    seen = found.purchases if len(lines) <= _ROWS + 1 else found.purchases[:3]
    options = tuple(
        replace(notices.option("see", f"cek {one.sale}", sale=one.sale), key=f"see{number}")
        for number, one in enumerate(seen, 1)
    )
    if not found.is_last:
        options += (notices.option("next", f"{asked}hal {found.page + 1}"),)
    return Message(head, lines, options)


def row(tx: Tx, purchase: Purchase, today: int) -> Text:
    """A sale in one line: with its time if it is of `today` (the day's first millisecond) or later, else its day."""
    key = "hist.row_open" if purchase.is_open else "hist.row_failed"
    args: dict[str, Value] = {
        "time": (Clock if purchase.confirmed_at >= today else Day)(purchase.confirmed_at),
        "sale": purchase.sale,
        "name": purchase.name,
        "rp": Nominal(purchase.denomination),
    }
    return Text("hist.row_done" if sales.is_paid(tx, purchase) else key, args)
