"""What the model found once, each as a short story of its own."""

import pytest

from bot.domain.people import Agent
from bot.services import people, settlement
from bot.services.people import PeopleError
from tests.simulation import answers
from tests.simulation.books import HOUR
from tests.simulation.shop import RULES, Shop
from tests.simulation.simulation import SECOND, Simulation
from tests.simulation.truth import Habits


def test_an_answer_that_is_applied_hours_after_it_was_read_measures_no_clock() -> None:
    here = Simulation(Shop(), Habits(clock_ahead=30 * SECOND))
    offer = here.quote("budi", "54000000001", 20_000)
    assert offer is not None
    here.confirm(offer)
    here.dispatch(here.books.bought[10_001], "sells")
    (sold,) = here.truth.sales
    here.answer_payment(here.pays[10_001], answers.sale(sold, 30 * SECOND, "", advice=False), "answer stored")
    here.restart(13 * HOUR)
    here.check()
    assert here.books.bought[10_001].state == "SUCCESS"
    assert here.shop.view(settlement.clock_offset) == 30 * SECOND


def test_a_reference_typed_again_with_another_amount_is_refused_in_words() -> None:
    shop = Shop()
    budi = shop.view(lambda tx: tx.one(Agent, "agent_by_id", id=1))
    assert budi is not None
    for book in (
        lambda tx: people.top_up(tx, budi, 70_000, "first1", "boss", RULES, shop.now),
        lambda tx: people.top_up_supplier(tx, 70_000, "first", "boss", shop.now),
    ):
        with pytest.raises(PeopleError, match="was booked already; nothing changed"):
            shop.run(book)
