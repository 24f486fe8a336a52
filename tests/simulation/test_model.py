"""The model at the size of every day; `make model` runs it at the size that proves something."""

import pytest
from hypothesis.stateful import run_state_machine_as_test

from tests.simulation.campaign import machine_of, settings_of
from tests.simulation.mutants import MUTANTS
from tests.simulation.shop import Shop, quiet

SEED, EXAMPLES, STEPS = 20_261_125, 150, 40


def test_whatever_happens_in_whatever_order_the_books_agree_with_the_model_and_with_the_supplier() -> None:
    machine = machine_of(Shop, SEED)
    with quiet():
        run_state_machine_as_test(machine, settings=settings_of(EXAMPLES, STEPS, shrinking=True))
    assert machine.counts.examples == EXAMPLES
    assert machine.counts.sales["payments that reached the supplier"] > EXAMPLES


@pytest.mark.parametrize("shop", MUTANTS, ids=lambda shop: shop.__name__)
def test_the_same_examples_find_a_shop_that_lacks_one_safeguard(shop: type[Shop]) -> None:
    machine = machine_of(shop, SEED)
    with quiet(), pytest.raises(AssertionError):
        run_state_machine_as_test(machine, settings=settings_of(EXAMPLES, STEPS, shrinking=False))
    print(f"found after {machine.counts.examples} examples")
