"""The life of a purchase as a table: its states, what moves it, and the two records that it is made of.

Every change of state anywhere in Setrum is a row of `TRANSITIONS`; what is not in the table does not happen. The
diagram in docs/architecture.md is generated from it.
"""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a purchase stands; the agent's money is held in every open state (money rules §1.1)."""

    CONFIRMED = "CONFIRMED"  # paid for in chat, provably unsent
    SENDING = "SENDING"  # from here a payment may exist at the supplier
    UNKNOWN = "UNKNOWN"  # no trustworthy final answer
    VERIFY = "VERIFY"  # refused in words that a replayed payment could also hear
    MANUAL = "MANUAL"  # unclear for long; advice goes on, the owner may decide
    SUCCESS = "SUCCESS"  # token attributed, hold posted
    FAILED = "FAILED"  # no sale, hold voided
    LATE = "LATE"  # failed, but a sale turned up afterwards; the token is parked


OPEN = (State.CONFIRMED, State.SENDING, State.UNKNOWN, State.VERIFY, State.MANUAL)
IN_DOUBT = (State.UNKNOWN, State.VERIFY, State.MANUAL)


class Event(StrEnum):
    """What moves a purchase; the words stand on the arrows of the diagram."""

    SEND = "sent"
    EXPIRE = "not sent in time"
    UNSENT = "proven unsent"
    SOLD = "sale through the gate"
    DECLINED = "declined, proven"
    REFUSED = "refused, to verify"
    UNCLEAR = "unclear answer or none"
    NEGATIVES = "enough negative advices"
    OVERDUE = "in doubt for 2 h or contradictory"
    OWNER_SOLD = "owner: sold"
    OWNER_UNSOLD = "owner: not sold"
    ABSENT = "complete report without the sale, confirmed"
    RESTORED = "in a restored copy no longer proven unsent"
    LATE_LOSS = "owner: the shop's loss"
    LATE_PAID = "owner: the agent agreed to pay"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.CONFIRMED, Event.SEND): State.SENDING,
    (State.CONFIRMED, Event.EXPIRE): State.FAILED,
    (State.SENDING, Event.UNSENT): State.FAILED,
    (State.UNKNOWN, Event.UNSENT): State.FAILED,
    (State.VERIFY, Event.UNSENT): State.FAILED,
    (State.MANUAL, Event.UNSENT): State.FAILED,
    (State.SENDING, Event.SOLD): State.SUCCESS,
    (State.UNKNOWN, Event.SOLD): State.SUCCESS,
    (State.VERIFY, Event.SOLD): State.SUCCESS,
    (State.MANUAL, Event.SOLD): State.SUCCESS,
    (State.FAILED, Event.SOLD): State.LATE,
    (State.SENDING, Event.DECLINED): State.FAILED,
    (State.UNKNOWN, Event.DECLINED): State.FAILED,
    (State.VERIFY, Event.DECLINED): State.FAILED,
    (State.MANUAL, Event.DECLINED): State.FAILED,
    (State.SENDING, Event.REFUSED): State.VERIFY,
    (State.UNKNOWN, Event.REFUSED): State.VERIFY,
    (State.SENDING, Event.UNCLEAR): State.UNKNOWN,
    (State.VERIFY, Event.NEGATIVES): State.FAILED,
    (State.UNKNOWN, Event.OVERDUE): State.MANUAL,
    (State.VERIFY, Event.OVERDUE): State.MANUAL,
    (State.UNKNOWN, Event.OWNER_SOLD): State.SUCCESS,
    (State.VERIFY, Event.OWNER_SOLD): State.SUCCESS,
    (State.MANUAL, Event.OWNER_SOLD): State.SUCCESS,
    (State.UNKNOWN, Event.OWNER_UNSOLD): State.FAILED,
    (State.VERIFY, Event.OWNER_UNSOLD): State.FAILED,
    (State.MANUAL, Event.OWNER_UNSOLD): State.FAILED,
    (State.UNKNOWN, Event.ABSENT): State.FAILED,
    (State.VERIFY, Event.ABSENT): State.FAILED,
    (State.MANUAL, Event.ABSENT): State.FAILED,
    (State.CONFIRMED, Event.RESTORED): State.UNKNOWN,
    (State.LATE, Event.LATE_LOSS): State.LATE,
    (State.LATE, Event.LATE_PAID): State.LATE,
}

# these rest on a person's word: each carries who and why
BY_HAND = (Event.OWNER_SOLD, Event.OWNER_UNSOLD, Event.ABSENT, Event.LATE_LOSS, Event.LATE_PAID)


def after(state: State, event: Event) -> State | None:
    """The state that the event leads to, or None where it is noted and changes nothing."""
    return TRANSITIONS.get((state, event))


@dataclass(frozen=True, slots=True)
class Quote:
    """A price offered to one agent in one chat, usable once until `expires_at`. Rupiah and epoch milliseconds."""

    id: str
    conversation_id: int
    agent_id: int
    msn: str
    idpel: str
    name: str
    tariff_power: str
    refnum: str
    unsold_tokens: int
    denomination: int
    adm: int
    markup: int
    fee: int
    created_at: int
    expires_at: int

    @property
    def price(self) -> int:
        """What the agent pays: denomination, the supplier's admin fee, the shop's markup."""
        return self.denomination + self.adm + self.markup

    @property
    def retail(self) -> int:
        """What the customer pays the agent: denomination, admin fee, the agent's own service fee."""
        return self.denomination + self.adm + self.fee


@dataclass(frozen=True, slots=True)
class Purchase:
    """One confirmed intent to buy. `id` is the sale's number for people (`T10482`), `trxid` the supplier's."""

    id: int
    trxid: str
    quote_id: str
    conversation_id: int
    agent_id: int
    order_id: str
    state: State
    ver: int
    msn: str
    idpel: str
    name: str
    tariff_power: str
    refnum: str
    denomination: int
    adm: int
    markup: int
    fee: int
    price: int
    rebate: int
    confirmed_at: int
    sent_at: int | None
    settled_at: int | None
    reason: str
    refused: str  # '', 'V' or 'V+': how PAY was refused
    payref: str | None
    advref: str | None
    paid_at: int | None
    sold_adm: int | None
    kwh: str
    vat: int
    local_tax: int
    instalment: int
    stamp_duty: int
    clock_offset: int | None
    next_at: int | None
    advices: int
    negatives: int
    first_negative_at: int | None
    rechecks: int
    told: int
    claim_code: str | None

    @property
    def sale(self) -> str:
        """The short number that people say."""
        return f"T{self.id}"

    @property
    def retail(self) -> int:
        """What the customer pays at the counter."""
        return self.denomination + self.adm + self.fee

    @property
    def total(self) -> int:
        """What the supplier took for it, its own admin fee included: RP BAYAR of the receipt."""
        return self.denomination + (self.adm if self.sold_adm is None else self.sold_adm)

    @property
    def is_open(self) -> bool:
        """Whether the agent's money is still held."""
        return self.state in OPEN
