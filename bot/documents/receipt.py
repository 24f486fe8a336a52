"""The receipt for 58 mm printers: 32 columns, PLN's fields in PLN's order.

Always Indonesian: its field names are PLN's form, not our speech. No line is wider than the paper, whatever the name.
"""

from datetime import UTC, datetime, tzinfo

from bot.domain.meter import grouped
from bot.domain.people import Agent
from bot.domain.purchase import Purchase

WIDTH = 32
_KEY = 15
_VALUE = WIDTH - _KEY - 2
_REF = 14
_PRACTICE = "*** UJI COBA, BUKAN STRUK ***"


def text(
    purchase: Purchase, tokens: tuple[str, ...], agent: Agent, zone: tzinfo, *, is_first: bool, practice: bool
) -> str:
    """The whole receipt as lines of at most 32 columns."""
    lines = [*_centred(agent.name), "Stroom / Token".center(WIDTH).rstrip()]
    for digits in tokens:
        groups = grouped(digits).split(" ")
        lines += [" ".join(groups[:3]).center(WIDTH).rstrip(), " ".join(groups[3:]).center(WIDTH).rstrip()]
    lines += ["STRUK PEMBELIAN LISTRIK PRABAYAR", *_facts(purchase, tokens[-1]), "-" * WIDTH]
    lines += _sums(purchase)
    lines += ["Informasi Hubungi Call Center", "123 Atau hubungi PLN Terdekat"]
    lines += ["Token hilang? Hubungi penjualnya,", f"kode klaim {purchase.claim_code}"]
    lines.append(_footer(purchase, agent, zone, is_first=is_first))
    lines = [piece for line in lines for piece in (_wrapped(line, WIDTH) if len(line) > WIDTH else [line])]
    if practice:
        lines = [_PRACTICE, *lines, _PRACTICE]
    return "\n".join(lines)


def rupiah(amount: int) -> str:
    """`Rp201.600,00`, by an explicit pattern and without a blank."""
    return f"Rp{amount:,}".replace(",", ".") + ",00"


def energy_value(purchase: Purchase) -> int:
    """RP STROOM/TOKEN, which no field carries: what is left of the nominal after taxes and instalments. # VSI §10"""
    return purchase.denomination - purchase.stamp_duty - purchase.vat - purchase.local_tax - purchase.instalment


def _facts(purchase: Purchase, digits: str) -> list[str]:
    adm = purchase.adm if purchase.sold_adm is None else purchase.sold_adm
    groups = grouped(digits).split(" ")
    fields = [
        ("NO METER", [purchase.msn]),
        ("IDPEL", [purchase.idpel]),
        ("NAMA", _wrapped(purchase.name, _VALUE)),
        ("TARIF/DAYA", _wrapped(f"{purchase.tariff_power} VA", _VALUE)),
        ("NO REF", _cut(purchase.payref or "-", _REF)),
        ("RP BAYAR", [rupiah(purchase.denomination + adm)]),
        ("METERAI", [rupiah(purchase.stamp_duty)]),
        ("PPN", [rupiah(purchase.vat)]),
        ("PBJT-TL", [rupiah(purchase.local_tax)]),
        ("ANGSURAN", [rupiah(purchase.instalment)]),
        ("RP STROOM/TOKEN", [rupiah(energy_value(purchase))]),
        ("JML KWH", [purchase.kwh]),
        ("STROOM/TOKEN", [" ".join(groups[:3]), " ".join(groups[3:])]),
        ("ADMIN BANK", [rupiah(adm)]),
    ]
    lines = []
    for key, values in fields:
        lines.append(f"{key:<{_KEY}}: {values[0] if values else '-'}")
        lines += [" " * (_KEY + 2) + value for value in values[1:]]
    return lines


def _sums(purchase: Purchase) -> list[str]:
    total = purchase.denomination + (purchase.adm if purchase.sold_adm is None else purchase.sold_adm)
    rows = [("Total", total), ("Biaya Layanan", purchase.fee), ("Grand Total", total + purchase.fee)]
    if not purchase.fee:
        rows = rows[:1]
    return [f"{key}{rupiah(amount).removesuffix(',00'):>{WIDTH - len(key)}}" for key, amount in rows]


def _footer(purchase: Purchase, agent: Agent, zone: tzinfo, *, is_first: bool) -> str:
    at = datetime.fromtimestamp((purchase.settled_at or purchase.confirmed_at) / 1000, UTC).astimezone(zone)
    return f"[{agent.code}-({at:%d/%m/%Y %H:%M:%S})-{'CA' if is_first else 'CU'}]"


def _centred(name: str) -> list[str]:
    return [line.center(WIDTH).rstrip() for line in _wrapped(name.upper(), WIDTH)]


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
