"""What is said about a deposit: the balance, the statement of a day, and the last seven days.

Reads only. An owner sees the till of his own counter, and any agent's statement by name.
"""

from collections.abc import Iterable
from datetime import timedelta

from bot.clock import local
from bot.conversation import dates, pages
from bot.conversation.command import seller
from bot.conversation.script import Turn
from bot.domain.ledger import COUNTER, account_of, receivable_of
from bot.domain.message import Amount, Clock, Lines, Message, Option, Rupiah, Text, Value
from bot.domain.message import Day as Date
from bot.domain.people import Agent, Role
from bot.services import crediting, ledger, notices, people, slips, statement
from bot.services.statement import Day, Entry

_ROWS = 10
_WEEK = 7
_NAMES = {
    "topup": "mut.topup",
    "credit": "mut.credit",
    "repaid": "mut.emptied",
    "ticket": "mut.ticket",
    "adjust": "mut.adjust",
}


def balance(turn: Turn, _: str) -> list[Message]:
    """*bal*: the balance, what of it is on hold, what can be used, what is owed; at the counter the till."""
    agent = seller(turn)
    account = ledger.agent_account(turn.tx, agent.id)
    see = notices.option("statement", "mutasi")
    lines: list[Text] = []
    if account.held:
        count = turn.tx.one(int, "hold_count", account_id=account.id) or 0
        lines.append(Text("bal.held", {"rp": Rupiah(account.held), "n": count}))
    if agent.id == COUNTER:
        head = Text("bal.counter", {"till": Rupiah(-account.posted)})
        lines.append(notices.deposit(ledger.noted_deposit(turn.tx)))
        owing = sum(one.owed for one in crediting.receivables(turn.tx))
        ways = [see, notices.option("tickets", "tiket")]
        if owing:
            lines.append(Text("bal.receivables", {"rp": Rupiah(owing)}))
            ways.append(notices.option("receivables", "piutang"))
        return [Message(head, tuple(lines), tuple(ways))]
    if account.held:
        lines.append(Text("bal.usable", {"rp": Rupiah(account.available)}))
    if (owed := ledger.owed(turn.tx, receivable_of(agent.id))) > 0:
        lines.append(Text("bal.owed", {"rp": Rupiah(owed)}))
    options = (slips.top_up(), see, notices.option("history", "riwayat"))
    return [Message(Text("bal.card", {"rp": Rupiah(account.posted)}), tuple(lines), options)]


def ledger_of(turn: Turn, rest: str) -> list[Message]:
    """`mutasi`, `mutasi kemarin`, `mutasi 12/11 hal 2`, `mutasi 7`; an owner's `mutasi A017 12 Nov`, too."""
    words, page = pages.read(rest)
    agent, when = _whose(turn, words)
    if agent is None:
        return [Message(Text("agent.none", {"name": words}), options=(notices.option("agents", "agen"),))]
    verb = "mutasi" if agent == seller(turn) else f"mutasi {agent.code}"
    today = local(turn.now, turn.shop.zone).date()
    if when == str(_WEEK):
        return [_week(turn, agent, verb)]
    day = dates.read(when, today) if when else today
    if day is None:
        options = (Option("today", Text("btn.statement"), verb), notices.option("seven_days", f"{verb} {_WEEK}"))
        return [Message(Text("mut.when"), options=options)]
    return [_day(turn, agent, (today - day).days, page, verb)]


def _whose(turn: Turn, words: str) -> tuple[Agent | None, str]:
    """Whose statement, and of when: an owner may name an agent before the day."""
    own = seller(turn)
    today = local(turn.now, turn.shop.zone).date()
    if turn.person.role is not Role.OWNER or not words or dates.read(words, today) is not None:
        return own, words
    split = words.split(" ")
    for most in range(len(split), 0, -1):
        if (found := people.called(turn.tx, " ".join(split[:most]))) is not None:
            return found, " ".join(split[most:])
    return None, ""


