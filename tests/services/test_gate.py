"""The attribution gate, row by row: a sale is this purchase's only if every rule holds."""

import dataclasses

import pytest

from bot.domain.gate import Attribution, Rule, Surroundings, attribute
from bot.domain.purchase import Purchase, State
from bot.domain.supply import Sale

SENT = 1_795_582_800_000
TOKEN = "25930960810610721376"
SALE = Sale(msn="54123456789", total=51_600, tokens=(TOKEN,), tokens_in_text=(TOKEN,), adm=1_600, paid_at=SENT + 1_000)
AROUND = Surroundings(now=SENT + 5_000, skew=120_000)


def purchase() -> Purchase:
    values: dict[str, object] = {}
    for field in dataclasses.fields(Purchase):
        values[field.name] = 0 if field.type is int else "" if field.type is str else None
    known = {"msn": "54123456789", "denomination": 50_000, "adm": 1_600, "sent_at": SENT, "state": State.UNKNOWN}
    return Purchase(**(values | known))  # type: ignore[arg-type]  # filled by name


def gate(around: Surroundings = AROUND, **changed: object) -> Attribution:
    return attribute(dataclasses.replace(SALE, **changed), purchase(), around)  # type: ignore[arg-type]  # by name


def test_everything_in_place_passes_without_a_word() -> None:
    assert gate() == Attribution(adm=1_600)


def test_g1_another_meter_is_somebody_elses_sale() -> None:
    found = gate(msn="54123456780")
    assert found.veto is Rule.METER


@pytest.mark.parametrize(
    ("total", "adm", "veto", "taken"),
    [
        (51_600, 1_600, None, 1_600),
        (52_500, 2_500, None, 2_500),
        (50_000, 1_600, None, 1_600),
        (51_600, None, None, 1_600),
        (51_600, 2_500, Rule.DENOMINATION, 0),
        (101_600, 1_600, Rule.DENOMINATION, 0),
        (None, 1_600, Rule.DENOMINATION, 0),
    ],
)
def test_g2_the_amount_is_the_denomination_with_or_without_its_own_admin_fee(
    total: int | None, adm: int | None, veto: Rule | None, taken: int
) -> None:
    found = gate(total=total, adm=adm)
    assert (found.veto, found.adm) == (veto, taken)
    assert bool(found.alerts) is (veto is not None or taken != 1_600)


@pytest.mark.parametrize("tokens", [None])
def test_g3_an_unreadable_token_is_no_evidence(tokens: None) -> None:
    found = gate(tokens=tokens)
    assert found.veto is Rule.TOKEN


def test_g3_a_token_at_odds_with_the_text_is_none() -> None:
    assert gate(tokens_in_text=("0" * 20,)).veto is Rule.TOKEN
    assert gate(tokens_in_text=None).veto is None
    assert gate(tokens=(TOKEN, TOKEN), tokens_in_text=(TOKEN, TOKEN)).veto is None


def test_g4_a_known_token_or_reference_belongs_to_its_first_owner() -> None:
    found = gate(dataclasses.replace(AROUND, elsewhere=True))
    assert found.veto is Rule.KNOWN


@pytest.mark.parametrize(
    ("seconds", "passes"), [(-121, False), (-119, True), (0, True), (124, True), (126, False), (-86_400, False)]
)
def test_g5_an_advice_is_dated_within_the_purchase(seconds: int, passes: bool) -> None:
    found = gate(paid_at=SENT + seconds * 1_000)
    assert (found.veto is None) is passes
    direct = gate(dataclasses.replace(AROUND, direct=True), paid_at=SENT + seconds * 1_000)
    assert direct.veto is None
    assert bool(direct.alerts) is not passes


def test_g5_is_centred_on_the_measured_clock() -> None:
    hour_ahead = dataclasses.replace(AROUND, offset=3_600_000)
    assert gate(hour_ahead, paid_at=SENT + 3_600_000).veto is None
    assert gate(hour_ahead, paid_at=SENT).veto is Rule.TIME


def test_g5_an_undated_advice_proves_nothing() -> None:
    assert gate(paid_at=None).veto is Rule.TIME


def test_g5_a_late_case_never_takes_the_token_of_its_successor() -> None:
    bounded = dataclasses.replace(AROUND, now=SENT + 7_200_000, bounded_by=SENT + 3_600_000)
    assert gate(bounded, paid_at=SENT + 3_600_500).veto is Rule.TIME
    assert gate(bounded, paid_at=SENT + 60_000).veto is None
