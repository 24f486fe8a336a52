"""Sales closed by hand, apart from the breaker: no good inquiry and no good payment opens them, only a person.

What was confirmed before goes on, and so does the asking; nothing new is taken.
"""

from dataclasses import dataclass

from bot.clock import DAY, HOUR
from bot.domain.ledger import COUNTER
from bot.domain.message import Message, Text, Value
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.ports import Tx
from bot.services import decisions, notices

LONGEST_REASON = 100
OPENS = notices.option("open", "buka")
_LATELY = 7 * DAY
_ASKED = HOUR  # a price is valid for less


@dataclass(frozen=True, slots=True)
class Closing:
    """Why ('' is no reason), by whom and since when (epoch milliseconds) sales are closed."""

    reason: str
    actor: str
    since: int

    @property
    def why(self) -> Value:
        """In the owner's words, or in the shop's own where he gave none."""
        return self.reason or Text("maint.by_owner")


def closing(tx: Tx) -> Closing | None:
    """How sales are closed by hand; None while they are not."""
    return tx.one(Closing, "closing")


def close(tx: Tx, reason: str, actor: str, now: int) -> bool:
    """Take no more purchases, and tell once whoever sold in the last days or is about to; he hears of the opening, too.

    False, with nobody told, if closed already; a new reason takes the place of the old one all the same.
    """
    reason = " ".join(reason.split())[:LONGEST_REASON]
    fresh = bool(tx.run("closing_add", reason=reason, actor=actor[:100], now=now))
    if not fresh:
        if reason and tx.run("closing_reason", reason=reason):
            decisions.record(tx, "close:sales", actor=actor, reason=reason, now=now)
        return False
    decisions.record(tx, "close:sales", actor=actor, reason=reason or "–", now=now)
    told = Message(Text("maint.paused", {"reason": Closing(reason, actor, now).why}), (Text("maint.will_tell"),))
    lately = {"since": now - _LATELY, "asked": now - _ASKED, "now": now, "counter": COUNTER}
    for conversation_id in tx.all(int, "conversation_of_sellers", **lately):
        cause = f"closed:{now}:{conversation_id}"
        outbox.put(tx, conversation_id, told, now, cause=cause, message_class=Class.NOTICE)
        tx.run("opening_watch_add", conversation_id=conversation_id)
    return True


def reopen(tx: Tx, actor: str, now: int) -> bool:
    """End it; False if sales were not closed by hand."""
    if not tx.run("closing_remove"):
        return False
    decisions.record(tx, "open:sales", actor=actor, reason="–", now=now)
    return True


def refusal(shut: Closing) -> Message:
    """*maint.agent*: what a seller reads."""
    return Message(Text("maint.agent", {"reason": shut.why}), options=(notices.option("tell_me", "kabari"),))
