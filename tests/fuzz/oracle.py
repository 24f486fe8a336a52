"""A second reading of the contract, written apart from `bot.vsi`: what an answer proves, and nothing more.

Expat says whether the bytes are well-formed; the rest is a scanner of its own. Where this and the reading disagree
towards money, the reading is wrong, or this is.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from xml.parsers import expat

from bot.domain.gate import Surroundings
from bot.domain.purchase import Purchase
from bot.domain.supply import Reply, Transport
from tests.fuzz.corpus import codes

CODES = codes()
_WIB = timezone(timedelta(hours=7))
_FRONT_END = (400, 401, 403, 404, 405, 414)
_LONGEST = 65_536
_DECLARATION = re.compile(rb"<![ \t\r\n\f\v]*(?:doctype|entity)", re.IGNORECASE)
_PIECE = re.compile(
    r"<!--.*?-->"
    r"|<\?.*?\?>"
    r"|<!\[CDATA\[(?P<cdata>.*?)\]\]>"
    r"|<(?P<end>/?)(?P<name>[^\s/>]+)(?P<more>(?:\s+[^\s=]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(?P<empty>/?)>"
    r"|(?P<words>[^<]+)",
    re.DOTALL,
)
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_ENTITY = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-z]+));")
_BRACKETED = re.compile(r"\[([0-9]{1,4})\]")
_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)", re.ASCII)

Fields = dict[str, str]


@dataclass(frozen=True, slots=True)
class Proof:
    """What may be believed of a sale: whether the gate may pass it, its digits and fee."""

    passes: bool
    tokens: tuple[str, ...] = ()
    adm: int = 0


def fields(reply: Reply) -> Fields | None:
    """The elements of `<root>` and their texts, or None where this is no answer of the contract's shape."""
    body = reply.body
    if reply.transport is not Transport.ANSWERED or reply.status != 200 or len(body) > _LONGEST:
        return None
    if _DECLARATION.search(body) or 0 in body:
        return None
    text = body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").strip(" \t\r\n")
    if not text.startswith("<"):
        return None
    try:
        expat.ParserCreate("utf-8").Parse(text.encode(), True)
    except expat.ExpatError:
        return None
    return _children(text.replace("\r\n", "\n").replace("\r", "\n"))


def _children(text: str) -> Fields | None:
    """The texts of a well-formed document; None unless each stands once, directly in `<root>`, without parts."""
    found: Fields = {}
    depth, name, said = 0, "", ""
    for piece in _PIECE.finditer(text):
        if piece["name"] is None:
            if depth == 2:
                said += piece["cdata"] or _resolved(piece["words"] or "")
            continue
        if not piece["end"]:
            depth += 1
            if depth > 2 or (depth == 1 and piece["name"] != "root") or (depth == 2 and piece["more"]):
                return None
            name, said = piece["name"], ""
        if piece["end"] or piece["empty"]:
            if depth == 2:
                if name in found:
                    return None
                found[name] = said
            depth -= 1
    return found


def _resolved(words: str) -> str:
    if "&" not in words:
        return words
    return _ENTITY.sub(lambda one: _NAMED[one[3]] if one[3] else chr(int(one[1], 16) if one[1] else int(one[2])), words)


def code_of(found: Fields) -> int | None:
    """`rc` as a number, in brackets or not."""
    match = re.fullmatch(r"(\[?)([0-9]{1,4})(\]?)", found.get("rc", "").strip())
    return int(match[2]) if match and bool(match[1]) == bool(match[3]) else None


def is_sale(found: Fields | None) -> bool:
    """Status and code both say so."""
    return found is not None and found.get("status", "").strip() == "SUCCESS" and code_of(found) == 0


def payment(reply: Reply) -> str:
    """The class that a payment's answer may be given: S, F, V, V+, U or N (money rules §1.4)."""
    if reply.transport is Transport.UNSENT:
        return "N"
    if reply.transport is Transport.ANSWERED and reply.status in _FRONT_END:
        return "V"
    found = fields(reply)
    if found is None:
        return "U"
    if is_sale(found):
        return "S"
    code = code_of(found)
    if found.get("status", "").strip() != "ERROR" or not code:
        return "U"
    named = _BRACKETED.match(found.get("rcm", "").strip())
    if named is None or int(named[1]) != code:
        return "U"
    return CODES.get(code, ("U", "P"))[0]


def advice(reply: Reply, *, by_payref: bool) -> str:
    """What an advice's answer may be taken for: S*, N, C, W, O, R1, or P, which is nothing."""
    if reply.transport is Transport.ANSWERED and reply.status in _FRONT_END:
        return "C"
    found = fields(reply)
    if found is None:
        return "P"
    if is_sale(found):
        return "S*"
    code = code_of(found)
    if found.get("status", "").strip() != "ERROR" or not code:
        return "P"
    said = CODES.get(code, ("U", "P"))[1]
    return "P" if said == "W" and not by_payref else said


def proof(found: Fields, purchase: Purchase, around: Surroundings) -> Proof:
    """The gate again, from the elements (money rules §1.5)."""
    msn, total, told_adm = found.get("msn", "").strip(), _rupiah(found, "nominal"), _rupiah(found, "adm")
    adm = purchase.adm if told_adm is None else told_adm
    tokens = _groups(found.get("token", ""))
    at = _moment(found.get("tanggal", ""))
    if tokens is None or not _agrees(found.get("text", ""), tokens):
        return Proof(passes=False)
    right_amount = total is not None and purchase.denomination in (total, total - adm)
    in_time = at is not None and _within(at, purchase, around)
    passes = msn == purchase.msn and right_amount and not around.elsewhere and (in_time or around.direct)
    return Proof(passes, tokens, adm)


def _rupiah(found: Fields, name: str) -> int | None:
    text = found.get(name, "").strip()
    return int(text) if re.fullmatch(r"[0-9]{1,12}", text) else None


def _groups(text: str) -> tuple[str, ...] | None:
    digits = "".join(one for one in text if one != "-" and not one.isspace())
    if len(digits) not in (20, 40, 60) or set(digits) - set("0123456789"):
        return None
    return tuple(digits[start : start + 20] for start in range(0, len(digits), 20))


def _agrees(text: str, tokens: tuple[str, ...]) -> bool:
    """Whether all that the text names after its labels is the tokens, in their order; no label says nothing."""
    _, *named = text.split("STROOM/TOKEN")
    said: list[str] = []
    for part in named:
        first, *lines = part.split("\n")
        first = first.strip()
        groups = _groups(first.removeprefix(":"))
        for line in lines:
            further = _groups(line)
            if further is None:
                break
            if groups is None:  # the label stands on a line of its own
                groups = () if first in ("", ":") else None
            groups = None if groups is None else groups + further
        if groups is None:
            return False
        said += groups
    return not named or tuple(said) == tokens


def _moment(text: str) -> int | None:
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.groups())
    try:
        return round(datetime(year, month, day, hour, minute, second, tzinfo=_WIB).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def _within(at: int, purchase: Purchase, around: Surroundings) -> bool:
    at -= around.offset or 0
    earliest = (purchase.sent_at or 0) - around.skew
    latest = around.now + around.skew
    if around.bounded_by is not None:
        latest = min(latest, around.bounded_by - around.skew - 1)
    return earliest <= at <= latest
