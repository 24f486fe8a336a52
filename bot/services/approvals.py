"""A second approver: what one owner decides, and another person approves before it is done. Moves nothing itself.

Switched on by `SECOND_APPROVER`, for what comes to so many rupiah. Whoever takes such a decision asks first, in the
turn that would do it, once everything was confirmed and found possible:

    if approvals.is_needed(turn.shop, rupiah):  # with what was decided today alone, where a limit a day holds
        given = {"agent": 1, "rp": 5_000}
        return approvals.propose(turn.tx, "adjust", given, what, reason, turn.person, turn.shop, turn.now)

`what` is the text that the other owners read, `given` all that the deed needs, as numbers and words. The deed of a
kind stands in the table `DEEDS` of `conversation/owner/approving.py`: `deed(turn, proposal, actor) -> Message`. It
runs once, in the turn of the tap that approves and in its unit, checks everything anew, and says what was done;
`actor` names both chats. Where it raises `NotDone`, before it has written anything, that is said and the proposal
goes on waiting. The proposal's `number` is a reference that makes the deed unique.

A person is one entry of OWNERS with all its chats: none of them approves what another one of them proposed.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from bot.domain import stored
from bot.domain.message import Clock, Day, Lines, Message, Option, Text, Value
from bot.domain.people import Owner, Person
from bot.domain.purchase import IN_DOUBT, Purchase
from bot.domain.rules import Shop
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.ports import Tx
from bot.services import alerts, notices, people, standing, trail, ways

_ROWS = 9


class NotDone(Exception):
    """What was approved cannot be done as things stand, and nothing was written; `message` says why."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.key)
        self.message = message


class State(StrEnum):
    """How a proposal stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # by the person who proposed it
    EXPIRED = "expired"  # in time, or early: what it was about ended, or who proposed it is an owner no more


_STATES = {
    State.WAITING: "prop.is_waiting",
    State.APPROVED: "prop.is_approved",
    State.REFUSED: "prop.is_refused",
    State.WITHDRAWN: "prop.is_withdrawn",
    State.EXPIRED: "prop.is_expired",
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A decision that waits, or waited. `owner` and `called` are who proposed it, `actor` his chat. Epoch ms."""

    id: int
    kind: str
    arguments: str
    what: str
    reason: str
    owner: str
    called: str
    actor: str
    conversation_id: int
    state: State
    expires_at: int
    created_at: int
    moved_at: int

    @property
    def number(self) -> str:
        """As people write it: `P3`."""
        return f"P{self.id}"

    @property
    def given(self) -> dict[str, Any]:
        """The arguments as they were proposed."""
        found: dict[str, Any] = json.loads(self.arguments)
        return found

    @property
    def told(self) -> Text:
        """What the owners read of it."""
        return stored.decode(self.what).text


Deed = Callable[[Proposal, str], Message]


def is_needed(shop: Shop, rupiah: int) -> bool:
    """Whether a decision about so much has to be approved by another owner."""
    return 0 < shop.second_approver <= rupiah


def owner(tx: Tx, who: Person, shop: Shop) -> Owner:
    """The person behind an owner's chat."""
    found = shop.owner((people.platform(who.channel), name) for name in people.names(tx, who))
    if found is None:
        raise LookupError(f"{who.acting} is no owner")
    return found


def propose(
    tx: Tx, kind: str, arguments: Mapping[str, str | int], what: Text, reason: str, who: Person, shop: Shop, now: int
) -> Message:
    """Keep the decision, ask the other owners, and return what to say to the one who took it.

    The same again while it waits is no second proposal. Raises `StandingError` while no money may move.
    """
    standing.need_writable(tx)
    for old in tx.all(Proposal, "proposal_due", now=now):
        _expire(tx, old, shop, now)
    by, written = owner(tx, who, shop), json.dumps(dict(arguments), sort_keys=True)
    facts: dict[str, str | int] = {"owner": by.key, "called": by.called, "actor": who.acting[:100]}
    facts |= {"what": stored.encode(Message(what)), "reason": " ".join(reason.split())[:1000]}
    fresh = tx.run(
        "proposal_add",
        kind=kind,
        arguments=written,
        conversation_id=who.conversation_id,
        expires_at=now + shop.waits.proposal,
        now=now,
        **facts,
    )
    made = tx.one(Proposal, "proposal_same", kind=kind, arguments=written)
    if made is None:
        raise LookupError("the proposal that was just made")
    if not fresh:
        return _answer(Text("prop.again", {"number": made.number}), _see(made))
    _note(tx, made, "proposed", who, now)
    others = _others(tx, made.owner, shop)
    for chat in others:
        outbox.put(tx, chat, card(made), now, cause=_cause(made, "asked", chat), message_class=Class.CRITICAL)
    args: dict[str, Value] = {"number": made.number, "day": Day(made.expires_at), "time": Clock(made.expires_at)}
    more = () if others else (Text("prop.nobody"),)
    return Message(Text("prop.sent", args), (made.told, *more), (_withdraw(made), _list_option()))


