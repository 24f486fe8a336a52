"""Top-up tickets: an agent announces a transfer by an amount of its own, an owner says whether it came.

A ticket is credited once, whoever taps and however often; the bank's line counts, not a photo of it. Each move commits
with the message that tells of it. Nothing here looks at a bank.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.clock import DAY
from bot.domain.ledger import BANK, Transfer, account_of
from bot.domain.message import Message
from bot.domain.people import Agent
from bot.domain.rules import Shop
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.ports import Tx
from bot.services import alerts, ledger, people, slips, standing, trail

_TAILS = 999
_STEP = 137  # has no divisor in common with 999: neighbouring tickets get tails far apart
_MOST_CREDITED = 1_000_000_000


class State(StrEnum):
    """How a ticket stands."""

    OPEN = "open"
    WAITING = "waiting"  # the agent says that he has paid
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    APPROVED = "approved"
    REJECTED = "rejected"


UNDECIDED = (State.OPEN, State.WAITING, State.EXPIRED)  # what an owner may still decide
_MAY_BE_PAID = (State.OPEN, State.EXPIRED, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Ticket:
    """`amount` rupiah are asked for, `credited` came. Epoch milliseconds; `moved_at` is when it came to its state."""

    id: int
    agent_id: int
    conversation_id: int
    amount: int
    state: State
    created_at: int
    expires_at: int
    moved_at: int
    reminded: int
    credited: int
    actor: str
    reason: str

    @property
    def number(self) -> str:
        """As people write it: `#88`."""
        return f"#{self.id}"


@dataclass(frozen=True, slots=True)
class _Booked:
    amount: int
    at: int


def by_number(tx: Tx, number: str) -> Ticket | None:
    """`88` or `#88`; None for what is no ticket."""
    digits = number.removeprefix("#")
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= 9
    return tx.one(Ticket, "ticket_by_id", id=int(digits)) if is_number else None


def open_of(tx: Tx, agent_id: int) -> Ticket | None:
    """The ticket that the agent may pay."""
    return tx.one(Ticket, "ticket_open", agent_id=agent_id)


def latest_of(tx: Tx, agent_id: int) -> Ticket | None:
    """The agent's last ticket, however it stands."""
    return tx.one(Ticket, "ticket_latest", agent_id=agent_id)


def undecided(tx: Tx) -> list[Ticket]:
    """What waits for an owner, then what may still be paid; oldest first."""
    return tx.all(Ticket, "ticket_undecided")


def are_too_many(tx: Tx, agent_id: int, shop: Shop) -> bool:
    """Whether so many of the agent's tickets are undecided that another would only bury them."""
    return (tx.one(int, "ticket_undecided_of", agent_id=agent_id) or 0) >= shop.most_tickets


