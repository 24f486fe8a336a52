"""The supplier's answers as XML, in the shape of its samples with their oddities. Computes nothing about money.

Doubled quotes in names, `KWH352,0` without a blank, a text that ends in a newline: real answers look so.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from bot.sandbox.ledger import Sold

WIB = timezone(timedelta(hours=7))
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


@dataclass(frozen=True, slots=True)
class Customer:
    """Who stands behind a meter, the same at every start."""

    msn: str
    idpel: str
    name: str
    tariff_power: str


_KNOWN = {
    "54123456789": Customer("54123456789", "531234567890", "BUDI SANTOSA", "R1M/900"),
    "88888888888": Customer("88888888888", "885555555555", "TestDu''mmyPanjang8855555", "R2/7000"),
}
_BY_IDPEL = {customer.idpel: customer.msn for customer in _KNOWN.values()}


def customer(number: str) -> Customer:
    """By meter number, or by IDPEL: its meter is the IDPEL without its first digit."""
    msn = number if len(number) == 11 else _BY_IDPEL.get(number, number[1:])
    if msn in _KNOWN:
        return _KNOWN[msn]
    seed = hashlib.sha256(msn.encode()).digest()
    idpel = number if len(number) == 12 else f"5{msn}"
    return Customer(msn, idpel, _NAMES[seed[0] % len(_NAMES)], _POWERS[seed[1] % len(_POWERS)])


def error(code: int, words: str, number: str = "") -> bytes:
    """A refusal; its `rcm` breaks where it likes."""
    return (
        f'<?xml version="1.0"?>\n<root><status>ERROR</status><rc>{code:04d}</rc>'
        f"<rcm>[{code}] {words}\nke:{number}</rcm></root>\n"
    ).encode()


def plain(code: int, words: str) -> bytes:
    """The same without `resp=XML`."""
    return f"{'SUCCESS' if code == 0 else 'ERROR'}#{code:04d}#[{code}] {words}#".encode()


def inquiry(found: Customer, refnum: str, adm: int, unsold: int) -> bytes:
    """A successful inquiry. # VSI §2"""
    text = f"{found.msn}\n{found.name[:12]}\n{found.tariff_power} VA\nToken Unsold: {unsold}\n"
    text += f"Adm {dotted(adm)},00\n*Denom Belum Termasuk Admin\n"
    return (
        '<?xml version="1.0"?>\n<root>\n<status>SUCCESS</status>\n<rc>0000</rc>\n'
        f"<rcm>[0] CEK TAGIHAN SUKSES ke:{found.msn} refnum:{refnum}</rcm>\n<text>{text}</text>\n"
        f"<refnum>{refnum}</refnum>\n<msn>{found.msn}</msn>\n<idpel>{found.idpel}</idpel>\n<nama>{found.name}</nama>\n"
        f"<tarifdaya>{found.tariff_power}</tarifdaya>\n<adm>{adm}</adm>\n"
        f"<jmltokenunsold>{unsold}</jmltokenunsold>\n</root>\n"
    ).encode()


def sale(sold: Sold, found: Customer, clock_ahead: int, *, advice: bool) -> bytes:
    """A sale as a payment or an advice reports it; the advice's `rcm` carries another reference. # VSI §3, §4"""
    at = datetime.fromtimestamp(sold.sold_at / 1000 + clock_ahead, UTC).astimezone(WIB)
    total = sold.nominal + sold.adm
    tenths = kwh_tenths(sold)
    digits = "".join(sold.tokens)
    fours = [digits[start : start + 4] for start in range(0, len(digits), 4)]
    reference = hashlib.md5(sold.payref.encode(), usedforsecurity=False).hexdigest().upper() if advice else sold.payref
    text = (
        f"{at:%d/%m/%y %H:%M}\n{sold.payref}\n{found.name[:12]}\n{sold.msn}\n{sold.idpel}\n"
        f"{found.tariff_power} VA\nRP {dotted(total)}\nKWH{tenths // 10},{tenths % 10}\n"
        f"STROOM/TOKEN {' '.join(fours)}\nADM {dotted(sold.adm)},00"
    )
    between = "" if advice else "\n"
    return (
        '<?xml version="1.0"?>\n<root>\n<status>SUCCESS</status>\n<rc>0000</rc>\n'
        f"<rcm>[0] PEMBAYARAN SUKSES ke:{sold.msn}{between or ' '}refnum:{reference}</rcm>{between}"
        f"<text>{text}</text>\n"
        f"<tanggal>{at:%Y-%m-%d %H:%M:%S}</tanggal>\n<nama>{found.name}</nama>\n<msn>{sold.msn}</msn>\n"
        f"<idpel>{sold.idpel}</idpel>\n<tarifdaya>{found.tariff_power}</tarifdaya>\n<nominal>{total}</nominal>\n"
        f"<jmlkwh>{tenths // 10}</jmlkwh>\n<token>{'-'.join(fours)}</token>\n<ppn>0</ppn>\n<ppj>0</ppj>\n"
        f"<adm>{sold.adm}</adm>\n<angsuran>{sold.instalment}</angsuran>\n<materai>0</materai>\n</root>\n"
    ).encode()


def bill(idpel: str, refnum: str) -> bytes:
    """A postpaid bill. # VSI §9"""
    return (
        '<?xml version="1.0"?>\n<root>\n<status>SUCCESS</status>\n<rc>0000</rc>\n'
        f"<rcm>\n[0] CEK TAGIHAN SUKSES ke:{idpel} refnum:{refnum}\n</rcm>\n<text>{idpel}\n1 BLN\n</text>\n"
        f"<refnum>{refnum}</refnum>\n<idpel>{idpel}</idpel>\n<nama>PELANGGAN {idpel[-4:]}</nama>\n"
        "<bulan>1 BLN</bulan>\n"
        "<blntagihan>NOV26</blntagihan>\n<admin>1600</admin>\n<tagihan>98400</tagihan>\n<total>100000</total>\n</root>\n"
    ).encode()


def bill_paid(idpel: str, refnum: str, now: int) -> bytes:
    """A postpaid payment. # VSI §9"""
    at = datetime.fromtimestamp(now / 1000, UTC).astimezone(WIB)
    return (
        '<?xml version="1.0"?>\n<root>\n<status>SUCCESS</status>\n<rc>0000</rc>\n'
        f"<rcm>[0] PEMBAYARAN SUKSES ke:{idpel} refnum:{refnum}</rcm>\n<text>{at:%d/%m/%y %H:%M}\n{refnum}\n</text>\n"
        f"<date>{at:%Y-%m-%d %H:%M:%S}</date>\n<refnum>{refnum}</refnum>\n<idpel>{idpel}</idpel>\n"
        f"<nama>PELANGGAN {idpel[-4:]}</nama>\n<segmenpower>R1/450</segmenpower>\n<startend>888800-889900</startend>\n"
        "<blntagihan>NOV26</blntagihan>\n<ppn>0</ppn>\n<denda>0</denda>\n<totaltagihanpln>98400</totaltagihanpln>\n"
        "<admin>1600</admin>\n<total>100000</total>\n<info1>Informasi Hubungi Call Center: 123</info1>\n"
        "<info2>Terima Kasih</info2>\n</root>\n"
    ).encode()


def kwh_tenths(sold: Sold) -> int:
    """Energy in tenths of a kWh; the sample's customer has the sample's price."""
    energy = sold.nominal - sold.instalment
    return round(energy * 10 / (500 if sold.msn == "88888888888" else _RUPIAH_A_KWH))


def dotted(amount: int) -> str:
    """`201600` → `201.600`."""
    return f"{amount:,}".replace(",", ".")
