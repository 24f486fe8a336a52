"""What an owner settles himself: purchases that the supplier leaves open, and sales that turned up too late.

Nothing here happens without a name and a reason, and a token that was typed in passes the same gate as the supplier's.
Refuses what is too young to judge: until then advice may still find the answer.
"""

from dataclasses import dataclass

from bot.clock import MINUTE
from bot.domain import token
from bot.domain.gate import Rule
from bot.domain.ledger import COUNTER, late_transfers
from bot.domain.message import Message, Rupiah, Text
from bot.domain.purchase import IN_DOUBT, Event, Purchase, State
from bot.domain.rules import Shop
from bot.domain.supply import Sale
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.ports import Tx
from bot.services import decisions, exchanges, ledger, notes, notices, people, purchases, settlement, standing
from bot.services.decisions import Decision, DecisionError
from bot.services.exchanges import Exchange
from bot.services.notes import Note

_MOST_EVIDENCE = 64 * 1024


class VetoedError(DecisionError):
    """What was typed is not this purchase's sale, by this rule of the gate."""

    def __init__(self, said: str, veto: Rule) -> None:
        super().__init__(said)
        self.veto = veto


@dataclass(frozen=True, slots=True)
class Word:
    """Who decides, why, and what it rests on: the supplier's written answer, word for word."""

    actor: str
    reason: str
    evidence: bytes | None = None


@dataclass(frozen=True, slots=True)
class Stated:
    """What the supplier's answer says of the sale, as it was typed; what is left out is not checked.

    `total` is rupiah with admin, `adm` the fee in it if it is not the quoted one, `paid_at` epoch milliseconds.
    """

    tokens: str
    payref: str = ""
    msn: str = ""
    total: int | None = None
    paid_at: int | None = None
    adm: int | None = None


@dataclass(frozen=True, slots=True)
class Movement:
    """One move of a purchase: who and why are empty where no person moved it."""

    from_state: str
    event: str
    to_state: str
    actor: str
    reason: str
    created_at: int


@dataclass(frozen=True, slots=True)
class Case:
    """A purchase that waits for a person or for evidence, with everything that is known about it."""

    purchase: Purchase
    agent: str
    movements: list[Movement]
    exchanges: list[Exchange]
    decisions: list[Decision]
    notes: list[Note]

    @property
    def last_code(self) -> int | None:
        """The code of the last answer."""
        codes = [one.code for one in self.exchanges if one.completed_at is not None]
        return codes[-1] if codes else None


def pending(tx: Tx) -> list[Case]:
    """What is open at the supplier or late and undecided, oldest first."""
    waiting = tx.all(Purchase, "purchase_open_list") + tx.all(Purchase, "purchase_late_undecided")
    return [case(tx, one) for one in sorted(waiting, key=lambda one: one.confirmed_at)]


def case(tx: Tx, purchase: Purchase) -> Case:
    """All evidence about a purchase."""
    return Case(
        purchase,
        people.agent(tx, purchase.agent_id).name,
        tx.all(Movement, "movement_of_purchase", purchase_id=purchase.id),
        exchanges.of_purchase(tx, purchase.id),
        decisions.of_purchase(tx, purchase.id),
        notes.of(tx, purchase),
    )


def what_can_be_done(purchase: Purchase, shop: Shop, now: int) -> str:
    """Empty where the owner may settle it now, else why not yet."""
    if purchase.state is State.LATE:
        return ""
    if purchase.state not in IN_DOUBT:
        return f"{purchase.sale} is {purchase.state}: nothing to settle by hand"
    age = now - (purchase.sent_at or purchase.confirmed_at)
    left = settled_from(purchase, shop) - now
    if purchase.state is not State.MANUAL and left > 0:
        return f"{purchase.sale} is {age // MINUTE} minutes old: advice may still answer, {-(-left // MINUTE)} to wait"
    return ""


def settled_from(purchase: Purchase, shop: Shop) -> int:
    """The moment from which the owner may settle it, epoch milliseconds; a MANUAL one he may settle at any time."""
    return (purchase.sent_at or purchase.confirmed_at) + shop.waits.owner_may_settle


def is_for_hand(purchase: Purchase, shop: Shop, now: int) -> bool:
    """Whether it is in doubt, and old enough to be settled by hand."""
    return purchase.state in IN_DOUBT and not what_can_be_done(purchase, shop, now)


def settle_sold(tx: Tx, purchase: Purchase, stated: Stated, word: Word, shop: Shop, now: int) -> Purchase:
    """It was sold: the typed token passes the gate, then hold, books and message follow as from any answer.

    For a FAILED purchase that is a late sale: it stays refunded and its token is parked. Raises `DecisionError` with
    what is wrong, and nothing changes.
    """
    standing.need_writable(tx)
    sale = _sale(purchase, stated)
    if purchase.state is State.FAILED:
        moved, found = settlement.apply_sale(tx, purchase, sale, shop, now, exact=True, source="owner")
    else:
        _need_old_enough(purchase, shop, now)
        actor, reason = word.actor, word.reason
        moved, found = settlement.settle_by_hand(tx, purchase, sale, shop, now, actor=actor, reason=reason)
    if found.veto is not None:
        raise _vetoed(purchase, found.veto, found.alerts[0])
    _record(tx, "sold", purchase, word, now)
    return moved


