"""What operators and owners must know: a row, and a word to every owner who has a chat. Never a decision."""

from bot.domain.message import Message, Rupiah, Text, Value
from bot.domain.purchase import Purchase
from bot.domain.rules import Shop
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.ports import Tx
from bot.services import people


def raise_alert(
    tx: Tx, kind: str, purchase: Purchase, detail: str, shop: Shop, now: int, *, code: int | None = None
) -> None:
    """Record the alert and tell the owners, once a purchase and kind."""
    note(tx, kind, purchase, detail, now)
    args: dict[str, Value] = {"sale": purchase.sale}
    if kind == "own.note":
        args |= {"command": "VSI", "code": "–" if code is None else str(code)}
    elif kind == "own.pending":
        args |= {
            "agent": people.agent(tx, purchase.agent_id).name,
            "rp": Rupiah(purchase.price),
            "minutes": (now - purchase.confirmed_at) // 60_000,
        }
    tell_owners(tx, Message(Text(kind, args)), f"alert:{kind}:{purchase.id}", shop, now)


def announce(tx: Tx, message: Message, kind: str, detail: str, cause: str, shop: Shop, now: int) -> None:
    """Record what belongs to no purchase and tell the owners, once a cause."""
    tx.run("alert_add", kind=kind, purchase_id=None, detail=detail[:300], created_at=now)
    tell_owners(tx, message, f"alert:{cause}", shop, now)


def note(tx: Tx, kind: str, purchase: Purchase, detail: str, now: int) -> None:
    """Record the alert and tell nobody: for what was told often enough."""
    tx.run("alert_add", kind=kind, purchase_id=purchase.id, detail=detail[:300], created_at=now)


def count(tx: Tx, kind: str, since: int) -> int:
    """How many alerts of this kind were raised since then."""
    return tx.one(int, "alert_count_of_kind", kind=kind, since=since) or 0


def announced(tx: Tx, kind: str, since: int) -> bool:
    """Whether an alert of this kind was raised since then."""
    return count(tx, kind, since) > 0


def tell_owners(
    tx: Tx, message: Message, cause: str, shop: Shop, now: int, *, message_class: Class = Class.NOTICE
) -> None:
    """A notice to every owner's chat that has spoken before and is still known to be his."""
    for chat in owners_chats(tx, shop):
        outbox.put(tx, chat, message, now, cause=f"{cause}:{chat}", message_class=message_class)


def owners_chats(tx: Tx, shop: Shop) -> list[int]:
    """The conversations in which owners hear of something."""
    found = [
        tx.one(people.Conversation, "conversation_by_proof", channel=channel, value=value)
        for channel, value in shop.owners
    ]
    return [chat.id for chat in found if chat is not None]
