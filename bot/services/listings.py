"""The sales behind the owner's figures, page by page: an agent's of some days, and what failed in them."""

from dataclasses import replace
from datetime import date

from bot.domain.ledger import COUNTER
from bot.domain.message import Clock, Day, Message, Nominal, Option, Parts, Rupiah, Text, Value
from bot.domain.people import Agent
from bot.domain.purchase import Event, Purchase
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import days, digest, history, notices, people
from bot.services.lookup import Whose

_ROWS = 7  # a page: with the ways on, never more options than a list can hold


def of_agent(tx: Tx, shop: Shop, agent: Agent, first: date, last: date, words: str, page: int) -> Message:
    """What the agent sold on these days: counts, denominations, each sale. `words` name the days."""
    start, end = days.span_of(shop, first, last)
    day = history.of_day(tx, Whose(agent.id), start, end)
    found = tx.all(
        Purchase, "history_of", agent_id=agent.id, chat=0, start=start, end=end, most=_ROWS + 1, skip=(page - 1) * _ROWS
    )
    head = Text("sum.agent_head", {"name": agent.name, "day": digest.named(start, end, shop)})
    sold = Text("sum.sales", {"n": day.count, "rp": Rupiah(day.price)}) if day.count else Text("sum.none")
    parts = [Text("sum.failed", {"n": day.failed})] if day.failed else []
    parts += [Text("rep.open", {"n": day.open, "rp": Rupiah(day.held)})] if day.open else []
    shares = tx.all(days.Sold, "days_of_agent", agent_id=agent.id, start=start, end=end, paid=Event.LATE_PAID)
    amounts = [Text("sum.denomination", {"rp": Nominal(one.of), "n": one.count}) for one in shares]
    rows = [history.row(tx, one, start if first == last else end) for one in found[:_ROWS]]
    asked = f"rekap {words} {agent.code}"
    options = _options(found, asked, page)
    if agent.id != COUNTER:
        options += (notices.option("agent_card", f"agen {agent.code}"),)
    options += (notices.option("report_full", f"rekap {words} lengkap"),)
    lines = (sold, _line(parts), _line(amounts), *rows) if page == 1 else tuple(rows or [Text("hist.end")])
    return Message(head, lines, options)


def failed(tx: Tx, shop: Shop, first: date, last: date, words: str, page: int) -> Message:
    """What was not sold on these days, each with its reason."""
    start, end = days.span_of(shop, first, last)
    found = tx.all(Purchase, "days_failed", start=start, end=end, most=_ROWS + 1, skip=(page - 1) * _ROWS)
    names = {one.id: one.name for one in people.agents(tx)} if found else {}
    rows = [_failed(one, names[one.agent_id], shop, is_one_day=first == last) for one in found[:_ROWS]]
    options = (*_options(found, f"rekap {words} gagal", page), notices.option("report_full", f"rekap {words} lengkap"))
    lines = rows or [Text("sum.failed_none" if page == 1 else "hist.end")]
    return Message(digest.heading(start, end, shop), tuple(lines), options)


def _failed(one: Purchase, agent: str, shop: Shop, *, is_one_day: bool) -> Text:
    at = (Clock if is_one_day else Day)(one.confirmed_at)
    why = Text("sum.failed_late") if one.state == "LATE" else notices.reason(one, shop)
    args: dict[str, Value] = {"time": at, "sale": one.sale, "agent": agent, "rp": Nominal(one.denomination)}
    return Text("sum.failed_row", args | {"reason": why})


def _options(found: list[Purchase], asked: str, page: int) -> tuple[Option, ...]:
    """Each sale of the page as the owner reads it, and the next page."""
    sees = tuple(
        replace(notices.option("see", f"catatan {one.sale}", sale=one.sale), key=f"see{number}")
        for number, one in enumerate(found[:_ROWS], 1)
    )
    following = (notices.option("next", f"{asked} hal {page + 1}"),) if len(found) > _ROWS else ()
    return (*sees, *following)


def _line(parts: list[Text]) -> Text:
    return Text("line.parts", {"parts": Parts(tuple(parts))})