def make(tx: Tx, to: Agent, conversation_id: int, wanted: int, shop: Shop, now: int) -> Ticket | None:
    """A ticket for at least the rupiah wanted, to the next thousand and a tail of its own.

    None where every tail is taken. An agent has one open ticket: who has one gets that.
    """
    if (existing := open_of(tx, to.id)) is not None:
        if existing.expires_at > now:
            return existing
        _expire(tx, existing, now)
    number = tx.one(int, "ticket_next_id") or 1
    taken = set(tx.all(int, "ticket_tails", since=now - shop.waits.ticket_tail))
    tail = next((one for one in _tails(number) if one not in taken), None)
    if tail is None:
        return None
    amount = -(-wanted // 1_000) * 1_000 + tail
    chat = {"agent_id": to.id, "conversation_id": conversation_id}
    tx.run("ticket_add", amount=amount, now=now, expires_at=now + shop.waits.ticket, **chat)
    return open_of(tx, to.id)


def _tails(number: int) -> list[int]:
    return [(number + step) * _STEP % _TAILS + 1 for step in range(_TAILS)]


def paid(tx: Tx, ticket: Ticket, shop: Shop, now: int) -> bool:
    """The agent says that he has paid, in time or later: the owners are asked, once. False if that is no news."""
    if ticket.state not in _MAY_BE_PAID or not _move(tx, ticket, State.WAITING, now):
        return False
    agent, other = people.agent(tx, ticket.agent_id), tx.one(int, "ticket_namesake", amount=ticket.amount, id=ticket.id)
    asked = slips.to_decide(ticket.number, ticket.amount, agent, now, namesake=f"#{other}" if other else "")
    alerts.tell_owners(tx, asked, _cause(ticket, "asked"), shop, now, message_class=Class.CRITICAL)
    return True


def cancel(tx: Tx, ticket: Ticket, now: int) -> bool:
    """The agent lets an open ticket go; False if it is open no more."""
    return ticket.state is State.OPEN and _move(tx, ticket, State.CANCELLED, now)


def by_hand(tx: Tx, ticket: Ticket, now: int) -> tuple[int, int] | None:
    """What an owner credited to the agent by hand within a day that may be this ticket's money: rupiah, and when."""
    account = account_of(ticket.agent_id)
    found = tx.one(_Booked, "ticket_booked_by_hand", credit=account, amount=ticket.amount, since=now - DAY)
    return None if found is None else (found.amount, found.at)


def approve(tx: Tx, ticket: Ticket, came: int, actor: str, shop: Shop, now: int) -> bool:
    """Credit what came, in rupiah, and tell the agent; False if somebody has decided before, or it was called off.

    Raises `StandingError` while no money may move.
    """
    standing.need_writable(tx)
    if not 0 < came <= _MOST_CREDITED or ticket.state not in UNDECIDED:
        return False
    if not _move(tx, ticket, State.APPROVED, now, credited=came, actor=actor):
        return False
    ledger.open_account(tx, BANK, guarded=False)
    before = ledger.agent_account(tx, ticket.agent_id).posted
    account_id = account_of(ticket.agent_id)
    ledger.post(tx, Transfer(_cause(ticket), BANK, account_id, came, "ticket", actor=actor, reason=ticket.number), now)
    _note(tx, ticket, "approved the ticket", actor, now, reason=trail.rupiah(came))
    _tell(tx, ticket, slips.credited(ticket.number, ticket.amount, came, before), "decided", now)
    _settled_elsewhere(tx, ticket, shop, now)
    return True


def reject(tx: Tx, ticket: Ticket, reason: str, actor: str, shop: Shop, now: int) -> bool:
    """Say no, with a reason that the agent reads; False if somebody has decided before, or it was called off."""
    reason = " ".join(reason.split())[:200]
    if ticket.state not in UNDECIDED or not _move(tx, ticket, State.REJECTED, now, actor=actor, reason=reason):
        return False
    _note(tx, ticket, "rejected the ticket", actor, now, reason=reason)
    _tell(tx, ticket, slips.rejected(ticket.number, reason), "decided", now)
    _settled_elsewhere(tx, ticket, shop, now)
    return True


def look(tx: Tx, shop: Shop, now: int) -> int:
    """Remind of tickets that are about to expire, and expire those whose time is over; how many messages that made."""
    told = 0
    for ticket in tx.all(Ticket, "ticket_due", before=now + shop.waits.ticket_reminder):
        if ticket.expires_at <= now:
            told += _expire(tx, ticket, now)
        elif tx.run("ticket_remind", id=ticket.id):
            _tell(tx, ticket, slips.reminder(ticket.number, ticket.amount, ticket.expires_at), "reminder", now)
            told += 1
    return told


def _expire(tx: Tx, ticket: Ticket, now: int) -> bool:
    if not _move(tx, ticket, State.EXPIRED, now):
        return False
    _tell(tx, ticket, slips.expired(ticket.number), "expired", now)
    return True


def _move(tx: Tx, ticket: Ticket, to: State, now: int, *, credited: int = 0, actor: str = "", reason: str = "") -> bool:
    """From the state that was read; whoever came first has moved it."""
    facts: dict[str, str | int] = {"credited": credited, "actor": actor[:100], "reason": reason}
    return bool(tx.run("ticket_move", id=ticket.id, was=ticket.state, state=to, now=now, **facts))


def _note(tx: Tx, ticket: Ticket, action: str, actor: str, now: int, *, reason: str) -> None:
    trail.note(tx, actor, action, ticket.number, now, agent_id=ticket.agent_id, reason=reason)


def _cause(ticket: Ticket, what: str = "") -> str:
    return f"ticket:{ticket.id}:{what}" if what else f"ticket:{ticket.id}"


def _tell(tx: Tx, ticket: Ticket, message: Message, what: str, now: int) -> None:
    """The chat that made the ticket, as long as it speaks for the account; else whoever does."""
    chats = people.principals(tx, ticket.agent_id)
    chats = [ticket.conversation_id] if ticket.conversation_id in chats else chats
    kind = Class.CRITICAL if what == "decided" else Class.NOTICE
    for chat in chats:
        outbox.put(tx, chat, message, now, cause=f"{_cause(ticket, what)}:{chat}", message_class=kind)


def _settled_elsewhere(tx: Tx, ticket: Ticket, shop: Shop, now: int) -> None:
    """The question disappears from the owners' other chats, where their channels can change what they sent."""
    agent = people.agent(tx, ticket.agent_id)
    decided = by_number(tx, ticket.number)
    if decided is not None:
        settled = slips.decided(ticket.number, agent, decided.state, decided.moved_at)
        for chat in alerts.owners_chats(tx, shop):
            asked = f"{_cause(ticket, 'asked')}:{chat}"
            outbox.change(tx, chat, asked, settled, now, cause=f"{_cause(ticket, 'settled')}:{chat}")
