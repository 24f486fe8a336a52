"""What keeps an account from harm beside its secret number: a lock that only an owner takes off, and blocked meters.

Whatever is under way is settled all the same: a lock stops new purchases and nothing else.
"""

from bot.domain.ledger import COUNTER
from bot.domain.message import Message, Text
from bot.domain.people import Agent
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import alerts, notices, people, trail
from bot.services.people import PeopleError

_MOST_SHOWN = 50
_HIGHEST_LIMIT = 1_000_000_000


def lock(tx: Tx, whom: Agent, actor: str, reason: str, shop: Shop, now: int) -> bool:
    """Let none of the account's chats buy until an owner unlocks it, and tell the owners; False if it was locked.

    Raises `PeopleError` for the counter: it belongs to those who would have to unlock it.
    """
    if whom.id == COUNTER:
        raise PeopleError("the counter belongs to the owners: it is never locked")
    if not tx.run("lock_add", agent_id=whom.id, actor=actor, reason=reason, now=now):
        return False
    people.note(tx, actor, "locked", whom.id, now, reason=reason)
    told = Message(
        Text("own.locked", {"agent": f"{whom.code} {whom.name}"}),
        options=(notices.option("unlock", f"aktif {whom.code}"), notices.option("agents", "agen")),
    )
    alerts.announce(tx, told, "own.locked", f"{whom.code}: {reason}", f"locked:{whom.id}:{now}", shop, now)
    return True


def is_locked(tx: Tx, agent_id: int) -> bool:
    """Whether the account waits for an owner."""
    return tx.one(int, "lock_of", agent_id=agent_id) is not None


def refusal() -> Message:
    """What somebody hears whose account is locked, whoever locked it and why."""
    return Message(Text("pin.locked"), (Text("err.nothing_charged"),), (notices.option("menu", "menu"),))


def limit(tx: Tx, whom: Agent, rupiah: int, actor: str, now: int) -> None:
    """What the account may spend a day, 0 for no limit. Raises `PeopleError` for an amount that is none."""
    if not 0 <= rupiah <= _HIGHEST_LIMIT:
        raise PeopleError("a limit is a whole number of rupiah up to 1.000.000.000, or 0 for none")
    tx.run("agent_daily_limit", id=whom.id, daily_limit=rupiah)
    people.note(tx, actor, "limited", whom.id, now, reason=trail.rupiah(rupiah))


# meters that the shop does not sell to


def block(tx: Tx, number: str, actor: str, now: int) -> bool:
    """Sell nothing more to this meter number or IDPEL; False if it was blocked before."""
    if not tx.run("meter_block", number=number, actor=actor, now=now):
        return False
    trail.note(tx, actor, "blocked the meter", number, now)
    return True


def unblock(tx: Tx, number: str, actor: str, now: int) -> bool:
    """Sell to it again; False if it was not blocked."""
    if not tx.run("meter_unblock", number=number):
        return False
    trail.note(tx, actor, "unblocked the meter", number, now)
    return True


def is_blocked(tx: Tx, msn: str, idpel: str = "") -> bool:
    """Whether the owner has blocked either of a customer's two numbers."""
    return tx.one(int, "meter_is_blocked", msn=msn, idpel=idpel or msn) is not None


def blocked(tx: Tx) -> list[str]:
    """The numbers that are blocked, the latest first; not more than can be read."""
    return tx.all(str, "meter_blocked_list", most=_MOST_SHOWN)


def blocked_refusal() -> Message:
    """What somebody hears who wants to buy for a blocked meter."""
    return Message(Text("meter.blocked"), (Text("err.nothing_charged"),), (notices.option("buy_other", "beli"),))
