"""Notes on sales: what an agent says is wrong, kept with the sale and told to the owners at once.

An owner answers them through the shop or closes them. Moves no money.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.clock import DAY
from bot.domain.message import Clock, Day, Message, Text, Value
from bot.domain.people import Person, Role
from bot.domain.purchase import Purchase
from bot.domain.rules import Shop
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.ports import Tx
from bot.services import alerts, notices, people, purchases, trail

MOST_A_DAY = 5  # of one sale: the owners are not to be drowned
LONGEST = 300
_SHOWN = 3


class Kind(StrEnum):
    """What is wrong with a sale."""

    REFUSED = "refused"  # by the meter
    MISSING = "missing"  # no token came
    WRONG = "wrong"  # the meter is another one
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Note:
    """One note. `text` is what the meter shows, or a line of the complainer's own; times in epoch milliseconds.

    `conversation_id` is the chat that it came from, where that is known. An owner ends it, with an answer or without.
    """

    id: int
    purchase_id: int
    kind: str
    text: str
    actor: str
    noted_at: int
    conversation_id: int | None
    answer: str
    ended_by: str
    ended_at: int | None


def add(tx: Tx, purchase: Purchase, kind: Kind, text: str, who: Person, shop: Shop, now: int) -> bool:
    """Keep a note and tell the owners, unless one of them wrote it; the same again within a day is kept once.

    False where so many were kept today that no further one is.
    """
    text = " ".join(text.split())[:LONGEST]
    since = now - DAY
    if tx.one(int, "note_has", purchase_id=purchase.id, kind=kind, text=text, since=since):
        return True
    count = tx.one(int, "note_count_of", purchase_id=purchase.id, since=since) or 0
    if count >= MOST_A_DAY:
        return False
    chat = who.conversation_id
    tx.run("note_add", purchase_id=purchase.id, kind=kind, text=text, actor=who.acting, now=now, conversation_id=chat)
    note = tx.one(Note, "note_of_purchase", purchase_id=purchase.id, most=1)
    if note is not None and who.role is not Role.OWNER:
        see = notices.option("see", f"catatan {purchase.sale}", sale=purchase.sale)
        told = Message(_listed(tx, note, purchase), options=(see, notices.option("notes", "catatan")))
        alerts.tell_owners(tx, told, f"note:{purchase.id}:{now}", shop, now)
    return True


def of(tx: Tx, purchase: Purchase) -> list[Note]:
    """All notes of a sale, oldest first."""
    return tx.all(Note, "note_of_purchase", purchase_id=purchase.id, most=1_000)[::-1]


def lines(tx: Tx, purchase: Purchase) -> tuple[Text, ...]:
    """The latest notes of a sale, as they stand in its history, oldest first."""
    found = tx.all(Note, "note_of_purchase", purchase_id=purchase.id, most=_SHOWN)
    said: list[Text] = []
    for one in reversed(found):
        said.append(Text("sale.note", {"date": Day(one.noted_at), "time": Clock(one.noted_at), "note": _words(one)}))
        if one.answer:
            args: dict[str, Value] = {"date": Day(one.ended_at or 0), "time": Clock(one.ended_at or 0)}
            said.append(Text("sale.answer", args | {"text": one.answer}))
    return tuple(said)


def waiting_of(tx: Tx, purchase: Purchase) -> list[Note]:
    """A sale's notes that no owner has ended, oldest first."""
    return [one for one in of(tx, purchase) if one.ended_at is None]


def close(tx: Tx, purchase: Purchase, actor: str, now: int) -> int:
    """End what is noted on the sale without an answer; how many notes that were."""
    ended = sum(_end(tx, one, "", actor, now) for one in waiting_of(tx, purchase))
    if ended:
        trail.note(tx, actor, "closed the note", purchase.sale, now, agent_id=purchase.agent_id)
    return ended


def answer(tx: Tx, purchase: Purchase, text: str, actor: str, now: int) -> int:
    """Answer what is noted on the sale and end it: one message to each chat that noted something; how many chats.

    A note from before chats were kept is answered in the chat that bought.
    """
    text = " ".join(text.split())[:LONGEST]
    waiting = waiting_of(tx, purchase)
    ended = [one for one in waiting if _end(tx, one, text, actor, now)]
    if ended:
        trail.note(tx, actor, "answered the note", purchase.sale, now, agent_id=purchase.agent_id)
    chats = sorted({one.conversation_id or purchase.conversation_id for one in ended})
    options = (notices.option("see", f"cek {purchase.sale}", sale=purchase.sale), notices.complaint(purchase))
    said = Message(Text("note.answer", {"sale": purchase.sale, "text": text}), options=options)
    for chat in chats:
        cause = f"note:{ended[-1].id}:answer:{chat}"
        outbox.put(tx, chat, said, now, cause=cause, message_class=Class.CRITICAL, purchase_id=purchase.id)
    return len(chats)


def _end(tx: Tx, note: Note, answer: str, actor: str, now: int) -> int:
    return tx.run("note_end_add", note_id=note.id, answer=answer, actor=actor, now=now)


def latest(tx: Tx, since: int, *, most: int, skip: int = 0) -> list[tuple[Purchase, Text]]:
    """The notes since then that no owner has ended, newest first: the sale, and the note as its owner reads it."""
    found = tx.all(Note, "note_latest", since=since, most=most, skip=skip)
    return [(sale, _listed(tx, one, sale)) for one in found if (sale := purchases.by_id(tx, one.purchase_id))]


def _listed(tx: Tx, note: Note, purchase: Purchase) -> Text:
    agent = people.agent(tx, purchase.agent_id).name
    args: dict[str, Value] = {"sale": purchase.sale, "agent": agent, "note": _words(note)}
    return Text("own.notes", args | {"date": Day(note.noted_at), "time": Clock(note.noted_at)})


def _words(note: Note) -> Value:
    if note.kind == Kind.OTHER:
        return note.text
    what = Text(f"note.{note.kind}")
    return Text("note.with", {"what": what, "text": note.text}) if note.text else what
