"""What is asked of a supplier and what it answered: requests, raw replies and their typed readings.

A reply is evidence and is stored before anybody reads it; a reading is a pure function of the reply. Nothing here
knows the supplier's wire names, and no reading ever says more than the reply proves.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum

_REFERENCE = re.compile(r"[0-9A-Fa-f]{32}")


class Command(StrEnum):
    """What a request asks for, in the words of the exchange log."""

    INQUIRY = "INQ"
    PAYMENT = "PAY"
    ADVICE = "ADV"
    POSTPAID_INQUIRY = "POSTPAID-INQ"
    POSTPAID_PAYMENT = "POSTPAID-PAY"


@dataclass(frozen=True, slots=True)
class Identity:
    """Which supplier this is, and who we are there: its host without port, and our client id."""

    host: str
    cid: str


@dataclass(frozen=True, slots=True)
class Inquire:
    """Ask who stands behind a meter number or IDPEL. # VSI §2"""

    trxid: str
    number: str


@dataclass(frozen=True, slots=True)
class Pay:
    """Buy `denomination` rupiah (without admin) for the meter of the inquiry `refnum`. # VSI §3"""

    trxid: str
    denomination: int
    refnum: str


@dataclass(frozen=True, slots=True)
class AutoPay:
    """Buy without an inquiry; no conversation uses it. # VSI §5"""

    trxid: str
    number: str
    denomination: int


@dataclass(frozen=True, slots=True)
class Advise:
    """Ask what became of a payment: by its PAYREF where known, else by meter and denomination. # VSI §4, §6"""

    trxid: str
    msn: str
    denomination: int
    payref: str | None = None


@dataclass(frozen=True, slots=True)
class PostpaidInquire:
    """Ask for the bill of an IDPEL. # VSI §9"""

    trxid: str
    idpel: str


@dataclass(frozen=True, slots=True)
class PostpaidPay:
    """Pay the bill of an IDPEL. # VSI §9"""

    trxid: str
    idpel: str


Request = Inquire | Pay | AutoPay | Advise | PostpaidInquire | PostpaidPay


def command_of(request: Request) -> Command:
    """The request's command in the words of the exchange log."""
    match request:
        case Inquire():
            return Command.INQUIRY
        case Pay() | AutoPay():
            return Command.PAYMENT
        case Advise():
            return Command.ADVICE
        case PostpaidInquire():
            return Command.POSTPAID_INQUIRY
        case PostpaidPay():
            return Command.POSTPAID_PAYMENT


def is_reference(text: str) -> bool:
    """Whether the supplier's requests can carry it: 32 hex characters. # VSI §2, §3"""
    return _REFERENCE.fullmatch(text) is not None


class Transport(StrEnum):
    """How a request ended on the wire; everything but ANSWERED has no body to trust."""

    ANSWERED = "answered"
    UNSENT = "unsent"  # proven: not a byte of the request left (DNS, refused, connect time-out, TLS)
    LOST = "lost"  # the connection broke after the first byte, or the answer came cut off
    TIMEOUT = "timeout"  # the deadline passed after the request had left
    OVERSIZE = "oversize"  # more than 64 KiB
    ENCODED = "encoded"  # a Content-Encoding that was never asked for


@dataclass(frozen=True, slots=True)
class Reply:
    """The raw outcome of one request: what is written to the exchange log before anybody reads it."""

    transport: Transport
    status: int | None = None
    body: bytes = b""
    milliseconds: int = 0
    detail: str = ""  # the class of a transport error, never its text: that may carry the URL and so the secret


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A customer as the supplier knows him. `msn` is the canonical meter number, `adm` rupiah. # VSI §2"""

    msn: str
    idpel: str
    name: str
    tariff_power: str  # `R1M/900`
    adm: int
    refnum: str
    unsold_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale that the supplier reports, not yet attributed to a purchase (`domain.gate`). # VSI §3, §10

    Amounts are rupiah; `total` is the wire's `nominal`, admin included. `tokens` is None where unreadable;
    `tokens_in_text` is None where the text names none. `paid_at` is epoch milliseconds.
    """

    msn: str
    total: int | None
    tokens: tuple[str, ...] | None
    tokens_in_text: tuple[str, ...] | None = None
    idpel: str = ""
    name: str = ""
    tariff_power: str = ""
    adm: int | None = None
    payref: str | None = None  # from `rcm` of a payment, else line 2 of the text
    advref: str | None = None  # from `rcm` of an advice; never used as PAYREF
    paid_at: int | None = None
    kwh: str = ""  # `352,0`, decimal comma
    vat: int = 0
    local_tax: int = 0
    instalment: int = 0
    stamp_duty: int = 0


@dataclass(frozen=True, slots=True)
class Bill:
    """A postpaid bill or its payment, in the names of the contract's field map; amounts are rupiah. # VSI §9"""

    idpel: str
    refnum: str
    name: str
    admin: int
    total: int
    principal: int
    month: str
    months: str = ""
    penalty: int = 0
    vat: int = 0
    tariff_power: str = ""
    meter_stand: str = ""
    paid_at: str = ""
    info: str = ""
    trxid: str = ""


class InquiryVerdict(StrEnum):
    """What an inquiry's answer means; no money is involved in any of them."""

    FOUND = "ok"
    REJECTED = "X"  # tell the user
    LATER = "R"  # may work later
    REBUILD = "R1"  # build date and hash anew, ask once more
    TROUBLE = "A"  # ours or the supplier's to mend


class PayVerdict(StrEnum):
    """What a payment's answer means to money (money rules §1.4)."""

    SETTLED = "S"  # a sale is reported; the gate decides whose
    DECLINED = "F"  # no sale, proven
    VERIFY = "V"  # refused in words that a replayed payment could also hear
    VERIFY_LONG = "V+"  # the same, the vending engine's own no
    UNKNOWN = "U"  # nothing proven
    UNSENT = "N"  # not a byte left


class AdviceVerdict(StrEnum):
    """What an advice's answer says about the purchase that it asks for."""

    SALE = "S*"  # a sale is reported; the gate decides whose
    NOT_FOUND = "N"  # not recorded now
    NOTHING = "P"  # no information
    WRONG_REFERENCE = "W"  # ask by meter and denomination instead
    REFUSED = "C"  # our request was refused
    OWNER = "O"  # the owner decides
    REBUILD = "R1"  # build date and hash anew, ask again


@dataclass(frozen=True, slots=True)
class InquiryAnswer:
    """A reading of an inquiry's reply. `key` is the text for people unless the verdict is FOUND."""

    verdict: InquiryVerdict
    key: str
    code: int | None = None
    inquiry: Inquiry | None = None
    alert: bool = False
    note: str = ""  # for operators only


@dataclass(frozen=True, slots=True)
class PayAnswer:
    """A reading of a payment's reply. `key` is said to people once the result is certain."""

    verdict: PayVerdict
    key: str
    code: int | None = None
    sale: Sale | None = None
    alert: bool = False
    breaker: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class AdviceAnswer:
    """A reading of an advice's reply."""

    verdict: AdviceVerdict
    code: int | None = None
    sale: Sale | None = None
    alert: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class BillAnswer:
    """A reading of a postpaid reply: the bill where the supplier reported success, else None."""

    success: bool
    code: int | None = None
    bill: Bill | None = None
    note: str = ""
    words: str = field(default="", repr=False)  # the supplier's own, for operators
