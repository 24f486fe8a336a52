"""Who stands behind a number: customers and bills made up from the number itself, the same at every start.

Keeps nothing, and knows neither money taken nor tokens given.
"""

import hashlib
from dataclasses import dataclass, replace

_NAMES = (
    "SITI AMINAH",
    "AGUS WIJAYA",
    "DEWI LESTARI",
    "JOKO SUSILO",
    "RINA MARLINA",
    "HENDRA GUNAWAN",
    "YULI ASTUTI",
    "ANDI PRASETYO",
    "NUR HIDAYAT",
    "MARIA ULFA",
    "BAMBANG S",
    "FITRI HANDAYANI",
)
_POWERS = ("R1/450", "R1M/900", "R1/1300", "R1/2200", "R2/3500")
_RUPIAH_A_KWH = 1_444.7
_SAMPLE_METER = "88888888888"
_SAMPLE_BILL = "532110000060"


@dataclass(frozen=True, slots=True)
class Customer:
    """Who stands behind a meter; the name has at most 25 characters."""

    msn: str
    idpel: str
    name: str
    tariff_power: str


@dataclass(frozen=True, slots=True)
class Bill:
    """A postpaid bill. What texts say need not add up to the total, as in the supplier's samples. # VSI §9"""

    idpel: str
    name: str
    month: str
    power: str
    stand: str
    amount: int
    said_at_inquiry: int
    said_at_payment: int
    admin: int = 1_600

    @property
    def total(self) -> int:
        """What is paid."""
        return self.amount + self.admin


_KNOWN = {
    "54123456789": Customer("54123456789", "531234567890", "BUDI SANTOSA", "R1M/900"),
    _SAMPLE_METER: Customer(_SAMPLE_METER, "885555555555", "TestDu''mmyPanjang8855555", "R2/7000"),
}
_BY_IDPEL = {customer.idpel: customer.msn for customer in _KNOWN.values()} | {"881111111111": _SAMPLE_METER}


def customer(number: str) -> Customer:
    """By meter number, or by IDPEL: its meter is the IDPEL without its first digit."""
    msn = number if len(number) == 11 else _BY_IDPEL.get(number, number[1:])
    if msn in _KNOWN:
        return _KNOWN[msn]
    seed = hashlib.sha256(msn.encode()).digest()
    idpel = number if len(number) == 12 else f"5{msn}"
    return Customer(msn, idpel, _NAMES[seed[0] % len(_NAMES)], _POWERS[seed[1] % len(_POWERS)])


def as_sold(found: Customer) -> Customer:
    """The same customer as a sale names him: the supplier's samples show another IDPEL, name and power there."""
    if found.msn != _SAMPLE_METER:
        return found
    return replace(found, idpel="881111111111", name="TestDu''mmyPanjang8811111", tariff_power="R2/6600")


def instalment(msn: str, nominal: int, *, owes: bool) -> int:
    """What a sale takes for an old debt; the sample's customer owes on the sample's amount. # VSI §10"""
    return 24_000 if (owes and nominal > 24_000) or (msn, nominal) == (_SAMPLE_METER, 200_000) else 0


def kwh_tenths(msn: str, energy: int) -> int:
    """Energy in tenths of a kWh; the sample's customer has the sample's price, Rp 500. # VSI §10"""
    return round(energy * 10 / (500 if msn == _SAMPLE_METER else _RUPIAH_A_KWH))


def bill(idpel: str) -> Bill:
    """The one bill of an IDPEL; the samples' own for the samples' number."""
    name = f"DU'MMY-VSI-{idpel}"
    if idpel == _SAMPLE_BILL:
        return Bill(idpel, name, "JUN16", "R1/450", "888800-889900", 889_329, 887_817, 887_729)
    seed = hashlib.sha256(idpel.encode()).digest()
    amount = 50_000 + int.from_bytes(seed[:2], "big") * 10
    name, power = _NAMES[seed[2] % len(_NAMES)], _POWERS[seed[3] % len(_POWERS)]
    return Bill(idpel, name, "JUN16", power, "001000-001234", amount, amount, amount)