def by_number(tx: Tx, number: str) -> Proposal | None:
    """`P3` or `p3`; None for what is no proposal."""
    digits = number.casefold().removeprefix("p")
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= 9
    return tx.one(Proposal, "proposal_by_id", id=int(digits)) if is_number else None


def approve(tx: Tx, number: str, who: Person, shop: Shop, now: int, deed: Deed) -> Message:
    """Do what was proposed, once, by another person's word; what to say to whoever tapped."""
    found, said = _decidable(tx, number, shop, now)
    if found is None:
        return said
    by = owner(tx, who, shop)
    if by == _proposer(found, shop):
        return Message(Text("prop.own", {"number": found.number}), (found.told,), (_withdraw(found), _list_option()))
    try:
        standing.need_writable(tx)
        done = deed(found, f"{found.actor}, approved by {who.acting}")
    except NotDone as obstacle:
        return obstacle.message
    except standing.StandingError:
        return _answer(Text("prop.closed", {"number": found.number}), _see(found))
    if not _move(tx, found, State.APPROVED, by.key, now):
        raise LookupError(f"{found.number} was decided meanwhile")
    _note(tx, found, "approved the proposal", who, now)
    head = Text("prop.done", {"number": found.number, "owner": by.called, "time": Clock(now)})
    settled = Message(head, (done.text, *done.more), done.options)
    _tell(tx, found, settled, who, shop, now)
    return settled


def refuse(tx: Tx, number: str, who: Person, shop: Shop, now: int) -> Message:
    """Say no to what another proposed, or take back what one proposed oneself."""
    found, said = _decidable(tx, number, shop, now)
    if found is None:
        return said
    by = owner(tx, who, shop)
    key, state, action = "prop.refused", State.REFUSED, "refused the proposal"
    if by == _proposer(found, shop):
        key, state, action = "prop.withdrawn", State.WITHDRAWN, "withdrew the proposal"
    if not _move(tx, found, state, by.key, now):
        raise LookupError(f"{found.number} was decided meanwhile")
    _note(tx, found, action, who, now)
    settled = Message(
        Text(key, {"number": found.number, "owner": by.called, "time": Clock(now)}), (found.told,), (_list_option(),)
    )
    _tell(tx, found, settled, who, shop, now)
    return settled


def look(tx: Tx, shop: Shop, now: int) -> int:
    """End what nobody approved in time, and what there is nothing left to approve of; how many that were."""
    expired = sum(_expire(tx, one, shop, now) for one in tx.all(Proposal, "proposal_due", now=now))
    return expired + sum(_end(tx, one, shop, now) is not None for one in _waiting(tx, now))


def waits_for(tx: Tx, who: Person, shop: Shop, now: int) -> bool:
    """Whether an owner has something of another to decide."""
    by = owner(tx, who, shop)
    return any(_proposer(one, shop) != by for one in _waiting(tx, now))


def listed(tx: Tx, who: Person, shop: Shop, now: int) -> Message:
    """What waits for a second approver; a single one is shown to be decided."""
    found = [one for one in _waiting(tx, now) if _end(tx, one, shop, now) is None]
    if not found:
        return _answer(Text("prop.empty"), notices.option("menu", "menu"))
    if len(found) == 1:
        return shown(tx, found[0].number, who, shop, now)
    rows = tuple(
        Text("prop.row", {"number": one.number, "owner": one.called, "time": Clock(one.created_at), "what": one.told})
        for one in found[:_ROWS]
    )
    head = Text("prop.list", {"n": len(found)})
    return Message(head, (Text("line.parts", {"parts": Lines(rows)}),), tuple(_see(one) for one in found[:_ROWS]))


def shown(tx: Tx, number: str, who: Person, shop: Shop, now: int) -> Message:
    """One proposal to decide, or how it stands; who proposed it may take it back."""
    found, said = _decidable(tx, number, shop, now)
    if found is None:
        return said
    asked = card(found)
    is_own = _proposer(found, shop) == owner(tx, who, shop)
    return replace(asked, options=(_withdraw(found), _list_option())) if is_own else asked


def card(found: Proposal) -> Message:
    """What another owner reads and decides."""
    head = Text("prop.card", {"number": found.number, "owner": found.called, "time": Clock(found.created_at)})
    until: dict[str, Value] = {"day": Day(found.expires_at), "time": Clock(found.expires_at)}
    lines = (found.told, Text("prop.reason", {"reason": found.reason}), Text("prop.until", until))
    options = (notices.option("approve", f"setuju {found.number}"), notices.option("reject", f"tolak {found.number}"))
    return Message(head, lines, options)


