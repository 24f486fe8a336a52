"""What each response code, and each way in which an answer fails to be one, means: the money rules §2, as data.

Codes compare as whole numbers, and the supplier's words are never matched. What is not listed is in doubt.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.supply import AdviceVerdict, InquiryVerdict, PayVerdict, Transport

# code | inquiry | payment | advice | text. A alerts the operator, B stops new purchases, O lets the owner decide.
_TABLE = """
4   | A   | F A B  | C   | err.trouble
5   | R   | U      | P   | pay.pending
6   | A   | V A B  | C   | err.trouble
7   | A   | V A B  | C   | err.trouble
8   | R   | V B    | P   | err.closed
9   | A   | V A B  | C   | err.trouble
11  | R A | V A B  | P A | err.trouble
12  | A   | U A    | O   | pay.pending
13  | A   | F      | C   | err.amount
14  | X   | F      | C   | err.number
15  | X   | F      | C   | err.number
16  | X   | F      | C   | err.prr
17  | X   | F      | C   | err.arrears
18  | R   | U      | P   | pay.pending
26  | A   | V A B  | C   | err.trouble
29  | A   | F A B  | C   | err.trouble
30  | A   | V A    | C   | err.trouble
31  | A   | F A B  | C   | err.trouble
32  | A   | F A B  | C   | err.trouble
33  | A   | F A B  | C   | err.trouble
34  | A   | F A B  | C   | err.trouble
35  | A   | F A B  | C   | err.trouble
41  | A   | F      | C   | err.amount
42  | A   | F      | C   | err.amount
43  | A   | V A    | C   | err.trouble
44  | A   | V A    | C   | err.trouble
45  | A   | F A B  | C   | err.trouble
46  | A   | V A B  | C   | err.trouble
47  | X   | V      | C   | err.cap_plain
48  | R1  | V      | R1  | err.expired
51  | R   | V+     | P   | err.refused
52  | R   | U      | P   | pay.pending
53  | A   | F A B  | C   | err.trouble
54  | R   | U      | P   | pay.pending
55  | R   | U      | P   | pay.pending
56  | A   | V A    | C   | err.trouble
60  | A   | U A    | C   | pay.pending
63  | R   | U      | N   | pay.pending
67  | R   | U      | P   | pay.pending
68  | R   | U      | P   | pay.pending
69  | A   | V A B  | C   | err.trouble
70  | R   | U A    | P A | pay.pending
72  | R   | V+     | P   | err.refused
73  | R   | U      | P   | pay.pending
77  | X   | F      | C   | err.blocked
88  | X   | U A    | P O | pay.pending
89  | X   | V      | P   | err.refused
90  | R   | V B    | P   | err.closed
91  | R   | U A    | P   | pay.pending
92  | R   | V      | W   | err.expired
93  | R   | V A    | W   | err.expired
94  | R   | U A    | O   | pay.pending
95  | A   | F A B  | C   | err.trouble
96  | R   | U      | N   | pay.pending
97  | A   | V A B  | C   | err.trouble
98  | R   | V      | W   | err.expired
146 | A   | U A B  | P A | pay.pending
"""

# what an inquiry says at once instead of the row's text
_INQUIRY_TEXTS = {88: "num.postpaid", 89: "num.postpaid"} | dict.fromkeys((51, 72, 92, 93, 98), "err.inquiry")

_FOR_PEOPLE = (AdviceVerdict.REFUSED, AdviceVerdict.OWNER)
_FRONT_END_REFUSED = (400, 401, 403, 404, 405, 414)


@dataclass(frozen=True, slots=True)
class Row:
    """One code's meaning for each command, and the text for people once a payment's result is certain."""

    inquiry: InquiryVerdict
    inquiry_alert: bool
    pay: PayVerdict
    pay_alert: bool
    breaker: bool
    advice: AdviceVerdict
    advice_alert: bool
    key: str
    inquiry_key: str


def _row(code: int, inquiry: str, pay: str, advice: str, key: str) -> Row:
    asked, paid, advised = inquiry.split(), pay.split(), advice.split()
    verdict = AdviceVerdict(advised[0])
    said = _INQUIRY_TEXTS.get(code, "err.inquiry" if key == "pay.pending" else key)
    return Row(
        inquiry=InquiryVerdict(asked[0]),
        inquiry_alert="A" in asked,  # on its own, too: trouble is for operators to mend
        pay=PayVerdict(paid[0]),
        pay_alert="A" in paid,
        breaker="B" in paid,
        advice=verdict,
        # who refused us, or left it to the owner, is for people to look into; `P O` keeps asking meanwhile
        advice_alert=verdict in _FOR_PEOPLE or bool({"A", "O"} & set(advised[1:])),
        key=key,
        inquiry_key=said,
    )


def _read(table: str) -> dict[int, Row]:
    rows = {}
    for line in table.strip().splitlines():
        code, inquiry, pay, advice, key = (cell.strip() for cell in line.split("|"))
        rows[int(code)] = _row(int(code), inquiry, pay, advice, key)
    return rows


ROWS = _read(_TABLE)
UNLISTED = _row(-1, "R A", "U A", "P A", "pay.pending")


def row(code: int) -> Row:
    """The code's row; an unlisted one is in doubt and alerts."""
    return ROWS.get(code, UNLISTED)


class Form(StrEnum):
    """What came instead of a readable answer."""

    ABSENT = "no answer"  # the transport or the HTTP status says the rest
    EMPTY = "empty"
    FOREIGN = "not the supplier's"  # HTML, JSON, garbage, another root
    BROKEN = "not well-formed"  # also: two documents, UTF-16
    PLAIN = "plain text"  # in spite of `resp=XML`
    SHAPELESS = "without its shape"  # <root>, but an element stands twice or has parts
    HOSTILE = "hostile"  # document type, entity, more than 64 KiB


@dataclass(frozen=True, slots=True)
class Unread:
    """What the lack of a readable answer means to a payment and to an advice; `alert` holds for an inquiry as well."""

    pay: PayVerdict = PayVerdict.UNKNOWN
    advice: AdviceVerdict = AdviceVerdict.NOTHING
    alert: bool = False
    breaker: bool = False
    key: str = "pay.pending"


def unread(transport: Transport, status: int | None, form: Form) -> Unread:
    """The row of a reply in which no answer could be read: the transport table of the money rules §2."""
    if transport is Transport.UNSENT:
        return Unread(PayVerdict.UNSENT, key="err.unsent")
    if transport is Transport.OVERSIZE or form is Form.HOSTILE:
        return Unread(alert=True)
    if transport is not Transport.ANSWERED or status is None:
        return Unread()
    if status in _FRONT_END_REFUSED:
        # a front end may refuse the copy of a request whose first copy sold: verified, never declined
        return Unread(PayVerdict.VERIFY, AdviceVerdict.REFUSED, alert=True, breaker=True, key="err.trouble")
    return Unread(alert=300 <= status < 400 or form in (Form.PLAIN, Form.SHAPELESS))