def _day(turn: Turn, agent: Agent, days_back: int, page: int, verb: str) -> Message:
    account_id, sign = account_of(agent.id), _sign(agent)
    day = statement.of_day(turn.tx, account_id, turn.shop, turn.now, days_back)
    rows = [*_entries(day, sign), *_held(day)]
    of = max(1, -(-len(rows) // _ROWS))
    page = min(page, of)
    head: dict[str, Value] = {"name": agent.name, "day": Date(day.at, long=True)}
    lines = [_sums(day, sign)]
    if rows:
        lines.append(Text("line.parts", {"parts": Lines(tuple(rows[(page - 1) * _ROWS : page * _ROWS]))}))
    if of > 1:
        lines.append(Text("mut.page", {"page": str(page), "pages": str(of)}))
    before = local(day.at, turn.shop.zone).date() - timedelta(days=1)
    options = [
        Option("day_before", Text("btn.day_before", {"day": Date(day.at - 1)}), f"{verb} {before:%d/%m/%Y}"),
        notices.option("seven_days", f"{verb} {_WEEK}"),
    ]
    if page < of:
        this = before + timedelta(days=1)
        options.insert(0, notices.option("next", f"{verb} {this:%d/%m/%Y} hal {page + 1}"))
    return Message(Text("mut.till" if agent.id == COUNTER else "mut.head", head), tuple(lines), tuple(options))


def _sign(agent: Agent) -> int:
    """What the counter's account lacks lies in its till."""
    return -1 if agent.id == COUNTER else 1


def _sums(day: Day, sign: int) -> Text:
    """The four figures that add up."""
    added, taken = (day.added, day.taken) if sign > 0 else (day.taken, day.added)
    ends: dict[str, Value] = {"opening": Amount(sign * day.opening), "closing": Amount(sign * day.closing)}
    if not day.entries:
        return Text("mut.quiet", {"rp": Rupiah(sign * day.closing)})
    if not (added and taken):  # a part that would say zero is left out
        return (
            Text("mut.only_added", ends | {"added": Amount(added)})
            if added
            else Text("mut.only_taken", ends | {"taken": Amount(taken)})
        )
    return Text("mut.sums", ends | {"added": Amount(added), "taken": Amount(taken)})


def _entries(day: Day, sign: int) -> Iterable[Text]:
    left = sign * day.opening
    for entry in day.entries:
        amount = sign * entry.amount
        left += amount
        args: dict[str, Value] = {"time": Clock(entry.at), "what": _what(entry)}
        key = "mut.added" if amount > 0 else "mut.taken"
        yield Text(key, args | {"rp": Amount(abs(amount)), "left": Amount(left)})


def _what(entry: Entry) -> Text:
    if entry.purchase_id is not None:
        return Text("mut.sale", {"sale": f"T{entry.purchase_id}"})
    return Text(_NAMES.get(entry.kind, "mut.other"), {"reason": entry.reason[:60]})


def _held(day: Day) -> Iterable[Text]:
    for one in day.held:
        args: dict[str, Value] = {"time": Clock(one.at), "sale": f"T{one.purchase_id}"}
        yield Text("mut.held", args | {"rp": Amount(one.amount)})


def _week(turn: Turn, agent: Agent, verb: str) -> Message:
    """Seven days, the oldest first, each a button to its entries."""
    rows: list[Text] = []
    options: list[Option] = []
    sign = _sign(agent)
    for back in range(_WEEK - 1, -1, -1):
        day = statement.of_day(turn.tx, account_of(agent.id), turn.shop, turn.now, back)
        rows.append(Text("mut.day", {"day": Date(day.at), "sums": _sums(day, sign)}))
        said = f"{local(day.at, turn.shop.zone):%d/%m/%Y}"
        options.append(Option(f"day_{back}", Text("line.day", {"day": Date(day.at)}), f"{verb} {said}"))
    lines = (Text("line.parts", {"parts": Lines(tuple(rows))}),)
    return Message(Text("mut.week", {"name": agent.name}), lines, tuple(options), opener=Text("btn.choose_day"))
