"""What an owner says about open cases: `pending` lists and shows them, `selesai` settles one.

A settlement that needs words of his begins the flow `settle`; to wait and to offer a late token are done at once.
"""

import dataclasses
import re
from typing import NamedTuple

from bot.conversation import pages
from bot.conversation.command import Begin
from bot.conversation.script import Turn
from bot.domain.ledger import COUNTER
from bot.domain.message import Message, Text, Value
from bot.domain.purchase import IN_DOUBT, Purchase, State
from bot.services import by_hand, cases, evidence, late, notices, people, purchasing, strays, ways
from bot.services.decisions import DecisionError
from bot.services.standing import StandingError
from bot.services.strays import Stray

_CASE = re.compile(r"(?P<kind>[ts])(?P<number>\d{1,9})(?:\s+(?P<more>.*))?", re.IGNORECASE)
_CHECK = ("cek", "check")
_WAYS = {
    "sold": ("keluar", "token", "issued", "sold"),
    "unsold": ("gagal", "failed"),
    "wait": ("tunggu", "wait"),
    "loss": ("tanggung", "bear", "loss", "rugi"),
    "offer": ("tawarkan", "offer"),
    "till": ("dibayar", "paid"),
    "claimed": ("diganti", "claimed"),
}
_WAY = {word: way for way, words in _WAYS.items() for word in words}
_OF_DOUBT, _OF_LATE, _OF_STRAY = ("sold", "unsold", "wait"), ("loss", "offer", "till"), ("claimed", "loss")
_PENDING = notices.option("pending", "pending")

Case = Purchase | Stray


class Asked(NamedTuple):
    """Which case the line names, and what it says of it."""

    number: str
    case: Case | None
    more: str


def read(turn: Turn, line: str) -> Asked | None:
    """`T10482 …` or `S3 …`; None where no case is named."""
    found = _CASE.fullmatch(line.strip())
    if found is None:
        return None
    number, more = int(found["number"]), found["more"] or ""
    if found["kind"] in "tT":
        return Asked(f"T{number}", turn.tx.one(Purchase, "purchase_by_id", id=number), more)
    return Asked(f"S{number}", strays.by_number(turn.tx, number), more)


def case_of(turn: Turn, number: str) -> Case:
    """The case by its number. Raises `LookupError` where there is none."""
    asked = read(turn, number)
    if asked is None or asked.case is None:
        raise LookupError(f"no case {number}")
    return asked.case


def pending(turn: Turn, rest: str) -> list[Message]:
    """`pending`, `pending hal 2`, `pending cek`, `pending T10482`, `pending T10482 cek`, `pending S3 vsi`."""
    if rest.casefold() in _CHECK:
        return [_checked(turn)]
    asked = read(turn, rest)
    if asked is None:
        return [cases.listed(turn.tx, turn.shop, turn.now, pages.read(rest)[1])]
    if asked.case is None:
        return [_none(asked.number)]
    word = asked.more.casefold()
    if isinstance(asked.case, Stray):
        return [cases.claim(turn.tx, asked.case) if word == "vsi" else _shown(turn, asked.case)]
    if word == "vsi":
        return [cases.for_supplier(turn.tx, asked.case)]
    return [_check(turn, asked.case) if word in _CHECK else _shown(turn, asked.case)]


def _none(number: str) -> Message:
    return Message(Text("case.none", {"sale": number}), options=(_PENDING,))


def _shown(turn: Turn, case: Case) -> Message:
    if isinstance(case, Stray):
        return cases.stray_card(turn.tx, case, turn.shop, turn.now)
    return cases.shown(turn.tx, case, turn.shop, turn.now)


def _check(turn: Turn, found: Purchase) -> Message:
    """Ask about this one now, by the queue of advices."""
    if found.state not in IN_DOUBT:
        return _shown(turn, found)
    said = purchasing.check_now(turn.tx, found, turn.shop, turn.now)
    see = ways.see(found)
    if said is None:
        return Message(Text("own.checking", {"n": 1}), options=(see, _PENDING))
    return dataclasses.replace(said, options=(see, _PENDING))


def _checked(turn: Turn) -> Message:
    """Ask about all that is in doubt now; what was asked a moment ago rests."""
    doubtful = [one for one in turn.tx.all(Purchase, "purchase_open_list") if one.state in IN_DOUBT]
    rests = [one for one in doubtful if purchasing.check_now(turn.tx, one, turn.shop, turn.now) is not None]
    asked = len(doubtful) - len(rests)
    lines = [Text("own.checking", {"n": asked})] if asked else []
    if rests:
        seconds = turn.shop.waits.check_rest // 1000
        lines.append(Text("own.check_rests", {"n": len(rests), "seconds": seconds}))
    if not lines:
        return cases.listed(turn.tx, turn.shop, turn.now)
    return Message(lines[0], tuple(lines[1:]), (_PENDING,))


