"""What the owner reads of a span of days: *sum*, *sum.more* and what leads on from them.

Parts that would say zero are left out. Options carry the days themselves, so that a button means the same a week later.
"""

import dataclasses
from collections.abc import Iterable
from datetime import date

from bot.clock import DAY, local
from bot.domain.message import Amount, Block, Day, Message, Nominal, Option, Parts, Rupiah, Text, Value
from bot.domain.rules import Shop
from bot.services import days, notices
from bot.services.summary import Summary

_AGENTS = 5  # named in the short summary
_OFFERED = 4  # by a button in the long one: with all else no more than a list holds
_ROWS = 40  # agents by name in the long summary
_NUMBERS = 3  # sales of a correction by number
_CORRECTED = 3  # days of corrections in the short summary
_BUSY = 3  # hours in a row
_BAR = 12


def short(found: Summary, shop: Shop, now: int, words: str) -> Message:
    """*sum*. `words` name the days, whenever they are read."""
    lines = [_sold(found)]
    if found.count or found.lost:
        lines.append(_earned(found))
    parts = [Text("sum.failed", {"n": found.failed})] if found.failed else []
    lines.append(_line([*parts, *_open(found)]))
    named = [Text("sum.agent", {"name": one.name, "n": one.count}) for one in found.agents if one.count]
    rest = sum(one.count for one in found.agents) - sum(one.count for one in found.agents[:_AGENTS])
    others = [Text("sum.others", {"n": rest})] if rest else []
    lines.append(_line([*named[:_AGENTS], *others]))
    if found.silent:
        lines.append(Text("sum.silent", {"n": shop.waits.silent // DAY, "names": _names(found.silent)}))
    owed = [Text("sum.receivables", {"rp": Rupiah(found.receivables)})] if found.receivables else []
    lines.append(_line([*owed, *_deposit(found)]))
    corrected = corrections(found, shop)
    lines += corrected[:_CORRECTED]
    if len(corrected) > _CORRECTED:
        lines.append(Text("sum.corrections_more", {"n": len(corrected) - _CORRECTED}))
    if found.alerts:
        lines.append(Text("sum.alerts", {"n": found.alerts}))
    return Message(head(found, shop), tuple(lines), _ways_on(found, now, words))


def _ways_on(found: Summary, now: int, words: str) -> tuple[Option, ...]:
    """Three at the most: beside a picture there is room for no more."""
    unclear = (notices.option("pending", "pending"),) if found.open_count else ()
    full = notices.option("report_full", f"rekap {words} lengkap")
    is_today = found.at <= now < found.until and _days(found) == 1
    yesterday = notices.option("report_yesterday", "rekap kemarin")
    return (*unclear, full, yesterday if is_today else _export(words))


def _export(words: str) -> Option:
    return notices.option("export", f"ekspor {words}")


def full(found: Summary, shop: Shop, now: int, words: str) -> Message:
    """*sum.more*: everything else that is known of the days."""
    lines = [_compared(found)] if found.before_sales else []
    amounts = [Text("sum.denomination", {"rp": Nominal(one.of), "n": one.count}) for one in found.denominations]
    lines.append(_line(amounts))
    parts = _busy(found)
    parts += [Text("sum.tickets", {"n": found.tickets})] if found.tickets else []
    parts += [Text("sum.notes", {"n": found.notes})] if found.notes else []
    lines.append(_line(parts))
    lines.append(_line(_money(found)))
    lines += _each_open(found, now)
    lines += corrections(found, shop)
    lines += _agents(found)
    return Message(head(found, shop), tuple(lines), _ways_in(found, words))


def _ways_in(found: Summary, words: str) -> tuple[Option, ...]:
    """Every figure of it in more detail."""
    agents = tuple(
        Option(f"agent{number}", Text("btn.report_agent", {"agent": one.name[:16]}), f"rekap {words} {_code(one.id)}")
        for number, one in enumerate(found.agents[:_OFFERED], 1)
    )
    wanted = (
        ("report_hours", "jam", bool(found.count)),
        ("report_failed", "gagal", bool(found.failed)),
        ("report_corrections", "koreksi", bool(found.corrections)),
    )
    details = tuple(notices.option(name, f"rekap {words} {what}") for name, what, is_there in wanted if is_there)
    notes = (notices.option("notes", "catatan"),) if found.notes else ()
    tickets = (notices.option("tickets", "tiket"),) if found.tickets else ()
    return (*agents, *details, *notes, *tickets, _export(words))


def _code(agent_id: int) -> str:
    return f"A{agent_id:03d}"


# lines


def head(found: Summary, shop: Shop) -> Text:
    """Which days it is about."""
    return heading(found.at, found.until, shop)


def heading(start: int, end: int, shop: Shop) -> Text:
    """A day by its name, several by the first and the last."""
    if local(start, shop.zone).date() == local(end - 1, shop.zone).date():
        return Text("sum.head", {"day": Day(start, long=True)})
    return Text("sum.head_span", {"first": Day(start), "last": Day(end - 1, long=True)})


def named(start: int, end: int, shop: Shop) -> Text:
    """The days alone, in signs that a picture's font has, too."""
    if local(start, shop.zone).date() == local(end - 1, shop.zone).date():
        return Text("sum.label", {"label": Day(start, long=True)})
    return Text("sum.span", {"first": Day(start), "last": Day(end - 1)})


def _sold(found: Summary) -> Text:
    if not found.count:
        return Text("sum.none")
    args: dict[str, Value] = {"n": found.count, "rp": Rupiah(found.sales)}
    change = changed(found.sales, found.before_sales)
    return Text("sum.sales_change", args | {"change": change}) if change else Text("sum.sales", args)


def changed(sales: int, before: int) -> str:
    """`▲12%` or `▼3%`; '' where there is nothing to compare with, or no difference."""
    percent = round(100 * (sales - before) / before) if before else 0
    return f"{'▲' if percent > 0 else '▼'}{abs(percent)}%" if percent else ""


def _earned(found: Summary) -> Text:
    each = found.profit // found.count if found.count else 0
    profit: dict[str, Value] = {"profit": Rupiah(found.profit), "each": Rupiah(each)}
    text = Text("sum.profit", profit | {"kwh": kwh(found.kwh_tenths)})
    if not found.lost:
        return text
    lost = Text("sum.lost", {"rp": Rupiah(found.lost)})
    return _line([text, lost] if found.count else [lost])


def _open(found: Summary) -> list[Text]:
    if not found.open_count:
        return []
    args: dict[str, Value] = {
        "n": found.open_count,
        "rp": Rupiah(found.open_held),
        "age": notices.age(found.open_oldest),
    }
    if found.open_here in (0, found.open_count):
        key = "sum.open" if found.open_here else "sum.open_other"
        return [Text(key, args)]
    return [Text("sum.open_here", args | {"here": found.open_here})]


def _each_open(found: Summary, now: int) -> list[Text]:
    """What is open by its number, agent and age, the oldest first: also of days before these."""
    if not found.still:
        return []
    names = {one.id: one.name for one in found.standings} | {one.id: one.name for one in found.agents}
    shown = [
        Text(
            "sum.open_row",
            {"sale": one.sale, "agent": names.get(one.agent_id, ""), "age": notices.age(now - one.confirmed_at)},
        )
        for one in found.still[:_AGENTS]
    ]
    if len(found.still) > _AGENTS:
        shown.append(Text("sum.open_more", {"n": len(found.still) - _AGENTS}))
    return [Text("sum.open_each", {"sales": Parts(tuple(shown))})]


def _names(names: tuple[str, ...]) -> str:
    more = f" +{len(names) - _AGENTS}" if len(names) > _AGENTS else ""
    return ", ".join(name[:24] for name in names[:_AGENTS]) + more


def _deposit(found: Summary) -> list[Text]:
    deposit = notices.deposit(found.supplier_deposit)
    return [deposit] if found.runway is None else [deposit, Text("sum.runway", {"age": notices.age(found.runway)})]


def corrections(found: Summary, shop: Shop) -> list[Text]:
    """A line for each earlier day that changed, the latest first."""
    by_day: dict[date, list[days.Correction]] = {}
    for one in found.corrections:
        by_day.setdefault(local(one.confirmed_at, shop.zone).date(), []).append(one)
    return [
        Text("sum.correction", {"day": Day(ones[0].confirmed_at), "what": Parts(tuple(_kinds(ones)))})
        for _, ones in sorted(by_day.items(), reverse=True)
    ]


def _kinds(found: list[days.Correction]) -> Iterable[Text]:
    texts = {"sold": "sum.corrected_sold", "failed": "sum.corrected_failed", "lost": "sum.corrected_lost"}
    for kind, key in texts.items():
        some = [one for one in found if one.kind == kind]
        if some:
            numbers = ", ".join(one.sale for one in some[:_NUMBERS]) + ("…" if len(some) > _NUMBERS else "")
            args: dict[str, Value] = {"n": len(some), "sales": numbers}
            yield Text(key, args | {"rp": Rupiah(-sum(one.profit for one in some))} if kind == "lost" else args)


def _compared(found: Summary) -> Text:
    change = changed(found.sales, found.before_sales) or "="
    args: dict[str, Value] = {"change": change, "n": found.before_count, "rp": Rupiah(found.before_sales)}
    if _days(found) == 1:
        return Text("sum.compared", args | {"day": Day(found.before.at, long=True)})
    return Text("sum.compared_span", args | {"first": Day(found.before.at), "last": Day(found.before.until - 1)})


def _days(found: Summary) -> int:
    return len(found.days)


def _busy(found: Summary) -> list[Text]:
    counts = {one.of: one.count for one in found.hours}
    if not counts:
        return []
    starts = range(24 - _BUSY + 1)
    busiest = max(starts, key=lambda hour: sum(counts.get(hour + n, 0) for n in range(_BUSY)))
    hours = [busiest + n for n in range(_BUSY) if busiest + n in counts]
    share = sum(counts[hour] for hour in hours)
    args: dict[str, Value] = {"first": hours[0], "last": hours[-1] + 1, "percent": round(100 * share / found.count)}
    return [Text("sum.busy", args)]


def _money(found: Summary) -> list[Text]:
    balances: dict[str, Value] = {"rp": Rupiah(found.agent_balances)}
    parts = [Text("sum.balances", balances)]
    if found.held:
        parts = [Text("sum.balances_held", balances | {"held": Amount(found.held)})]
    if found.till:
        parts.append(Text("sum.till", {"rp": Rupiah(found.till)}))
    return parts


def _agents(found: Summary) -> list[Text]:
    """Everybody by name: sold, has, owes, may; whoever sold most stands first."""
    sold = {one.id: one for one in found.agents}
    stand = {one.id: one for one in found.standings}
    order = [*sold, *(number for number in stand if number not in sold)]
    lines = []
    for number in order[:_ROWS]:
        name = sold[number].name if number in sold else stand[number].name
        parts = [Text("sum.agent", {"name": name, "n": sold[number].count if number in sold else 0})]
        if number in stand:
            parts += _stands(stand[number])
        lines.append(_line(parts))
    if len(order) > _ROWS:
        lines.append(Text("sum.agents_more", {"n": len(order) - _ROWS}))
    return lines


def _stands(one: days.Standing) -> list[Text]:
    parts = [Text("sum.agent_balance", {"rp": Amount(one.balance)})]
    more = (("sum.agent_held", one.held), ("sum.agent_owes", one.owed), ("sum.agent_limit", one.daily_limit))
    return parts + [Text(key, {"rp": Amount(amount)}) for key, amount in more if amount]


# details


def by_hour(found: Summary, shop: Shop, minute: int | None, words: str) -> Message:
    """The hours of the day with sales in them, as lines and bars; and when the summary comes by itself."""
    most = max((one.count for one in found.hours), default=0)
    lines = [
        f"{one.of:02d} {'█' * max(1, round(_BAR * one.count / most))} {one.count}" for one in found.hours if one.count
    ]
    shown = [Text("sum.hours", {"hours": Block("\n".join(lines))})] if lines else [Text("sum.none")]
    return Message(head(found, shop), (*shown, time_said(minute)), (_back(words),))


def time_said(minute: int | None) -> Text:
    """When the summary comes by itself."""
    return Text("sum.off") if minute is None else Text("sum.at", {"time": _clock(minute)})


def _clock(minute: int) -> Text:
    hour, minute = divmod(minute, 60)
    return Text("sum.clock", {"hour": f"{hour:02d}", "minute": f"{minute:02d}"})


def by_denomination(found: Summary, shop: Shop, words: str) -> Message:
    """Each denomination with its share of the sales."""
    lines = [
        Text("sum.denomination_row", {"rp": Nominal(one.of), "n": one.count, "sales": Rupiah(one.sales)})
        for one in found.denominations
    ]
    return Message(head(found, shop), tuple(lines or [Text("sum.none")]), (_back(words),))


def by_agent(found: Summary, shop: Shop, words: str) -> Message:
    """Each agent with what he sold, and what the shop earned by it."""
    rows = [one for one in found.agents if one.count]
    lines = [_sales(one) for one in rows[:_ROWS]]
    if len(rows) > _ROWS:
        lines.append(Text("sum.agents_more", {"n": len(rows) - _ROWS}))
    options = tuple(one for one in _ways_in(found, words) if one.key.startswith("agent"))
    return Message(head(found, shop), tuple(lines or [Text("sum.none")]), (*options, _back(words)))


def _sales(one: days.AgentSales) -> Text:
    args: dict[str, Value] = {"name": one.name, "n": one.count}
    return Text("sum.agent_sales", args | {"rp": Rupiah(one.sales), "profit": Rupiah(one.profit)})


def corrected(found: Summary, shop: Shop, words: str) -> Message:
    """Each correction, and the sales that they are about."""
    sees = tuple(
        dataclasses.replace(notices.option("see", f"catatan {one.sale}", sale=one.sale), key=f"see{number}")
        for number, one in enumerate(found.corrections[:9], 1)
    )
    lines = corrections(found, shop) or [Text("sum.no_corrections")]
    return Message(head(found, shop), tuple(lines), (*sees, _back(words)))


def _back(words: str) -> Option:
    return notices.option("report", f"rekap {words}".rstrip())


def kwh(tenths: int) -> str:
    """`52406` → `5.240,6`."""
    return f"{tenths // 10:,}".replace(",", ".") + f",{tenths % 10}"


def _line(parts: list[Text]) -> Text:
    return Text("line.parts", {"parts": Parts(tuple(parts))})
