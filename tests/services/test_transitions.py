"""Every state × every event: what the table says happens, and nothing else does."""

import itertools

import pytest

from bot.domain import schedule
from bot.domain.purchase import BY_HAND, OPEN, TRANSITIONS, Event, State, after
from bot.domain.rules import Waits

FINAL = (State.SUCCESS, State.LATE)
DECIDED = [(State.LATE, Event.LATE_LOSS), (State.LATE, Event.LATE_PAID)]  # who bears it; never what it is
EVIDENCE = {
    Event.SOLD: State.SUCCESS,
    Event.DECLINED: State.FAILED,
    Event.UNSENT: State.FAILED,
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(State, Event)), ids=str)
def test_no_evidence_moves_a_settled_purchase_and_no_open_one_ignores_a_sale(state: State, event: Event) -> None:
    reached = after(state, event)
    if state in FINAL:
        assert reached is (State.LATE if (state, event) in DECIDED else None)
    if state is State.FAILED:
        assert reached is (State.LATE if event is Event.SOLD else None)
    if state in OPEN and state is not State.CONFIRMED and event in EVIDENCE:
        assert reached is EVIDENCE[event]
    if state is State.MANUAL and event in (Event.REFUSED, Event.UNCLEAR, Event.NEGATIVES):
        assert reached is None  # only evidence or the owner moves it


def test_negative_advices_free_money_only_where_the_payment_was_refused_in_words() -> None:
    assert [state for state, event in TRANSITIONS if event is Event.NEGATIVES] == [State.VERIFY]


def test_only_evidence_or_a_name_ends_an_open_purchase() -> None:
    ends = {event for (state, event), reached in TRANSITIONS.items() if state in OPEN and reached is State.FAILED}
    proven = {Event.EXPIRE, Event.UNSENT, Event.DECLINED, Event.NEGATIVES}
    assert ends - set(BY_HAND) == proven


def test_nothing_is_sent_twice_by_the_table() -> None:
    assert [state for state, event in TRANSITIONS if event is Event.SEND] == [State.CONFIRMED]
    assert State.CONFIRMED not in TRANSITIONS.values()


def test_the_rounds_around_pln_s_closing_are_in_its_own_zone() -> None:
    noon = 1_795_582_800_000
    assert schedule.next_wib(noon, schedule.BEFORE_CUT_OFF) - noon == (10 * 60 + 50) * 60_000
    assert schedule.next_wib(noon, schedule.AFTER_CUT_OFF) - noon == (13 * 60 + 30) * 60_000
    assert Waits().advice == (5_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000)
