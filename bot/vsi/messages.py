"""The wire's parameters of each request, built from typed values; date and hash come from one clock read in WIB.

Nothing that a person or a supplier wrote gets into a query unchecked, and no secret into what is kept of it.
"""

import hashlib
import re
from datetime import UTC, datetime, timedelta, timezone

from bot.domain.meter import is_number, masked
from bot.domain.supply import Advise, AutoPay, Inquire, Pay, PostpaidInquire, PostpaidPay, Request, is_reference

_WIB = timezone(timedelta(hours=7))
_TRXID = re.compile(r"[0-9A-Z]{1,50}")


def parameters(request: Request) -> dict[str, str]:
    """What the command itself asks for. Raises `ValueError` on what the contract cannot carry. # VSI §1 to §6"""
    if not _TRXID.fullmatch(request.trxid):
        raise ValueError("a trxid has 1 to 50 capital letters and digits")
    match request:
        case Inquire():
            return _prepaid("INQ", request.trxid) | {"msn": _number(request.number)}
        case Pay():
            nominal = {"nominal": _nominal(request.denomination), "refnum": _reference(request.refnum)}
            return _prepaid("PAY", request.trxid) | nominal
        case AutoPay():
            nominal = {"msn": _number(request.number), "nominal": _nominal(request.denomination)}
            return _prepaid("PAY", request.trxid) | nominal
        case Advise(payref=None):
            nominal = {"msn": _number(request.msn), "nominal": _nominal(request.denomination)}
            return _prepaid("ADV", request.trxid) | nominal
        case Advise():
            nominal = {"nominal": _nominal(request.denomination), "refnum": _reference(request.payref or "")}
            return _prepaid("ADV", request.trxid) | nominal
        case PostpaidInquire() | PostpaidPay():
            command = "INQ" if isinstance(request, PostpaidInquire) else "PAY"
            return {"modul": "pln", "command": command, "trxid": request.trxid, "idpel": _number(request.idpel)}


def access(cid: str, secret: str, now: int) -> dict[str, str]:
    """Who asks, and the proof of it for today: never cached, never stored. # VSI §1"""
    dt = datetime.fromtimestamp(now / 1000, UTC).astimezone(_WIB).strftime("%Y%m%d")
    hc = hashlib.sha256(f"{cid}{dt}{secret}".encode()).hexdigest()
    return {"cid": cid, "dt": dt, "hc": hc, "resp": "XML"}


def kept(request: Request) -> str:
    """The request as the exchange log keeps it: no hash, no client, meter numbers down to their last four digits."""
    values = parameters(request)
    for name in ("msn", "idpel"):
        if name in values:
            values[name] = masked(values[name])
    return " ".join(f"{name}={value}" for name, value in values.items())


def milliseconds_into_wib_day(now: int) -> int:
    """How far the day has gone in WIB."""
    return (now + 7 * 3_600_000) % 86_400_000


def _prepaid(command: str, trxid: str) -> dict[str, str]:
    return {"modul": "PRE", "command": command, "trxid": trxid}


def _number(text: str) -> str:
    if not is_number(text):
        raise ValueError("a meter number has 11 digits, an IDPEL 12")
    return text


def _nominal(amount: int) -> str:
    if isinstance(amount, bool) or not 0 < amount <= 100_000_000:
        raise ValueError("a denomination is a positive whole number of rupiah")
    return str(amount)


def _reference(text: str) -> str:
    if not is_reference(text):
        raise ValueError("a reference has 32 hex characters")
    return text
