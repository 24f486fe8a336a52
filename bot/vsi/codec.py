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
from bot.domain.supply import Bill, Inquiry, Reply, Sale, Transport

MOST_BYTES = 64 * 1024

_FORBIDDEN = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_REFERENCE = re.compile(r"refnum:\s?([0-9A-Fa-f]{32})")
_HEX = re.compile(r"[0-9A-Fa-f]{32}")
_CODE = re.compile(r"\[(\d{1,4})\]")
_KWH = re.compile(r"KWH\s*([\d.]*\d,\d+)")
_TOKEN_LINE = re.compile(r"^STROOM/TOKEN\s+([\d\s-]+?)\s*$", re.MULTILINE)
_AMOUNT = re.compile(r"[0-9]{1,12}")
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
        """`rc` as a whole number: `0068`, `68` are one code. # VSI §7"""
        return int(self.get("rc")) if re.fullmatch(r"[0-9]{1,4}", self.get("rc")) else None

    @property
    def is_success(self) -> bool:
        """Status and code agree on success."""
        return self.get("status").upper() == "SUCCESS" and self.code == 0

    @property
    def is_error(self) -> bool:
        """Status and code agree on an error."""
        return self.get("status").upper() == "ERROR" and self.code not in (None, 0)

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
    """Why there is no document; `is_attack` where somebody tried more than a typing error."""

    why: str
    is_attack: bool = False
    code: int | None = None  # from a plain text, for operators only


def document(reply: Reply) -> Document | Unreadable:
    """Guards, then the parser. # VSI §8, §11"""
    body = reply.body
    if reply.transport is not Transport.ANSWERED or reply.status is None:
        return Unreadable(f"transport {reply.transport}", is_attack=reply.transport is Transport.OVERSIZE)
    if reply.status != 200:
        return Unreadable(f"HTTP {reply.status}")
    if len(body) > MOST_BYTES:
        return Unreadable("more than 64 KiB", is_attack=True)
    if _FORBIDDEN.search(body):
        return Unreadable("a document type or entity", is_attack=True)
    if b"\x00" in body:
        return Unreadable("UTF-16 or NUL")
    text = body.decode("utf-8-sig", "replace").strip()
    if not text.startswith("<"):
        return _plain_text(text)
    try:
        parsed = xmltodict.parse(text.encode(), disable_entities=True)
    except (ExpatError, ValueError, RecursionError) as error:
        return Unreadable(f"not well-formed ({type(error).__name__})")
    return _root(parsed)


def _root(parsed: Mapping[str, Any]) -> Document | Unreadable:
    root = parsed.get("root")
    if not isinstance(root, dict):
        return Unreadable("no <root>")
    fields = {name: value for name, value in root.items() if isinstance(value, str)}
    if any(isinstance(value, (dict, list)) for name, value in root.items() if not name.startswith("@")):
        return Unreadable("an element stands twice or has parts")
    return Document(fields)


def _plain_text(text: str) -> Unreadable:
    """A plain answer, for people: a leading or embedded `[code]`, or `STATUS#RC#…`. Never money's side. # VSI §8"""
    if not text:
        return Unreadable("empty")
    match = _CODE.search(text[:500]) or re.match(r"[A-Za-z]+#0*(\d{1,4})#", text)
    return Unreadable(f"plain text: {text[:80]}" if match else "not XML", code=int(match[1]) if match else None)


def inquiry(found: Document) -> Inquiry | None:
    """The customer of a successful inquiry; None if a needed field is missing. # VSI §2"""
    msn, adm, refnum = found.get("msn"), _amount(found.get("adm")), found.get("refnum")
    if not re.fullmatch(r"[0-9]{11}", msn) or adm is None or not _HEX.fullmatch(refnum):
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
    reference = in_words[1].upper() if in_words else None
    line = _TOKEN_LINE.search(text)
    kwh = _KWH.search(text)
    return Sale(
        msn=found.get("msn"),
        total=_amount(found.get("nominal")),
        tokens=token.read(found.get("token")),
        tokens_in_text=token.read(line[1]) if line else None,
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
    """A postpaid bill in the names of the contract's map; the totals are the elements', never the text's. # VSI §9"""
    total, admin = _amount(found.get("total")), _amount(found.get("admin"))
    principal = _amount(found.get("totaltagihanpln" if paid else "tagihan"))
    if total is None or admin is None or principal is None or not found.get("idpel"):
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
    lines = text.strip().splitlines()
    second = lines[1].strip() if len(lines) > 1 else ""
    return second.upper() if _HEX.fullmatch(second) else None


def _name(text: str) -> str:
    return " ".join(text.replace("''", "'").split())


def _amount(text: str) -> int | None:
    return int(text) if _AMOUNT.fullmatch(text) else None


def _decimal(text: str) -> str:
    return f"{int(text)},0" if _AMOUNT.fullmatch(text) else text.replace(".", ",")[:12]


def _moment(text: str) -> int | None:
    """`tanggal` is taken for WIB. # VSI §3"""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", text):
        return None
    try:
        return int(datetime.fromisoformat(text + "+00:00").timestamp() * 1000) - _WIB_MILLISECONDS
    except (ValueError, OverflowError):
        return None
