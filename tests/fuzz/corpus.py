"""What mutations start from: the supplier's samples and the practice supplier's answers, each with its purchase.

Made from constants, so that an input is known by its seed and number alone.
"""

import dataclasses
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from random import Random

from bot.domain.purchase import Purchase, State
from bot.sandbox import Sold, answers, customers
from bot.sandbox.answers import Shape

SAMPLES = Path(__file__).parents[1] / "vsi" / "samples"
TABLE = Path(__file__).parents[1] / "vsi" / "code_table.txt"

SENT = 1_795_582_800_000  # 2026-11-25 12:00 WIB
_SAMPLE_SOLD = 1_465_361_422_000  # 2016-06-08 11:50:22 WIB
_METERS = ("54123456789", "01234567890", "88888888888", "11111111124", "41008812210")
_ELEMENT = re.compile(r"<(?!root)([a-z0-9]+)>(.*?)</\1>", re.DOTALL)


class Family(StrEnum):
    """What an answer speaks of."""

    SALE = "sale"
    REFUSAL = "refusal"
    INQUIRY = "inquiry"
    BILL = "bill"


@dataclass(frozen=True, slots=True)
class Base:
    """An answer as it was written: whole, and as elements in order; and a purchase that it would settle."""

    name: str
    family: Family
    body: bytes
    elements: tuple[tuple[str, str], ...]
    purchase: Purchase

    @classmethod
    def of(cls, name: str, family: Family, body: bytes, purchase: Purchase) -> "Base":
        """Split the body into its elements."""
        return cls(name, family, body, tuple(_ELEMENT.findall(body.decode())), purchase)


def bought(msn: str, denomination: int, adm: int, sent_at: int) -> Purchase:
    """A purchase that waits for its answer."""
    values: dict[str, object] = {}
    for field in dataclasses.fields(Purchase):
        values[field.name] = 0 if field.type is int else "" if field.type is str else None
    known = {"msn": msn, "denomination": denomination, "adm": adm, "sent_at": sent_at, "state": State.UNKNOWN}
    return Purchase(**(values | known))  # type: ignore[arg-type]  # filled by name


@cache
def corpus() -> dict[Family, tuple[Base, ...]]:
    """Every base by its family, in an order that never changes."""
    found: dict[Family, list[Base]] = {family: [] for family in Family}
    for base in (*_samples(), *_sales(), *_refusals(), *_others()):
        found[base.family].append(base)
    return {family: tuple(bases) for family, bases in found.items()}


def codes() -> dict[int, tuple[str, str]]:
    """The money rules' table, copied apart from the code's: code → class for PAY, class for ADV."""
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    return {int(rc): (pay.split()[0], advice.split()[0]) for rc, _, pay, advice, _ in cells}


def _samples() -> list[Base]:
    made = []
    for path in sorted(SAMPLES.glob("*.xml")):
        name = path.stem
        family = Family.BILL if name.startswith("postpaid") else Family.INQUIRY if "inquiry" in name else Family.SALE
        family = Family.REFUSAL if "error" in name else family
        purchase = bought("88888888888", 200_000, 1_600, _SAMPLE_SOLD - 1_000)
        made.append(Base.of(f"sample {name}", family, path.read_bytes(), purchase))
    return made


def _sales() -> list[Base]:
    chance = Random("sales")
    made = []
    for number, msn in enumerate(_METERS):
        for groups in (1, 2, 3):
            nominal, adm = chance.choice((20_000, 50_000, 200_000)), chance.choice((1_600, 1_600, 2_500, 0))
            tokens = tuple("".join(chance.choices("0123456789", k=20)) for _ in range(groups))
            payref = "".join(chance.choices("0123456789ABCDEF", k=32))
            found = customers.customer(msn)
            at = SENT + number * 1_000
            sold = Sold(1, "P1", msn, found.idpel, nominal, adm, tokens, payref, 0, at)
            for shape in (Shape.PAY, Shape.AUTO_PAY, Shape.ADVICE_BY_PAYREF, Shape.ADVICE):
                purchase = bought(msn, nominal, adm, SENT)
                name = f"{shape.value} {msn} {groups}"
                made.append(Base.of(name, Family.SALE, answers.sale(sold, 0, shape), purchase))
    return made


def _refusals() -> list[Base]:
    shapes = (
        Shape.PAY,
        Shape.AUTO_PAY,
        Shape.ADVICE_BY_PAYREF,
        Shape.ADVICE,
        Shape.INQUIRY,
        Shape.BILL,
        Shape.BILL_PAY,
    )
    made = []
    for code in (*codes(), 999):  # one that nobody knows
        for shape in shapes[:4] if code else ():
            body = answers.error(
                code, "TRANSAKSI TIDAK BISA DILAKUKAN SAAT INI, SILAHKAN COBA LAGI.", _METERS[0], shape
            )
            name = f"{code} {shape.value}"
            made.append(Base.of(name, Family.REFUSAL, body, bought(_METERS[0], 50_000, 1_600, SENT)))
    for shape in shapes[4:]:
        body = answers.error(14, "IDPEL YANG ANDA MASUKKAN SALAH", _METERS[0], shape)
        made.append(Base.of(f"14 {shape.value}", Family.REFUSAL, body, bought(_METERS[0], 50_000, 1_600, SENT)))
    return made


def _others() -> list[Base]:
    purchase = bought(_METERS[0], 50_000, 1_600, SENT)
    made = []
    for msn in _METERS:
        body = answers.inquiry(customers.customer(msn), "D0EE65CAB0C04601878612867541EEA5", 1_600, 0)
        made.append(Base.of(f"inquiry {msn}", Family.INQUIRY, body, purchase))
    bill = customers.bill("531234567890")
    reference = "33ECE3543E62474AA0C6C3147D94A31D"
    made.append(Base.of("bill", Family.BILL, answers.bill(bill, reference), purchase))
    made.append(Base.of("bill paid", Family.BILL, answers.bill_paid(bill, reference, SENT), purchase))
    return made
