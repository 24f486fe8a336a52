"""What becomes of a message after a call, or after a platform's later word: by its class, and by what is proven.

The one place that says when something is sent again, turned into another form, parked or let go. It decides nothing
about a purchase.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.domain.rules import Waits
from bot.messaging import outbox
from bot.messaging.channel import Outcome, Result
from bot.messaging.outbox import Class, Outgoing, Variant
from bot.ports import Tx

_LONGEST_PAUSE = 86_400.0  # seconds; no platform means more, whatever it writes
_EDITS_TRIED = 3
# plain words come before a template, never after it: else the two would take turns for ever
_TRIED_BEFORE = {
    Variant.TEMPLATE: (Variant.TEMPLATE,),
    Variant.PLAIN: (Variant.PLAIN, Variant.TEMPLATE),
}
_ALERTS = {Outcome.REFUSED: "own.unsendable", Outcome.BARE: "own.unsendable", Outcome.HELD: "own.held"}


@dataclass(frozen=True, slots=True)
class Next:
    """The row's state, when it is tried again (milliseconds from now), what it counts, and in which form."""

    state: str
    wait: int = 0
    unknown: bool = False
    given_back: bool = False
    variant: Variant | None = None

    @property
    def is_tried_again(self) -> bool:
        """Whether the row waits for its next try."""
        return self.state in ("queued", "unknown")


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules (docs/architecture.md, Delivery). An unclear token waits for a platform that tells `statuses` later.

    There every attempt has a number of its own, by which it is named, and none is given back.
    """

    waits: Waits
    statuses: bool = False

    def after(self, outgoing: Outgoing, result: Result, now: int) -> Next:
        """What one end of a call makes of the row."""
        after = self._after(outgoing, result, now)
        return replace(after, given_back=False) if self.statuses else after

    def _after(self, outgoing: Outgoing, result: Result, now: int) -> Next:
        match result.outcome:
            case Outcome.SENT:
                return Next("sent")
            case Outcome.LATER | Outcome.SHUT:
                state = "unknown" if outgoing.unknowns else "queued"
                again = Next(state, pause(result), given_back=True)
                return self._unless_too_old(outgoing, again, now)
            case Outcome.NOT_SENT:
                wait = self.waits.not_sent[min(outgoing.attempts, len(self.waits.not_sent) - 1)]
                return self._unless_too_old(outgoing, Next("queued", wait), now)
            case Outcome.CLOSED:
                return self._in_form(outgoing, Variant.TEMPLATE)
            case Outcome.BARE:
                return self._in_form(outgoing, Variant.PLAIN)
            case Outcome.HELD if outgoing.message_class is Class.CRITICAL:
                state = "unknown" if outgoing.unknowns else "queued"
                return self._unless_too_old(outgoing, Next(state, self.waits.held, given_back=True), now)
            case Outcome.AWAY | Outcome.REFUSED | Outcome.HELD:
                return _given_up(outgoing)
            case Outcome.UNKNOWN:
                return self._unclear(outgoing, now)

    def _in_form(self, outgoing: Outgoing, variant: Variant) -> Next:
        """Once more in another form, where that is worth it and was not tried yet; a question in plain words only."""
        worth_it = (Class.CRITICAL,) if variant is Variant.TEMPLATE else (Class.CRITICAL, Class.PROMPT)
        is_worth_it = outgoing.message_class in worth_it
        if variant is Variant.TEMPLATE and outgoing.broadcast_id is not None:
            is_worth_it = True
        if not is_worth_it or outgoing.variant in _TRIED_BEFORE[variant]:
            return _given_up(outgoing)
        return Next("unknown" if outgoing.unknowns else "queued", variant=variant, given_back=True)

    def _unclear(self, outgoing: Outgoing, now: int) -> Next:
        match outgoing.message_class:
            case Class.CRITICAL if outgoing.unknowns < len(self.waits.resend):
                wait = self.waits.resend[outgoing.unknowns]
                wait = max(wait, self.waits.status) if self.statuses else wait
                return self._unless_too_old(outgoing, Next("unknown", wait, True), now)
            case Class.PROMPT if outgoing.unknowns == 0:
                return Next("unknown", self.waits.resend_prompt, True)
            case Class.EDIT if outgoing.unknowns < _EDITS_TRIED:
                return self._unless_too_old(outgoing, Next("unknown", self.waits.resend_prompt, True), now)
        return replace(_given_up(outgoing), unknown=True)

    def _unless_too_old(self, outgoing: Outgoing, after: Next, now: int) -> Next:
        most = {
            Class.CRITICAL: self.waits.send_critical,
            Class.PROMPT: self.waits.send_prompt,
            Class.EDIT: self.waits.send_edit,
            Class.NOTICE: self.waits.send_notice,
        }[outgoing.message_class]
        return after if now - outgoing.created_at < most else _given_up(outgoing)


def pause(result: Result) -> int:
    """For how long a platform wants to be left alone, in milliseconds."""
    return round(min(result.seconds, _LONGEST_PAUSE) * 1000)


def _given_up(outgoing: Outgoing) -> Next:
    return Next("parked" if outgoing.message_class is Class.CRITICAL else "dropped")


def note(tx: Tx, outgoing: Outgoing, result: Result, after: Next, now: int) -> None:
    """Write down how a call ended. A row that a status has settled meanwhile stays as that left it."""
    if result.outcome is Outcome.SENT:
        if not tx.run("outbox_sent", id=outgoing.id, now=now, ext_id=result.ext_id):
            tx.signal("unparked")
    elif not tx.run("outbox_proven_while_sending", id=outgoing.id, now=now):
        _move(tx, "outbox_retry", outgoing, result, after, now)


def _move(
    tx: Tx, query: str, outgoing: Outgoing, result: Result, after: Next, now: int, *, part: bool = False
) -> None:  # fmt: skip
    # refused is not unclear: where no attempt is given back, `sent` or a second word of this one would act once more
    is_clear = after.state == "unknown" and not (after.unknown or after.given_back)
    error = f"{result.outcome}: {result.note}" if result.note else result.outcome.value
    kind = _ALERTS.get(result.outcome) if outgoing.broadcast_id is None else None  # its own end tells of them all
    is_news = kind is not None and tx.one(str, "outbox_last_error", id=outgoing.id) != error
    moved = tx.run(
        query,
        id=outgoing.id,
        state="queued" if is_clear else after.state,
        unknown=int(after.unknown),
        given_back=int(after.given_back),
        next_at=now + after.wait,
        variant=after.variant,
        part=int(part),
        error=error,
    )
    if not moved:
        tx.signal("unparked")  # a status has moved it meanwhile, perhaps to be sent again: the sender looks anew
        return
    if result.outcome is Outcome.AWAY or after.state == "parked":
        tx.run("conversation_away", id=outgoing.conversation_id, away=1)
    if after.state == "parked" and not _elsewhere(tx, outgoing, now):
        detail = f"message {outgoing.id} could not be delivered"
        tx.run("alert_add", kind="own.undelivered", purchase_id=outgoing.purchase_id, detail=detail, created_at=now)
    elif kind is not None and is_news:  # what is held back is tried again and again
        detail = f"message {outgoing.id} was refused: {result.note}"[:300]
        tx.run("alert_add", kind=kind, purchase_id=None, detail=detail, created_at=now)


def _elsewhere(tx: Tx, outgoing: Outgoing, now: int) -> int:
    """Say it in the other chats that speak for the purchase's account; what comes to the first one later is headed."""
    chats = tx.all(int, "conversation_elsewhere", outbox_id=outgoing.id)
    for chat in chats:
        cause = f"elsewhere:{outgoing.id}:{chat}"
        outbox.put(
            tx,
            chat,
            outgoing.message,
            now,
            cause=cause,
            message_class=Class.CRITICAL,
            purchase_id=outgoing.purchase_id,
        )
    if chats:
        tx.run("outbox_said_elsewhere", id=outgoing.id)
    return len(chats)


