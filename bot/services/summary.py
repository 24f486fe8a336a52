"""The owner's day in figures, recounted from the books at every call. Pending is never counted as sold."""

from dataclasses import dataclass

from bot.clock import MINUTE, day_span
from bot.domain.ledger import COUNTER
from bot.domain.message import Day, Message, Parts, Rupiah, Text, Value
from bot.domain.purchase import OPEN, Purchase
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import ledger


@dataclass(frozen=True, slots=True)
class AgentSales:
    """An agent's share of the day."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class _Totals:
    count: int
    sales: int
    profit: int
    kwh_tenths: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A day: rupiah, kWh in tenths, ages in milliseconds. `open_*` is as it stands now, whatever the day."""

    at: int
    count: int
    sales: int
    profit: int
    kwh_tenths: int
    failed: int
    open_count: int
    open_held: int
    open_oldest: int
    agents: tuple[AgentSales, ...]
    alerts: int
    supplier_deposit: int
    agent_balances: int


def of_day(tx: Tx, shop: Shop, now: int, days_back: int = 0) -> Summary:
    """The local day `days_back` days ago; a sale belongs to the day of its confirm."""
    start, end = day_span(now, shop.zone, days_back)
    span = {"start": start, "end": end}
    totals = tx.one(_Totals, "summary_totals", **span) or _Totals(0, 0, 0, 0)
    still = [one for one in tx.all(Purchase, "purchase_open_list") if one.state in OPEN]
    return Summary(
        at=start,
        count=totals.count,
        sales=totals.sales,
        profit=totals.profit,
        kwh_tenths=totals.kwh_tenths,
        failed=tx.one(int, "summary_failed", **span) or 0,
        open_count=len(still),
        open_held=sum(one.price for one in still),
        open_oldest=max((now - one.confirmed_at for one in still), default=0),
        agents=tuple(tx.all(AgentSales, "summary_agents", **span)),
        alerts=tx.one(int, "alert_count", **span) or 0,
        supplier_deposit=ledger.supplier_deposit(tx),
        agent_balances=tx.one(int, "summary_balances", counter=COUNTER) or 0,
    )


def message(day: Summary) -> Message:
    """*sum*: the summary as it is said; parts that would say zero are left out."""
    lines: list[Text] = []
    if day.count:
        lines.append(Text("sum.sales", {"n": day.count, "rp": Rupiah(day.sales)}))
        profit: dict[str, Value] = {"profit": Rupiah(day.profit), "each": Rupiah(day.profit // day.count)}
        lines.append(Text("sum.profit", profit | {"kwh": kwh(day.kwh_tenths)}))
    else:
        lines.append(Text("sum.none"))
    parts: list[Text] = []
    if day.failed:
        parts.append(Text("sum.failed", {"n": day.failed}))
    if day.open_count:
        minutes = day.open_oldest // MINUTE
        parts.append(Text("sum.open", {"n": day.open_count, "rp": Rupiah(day.open_held), "minutes": minutes}))
    lines.append(_line(parts))
    lines.append(_line([Text("sum.agent", {"name": one.name, "n": one.count}) for one in day.agents]))
    lines.append(Text("part.deposit", {"rp": Rupiah(day.supplier_deposit)}))
    if day.alerts:
        lines.append(Text("sum.alerts", {"n": day.alerts}))
    return Message(Text("sum.head", {"day": Day(day.at, long=True)}), tuple(lines))


def kwh(tenths: int) -> str:
    """`52406` → `5.240,6`."""
    return f"{tenths // 10:,}".replace(",", ".") + f",{tenths % 10}"


def _line(parts: list[Text]) -> Text:
    return Text("line.parts", {"parts": Parts(tuple(parts))})
