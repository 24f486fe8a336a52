"""`rekap` of the shop: some days in figures, and each figure in more detail, in words that buttons say, too."""

import re
from collections.abc import Callable
from datetime import date

from bot.clock import date_span, local
from bot.conversation import dates, pages
from bot.conversation.owner import spans
from bot.conversation.script import Turn
from bot.domain.message import Day, Message, Text
from bot.domain.people import Agent
from bot.domain.proof import Span
from bot.services import charts, digest, listings, morning, notices, people, summary

_MOST = 366  # days
_AT = re.compile(r"(?:jam|at) +(?P<word>.+)|at")
_OFF = frozenset({"mati", "off", "tidak", "no"})
_TIME = re.compile(r"(?P<hour>[01]?\d|2[0-3])(?:[.:](?P<minute>[0-5]\d))?(?: ?(?:pagi|am))?")
_DETAILS = {
    "lengkap": "lengkap full semua all",
    "agen": "agen agent agents",
    "nominal": "nominal amounts denominations",
    "jam": "jam hours",
    "gagal": "gagal failed",
    "koreksi": "koreksi corrections",
}
_BY_WORD = {word: name for name, words in _DETAILS.items() for word in words.split()}


def report(turn: Turn, rest: str) -> list[Message]:
    """`rekap`, `rekap kemarin`, `rekap 7`, `rekap bulan lengkap`, `rekap 12/11 A017 hal 2`, `rekap jam 06.30`."""
    if found := _AT.fullmatch(rest.casefold().strip()):
        back = notices.option("report", "rekap")
        if found["word"] is None:  # of an English question alone: `jam` alone are the hours of the day
            return [Message(digest.time_said(summary.minute(turn.tx)), options=(back,))]
        return [_set_time(turn, found["word"])]
    words, page = pages.read(rest)
    today = local(turn.now, turn.shop.zone).date()
    span, detail = _read(turn, words.strip(), today)
    if span is None:
        ways = (notices.option("report", "rekap"), notices.option("report_yesterday", "rekap kemarin"))
        return [Message(Text("sum.which"), options=(*ways, notices.option("report_week", "rekap 7")))]
    first, last = span.first, span.last
    if first > today:
        start, _ = date_span(first, turn.shop.zone)
        ahead = Text("sum.ahead", {"day": Day(start, long=True)})
        return [Message(ahead, options=(notices.option("report", "rekap"),))]
    return [_said(turn, first, last, detail, page)]


def _said(turn: Turn, first: date, last: date, detail: str | Agent, page: int) -> Message:
    tx, shop, written = turn.tx, turn.shop, spans.write(Span(first, last))
    if isinstance(detail, Agent):
        return listings.of_agent(tx, shop, detail, first, last, written, page)
    if detail == "gagal":
        return listings.failed(tx, shop, first, last, written, page)
    found = summary.of_days(tx, shop, turn.now, first, last)
    shown: dict[str, Callable[[], Message]] = {
        "lengkap": lambda: digest.full(found, shop, turn.now, written),
        "agen": lambda: digest.by_agent(found, shop, written),
        "nominal": lambda: digest.by_denomination(found, shop, written),
        "jam": lambda: digest.by_hour(found, shop, summary.minute(tx), written),
        "koreksi": lambda: digest.corrected(found, shop, written),
    }
    return shown[detail]() if detail else charts.beside(digest.short(found, shop, turn.now, written), found, shop)


def _read(turn: Turn, words: str, today: date) -> tuple[Span | None, str | Agent]:
    """The days, and what of them: a detail's name, an agent, or '' for all in short."""
    if span := _days(words, today):
        return span, ""
    parts = words.split()
    for place in range(len(parts)):
        span, what = _days(" ".join(parts[:place]), today), " ".join(parts[place:])
        if span is None:
            continue
        if name := _BY_WORD.get(what.casefold()):
            return span, name
        if (whom := people.called(turn.tx, what)) is not None:
            return span, whom
    return None, ""


def _days(words: str, today: date) -> Span | None:
    """Nothing is today. A day that is still to come is known as such; years are too much at once."""
    if not words:
        return Span(today, today)
    found = spans.read(words, today)
    if found is None and (day := dates.read(words, today)):
        return Span(day, day)
    return found if found is not None and (found.last - found.first).days < _MOST else None


def _set_time(turn: Turn, word: str) -> Message:
    """When yesterday is summed up by itself, from tomorrow at the latest."""
    found = _TIME.fullmatch(word)
    minute = None if found is None else int(found["hour"]) * 60 + int(found["minute"] or 0)
    if word not in _OFF and (minute is None or minute < summary.EARLIEST):
        return Message(Text("sum.time_wrong"), options=(notices.option("report", "rekap"),))
    summary.set_minute(turn.tx, minute, turn.person.acting, turn.now)
    is_over = minute is not None and morning.is_over(turn.tx, turn.shop, turn.now)
    next_one = (Text("sum.tomorrow"),) if is_over else ()
    return Message(digest.time_said(minute), next_one, (notices.option("report", "rekap"),))
