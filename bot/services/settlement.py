"""Evidence and what it does: each stored answer is applied to whatever state it finds, money and message with it.

Applying is one unit: state, hold, transfers, token and the message that says so commit together or not at all.
Nothing here calls the supplier, and nothing ever turns doubt into a refund by itself.
"""

import dataclasses
from dataclasses import dataclass
from statistics import median

from bot import ids
from bot.domain import gate, schedule
from bot.domain.gate import Attribution, Surroundings
from bot.domain.ledger import sale_transfers
from bot.domain.message import Message, Text
from bot.domain.purchase import IN_DOUBT, Event, Purchase, State, after
from bot.domain.rules import Shop
from bot.domain.supply import AdviceAnswer, AdviceVerdict, PayAnswer, PayVerdict, Sale
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.ports import Tx
from bot.services import alerts, batches, breaker, copies, exchanges, ledger, notices, purchases, standing, strays
from bot.services.alerts import Kind
from bot.services.exchanges import Exchange

# a failure that rests on advices or on somebody's word is asked about again: a hit opens LATE (money rules §1.6)
_ASKED_AGAIN = (Event.NEGATIVES, Event.OWNER_UNSOLD, Event.ABSENT)


@dataclass(frozen=True, slots=True)
class By:
    """What moves a purchase, and who if a person does."""

    event: Event
    actor: str = ""
    reason: str = ""


def apply_payment(tx: Tx, exchange_id: int, answer: PayAnswer, shop: Shop, now: int, jitter: float) -> Purchase:
    """Apply PAY's own answer (money rules §1.1), once; in a read-only database it waits."""
    purchase, waiting = _claim(tx, exchange_id, now)
    if not waiting:
        return purchase
    read_at = _read_at(exchanges.by_id(tx, exchange_id), shop)
    purchase = _apply_payment(tx, purchase, answer, read_at, shop, now, jitter)
    breaker.after_payment(tx, purchase, answer, shop, now)
    return purchase


def _apply_payment(
    tx: Tx, purchase: Purchase, answer: PayAnswer, read_at: int | None, shop: Shop, now: int, jitter: float
) -> Purchase:
    if answer.alert and not answer.breaker:  # which has an alarm of its own
        alerts.raise_alert(tx, "own.note", purchase, f"PAY {answer.code} {answer.note}", shop, now, code=answer.code)
    match answer.verdict:
        case PayVerdict.SETTLED if answer.sale is not None:
            found = attributed(tx, answer.sale, purchase, shop, now, direct=True)
            if found.veto is None:
                return _sold(tx, purchase, answer.sale, found, shop, now, source="PAY", read_at=read_at)
            return _vetoed(tx, purchase, answer.sale, found, shop, now, jitter)
        case PayVerdict.DECLINED:
            return _fail(tx, purchase, Event.DECLINED, answer.key, shop, now)
        case PayVerdict.UNSENT:
            return _fail(tx, purchase, Event.UNSENT, "err.unsent", shop, now)
        case PayVerdict.VERIFY | PayVerdict.VERIFY_LONG:
            return _verify(tx, purchase, answer, shop, now, jitter)
        case _:
            return unclear(tx, purchase, shop, now, jitter)


def apply_advice(tx: Tx, exchange_id: int, answer: AdviceAnswer, shop: Shop, now: int) -> Purchase:
    """Apply an advice's answer, once, to whatever state it finds; only a sale or a verification's end moves money."""
    purchase, waiting = _claim(tx, exchange_id, now)
    if not waiting:
        return purchase
    if answer.alert:
        alerts.raise_alert(tx, "own.note", purchase, f"ADV {answer.code} {answer.note}", shop, now, code=answer.code)
    match answer.verdict:
        case AdviceVerdict.SALE if answer.sale is not None:
            by_payref = bool(exchanges.by_id(tx, exchange_id).by_payref)
            found = attributed(tx, answer.sale, purchase, shop, now, direct=by_payref)
            if found.veto is None:
                return _sold(tx, purchase, answer.sale, found, shop, now, source="ADV")
            _tell_veto(tx, purchase, found, shop, now)
            return purchase
        case AdviceVerdict.NOT_FOUND:
            return _negative(tx, purchase, shop, now)
        case AdviceVerdict.WRONG_REFERENCE if purchase.payref is not None and purchase.state in IN_DOUBT:
            return purchases.save(tx, purchase, dataclasses.replace(purchase, payref=None))
        case AdviceVerdict.REFUSED:
            _alert_refused_stream(tx, purchase, shop, now)
            return purchase
        case AdviceVerdict.OWNER if after(purchase.state, Event.OVERDUE):
            return overdue(tx, purchase, shop, now)
        case _:
            return purchase


