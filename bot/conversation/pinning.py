"""What a script may do about a secret number: ask whether it is due, hold it against the hash, set it, take it away.

The log keeps marks and verdicts. What is slow is done outside the turn, on a thread of its own, for at most two at a
time: the store goes on meanwhile.
"""

import asyncio
import json
from collections.abc import Callable
from functools import partial

from bot.conversation.script import Effect, Remote, Turn
from bot.domain import stored
from bot.domain.message import Message, Rupiah, Text
from bot.domain.people import Person, Role
from bot.domain.rules import Shop
from bot.messaging import vault
from bot.ports import Store, Tx
from bot.services import people, pins
from bot.services.pins import Due, Pin

CHECK, KEEP = "check_pin", "keep_pin"
RIGHT, GONE = "right", "gone"  # anything else that an answer says is the key of a text, with a number or nothing
_BOUNDARY = " "


class IsDue(Effect[Due]):
    """Whether the number is asked for now: for so much rupiah, or (None) for a change of settings."""

    def __init__(self, rupiah: int | None) -> None:
        self.name = "pin_due"
        self.rupiah = rupiah

    def perform(self, turn: Turn) -> Due:
        """By what was set, and by how often it was wrong."""
        return pins.due(turn.tx, turn.person, self.rupiah, turn.shop, turn.now)

    def dump(self, value: Due) -> str:
        """Yes, no, or the refusal."""
        return json.dumps([value.is_asked, stored.encode(value.refusal) if value.refusal else ""])

    def load(self, turn: Turn, logged: str) -> Due:
        """As it was."""
        is_asked, refusal = json.loads(logged)
        return Due(is_asked, stored.decode(refusal) if refusal else None)


class Verdict(Remote[Text | None]):
    """A step whose answer is nothing (it is right), or what to say."""

    def load(self, turn: Turn, logged: str) -> Text | None:
        """The text of a key with its count."""
        key, _, count = logged.partition(_BOUNDARY)
        if key == RIGHT:
            return None
        return Text("pin.gone") if key == GONE else Text(key, {"n": int(count)} if count else {})


class Check(Verdict):
    """Hold a number against its hash."""

    def __init__(self, mark: str) -> None:
        self.name = CHECK
        self.input = mark


class Keep(Verdict):
    """Set the number that was entered twice."""

    def __init__(self, first: str, second: str) -> None:
        self.name = KEEP
        self.input = f"{first}{_BOUNDARY}{second}"


class Weigh(Effect[str]):
    """'' for a number that may be set, or the key of what is wrong with it."""

    def __init__(self, mark: str) -> None:
        self.name = "pin_weigh"
        self.mark = mark

    def perform(self, turn: Turn) -> str:
        """A thief tries the plainest first."""
        number = vault.digits(self.mark)
        if number is None:
            return "pin.gone"
        return "pin.trivial" if pins.is_trivial(number) else ""

    def load(self, turn: Turn, logged: str) -> str:
        """As it was."""
        return logged


class AskedFrom(Effect[int]):
    """From which price on the number is asked, rupiah; 0 where none is set."""

    def __init__(self) -> None:
        self.name = "pin_asked_from"

    def perform(self, turn: Turn) -> int:
        """His own limit, or the shop's."""
        found = pins.of(turn.tx, turn.person)
        return pins.asked_from(found, turn.shop) if found else 0

    def load(self, turn: Turn, logged: str) -> int:
        """As it was."""
        return int(logged)


class MaySet(Effect[bool]):
    """Whether this chat may set a first number: not one that has just joined an account of others."""

    def __init__(self) -> None:
        self.name = "pin_may_set"

    def perform(self, turn: Turn) -> bool:
        """A cashier's number is his own from the first minute."""
        who = turn.person
        return who.role is not Role.AGENT or people.new_since(turn.tx, who.conversation_id, turn.now) is None

    def load(self, turn: Turn, logged: str) -> bool:
        """As it was."""
        return logged == "True"


class Remove(Effect[None]):
    """Ask for no number any more."""

    def __init__(self) -> None:
        self.name = "pin_remove"

    def perform(self, turn: Turn) -> None:
        """It was proved before."""
        pins.remove(turn.tx, turn.person, turn.now)

    def load(self, turn: Turn, logged: str) -> None:
        """Nothing comes of it."""


class SetFrom(Effect[None]):
    """Ask for it from this price on."""

    def __init__(self, rupiah: int) -> None:
        self.name = "pin_set_from"
        self.rupiah = rupiah

    def perform(self, turn: Turn) -> None:
        """It was proved before."""
        pins.ask_from(turn.tx, turn.person, self.rupiah, turn.now)

    def load(self, turn: Turn, logged: str) -> None:
        """Nothing comes of it."""


# the worker's side: what takes long, and the unit that ends it

Who = Callable[[Tx], Person]
End = Callable[[Tx], str]
_SLOTS = asyncio.Semaphore(2)  # each takes 19 MiB and a core


async def check(store: Store, mark: str, who: Who, shop: Shop, now: Callable[[], int]) -> End:
    """Count the try, hold the number against the hash, and return the unit that says what came of it."""
    number = vault.digits(mark)
    tried = None if number is None else await store.write(_begin, who, shop, now())
    if number is None or tried is None:
        return _gone
    async with _SLOTS:
        is_right = await asyncio.to_thread(pins.fits, tried.hash, number, shop.pin_pepper)
    return partial(_judged, who=who, tried=tried, mark=mark, shop=shop, now=now(), is_right=is_right)


def _begin(tx: Tx, who: Who, shop: Shop, now: int) -> Pin | None:
    return pins.begin(tx, who(tx), shop, now)


def _gone(_: Tx) -> str:
    return GONE


def _judged(tx: Tx, *, who: Who, tried: Pin, mark: str, shop: Shop, now: int, is_right: bool) -> str:
    pins.end(tx, who(tx), tried, shop, now, is_right=is_right)
    vault.forget(mark)
    return RIGHT if is_right else f"pin.wrong{_BOUNDARY}{tried.tries_left}"


async def keep(_: Store, marks: str, who: Who, shop: Shop, now: Callable[[], int]) -> End:
    """Make the hash of what was entered twice, and return the unit that keeps it."""
    first, second = marks.split(_BOUNDARY)
    number, again = vault.digits(first), vault.digits(second)
    if number is None or again is None:
        return _gone
    if number != again:
        return _differs
    async with _SLOTS:
        hashed = await asyncio.to_thread(pins.hashed, number, shop.pin_pepper)
    vault.forget(first)
    vault.forget(second)
    return partial(_kept, who=who, hashed=hashed, now=now())


def _differs(_: Tx) -> str:
    return "pin.differs"


def _kept(tx: Tx, *, who: Who, hashed: str, now: int) -> str:
    pins.keep(tx, who(tx), hashed, now)
    return RIGHT


def paid(rupiah: int, key: str = "pin.ask") -> Message:
    """The question before a payment, or before something else of so many rupiah."""
    return Message(Text(key, {"rp": Rupiah(rupiah)}))
