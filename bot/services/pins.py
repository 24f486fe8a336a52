"""Secret numbers: who has one, when it is asked, and what wrong ones lead to. Kept as a hash that is slow to guess.

One number guards an account's own chats, whichever of them asks: tries are counted there, so chats side by side have
no more of them. A cashier has a number of his own, and so has each owner's chat. A try is counted before it is looked
at. The numbers themselves are never here but as arguments.
"""

import hashlib
import hmac
from dataclasses import dataclass
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from bot.domain.message import Clock, Message, Text
from bot.domain.people import Agent, Person, Role
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import alerts, notices, people, safety
from bot.services.people import PeopleError

DIGITS = 6
_PAUSE_AFTER, _LOCK_AFTER = 5, 10
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # 19 MiB and some 40 ms on one small core


@dataclass(frozen=True, slots=True)
class Pin:
    """A secret number as it is kept. `wrong` counts since it was last right; `asked_from` is rupiah."""

    holder: str
    hash: str
    wrong: int
    paused_until: int
    locked_at: int | None
    asked_from: int | None

    @property
    def tries_left(self) -> int:
        """Until the next pause."""
        return _PAUSE_AFTER - self.wrong % _PAUSE_AFTER


@dataclass(frozen=True, slots=True)
class Due:
    """Whether the number is to be asked for, or what stands in the way of what it guards."""

    is_asked: bool
    refusal: Message | None = None


def holder(tx: Tx, who: Person) -> str:
    """Under whom his number is kept; '' for those who sell nothing."""
    match who.role:
        case Role.AGENT if who.agent is not None:
            return f"agent:{who.agent.id}"
        case Role.CASHIER:
            return f"member:{tx.one(int, 'member_of_chat', conversation_id=who.conversation_id)}"
        case Role.OWNER:
            return f"chat:{who.conversation_id}"
    return ""


def of(tx: Tx, who: Person) -> Pin | None:
    """His number, if one was set."""
    return tx.one(Pin, "pin_of", holder=holder(tx, who))


def asked_from(found: Pin, shop: Shop) -> int:
    """From which price on it is asked, rupiah."""
    return found.asked_from or shop.pin_from


def due(tx: Tx, who: Person, rupiah: int | None, shop: Shop, now: int) -> Due:
    """Whether a payment of so much, or (None) a change of settings, needs the number now."""
    if who.agent is not None and safety.is_locked(tx, who.agent.id):
        return Due(is_asked=False, refusal=safety.refusal())
    found = of(tx, who)
    if found is None:
        return Due(is_asked=False)
    if found.locked_at is not None:
        return Due(is_asked=False, refusal=safety.refusal())
    if rupiah is not None and not _is_guarded(tx, found, who, rupiah, shop, now):
        return Due(is_asked=False)
    if found.paused_until > now:
        paused = Text("pin.paused", {"time": Clock(found.paused_until)})
        more = () if rupiah is None else (Text("err.nothing_charged"),)
        return Due(is_asked=False, refusal=Message(paused, more, (notices.option("menu", "menu"),)))
    return Due(is_asked=True)


def _is_guarded(tx: Tx, found: Pin, who: Person, rupiah: int, shop: Shop, now: int) -> bool:
    """A large amount, a chat that is new to its account, or one that has long bought nothing."""
    if rupiah >= asked_from(found, shop) or people.new_since(tx, who.conversation_id, now) is not None:
        return True
    last = tx.one(int, "purchase_last_of_chat", conversation_id=who.conversation_id) if shop.waits.pin_idle else None
    return last is not None and now - last >= shop.waits.pin_idle


# tries


def begin(tx: Tx, who: Person, shop: Shop, now: int) -> Pin | None:
    """Count a try and return what to hold it against; None where there is no number, or no try is to be had."""
    counted = tx.run(
        "pin_try",
        holder=holder(tx, who),
        pause_after=_PAUSE_AFTER,
        pause_until=now + shop.waits.pin_pause,
        lock_after=_LOCK_AFTER,
        now=now,
    )
    return of(tx, who) if counted else None


