"""The practice supplier's server: checks what the contract asks for, then does to a meter what its number picks.

A sale is in the books before its answer leaves, whatever then happens to the answer. Never talks to anybody itself.
"""

import asyncio
import hashlib
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web

from bot.sandbox import answers
from bot.sandbox.answers import Customer
from bot.sandbox.ledger import Books, Sold
from bot.sandbox.scenarios import Behaviour, Readings, behaviour_of

_NOMINALS = (20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000)
_DAY = 86_400_000
_WIB = 7 * 3_600_000
_INQUIRY_ERRORS = {
    Behaviour.UNKNOWN_METER: (14, "IDPEL YANG ANDA MASUKKAN SALAH, MOHON TELITI KEMBALI."),
    Behaviour.ARREARS: (17, "ID PUNYA TUNGGAKAN"),
    Behaviour.BLOCKED: (77, "ID DI SUSPEND"),
    Behaviour.OLD_DEBT: (16, "PRR SUBSCRIBER"),
    Behaviour.POSTPAID: (88, "TAGIHAN SUDAH TERBAYAR"),
    Behaviour.INQUIRY_TIMEOUT: (68, "TRANSAKSI TIDAK BISA DILAKUKAN SAAT INI"),
}
_LATER = "TRANSAKSI TIDAK BISA DILAKUKAN SAAT INI, SILAHKAN LAKUKAN MANUAL ADVICE BEBERAPA SAAT LAGI."
_PAY_ERRORS = {
    Behaviour.PENDING_SUCCESS: (68, _LATER),
    Behaviour.PENDING_FAILURE: (68, _LATER),
    Behaviour.EARLIER_TOKEN: (68, _LATER),
    Behaviour.KWH_LIMIT: (47, "DILUAR BATAS KWH"),
    Behaviour.CUT_OFF: (90, "SEDANG PROSES CUT OFF"),
    Behaviour.DEPOSIT_EMPTY: (46, "DEPOSIT TIDAK MENCUKUPI"),
    Behaviour.REFUSED: (51, "TRANSAKSI GAGAL DARI MESIN VENDING"),
    Behaviour.REFUSED_SOLD: (46, "DEPOSIT TIDAK MENCUKUPI"),
    Behaviour.ALREADY_PAID: (88, "TAGIHAN SUDAH TERBAYAR"),
    Behaviour.DEPOSIT_SERVICE: (146, "KESALAHAN DI SERVIS DEPOSIT"),
}
_NOT_SOLD = frozenset(
    {
        Behaviour.PENDING_SUCCESS,
        Behaviour.PENDING_FAILURE,
        Behaviour.EARLIER_TOKEN,
        Behaviour.KWH_LIMIT,
        Behaviour.CUT_OFF,
        Behaviour.DEPOSIT_EMPTY,
        Behaviour.REFUSED,
        Behaviour.TIMEOUT_UNSOLD,
        Behaviour.DROP_UNSOLD,
        Behaviour.UNAVAILABLE,
    }
)
_GROUPS = {Behaviour.KEY_CHANGE: 2, Behaviour.KEY_CHANGES: 3}


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Where it listens, whom it lets in, and how it reads the contract. `clock` gives epoch milliseconds."""

    cid: str
    secret: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 0
    ledger: Path | None = None
    latency_ms: int = 0
    hang_ms: int = 120_000
    clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    readings: Readings = field(default_factory=Readings)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    command: str
    parameters: dict[str, str]


class _Refusal(Exception):
    def __init__(self, code: int, words: str, number: str = "") -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.number = number


class Sandbox:
    """The server. `asked` and `books` are what tests and campaigns look at."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.books = Books(config.ledger)
        self.asked: list[Asked] = []
        self.forced: Behaviour | None = None
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()

    async def start(self) -> str:
        """Listen; returns the base URL."""
        application = web.Application()
        application.router.add_get("/vsi", self._answer)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, self.config.host, self.config.port).start()
        return f"http://{self.config.host}:{self._runner.addresses[0][1]}/vsi"

    async def stop(self) -> None:
        """Stop listening, let go of whoever hangs, and close the books."""
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()
        self.books.close()

    def count(self, command: str) -> int:
        """How many requests of a command arrived."""
        return sum(one.command == command for one in self.asked)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        query = dict(request.query)
        self.asked.append(Asked(query.get("command", ""), query))
        await self._wait(self.config.latency_ms)
        try:
            self._admit(query)
            match query.get("modul"), query.get("command"):
                case "PRE", "INQ":
                    return await self._inquire(query)
                case "PRE", "PAY":
                    return await self._pay(request, query)
                case "PRE", "ADV":
                    return _xml(self._advise(query))
                case "pln", "INQ":
                    return _xml(answers.bill(_idpel(query), secrets.token_hex(16).upper()))
                case "pln", "PAY":
                    return self._pay_bill(query)
                case _:
                    raise _Refusal(30, "PESAN TIDAK VALID")
        except _Refusal as refusal:
            if query.get("resp") != "XML":
                return web.Response(body=answers.plain(refusal.code, refusal.words))
            return _xml(answers.error(refusal.code, refusal.words, refusal.number))

    async def _wait(self, milliseconds: int) -> None:
        if milliseconds:
            try:
                await asyncio.wait_for(self._stopping.wait(), milliseconds / 1000)
            except TimeoutError:
                return

    def _admit(self, query: dict[str, str]) -> None:
        """Client, hash, date and trxid. # VSI §1"""
        cid, dt = query.get("cid", ""), query.get("dt", "")
        proof = hashlib.sha256((cid + dt + self.config.secret).encode()).hexdigest()
        if cid != self.config.cid:
            raise _Refusal(34, "PPID TIDAK TERDAFTAR")
        if query.get("hc") != proof:
            raise _Refusal(29, "KODE HASH TIDAK VALID")
        today = datetime.fromtimestamp(self.config.clock() / 1000, UTC).astimezone(answers.WIB)
        slack = () if self.config.readings.strict_date else (-1, 1)
        if dt not in {f"{today + timedelta(days=days):%Y%m%d}" for days in (0, *slack)}:
            raise _Refusal(48, "PERMINTAAN SUDAH KADALUARSA")
        if not 1 <= len(query.get("trxid", "")) <= 50:
            raise _Refusal(30, "PESAN TIDAK VALID")

    async def _inquire(self, query: dict[str, str]) -> web.Response:
        found = answers.customer(_number(query))
        behaviour = behaviour_of(found.msn)
        if behaviour in _INQUIRY_ERRORS:
            code, words = _INQUIRY_ERRORS[behaviour]
            raise _Refusal(code, words, query["msn"])
        if behaviour is Behaviour.SLOW_INQUIRY:
            await self._wait(5_000)
        refnum = secrets.token_hex(16).upper()
        self.books.refer(refnum, found.msn)
        return _xml(answers.inquiry(found, refnum, 1_600, int(behaviour is Behaviour.UNSOLD_TOKEN)))

    async def _pay(self, request: web.Request, query: dict[str, str]) -> web.StreamResponse:
        readings, trxid = self.config.readings, query["trxid"]
        nominal = _nominal(query)
        if (earlier := self.books.by_trxid(trxid)) is not None:
            if readings.repeated_trxid == "replays":
                return _xml(self._sale(earlier, advice=False))
            if readings.repeated_trxid == "is refused":
                raise _Refusal(30, "PESAN TIDAK VALID")
        msn = self._meter_to_pay(query)
        found = answers.customer(msn)
        behaviour = self.forced or behaviour_of(msn)
        sold = None if behaviour in _NOT_SOLD else self._sell(behaviour, trxid, found, nominal)
        if behaviour is Behaviour.PENDING_SUCCESS:
            self.books.queue(msn, nominal, trxid)
        if behaviour is Behaviour.EARLIER_TOKEN and not self.books.of_meter(msn, nominal):
            yesterday = self.config.clock() - _DAY
            self.books.sell("EARLIER", msn, found.idpel, nominal, 1_600, 1, 0, yesterday)
        if behaviour in _PAY_ERRORS:
            code, words = _PAY_ERRORS[behaviour]
            raise _Refusal(code, words, msn)
        return await self._mishap(request, behaviour, sold)

    def _meter_to_pay(self, query: dict[str, str]) -> str:
        refnum = query.get("refnum")
        if refnum is None:
            return answers.customer(_number(query)).msn  # VSI §5
        known = self.books.referred(refnum)
        if known is None or (known[1] and self.config.readings.refnum_single_use):
            raise _Refusal(92, "NOMOR REFERENSI SWITCHING TIDAK DITEMUKAN")
        self.books.use(refnum)
        return known[0]

    def _sell(self, behaviour: Behaviour, trxid: str, found: Customer, nominal: int) -> Sold:
        is_sample = (found.msn, nominal) == ("88888888888", 200_000)
        instalment = 24_000 if is_sample or (behaviour is Behaviour.INSTALMENT and nominal > 24_000) else 0
        adm = 2_500 if behaviour is Behaviour.OTHER_ADM else 1_600
        groups = _GROUPS.get(behaviour, 1)
        return self.books.sell(trxid, found.msn, found.idpel, nominal, adm, groups, instalment, self.config.clock())

    async def _mishap(self, request: web.Request, behaviour: Behaviour, sold: Sold | None) -> web.StreamResponse:
        """What becomes of the answer after the books were written."""
        body = self._sale(sold, advice=False) if sold is not None else b""
        match behaviour:
            case Behaviour.TIMEOUT_SOLD | Behaviour.TIMEOUT_UNSOLD:
                await self._wait(self.config.hang_ms)
                return _dropped(request)
            case Behaviour.DROP_SOLD | Behaviour.DROP_UNSOLD:
                return _dropped(request)
            case Behaviour.TRUNCATED:
                return _xml(body[: body.index(b"</token>") + 8])
            case Behaviour.PLAIN_TEXT:
                return web.Response(body=answers.plain(0, "PEMBAYARAN SUKSES"))
            case Behaviour.LATIN_NAME:
                return _xml(re.sub(rb"<nama>.*?</nama>", b"<nama>Ren\xe9 Dupr\xe9</nama>", body))
            case Behaviour.RAW_AMPERSAND:
                return _xml(re.sub(rb"<nama>.*?</nama>", b"<nama>TOKO A & B</nama>", body))
            case Behaviour.HTML:
                return web.Response(text="<html><body>Service</body></html>", content_type="text/html")
            case Behaviour.EMPTY:
                return web.Response(body=b"")
            case Behaviour.UNAVAILABLE | Behaviour.UNAVAILABLE_SOLD:
                return web.Response(status=503, text="Service Unavailable")
            case Behaviour.REDIRECT:
                return web.Response(status=302, headers={"Location": str(request.rel_url)})
            case _:
                return _xml(body)

    def _advise(self, query: dict[str, str]) -> bytes:
        readings, trxid = self.config.readings, query["trxid"]
        paid = {one.parameters["trxid"] for one in self.asked if one.command == "PAY"}
        if (readings.advice_trxid, trxid in paid) in (("same", False), ("fresh", True)):
            raise _Refusal(30, "PESAN TIDAK VALID")
        nominal, payref = _nominal(query), query.get("refnum")
        if payref is not None:
            known = self.books.by_payref(payref)
            if known is None:
                raise _Refusal(92, "NOMOR REFERENSI SWITCHING TIDAK DITEMUKAN")
            return self._sale(known, advice=True)
        found = answers.customer(_number(query))
        self._wake(found, nominal)
        sales = [one for one in self.books.of_meter(found.msn, nominal) if self._in_sight(one)]
        if not sales:
            raise _Refusal(96, "ERROR TRANSAKSI TIDAK DITEMUKAN", found.msn)
        return self._sale(sales[-1 if readings.advice_matches == "latest" else 0], advice=True)

    def _wake(self, found: Customer, nominal: int) -> None:
        """A payment that hangs sells when it is asked about for the second time."""
        hanging = self.books.queued(found.msn, nominal)
        if hanging is not None and hanging[1] >= 1:
            self.books.unqueue(found.msn, nominal)
            self._sell(Behaviour.SUCCESS, hanging[0], found, nominal)

    def _in_sight(self, sold: Sold) -> bool:
        today = (self.config.clock() + _WIB) // _DAY
        is_bait = behaviour_of(sold.msn) is Behaviour.EARLIER_TOKEN
        return self.config.readings.advice_any_day or is_bait or (sold.sold_at + _WIB) // _DAY == today

    def _sale(self, sold: Sold, *, advice: bool) -> bytes:
        ahead = self.config.readings.clock_ahead_seconds
        return answers.sale(sold, answers.customer(sold.msn), ahead, advice=advice)

    def _pay_bill(self, query: dict[str, str]) -> web.Response:
        idpel = _idpel(query)
        if not self.books.pay_bill(idpel):
            raise _Refusal(88, "TAGIHAN SUDAH TERBAYAR", idpel)
        return _xml(answers.bill_paid(idpel, secrets.token_hex(16).upper(), self.config.clock()))


def _xml(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="text/xml")


def _dropped(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _number(query: dict[str, str]) -> str:
    number = query.get("msn", "")
    if not re.fullmatch(r"[0-9]{11,12}", number):
        raise _Refusal(14, "IDPEL YANG ANDA MASUKKAN SALAH, MOHON TELITI KEMBALI.", number)
    return number


def _idpel(query: dict[str, str]) -> str:
    number = query.get("idpel", "")
    if not re.fullmatch(r"[0-9]{12}", number):
        raise _Refusal(14, "IDPEL YANG ANDA MASUKKAN SALAH, MOHON TELITI KEMBALI.", number)
    return number


def _nominal(query: dict[str, str]) -> int:
    text = query.get("nominal", "")
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise _Refusal(13, "NILAI TRANSAKSI TIDAK VALID")
    if int(text) not in _NOMINALS:
        code = 41 if int(text) < min(_NOMINALS) else 42 if int(text) > max(_NOMINALS) else 13
        raise _Refusal(code, "NILAI TRANSAKSI TIDAK VALID")
    return int(text)