def apply_sale(
    tx: Tx, purchase: Purchase, sale: Sale, shop: Shop, now: int, *, exact: bool, source: str, by_trxid: bool = False
) -> tuple[Purchase, Attribution]:
    """Apply a sale that another source proves (a report), through the gate; a veto changes nothing and alerts.

    `exact` where it was matched by our trxid or its PAYREF: then only the date's rule gives way to an alert. With
    `by_trxid` a stray is recognised as this purchase's own.
    """
    standing.need_writable(tx)
    found = attributed(tx, sale, purchase, shop, now, direct=exact)
    is_stray = found.veto is gate.Rule.KNOWN and by_trxid and not purchases.is_anothers(tx, sale, purchase)
    if is_stray and after(purchase.state, Event.SOLD) and strays.adopt(tx, sale, now):  # its successor's advice had it
        found = attributed(tx, sale, purchase, shop, now, direct=exact)
    if found.veto is None:
        return _sold(tx, purchase, sale, found, shop, now, source=source), found
    _tell_veto(tx, purchase, found, shop, now)
    return purchase, found


def settle_by_hand(
    tx: Tx, purchase: Purchase, sale: Sale, shop: Shop, now: int, *, actor: str, reason: str
) -> tuple[Purchase, Attribution]:
    """The owner says that it was sold; what he typed passes the gate, its date only if he gave one."""
    found = attributed(tx, sale, purchase, shop, now, direct=sale.paid_at is None)
    if found.veto is not None:
        return purchase, found
    found = dataclasses.replace(found, alerts=())
    by = By(Event.OWNER_SOLD, actor, reason)
    return _sold(tx, purchase, sale, found, shop, now, source="owner", by=by), found


def absent(tx: Tx, purchase: Purchase, shop: Shop, now: int, *, actor: str, reason: str) -> Purchase:
    """A complete report lacks the sale, and a person confirmed it: the hold is voided (money rules §4.6)."""
    standing.need_writable(tx)
    return _fail(tx, purchase, Event.ABSENT, "err.unsold", shop, now, actor=actor, reason=reason)


def unsold_by_hand(tx: Tx, purchase: Purchase, shop: Shop, now: int, *, actor: str, reason: str) -> Purchase:
    """The owner says that it was not sold: the hold is voided, and the supplier is asked again later."""
    return _fail(tx, purchase, Event.OWNER_UNSOLD, "err.unsold", shop, now, actor=actor, reason=reason)


def unclear(tx: Tx, purchase: Purchase, shop: Shop, now: int, jitter: float) -> Purchase:
    """No trustworthy answer: the hold stays, advice begins, the agent is told once."""
    if purchase.state is State.SENDING:
        purchase = purchases.move(tx, purchase, Event.UNCLEAR, now)
        purchase = _schedule(tx, purchase, shop, now, jitter)
    return tell_pending(tx, purchase, now)


def tell_pending(tx: Tx, purchase: Purchase, now: int) -> Purchase:
    """*pay.pending*, once a purchase."""
    if purchase.told or purchase.state not in (State.SENDING, State.UNKNOWN):
        return purchase
    _say(tx, purchase, notices.pending(purchase, None), "pending", now)
    return purchases.save(tx, purchase, dataclasses.replace(purchase, told=1))


def overdue(tx: Tx, purchase: Purchase, shop: Shop, now: int) -> Purchase:
    """Unclear for long or contradictory: the owner looks at it; advice goes on."""
    purchase = purchases.move(tx, purchase, Event.OVERDUE, now)
    alerts.raise_alert(tx, "own.manual", purchase, "in doubt for long", shop, now)
    _say(tx, purchase, notices.waiting(purchase, "pend.manual"), "manual", now)
    return purchases.save(tx, purchase, dataclasses.replace(purchase, told=4))


