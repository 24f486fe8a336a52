"""`ekspor`: what an owner asks for and is told, and the files that come of it: a workbook and a CSV of whole days."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from bot.clock import date_span, local
from bot.conversation.owner import spans
from bot.conversation.script import Turn
from bot.documents.workbook import XLSX, Cell, Column, CsvFile, Kind, Workbook
from bot.domain.ledger import COUNTER, account_of
from bot.domain.message import Day, File, Message, Option, Text, Value
from bot.domain.people import Agent
from bot.domain.proof import Span
from bot.domain.purchase import State
from bot.domain.rules import Shop
from bot.i18n import Renderer
from bot.messaging.spool import Spool
from bot.ports import ReadableStore, Tx
from bot.services import errands, export, notices, trail
from bot.services.errands import Errand
from bot.services.export import Entry, Part, Progress, Sale, Standing

EXPORT = "export"
_STOP = ("batal", "cancel", "stop")
_W, _T, _D, _H = Kind.WHOLE, Kind.TEXT, Kind.DAY, Kind.TIME
_SALES = ((9, _T), (11, _D), (9, _H), (7, _T), (20, _T), (22, _T), (14, _T), (15, _T), (26, _T), (12, _T), (11, _W),
          (8, _W), (9, _W), (11, _W), (11, _W), (11, _T), (9, Kind.DECIMAL), (23, _T), (36, _T))  # fmt: skip
_LEDGER = ((9, _W), (11, _D), (9, _H), (7, _T), (16, _T), (26, _T), (26, _T), (13, _W), (10, _T), (22, _T), (40, _T))
_AGENTS = ((8, _T), (24, _T), (9, _T), (15, _W), (12, _W), (12, _W), (14, _W), (11, _W), (16, _W), (13, _W))


def answer(turn: Turn, rest: str) -> list[Message]:
    """`ekspor`, `ekspor 7`, `ekspor bulan`, `ekspor 1/11-15/11`, `ekspor batal`; alone it is yesterday."""
    running = errands.of_chat(turn.tx, EXPORT, turn.person.conversation_id)
    if rest.casefold() in _STOP:
        stopped = bool([one for one in running if errands.call_off(turn.tx, one)])
        turn.tx.signal("errand")
        return [Message(Text("exp.stopped" if stopped else "exp.nothing"), options=_others())]
    today = local(turn.now, turn.shop.zone).date()
    yesterday = today - timedelta(days=1)
    days = spans.read(rest, today) if rest else Span(yesterday, yesterday)
    if days is None:
        return [Message(Text("exp.which"), options=_others())]
    if len(days.days()) > export.MOST_DAYS:
        return [Message(Text("exp.long", {"n": export.MOST_DAYS}), options=_others())]
    if running:
        return [Message(Text("exp.busy", {"period": period(_days(running[0]), turn.shop.zone)}), options=(_stop(),))]
    order = {"first": str(days.first), "last": str(days.last)}
    errands.give(turn.tx, EXPORT, turn.person, order, turn.now)
    trail.note(turn.tx, turn.person.acting, "exported", trail.SHOP, turn.now, reason=spans.write(days))
    return []


def period(days: Span, zone: tzinfo) -> Text:
    """How the days are called."""
    first = date_span(days.first, zone)[0]
    if days.first == days.last:
        return Text("exp.day", {"day": Day(first, long=True)})
    return Text("exp.span", {"first": Day(first), "last": Day(date_span(days.last, zone)[0], long=True)})


def _days(errand: Errand) -> Span:
    return Span(date.fromisoformat(errand.order["first"]), date.fromisoformat(errand.order["last"]))


def _stop() -> Option:
    return Option("stop", Text("btn.cancel"), "ekspor batal")


def _others() -> tuple[Option, ...]:
    days = (notices.option("export_today", "ekspor hari ini"), notices.option("export_yesterday", "ekspor kemarin"))
    return (*days, notices.option("export_month", "ekspor bulan"))


@dataclass(frozen=True, slots=True)
class _Words:
    """A language's names of sheets, columns, states, accounts and kinds of entries."""

    sheets: list[str]
    columns: Mapping[str, list[Column]]
    states: Mapping[State, str]
    standing: Mapping[str, str]
    accounts: Mapping[str, str]
    kinds: Mapping[str, str]


