"""Notes on sales: what an agent says is wrong, kept with the sale and told to the owners at once. Moves no money."""

from dataclasses import dataclass
from enum import StrEnum

from bot.clock import DAY
from bot.domain.message import Clock, Day, Message, Text, Value
from bot.domain.people import Person, Role
from bot.domain.purchase import Purchase
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import alerts, notices, people, purchases

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
    """One note. `text` is what the meter shows, or a line of the complainer's own; `noted_at` epoch milliseconds."""

    purchase_id: int
    kind: str
    text: str
    actor: str
    noted_at: int


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
    note = Note(purchase.id, kind, text, who.acting, now)
    tx.run("note_add", purchase_id=note.purchase_id, kind=kind, text=text, actor=note.actor, now=now)
    if who.role is not Role.OWNER:
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
    return tuple(
        Text("sale.note", {"date": Day(one.noted_at), "time": Clock(one.noted_at), "note": _words(one)})
        for one in reversed(found)
    )


def latest(tx: Tx, since: int, *, most: int, skip: int = 0) -> list[tuple[Purchase, Text]]:
    """The notes of all sales since then, newest first: the sale, and the note as its owner reads it."""
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
