"""The supplier's answers as XML, in the shape of its samples with their oddities, one shape for each command.

Computes nothing about money. Given a sample's facts it writes the sample, byte for byte.
"""

import hashlib
import re
import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from bot.sandbox.checks import WIB
from bot.sandbox.customers import Bill, Customer, as_sold, customer, kwh_tenths
from bot.sandbox.ledger import Sold


class Shape(Enum):
    """Whose answer it is: what the samples of each command look like."""

    INQUIRY = "inquiry"
    PAY = "payment by reference"
    AUTO_PAY = "payment by meter"
    ADVICE_BY_PAYREF = "advice with PAYREF"
    ADVICE = "advice without PAYREF"
    BILL = "postpaid inquiry"
    BILL_PAY = "postpaid payment"


@dataclass(frozen=True, slots=True)
class _Oddity:
    before_refnum: str
    after_rcm: str
    after_power: str
    before_kwh: str
    end_of_text: str


_OF_SALE = {
    Shape.PAY: _Oddity(" ", "\n", " VA", "", ""),
    Shape.AUTO_PAY: _Oddity("\n", "\n", " VA", "", ""),  # VSI §5: assumed
    Shape.ADVICE_BY_PAYREF: _Oddity(" ", "\n", "", "", "\n"),
    Shape.ADVICE: _Oddity("\n", "", "", " ", ""),
}
_HEAD = '<?xml version="1.0"?>\n'
_SUCCESS = f"{_HEAD}<root>\n<status>SUCCESS</status>\n<rc>0000</rc>\n"


def error(code: int, words: str, number: str, shape: Shape) -> bytes:
    """A refusal; where its `rcm` breaks is the command's. # VSI §7"""
    said = f"[{code}] {words}"
    tight, head = False, _HEAD
    match shape:
        case Shape.INQUIRY | Shape.ADVICE:
            said += f" ke:{number}"
        case Shape.PAY:
            said = _broken_once(f"{said} ke:{number}", 72) + "\n"
        case Shape.AUTO_PAY:
            said, tight = _broken_once(f"{said} ke:{number}", 50), True
        case Shape.ADVICE_BY_PAYREF:
            said, tight = f"{said}\nke:{number}", True
        case Shape.BILL:
            said, head = f"\n{said}\n", '<?xml version = "1.0"?>\n'
        case Shape.BILL_PAY:
            pass
    gap = "" if tight else "\n"
    parts = ("<root>", "<status>ERROR</status>", f"<rc>{code:04d}</rc>", f"<rcm>{_escaped(said)}</rcm>", "</root>\n")
    return (head + gap.join(parts)).encode()


def plain(body: bytes) -> bytes:
    """What an XML answer says, without `resp=XML`. # VSI §8"""
    found = [re.search(rf"<{name}>(.*?)</{name}>", body.decode(), re.DOTALL) for name in ("status", "rc", "rcm")]
    return "".join(f"{' '.join(one[1].split())}#" for one in found if one is not None).encode()


def inquiry(found: Customer, refnum: str, adm: int, unsold: int) -> bytes:
    """A successful inquiry. # VSI §2"""
    text = f"{found.msn}\n{found.name[:12]}\n{found.tariff_power} VA\nToken Unsold: {unsold}\n"
    text += f"Adm {dotted(adm)},00\n*Denom Belum Termasuk Admin\n"
    return (
        f"{_SUCCESS}<rcm>[0] CEK TAGIHAN SUKSES ke:{found.msn} refnum:{refnum}</rcm>\n<text>{text}</text>\n"
        f"<refnum>{refnum}</refnum>\n<msn>{found.msn}</msn>\n<idpel>{found.idpel}</idpel>\n<nama>{found.name}</nama>\n"
        f"<tarifdaya>{found.tariff_power}</tarifdaya>\n<adm>{adm}</adm>\n"
        f"<jmltokenunsold>{unsold}</jmltokenunsold>\n</root>\n"
    ).encode()


