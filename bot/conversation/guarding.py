"""What is said about an account's safety: locked by its own chats, unlocked by an owner, limits, blocked meters."""

from collections.abc import Callable

from bot.conversation import grammar, staff
from bot.conversation.command import Begin, seller
from bot.conversation.owner import agents
from bot.conversation.script import Turn
from bot.domain.message import Lines, Message, MeterNumber, Option, Rupiah, Text
from bot.domain.people import Agent
from bot.services import notices, pins, safety
from bot.services.people import PeopleError

_NONE = ("0", "hapus", "none", "remove")
_USUAL_LIMITS = (1_000_000, 2_000_000, 5_000_000, 10_000_000)
_FORGET = ("hapus", "remove", "lupa", "forget")
_OPEN = ("buka", "hapus", "unblock")


def lock(turn: Turn, _: str) -> list[Message]:
    """`kunci`, from any chat of the account and at once: whoever does it may have no time for a question."""
    whom = seller(turn)
    safety.lock(turn.tx, whom, turn.person.acting, "by its own chat", turn.shop, turn.now)
    return [Message(Text("lock.done", {"agent": whom.name}), options=(notices.option("menu", "menu"),))]


def unlock(turn: Turn, rest: str) -> list[Message]:
    """`aktif A017`: thawed, unlocked, and wrong tries forgotten; the owners' own other chats are `aktif konter`."""
    if rest.casefold() in ("konter", "counter"):
        spared = pins.holder(turn.tx, turn.person)
        pins.unlock(turn.tx, seller(turn), turn.person.acting, turn.now, spared=spared)
        return [Message(Text("agent.unfrozen", {"agent": turn.shop.name}), options=(notices.option("menu", "menu"),))]
    return staff.unfreeze(turn, rest)


def forget(turn: Turn, rest: str) -> list[Message] | None:
    """`pin hapus A017`, an owner's for an agent who forgot his; None for anything that is the owner's own PIN."""
    first, _, name = rest.partition(" ")
    if first.casefold() not in _FORGET or not name:
        return None

    def forgotten(whom: Agent) -> list[Message]:
        key = "pin.forgotten" if pins.forget(turn.tx, whom, turn.person.acting, turn.now) else "pin.none_of"
        return [Message(Text(key, {"agent": whom.name}), options=(agents.see(whom),))]

    return agents.about_agent(turn, name, forgotten)


def limit(turn: Turn, rest: str) -> list[Message]:
    """`batas A017 5jt`, `batas A017 0`: what the account may spend a day; `batas A017` offers some."""
    if agents.is_agent(turn, rest):
        return agents.about_agent(turn, rest, lambda whom: [_limits(whom)])
    name, _, amount = rest.rpartition(" ")
    rupiah = 0 if amount.casefold() in _NONE else grammar.amount(amount)
    if not name or rupiah is None:
        return [Message(Text("limit.how"), options=(notices.option("agents", "agen"),))]

    def limited(whom: Agent) -> list[Message]:
        try:
            safety.limit(turn.tx, whom, rupiah, turn.person.acting, turn.now)
        except PeopleError:
            return [Message(Text("limit.how"), options=(agents.see(whom),))]
        said = Text("limit.set", {"agent": whom.name, "rp": Rupiah(rupiah)})
        return [Message(said if rupiah else Text("limit.none", {"agent": whom.name}), options=(agents.see(whom),))]

    return agents.about_agent(turn, name, limited)


def _limits(whom: Agent) -> Message:
    now = Text("limit.now", {"agent": whom.name, "rp": Rupiah(whom.daily_limit)})
    options = [
        Option(f"limit_{rupiah}", Text("line.amount", {"rp": Rupiah(rupiah)}), f"batas {whom.code} {rupiah}")
        for rupiah in _USUAL_LIMITS
        if rupiah != whom.daily_limit
    ]
    if whom.daily_limit:
        options.append(notices.option("no_limit", f"batas {whom.code} 0"))
    head = now if whom.daily_limit else Text("limit.none", {"agent": whom.name})
    return Message(head, (Text("limit.how"),), (*options, agents.see(whom)))


def block(turn: Turn, rest: str) -> list[Message]:
    """`blokir`, `blokir 54123456789`, `blokir buka 54123456789`."""
    first, _, more = rest.partition(" ")
    opens = first.casefold() in _OPEN
    number = grammar.number(more if opens else rest)
    if number is None:
        return [_blocked(turn)] if not rest else [Message(Text("meter.how"), options=(_LIST,))]
    if opens:
        safety.unblock(turn.tx, number, turn.person.acting, turn.now)
        said = Text("meter.unblocked", {"meter": MeterNumber(number)})
        return [Message(said, options=(_LIST,))]
    safety.block(turn.tx, number, turn.person.acting, turn.now)
    undo = notices.option("unblock", f"blokir buka {number}")
    return [Message(Text("meter.block_done", {"meter": MeterNumber(number)}), options=(undo, _LIST))]


_LIST = notices.option("blocked", "blokir")


def _blocked(turn: Turn) -> Message:
    numbers = safety.blocked(turn.tx)
    if not numbers:
        return Message(Text("meter.none"), options=(notices.option("menu", "menu"),))
    rows = tuple(Text("meter.row", {"meter": MeterNumber(one)}) for one in numbers)
    head = Text("meter.list", {"n": len(numbers)})
    return Message(
        head, (Text("line.parts", {"parts": Lines(rows)}), Text("meter.open")), (notices.option("menu", "menu"),)
    )


def proved(command: str, *words: str) -> Callable[[Turn, str], Begin | None]:
    """For a command that changes settings: the secret number first where one is set, else nothing in between.

    With `words` only a line that begins with one of them is guarded; the command alone changes nothing.
    """

    def begins(turn: Turn, rest: str) -> Begin | None:
        first = rest.partition(" ")[0].casefold()
        if not rest or (words and first not in words):
            return None
        due = pins.due(turn.tx, turn.person, None, turn.shop, turn.now)
        guarded = due.is_asked or due.refusal is not None
        return Begin("proved", {"command": command, "rest": rest}) if guarded else None

    return begins


def opening(of_sales: Callable[[Turn, str], list[Message]]) -> Callable[[Turn, str], list[Message]]:
    """`buka kunci A017` and `buka A017` unlock that account; anything else is about stopped sales."""

    def answer(turn: Turn, rest: str) -> list[Message]:
        first, _, more = rest.partition(" ")
        if first.casefold() == "kunci":
            return unlock(turn, more)
        return unlock(turn, rest) if rest and agents.is_agent(turn, rest) else of_sales(turn, rest)

    return answer
