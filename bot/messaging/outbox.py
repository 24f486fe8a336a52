"""Messages on their way out: rows written with the change that caused them, claimed one by one by a sender.

The cause is the key: one job never queues a message twice, and a person may ask as often as he likes. Words are
made when a row is sent, never here.
"""

import dataclasses
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot import ids
from bot.domain import stored
from bot.domain.message import Message, Text
from bot.ports import Tx

NO_BUTTONS = Message(Text(""))  # an edit that changes nothing but takes the buttons away
TAKEN_BACK = Message(Text("taken back"))  # says nothing: what its row answers is deleted from the chat


class Class(StrEnum):
    """What may happen to a message whose sending is unclear: sent again and headed so, once more, or let go."""

    CRITICAL = "critical"
    PROMPT = "prompt"
    EDIT = "edit"  # changes an earlier message; notifies nobody, so it may be let go
    NOTICE = "notice"


class Variant(StrEnum):
    """In which form a row leaves."""

    WRITTEN = ""  # as it was written
    TEMPLATE = "template"  # in words that the platform has approved before
    PLAIN = "plain"  # without ornament


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a dialogue a message stands: the step that its options belong to, and the quote that they pay."""

    session_id: int
    position: int
    quote_id: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An outbox row as a sender needs it; `address` is the channel's own name of the person.

    `edits` names the message that this one changes, by the channel's own id once it is sent ('' if nobody knows it).
    `heard_at` is when the person last wrote, where the channel needs to know; `paths` is where the files of its message
    lie, in their order. A `broadcast_id` marks what is said to many.
    """

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
    edits: str | None = None
    next_at: int = 0
    first_at: int | None = None
    created_at: int = 0
    variant: Variant = Variant.WRITTEN
    heard_at: int = 0
    paths: tuple[Path, ...] = ()
    broadcast_id: int | None = None

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
    edits: str | None = None,
    broadcast_id: int | None = None,
) -> None:
    """Queue a message in the unit that caused it; the same cause queues nothing the second time.

    A question replaces an earlier one that has not left yet. `edits` is the nonce of the message to change.
    """
    content = stored.encode(_zoned(tx, conversation_id, message))
    nonce = ids.nonce() if any(option.is_answered for option in message.options) else None
    if place is not None:
        tx.run("outbox_supersede", conversation_id=conversation_id)
    fresh = tx.run(
        "outbox_add",
        conversation_id=conversation_id,
        message_class=message_class,
        cause=cause,
        purchase_id=purchase_id,
        reply_to=reply_to,
        content=content,
        nonce=nonce,
        edits=edits,
        question=int(place is not None),
        broadcast_id=broadcast_id,
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


def _zoned(tx: Tx, conversation_id: int, message: Message) -> Message:
    """The message with its reader's zone, where that is not the shop's."""
    zone = tx.one(str, "conversation_zone", conversation_id=conversation_id)
    return dataclasses.replace(message, zone=zone) if zone else message


def take_buttons(tx: Tx, conversation_id: int, nonce: str, now: int) -> None:
    """Queue the removal of the buttons below a message that was answered."""
    put(tx, conversation_id, NO_BUTTONS, now, cause=f"buttons:{nonce}", message_class=Class.EDIT, edits=nonce)


def take_back(tx: Tx, conversation_id: int, ext_id: str, now: int) -> None:
    """Queue the deletion of what the person wrote, for a channel that `deletes`; tried like a question."""
    put(tx, conversation_id, TAKEN_BACK, now, cause=f"deletes:{conversation_id}:{ext_id}", reply_to=ext_id)


def change(tx: Tx, conversation_id: int, sent: str, message: Message, now: int, *, cause: str) -> None:
    """Let an earlier message, known by its cause, say something newer; only where its channel gave it a name."""
    nonce = tx.one(str, "outbox_named", cause=sent)
    if nonce is not None:
        put(tx, conversation_id, message, now, cause=cause, message_class=Class.EDIT, edits=nonce)


def seen(tx: Tx, nonce: str, ext_id: str) -> None:
    """Whoever taps a button has seen its message: an unclear one counts as sent, and keeps nobody waiting."""
    _wait_no_more(tx, nonce, tx.run("outbox_seen", nonce=nonce, ext_id=ext_id))


def answered(tx: Tx, nonce: str) -> None:
    """A question that was answered is not sent again; an unclear one keeps nobody waiting."""
    _wait_no_more(tx, nonce, tx.run("outbox_answered", nonce=nonce))


def _wait_no_more(tx: Tx, nonce: str, changed: int) -> None:
    if changed and tx.one(int, "outbox_unknowns", nonce=nonce):
        tx.signal("unparked")


def bring_back(tx: Tx, conversation_id: int, now: int) -> None:
    """The person can be reached again: what was parked is on its way once more."""
    tx.run("conversation_away", id=conversation_id, away=0)
    if tx.run("outbox_unpark", conversation_id=conversation_id, now=now):
        tx.signal("unparked")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A chat whose person waits for the supplier: its handle, and the platform's name of what he said last."""

    handle: str
    heard_as: str


def waiting(tx: Tx, channel: str, since: int) -> list[Waiting]:
    """Whoever has waited for the supplier from before `since` on: what shows them a sign of life."""
    return tx.all(Waiting, "conversation_waiting", channel=channel, since=since)
