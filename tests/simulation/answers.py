"""What the model supplier says, as bytes on the wire, and what the money rules say that it means.

The bytes are the practice supplier's (a second reading of the contract), the meaning comes from the table that the
tests of the codes keep apart from the code's own.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from bot.domain.supply import Reply, Transport
from bot.sandbox import answers
from bot.sandbox.answers import Shape
from bot.sandbox.ledger import Sold

_TABLE = Path(__file__).parents[1] / "vsi" / "code_table.txt"
_OK = Transport.ANSWERED


@dataclass(frozen=True, slots=True)
class Meaning:
    """A code's class for a payment and for an advice, and whether a payment that hears it stops new ones."""

    pay: str
    advice: str
    stops: bool


def _read() -> dict[int, Meaning]:
    found = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        code, _, pay, advice, _ = (cell.strip() for cell in line.split("|"))
        if int(code):
            found[int(code)] = Meaning(pay.split()[0], advice.split()[0], "B" in pay.split())
    return found


CODES = _read() | {10: Meaning("U", "P", stops=False), 999: Meaning("U", "P", stops=False)}  # two that no table lists


@dataclass(frozen=True, slots=True)
class Shown:
    """A sale as an answer reports it: what can be read of it, beside the sale that it really is."""

    sale: Sold
    msn: str
    total: int
    adm: int | None
    token: str | None  # None where it cannot be read
    payref: str | None
    dated: int | None  # by the supplier's clock


@dataclass(frozen=True, slots=True)
class Evidence:
    """One answer: its name in the count, its bytes, and what the money rules make of it."""

    name: str
    reply: Reply
    pay: str = "U"
    advice: str = "P"
    stops: bool = False
    shown: Shown | None = None


def refusal(code: int, number: str, *, advice: bool, by_payref: bool = False) -> Evidence:
    """A code of the table, in words."""
    means = CODES[code]
    shape = (Shape.ADVICE_BY_PAYREF if by_payref else Shape.ADVICE) if advice else Shape.PAY
    body = answers.error(code, "TIDAK BISA DILAKUKAN", number, shape)
    if advice and means.advice == "W" and not by_payref:  # nobody asked by a reference
        means = replace(means, advice="P")
    name = f"{means.advice} code" if advice else f"{means.pay} code"
    return Evidence(name, Reply(_OK, 200, body, 40), means.pay, means.advice, means.stops)


def _broken(name: str, transport: Transport = _OK, status: int | None = 200, body: bytes = b"") -> Evidence:
    return Evidence(f"no answer: {name}", Reply(transport, status, body, 40))


_XML = b'<?xml version="1.0"?>\n<root><status>%s</status><rc>%s</rc><rcm>%s</rcm></root>'
# every row of the transport table that proves nothing; two more follow that a payment hears differently
SILENCES = (
    _broken("connection lost", Transport.LOST, None),
    _broken("time-out", Transport.TIMEOUT, None),
    _broken("oversize", Transport.OVERSIZE),
    _broken("encoded", Transport.ENCODED),
    _broken("HTTP 302", status=302),
    _broken("HTTP 429", status=429, body=b"slow down"),
    _broken("HTTP 503", status=503, body=b"<html>busy</html>"),
    _broken("empty"),
    _broken("HTML", body=b"<html><body>welcome</body></html>"),
    _broken("JSON", body=b'{"status": "SUCCESS", "rc": "0000"}'),
    _broken("plain text", body=b"SUCCESS#0000#PEMBAYARAN SUKSES#"),
    _broken("document type", body=b"<!DOCTYPE x><root><status>SUCCESS</status><rc>0000</rc></root>"),
    _broken("raw ampersand", body=_XML % (b"SUCCESS", b"0000", b"A & B")),
    _broken("two documents", body=(_XML % (b"ERROR", b"0014", b"[14] SALAH")) * 2),
    _broken("UTF-16", body="<root/>".encode("utf-16")),
    _broken("success with code 68", body=_XML % (b"SUCCESS", b"0068", b"[68] TIMEOUT")),
    _broken("error with code 0", body=_XML % (b"ERROR", b"0000", b"[0] SUKSES")),
    _broken("no status", body=b'<?xml version="1.0"?>\n<root><rc>0000</rc></root>'),
)
WITHOUT_WORDS = _broken("refusal whose words lack its code", body=_XML % (b"ERROR", b"0014", b"SALAH NOMOR"))
UNSENT = Evidence("N unsent", Reply(Transport.UNSENT, None), "N", "P")
FORBIDDEN = Evidence("front end refuses", Reply(_OK, 403, b"<html>forbidden</html>", 40), "V", "C", stops=True)


def cut(evidence: Evidence) -> Evidence:
    """The same answer cut off behind the token: proves nothing, though the token can be seen."""
    body = evidence.reply.body
    end = body.find(b"</token>") + len(b"</token>")
    return Evidence("no answer: cut off", replace(evidence.reply, body=body[:end]))


def sale(sold: Sold, ahead: int, kind: str, *, advice: bool, by_payref: bool = False) -> Evidence:
    """A sale as a payment's or an advice's answer reports it; `kind` is what is wrong with the report."""
    shape = (Shape.ADVICE_BY_PAYREF if by_payref else Shape.ADVICE) if advice else Shape.PAY
    body = answers.sale(sold, ahead // 1_000, shape)
    shown = Shown(sold, sold.msn, sold.nominal + sold.adm, sold.adm, sold.tokens[-1], sold.payref, sold.sold_at + ahead)
    match kind:
        case "token unreadable":
            body, shown = _without(body, "token", b"1234-5678"), replace(shown, token=None)
        case "token at odds":
            body = body.replace(f"STROOM/TOKEN {sold.tokens[0][:4]}".encode(), b"STROOM/TOKEN 9999")
            shown = replace(shown, token=None)
        case "undated":
            body, shown = _without(body, "tanggal", b""), replace(shown, dated=None)
        case "no adm":
            body, shown = _without(body, "adm", b""), replace(shown, adm=None)
        case "no reference":
            body = body.replace(sold.payref.encode(), b"-")
            shown = replace(shown, payref=None)
        case "without admin":
            total, bare = f"<nominal>{sold.nominal + sold.adm}<".encode(), f"<nominal>{sold.nominal}<".encode()
            body, shown = body.replace(total, bare), replace(shown, total=sold.nominal)
    return Evidence("", Reply(_OK, 200, body, 40), "S", "S*", shown=shown)


def _without(body: bytes, name: str, value: bytes) -> bytes:
    start, end = body.index(f"<{name}>".encode()), body.index(f"</{name}>".encode())
    return body[: start + len(name) + 2] + value + body[end:]
