"""What an owner books for agents: cash and credit into a deposit, repayments, and who owes what.

The questions of the flow `credit`, its effects, and the commands that begin it. A question has one reference, so its
answer books once; what was booked is what a second tap shows.
"""

import json
from dataclasses import dataclass

from bot import ids
from bot.conversation import deposit, grammar, prompts, tickets
from bot.conversation.command import Begin, need_owner
from bot.conversation.owner import agents, naming
from bot.conversation.prompts import CANCEL
from bot.conversation.script import Ask, Effect, MaySay, Turn
from bot.domain import stored
from bot.domain.ledger import COUNTER
from bot.domain.message import Amount, Clock, Day, Lines, Message, Nominal, Option, Parts, Rupiah, Text, Value
from bot.domain.people import Agent, Person, Role
from bot.ports import Tx
from bot.services import crediting, ledger, notices, people
from bot.services.crediting import Kind, OverError
from bot.services.standing import StandingError

_LEAST = 1_000  # less is a sum whose thousands were left out
_USUAL = (100_000, 200_000, 500_000, 1_000_000)
_ROWS = 8


# commands


def begins_credit(turn: Turn, rest: str) -> Begin | None:
    """An owner's `isi A017 200000 utang`, or any part of it; an agent's `isi 200000` is a ticket."""
    if turn.person.role is not Role.OWNER:
        return tickets.begins_top_up(turn, _ticket(rest))
    read = naming.line(turn.tx, rest)
    is_whole = read.agent is not None and read.amount
    how = read.how or (naming.CASH if is_whole else "")
    return Begin("credit", _given(Kind.CASH, read) | ({"how": how} if how else {}))


def credit(turn: Turn, rest: str) -> list[Message]:
    """An agent's `topup paid` and the like; an owner's line always begins the flow."""
    return tickets.ticket(turn, _ticket(rest))


def _ticket(rest: str) -> str:
    """`isi saldo 200000` is `tiket 200000`."""
    return rest.removeprefix("saldo").strip()


def begins_repayment(turn: Turn, rest: str) -> Begin | None:
    """`bayar A017 150000`: an owner's, and only where it names an agent or a sum; else it is about a payment."""
    if turn.person.role is not Role.OWNER:
        return None
    read = naming.line(turn.tx, rest)
    if read.agent is None and grammar.rupiah(read.amount) is None and (rest or not crediting.receivables(turn.tx)):
        return None
    return Begin("credit", _given(Kind.REPAID, read))


def nothing_to_pay(_turn: Turn, _: str) -> list[Message]:
    """*pay.none*: the word of a payment, where none waits."""
    return [Message(Text("pay.none"), options=(notices.option("buy", "beli"),))]


def repayment(turn: Turn, rest: str) -> list[Message]:
    """Nobody whom the line names, or somebody else's `bayar …`."""
    if turn.person.role is not Role.OWNER:
        return nothing_to_pay(turn, rest)
    if not rest:
        return owed(turn, rest)
    return [Message(Text("agent.none", {"name": rest[:40]}), options=(notices.option("receivables", "piutang"),))]


def owed(turn: Turn, rest: str) -> list[Message]:
    """`piutang`: who owes, how much, since when; an agent's own debt stands in his balance."""
    if turn.person.role is not Role.OWNER:
        return deposit.balance(turn, rest)
    found = crediting.receivables(turn.tx)
    if not found:
        return [Message(Text("owed.none"), options=(notices.option("agents", "agen"),))]
    rows = tuple(
        Text("owed.row", _named(one.agent) | {"rp": Rupiah(one.owed), "day": Day(one.since)}) for one in found[:_ROWS]
    )
    options = tuple(
        Option(
            f"agent_{one.agent.id}",
            Text("line.agent", {"agent": agents.short(one.agent.code, one.agent.name)}),
            f"bayar {one.agent.code}",
        )
        for one in found[:_ROWS]
    )
    head = Text("owed.list", {"n": len(found), "rp": Rupiah(sum(one.owed for one in found))})
    more = (Text("owed.tap"),) if len(found) <= _ROWS else (Text("owed.more", {"n": len(found) - _ROWS}),)
    return [Message(head, (Text("line.parts", {"parts": Lines(rows)}), *more), options, opener=Text("btn.choose"))]


def booked(tx: Tx, session_id: int | None, person: Person) -> Message | None:
    """What the questions of a finished talk have booked, for a second tap on them; only for owners."""
    if session_id is None or person.role is not Role.OWNER:
        return None
    value = tx.one(str, "booked_in_session", session_id=session_id)
    return stored.decode(value) if value else None


def _given(kind: Kind, read: naming.Line) -> dict[str, str]:
    given = {"kind": str(kind), "name": read.agent.code if read.agent else read.named, "amount": read.amount}
    if read.agent is not None and read.agent.id == COUNTER:
        given["name"] = "konter"
    return {name: value for name, value in given.items() if value}


def _named(agent: Agent) -> dict[str, Value]:
    return {"code": agent.code, "name": agent.name}


