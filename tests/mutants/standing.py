"""Mutants about when sales stop, and what a copy of the database may do."""

from tests.mutants.mutant import Change, Mutant

_BREAKER = "bot/services/breaker.py"
_STANDING = "bot/services/standing.py"
_SETTLEMENT = "bot/services/settlement.py"
_PURCHASING = "bot/services/purchasing.py"
_ABSENCE = "bot/services/absence.py"
_ALERTS = "bot/services/alerts.py"
_TEST_ALARMS = "tests/conversation/test_alarms.py"
_TEST_OPENING = "tests/conversation/test_opening.py"
_TEST_BREAKER = "tests/services/test_breaker.py"
_TEST_STANDING = "tests/services/test_standing.py"
_TEST_BY_HAND = "tests/services/test_by_hand.py"

STANDING = (
    Mutant(
        "breaker",
        "a code that says that nothing can be sold stops new purchases",
        (_TEST_BREAKER,),
        (
            Change(
                _BREAKER,
                "    if answer is not None and answer.breaker:\n",
                "    if answer is not None and answer.code == -1:\n",
            ),
        ),
    ),
    Mutant(
        "breaker, run of unclear ones",
        "payments without an answer, one after another, stop new purchases",
        (_TEST_BREAKER,),
        (Change(_BREAKER, "run >= shop.unclear_run:", "run > 1_000_000:"),),
    ),
    Mutant(
        "half-open, one at a time",
        "after a good inquiry one payment is tried, the others wait",
        (f"{_TEST_BREAKER}::test_half_open_takes_one_payment_at_a_time_and_the_first_that_settles_opens_for_all",),
        (
            Change(
                _BREAKER,
                "if found.state is Position.CLOSED or (found.state is Position.HALF and not _is_on_trial(tx, found)):",
                "if found.state is not Position.OPEN:",
            ),
            Change(
                _BREAKER,
                "return found.state is Position.CLOSED or (found.state is Position.HALF and found.probe_id == "
                "purchase.id)",
                "return found.state is not Position.OPEN",
            ),
        ),
    ),
    Mutant(
        "half-open, one at a time, at the card",
        "while one payment is on trial nobody else's money is held",
        (f"{_TEST_BREAKER}::test_half_open_takes_one_payment_at_a_time_and_the_first_that_settles_opens_for_all",),
        (
            Change(
                _BREAKER,
                "if found.state is Position.CLOSED or (found.state is Position.HALF and not _is_on_trial(tx, found)):",
                "if found.state is not Position.OPEN:",
            ),
        ),
    ),
    Mutant(
        "trial in doubt closes again",
        "a payment on trial without an answer stops sales again",
        (f"{_TEST_BREAKER}::test_a_payment_on_trial_that_is_in_doubt_closes_sales_again",),
        (
            Change(
                _BREAKER,
                "    _open(tx, found, found.way_back, found.code, now)\n    if found.way_back is Way.OWNER:\n",
                "    _close(tx, found, shop, now)\n    if found.way_back is Way.OWNER:\n",
            ),
        ),
    ),
    Mutant(
        "trial that was settled otherwise",
        "a trial that ended in another way keeps sales closed for nobody",
        (
            "tests/services/test_interleavings.py::test_a_trial_that_was_settled_otherwise_keeps_sales_closed_for_nobody",
        ),
        (Change(_BREAKER, "    return state in (State.CONFIRMED, State.SENDING)\n", "    return state is not None\n"),),
    ),
    Mutant(
        "an inquiry opens half only",
        "a good inquiry proves no payment",
        (_TEST_BREAKER,),
        (
            Change(
                _BREAKER,
                "_save(tx, dataclasses.replace(found, state=Position.HALF, probe_id=None, unclear_run=0))",
                "_save(tx, dataclasses.replace(found, state=Position.CLOSED, probe_id=None, unclear_run=0))",
            ),
        ),
    ),
    Mutant(
        "nothing leaves while sales are stopped",
        "what was confirmed before sales stopped is not sent",
        (f"{_TEST_BREAKER}::test_what_was_confirmed_before_sales_stopped_is_not_sent_and_is_given_back",),
        (
            Change(
                _BREAKER,
                "return found.state is Position.CLOSED or (found.state is Position.HALF and found.probe_id == "
                "purchase.id)",
                "return found.state is not None",
            ),
        ),
    ),
    Mutant(
        "binding",
        "one database belongs to one supplier and client",
        (_TEST_STANDING,),
        (
            Change(
                _STANDING,
                "    if bound is not None and bound != identity:\n",
                "    if bound is not None and not bound.host:\n",
            ),
        ),
    ),
    Mutant(
        "binding at every exchange",
        "no request leaves for a supplier that the database does not belong to",
        (f"{_TEST_STANDING}::test_the_first_exchange_binds_the_database_to_its_supplier",),
        (
            Change(
                _STANDING, "        hold_to(tx, identity)\n\n\ndef hold_to", "        restriction(tx)\n\n\ndef hold_to"
            ),
        ),
    ),
    Mutant(
        "rebinding with nothing open",
        "a database does not change its supplier while a purchase is open at the old one",
        (f"{_TEST_STANDING}::test_it_is_bound_to_another_supplier_only_with_nothing_open_and_by_name",),
        (Change(_STANDING, "    if still:\n", "    if len(still) < 0:\n"),),
    ),
    Mutant(
        "read-only at the card",
        "a read-only database sells nothing",
        (f"{_TEST_STANDING}::test_read_only_nothing_is_sold_and_no_money_moves",),
        (Change(_BREAKER, '    if standing.restriction(tx) is not None:\n        return Text("maint.books")\n', ""),),
    ),
    Mutant(
        "read-only on the wire",
        "a read-only database sends no payment, whatever was confirmed in it",
        (_TEST_STANDING,),
        (
            Change(_BREAKER, "    if standing.restriction(tx) is not None:\n        return False\n", ""),
            Change(
                _PURCHASING,
                "    if standing.restriction(tx) is not None:\n        return []\n    found = _in_state",
                "    found = _in_state",
            ),
        ),
    ),
    Mutant(
        "read-only gives nothing back",
        "a read-only database voids no hold, however old the purchase",
        (_TEST_STANDING,),
        (
            Change(
                _PURCHASING,
                "    if standing.restriction(tx) is not None:\n        return []\n    found = _in_state",
                "    found = _in_state",
            ),
            Change(
                _PURCHASING,
                "    if purchase.state is State.CONFIRMED and standing.restriction(tx) is None:\n",
                "    if purchase.state is State.CONFIRMED:\n",
            ),
        ),
    ),
    Mutant(
        "read-only evidence waits",
        "in a read-only database answers are stored and move no money",
        (f"{_TEST_STANDING}::test_read_only_answers_are_stored_and_applied_once_it_is_released",),
        (Change(_SETTLEMENT, "    waiting = standing.restriction(tx) is None and tx.run(", "    waiting = tx.run("),),
    ),
    Mutant(
        "read-only money",
        "in a read-only database no deposit, decision or correction moves money",
        (_TEST_STANDING, "tests/services/test_adjustments.py", _TEST_BY_HAND),
        (
            Change(
                _STANDING,
                "    if found is not None:\n        raise StandingError(",
                "    if found is not None and not found.kind:\n        raise StandingError(",
            ),
        ),
    ),
    Mutant(
        "restored confirmed is doubt",
        "confirmed in a restored copy is no proof of being unsent",
        (f"{_TEST_STANDING}::test_confirmed_in_a_restored_copy_is_no_proof_of_being_unsent",),
        (
            Change(
                _SETTLEMENT,
                '    confirmed = tx.all(Purchase, "purchase_in_state", state=State.CONFIRMED)\n',
                '    confirmed = tx.all(Purchase, "purchase_in_state", state=State.LATE)\n',
            ),
        ),
    ),
    Mutant(
        "released before its first start",
        "what was confirmed in a copy is in doubt even where it is released before it ever ran",
        ("tests/e2e/test_open_cases.py::test_released_before_it_ever_ran_a_copy_doubts_what_was_confirmed_in_it",),
        (Change("bot/verbs/release.py", "            settlement.doubt_restored(tx, shop, now, 0)\n", ""),),
    ),
    Mutant(
        "released by a report before its first start",
        "a report that releases a copy puts in doubt what was confirmed in it",
        ("tests/services/test_interleavings.py",),
        (Change(_ABSENCE, "    settlement.doubt_restored(tx, shop, now, 0)\n", ""),),
    ),
    Mutant(
        "days that a copy does not know",
        "they end when the copy is put in place, not when it was made",
        ("tests/services/test_interleavings.py",),
        (
            Change(
                "bot/store/sql/queries/copies.sql",
                "UPDATE restriction SET since = :now WHERE id = 1;",
                "UPDATE restriction SET since = copied_at + 0 * :now WHERE id = 1;",
            ),
        ),
    ),
    Mutant(
        "wrong books are not released by a report",
        "a report that covers every day releases no copy whose books do not agree",
        ("tests/services/test_interleavings.py::test_a_report_never_releases_a_copy_whose_books_are_wrong",),
        (Change(_ABSENCE, "- set(known) or audit.check(tx).violations:", "- set(known):"),),
    ),
    Mutant(
        "restored messages are repeats",
        "what the original may have sent is headed as a repeat by the copy",
        (f"{_TEST_STANDING}::test_a_token_that_the_original_may_have_sent_is_headed_as_a_repeat_by_the_copy",),
        (
            Change(
                _SETTLEMENT,
                'tx.run("outbox_doubt_restored", copied_at=found.copied_at or found.since)',
                'tx.run("outbox_doubt_restored", copied_at=0)',
            ),
        ),
    ),
    Mutant(
        "wrong books stop sales",
        "a broken invariant makes the database read-only",
        (_TEST_STANDING,),
        (
            Change(
                "bot/services/watch.py",
                "    if not violations or not standing.restrict",
                "    if len(violations) < 99 or not standing.restrict",
            ),
        ),
    ),
    Mutant(
        "mark of a copy",
        "every copy made by `setrum backup` is read-only until released",
        ("tests/e2e/test_copies.py",),
        (
            Change(
                "bot/store/backup.py",
                '        _mark(copy, "a copy made by `setrum backup`, which does not know what was sold since", '
                "_NOT_YET, now)\n",
                "",
            ),
        ),
    ),
    Mutant(
        "mark of any restored file",
        "a copy without a mark gets one when it is put in place",
        ("tests/e2e/test_copies.py",),
        (
            Change(
                "bot/store/backup.py",
                '        if found is None or found[0] != "restored":\n',
                '        if found is not None and found[0] != "restored":\n',
            ),
        ),
    ),
    Mutant(
        "closing by hand at the card",
        "sales that an owner closed take no purchase",
        (_TEST_OPENING,),
        (Change(_BREAKER, "    if (shut := closing.closing(tx)) is not None:\n        return shut.why\n", ""),),
    ),
    Mutant(
        "closing by hand outlives the breaker",
        "nobody hears that sales are open while an owner keeps them closed",
        (_TEST_OPENING,),
        (
            Change(
                _BREAKER,
                "standing.restriction(tx) is not None or closing.closing(tx) is not None",
                "standing.restriction(tx) is not None",
            ),
        ),
    ),
    Mutant(
        "an alert once an episode",
        "what repeats an alert that stands is counted and not told",
        (_TEST_ALARMS,),
        (
            Change(
                _ALERTS,
                "    if found.told_at is None:\n        _tell(tx, found, shop, now)\n    return fresh",
                "    _tell(tx, found, shop, now)\n    return fresh",
            ),
        ),
    ),
    Mutant(
        "urgent alerts are quiet for a short time",
        "where money or all sales are at stake nobody quietens an alert for long",
        (_TEST_ALARMS,),
        (Change(_ALERTS, "    if Kind(kind).is_urgent:\n        return now + shop.waits.alarm_urgent\n", ""),),
    ),
    Mutant(
        "what is under way is not corrected",
        "the books are not corrected by what the supplier may have taken for open purchases",
        ("tests/conversation/test_supplier_deposit.py",),
        (Change("bot/services/supplier_deposit.py", "_correct(under_way - missing)", "_correct(-missing)"),),
    ),
)
