"""Corrections of an agent's deposit: `saldo+ A017 5000 salah catat`, with a reason and one confirm.

Where the shop wants it they are proposed, and another owner's word books them.
"""

from bot import ids
from bot.conversation import grammar, prompts
from bot.conversation.command import Begin, need_owner
from bot.conversation.owner import agents, booking, naming
from bot.conversation.owner.booking import Facts
from bot.conversation.prompts import CANCEL
from bot.conversation.script import Ask, Effect, Says, Turn
from bot.domain import stored
from bot.domain.message import Amount, Message, Rupiah, Text, Value
from bot.domain.people import Agent
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.ports import Tx
from bot.services import adjustments, approvals, ledger, notices, people
from bot.services.approvals import NotDone, Proposal
from bot.services.decisions import DecisionError
from bot.services.standing import StandingError

ADD, TAKE = "+", "-"


def begins_adding(turn: Turn, rest: str) -> Begin:
    """`saldo+`, with any part of what follows."""
    return _begins(turn, rest, ADD)


def begins_taking(turn: Turn, rest: str) -> Begin:
    """`saldo-`."""
    return _begins(turn, rest, TAKE)


def _begins(turn: Turn, rest: str, sign: str) -> Begin:
    read, reason = naming.correction(turn.tx, rest)
    given = {"name": read.agent.code if read.agent else read.named, "amount": read.amount, "reason": reason}
    return Begin("adjust", {"sign": sign} | {name: value for name, value in given.items() if value})


def none(turn: Turn, rest: str) -> list[Message]:
    """Never said: every line begins the flow."""
    return booking.nothing_to_pay(turn, rest)


# questions


def how_much(sign: str, facts: Facts, heading: Text | None) -> Ask:
    """By how much, whole rupiah."""
    asked = Text("adj.add_much" if sign == ADD else "adj.take_much", facts.named | {"rp": Rupiah(facts.balance)})
    lines = (asked,) if heading is None else (heading, asked)

    def parse(text: str) -> str | None:
        found = grammar.rupiah(text)
        return str(found) if found else None

    message = Message(lines[0], lines[1:], (CANCEL,))
    return Ask("adj_much", message, parse=parse, given="amount", refusal=lambda _: asked)


def why(facts: Facts) -> Ask:
    """The reason, which the agent reads, too."""
    asked = Text("adj.why", facts.named)
    message = Message(asked, options=(CANCEL,))
    return Ask("adj.why", message, parse=prompts.words, given="reason", refusal=lambda _: prompts.NO_REASON)


# effects


class Fits(Effect[Text | None]):
    """What stands in the way of a correction by so much; None to go on."""

    def __init__(self, facts: Facts, amount: int) -> None:
        self.name = "adj_fits"
        self.facts = facts
        self.amount = amount

    def perform(self, turn: Turn) -> Text | None:
        """By the day's limit and by what can be taken."""
        return obstacle(turn, people.agent(turn.tx, self.facts.id), self.amount)

    def dump(self, value: Text | None) -> str:
        """The text."""
        return stored.encode(Message(value)) if value else ""

    def load(self, turn: Turn, logged: str) -> Text | None:
        """The text back."""
        return stored.decode(logged).text if logged else None


class Confirm(Says):
    """The question, old → new, and whether another owner is asked afterwards."""

    def __init__(self, facts: Facts, amount: int, reason: str) -> None:
        self.name = "adj_confirm"
        self.facts = facts
        self.amount = amount
        self.reason = reason

    def perform(self, turn: Turn) -> Message:
        """From the books as they are now."""
        agent = people.agent(turn.tx, self.facts.id)
        needed = adjustments.needs_approval(turn.tx, turn.shop, self.amount, turn.now)
        more = (Text("adj.second"),) if needed else ()
        return Message(_what("adj.confirm", turn.tx, agent, self.amount, self.reason), more)


class Correct(Says):
    """Book the correction, or propose it where another owner has to approve."""

    def __init__(self, facts: Facts, amount: int, reason: str) -> None:
        self.name = "booked"
        self.facts = facts
        self.amount = amount
        self.reason = reason

    def perform(self, turn: Turn) -> Message:
        """One unit with the turn; a chat that is an owner's no more corrects nothing."""
        need_owner(turn)
        agent = people.agent(turn.tx, self.facts.id)
        try:
            if adjustments.needs_approval(turn.tx, turn.shop, self.amount, turn.now):
                what = _what("adj.what", turn.tx, agent, self.amount, self.reason)
                given: dict[str, str | int] = {"agent": agent.id, "rp": self.amount}
                who, shop = turn.person, turn.shop
                return approvals.propose(turn.tx, "adjust", given, what, self.reason, who, shop, turn.now)
            return _corrected(turn, agent, self.amount, self.reason, ids.ulid(), turn.person.acting)
        except NotDone as why_not:
            return why_not.message
        except StandingError:
            return Message(Text("isi.closed"), options=(notices.option("menu", "menu"),))


def deed(turn: Turn, proposal: Proposal, actor: str) -> Message:
    """What another owner approved."""
    given = proposal.given
    agent = people.agent(turn.tx, given["agent"])
    return _corrected(turn, agent, given["rp"], proposal.reason, f"proposal {proposal.number}", actor)


def obstacle(turn: Turn, agent: Agent, amount: int) -> Text | None:
    """Why the agent's deposit cannot be corrected by so much."""
    used = adjustments.booked_today(turn.tx, turn.shop, turn.now)
    if used + abs(amount) > turn.shop.adjust_limit:
        left = max(0, turn.shop.adjust_limit - used)
        return Text("adj.limit", {"rp": Rupiah(turn.shop.adjust_limit), "left": Rupiah(left)})
    usable = ledger.agent_account(turn.tx, agent.id).available
    if usable + amount < 0:
        return Text("adj.short", {"code": agent.code, "name": agent.name, "rp": Rupiah(usable)})
    return None


def _corrected(turn: Turn, agent: Agent, amount: int, reason: str, reference: str, actor: str) -> Message:
    back = (agents.see(agent),)
    if (why_not := obstacle(turn, agent, amount)) is not None:
        raise NotDone(Message(why_not, options=back))
    before = ledger.agent_account(turn.tx, agent.id).posted
    try:
        booked = adjustments.adjust(turn.tx, agent, amount, reference, turn.shop, turn.now, actor=actor, reason=reason)
    except DecisionError as error:
        raise NotDone(Message(Text("adj.none", {"reason": str(error)}), options=back)) from error
    sums: dict[str, Value] = {"rp": Amount(abs(amount)), "before": Amount(before), "after": Amount(before + amount)}
    told = Message(
        Text("top.adjusted", sums | {"sign": _sign(amount), "reason": reason}),
        options=(notices.option("balance", "saldo"), notices.option("statement", "mutasi")),
    )
    for chat in people.principals(turn.tx, agent.id):
        outbox.put(turn.tx, chat, told, turn.now, cause=f"{booked.key}:{chat}", message_class=Class.CRITICAL)
    return booking.done(turn.tx, agent)


def _what(key: str, tx: Tx, agent: Agent, amount: int, reason: str) -> Text:
    old = ledger.agent_account(tx, agent.id).posted
    args: dict[str, Value] = {"code": agent.code, "name": agent.name, "sign": _sign(amount), "rp": Amount(abs(amount))}
    if key == "adj.confirm":
        args["reason"] = reason
    return Text(key, args | {"before": Amount(old), "after": Amount(old + amount)})


def _sign(amount: int) -> str:
    return "+" if amount > 0 else "−"