# questions


@dataclass(frozen=True, slots=True)
class Facts:
    """An agent as he stands when the question is asked; rupiah."""

    id: int
    code: str
    name: str
    balance: int
    owed: int

    @property
    def named(self) -> dict[str, Value]:
        """Who he is."""
        return {"code": self.code, "name": self.name}


def whom(kind: Kind | None, some: list[Facts], heading: Text | None) -> Ask:
    """Which agent; those that are likely, by a tap, any other by code or name."""
    keys = {Kind.CASH: "isi.whom", Kind.REPAID: "isi.whom_repaid", None: "adj.whom"}
    asked = Text(keys[kind if kind is not Kind.CREDIT else Kind.CASH])
    options = tuple(
        Option(f"agent_{one.id}", Text("line.agent", {"agent": agents.short(one.code, one.name)})) for one in some
    )
    lines = (asked,) if heading is None else (heading, asked)
    message = Message(lines[0], lines[1:], (*options, CANCEL), opener=Text("btn.choose"))
    values = {f"agent_{one.id}": one.code for one in some}
    return Ask("isi.whom", message, parse=prompts.words, refusal=lambda _: asked, values=values)


def how_much(kind: Kind, facts: Facts, heading: Text | None) -> Ask:
    """How much, whole rupiah."""
    options: tuple[Option, ...]
    if kind is Kind.REPAID:
        asked = Text(
            "isi.till_much" if facts.id == COUNTER else "isi.much_repaid", facts.named | {"rp": Rupiah(facts.owed)}
        )
        options = (Option(str(facts.owed), Text("btn.all_of_it", {"rp": Rupiah(facts.owed)})), CANCEL)
    else:
        asked = Text("isi.much", facts.named)
        options = (*(Option(str(one), Text("line.amount", {"rp": Nominal(one)})) for one in _USUAL), CANCEL)

    def parse(text: str) -> str | None:
        found = grammar.rupiah(text)
        is_all = kind is Kind.REPAID and found == facts.owed
        fits = found is not None and (is_all or _LEAST <= found <= crediting.MOST)
        return str(found) if fits else None

    def refusal(text: str) -> Text:
        found = grammar.rupiah(text)
        return Text("isi.small", {"rp": Rupiah(found)}) if found is not None and found < _LEAST else asked

    lines = (asked,) if heading is None else (heading, asked)
    message = Message(lines[0], lines[1:], options, opener=Text("btn.choose_amount"))
    return Ask("isi.much", message, parse=parse, given="amount", refusal=refusal)


def how(facts: Facts) -> Ask:
    """Paid now, or later."""
    asked = Text("isi.how", facts.named)
    options = (Option(naming.CASH, Text("btn.cash")), Option(naming.CREDIT, Text("btn.credit")), CANCEL)
    return Ask("isi.how", Message(asked, options=options), parse=naming.how, given="how", refusal=lambda _: asked)


def sure(question: Message) -> Ask:
    """The one confirm, old → new."""
    options = (Option("correct", Text("btn.book")), CANCEL, *question.options)
    message = Message(question.text, question.more, options)
    return Ask("sure_to_book", message, refusal=lambda _: question.text)


# effects


class Likely(Effect[list[Facts]]):
    """The agents whom a command may be about: who owes most, or who was topped up last."""

    def __init__(self, kind: Kind | None) -> None:
        self.name = "likely"
        self.kind = kind

    def perform(self, turn: Turn) -> list[Facts]:
        """From the books."""
        tx = turn.tx
        if self.kind is Kind.REPAID:
            return [facts(tx, one.agent) for one in crediting.receivables(tx)[:_ROWS]]
        lately = [people.agent(tx, one) for one in tx.all(int, "credited_lately", most=_ROWS)]
        others = [one for one in people.agents(tx) if one.id != COUNTER and one.state == "active" and one not in lately]
        return [facts(tx, one) for one in [*lately, *others][:_ROWS]]

    def dump(self, value: list[Facts]) -> str:
        """Plain values."""
        return json.dumps([_plain(one) for one in value])

    def load(self, turn: Turn, logged: str) -> list[Facts]:
        """The values back."""
        return [Facts(*one) for one in json.loads(logged)]


