"""What the shop says of a day: the summary's figures in the shape of the recounts."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from bot.domain import stored
from bot.domain.message import Parts, Rupiah, Text, Value
from bot.services import morning, summary
from bot.services.summary import Summary
from tests.year.fates import MINUTE
from tests.year.figures import Figures, Standing
from tests.year.life import Life

Correction = tuple[int, str, int, int]  # purchase, what it came to, sales, profit


def ask(life: Life, number: int, days: int = 1) -> Summary:
    """The summary of so many days, the last of them the one with this number."""
    last: date = life.first + timedelta(days=number)
    rules, now = life.shop.rules, life.shop.now
    return life.shop.view(summary.of_days, rules, now, last - timedelta(days=days - 1), last)


def figures(said: Summary) -> Figures:
    """What belongs to the days."""
    return Figures(
        count=said.count,
        sales=said.sales,
        profit=said.profit,
        kwh_tenths=said.kwh_tenths,
        failed=said.failed,
        lost=said.lost,
        by_agent=Counter({one.id: one.count for one in said.agents if one.count}),
        sales_by_agent=Counter({one.id: one.sales for one in said.agents if one.sales}),
        by_denomination=Counter({one.of: one.count for one in said.denominations}),
        by_hour=Counter({one.of: one.count for one in said.hours}),
    )


def before(said: Summary) -> Figures:
    """What the day is compared with."""
    hours = Counter({one.of: one.count for one in said.before.hours})
    return Figures(count=said.before.count, sales=said.before.sales, by_hour=hours)


def standing(said: Summary) -> Standing:
    """What stands as it is now."""
    return Standing(
        open_count=said.open_count,
        held=said.open_held,
        agents=said.agent_balances,
        receivables=said.receivables,
        deposit=said.supplier_deposit,
        till=said.till,
        of_agent={one.id: (one.balance, one.held, one.owed) for one in said.standings},
        silent=set(said.silent),
    )


def corrections(said: Summary) -> set[Correction]:
    """What has become of earlier days since the summary before."""
    return {(one.id, one.kind, one.sales, one.profit) for one in said.corrections}


def push(life: Life, number: int) -> Figures:
    """Let the owner be told of the day with this number, by itself and once; what he then reads of it."""
    while not life.shop.run(morning.look, life.shop.rules, life.shop.now):
        life.forward(life.true + MINUTE)  # the shop's clock may be late
    assert not life.shop.run(morning.look, life.shop.rules, life.shop.now), "told twice"
    day = life.first + timedelta(days=number)
    query = "SELECT content FROM outbox WHERE cause GLOB ?"
    ((content,),) = life.shop.connection.execute(query, (f"summary:{day}:*",)).fetchall()
    read = {part.key: part.args for part in _parts(stored.decode(content).more)}
    sales = read.get("sum.sales_change", read.get("sum.sales"))
    if sales is None:
        assert "sum.none" in read
        return Figures(count=0, sales=0)
    earned, failed = read["sum.profit"], read.get("sum.failed", {})
    return Figures(
        count=_number(sales["n"]),
        sales=_number(sales["rp"]),
        profit=_number(earned["profit"]),
        kwh_tenths=int(str(earned["kwh"]).replace(".", "").replace(",", "")),
        failed=_number(failed.get("n", 0)),
    )


def _parts(texts: Iterable[Text]) -> Iterator[Text]:
    for text in texts:
        yield text
        if isinstance(parts := text.args.get("parts"), Parts):
            yield from _parts(parts.texts)


def _number(value: Value) -> int:
    return value.amount if isinstance(value, Rupiah) else int(str(value))
