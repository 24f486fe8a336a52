"""What is answered about a sale that a customer proved, and what his seller says to that.

A sale that this chat was not shown lately is answered like one that there is not: with None, the start text.
"""

from bot.conversation.script import Turn
from bot.domain.message import Message, MeterNumber, Text
from bot.domain.purchase import Purchase
from bot.services import lookup, notices, recovery, requests, sales
from bot.services.recovery import Way

Said = list[Message] | None


def _shown(turn: Turn, rest: str) -> Purchase | None:
    return recovery.shown(turn.tx, rest, turn.person, turn.shop, turn.now)


def receipt(turn: Turn, rest: str) -> Said:
    """A reprint of what was shown."""
    found = _shown(turn, rest)
    said = recovery.reprint(turn.tx, found, turn.person, turn.shop, turn.now) if found else None
    return [said] if said else None


def token_typed(_turn: Turn, rest: str) -> Said:
    """Twenty digits are a token, and whether it is one of this shop's is nobody's to learn."""
    if not lookup.is_token(rest):
        return None
    options = (notices.option("token_refused", "ditolak"), notices.option("find_token", "cari"))
    return [Message(Text("token.typed"), options=options)]


def remember(turn: Turn, rest: str) -> Said:
    """From now on this chat needs no other proof of the meter."""
    found = _shown(turn, rest)
    if found is None or not recovery.remember(turn.tx, found, turn.person, turn.shop, turn.now):
        return None
    until = Text("rec.remembered", {"n": turn.shop.known_days, "meter": MeterNumber(found.msn, short=True)})
    return [Message(until, options=(notices.option("menu", "menu"),))]


def tell(turn: Turn, rest: str) -> Said:
    """Say how an open sale ends; of one that has ended, say so now."""
    found = _shown(turn, rest)
    if found is None:
        return None
    if not found.is_open:
        return list(recovery.show(turn.tx, found, Way.WATCH, turn.person, turn.now))
    requests.watch(turn.tx, found, turn.person, turn.now)
    return [Message(Text("rec.subscribed"), options=(notices.option("menu", "menu"),))]


# the seller's side


def decide(turn: Turn, rest: str, *, sends: bool) -> list[Message]:
    """Whether a customer's request is his; a request that is not the seller's own is none."""
    said = requests.decide(turn.tx, rest, turn.person, turn.shop, turn.now, sends=sends)
    return [said or Message(Text("hist.none"), options=(notices.option("history", "riwayat"),))]


def phone(turn: Turn, rest: str, found: Purchase) -> list[Message]:
    """The customer's phone, written down on one's own sale."""
    kept = recovery.keep_phone(turn.tx, found, rest.rpartition(" ")[2], turn.person, turn.now)
    stands = sales.status(turn.tx, found, turn.shop)
    return [Message(kept.text, options=stands.options)]