class Find(Effect[Facts | None]):
    """The agent of this name."""

    def __init__(self, name: str) -> None:
        self.name = "find_agent"
        self.wanted = name

    def perform(self, turn: Turn) -> Facts | None:
        """By code, name, or how it begins."""
        found = naming.known(turn.tx, self.wanted)
        return None if found is None else facts(turn.tx, found)

    def dump(self, value: Facts | None) -> str:
        """Plain values."""
        return json.dumps(_plain(value)) if value else ""

    def load(self, turn: Turn, logged: str) -> Facts | None:
        """The values back."""
        return Facts(*json.loads(logged)) if logged else None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What would be booked, as a question; `over` in its place where it is more than is owed.

    `reference` makes the booking unique, `seen` is how many alike the question knows of.
    """

    question: Message
    over: bool
    reference: str
    seen: int


class Review(Effect[Reviewed]):
    """Old → new, and what may be the same money."""

    def __init__(self, kind: Kind, facts: Facts, amount: int) -> None:
        self.name = "review"
        self.kind = kind
        self.facts = facts
        self.amount = amount

    def perform(self, turn: Turn) -> Reviewed:
        """From the books as they are now."""
        tx, agent = turn.tx, people.agent(turn.tx, self.facts.id)
        now = facts(tx, agent)
        alike = crediting.like(tx, self.kind, agent, self.amount, turn.shop, turn.now)
        if self.kind is Kind.REPAID and self.amount > now.owed:
            return Reviewed(Message(over(now)), True, "", len(alike))
        more: list[Text] = []
        options: tuple[Option, ...] = ()
        if alike:
            args = now.named | {"rp": Rupiah(alike[0].amount), "day": Day(alike[0].at), "time": Clock(alike[0].at)}
            more.append(Text("isi.same", args))
        if ticket := crediting.meant(tx, self.kind, agent, self.amount, turn.shop, turn.now):
            more.append(Text("isi.ticket", {"ticket": ticket.number, "rp": Rupiah(ticket.amount)}))
            options = (Option("ticket", Text("btn.see", {"sale": ticket.number}), f"tiket {ticket.number}"),)
        question = Message(_question(self.kind, now, self.amount), tuple(more), options)
        return Reviewed(question, False, ids.ulid(), len(alike))

    def dump(self, value: Reviewed) -> str:
        """The question and its reference."""
        return json.dumps([stored.encode(value.question), value.over, value.reference, value.seen])

    def load(self, turn: Turn, logged: str) -> Reviewed:
        """As it was asked."""
        question, over, reference, seen = json.loads(logged)
        return Reviewed(stored.decode(question), over, reference, seen)


class Book(MaySay):
    """Book what was asked about, once; None where something like it came in between, and it has to be asked anew."""

    def __init__(self, kind: Kind, facts: Facts, amount: int, reviewed: Reviewed) -> None:
        self.name = "booked"
        self.kind = kind
        self.facts = facts
        self.amount = amount
        self.reviewed = reviewed

    def perform(self, turn: Turn) -> Message | None:
        """One unit with the turn; a chat that is an owner's no more books nothing."""
        need_owner(turn)
        tx, agent = turn.tx, people.agent(turn.tx, self.facts.id)
        if len(crediting.like(tx, self.kind, agent, self.amount, turn.shop, turn.now)) > self.reviewed.seen:
            return None
        acting, reference = turn.person.acting, self.reviewed.reference
        try:
            crediting.book(tx, self.kind, agent, self.amount, reference, acting, turn.shop, turn.now)
        except OverError:
            return Message(over(facts(tx, agent)), options=(notices.option("receivables", "piutang"),))
        except StandingError:
            return Message(Text("isi.closed"), options=(notices.option("menu", "menu"),))
        return done(tx, agent)


def done(tx: Tx, agent: Agent) -> Message:
    """*isi.done*: how the agent stands now."""
    now = facts(tx, agent)
    if agent.id == COUNTER:
        return Message(Text("isi.till_done", {"rp": Amount(now.owed)}), options=(notices.option("balance", "saldo"),))
    parts = [Text("isi.balance", {"rp": Amount(now.balance)})]
    if now.owed:
        parts.append(Text("isi.owes", {"rp": Amount(now.owed)}))
    head = Text("isi.done", now.named | {"parts": Parts(tuple(parts))})
    undo = notices.option("statement", f"mutasi {agent.code}")
    return Message(head, options=(agents.see(agent), undo))


def facts(tx: Tx, agent: Agent) -> Facts:
    """How the agent stands."""
    balance = ledger.agent_account(tx, agent.id).posted
    return Facts(agent.id, agent.code, agent.name, balance, crediting.owed(tx, agent))


def _plain(one: Facts) -> list[str | int]:
    return [one.id, one.code, one.name, one.balance, one.owed]


def over(now: Facts) -> Text:
    """*isi.over*: no more than is owed can be paid back."""
    args = now.named | {"rp": Rupiah(now.owed)}
    if now.id == COUNTER:
        return Text("isi.over_till" if now.owed else "isi.till_empty", {"rp": Rupiah(now.owed)} if now.owed else {})
    return Text("isi.over", args) if now.owed else Text("isi.owes_nothing", args)


def _question(kind: Kind, now: Facts, amount: int) -> Text:
    args = now.named | {"rp": Rupiah(amount)}
    if kind is Kind.REPAID:
        debt: dict[str, Value] = {"before": Amount(now.owed), "after": Amount(now.owed - amount)}
        return Text("isi.till" if now.id == COUNTER else "isi.repay", args | debt)
    args |= {"before": Amount(now.balance), "after": Amount(now.balance + amount)}
    if kind is Kind.CASH:
        return Text("isi.cash", args)
    return Text("isi.credit", args | {"owed": Amount(now.owed), "owes": Amount(now.owed + amount)})
