"""What is asked about past sales: a seller's list, a sale found again, a day's summary; an owner's notes on sales."""

import dataclasses
import re
from datetime import date

from bot.clock import DAY, date_span, day_span, local
from bot.conversation import dates, pages
from bot.conversation.command import seller
from bot.conversation.owner import figures, noting
from bot.conversation.script import Turn
from bot.domain.ledger import COUNTER
from bot.domain.message import Day, Message, MeterNumber, Option, Rupiah, Text, Value
from bot.domain.people import Role
from bot.domain.purchase import Purchase
from bot.services import favourites, history, lookup, notes, notices, people, purchasing, sales

_ROWS = re.compile(r"\d{1,2}")
_SALE = re.compile(r"[tT](\d{1,9})")
_NOTES = 9  # a page
_NOTED = 7  # days


def listed(turn: Turn, rest: str) -> list[Message]:
    """`riwayat`, `riwayat 20`, `riwayat kemarin`, `riwayat 12 nov hal 2`, `riwayat 6789`, `riwayat budi`."""
    words, page = pages.read(rest)
    whose = lookup.whose(turn.person)
    if not words or _ROWS.fullmatch(words):
        return [history.latest(turn.tx, whose, turn.shop, turn.now, rows=int(words or 0), page=page)]
    if day := dates.read(words, _today(turn)):
        start, end = date_span(day, turn.shop.zone)
        if whose.chat and start != day_span(turn.now, turn.shop.zone)[0]:
            return [Message(Text("hist.cashier"), options=(notices.option("history", "riwayat"),))]
        return [history.of_date(turn.tx, whose, start, end, words, page=page)]
    if len(words) < 3:
        return [history.latest(turn.tx, whose, turn.shop, turn.now)]
    known = favourites.find(turn.tx, seller(turn), words)
    return [history.search(turn.tx, whose, words, turn.shop, turn.now, page=page, alias=known.msn if known else "")]


def report(turn: Turn, rest: str) -> list[Message]:
    """`rekap`, `rekap kemarin`, `rekap 12 nov`: an agent's own day, the whole shop's for the owner."""
    if turn.person.role is Role.OWNER:
        return figures.report(turn, rest)
    today = _today(turn)
    day = dates.read(rest, today) if rest else today
    yesterday = notices.option("report_yesterday", "rekap kemarin")
    if day is None:
        return [Message(Text("rep.which"), options=(notices.option("report", "rekap"), yesterday))]
    others = () if rest else (yesterday,)
    start, end = date_span(day, turn.shop.zone)
    message = history.report(turn.tx, seller(turn), start, end)
    shown = notices.option("history", "riwayat")
    if rest:  # with a label of its own: the bare word means the latest sales, as ever
        shown = Option("history_of", Text("btn.history_of", {"day": Day(start)}), f"riwayat {rest}")
    return [dataclasses.replace(message, options=(shown, *others))]


def check(turn: Turn, rest: str) -> list[Message]:
    """`cek T10482`, a meter, an IDPEL, a token or NO REF, or the end of one; alone, the latest sales."""
    if not rest:
        return listed(turn, "")
    found = lookup.find(turn.tx, lookup.whose(turn.person), rest)
    if len(found) > 1:
        return [history.matches(turn.tx, found, Text("hist.search", {"what": rest[:40]}), turn.shop, turn.now)]
    if not found:
        unknown = "token.unknown" if lookup.is_token(rest) else "hist.none"
        refused = (notices.option("token_refused", "ditolak"),) if lookup.is_token(rest) else ()
        return [Message(Text(unknown), options=(*_agents(turn, rest), notices.option("history", "riwayat"), *refused))]
    said = purchasing.check_now(turn.tx, found[0], turn.shop, turn.now) if found[0].is_open else None
    if said is None:
        return [sales.status(turn.tx, found[0], turn.shop)]
    return [dataclasses.replace(said, more=(*said.more, *notes.lines(turn.tx, found[0])))]


def pending(turn: Turn, rest: str) -> list[Message]:
    """`pending`: the seller's own sales that have no result yet; `pending T10482` looks at one, as `cek` does."""
    if any(map(str.isdigit, rest)):
        return check(turn, rest)
    found = lookup.undecided(turn.tx, lookup.whose(turn.person))
    if not found:
        return [Message(Text("hist.all_done"), options=(notices.option("history", "riwayat"),))]
    if len(found) == 1:
        return check(turn, found[0].sale)
    return [history.matches(turn.tx, found, Text("hist.undecided", {"n": len(found)}), turn.shop, turn.now)]


def notes_of(turn: Turn, rest: str) -> list[Message]:
    """`catatan`: what was noted on sales in the last seven days and no owner has ended; `catatan T10482`, `… tutup`."""
    if (said := noting.done(turn, rest)) is not None:
        return [said]
    number = _SALE.fullmatch(rest)
    found = turn.tx.one(Purchase, "purchase_by_id", id=int(number[1])) if number else None
    if found is not None:
        return [_whole(turn, found)]
    _, page = pages.read(rest)
    since = turn.now - _NOTED * DAY
    shown = notes.latest(turn.tx, since, most=_NOTES + 1, skip=(page - 1) * _NOTES)
    back = notices.option("report", "rekap")
    if not shown:
        return [Message(Text("own.no_notes", {"n": _NOTED}), options=(back,))]
    sees = {one.sale: notices.option("see", f"catatan {one.sale}", sale=one.sale) for one, _ in shown[:_NOTES]}
    options = [dataclasses.replace(one, key=f"see{number}") for number, one in enumerate(sees.values(), 1)]
    if len(shown) > _NOTES:
        options.append(notices.option("next", f"catatan hal {page + 1}"))
    head = Text("own.notes_head", {"n": _NOTED})
    return [Message(head, tuple(text for _, text in shown[:_NOTES]), tuple(options))]


def _agents(turn: Turn, rest: str) -> tuple[Option, ...]:
    """An owner's way to an agent's sale: his counter is an account like any other, and knows its own sales alone."""
    number = _SALE.fullmatch(rest) if turn.person.role is Role.OWNER else None
    found = turn.tx.one(Purchase, "purchase_by_id", id=int(number[1])) if number else None
    return () if found is None else (notices.option("see", f"catatan {found.sale}", sale=found.sale),)


def _whole(turn: Turn, found: Purchase) -> Message:
    """A sale as the owner reads it: whose, for whom, how it stands, what became of it."""
    agent = people.agent(turn.tx, found.agent_id)
    start, _ = day_span(turn.now, turn.shop.zone)
    args: dict[str, Value] = {"sale": found.sale, "agent": agent.name}
    facts = Text("own.sale_facts", {"meter": MeterNumber(found.msn), "rp": Rupiah(found.price), "trxid": found.trxid})
    lines = (history.row(turn.tx, found, start), facts, *sales.history_of(turn.tx, found))
    options = [notices.option("notes", "catatan")]
    if notes.waiting_of(turn.tx, found):
        answer = notices.option("answer_note", f"catatan {found.sale} jawab")
        options = [answer, notices.option("close_note", f"catatan {found.sale} tutup"), *options]
    options.append(notices.option("evidence", f"pending {found.sale}"))
    if agent.id != COUNTER:
        options.append(notices.option("agent_card", f"agen {agent.code}"))
    return Message(Text("own.sale", args), lines, tuple(options))


def _today(turn: Turn) -> date:
    return local(turn.now, turn.shop.zone).date()
