"""An owner closes sales by hand and opens them again; where the supplier stopped them, one payment tries first."""

import contextlib

from bot.conversation.command import owner_of
from bot.conversation.script import Turn
from bot.domain.message import Message, Text, Value
from bot.services import alerts, breaker, closing, notices, standing
from bot.services.breaker import TRY, Position, Way
from bot.services.decisions import DecisionError

_SURE = TRY.partition(" ")[2]


def close_sales(turn: Turn, rest: str) -> list[Message]:
    """`tutup`, `tutup listrik toko mati`: at once, for whoever does it may have no time for a question."""
    fresh = closing.close(turn.tx, rest, turn.person.acting, turn.now)
    shut = closing.closing(turn.tx)
    if shut is None:
        raise LookupError("the closing that was just made")
    args: dict[str, Value] = {"reason": shut.why}
    if not fresh:
        time = notices.when(shut.since, turn.shop, turn.now)
        return [Message(Text("maint.closed_already", args | {"time": time}), options=(closing.OPENS,))]
    told = Message(Text("maint.closed_by", args | {"who": owner_of(turn)}), options=(closing.OPENS,))
    _tell_others(turn, told, f"closed:{turn.now}")
    return [Message(Text("maint.closed", args), (Text("maint.told"),), (closing.OPENS,))]


def open_sales(turn: Turn, rest: str) -> list[Message]:
    """`buka`; after a code that only the owner's word overrules it asks once, `buka coba` and `buka REASON` do not."""
    tx = turn.tx
    was_shut = closing.reopen(tx, turn.person.acting, turn.now)
    buy = notices.option("buy", "beli")
    if standing.restriction(tx) is not None:
        return [Message(Text("maint.read_only"), options=(notices.option("alarms", "alarm"),))]
    found = breaker.read(tx)
    if found.state is Position.CLOSED:
        if not was_shut:
            return [Message(Text("maint.open"), options=(buy,))]
        breaker.tell_opening(tx, turn.now)
        _tell_others(turn, Message(Text("maint.reopened_by", {"who": owner_of(turn)})), f"opened:{turn.now}")
        return [Message(Text("maint.reopened"), options=(buy,))]
    if not rest and found.state is Position.OPEN and found.way_back is Way.OWNER:
        args: dict[str, Value] = {
            "code": "–" if found.code is None else str(found.code),
            "time": notices.when(found.since, turn.shop, turn.now),
        }
        return [Message(Text("maint.try_ask", args), options=(breaker.TRIES, notices.option("stay_closed", "tutup")))]
    reason = "–" if rest.casefold() in ("", _SURE, "try") else rest
    with contextlib.suppress(DecisionError):  # it is being tried already
        breaker.try_again(tx, turn.person.acting, reason, turn.now)
    return [Message(Text("maint.tried"), options=(buy,))]


def _tell_others(turn: Turn, told: Message, cause: str) -> None:
    alerts.tell_owners(turn.tx, told, cause, turn.shop, turn.now, but=turn.person.conversation_id)