def restored(tx: Tx, purchase: Purchase, shop: Shop, now: int, jitter: float) -> Purchase:
    """Confirmed in a restored copy: in doubt from its confirm on, asked about like any other."""
    purchase = purchases.move(tx, purchase, Event.RESTORED, now)
    sent = dataclasses.replace(purchase, sent_at=purchase.confirmed_at)
    return _schedule(tx, purchases.save(tx, purchase, sent), shop, now, jitter)


def doubt_restored(tx: Tx, shop: Shop, now: int, jitter: float) -> int:
    """In a restored copy `confirmed` proves nothing: the original may have sent it after the copy was made.

    Nor does `queued`: the original may have sent that message, too, so a repeat says so. How many rows changed.
    """
    standing.put_in_place(tx, now)
    found = standing.restriction(tx)
    if found is None or found.kind != "restored":
        return 0
    confirmed = tx.all(Purchase, "purchase_in_state", state=State.CONFIRMED)
    for purchase in confirmed:
        restored(tx, purchase, shop, now, jitter)
    return len(confirmed) + tx.run("outbox_doubt_restored", copied_at=found.copied_at or found.since)


def expire(tx: Tx, purchase: Purchase, shop: Shop, now: int) -> Purchase:
    """Confirmed but not sent in time: nobody wants a surprise purchase."""
    breaker.lapsed(tx, purchase)
    return _fail(tx, purchase, Event.EXPIRE, "err.unsent", shop, now)


def clock_offset(tx: Tx) -> int | None:
    """How far the supplier's clock is ahead, in milliseconds: the median of what the last nine payments showed."""
    measured = tx.all(int, "purchase_clock_offsets")
    return round(median(measured)) if measured else None


def tokens_of(tx: Tx, purchase_id: int) -> tuple[str, ...]:
    """The groups of digits in the order to key them; the credit token is the last."""
    return tuple(tx.all(str, "token_of_purchase", purchase_id=purchase_id))


def _claim(tx: Tx, exchange_id: int, now: int) -> tuple[Purchase, bool]:
    """The purchase that the answer is about, and whether the answer still waits to be applied and may be."""
    row = exchanges.by_id(tx, exchange_id)
    if row.purchase_id is None:
        raise purchases.PurchaseError(f"exchange {exchange_id} belongs to no purchase")
    waiting = standing.restriction(tx) is None and tx.run("exchange_applied", id=exchange_id, applied_at=now) == 1
    return purchases.by_id(tx, row.purchase_id), waiting


def _read_at(row: Exchange, shop: Shop) -> int | None:
    """When PAY's answer was read, if soon enough for its date to measure the supplier's clock by.

    It may be applied hours later, after a restart: by then its date says nothing about any clock.
    """
    took = -1 if row.completed_at is None else row.completed_at - row.requested_at
    return row.completed_at if 0 <= took <= shop.waits.skew // 2 else None


def attributed(tx: Tx, sale: Sale, purchase: Purchase, shop: Shop, now: int, *, direct: bool) -> Attribution:
    """What the gate says of the sale now; changes nothing. `direct` is PAY's own answer, or an advice by PAYREF."""
    elsewhere = strays.is_known(tx, sale) or purchases.is_anothers(tx, sale, purchase)
    successor = tx.one(
        int, "purchase_successor_sent_at", msn=purchase.msn, denomination=purchase.denomination, id=purchase.id
    )
    around = Surroundings(now, shop.waits.skew, clock_offset(tx), elsewhere, successor or None, direct)
    return gate.attribute(sale, purchase, around)


