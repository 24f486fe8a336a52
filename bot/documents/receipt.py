"""The receipt for 58 mm printers: 32 columns, PLN's fields in PLN's order.

Always Indonesian: its field names are PLN's form, not our speech. No line is wider than the paper, whatever the name,
and no sign is on it that such a printer lacks.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from bot.domain.meter import grouped
from bot.domain.people import Agent
from bot.domain.purchase import Purchase

WIDTH = 32
FORM = "STRUK PEMBELIAN LISTRIK PRABAYAR"
LOST = "Token hilang?"  # where a picture has its code
_KEY = 15
_VALUE = WIDTH - _KEY - 2
_REF = 14
_TOKEN_LIKE = re.compile(r"\d{4}(?: \d{4})*")
_PRACTICE = "*** UJI COBA, BUKAN STRUK ***"


@dataclass(frozen=True, slots=True)
class Words:
    """What the shop puts on every receipt, in printable signs; '' is nothing."""

    heading: str = ""
    address: str = ""
    phone: str = ""
    footer: str = ""


@dataclass(frozen=True, slots=True)
class Print:
    """What one print says beyond the sale. `kind` is CA for the first and CU for every later one, `fee` in rupiah.

    `address` is where a claim code is sent to, '' for the seller.
    """

    kind: str
    fee: int
    address: str = ""
    words: Words = Words()


def text(
    purchase: Purchase, tokens: tuple[str, ...], agent: Agent, zone: tzinfo, printed: Print, *, practice: bool
) -> str:
    """The whole receipt as lines of at most 32 columns."""
    lines = [*_above(printed.words), *_centred(printable(agent.heading).upper() or agent.code)]
    lines += _centred("Stroom / Token")
    lines += _tokens(tokens)
    lines += [FORM, *_facts(purchase, tokens[-1]), "-" * WIDTH, *_sums(purchase, printed.fee)]
    lines += ["Informasi Hubungi Call Center", "123 Atau hubungi PLN Terdekat"]
    if purchase.claim_code:
        lines += [LOST, f"kirim KLAIM {purchase.claim_code} ke", printed.address or "penjualnya"]
    lines += [*_centred(printable(agent.footer)), *_centred(printed.words.footer)]
    lines.append(_stamp(purchase, agent, zone, printed.kind))
    lines = [piece for line in lines for piece in (_wrapped(line, WIDTH) if len(line) > WIDTH else [line])]
    if practice:
        lines = [_PRACTICE, *lines, _PRACTICE]
    return "\n".join(lines)


def words_alone(words: Words) -> str:
    """The shop's words as they stand on the paper, what is between them left out; '' where there are none."""
    above, below = _above(words), _centred(words.footer)
    return "\n".join([*above, *(["..."] if above and below else []), *below])


def misleads(words: str) -> bool:
    """Whether a line of them could be taken for a token, or for a line of the form."""
    lines = _wrapped(words, WIDTH)
    return any(line in (FORM, LOST) or _TOKEN_LIKE.fullmatch(line) is not None for line in lines)


def _above(words: Words) -> list[str]:
    phone = f"Telp {words.phone}" if words.phone else ""
    return [line for one in (words.heading, words.address, phone) for line in _centred(one)]


def rupiah(amount: int) -> str:
    """`Rp201.600,00`, by an explicit pattern and without a blank."""
    return f"Rp{amount:,}".replace(",", ".") + ",00"


def printable(value: str) -> str:
    """In the signs that every printer has: letters without their accents, and what is no such sign left out."""
    plain = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode()
    return " ".join("".join(char if char.isprintable() else " " for char in plain).replace("''", "'").split())


def energy_value(purchase: Purchase) -> int:
    """RP STROOM/TOKEN, which no field carries: what is left of the nominal after taxes and instalments. # VSI §10"""
    return purchase.denomination - purchase.stamp_duty - purchase.vat - purchase.local_tax - purchase.instalment


def _tokens(tokens: tuple[str, ...]) -> list[str]:
    """Each in two lines of whole groups; several are numbered, in the order in which they are keyed."""
    lines = []
    for number, digits in enumerate(tokens, 1):
        lines += _centred(f"Token {number} dari {len(tokens)}") if len(tokens) > 1 else []
        lines += [line.center(WIDTH).rstrip() for line in _halves(digits)]
    return [*lines, *(_centred(f"Masukkan urut 1 sampai {len(tokens)}") if len(tokens) > 1 else [])]


def _halves(digits: str) -> list[str]:
    groups = grouped(digits).split(" ")
    return [" ".join(groups[:3]), " ".join(groups[3:])]


def _facts(purchase: Purchase, digits: str) -> list[str]:
    fields = [
        ("NO METER", _cut(purchase.msn, _VALUE)),
        ("IDPEL", _cut(purchase.idpel, _VALUE)),
        ("NAMA", _wrapped(printable(purchase.name), _VALUE)),
        ("TARIF/DAYA", _wrapped(printable(f"{purchase.tariff_power} VA"), _VALUE)),
        ("NO REF", _cut(purchase.payref or "-", _REF)),
        ("RP BAYAR", [rupiah(purchase.total)]),
        ("METERAI", [rupiah(purchase.stamp_duty)]),
        ("PPN", [rupiah(purchase.vat)]),
        ("PBJT-TL", [rupiah(purchase.local_tax)]),
        ("ANGSURAN", [rupiah(purchase.instalment)]),
        ("RP STROOM/TOKEN", [rupiah(energy_value(purchase))]),
        ("JML KWH", _cut(purchase.kwh, _VALUE)),
        ("STROOM/TOKEN", _halves(digits)),
        ("ADMIN BANK", [rupiah(purchase.total - purchase.denomination)]),
    ]
    lines = []
    for key, values in fields:
        lines.append(f"{key:<{_KEY}}: {values[0] if values else '-'}")
        lines += [" " * (_KEY + 2) + value for value in values[1:]]
    return lines


def _sums(purchase: Purchase, fee: int) -> list[str]:
    rows = [("Total", purchase.total)]
    if fee:
        rows += [("Biaya Layanan", fee), ("Grand Total", purchase.total + fee)]
    return [f"{key}{rupiah(amount).removesuffix(',00'):>{WIDTH - len(key)}}" for key, amount in rows]


def _stamp(purchase: Purchase, agent: Agent, zone: tzinfo, kind: str) -> str:
    at = datetime.fromtimestamp((purchase.settled_at or purchase.confirmed_at) / 1000, UTC).astimezone(zone)
    return f"[{agent.code}-({at:%d/%m/%Y %H:%M:%S})-{kind}]"


def _centred(words: str) -> list[str]:
    return [line.center(WIDTH).rstrip() for line in _wrapped(words, WIDTH)]


def _wrapped(value: str, width: int) -> list[str]:
    """At blanks where there are any, else where the paper ends."""
    lines: list[str] = []
    line = ""
    for word in value.split():
        for piece in _cut(word, width):
            joined = f"{line} {piece}".strip()
            if len(joined) <= width:
                line = joined
                continue
            lines.append(line)
            line = piece
    return [*lines, line] if line else lines


def _cut(value: str, width: int) -> list[str]:
    return [value[start : start + width] for start in range(0, len(value), width)]
