"""Errors planted on purpose, to prove the checker: each in a record in which nothing went wrong.

What a careless bot would do (acknowledge before it stores, repeat without a heading, forget a token) is written into
what the phones show and what the platform counted.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from bot.sandbox import Sold
from tests.campaign.checker import Found, Violation, check, unanswered
from tests.campaign.evidence import Deed, Evidence, Intent, Line, Tap

Plant = Callable[[Evidence], Evidence]
Check = Callable[[Evidence], Iterable[Found]]
_ME, _OTHER = 1001, 1002
_METER, _SHOWN = "70010000000", "7001 0000 000"
_TOKEN, _DIGITS = "1234 5678 9012 3456 7890", "12345678901234567890"
_PRICE = 52_000


@dataclass(frozen=True, slots=True)
class Planted:
    """What came of a plant: whether the checker named it."""

    what: str
    is_named: bool
    said: str


def clean() -> Evidence:
    """One purchase without any trouble, on the phone of one of two agents."""
    lines = [
        Line(_ME, 1, mine=True, text=f"{_METER} 50", moments=(1.0,)),
        Line(_ME, 2, mine=False, text=f"💳 BUDI · token Rp50.000\nMeter {_SHOWN} · IDPEL 5", moments=(2.0, 4.0),
             nonce="abcdefgh"),
        Line(_ME, 3, mine=False, text=f"{_TOKEN}\nMeter {_SHOWN} · 33,1 kWh · T10001 · 12.00", moments=(5.0,),
             reply_to=2),
        Line(_ME, 4, mine=False, text="✅ SUKSES T10001 · BUDI\nRp50.000 · 33,1 kWh · token …7890\n"
             "Saldo 500.000 − 52.000 = 448.000", moments=(6.0,), reply_to=2, nonce="ijklmnop"),
        Line(_ME, 5, mine=True, text="saldo", moments=(7.0,)),
        Line(_ME, 6, mine=False, text="Saldo Rp448.000", moments=(8.0,), nonce="qrstuvwx"),
    ]  # fmt: skip
    deeds = [Deed(_ME, 1.0, "order", 1.0), Deed(_ME, 3.0, "pay", 3.0), Deed(_ME, 7.0, "saldo", 1.0)]
    sold = Sold(1, "P1", _METER, f"5{_METER}", 50_000, 1_600, (_DIGITS,), "F" * 32, 0, 4_000)
    books = {"": 10_000_000 - 51_600, str(_ME): 500_000 - _PRICE, str(_OTHER): 500_000}
    return Evidence(
        lines=lines,
        deeds=deeds,
        intents=[Intent(_ME, _METER, 50_000, [1, 2], 1, "sold")],
        taps=[Tap(_ME, "q1", 3.0, ("Diproses",))],
        sales=[sold],
        payments={"P1": 1},
        deposits={"": 10_000_000, str(_ME): 500_000, str(_OTHER): 500_000},
        balances=books,
        held={str(_ME): 0, str(_OTHER): 0},
        states={"SUCCESS": 1},
        tried={(_ME, line.text, line.nonce): line.at - 0.1 for line in lines if not line.mine},
        lost=[],
        dead=[],
        audit=[],
    )


def _line(evidence: Evidence, number: int) -> Line:
    return next(line for line in evidence.lines if line.id == number)


def _with(*numbers: int, **changes: object) -> Plant:
    """Some lines look different."""

    def plant(evidence: Evidence) -> Evidence:
        changed = [replace(one, **changes) if one.id in numbers else one for one in evidence.lines]  # type: ignore[arg-type]
        return replace(evidence, lines=changed)

    return plant


def _without(*numbers: int) -> Plant:
    return lambda evidence: replace(evidence, lines=[one for one in evidence.lines if one.id not in numbers])


def _again(number: int, times: int = 1, heading: str = "", **changes: object) -> Plant:
    """A line once more, at the end."""

    def plant(evidence: Evidence) -> Evidence:
        line = _line(evidence, number)
        changed = {"text": heading + line.text, "moments": (9.0,)} | changes
        more = [replace(line, id=100 + count, **changed) for count in range(times)]  # type: ignore[arg-type]
        return replace(evidence, lines=[*evidence.lines, *more])

    return plant


def _changed(**fields: object) -> Plant:
    return lambda evidence: replace(evidence, **fields)  # type: ignore[arg-type]


def _acknowledged_and_lost(evidence: Evidence) -> Evidence:
    """What was said last came to nothing: the bot was killed between its answer to the platform and its commit."""
    silent = _without(6)(evidence)
    return replace(silent, lost=["update 7 of 1001"], deeds=[*evidence.deeds[:2], Deed(_ME, 7.0, "saldo")])


def _swapped(evidence: Evidence) -> Evidence:
    return _with(4, id=3)(_with(3, id=40)(evidence))


def _sold_again(evidence: Evidence) -> Evidence:
    second = replace(evidence.sales[0], id=2, trxid="P2", tokens=("09876543210987654321",))
    return replace(evidence, sales=[*evidence.sales, second])


def _failed_too(evidence: Evidence) -> Evidence:
    return _again(4, text="↩️ T10001 gagal: PLN menolak transaksi ini.")(evidence)


PLANTS: tuple[tuple[str, Violation, Plant], ...] = (
    ("an update acknowledged before it was stored", Violation.LOST, _acknowledged_and_lost),
    ("the same, as the person feels it", Violation.UNANSWERED, _acknowledged_and_lost),
    ("a last word without an answer", Violation.UNANSWERED, _without(6)),
    ("an order without an end", Violation.UNANSWERED, _changed(intents=[Intent(_ME, _METER, 50_000, [1, 2], 1)])),
    ("a token sent again without its heading", Violation.UNHEADED, _again(3)),
    ("a result sent again without its heading", Violation.UNHEADED, _again(4)),
    ("a question shown three times", Violation.COPIES, _again(2, 2)),
    ("two payments under one trxid", Violation.PAID_TWICE, _changed(payments={"P1": 2})),
    ("two sales for one order", Violation.SOLD_TWICE, _sold_again),
    ("a sold token that never came", Violation.NO_TOKEN, _without(3)),
    ("a token on another agent's phone", Violation.ELSEWHERE, _again(3, chat=_OTHER, reply_to=None)),
    ("a token that nobody sold", Violation.ELSEWHERE, _again(
        3, text=f"9999{_TOKEN[4:]}\nMeter {_SHOWN} · 33,1 kWh · T10001 · 12.00")),
    ("a token for another meter", Violation.ELSEWHERE, _with(
        3, text=f"{_TOKEN}\nMeter 7001 0000 009 · 33,1 kWh · T10001 · 12.00")),
    ("a token and no word of the money", Violation.NOT_TOLD, _without(4)),
    ("told failed and sold", Violation.CONTRADICTED, _failed_too),
    ("the word of the money before the token", Violation.ORDER, _swapped),
    ("an answer before one that was tried earlier", Violation.ORDER, _with(6, id=0)),
    ("a token before its card", Violation.ORDER, _with(2, id=50)),
    ("a rupiah too few", Violation.BALANCE, _changed(balances=clean().balances | {str(_ME): 447_999})),
    ("a sale that our books do not have", Violation.BALANCE, _changed(states={})),
    ("money held for nothing", Violation.HELD, _changed(held={str(_ME): _PRICE})),
    ("a purchase open for ever", Violation.OPEN, _changed(states={"SUCCESS": 1, "UNKNOWN": 1})),
    ("an apology for an answer", Violation.UNKIND, _with(6, text="Maaf, pesan itu gagal kami proses")),
)  # fmt: skip


def checked(evidence: Evidence) -> list[Found]:
    """What every platform's checker looks at."""
    return [*check(evidence), *unanswered(evidence)]


def planted() -> list[Planted]:
    """Every plant, first of all none, and a repeat that is headed as it should be."""
    headed = _again(3, heading="KIRIM ULANG · T10001\n")
    harmless = [("nothing", lambda one: one), ("nothing but a headed repeat", headed)]
    return [*named(harmless, PLANTS, checked, clean)]


def named(
    harmless: Iterable[tuple[str, Plant]], plants: Iterable[tuple[str, Violation, Plant]], look: Check,
    made: Callable[[], Evidence],
) -> Iterator[Planted]:  # fmt: skip
    """What comes of looking at a record with each of them: nothing where it does no harm, else its name."""
    for what, plant in harmless:
        found = {one.name for one in look(plant(made()))}
        yield Planted(what, not found, ", ".join(sorted(found)) or "nothing")
    for what, name, plant in plants:
        found = {one.name for one in look(plant(made()))}
        yield Planted(what, name in found, ", ".join(sorted(found)) or "nothing")
