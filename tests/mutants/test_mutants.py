"""The list of mutants follows the code, and the machinery is no sham: one dies, one lives, one breaks."""

from pathlib import Path

import pytest

from tests.mutants import mutant as workshop
from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import ROOT, Change, Fate, Mutant

GATE = "bot/domain/gate.py"
TEST = ("tests/services/test_gate.py",)


def test_every_mutant_still_fits_the_code_and_its_tests_exist() -> None:
    assert [fault for made in MUTANTS for fault in workshop.faults(made)] == []


def test_every_mutant_has_a_name_and_a_sentence_of_its_own() -> None:
    assert len({made.name for made in MUTANTS}) == len(MUTANTS)
    assert len({made.safeguard for made in MUTANTS}) == len(MUTANTS)
    assert all(made.tests and made.changes for made in MUTANTS)
    assert not any("|" in made.name + made.safeguard for made in MUTANTS)  # they stand in a table


def test_a_list_that_the_code_has_left_behind_is_loud() -> None:
    gone = Mutant("gone", "x", ("tests/nowhere.py",), (Change(GATE, "no such text", ""), Change(GATE, "return", "")))
    assert len(workshop.faults(gone)) == 3
    assert "tests/nowhere.py" in workshop.faults(gone)[2]


@pytest.mark.parametrize(
    ("old", "new", "fate"),
    [
        ("if sale.msn != purchase.msn:", "if not purchase.msn:", Fate.KILLED),
        ('"another meter in the answer"', '"the answer names another meter"', Fate.SURVIVED),
        ("if sale.msn != purchase.msn:", "if sale.msn !! purchase.msn:", Fate.BROKEN),
    ],
)
def test_a_mutant_is_killed_by_a_failing_test_and_by_nothing_else(
    tmp_path: Path, old: str, new: str, fate: Fate
) -> None:
    before = (ROOT / GATE).read_bytes()
    result = workshop.run(Mutant("one", "x", TEST, (Change(GATE, old, new),)), tmp_path)
    assert result.fate is fate, result.by
    if fate is Fate.KILLED:
        assert result.by == "tests/services/test_gate.py::test_g1_another_meter_is_somebody_elses_sale"
    assert (ROOT / GATE).read_bytes() == before
