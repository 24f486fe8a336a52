"""A sale that turned up after it was declared failed, offered to its agent: asked once, taken or declined by him.

The token stays parked and his money untouched until he says yes himself; until then an owner may take the offer back.
"""

from dataclasses import dataclass

from bot.domain.ledger import COUNTER
from bot.domain.message import Message, MeterNumber, Rupiah, Text, Value
from bot.domain.people import Person, Role
from bot.domain.purchase import Purchase, State
from bot.domain.rules import Shop
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.ports import Tx
from bot.services import alerts, by_hand, ledger, notices, people, standing, trail, ways
from bot.services.by_hand import Word
from bot.services.decisions import DecisionError


@dataclass(frozen=True, slots=True)
class Offer:
    """`state` is open, taken, declined or withdrawn; who offered and who answered, epoch milliseconds."""

    id: int
    purchase_id: int
    state: str
    offered_by: str
    offered_at: int
    answered_by: str
    answered_at: int | None


def latest(tx: Tx, purchase: Purchase) -> Offer | None:
    """The last offer of this sale."""
    return tx.one(Offer, "late_offer_latest", purchase_id=purchase.id)


def is_open(tx: Tx, purchase: Purchase) -> bool:
    """Whether its agent has been asked and may still answer."""
    found = latest(tx, purchase)
    is_asked = found is not None and found.state == "open"
    return is_asked and purchase.state is State.LATE and not by_hand.is_decided(tx, purchase)


def offer(tx: Tx, purchase: Purchase, actor: str, now: int) -> bool:
    """Ask the agent, in his own chats, whether he takes it; False where he is being asked already.

    Raises `DecisionError` where there is nothing to offer, or nobody to ask.
    """
    standing.need_writable(tx)
    if purchase.state is not State.LATE or by_hand.is_decided(tx, purchase) or purchase.agent_id == COUNTER:
        raise DecisionError(f"{purchase.sale} cannot be offered to an agent")
    chats = people.principals(tx, purchase.agent_id)
    if not chats:
        raise DecisionError(f"nobody speaks for the agent of {purchase.sale}")
    if not tx.run("late_offer_add", purchase_id=purchase.id, offered_by=actor, now=now):
        return False
    trail.note(tx, actor, "offered the late sale", purchase.sale, now, agent_id=purchase.agent_id)
    made = latest(tx, purchase)
    number = made.id if made else 0
    for chat in chats:
        cause = f"sale:{purchase.id}:offer{number}:{chat}"
        asked = question(tx, purchase)
        outbox.put(tx, chat, asked, now, cause=cause, message_class=Class.CRITICAL, purchase_id=purchase.id)
    return True


def question(tx: Tx, purchase: Purchase) -> Message:
    """What the agent is asked: the sale, its price, what he has."""
    args: dict[str, Value] = {
        "sale": purchase.sale,
        "name": purchase.name,
        "meter": MeterNumber(purchase.msn),
        "rp": Rupiah(purchase.denomination),
    }
    usable = Rupiah(ledger.agent_account(tx, purchase.agent_id).available)
    price = Text("late.offer_price", {"price": Rupiah(purchase.price), "usable": usable})
    options = (
        notices.option("take", f"tebus {purchase.sale} ya", rp=Rupiah(purchase.price)),
        notices.option("leave", f"tebus {purchase.sale} tidak"),
    )
    return Message(Text("late.offer", args), (price,), options)


def take(tx: Tx, purchase: Purchase, who: Person, shop: Shop, now: int) -> None:
    """The agent takes and pays it: the token goes to the chat that had ordered, the owners are told.

    Raises `DecisionError` where it is not offered any more, or his money does not reach.
    """
    word = Word(who.acting, f"tebus {purchase.sale} ya")  # what he said
    if not is_open(tx, purchase) or who.agent is None or who.agent.id != purchase.agent_id:
        raise DecisionError(f"{purchase.sale} is not offered to {who.acting}")
    by_hand.settle_late(tx, purchase, word, now, agent_pays=True)
    _end(tx, purchase, "taken", who.acting, now)
    _tell(tx, purchase, "own.late_taken", who, shop, now)


def decline(tx: Tx, purchase: Purchase, who: Person, shop: Shop, now: int) -> bool:
    """The agent does not want it; False where it was not open. The owners decide again."""
    if not is_open(tx, purchase) or who.role is not Role.AGENT:
        return False
    _end(tx, purchase, "declined", who.acting, now)
    trail.note(tx, who.acting, "declined the late sale", purchase.sale, now, agent_id=purchase.agent_id)
    _tell(tx, purchase, "own.late_declined", who, shop, now)
    return True


def bear(tx: Tx, purchase: Purchase, word: Word, now: int) -> None:
    """The shop bears it, and an open offer is taken back. Raises `DecisionError` as `settle_late` does."""
    by_hand.settle_late(tx, purchase, word, now, agent_pays=False)
    if _end(tx, purchase, "withdrawn", word.actor, now):
        gone = Message(Text("late.withdrawn", {"sale": purchase.sale}))
        for chat in people.principals(tx, purchase.agent_id):
            cause = f"sale:{purchase.id}:withdrawn:{chat}"
            outbox.put(tx, chat, gone, now, cause=cause, message_class=Class.CRITICAL, purchase_id=purchase.id)


def _end(tx: Tx, purchase: Purchase, state: str, actor: str, now: int) -> bool:
    return bool(tx.run("late_offer_end", purchase_id=purchase.id, state=state, answered_by=actor, now=now))


def _tell(tx: Tx, purchase: Purchase, key: str, who: Person, shop: Shop, now: int) -> None:
    name = who.agent.name if who.agent else ""
    args: dict[str, Value] = {"sale": purchase.sale, "agent": name, "rp": Rupiah(purchase.price)}
    options = (ways.see(purchase),) if key == "own.late_taken" else ways.late(purchase)
    alerts.tell_owners(tx, Message(Text(key, args), options=options), f"{key}:{purchase.id}:{now}", shop, now)