def _decidable(tx: Tx, number: str, shop: Shop, now: int) -> tuple[Proposal | None, Message]:
    """The proposal that may be decided, or what to say instead."""
    found = by_number(tx, number)
    none = _answer(Text("prop.none", {"number": number[:20]}), _list_option())
    if found is None:
        return None, none
    if found.state is State.WAITING and found.expires_at <= now:
        _expire(tx, found, shop, now)
        found = by_number(tx, number) or found
    if found.state is not State.WAITING:
        is_early = found.state is State.EXPIRED and found.moved_at < found.expires_at
        words = Text("prop.is_void" if is_early else _STATES[found.state])
        state: dict[str, Value] = {"state": words, "time": Clock(found.moved_at)}
        args = state | {"number": found.number, "day": Day(found.moved_at)}
        return None, Message(Text("prop.twice", args), (found.told,), (_list_option(),))
    if _proposer(found, shop) is None:
        _move(tx, found, State.EXPIRED, "", now)
        return None, _answer(Text("prop.lapsed", {"number": found.number, "owner": found.called}), _list_option())
    ended = _end(tx, found, shop, now)
    return (found, none) if ended is None else (None, ended)


def _proposer(found: Proposal, shop: Shop) -> Owner | None:
    """Who proposed it, as the settings name him now: his chats may be more, or stand in another order."""
    channel, _, value = found.owner.partition(":")
    return shop.owner([(channel, value)])


def _expire(tx: Tx, found: Proposal, shop: Shop, now: int) -> bool:
    if not _move(tx, found, State.EXPIRED, "", now):
        return False
    settled = Message(Text("prop.expired", {"number": found.number}), (found.told,), (_list_option(),))
    _tell(tx, found, settled, None, shop, now)
    return True


def _end(tx: Tx, found: Proposal, shop: Shop, now: int) -> Message | None:
    """End it where the sale that it is about has its result without it, and tell; None while it is to be decided."""
    ended = _ended(tx, found)
    if ended is None or not _move(tx, found, State.EXPIRED, "", now):
        return None
    head = Text("prop.void", {"number": found.number, "sale": ended.sale})
    settled = Message(head, (found.told,), (ways.see(ended), _list_option()))
    _tell(tx, found, settled, None, shop, now)
    return settled


def _ended(tx: Tx, found: Proposal) -> Purchase | None:
    """A sale that it would have settled, and that is in doubt no more."""
    given = found.given
    match found.kind:
        case "settle" if given["way"] in ("sold", "unsold"):
            numbers = [given["case"]]
        case "absent":
            numbers = given["sales"].split()
        case _:
            return None
    about = [tx.one(Purchase, "purchase_by_id", id=int(number.lstrip("Tt"))) for number in numbers]
    return next((one for one in about if one is not None and one.state not in IN_DOUBT), None)


def _waiting(tx: Tx, now: int) -> list[Proposal]:
    return tx.all(Proposal, "proposal_waiting", now=now)


def _move(tx: Tx, found: Proposal, to: State, decider: str, now: int) -> bool:
    return bool(tx.run("proposal_move", id=found.id, state=to, decider=decider, now=now))


def _tell(tx: Tx, found: Proposal, settled: Message, by: Person | None, shop: Shop, now: int) -> None:
    """Whoever proposed it hears how it ended, and the question goes from the chats that did not decide it."""
    here = by.conversation_id if by is not None else None
    if found.conversation_id != here:
        cause = _cause(found, "decided", found.conversation_id)
        outbox.put(tx, found.conversation_id, settled, now, cause=cause, message_class=Class.CRITICAL)
    for chat in alerts.owners_chats(tx, shop):
        if chat != here:
            asked, changed = _cause(found, "asked", chat), _cause(found, "settled", chat)
            outbox.change(tx, chat, asked, Message(settled.text, settled.more), now, cause=changed)


def _note(tx: Tx, found: Proposal, action: str, who: Person, now: int) -> None:
    trail.note(tx, who.acting, action, found.number, now, reason=found.reason)


def _others(tx: Tx, key: str, shop: Shop) -> list[int]:
    """The chats of everybody but him."""
    mine = next((one.chats for one in shop.partners if one.key == key), ())
    found = [
        tx.one(people.Conversation, "conversation_by_proof", channel=channel, value=value)
        for channel, value in shop.owners
        if (channel, value) not in mine and f"{channel}:{value}" != key
    ]
    return [chat.id for chat in found if chat is not None]


def _cause(found: Proposal, what: str, chat: int) -> str:
    return f"proposal:{found.id}:{what}:{chat}"


def _see(found: Proposal) -> Option:
    return Option(f"proposal_{found.id}", Text("btn.see", {"sale": found.number}), f"usulan {found.number}")


def _withdraw(found: Proposal) -> Option:
    return notices.option("withdraw", f"tolak {found.number}")


def _list_option() -> Option:
    return notices.option("proposals", "usulan")


def _answer(text: Text, *options: Option) -> Message:
    return Message(text, options=options)
