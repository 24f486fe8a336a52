"""The sender of one channel: claims a row, sends it, commits the outcome. In order per conversation.

Neither platform has an idempotent send, so an unclear one is repeated by class and headed as a repeat; a token's
message is never dropped silently.
"""

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

import structlog

from bot.domain.message import Message, Text
from bot.domain.rules import Waits
from bot.messaging.outbox import Class, Outgoing
from bot.ports import Store, Tx

log = structlog.get_logger(__name__)

_AT_ONCE = 128


class Outcome(StrEnum):
    """How one call ended: delivered, proven not to have left, or nobody knows."""

    SENT = "sent"
    NOT_SENT = "not sent"
    UNKNOWN = "unknown"


class Channel(Protocol):
    """Where messages go. `send` never raises: what it cannot know is UNKNOWN."""

    name: str

    async def send(self, outgoing: Outgoing, message: Message) -> Outcome:
        """Deliver one message to its address."""


class Sender:
    """Sends what waits for one channel. `now` is epoch milliseconds."""

    def __init__(self, store: Store, channel: Channel, now: Callable[[], int], waits: Waits) -> None:
        self._store = store
        self._channel = channel
        self._now = now
        self._waits = waits
        self._unnoted: list[tuple[Outgoing, Outcome]] = []

    async def start(self) -> None:
        """What the last process left in the middle of sending may have arrived: its repeat says so."""
        await self._store.write(_left_sending, self._channel.name)

    async def work(self) -> int:
        """Send everything that is due, conversations beside one another; how many were sent.

        Outcomes that a full disk would not take are kept and noted first the next time: nobody gets a second copy.
        """
        sent = await self._note_all()
        while due := await self._store.write(_claim, self._channel.name, self._now()):
            outcomes = await asyncio.gather(*(self._send(one) for one in due))
            self._unnoted = list(zip(due, outcomes, strict=True))
            sent += await self._note_all()
        return sent

    async def _note_all(self) -> int:
        if self._unnoted:
            await self._store.write(self._note, self._unnoted, self._now())
        noted, self._unnoted = len(self._unnoted), []
        return noted

    async def _send(self, outgoing: Outgoing) -> Outcome:
        message = outgoing.message
        if outgoing.unknowns and outgoing.message_class is Class.CRITICAL and outgoing.purchase_id is not None:
            head = Text("resend.head", {"sale": f"T{outgoing.purchase_id}"})
            message = Message(head, (message.text, *message.more), message.options)
        try:
            return await self._channel.send(outgoing, message)
        except Exception as error:  # noqa: BLE001  # the worst outcome is not knowing, and it has a name
            log.error("a send failed unexpectedly", outbox=outgoing.id, error=type(error).__name__)
            return Outcome.UNKNOWN

    def _note(self, tx: Tx, results: list[tuple[Outgoing, Outcome]], now: int) -> None:
        for outgoing, outcome in results:
            if outcome is Outcome.SENT:
                tx.run("outbox_sent", id=outgoing.id, now=now)
                continue
            state, wait = self._next(outgoing, outcome)
            tx.run(
                "outbox_retry",
                id=outgoing.id,
                state=state,
                unknown=int(outcome is Outcome.UNKNOWN),
                next_at=now + wait,
                error=outcome.value,
            )
            if state == "parked":
                detail = f"message {outgoing.id} could not be delivered"
                tx.run(
                    "alert_add", kind="own.undelivered", purchase_id=outgoing.purchase_id, detail=detail, created_at=now
                )

    def _next(self, outgoing: Outgoing, outcome: Outcome) -> tuple[str, int]:
        """State and milliseconds to wait, by class (docs/architecture.md, Delivery)."""
        if outcome is Outcome.NOT_SENT:
            return "queued", self._waits.not_sent[min(outgoing.attempts, len(self._waits.not_sent) - 1)]
        if outgoing.message_class is Class.NOTICE:
            return "dropped", 0
        if outgoing.message_class is Class.PROMPT:
            return ("unknown", self._waits.resend_prompt) if outgoing.unknowns == 0 else ("dropped", 0)
        if outgoing.unknowns >= len(self._waits.resend):
            return "parked", 0
        return "unknown", self._waits.resend[outgoing.unknowns]


def _left_sending(tx: Tx, channel: str) -> None:
    tx.run("outbox_left_sending", channel=channel)


def _claim(tx: Tx, channel: str, now: int) -> list[Outgoing]:
    due = tx.all(Outgoing, "outbox_due", channel=channel, now=now, most=_AT_ONCE)
    for outgoing in due:
        tx.run("outbox_claim", id=outgoing.id, now=now)
    return due
