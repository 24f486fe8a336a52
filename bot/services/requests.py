"""What waits for others: a customer's request for a token until its seller answers, and a sale until it ends.

A request is written down in the customer's turn and looked for afterwards, so that his turn is the same whether the
shop knows the number or not. Sellers are asked once, and never by more than a few a day.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.ledger import COUNTER
from bot.domain.message import Clock, Day, Message, MeterNumber, Nominal, Text, Value
from bot.domain.people import Person, Role
from bot.domain.purchase import Purchase
from bot.domain.rules import Shop
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.ports import Tx
from bot.services import alerts, notices, people, purchases, recovery, sales
from bot.services.people import Conversation
from bot.services.recovery import Way


class Standing(StrEnum):
    """How a request stands."""

    NEW = "new"
    ASKED = "asked"
    SENT = "sent"  # the seller said that it is his customer
    KEPT = "kept"  # the seller said that it is not
    CLOSED = "closed"  # nobody was asked


@dataclass(frozen=True, slots=True)
class Request:
    """A customer's wish to have the token of a number's last sale, and the sale once it was found."""

    id: int
    conversation_id: int
    number: str
    purchase_id: int | None
    state: Standing
    asked_at: int


@dataclass(frozen=True, slots=True)
class _Watch:
    purchase_id: int
    conversation_id: int


def ask(tx: Tx, number: str, who: Person, shop: Shop, now: int) -> None:
    """Note the wish, unless this chat has asked for that number lately, or often; whose it is, is seen later."""
    tx.run(
        "token_request_add",
        conversation_id=who.conversation_id,
        number=number,
        now=now,
        since=now - shop.waits.ask_seller,
        most=shop.most_requests,
    )
    tx.signal("request")


def watch(tx: Tx, purchase: Purchase, who: Person, now: int) -> None:
    """Tell the chat how the open sale ends that it has proved."""
    tx.run("sale_watch_add", purchase_id=purchase.id, conversation_id=who.conversation_id, now=now)


def is_due(tx: Tx) -> bool:
    """Whether somebody waits for `serve`."""
    return bool(tx.all(Request, "token_request_new") or tx.all(_Watch, "sale_watch_ended"))


def serve(tx: Tx, shop: Shop, now: int) -> int:
    """Ask the sellers of what was requested, and tell who waited for the end of a sale; how many were served."""
    new, ended = tx.all(Request, "token_request_new"), tx.all(_Watch, "sale_watch_ended")
    for request in new:
        _forward(tx, request, shop, now)
    for one in ended:
        tx.run("sale_watch_done", purchase_id=one.purchase_id, conversation_id=one.conversation_id)
        _deliver(tx, purchases.by_id(tx, one.purchase_id), one.conversation_id, Way.WATCH, shop, now)
    return len(new) + len(ended)


def _forward(tx: Tx, request: Request, shop: Shop, now: int) -> None:
    purchase = recovery.newest(tx, request.number, shop, now)
    if purchase is None or _is_silenced(tx, request, purchase, shop, now):
        tx.run("token_request_closed", id=request.id)
        return
    tx.run("token_request_asked", id=request.id, purchase_id=purchase.id, msn=purchase.msn)
    args: dict[str, Value] = {
        "who": _who(tx, request.conversation_id, shop),
        "meter": MeterNumber(purchase.msn, short=True),
        "name": purchase.name,
        "rp": Nominal(purchase.denomination),
        "date": Day(purchase.confirmed_at),
        "time": Clock(purchase.confirmed_at),
    }
    options = (
        notices.option("request_send", f"kirim {request.id}"),
        notices.option("request_keep", f"bukan {request.id}"),
    )
    question = Message(Text("rec.request", args), options=options)
    for chat in _sellers(tx, purchase, shop):
        outbox.put(tx, chat, question, now, cause=f"request:{request.id}:{chat}")


def _is_silenced(tx: Tx, request: Request, purchase: Purchase, shop: Shop, now: int) -> bool:
    """Whether the chat asked for this meter by its other number, was refused lately, or too many others asked."""
    lately = now - shop.waits.ask_seller
    silenced = tx.one(
        int,
        "token_request_silenced",
        conversation_id=request.conversation_id,
        msn=purchase.msn,
        asked_since=lately,
        kept_since=now - shop.waits.request,
    )
    of_meter = tx.one(int, "token_request_of_meter", msn=purchase.msn, since=lately) or 0
    return bool(silenced) or of_meter >= shop.most_requests_a_meter


def _person(tx: Tx, conversation_id: int, shop: Shop) -> Person:
    chat = tx.one(Conversation, "conversation_by_id", id=conversation_id)
    if chat is None:
        raise LookupError(f"no chat {conversation_id}")
    return people.person(tx, chat, shop)


def _who(tx: Tx, conversation_id: int, shop: Shop) -> str:
    """The customer as his seller may know him: by the name that proves him, a number where he has one."""
    person = _person(tx, conversation_id, shop)
    platform = people.platform(person.channel)
    return f"{platform}:{person.address}" if person.address else platform


def _sellers(tx: Tx, purchase: Purchase, shop: Shop) -> list[int]:
    """The chat that sold, as long as it speaks for the account; else whichever chats of its principals do."""
    seller = _person(tx, purchase.conversation_id, shop)
    if seller.agent is not None and seller.agent.id == purchase.agent_id:
        return [seller.conversation_id]
    if purchase.agent_id == COUNTER:
        return alerts.owners_chats(tx, shop)
    return people.principals(tx, purchase.agent_id)


def decide(tx: Tx, number: str, who: Person, shop: Shop, now: int, *, sends: bool) -> Message | None:
    """The seller's word: send the token of his own sale, or not. The first word counts; None if there is no such."""
    is_number = number.isascii() and number.isdecimal() and len(number) <= 18
    request = tx.one(Request, "token_request_by_id", id=int(number)) if is_number else None
    if request is None or request.purchase_id is None:
        return None
    purchase = purchases.by_id(tx, request.purchase_id)
    own_chat = purchase.conversation_id == who.conversation_id
    if who.agent is None or who.agent.id != purchase.agent_id or (who.role is Role.CASHIER and not own_chat):
        return None
    state = Standing.SENT if sends else Standing.KEPT
    decided = tx.run(
        "token_request_decide",
        id=request.id,
        state=state,
        now=now,
        decided_by=who.acting,
        since=now - shop.waits.request,
    )
    if decided and sends:
        _deliver(tx, purchase, request.conversation_id, Way.SELLER, shop, now)
        if purchase.is_open:  # the seller agreed to a token, and there is none yet
            watch(tx, purchase, _person(tx, request.conversation_id, shop), now)
    if not decided and request.state not in (Standing.SENT, Standing.KEPT):
        return None
    is_sent = state is Standing.SENT if decided else request.state is Standing.SENT
    see = notices.option("see", f"cek {purchase.sale}", sale=purchase.sale)
    return Message(Text(_sent(tx, purchase) if is_sent else "rec.kept", {"sale": purchase.sale}), options=(see,))


def _sent(tx: Tx, purchase: Purchase) -> str:
    """What the seller is told that his customer got: it need not be a token."""
    if purchase.is_open:
        return "rec.sent_open"
    return "rec.sent" if sales.is_paid(tx, purchase) else "rec.sent_failed"


def _deliver(tx: Tx, purchase: Purchase, conversation_id: int, way: Way, shop: Shop, now: int) -> None:
    """What he proved, to a customer who is not in the middle of asking: repeated until it arrived."""
    customer = _person(tx, conversation_id, shop)
    for number, message in enumerate(recovery.show(tx, purchase, way, customer, now)):
        outbox.put(
            tx,
            customer.conversation_id,
            message,
            now,
            cause=f"recovered:{purchase.id}:{customer.conversation_id}:{now}:{number}",
            message_class=Class.CRITICAL,
            purchase_id=purchase.id,
        )
