"""A customer gets a lost token again: what proves a sale, what a proof brings, and what is kept of it.

A wrong proof and a number that the shop does not know are one case: the same reads in the same order, then the same
words. Whatever is given out is written down: to which chat, when, by which proof.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.clock import DAY
from bot.domain import energy
from bot.domain.message import Clock, Day, Message, MeterNumber, Option, Rupiah, Text, Value
from bot.domain.people import Person, Role, dialled
from bot.domain.purchase import Purchase
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import notices, receipts, sales, settlement

_MANY_LATER = 50  # PLN takes a token for stale after about so many later ones


class Way(StrEnum):
    """How a sale is proved; the words stand in the sale's history."""

    REFERENCE = "NO REF and amount"
    PHONE = "phone"
    CODE = "claim code"
    SELLER = "the seller's word"
    KNOWN = "remembered meter"
    WATCH = "told when it ended"


_RESTING = (Way.KNOWN, Way.WATCH)  # on an earlier proof, which they do not prolong


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody offers: the last four of NO REF with rupiah, a shared phone ('' is his chat's own), or a code."""

    way: Way
    value: str = ""
    rupiah: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a proof brought, in one or more messages; or (`found` is false) one that says nothing of any sale."""

    found: bool
    messages: tuple[Message, ...]


def prove(tx: Tx, number: str, proof: Proof, who: Person, shop: Shop, now: int) -> Outcome:
    """The newest sale of the number that the proof fits, or the neutral answer; tries by NO REF are counted.

    The number is a meter's or an IDPEL, '' with a claim code. Tries are counted by chat and by the number as it was
    typed, before anything is looked up: neither count knows whether there is a sale.
    """
    left, opens_at = _tries(tx, number, who, shop, now)
    if proof.way is Way.REFERENCE:
        if opens_at is not None:
            return Outcome(False, (Message(Text("rec.locked", {"time": Clock(opens_at)})),))
        tx.run("proof_try_add", conversation_id=who.conversation_id, number=number, now=now)
        left -= 1
    purchase = _proved(tx, number, proof, who, shop, now)
    if purchase is None:
        return Outcome(False, (Message(Text("rec.none", {"n": left})),))
    return Outcome(True, show(tx, purchase, proof.way, who, now))


def _tries(tx: Tx, number: str, who: Person, shop: Shop, now: int) -> tuple[int, int | None]:
    """How many tries by NO REF are left, and when the next is possible if none is."""
    most, span = shop.most_proof_tries, shop.waits.proof_tries
    tried = (
        tx.all(int, "proof_try_of_chat", conversation_id=who.conversation_id, since=now - span),
        tx.all(int, "proof_try_of_number", number=number, since=now - span),
    )
    full = [times[-most] + span for times in tried if len(times) >= most]
    return max(0, most - max(len(times) for times in tried)), max(full) if full else None


def _proved(tx: Tx, number: str, proof: Proof, who: Person, shop: Shop, now: int) -> Purchase | None:
    since = now - shop.claim_days * DAY
    match proof.way:
        case Way.REFERENCE:
            return tx.one(
                Purchase, "sale_by_reference", number=number, tail=proof.value, rupiah=proof.rupiah, since=since
            )
        case Way.PHONE:
            own = tx.one(str, "number_sure", conversation_id=who.conversation_id) or ""
            phone = dialled(proof.value) if proof.value else own
            return tx.one(Purchase, "sale_by_phone", number=number, phone=phone, since=since)
        case Way.CODE:
            return tx.one(Purchase, "purchase_by_claim", claim_code=proof.value.upper(), since=since)
        case Way.KNOWN:
            chat = who.conversation_id
            return tx.one(Purchase, "sale_by_known_meter", number=number, conversation_id=chat, since=since, now=now)
        case Way.SELLER | Way.WATCH:
            raise ValueError(f"{proof.way} is about one sale, not about a number")


def newest(tx: Tx, number: str, shop: Shop, now: int) -> Purchase | None:
    """The last sale of the number that a customer may still ask for."""
    return tx.one(Purchase, "sale_newest_of", number=number, since=now - shop.claim_days * DAY)


def show(tx: Tx, purchase: Purchase, way: Way, who: Person, now: int) -> tuple[Message, ...]:
    """The sale to a chat that proved it: its token first and alone, or how it stands. Noted in the sale's history."""
    tx.run(
        "proved_meter_set",
        conversation_id=who.conversation_id,
        msn=purchase.msn,
        purchase_id=purchase.id,
        now=now,
        proved_at=0 if way in _RESTING else now,
    )
    is_customer = who.role is Role.CUSTOMER
    options: tuple[Option, ...]
    if purchase.is_open:
        options = (notices.option("tell_me", f"kabari {purchase.sale}"),) if is_customer else ()
        return (Message(Text("rec.pending"), options=options),)
    if not sales.is_paid(tx, purchase):
        return (Message(Text("rec.failed"), options=(notices.option("menu", "menu"),)),)
    noted(tx, purchase, way, who, now)
    tokens = settlement.tokens_of(tx, purchase.id)
    at = purchase.settled_at or purchase.confirmed_at
    more: tuple[Text, ...] = (Text("wiz.order", {"n": len(tokens)}),) if len(tokens) > 1 else ()
    if _later(tx, purchase) > _MANY_LATER:
        more += (Text("rec.old"),)
    options = _options(purchase, way) if is_customer else ()
    return (*notices.token_messages(purchase, tokens, at), Message(_found(purchase, at), more, options))


def _found(purchase: Purchase, at: int) -> Text:
    args: dict[str, Value] = {"rp": Rupiah(purchase.denomination), "date": Day(at), "time": Clock(at)}
    return Text("rec.found", args | {"kwh": energy.said(purchase.kwh), "name": sales.masked_name(purchase.name)})


def _options(purchase: Purchase, way: Way) -> tuple[Option, ...]:
    options = (
        notices.option("receipt", f"struk {purchase.sale}"),
        notices.option("token_refused", f"ditolak {purchase.sale}"),
    )
    return options if way in _RESTING else (*options, notices.option("remember", f"ingat {purchase.sale}"))


def noted(tx: Tx, purchase: Purchase, way: str, who: Person, now: int) -> None:
    """Who fetched which token, when, by which proof."""
    tx.run(
        "movement_add",
        purchase_id=purchase.id,
        from_state=purchase.state,
        event="fetched",
        to_state=purchase.state,
        actor=who.acting,
        reason=way,
        created_at=now,
    )


def _later(tx: Tx, purchase: Purchase) -> int:
    at = purchase.confirmed_at
    return tx.one(int, "sale_later_count", msn=purchase.msn, confirmed_at=at, most=_MANY_LATER + 1) or 0


# what a chat may do with a sale that it was shown


def shown(tx: Tx, sale: str, who: Person, shop: Shop, now: int) -> Purchase | None:
    """The sale by its number if this chat was shown it lately; any other is as unknown as none."""
    digits = sale.casefold().removeprefix("t")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 9):
        return None
    since = now - shop.waits.proved
    return tx.one(Purchase, "sale_shown", conversation_id=who.conversation_id, purchase_id=int(digits), since=since)


