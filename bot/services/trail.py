"""The trail: who did what, when, from where and about what. Rows are added and never changed; only owners read them.

Whatever changes people, money, limits or the shop by somebody's word writes one row, in the unit that changes it.
"""

import re
from dataclasses import dataclass

from bot.ports import Tx

SHOP = "shop"  # what is about the whole shop
_FROM = re.compile(r"(?P<role>owner|agent|cashier|customer) in chat (?P<chat>\d+)(?:, approved by .*)?")


@dataclass(frozen=True, slots=True)
class Deed:
    """One row. `subject` is A017, T10482, #88, a meter number or `shop`; `chat` the chat it was done to, or ''.

    `at` is epoch milliseconds; `reason` is why, or how much.
    """

    id: int
    at: int
    actor: str
    action: str
    subject: str
    chat: str
    reason: str


@dataclass(frozen=True, slots=True)
class Doer:
    """Who: a role in a chat (`telegram:123`), or else '' and the name of whoever worked at the command line."""

    role: str
    name: str


def note(
    tx: Tx,
    actor: str,
    action: str,
    subject: str,
    now: int,
    *,
    agent_id: int | None = None,
    chat: str = "",
    reason: str = "",
) -> None:
    """Write a row. No PIN, token or secret goes into it."""
    tx.run(
        "trail_add",
        at=now,
        actor=actor[:100],
        action=action,
        subject=subject,
        agent_id=agent_id,
        chat=chat,
        reason=" ".join(reason.split())[:1000],
    )


def rupiah(amount: int) -> str:
    """A sum as both languages write it, for a row's reason: `Rp500.000`."""
    return f"Rp{amount:,}".replace(",", ".")


def signed(amount: int) -> str:
    """A difference, for a row: `+Rp5.000`, `−Rp20.000`."""
    return f"{'−' if amount < 0 else '+'}{rupiah(abs(amount))}"


def of_agent(tx: Tx, agent_id: int) -> list[Deed]:
    """Everything that was done to the agent and his chats, oldest first."""
    return tx.all(Deed, "trail_of_agent", agent_id=agent_id)


def latest(tx: Tx, *, most: int, skip: int = 0) -> list[Deed]:
    """The newest rows first."""
    return tx.all(Deed, "trail_latest", most=most, skip=skip)


def between(tx: Tx, start: int, until: int, *, most: int, skip: int = 0) -> list[Deed]:
    """What was done in a span of time, epoch milliseconds, the newest first."""
    return tx.all(Deed, "trail_between", start=start, until=until, most=most, skip=skip)


def about(tx: Tx, subject: str, *, most: int, skip: int = 0) -> list[Deed]:
    """What was done about one agent, sale, ticket or meter, the newest first."""
    return tx.all(Deed, "trail_about", subject=subject, most=most, skip=skip)


def by(tx: Tx, chat: str, *, most: int, skip: int = 0) -> list[Deed] | None:
    """What was done from a chat (`telegram:123`), the newest first; None where nobody has written from such a chat."""
    channel, _, value = chat.partition(":")
    found = tx.one(int, "trail_conversation", channel=channel, value=value)
    return None if found is None else tx.all(Deed, "trail_by", conversation_id=found, most=most, skip=skip)


def doer(tx: Tx, actor: str) -> Doer:
    """Who did it, and from which chat."""
    found = _FROM.fullmatch(actor)
    if found is None:
        return Doer("", actor)
    chat = tx.one(str, "trail_chat", conversation_id=int(found["chat"]))
    return Doer(found["role"], chat or f"chat {found['chat']}")