def sale(sold: Sold, clock_ahead: int, shape: Shape, reference: str | None = None) -> bytes:
    """A sale as a payment or an advice reports it; the advice's `rcm` carries another reference. # VSI §3, §4"""
    odd = _OF_SALE[shape]
    found = as_sold(customer(sold.msn))
    at = datetime.fromtimestamp(sold.sold_at / 1000 + clock_ahead, UTC).astimezone(WIB)
    total = dotted(sold.nominal + sold.adm)
    tenths = kwh_tenths(sold.msn, sold.nominal - sold.instalment)
    digits = "".join(sold.tokens)
    fours = [digits[start : start + 4] for start in range(0, len(digits), 4)]
    if reference is None:
        reference = sold.payref if shape in (Shape.PAY, Shape.AUTO_PAY) else _advice_reference(sold.payref)
    text = (
        f"{at:%d/%m/%y %H:%M}\n{sold.payref}\n{found.name[:12]}\n{sold.msn}\n{sold.idpel}\n"
        f"{found.tariff_power}{odd.after_power}\nRP {total}\nKWH{odd.before_kwh}{tenths // 10},{tenths % 10}\n"
        f"STROOM/TOKEN {' '.join(fours)}\nADM {dotted(sold.adm)},00{odd.end_of_text}"
    )
    return (
        f"{_SUCCESS}<rcm>[0] PEMBAYARAN SUKSES ke:{sold.msn}{odd.before_refnum}refnum:{reference}</rcm>"
        f"{odd.after_rcm}<text>{text}</text>\n"
        f"<tanggal>{at:%Y-%m-%d %H:%M:%S}</tanggal>\n<nama>{found.name}</nama>\n<msn>{sold.msn}</msn>\n"
        f"<idpel>{sold.idpel}</idpel>\n<tarifdaya>{found.tariff_power}</tarifdaya>\n"
        f"<nominal>{sold.nominal + sold.adm}</nominal>\n"
        f"<jmlkwh>{tenths // 10}</jmlkwh>\n<token>{'-'.join(fours)}</token>\n<ppn>0</ppn>\n<ppj>0</ppj>\n"
        f"<adm>{sold.adm}</adm>\n<angsuran>{sold.instalment}</angsuran>\n<materai>0</materai>\n</root>\n"
    ).encode()


def bill(found: Bill, refnum: str) -> bytes:
    """A postpaid bill. # VSI §9"""
    text = (
        f"{found.idpel}\n{found.name[:20]}\n1 BLN\n{found.month}\nRP TAG PLN RP {dotted(found.said_at_inquiry)}\n"
        f"ADM RP {dotted(found.admin)}\nTOTAL RP {dotted(found.total)}\n"
    )
    return (
        f"{_SUCCESS}<rcm>\n[0] CEK TAGIHAN SUKSES ke:{found.idpel} refnum:{refnum}\n</rcm>\n<text>{text}</text>\n"
        f"<refnum>{refnum}</refnum>\n<idpel>{found.idpel}</idpel>\n<nama>{found.name}</nama>\n"
        f"<bulan>1 BLN</bulan>\n<blntagihan>{found.month}</blntagihan>\n<admin>{found.admin}</admin>\n"
        f"<tagihan>{found.amount}</tagihan>\n<total>{found.total}</total>\n</root>\n"
    ).encode()


def bill_paid(found: Bill, refnum: str, now: int) -> bytes:
    """A postpaid payment. # VSI §9"""
    at = datetime.fromtimestamp(now / 1000, UTC).astimezone(WIB)
    text = (
        f"{at:%d/%m/%y %H:%M}\n{refnum}\n{found.idpel}\n{found.name[:20]}\n{found.power}\nBLN {found.month}\n"
        f"RP {dotted(found.said_at_payment)}\nADM RP {dotted(found.admin)}\nTOTAL RP {dotted(found.total)}\nSUKSES\n"
    )
    return (
        f"{_SUCCESS}<rcm>[0] PEMBAYARAN SUKSES ke:{found.idpel} refnum:{refnum}</rcm>\n<text>{text}</text>\n"
        f"<date>{at:%Y-%m-%d %H:%M:%S}</date>\n<refnum>{refnum}</refnum>\n<idpel>{found.idpel}</idpel>\n"
        f"<nama>{found.name}</nama>\n<segmenpower>{found.power}</segmenpower>\n<startend>{found.stand}</startend>\n"
        f"<blntagihan>{found.month}</blntagihan>\n<ppn>0</ppn>\n<denda>0</denda>\n"
        f"<totaltagihanpln>{found.said_at_payment}</totaltagihanpln>\n<admin>{found.admin}</admin>\n"
        f"<total>{found.total}</total>\n"
        "<info1>Informasi Hubungi Call Center: 123 Atau Hub. PLN Terdekat:</info1>\n"
        "<info2>Terima Kasih</info2>\n</root>\n"
    ).encode()


def dotted(amount: int) -> str:
    """`201600` → `201.600`."""
    return f"{amount:,}".replace(",", ".")


def _advice_reference(payref: str) -> str:
    return hashlib.md5(payref.encode(), usedforsecurity=False).hexdigest().upper()


def _broken_once(words: str, width: int) -> str:
    first, *rest = textwrap.wrap(words, width, break_long_words=False, break_on_hyphens=False)
    return f"{first}\n{' '.join(rest)}" if rest else first


def _escaped(said: str) -> str:
    """What the asker typed comes back in `ke:`; it must not break the XML."""
    return said.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
