"""What the contract demands of a request, and the refusal that answers a breach of it. Decides nothing about sales."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

from bot.sandbox.config import SandboxConfig

WIB = timezone(timedelta(hours=7))
NOMINALS = (20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000)
_MAX_TRXID = 50

Query = Mapping[str, str]


class Refusal(Exception):
    """An answer with `status` ERROR."""

    def __init__(self, code: int, words: str, number: str = "") -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.number = number


def malformed() -> Refusal:
    """Code 30."""
    return Refusal(30, "PESAN TIDAK VALID")


def admit(query: Query, config: SandboxConfig) -> None:
    """Client, hash, date and trxid. # VSI §1"""
    cid, dt = query.get("cid", ""), query.get("dt", "")
    given = query.get("hc", "")
    proof = hashlib.sha256((cid + dt + config.secret).encode()).hexdigest()
    if cid != config.cid:
        raise Refusal(34, "PPID TIDAK TERDAFTAR")
    if proof != (given if config.strict_hc else given.lower()):
        raise Refusal(29, "KODE HASH TIDAK VALID")
    today = datetime.fromtimestamp(config.clock() / 1000, UTC).astimezone(WIB)
    slack = () if config.readings.strict_date else (-1, 1)
    if dt not in {f"{today + timedelta(days=days):%Y%m%d}" for days in (0, *slack)}:
        raise Refusal(48, "PERMINTAAN SUDAH KADALUARSA")
    if not 1 <= len(query.get("trxid", "")) <= _MAX_TRXID:
        raise malformed()


def meter(query: Query) -> str:
    """A meter number or an IDPEL. # VSI §2"""
    return _digits(query.get("msn", ""), r"[0-9]{11,12}")


def idpel(query: Query) -> str:
    """An IDPEL. # VSI §9"""
    return _digits(query.get("idpel", ""), r"[0-9]{12}")


def _digits(number: str, form: str) -> str:
    if not re.fullmatch(form, number):
        raise Refusal(14, "IDPEL YANG ANDA MASUKKAN SALAH, MOHON TELITI KEMBALI.", number)
    return number


def nominal(query: Query) -> int:
    """A denomination without admin, as it stands on the list. # VSI §3"""
    text = query.get("nominal", "")
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise Refusal(13, "NILAI TRANSAKSI TIDAK VALID")
    amount = int(text)
    if amount < min(NOMINALS):
        raise Refusal(41, "NILAI TRANSAKSI DIBAWAH NILAI MINIMUM")
    if amount > max(NOMINALS):
        raise Refusal(42, "NILAI TRANSAKSI DIATAS NILAI MAXIMUM")
    if amount not in NOMINALS:
        raise Refusal(13, "NILAI TRANSAKSI TIDAK VALID")
    return amount
