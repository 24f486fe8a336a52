"""What a top-up ticket says to its agent and to the owners, state by state: keys and arguments, never words."""

import dataclasses

from bot.domain.message import Amount, Clock, Day, Message, Option, Rupiah, Text, Value
from bot.domain.people import Agent
from bot.domain.rules import Bank, Shop
from bot.services import notices

NO_TRANSFER = "no_transfer"  # the reason that needs no typing
_STATES = {
    "open": "ticket.open",
    "waiting": "ticket.waiting",
    "expired": "ticket.expired",
    "cancelled": "ticket.cancelled",
    "approved": "ticket.approved",
    "rejected": "ticket.rejected",
}
_DIGITS = 1_000


def _paid(number: str) -> Option:
    return notices.option("paid", f"tiket sudah {number}")


def _drop(number: str) -> Option:
    return Option("cancel", Text("btn.cancel"), f"tiket batal {number}")


def top_up() -> Option:
    """To another ticket."""
    return notices.option("top_up", "tiket")


def ticket(number: str, amount: int, expires_at: int, bank: Bank) -> Message:
    """*top.ticket*: what to transfer, and where to."""
    args: dict[str, Value] = {"ticket": number, "rp": Rupiah(amount)}
    lines = (
        Text("top.to", {"bank": bank.name, "account": bank.account, "holder": bank.holder}),
        Text("top.until", {"time": Clock(expires_at), "tail": str(amount % _DIGITS)}),
    )
    copy = Option("copy_amount", Text("btn.copy_amount"), f"tiket jumlah {number}", copies=str(amount))
    return Message(Text("top.ticket", args), lines, (copy, _paid(number), _drop(number)))


def still_open(number: str, amount: int, card: Message) -> Message:
    """*top.open*: one at a time; the card's buttons again."""
    return Message(Text("top.open", {"ticket": number, "rp": Rupiah(amount)}), (card.text, *card.more), card.options)


def waiting(number: str) -> Message:
    """*top.waiting*."""
    return Message(Text("top.waiting", {"ticket": number}), options=(notices.option("balance", "saldo"),))


def cancelled(number: str) -> Message:
    """Let go; who has paid nevertheless says so."""
    return Message(Text("top.cancelled", {"ticket": number}), options=(_paid(number), top_up()))


def expired(number: str) -> Message:
    """*top.expired*: who has paid says so."""
    return Message(Text("top.expired", {"ticket": number}), options=(_paid(number), top_up()))


def reminder(number: str, amount: int, expires_at: int) -> Message:
    """Before it expires."""
    args: dict[str, Value] = {"ticket": number, "rp": Rupiah(amount), "time": Clock(expires_at)}
    return Message(Text("top.reminder", args), options=(_paid(number), _drop(number)))


def credited(number: str, asked: int, came: int, before: int) -> Message:
    """*top.done*, and that it is another amount than was asked for."""
    more = (Text("top.differs", {"ticket": number, "rp": Rupiah(asked)}),) if asked != came else ()
    return dataclasses.replace(cash_in(came, before), more=more)


def cash_in(came: int, before: int) -> Message:
    """*top.done*, with the sum that the agent can check."""
    sums: dict[str, Value] = {"before": Amount(before), "came": Amount(came), "after": Amount(before + came)}
    options = (notices.option("buy", "beli"), notices.option("statement", "mutasi"))
    return Message(Text("top.done", {"rp": Rupiah(came)} | sums), options=options)


def rejected(number: str, reason: str) -> Message:
    """*top.rejected*, in the owner's words."""
    why: Value = Text("top.no_transfer") if reason == NO_TRANSFER else reason
    return Message(Text("top.rejected", {"ticket": number, "reason": why}), options=(top_up(),))


def stands(number: str, state: str, at: int) -> Message:
    """To the agent, of a ticket with which nothing can be done."""
    args: dict[str, Value] = {"ticket": number, "state": Text(_STATES[state]), "time": Clock(at)}
    return Message(Text("top.state", args), options=(top_up(), notices.option("balance", "saldo")))


def by_hand(agent: Agent, shop: Shop) -> Message:
    """Where the shop has named no bank."""
    args: dict[str, Value] = {"shop": shop.name, "code": agent.code, "name": agent.name}
    return Message(Text("top.by_hand", args), options=(notices.option("balance", "saldo"),))


# to the owners


def to_decide(number: str, amount: int, agent: Agent, at: int, *, namesake: str = "", said: bool = True) -> Message:
    """*appr.card*; `namesake` is another undecided ticket of the same amount, `said` whether the agent says he paid."""
    args: dict[str, Value] = {"ticket": number, "code": agent.code, "name": agent.name, "rp": Rupiah(amount)}
    more = [Text("appr.find")]
    if namesake:
        more.append(Text("appr.same", {"ticket": namesake}))
    if not said:
        more.append(Text("appr.unsaid"))
    options = (
        notices.option("approve", f"setuju {number}"),
        notices.option("reject", f"tolak {number}"),
        notices.option("other_amount", f"setuju {number} beda"),
    )
    return Message(Text("appr.card", args | {"time": Clock(at)}), tuple(more), options)


def compared(number: str, asked: int, came: int, agent: Agent, before: int, booked: tuple[int, int] | None) -> Message:
    """What would be credited; `booked` is an amount that may be the same money, and when it was booked by hand."""
    args: dict[str, Value] = {"ticket": number, "name": agent.name, "rp": Rupiah(came)}
    sums: dict[str, Value] = {"code": agent.code, "before": Amount(before), "after": Amount(before + came)}
    head = Text("appr.sure", args | {"asked": Rupiah(asked)}) if asked != came else Text("appr.confirm", args | sums)
    more = () if booked is None else (Text("appr.by_hand", {"rp": Rupiah(booked[0]), "time": Clock(booked[1])}),)
    return Message(head, more)


def approved(number: str, agent: Agent, came: int, after: int, actor: str, at: int) -> Message:
    """*appr.done*."""
    args: dict[str, Value] = {"ticket": number, "code": agent.code, "actor": actor, "time": Clock(at)}
    sums: dict[str, Value] = {"before": Amount(after - came), "came": Amount(came), "after": Amount(after)}
    return Message(Text("appr.done", args | sums), options=_next())


def refused(number: str, agent: Agent) -> Message:
    """The owner's no was told."""
    args: dict[str, Value] = {"ticket": number, "code": agent.code, "name": agent.name}
    return Message(Text("appr.rejected", args), options=_next())


def twice(number: str, state: str, at: int, actor: Value) -> Message:
    """*appr.twice*: what became of the ticket, and by whom where a person decided it."""
    args: dict[str, Value] = {"ticket": number, "state": Text(_STATES[state]), "time": Clock(at), "day": Day(at)}
    said = Text("appr.twice_by", args | {"actor": actor}) if actor else Text("appr.twice", args)
    return Message(said, options=_next())


def decided(number: str, agent: Agent, state: str, at: int) -> Message:
    """What the question became in the chats of those who did not decide."""
    args: dict[str, Value] = {"ticket": number, "code": agent.code, "name": agent.name}
    return Message(Text("appr.settled", args | {"state": Text(_STATES[state]), "time": Clock(at)}))


def row(number: str, amount: int, agent: Agent, state: str, at: int) -> Text:
    """A ticket in the owner's list."""
    args: dict[str, Value] = {"ticket": number, "code": agent.code, "name": agent.name, "rp": Rupiah(amount)}
    return Text("appr.row", args | {"state": Text(_STATES[state]), "time": Clock(at)})


def _next() -> tuple[Option, ...]:
    return (notices.option("tickets", "tiket"),)
