"""A sale looked at afterwards: its status, the token again. Moves no money."""

from dataclasses import dataclass

from bot.domain import schedule
from bot.domain.ledger import COUNTER
from bot.domain.message import (
    Clock,
    Day,
    Message,
    Text,
)
from bot.domain.purchase import Event, Purchase, State
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import ledger, notes, notices, people, purchases, settlement


@dataclass(frozen=True, slots=True)
class _Fetched:
    at: int


def stands(tx: Tx, purchase: Purchase, shop: Shop) -> Message:
    """The sale as it stands."""
    tokens = settlement.tokens_of(tx, purchase.id)
    balance = purchases.balance_for_chat(tx, purchase)
    last = tx.one(int, "exchange_last_advice_at", purchase_id=purchase.id) or None
    span = schedule.verify_span(purchase, shop.waits)
    return notices.as_it_stands(purchase, shop, tokens, balance, ledger.noted_deposit(tx), span, last)


def status(tx: Tx, purchase: Purchase, shop: Shop) -> Message:
    """The sale as it stands, and what became of its token since: sent, fetched by the customer, complained of."""
    now = stands(tx, purchase, shop)
    return Message(now.text, (*now.more, *history_of(tx, purchase)), now.options)


def history_of(tx: Tx, purchase: Purchase) -> tuple[Text, ...]:
    """What happened to the sale after it, in lines with their days and times."""
    sent = tx.one(int, "lookup_sent", purchase_id=purchase.id, token=f"sale:{purchase.id}:token%")
    fetched = [row.at for row in tx.all(_Fetched, "movement_fetched", id=purchase.id)]
    events = [("sale.sent", sent)] if sent else []
    events += [("sale.told", at) for at in reversed(fetched)]
    dated = (Text(key, {"date": Day(at), "time": Clock(at)}) for key, at in events)
    return (*dated, *notes.lines(tx, purchase))


def is_paid(tx: Tx, purchase: Purchase) -> bool:
    """Whether its agent paid for it, and so may read its token: a SUCCESS, or a LATE sale that he agreed to take."""
    if purchase.state is State.LATE:
        return bool(tx.one(int, "movement_has", purchase_id=purchase.id, event=Event.LATE_PAID))
    return purchase.state is State.SUCCESS


def token_again(tx: Tx, purchase: Purchase) -> list[Message]:
    """The token once more, headed as a repeat; the numbered groups in their order."""
    tokens = settlement.tokens_of(tx, purchase.id)
    head = Text("resend.head", {"sale": purchase.sale})
    at = purchase.settled_at or purchase.confirmed_at
    messages = notices.token_messages(purchase, tokens, at)
    return [Message(head, (message.text, *message.more), message.options) for message in messages]


def masked_name(name: str) -> str:
    """`BUDI SANTOSA` → `B*** S******`: the owner knows it, a stranger does not learn it."""
    return " ".join(word[:1] + "*" * (len(word) - 1) for word in name.split())


def contacts(tx: Tx, shop: Shop) -> str:
    """Where a customer can buy: the agents by name, else the shop itself."""
    names = [one.name for one in people.agents(tx) if one.id != COUNTER and one.state == "active"]
    return ", ".join(names[:5]) or shop.name
