"""From a raw reply to facts: guards first, then xmltodict, then typed fields. Total: no bytes make it raise.

Decides nothing about money; a field that cannot be read is None, and text is never matched for meaning.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.parsers.expat import ExpatError

import xmltodict

from bot.domain import token
from bot.domain.meter import METER_DIGITS, is_number
from bot.domain.supply import Bill, Inquiry, Reply, Sale, Transport
from bot.vsi.codes import Form

MOST_BYTES = 64 * 1024
_MOST_MARKS = 512  # of "<" and of "="; an answer has some forty, and without a bound they cost a hundredfold memory

_FORBIDDEN = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_BLANKS = " \t\r\n"
_RC = re.compile(r"[0-9]{1,4}|\[[0-9]{1,4}\]")
_REFERENCE = re.compile(r"refnum: ?([0-9A-Fa-f]{32})(?![0-9A-Za-z])")
_HEX = re.compile(r"[0-9A-Fa-f]{32}")
_CODE = re.compile(r"\[([0-9]{1,4})\]")
_STATUS_CODE = re.compile(r"[A-Za-z]{1,20}#([0-9]{1,4})#")
_KWH = re.compile(r"KWH\s{0,5}([0-9.]{0,9}[0-9],[0-9]{1,4})(?![0-9])")
_TOKEN_LABEL = "STROOM/TOKEN"
_AMOUNT = re.compile(r"[0-9]{1,12}")
_DECIMAL = re.compile(r"[0-9]{1,9}[.,][0-9]{1,4}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_DIGITS = re.compile(r"[0-9](?:[ -]?[0-9]){10,}")
_WIB_MILLISECONDS = 7 * 3_600_000


@dataclass(frozen=True, slots=True)
class Document:
    """A well-formed answer of the contract's shape: `<root>` with text elements, read as `fields`."""

    fields: Mapping[str, str]

    def get(self, name: str) -> str:
        """The element's text without outer blanks; empty where it is missing or empty."""
        return self.fields.get(name, "").strip()

    @property
    def code(self) -> int | None:
        """`rc` as a whole number: `0068`, `68` and `[68]` are one code; None if it is anything else. # VSI §7"""
        rc = self.get("rc")
        return int(rc.strip("[]")) if _RC.fullmatch(rc) else None

    @property
    def is_success(self) -> bool:
        """Status and code agree on success."""
        return self.get("status") == "SUCCESS" and self.code == 0

    @property
    def is_error(self) -> bool:
        """Status and code agree on an error."""
        return self.get("status") == "ERROR" and self.code not in (None, 0)

    @property
    def words(self) -> str:
        """`rcm` in one line: its breaks fall in odd places. # VSI §11"""
        return " ".join(self.get("rcm").split())

    @property
    def is_explicit(self) -> bool:
        """`rcm` begins with the same code in brackets: the supplier's own refusal, not somebody's page."""
        match = _CODE.match(self.words)
        return match is not None and int(match[1]) == self.code


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why there is no document. `code` was seen in a plain text and is for operators only."""

    form: Form
    why: str
    code: int | None = None


def document(reply: Reply) -> Document | Unreadable:
    """Guards, then the parser. # VSI §8, §11"""
    body = reply.body
    if reply.transport is not Transport.ANSWERED or reply.status is None:
        return Unreadable(Form.ABSENT, f"{reply.transport} {reply.detail}".strip())
    if reply.status != 200:
        return Unreadable(Form.ABSENT, f"HTTP {reply.status}")
    if len(body) > MOST_BYTES:
        return Unreadable(Form.HOSTILE, "security: more than 64 KiB")
    if _FORBIDDEN.search(body):
        return Unreadable(Form.HOSTILE, "security: a document type or entity")
    if max(body.count(b"<"), body.count(b"=")) > _MOST_MARKS:
        return Unreadable(Form.HOSTILE, f"security: more than {_MOST_MARKS} marks")
    if b"\x00" in body:
        return Unreadable(Form.BROKEN, "UTF-16 or NUL")
    text = body.decode("utf-8-sig", "replace").strip(_BLANKS)
    if not text.startswith("<"):
        return _plain_text(text)
    try:
        # the encoding is ours: a declared one could hide from the guards what the parser then sees
        parsed = xmltodict.parse(text, encoding="utf-8", disable_entities=True)
    except (ExpatError, ValueError, RecursionError) as error:
        return Unreadable(Form.BROKEN, f"not well-formed ({type(error).__name__})")
    return _root(parsed)


def quoted(text: str) -> str:
    """The supplier's words for a note to operators: short, with meters and tokens down to their last four digits."""
    short = " ".join(text[:500].split())[:120]
    return _DIGITS.sub(lambda digits: f"…{digits.group()[-4:]}", short)


def _root(parsed: Mapping[str, Any]) -> Document | Unreadable:
    if "root" not in parsed:
        return Unreadable(Form.FOREIGN, "another root")
    root = parsed["root"]
    elements = root if isinstance(root, dict) else {}
    if any(isinstance(value, dict | list) for value in elements.values()):
        return Unreadable(Form.SHAPELESS, "an element stands twice or has parts")
    return Document({name: value for name, value in elements.items() if isinstance(value, str)})