def _sold(
    tx: Tx,
    purchase: Purchase,
    sale: Sale,
    found: Attribution,
    shop: Shop,
    now: int,
    *,
    source: str,
    by: By | None = None,
    read_at: int | None = None,
) -> Purchase:
    for alert in found.alerts:
        alerts.raise_alert(tx, "own.note", purchase, alert, shop, now)
    tokens = sale.tokens or ()
    if purchase.state in (State.SUCCESS, State.LATE):
        if tokens_of(tx, purchase.id)[-1:] != tokens[-1:] and strays.found(
            tx, "double", sale, now, trxid=purchase.trxid, source=source, purchase_id=purchase.id
        ):
            alerts.raise_alert(tx, "own.double", purchase, "two different tokens for one purchase", shop, now)
        return purchase
    by = by or By(Event.SOLD)
    purchase = purchases.move(tx, purchase, by.event, now, actor=by.actor, reason=by.reason)
    purchase = purchases.save(tx, purchase, _facts(purchase, sale, found, now, read_at))
    for position, digits in enumerate(tokens, 1):
        is_credit = int(position == len(tokens))
        tx.run("token_add", purchase_id=purchase.id, position=position, digits=digits, is_credit=is_credit)
    if purchase.state is State.LATE:
        alerts.raise_alert(tx, "own.late", purchase, "sold after it was declared failed", shop, now)
        _say(tx, purchase, Message(Text("late.sale", {"sale": purchase.sale})), "late", now)
        return purchase
    ledger.resolve(tx, purchase.id, posted=True)
    for transfer in sale_transfers(purchase, found.adm):
        ledger.post(tx, transfer, now)
    _tell_sold(tx, purchase, tokens, now)
    return purchase


def _facts(purchase: Purchase, sale: Sale, found: Attribution, now: int, read_at: int | None) -> Purchase:
    return dataclasses.replace(
        purchase,
        settled_at=now,
        payref=sale.payref or purchase.payref,
        advref=sale.advref or purchase.advref,
        paid_at=sale.paid_at,
        sold_adm=found.adm,
        kwh=sale.kwh,
        vat=sale.vat,
        local_tax=sale.local_tax,
        instalment=sale.instalment,
        stamp_duty=sale.stamp_duty,
        clock_offset=None if read_at is None or sale.paid_at is None else sale.paid_at - read_at,
        next_at=None,
        claim_code=purchase.claim_code or ids.claim_code(),
    )


def _tell_sold(tx: Tx, purchase: Purchase, tokens: tuple[str, ...], now: int) -> None:
    messages = notices.token_messages(purchase, tokens, now)
    for number, message in enumerate(messages, 1):
        name = "token" if len(messages) == 1 else f"token{number}"
        _say(tx, purchase, message, name, now)
    if batches.will_tell(tx, purchase) and not purchase.told:
        return  # one message at the end tells of all its lines
    balance = purchases.balance_for_chat(tx, purchase)
    done = notices.done(purchase, tokens, balance, ledger.noted_deposit(tx), now)
    _say(tx, purchase, copies.offered(tx, done, purchase, tokens), "done", now)


def _fail(
    tx: Tx, purchase: Purchase, event: Event, key: str, shop: Shop, now: int, *, actor: str = "", reason: str = ""
) -> Purchase:
    if after(purchase.state, event) is None:
        if purchase.state is State.SUCCESS:
            alerts.raise_alert(tx, "own.note", purchase, f"'{event}' after it was settled", shop, now)
        return purchase
    purchase = purchases.move(tx, purchase, event, now, actor=actor, reason=reason)
    settled = dataclasses.replace(purchase, reason=key, settled_at=now, next_at=None)
    if event in _ASKED_AGAIN:
        settled = dataclasses.replace(settled, next_at=schedule.next_advice(settled, now, shop.waits, 0))
    purchase = purchases.save(tx, purchase, settled)
    ledger.resolve(tx, purchase.id, posted=False)
    balance = purchases.balance_for_chat(tx, purchase)
    _say(tx, purchase, notices.failed(purchase, shop, balance, ledger.noted_deposit(tx)), "failed", now)
    return purchase


def _verify(tx: Tx, purchase: Purchase, answer: PayAnswer, shop: Shop, now: int, jitter: float) -> Purchase:
    if after(purchase.state, Event.REFUSED) is None:
        return purchase
    purchase = purchases.move(tx, purchase, Event.REFUSED, now)
    refused = dataclasses.replace(purchase, reason=answer.key, refused=answer.verdict.value, told=1)
    purchase = _schedule(tx, purchases.save(tx, purchase, refused), shop, now, jitter)
    _say(tx, purchase, notices.verify(purchase, schedule.verify_span(purchase, shop.waits)), "verify", now)
    return purchase


