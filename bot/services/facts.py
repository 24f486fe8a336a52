"""What owners were told once and that does not last: a late sale, a locked account. Read back, newest first."""

from dataclasses import dataclass

from bot.domain.message import Text
from bot.ports import Tx

NAMES = {
    "own.manual": "alarm.was_manual",
    "own.late": "alarm.was_late",
    "own.double": "alarm.was_double",
    "own.twin": "alarm.was_twin",
    "own.note": "alarm.was_note",
    "own.undelivered": "alarm.was_undelivered",
    "own.locked": "alarm.was_locked",
    "own.number": "alarm.was_number",
    "own.lost_owner": "alarm.was_lost_owner",
    "own.differs": "alarm.was_differs",
    "own.tokenless": "alarm.was_tokenless",
    "own.unknown_sales": "alarm.was_unknown_sales",
    "own.ours_only": "alarm.was_ours_only",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One of a kind, about a purchase or about none, at epoch milliseconds."""

    kind: str
    purchase_id: int | None
    at: int

    @property
    def name(self) -> Text:
        """What it was about, in a few words."""
        return Text(NAMES[self.kind])

    @property
    def sale(self) -> str:
        """The purchase's number, or ''."""
        return "" if self.purchase_id is None else f"T{self.purchase_id}"


def latest(tx: Tx, most: int) -> list[Fact]:
    """The newest, newest first; kind by kind, for there may be many other rows among them."""
    found = [one for kind in NAMES for one in tx.all(Fact, "alert_latest_of_kind", kind=kind, most=most)]
    return sorted(found, key=lambda one: one.at, reverse=True)[:most]