class Export:
    """One export, made on a thread of its own from one view of the books a workbook; `stop` ends it soon."""

    def __init__(
        self, errand: Errand, store: ReadableStore, spool: Spool, shop: Shop, renderer: Renderer, now: int
    ) -> None:
        self._errand = errand
        self._store = store
        self._spool = spool
        self._shop = shop
        self._now = now
        self._days = _days(errand)
        self._period = period(self._days, shop.zone)
        self._words = _words(renderer, errand.language, shop.zone)
        self._progress = Progress()

    def notice(self) -> Message:
        """How far it is."""
        args: dict[str, Value] = {"period": self._period, "percent": self._progress.percent}
        return Message(Text("exp.wait", args), options=(_stop(),))

    def ready(self) -> Message:
        """What the notice turns into."""
        return Message(Text("exp.ready", {"period": self._period}))

    def stop(self) -> None:
        """Nobody wants it any longer."""
        self._progress.stopped = True

    async def run(self) -> list[Message]:
        """Make the files; what is said with them. Raises `StoppedError` after `stop`."""
        try:
            parts = await self._store.aside(export.plan, self._days, self._shop.zone)
            self._progress.total = sum(part.rows for part in parts)
            if not parts:
                return [Message(Text("exp.none", {"period": self._period}), options=_others())]
            made = [await self._store.aside(self._made, number, part) for number, part in enumerate(parts, 1)]
        except asyncio.CancelledError:
            self.stop()
            raise
        return [self._said(number, part, files, len(made)) for number, (part, files) in enumerate(made, 1)]

    def _said(self, number: int, part: Part, files: tuple[File, ...], of: int) -> Message:
        head = Text("exp.done", {"period": period(part.days, self._shop.zone), "n": part.sales})
        more = (Text("exp.part", {"n": number, "of": of}),) if of > 1 else ()
        return Message(head, (*more, Text("exp.secret")), (notices.option("report", "rekap"),), files=files)

    def _made(self, tx: Tx, number: int, part: Part) -> tuple[Part, tuple[File, ...]]:
        """The files of one part; what was counted in its own view."""
        days, words = part.days, self._words
        start, end = export.bounds(days, self._shop.zone)
        key = f"{self._errand.id}-{number}"
        named = f"setrum-{days.first}" if days.first == days.last else f"setrum-{days.first}_{days.last}"
        standings = self._standings(tx)
        agents = {one.agent.id: one.agent for one in standings}
        with (
            Workbook(self._spool.path(f"{key}.xlsx")) as book,
            CsvFile(self._spool.path(f"{key}.csv"), words.columns["sales"]) as flat,
        ):
            rows = _both(self._sales(tx, start, end, agents), flat)
            sold = book.fill(words.sheets[0], words.columns["sales"], rows)
            book.fill(words.sheets[1], words.columns["ledger"], self._entries(tx, start, end, agents))
            book.fill(words.sheets[2], words.columns["agents"], (self._agent(one) for one in standings))
        for ending in ("xlsx", "csv"):
            self._spool.finish(f"{key}.{ending}", self._now)
        files = (File(f"{key}.xlsx", f"{named}.xlsx", XLSX), File(f"{key}.csv", f"{named}.csv", "text/csv"))
        return Part(days, sold, part.entries), files

    def _standings(self, tx: Tx) -> list[Standing]:
        return export.standings(tx, *export.bounds(self._days, self._shop.zone))

    def _sales(self, tx: Tx, start: int, end: int, agents: Mapping[int, Agent]) -> Iterator[tuple[Cell, ...]]:
        cashiers = export.cashiers(tx)
        for one, token in export.sales(tx, start, end, self._progress):
            yield self._sale(one, token, self._name(agents[one.agent_id]), cashiers.get(one.conversation_id, ""))

    def _sale(self, one: Sale, token: str, agent: str, cashier: str) -> tuple[Cell, ...]:
        money = (one.denomination, one.adm, one.markup, one.price, one.fee)
        customer = (one.msn, one.idpel, one.name, one.tariff_power)
        state, kwh = self._words.states[one.state], _kwh(one.kwh)
        return (
            f"T{one.id}",
            *self._when(one.confirmed_at),
            agent,
            cashier,
            *customer,
            *money,
            state,
            kwh,
            token,
            one.payref,
        )

    def _entries(self, tx: Tx, start: int, end: int, agents: Mapping[int, Agent]) -> Iterator[tuple[Cell, ...]]:
        names = dict(self._words.accounts)
        for agent in agents.values():
            name = self._name(agent)
            names[account_of(agent.id)] = f"{names['agent']} {name}"
            names[f"receivable:{agent.id}"] = f"{names['receivable']} {name}"
        return (self._entry(one, names) for one in export.entries(tx, start, end, self._progress))

    def _entry(self, one: Entry, names: Mapping[str, str]) -> tuple[Cell, ...]:
        sides = (names.get(one.debit, one.debit), names.get(one.credit, one.credit))
        sale = f"T{one.purchase_id}" if one.purchase_id else ""
        kind = self._words.kinds.get(one.kind, one.kind)
        return (one.id, *self._when(one.created_at), kind, *sides, one.amount, sale, one.actor, one.reason)

    def _agent(self, one: Standing) -> tuple[Cell, ...]:
        agent = one.agent
        code = "" if agent.id == COUNTER else agent.code
        money = (one.balance, one.held, one.owed, agent.daily_limit or None)
        state = self._words.standing.get(agent.state, agent.state)
        return (code, agent.name, state, *money, one.count, one.price, one.profit)

    def _when(self, at: int) -> tuple[Cell, ...]:
        moment = local(at, self._shop.zone)
        return moment.date(), moment.time().replace(microsecond=0), moment.tzname()

    @staticmethod
    def _name(agent: Agent) -> str:
        return agent.name if agent.id == COUNTER else f"{agent.code} {agent.name}"


def _both(rows: Iterator[tuple[Cell, ...]], flat: CsvFile) -> Iterator[tuple[Cell, ...]]:
    for row in rows:
        flat.add(row)
        yield row


def _kwh(text: str) -> float | str:
    """`1.352,5` as a number; what is none stays a text."""
    try:
        return float(text.replace(".", "").replace(",", "."))
    except ValueError:
        return text


def _words(renderer: Renderer, language: str, zone: tzinfo) -> _Words:
    def listed(key: str) -> list[str]:
        return renderer.render(Text(key), language, zone).split("|")

    def paired(key: str) -> dict[str, str]:
        return {name: word for name, _, word in (pair.partition("=") for pair in listed(key))}

    shapes = {"sales": ("exp.sales", _SALES), "ledger": ("exp.ledger", _LEDGER), "agents": ("exp.agents", _AGENTS)}
    columns = {
        name: [Column(heading, *shape) for heading, shape in zip(listed(key), shaped, strict=True)]
        for name, (key, shaped) in shapes.items()
    }
    states = dict(zip(State, listed("exp.states"), strict=True))
    return _Words(
        listed("exp.sheets"), columns, states, paired("exp.standing"), paired("exp.accounts"), paired("exp.kinds")
    )