def _vetoed(
    tx: Tx, purchase: Purchase, sale: Sale, found: Attribution, shop: Shop, now: int, jitter: float
) -> Purchase:
    """PAY says success, the gate says not provably this one: in doubt, with the reference kept to ask by."""
    _tell_veto(tx, purchase, found, shop, now)
    unreadable = found.veto is gate.Rule.TOKEN and purchase.state in (State.SENDING, *IN_DOUBT)
    if unreadable and sale.payref and not tx.one(int, "purchase_has_payref", payref=sale.payref, id=purchase.id):
        purchase = purchases.save(tx, purchase, dataclasses.replace(purchase, payref=sale.payref))
    return unclear(tx, purchase, shop, now, jitter)


def _tell_veto(tx: Tx, purchase: Purchase, found: Attribution, shop: Shop, now: int) -> None:
    kind = "own.twin" if found.veto in (gate.Rule.KNOWN, gate.Rule.TIME) else "own.note"
    alerts.raise_alert(tx, kind, purchase, f"{found.veto}: {', '.join(found.alerts)}", shop, now)


def _negative(tx: Tx, purchase: Purchase, shop: Shop, now: int) -> Purchase:
    """Not found *now*: counts only where the supplier refused the payment in words, and on the day of the payment.

    An advice may see its own day only: after midnight it finds nothing, whatever was sold before.
    """
    if purchase.state is not State.VERIFY or not _is_its_day(tx, purchase, shop, now):
        return purchase
    first = purchase.first_negative_at or now
    counted = dataclasses.replace(purchase, negatives=purchase.negatives + 1, first_negative_at=first)
    span = schedule.verify_span(counted, shop.waits)
    if counted.next_at is not None and first + span > now:
        counted = dataclasses.replace(counted, next_at=min(counted.next_at, first + span))
    purchase = purchases.save(tx, purchase, counted)
    enough = purchase.negatives >= schedule.verify_negatives(purchase, shop.waits)
    if enough and now - first >= span:
        return _fail(tx, purchase, Event.NEGATIVES, purchase.reason, shop, now)
    return purchase


def _is_its_day(tx: Tx, purchase: Purchase, shop: Shop, now: int) -> bool:
    """Whether it surely still is the day on which the payment was sent: by our clock, and by the one of `tanggal`.

    The supplier may date its sales by one clock and look for them by another.
    """
    sent, measured = purchase.sent_at or purchase.confirmed_at, clock_offset(tx)
    ahead, margin = measured or 0, shop.waits.unmeasured_clock if measured is None else shop.waits.skew
    earliest, latest = min(0, ahead) - margin, max(0, ahead) + margin
    return schedule.wib_day(sent + earliest) == schedule.wib_day(now + latest)


def _alert_refused_stream(tx: Tx, purchase: Purchase, shop: Shop, now: int) -> None:
    last = tx.all(str, "exchange_last_advice_codes", purchase_id=purchase.id)
    if len(last) == 3 and set(last) == {AdviceVerdict.REFUSED.value}:
        message = Message(Text("own.refused", {"sale": purchase.sale}))
        words = "three advices in a row refused: with the wrong VSI_ADV_TRXID nothing in doubt ever settles"
        alerts.holds(tx, Kind.ADVICE, message, shop, now, detail=words)


def _schedule(tx: Tx, purchase: Purchase, shop: Shop, now: int, jitter: float) -> Purchase:
    due = schedule.next_advice(purchase, now, shop.waits, jitter)
    return purchases.save(tx, purchase, dataclasses.replace(purchase, next_at=due))


def _say(tx: Tx, purchase: Purchase, message: Message, name: str, now: int) -> None:
    outbox.put(
        tx,
        purchase.conversation_id,
        message,
        now,
        cause=f"sale:{purchase.id}:{name}:{purchase.conversation_id}",
        message_class=Class.CRITICAL,
        reply_to=purchase.order_id,
        purchase_id=purchase.id,
    )