# what a platform tells later


@dataclass(frozen=True, slots=True)
class Status:
    """A platform's later word on a message. `proof` is 1 sent, 2 delivered, 3 read, or 0 with what went wrong.

    `attempt` counts from 1; `is_whole` says whether the row's last part is meant. Epoch milliseconds.
    """

    row: int
    attempt: int
    is_whole: bool
    proof: int
    at: int
    result: Result | None = None
    priced: str = ""


@dataclass(frozen=True, slots=True)
class _Sent:
    proof: int  # -1 where one of several parts has failed
    attempts: int
    unknowns: int


def note_status(
    tx: Tx, channel: str, status: Status, after: Callable[[Outgoing, Result, int], Next], now: int
) -> bool:  # fmt: skip
    """Merge a status into its row, in any order and as often as it comes; False for a row that is not ours.

    Proof only grows, and beats a failure. Word of an earlier attempt counts only where it proves a delivery. Where one
    of several parts failed, what is proven of the last part of that attempt proves nothing of the message.
    """
    row = tx.one(_Sent, "outbox_for_status", id=status.row, channel=channel)
    if row is None:
        return False
    is_current = status.attempt == row.attempts
    if status.proof:
        if status.is_whole and (is_current or (status.proof > 1 and row.proof >= 0)):
            tx.run(
                "outbox_proven", id=status.row, proof=status.proof, at=status.at, priced=status.priced
            )  # fmt: skip
            if row.unknowns:  # whatever waits behind it need not
                tx.signal("unparked")
    elif status.result is not None and is_current and not (status.is_whole and row.proof > 1):
        outgoing = tx.one(Outgoing, "outbox_row", id=status.row)
        if outgoing is None:
            raise LookupError("a row without its conversation")
        then = after(outgoing, status.result, now)
        if status.result.outcome is Outcome.CLOSED and outgoing.heard_at > status.at and then.state != "dropped":
            then = Next("queued", variant=Variant.WRITTEN)  # he has written since, by the platform's own time
        _move(tx, "outbox_failed", outgoing, status.result, then, now, part=not status.is_whole)
        tx.signal("unparked")
    return True
