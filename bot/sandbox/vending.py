"""What the supplier does with an admitted request: sells, refuses, remembers, answers advices from its books.

Knows no HTTP and no XML. What it did stands in the books before anybody is told.
"""

import secrets
from dataclasses import dataclass

from bot.sandbox import checks
from bot.sandbox.checks import Query, Refusal
from bot.sandbox.config import SandboxConfig
from bot.sandbox.customers import Customer, as_sold, customer, instalment
from bot.sandbox.ledger import Books, Sold
from bot.sandbox.scenarios import Behaviour, behaviour_of

_DAY = 86_400_000
_WIB = 7 * 3_600_000
_EARLIER = "EARLIER"  # the trxid of a sale that nobody asked for: an advice's bait
_LATER = "TRANSAKSI TIDAK BISA DILAKUKAN SAAT INI, SILAHKAN LAKUKAN MANUAL ADVICE BEBERAPA SAAT LAGI."
_NO_DEPOSIT = (46, "DEPOSIT TIDAK MENCUKUPI")
# what is wrong with the number itself: said to an inquiry and to a payment alike, and never sold
_WRONG_NUMBER = {
    Behaviour.UNKNOWN_METER: (14, "IDPEL YANG ANDA MASUKKAN SALAH, MOHON TELITI KEMBALI."),
    Behaviour.ARREARS: (17, "ID PUNYA TUNGGAKAN"),
    Behaviour.BLOCKED: (77, "ID DI SUSPEND"),
    Behaviour.OLD_DEBT: (16, "PRR SUBSCRIBER"),
    Behaviour.POSTPAID: (88, "TAGIHAN SUDAH TERBAYAR"),
}
_AT_INQUIRY = _WRONG_NUMBER | {Behaviour.INQUIRY_TIMEOUT: (68, _LATER)}
_UNSOLD = _WRONG_NUMBER | {
    Behaviour.PENDING_SUCCESS: (68, _LATER),
    Behaviour.PENDING_FAILURE: (68, _LATER),
    Behaviour.EARLIER_TOKEN: (68, _LATER),
    Behaviour.KWH_LIMIT: (47, "DILUAR BATAS KWH"),
    Behaviour.CUT_OFF: (90, "SEDANG PROSES CUT OFF"),
    Behaviour.DEPOSIT_EMPTY: _NO_DEPOSIT,
    Behaviour.REFUSED: (51, "TRANSAKSI GAGAL DARI MESIN VENDING"),
}
_SOLD_YET_REFUSED = {
    Behaviour.REFUSED_SOLD: _NO_DEPOSIT,
    Behaviour.ALREADY_PAID: (88, "TAGIHAN SUDAH TERBAYAR"),
    Behaviour.DEPOSIT_SERVICE: (146, "KESALAHAN DI SERVIS DEPOSIT"),
}
_SILENTLY_UNSOLD = frozenset({Behaviour.TIMEOUT_UNSOLD, Behaviour.DROP_UNSOLD, Behaviour.UNAVAILABLE})
_GROUPS = {Behaviour.KEY_CHANGE: 2, Behaviour.KEY_CHANGES: 3}
_OTHER_ADM = 2_500


@dataclass(frozen=True, slots=True)
class Paid:
    """What a payment came to: the sale if there is one, the words if it is refused, and what befalls the answer."""

    behaviour: Behaviour
    sold: Sold | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Inquired:
    """Who was found, and the reference under which he may buy."""

    behaviour: Behaviour
    customer: Customer
    refnum: str
    unsold_tokens: int


