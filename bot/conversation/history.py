"""What a seller asks about his past sales: the list by page, day, meter or name, and the day's own summary."""

import dataclasses
import re
from datetime import date

from bot.clock import date_span, day_span, local
from bot.conversation import dates
from bot.conversation.command import seller
from bot.conversation.script import Turn
from bot.domain.message import Message, Text
from bot.domain.people import Role
from bot.services import history, notices, summary

_PAGE = re.compile(r"(?P<rest>.*?)\s*\b(?:hal|page)\s+(?P<page>\d{1,4})", re.IGNORECASE)
_ROWS = re.compile(r"\d{1,2}")


def listed(turn: Turn, rest: str) -> list[Message]:
    """`riwayat`, `riwayat 20`, `riwayat kemarin`, `riwayat 12 nov hal 2`, `riwayat 6789`, `riwayat budi`."""
    paged = _PAGE.fullmatch(rest)
    words, page = (paged["rest"], max(1, int(paged["page"]))) if paged else (rest, 1)
    whose = history.of(turn.person)
    if not words or _ROWS.fullmatch(words):
        return [history.latest(turn.tx, whose, turn.shop, turn.now, rows=int(words or 0), page=page)]
    if day := dates.read(words, _today(turn)):
        start, end = date_span(day, turn.shop.zone)
        if whose.chat and start != day_span(turn.now, turn.shop.zone)[0]:
            return [Message(Text("hist.cashier"), options=(notices.option("history", "riwayat"),))]
        return [history.of_date(turn.tx, whose, start, end, words, page=page)]
    if len(words) < 3:
        return [history.latest(turn.tx, whose, turn.shop, turn.now)]
    return [history.search(turn.tx, whose, words, turn.shop, turn.now, page=page)]


def report(turn: Turn, rest: str) -> list[Message]:
    """`rekap`, `rekap kemarin`, `rekap 12 nov`: an agent's own day, the whole shop's for the owner."""
    today = _today(turn)
    day = dates.read(rest, today) if rest else today
    yesterday = notices.option("report_yesterday", "rekap kemarin")
    if day is None:
        return [Message(Text("rep.which"), options=(notices.option("report", "rekap"), yesterday))]
    others = () if rest else (yesterday,)
    if turn.person.role is Role.OWNER:
        message = summary.message(summary.of_day(turn.tx, turn.shop, turn.now, (today - day).days))
        options = (notices.option("history", "riwayat"), notices.option("agents", "agen"), *others)
        return [dataclasses.replace(message, options=options)]
    start, end = date_span(day, turn.shop.zone)
    message = history.report(turn.tx, seller(turn), start, end)
    shown = notices.option("history", f"riwayat {rest}".strip())
    return [dataclasses.replace(message, options=(shown, *others))]


def _today(turn: Turn) -> date:
    return local(turn.now, turn.shop.zone).date()