def _plain_text(text: str) -> Unreadable:
    """A plain answer, for people: a leading or embedded `[code]`, or `STATUS#RC#…`. Never money's side. # VSI §8"""
    if not text:
        return Unreadable(Form.EMPTY, "empty")
    found = None if text.startswith("{") else _CODE.search(text[:500]) or _STATUS_CODE.match(text)
    if found is None:
        return Unreadable(Form.FOREIGN, "not XML")
    return Unreadable(Form.PLAIN, f"plain text: {quoted(text)}", int(found[1]))


def inquiry(found: Document) -> Inquiry | None:
    """The customer of a successful inquiry; None if a needed field is missing. # VSI §2"""
    msn, adm, refnum = found.get("msn"), _amount(found.get("adm")), found.get("refnum")
    if len(msn) != METER_DIGITS or not is_number(msn) or adm is None or not _HEX.fullmatch(refnum):
        return None
    return Inquiry(
        msn=msn,
        idpel=found.get("idpel"),
        name=_name(found.get("nama")),
        tariff_power=found.get("tarifdaya"),
        adm=adm,
        refnum=refnum,
        unsold_tokens=_amount(found.get("jmltokenunsold")) or 0,
    )


def sale(found: Document, *, advice: bool) -> Sale:
    """What a successful payment or advice reports; its references differ between the two. # VSI §3, §4"""
    text = found.fields.get("text", "")
    in_words = _REFERENCE.search(found.words)
    in_text = _second_line(text)
    reference = in_words[1] if in_words else None
    kwh = _KWH.search(text)
    return Sale(
        msn=found.get("msn"),
        total=_amount(found.get("nominal")),
        tokens=token.read(found.get("token")),
        tokens_in_text=_tokens_in(text),
        idpel=found.get("idpel"),
        name=_name(found.get("nama")),
        tariff_power=found.get("tarifdaya"),
        adm=_amount(found.get("adm")),
        payref=in_text if advice else reference or in_text,
        advref=reference if advice else None,
        paid_at=_moment(found.get("tanggal")),
        kwh=kwh[1] if kwh else _decimal(found.get("jmlkwh")),
        vat=_amount(found.get("ppn")) or 0,
        local_tax=_amount(found.get("ppj")) or 0,
        instalment=_amount(found.get("angsuran")) or 0,
        stamp_duty=_amount(found.get("materai")) or 0,
    )


def bill(found: Document, *, paid: bool) -> Bill | None:
    """A postpaid bill in the names of the contract's map; None where its amounts cannot be read.

    Totals are the elements', never the text's; `idpel` is empty where the answer leaves it out. # VSI §9
    """
    total, admin = _amount(found.get("total")), _amount(found.get("admin"))
    principal = _amount(found.get("totaltagihanpln" if paid else "tagihan"))
    if total is None or admin is None or principal is None:
        return None
    return Bill(
        idpel=found.get("idpel"),
        refnum=found.get("refnum"),
        name=_name(found.get("nama")),
        admin=admin,
        total=total,
        principal=principal,
        month=found.get("blntagihan"),
        months=found.get("bulan"),
        penalty=_amount(found.get("denda")) or 0,
        vat=_amount(found.get("ppn")) or 0,
        tariff_power=found.get("segmenpower"),
        meter_stand=found.get("startend"),
        paid_at=found.get("date"),
        info=" ".join(part for part in (found.get("info1"), found.get("info2")) if part),
    )


def _second_line(text: str) -> str | None:
    lines = text.strip().split("\n", 2)
    second = lines[1].strip() if len(lines) > 1 else ""
    return second if _HEX.fullmatch(second) else None


def _tokens_in(text: str) -> tuple[str, ...] | None:
    """The tokens that the text names, in order; none, and so at odds with every token, where any cannot be read."""
    _, *parts = text.split(_TOKEN_LABEL, token.MOST_GROUPS + 1)
    if not parts:
        return None
    groups = [_tokens_after_label(part) for part in parts]
    return () if () in groups else tuple(digits for group in groups for digits in group)


def _tokens_after_label(part: str) -> tuple[str, ...]:
    """What one label names; a second or third group may stand on a line of its own."""
    first, *others = part.split("\n")
    named = first.strip().removeprefix(":")
    for line in others:
        if token.read(line) is None:
            break
        named += line
    return token.read(named) or ()


def _name(text: str) -> str:
    return " ".join(text.replace("''", "'").split())


def _amount(text: str) -> int | None:
    return int(text) if _AMOUNT.fullmatch(text) else None


def _decimal(text: str) -> str:
    if _AMOUNT.fullmatch(text):
        return f"{int(text)},0"
    return text.replace(".", ",") if _DECIMAL.fullmatch(text) else ""


def _moment(text: str) -> int | None:
    """`tanggal` is taken for WIB; epoch milliseconds. # VSI §3"""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return int(datetime.fromisoformat(text + "+00:00").timestamp() * 1000) - _WIB_MILLISECONDS
    except (ValueError, OverflowError):
        return None