class Vendor:
    """The supplier's desk over its books."""

    def __init__(self, config: SandboxConfig, books: Books) -> None:
        self._config = config
        self._books = books

    def inquire(self, query: Query) -> Inquired:
        """Look the customer up and open a reference. # VSI §2"""
        found = customer(checks.meter(query))
        behaviour = behaviour_of(found.msn)
        if behaviour in _AT_INQUIRY:
            raise Refusal(*_AT_INQUIRY[behaviour], query["msn"])
        refnum = secrets.token_hex(16).upper()
        with self._books.unit():
            self._note_fresh(query)
            self._books.refer(refnum, found.msn)
        return Inquired(behaviour, found, refnum, int(behaviour is Behaviour.UNSOLD_TOKEN))

    def pay(self, query: Query, forced: Behaviour | None, *, again: bool = False) -> Paid:
        """Sell, or not, as the meter says; `again` sells like a second copy that nobody recognises. # VSI §3, §5"""
        nominal, trxid = checks.nominal(query), query["trxid"]
        with self._books.unit():
            if not again and (earlier := self._repeated(trxid)) is not None:
                return Paid(Behaviour.SUCCESS, earlier)
            found = as_sold(customer(self._meter_to_pay(query, again=again)))
            self._books.note(trxid, "PAY")
            behaviour = Behaviour.SUCCESS if again else forced or behaviour_of(found.msn)
            return self._settle(behaviour, trxid, found, nominal)

    def advise(self, query: Query) -> Sold:
        """The sale that the books show for a reference, or for a meter and nominal. # VSI §4, §6"""
        nominal, payref = checks.nominal(query), query.get("refnum")
        with self._books.unit():
            self._check_advice_trxid(query["trxid"])
            self._note_fresh(query)
        if payref is not None:
            known = self._books.by_payref(payref)
            if known is None or known.nominal != nominal:
                raise _not_found(query.get("msn", ""))
            return known
        found = customer(checks.meter(query))
        with self._books.unit():
            self._wake(found, nominal)
        sales = [one for one in self._books.of_meter(found.msn, nominal) if self._in_sight(one)]
        if not sales:
            raise _not_found(found.msn)
        return sales[-1 if self._config.readings.advice_matches == "latest" else 0]

    def pay_bill(self, query: Query) -> str:
        """Take a postpaid bill's payment once; returns its reference. # VSI §9"""
        idpel = checks.idpel(query)
        if not self._books.pay_bill(idpel):
            raise Refusal(88, "TAGIHAN SUDAH TERBAYAR", idpel)
        return secrets.token_hex(16).upper()

    def _repeated(self, trxid: str) -> Sold | None:
        reading = self._config.readings.repeated_trxid
        if reading == "is refused" and self._books.noted(trxid, "PAY"):
            raise checks.malformed()
        return self._books.by_trxid(trxid) if reading == "replays" else None

    def _meter_to_pay(self, query: Query, *, again: bool) -> str:
        refnum = query.get("refnum")
        if refnum is None:
            return customer(checks.meter(query)).msn  # VSI §5
        if "msn" in query:
            raise checks.malformed()
        known = self._books.referred(refnum)
        if known is None or (known[1] and self._config.readings.refnum_single_use and not again):
            raise Refusal(92, "NOMOR REFERENSI SWITCHING TIDAK DITEMUKAN")
        self._books.use(refnum)
        return known[0]

    def _settle(self, behaviour: Behaviour, trxid: str, found: Customer, nominal: int) -> Paid:
        if behaviour in _UNSOLD:
            self._leave_behind(behaviour, trxid, found, nominal)
            return Paid(behaviour, refusal=Refusal(*_UNSOLD[behaviour], found.msn))
        if behaviour in _SILENTLY_UNSOLD:
            return Paid(behaviour)
        if self._books.taken() + nominal + self._adm(behaviour) > self._config.deposit:
            return Paid(Behaviour.DEPOSIT_EMPTY, refusal=Refusal(*_NO_DEPOSIT, found.msn))
        sold = self._sell(behaviour, trxid, found, nominal)
        words = _SOLD_YET_REFUSED.get(behaviour)
        return Paid(behaviour, sold, Refusal(*words, found.msn) if words else None)

    def _leave_behind(self, behaviour: Behaviour, trxid: str, found: Customer, nominal: int) -> None:
        """What an unsold payment leaves for the advices to find."""
        if behaviour is Behaviour.PENDING_SUCCESS:
            self._books.queue(found.msn, nominal, trxid)
        if behaviour is Behaviour.EARLIER_TOKEN and not self._books.of_meter(found.msn, nominal):
            yesterday = self._config.clock() - _DAY
            self._books.sell(_EARLIER, found.msn, found.idpel, nominal, self._config.adm, 1, 0, yesterday)

    def _adm(self, behaviour: Behaviour) -> int:
        in_answer = self._config.readings.adm_in_answer
        if behaviour is Behaviour.OTHER_ADM:
            return _OTHER_ADM
        return self._config.adm if in_answer is None else in_answer

    def _sell(self, behaviour: Behaviour, trxid: str, found: Customer, nominal: int) -> Sold:
        owed = instalment(found.msn, nominal, owes=behaviour is Behaviour.INSTALMENT)
        groups = _GROUPS.get(behaviour, self._config.readings.token_groups)
        now = self._config.clock()
        return self._books.sell(trxid, found.msn, found.idpel, nominal, self._adm(behaviour), groups, owed, now)

    def _check_advice_trxid(self, trxid: str) -> None:
        reading = self._config.readings.advice_trxid
        if (reading == "same" and not self._books.noted(trxid, "PAY")) or (
            reading == "fresh" and self._books.noted(trxid)
        ):
            raise checks.malformed()

    def _note_fresh(self, query: Query) -> None:
        """Only the reading that wants a new trxid every time has to remember all of them."""
        if self._config.readings.advice_trxid == "fresh":
            self._books.note(query["trxid"], query["command"])

    def _wake(self, found: Customer, nominal: int) -> None:
        """A payment that hangs sells once it was asked about often enough."""
        hanging = self._books.queued(found.msn, nominal)
        if hanging is not None and hanging[1] >= self._config.pending_advices:
            self._books.unqueue(found.msn, nominal)
            self._sell(Behaviour.SUCCESS, hanging[0], as_sold(found), nominal)

    def _in_sight(self, sold: Sold) -> bool:
        today = (self._config.clock() + _WIB) // _DAY
        is_bait = sold.trxid == _EARLIER
        return self._config.readings.advice_any_day or is_bait or (sold.sold_at + _WIB) // _DAY == today


def _not_found(number: str) -> Refusal:
    return Refusal(96, "ERROR TRANSAKSI TIDAK DITEMUKAN", number)