# settling


def _wanted(turn: Turn, rest: str) -> tuple[Asked, str, str] | None:
    """The case, the way that is chosen ('' for none), and the words behind it."""
    asked = read(turn, rest)
    if asked is None:
        return None
    word, _, words = asked.more.partition(" ")
    return asked, _WAY.get(word.casefold(), ""), words


def begins(turn: Turn, rest: str) -> Begin | None:
    """`selesai T10482 keluar`, `selesai T10482 gagal VSI menulis tidak ada`, `selesai S3 diganti`."""
    wanted = _wanted(turn, rest)
    if wanted is None:
        return None
    asked, way, words = wanted
    if asked.case is None or way in ("", "wait", "offer") or hindered(turn, asked.case, way) is not None:
        return None
    given = {"case": asked.number, "way": way}
    return Begin("settle", given | ({"words": words} if words.strip() else {}))


def settle(turn: Turn, rest: str) -> list[Message]:
    """`selesai`, `selesai T10482` with the ways out, `selesai T10482 tunggu`, `selesai T10482 tawarkan`."""
    wanted = _wanted(turn, rest)
    if wanted is None:
        return [cases.listed(turn.tx, turn.shop, turn.now)]
    asked, way, _ = wanted
    if asked.case is None:
        return [_none(asked.number)]
    if (said := hindered(turn, asked.case, way)) is not None:
        return [said]
    if isinstance(asked.case, Stray):
        return [_shown(turn, asked.case)]
    if way == "offer":
        return [_offered(turn, asked.case)]
    return [_waits(turn, asked.case) if way == "wait" else _choice(turn, asked.case)]


def hindered(turn: Turn, case: Case, way: str) -> Message | None:
    """Why this case is not settled so now, or None; '' asks whether there is anything to settle."""
    if isinstance(case, Stray):
        fits = not way or way in _OF_STRAY
        return None if case.state == "open" and fits else _shown(turn, case)
    if case.state is State.LATE and not by_hand.is_decided(turn.tx, case):
        fits = not way or (way in _OF_LATE and (way != "till" if case.agent_id != COUNTER else way != "offer"))
        return None if fits else cases.late_card(turn.tx, case)
    if not case.is_open:
        return _settled(turn, case)
    if not by_hand.is_for_hand(case, turn.shop, turn.now):
        return _young(turn, case)
    return None if not way or way in _OF_DOUBT else _choice(turn, case)


def _settled(turn: Turn, found: Purchase) -> Message:
    """It ended, by itself or by somebody: nothing is done, and it is shown how."""
    shown = cases.shown(turn.tx, found, turn.shop, turn.now)
    taken = by_hand.case(turn.tx, found).decisions
    told = tuple(evidence.decided(turn.tx, taken, turn.shop, turn.now))
    return Message(Text("own.settled", {"sale": found.sale}), (shown.text, *told), shown.options)


def _young(turn: Turn, found: Purchase) -> Message:
    at = notices.when(by_hand.settled_from(found, turn.shop), turn.shop, turn.now)
    args: dict[str, Value] = {"sale": found.sale, "time": at}
    check = notices.option("check_now", f"pending {found.sale} cek")
    return Message(Text("own.young", args), options=(check, ways.see(found), _PENDING))


def _choice(turn: Turn, found: Purchase) -> Message:
    if found.state is State.LATE:
        return cases.late_card(turn.tx, found)
    return Message(Text("own.manual", {"sale": found.sale, "trxid": found.trxid}), options=ways.out(found))


def _waits(turn: Turn, found: Purchase) -> Message:
    following = notices.when(max(found.next_at or turn.now, turn.now), turn.shop, turn.now)
    said = Text("own.waits", {"sale": found.sale, "next": following})
    return Message(said, options=(ways.for_supplier(found.sale), _PENDING))


def _offered(turn: Turn, found: Purchase) -> Message:
    agent = people.agent(turn.tx, found.agent_id).name
    try:
        fresh = late.offer(turn.tx, found, turn.person.acting, turn.now)
    except StandingError:
        return closed(found)
    except DecisionError:
        return Message(Text("own.late_nobody", {"agent": agent}), options=ways.late(found)[:1])
    key = "own.late_sent" if fresh else "own.late_offered"
    return Message(Text(key, {"agent": agent}), options=(ways.late(found)[0], _PENDING))


def closed(case: Case) -> Message:
    """No money moves while the books are being looked at."""
    return Message(Text("case.closed", {"sale": case.sale}), options=(_PENDING,))