def end(tx: Tx, who: Person, tried: Pin, shop: Shop, now: int, *, is_right: bool) -> None:
    """What became of a try. The tenth wrong one locks the account, or a cashier's or an owner's own chat."""
    if is_right:
        tx.run("pin_right", holder=tried.holder)
    elif tried.locked_at is not None and who.agent is not None:
        if who.role is Role.AGENT:
            safety.lock(tx, who.agent, who.acting, "ten wrong PINs", shop, now)
            return
        people.note(tx, who.acting, "locked out", who.agent.id, now, reason="ten wrong PINs")
        args = {"agent": f"{who.agent.code} {who.agent.name}"}
        told = Message(Text("own.locked_chat", args), options=(notices.option("unlock", f"aktif {who.agent.code}"),))
        cause = f"locked:{tried.holder}:{now}"
        alerts.announce(tx, told, "own.locked", f"{tried.holder}: ten wrong PINs", cause, shop, now)


# setting and taking away


def is_trivial(pin: str) -> bool:
    """Whether it is what a thief tries first, or reads like an amount."""
    steps = {(int(second) - int(first)) % 10 for first, second in pairwise(pin)}
    return len(steps) == 1 or pin in (pin[:2] * 3, pin[:3] * 2) or pin.endswith("000")


def keep(tx: Tx, who: Person, hashed: str, now: int) -> None:
    """Set or change his number; every other chat of its holder has the new one from now on."""
    tx.run("pin_set", holder=holder(tx, who), hash=hashed, now=now)
    _note(tx, who, "set a PIN", now)


def remove(tx: Tx, who: Person, now: int) -> None:
    """Ask for none any more."""
    tx.run("pin_remove", holder=holder(tx, who))
    _note(tx, who, "removed the PIN", now)


def ask_from(tx: Tx, who: Person, rupiah: int, now: int) -> None:
    """From which price on his number is asked. Raises `PeopleError` for an amount that is none."""
    if not 1 <= rupiah <= 1_000_000_000:
        raise PeopleError("a PIN is asked from a whole number of rupiah on")
    tx.run("pin_asked_from", holder=holder(tx, who), asked_from=rupiah)
    _note(tx, who, "changed what the PIN guards", now, reason=f"from {rupiah} on")


def _note(tx: Tx, who: Person, action: str, now: int, *, reason: str = "") -> None:
    if who.agent is not None:
        people.note(tx, who.acting, action, who.agent.id, now, reason=reason)


# what an owner may do


def is_locked(tx: Tx, whom: Agent) -> bool:
    """Whether the account or any chat of it waits for an owner."""
    if safety.is_locked(tx, whom.id):
        return True
    held = (tx.one(Pin, "pin_of", holder=one) for one in tx.all(str, "pin_holders", agent_id=whom.id))
    return any(one is not None and one.locked_at is not None for one in held)


def unlock(tx: Tx, whom: Agent, actor: str, now: int, *, spared: str = "") -> bool:
    """Take the account's lock off and its chats' wrong tries; False where nothing was locked or counted.

    `spared` is the holder who asks: nobody takes off his own.
    """
    changed = tx.run("lock_remove", agent_id=whom.id)
    for one in tx.all(str, "pin_holders", agent_id=whom.id):
        found = tx.one(Pin, "pin_of", holder=one)
        if found is not None and found.wrong and one != spared:
            changed += tx.run("pin_right", holder=one)
    if changed:
        people.note(tx, actor, "unlocked", whom.id, now)
    return bool(changed)


def forget(tx: Tx, whom: Agent, actor: str, now: int) -> bool:
    """Take away the numbers of the account and of its cashiers, for whoever forgot his; False if there was none."""
    holders = tx.all(str, "pin_holders", agent_id=whom.id)
    for one in holders:
        tx.run("pin_remove", holder=one)
    if holders:
        people.note(tx, actor, "took the PIN away", whom.id, now)
    return bool(holders)


# the numbers themselves; slow on purpose: never within a unit


def hashed(pin: str, pepper: str) -> str:
    """What is kept of it."""
    return _HASHER.hash(_peppered(pin, pepper))


def fits(kept: str, pin: str, pepper: str) -> bool:
    """Whether it is the number; as slow for a wrong one."""
    try:
        return _HASHER.verify(kept, _peppered(pin, pepper))
    except VerificationError:
        return False


def _peppered(pin: str, pepper: str) -> str:
    return hmac.new(pepper.encode(), pin.encode(), hashlib.sha256).hexdigest()