def reprint(tx: Tx, purchase: Purchase, who: Person, shop: Shop, now: int) -> Message | None:
    """The receipt again, with the name masked as everywhere; None where there is none."""
    if not sales.is_paid(tx, purchase):
        return None
    noted(tx, purchase, "receipt", who, now)
    return receipts.reprint(tx, purchase, who, shop, now)


def remember(tx: Tx, purchase: Purchase, who: Person, shop: Shop, now: int) -> bool:
    """Let the chat fetch this meter's later tokens for a while; only soon after a proof of its own."""
    return bool(
        tx.run(
            "proved_meter_remember",
            conversation_id=who.conversation_id,
            purchase_id=purchase.id,
            since=now - shop.waits.proved,
            until=now + shop.known_days * DAY,
        )
    )


def known_until(tx: Tx, number: str, who: Person, now: int) -> int | None:
    """Until when this chat's proof of the meter is remembered, if it is."""
    return tx.one(int, "proved_meter_until", conversation_id=who.conversation_id, number=number, now=now)


def forget(tx: Tx, number: str, who: Person) -> None:
    """Remember this chat's proof of the meter no longer."""
    tx.run("proved_meter_forget", conversation_id=who.conversation_id, number=number)


def has_number(tx: Tx, who: Person) -> bool:
    """Whether the chat's own name is a phone number for sure, so that nothing has to be shared."""
    return tx.one(str, "number_sure", conversation_id=who.conversation_id) is not None


def keep_phone(tx: Tx, purchase: Purchase, phone: str, who: Person, now: int) -> Message:
    """Write down the customer's phone on the seller's own sale: with it the customer proves the sale."""
    number = dialled(phone)
    tx.run("sale_phone_set", purchase_id=purchase.id, phone=number, recorded_by=who.acting, now=now)
    args: dict[str, Value] = {"phone": MeterNumber(number, short=True), "sale": purchase.sale}
    return Message(Text("rec.phone", args))
