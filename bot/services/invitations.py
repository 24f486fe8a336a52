"""Invitations: codes that let one chat speak for an agent, once and for a day, made by whoever may let people in.

A code is an opaque chance number: it is never logged, and a wrong, a used and an old one are answered alike.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot import ids
from bot.domain.ledger import COUNTER
from bot.domain.people import Agent, Person, Role
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import people
from bot.services.people import PeopleError


@dataclass(frozen=True, slots=True)
class Joined:
    """The chat speaks for the agent; `is_limited` while a further chat is new."""

    agent: Agent
    role: Role
    is_limited: bool


class Declined(StrEnum):
    """Why a code let nobody in. Only a code that would have worked is told apart from any other."""

    UNKNOWN = "unknown"  # also used, old, or tried too often
    OWNER = "owner"
    TAKEN = "taken"
    FROZEN = "frozen"
    UNPROVEN = "unproven"  # no name of the chat proves whose it is


@dataclass(frozen=True, slots=True)
class _Invitation:
    agent_id: int
    role: Role
    made_by: str
    expires_at: int
    used_at: int | None
    used_by_channel: str | None
    used_by_value: str | None


def make(tx: Tx, to: Agent, role: Role, actor: str, shop: Shop, now: int) -> str:
    """A fresh code for one chat of the agent's. Raises `PeopleError` for the counter and for a frozen agent."""
    if to.id == COUNTER:
        raise PeopleError("the counter belongs to the owners: their chats stand in OWNERS")
    if to.state != "active":
        raise PeopleError(f"{to.name} is frozen: unfreeze first")
    code = ids.invitation_code()
    tx.run(
        "invitation_add",
        code=code,
        agent_id=to.id,
        role=role,
        made_by=actor,
        created_at=now,
        expires_at=now + shop.waits.invitation,
    )
    people.note(tx, actor, "invited", to.id, now, reason=role)
    return code


def join(tx: Tx, code: str, who: Person, shop: Shop, now: int) -> Joined | Declined:
    """Use the code up and let the chat speak for its agent; or decline, and leave the code as it was."""
    since = now - shop.waits.wrong_codes
    tries = tx.one(int, "wrong_code_count", conversation_id=who.conversation_id, since=since) or 0
    found = tx.one(_Invitation, "invitation_by_code", code=code.upper())
    if tries >= shop.most_wrong_codes or found is None:
        return Declined.UNKNOWN
    address = (people.platform(who.channel), who.address)
    if found.used_at is not None and who.agent is not None and who.agent.id == found.agent_id:
        is_his = found.used_by_channel == address[0] and found.used_by_value in people.names(tx, who)  # tapped twice
        return Joined(who.agent, found.role, _is_limited(tx, who, now)) if is_his else Declined.UNKNOWN
    if found.used_at is not None or found.expires_at <= now:
        return Declined.UNKNOWN
    if who.role is Role.OWNER:
        return Declined.OWNER
    if who.agent is not None:
        return Declined.TAKEN
    if not who.address:
        return Declined.UNPROVEN
    agent = people.agent(tx, found.agent_id)
    if agent.state != "active":
        return Declined.FROZEN
    if not tx.run("invitation_use", code=code.upper(), channel=address[0], value=address[1], now=now):
        return Declined.UNKNOWN
    is_first = found.role is Role.AGENT and not people.chats(tx, agent.id)
    people.bind(
        tx,
        agent.id,
        address,
        shop,
        now,
        actor=who.acting,
        role=found.role,
        made_by=found.made_by,
        limited_until=0 if is_first else now + shop.waits.new_chat,
    )
    tx.run("session_drop", conversation_id=who.conversation_id)
    return Joined(agent, found.role, not is_first)


def missed(tx: Tx, who: Person, shop: Shop, now: int) -> None:
    """Count a wrong code against its chat: after five within an hour no invitation opens to it."""
    since = now - shop.waits.wrong_codes
    tx.run("wrong_code_forget", conversation_id=who.conversation_id, since=since)
    tx.run("wrong_code_add", conversation_id=who.conversation_id, now=now)


def _is_limited(tx: Tx, who: Person, now: int) -> bool:
    return people.new_since(tx, who.conversation_id, now) is not None