def need_fit(tx: Tx, purchase: Purchase, stated: Stated, shop: Shop, now: int) -> None:
    """Raise `DecisionError` unless it may be settled now and what was typed passes the gate; changes nothing."""
    _need_old_enough(purchase, shop, now)
    sale = _sale(purchase, stated)
    found = settlement.attributed(tx, sale, purchase, shop, now, direct=sale.paid_at is None)
    if found.veto is not None:
        raise _vetoed(purchase, found.veto, found.alerts[0])


def _vetoed(purchase: Purchase, veto: Rule, why: str) -> VetoedError:
    return VetoedError(f"{purchase.sale} stays as it is, the gate says no ({veto}): {why}", veto)


def settle_unsold(tx: Tx, purchase: Purchase, word: Word, shop: Shop, now: int) -> Purchase:
    """It was not sold: the hold is voided and the agent told; the supplier is asked again later all the same."""
    standing.need_writable(tx)
    _need_old_enough(purchase, shop, now)
    _record(tx, "not sold", purchase, word, now)
    return settlement.unsold_by_hand(tx, purchase, shop, now, actor=word.actor, reason=word.reason)


def settle_late(tx: Tx, purchase: Purchase, word: Word, now: int, *, agent_pays: bool) -> Purchase:
    """A late sale is the shop's loss, or the agent agreed to pay for it and gets the token."""
    standing.need_writable(tx)
    if purchase.state is not State.LATE:
        raise DecisionError(f"{purchase.sale} is {purchase.state}, not LATE")
    if is_decided(tx, purchase):
        raise DecisionError(f"{purchase.sale} was decided before: setrum pending {purchase.sale} shows by whom")
    if agent_pays and purchase.agent_id != COUNTER:
        usable = ledger.agent_account(tx, purchase.agent_id).available
        if usable < purchase.price:
            raise DecisionError(f"the agent has {usable} to spend, {purchase.sale} costs {purchase.price}")
    event = Event.LATE_PAID if agent_pays else Event.LATE_LOSS
    _record(tx, "late: agent pays" if agent_pays else "late: loss", purchase, word, now)
    purchase = purchases.move(tx, purchase, event, now, actor=word.actor, reason=word.reason)
    for transfer in late_transfers(purchase, agent_pays=agent_pays):
        ledger.post(tx, transfer, now)
    if agent_pays:
        _hand_over(tx, purchase, now)
    return purchase


def is_decided(tx: Tx, purchase: Purchase) -> bool:
    """Whether a LATE purchase has been decided, either way."""
    events = (Event.LATE_LOSS, Event.LATE_PAID)
    return any(tx.one(int, "movement_has", purchase_id=purchase.id, event=event) for event in events)


def _sale(purchase: Purchase, stated: Stated) -> Sale:
    groups = token.read(stated.tokens)
    if groups is None:
        raise DecisionError("a token has 20 digits; with a key change two or three groups of 20")
    adm = purchase.adm if stated.adm is None else stated.adm
    return Sale(
        msn=stated.msn or purchase.msn,
        total=purchase.denomination + adm if stated.total is None else stated.total,
        tokens=groups,
        adm=stated.adm,
        payref=stated.payref or None,
        paid_at=stated.paid_at,
    )


def _need_old_enough(purchase: Purchase, shop: Shop, now: int) -> None:
    if why_not := what_can_be_done(purchase, shop, now):
        raise DecisionError(why_not)
    if purchase.state is State.LATE:
        raise DecisionError(f"{purchase.sale} is LATE: its hold was given back; --loss or --agent-pays settles it")


def _record(tx: Tx, kind: str, purchase: Purchase, word: Word, now: int) -> None:
    if word.evidence is not None and len(word.evidence) > _MOST_EVIDENCE:
        raise DecisionError("the attached answer is larger than 64 KiB")
    decisions.record(
        tx,
        kind,
        actor=word.actor,
        reason=word.reason,
        now=now,
        purchase_id=purchase.id,
        evidence=word.evidence,
    )


def _hand_over(tx: Tx, purchase: Purchase, now: int) -> None:
    """The agent paid for it after all: the token goes out like any other, under a head that says so."""
    balance = ledger.agent_account(tx, purchase.agent_id).posted
    paid = Text("late.paid", {"sale": purchase.sale, "rp": Rupiah(purchase.price), "balance": Rupiah(balance)})
    tokens = settlement.tokens_of(tx, purchase.id)
    messages = [*notices.token_messages(purchase, tokens, now), Message(paid)]
    for number, message in enumerate(messages, 1):
        outbox.put(
            tx,
            purchase.conversation_id,
            message,
            now,
            cause=f"sale:{purchase.id}:late{number}:{purchase.conversation_id}",
            message_class=Class.CRITICAL,
            reply_to=purchase.order_id,
            purchase_id=purchase.id,
        )
