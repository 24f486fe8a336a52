"""Messages on their way out: rows written with the change that caused them, claimed one by one by a sender.

The cause is the key: one job never queues a message twice, and a person may ask as often as he likes. Words are
made when a row is sent, never here.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot import ids
from bot.domain import stored
from bot.domain.message import Message
from bot.ports import Tx


class Class(StrEnum):
    """What may happen to a message whose sending is unclear: sent again and headed so, once more, or let go."""

    CRITICAL = "critical"
    PROMPT = "prompt"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a dialogue a message stands: the step that its options belong to, and the quote that they pay."""

    session_id: int
    position: int
    quote_id: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An outbox row as a sender needs it; `address` is the channel's own name of the person."""

    id: int
    conversation_id: int
    address: str
    language: str
    message_class: Class
    content: str
    nonce: str | None
    reply_to: str
    purchase_id: int | None
    attempts: int
    unknowns: int

    @property
    def message(self) -> Message:
        """What it says."""
        return stored.decode(self.content)


def put(
    tx: Tx,
    conversation_id: int,
    message: Message,
    now: int,
    *,
    cause: str,
    message_class: Class = Class.PROMPT,
    reply_to: str = "",
    purchase_id: int | None = None,
    place: Place | None = None,
) -> None:
    """Queue a message in the unit that caused it; the same cause queues nothing the second time."""
    content = stored.encode(message)
    nonce = ids.nonce() if message.options else None
    fresh = tx.run(
        "outbox_add",
        conversation_id=conversation_id,
        message_class=message_class,
        cause=cause,
        purchase_id=purchase_id,
        reply_to=reply_to,
        content=content,
        nonce=nonce,
        now=now,
    )
    if not fresh:
        return
    if nonce is not None:
        tx.run(
            "step_add",
            nonce=nonce,
            conversation_id=conversation_id,
            session_id=place.session_id if place else None,
            position=place.position if place else None,
            message=content,
            quote_id=place.quote_id if place else None,
            created_at=now,
        )
    tx.signal("outbox")
