"""Mutants about what an owner decides, when sales stop, and what a copy of the database may do."""

from tests.mutants.mutant import Change, Mutant

_BREAKER = "bot/services/breaker.py"
_STANDING = "bot/services/standing.py"
_BY_HAND = "bot/services/by_hand.py"
_SETTLEMENT = "bot/services/settlement.py"
_PURCHASING = "bot/services/purchasing.py"
_ABSENCE = "bot/services/absence.py"
_PROOF = "bot/domain/proof.py"
_TEST_BREAKER = "tests/services/test_breaker.py"
_TEST_STANDING = "tests/services/test_standing.py"
_TEST_BY_HAND = "tests/services/test_by_hand.py"
_TEST_RECONCILIATION = "tests/services/test_reconciliation.py"
_EACH_CONDITION = f"{_TEST_RECONCILIATION}::test_each_condition_that_fails_is_named_and_proves_nothing"

OWNER = (
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
                "if found.state is Position.CLOSED or (found.state is Position.HALF and found.probe_id is None):\n   "
                "     return None",
                "if found.state is not Position.OPEN:\n        return None",
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
                "if found.state is Position.CLOSED or (found.state is Position.HALF and found.probe_id is None):\n   "
                "     return None",
                "if found.state is not Position.OPEN:\n        return None",
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
                "        if on_trial:\n            _open(tx, found, found.way_back, found.code, now)\n        elif "
                "found.state",
                "        if on_trial:\n            _close(tx, found, shop, now)\n        elif found.state",
            ),
        ),
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
                _PURCHASING,
                "    confirmed = _in_state(tx, State.CONFIRMED)\n    for",
                "    confirmed = _in_state(tx, State.LATE)\n    for",
            ),
        ),
    ),
    Mutant(
        "restored messages are repeats",
        "what the original may have sent is headed as a repeat by the copy",
        (f"{_TEST_STANDING}::test_a_token_that_the_original_may_have_sent_is_headed_as_a_repeat_by_the_copy",),
        (
            Change(
                _PURCHASING,
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
                '        _mark(copy, "a copy made by `setrum backup`, which does not know what was sold since", now, '
                "now)\n",
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
        "ten minutes before the owner",
        "nobody settles what advice may still answer",
        (f"{_TEST_BY_HAND}::test_nothing_is_settled_before_it_is_ten_minutes_old",),
        (
            Change(
                _BY_HAND, "    if purchase.state is not State.MANUAL and left > 0:\n", "    if left > 1_000_000_000:\n"
            ),
        ),
    ),
    Mutant(
        "gate for the typed token",
        "a token that the owner typed passes the same gate",
        (_TEST_BY_HAND,),
        (
            Change(
                _SETTLEMENT,
                "    if found.veto is not None:\n        return purchase, found\n    found = "
                "dataclasses.replace(found, alerts=())\n",
                "    found = dataclasses.replace(found, veto=None, alerts=())\n",
            ),
        ),
    ),
    Mutant(
        "name and reason",
        "nothing is settled anonymously",
        (_TEST_BY_HAND,),
        (Change("bot/services/decisions.py", "    if not actor or not reason:\n", "    if actor is None:\n"),),
    ),
    Mutant(
        "late case decided once",
        "a late sale is decided once",
        (_TEST_BY_HAND,),
        (Change(_BY_HAND, "    if is_decided(tx, purchase):\n", "    if purchase.id < 0:\n"),),
    ),
    Mutant(
        "stray's token is known",
        "the token of a sale that nobody owns is handed to nobody",
        (f"{_TEST_BY_HAND}::test_a_strays_token_is_known_and_never_handed_out",),
        (Change(_SETTLEMENT, "    elsewhere = strays.is_known(tx, sale)\n", "    elsewhere = False\n"),),
    ),
    Mutant(
        "complete: the day after",
        "a day is proven only by a file that covers the next one, too",
        (_TEST_RECONCILIATION,),
        (
            Change(
                _PROOF,
                "    return [] if span is None else span.days()[:-1]\n",
                "    return [] if span is None else span.days()\n",
            ),
        ),
    ),
    Mutant(
        "complete: the days are over",
        "a file proves nothing about a day that goes on",
        (_TEST_RECONCILIATION,),
        (Change(_PROOF, "    last = min(last, day_of(now) - _DAY)\n", ""),),
    ),
    Mutant(
        "complete: dates",
        "a row outside the stated days unmasks the statement",
        (_EACH_CONDITION,),
        (Change(_PROOF, "    if outside:\n", "    if len(outside) > 9:\n"),),
    ),
    Mutant(
        "complete: totals",
        "a file whose rows do not make its total is cut or filtered",
        (_EACH_CONDITION,),
        (
            Change(
                _PROOF,
                "    for value in sorted(totals - {outline.total}):\n",
                "    for value in sorted(totals - totals):\n",
            ),
        ),
    ),
    Mutant(
        "complete: totals are stated",
        "a missing total is never taken for an agreeing one",
        (f"{_TEST_RECONCILIATION}::test_nothing_stated_proves_nothing",),
        (Change(_PROOF, "    if not totals:\n", "    if len(totals) < 0:\n"),),
    ),
    Mutant(
        "complete: deposit",
        "the deposit's equation must hold",
        (_EACH_CONDITION,),
        (
            Change(
                _PROOF,
                '    if expected != figures["closing"]:\n',
                '    if expected != figures["closing"] and not figures:\n',
            ),
        ),
    ),
    Mutant(
        "complete: our own sales",
        "a file that lacks a sale of ours lacks others, too",
        (f"{_TEST_RECONCILIATION}::test_a_truncated_or_filtered_file_proves_presence_only",),
        (
            Change(
                _ABSENCE,
                "        if lacking:\n            short.append",
                "        if len(lacking) > 1_000:\n            short.append",
            ),
        ),
    ),
    Mutant(
        "complete: until it is confirmed",
        "the proof is looked at again when the hold is given back",
        (f"{_TEST_RECONCILIATION}::test_what_was_sold_since_makes_the_proof_void",),
        (
            Change(
                _ABSENCE,
                "        if lacking := _lacking(tx, report, proof.start_of(day), proof.start_of(day + 2 * _DAY)):\n  "
                "          raise",
                "        if lacking := _lacking(tx, report, 0, 0):\n            raise",
            ),
        ),
    ),
    Mutant(
        "absence needs the list",
        "only what the file's list names is given back",
        (_TEST_RECONCILIATION,),
        (
            Change(
                _ABSENCE,
                "    if strangers := [number for number in chosen if number not in listed]:\n",
                "    if strangers := [number for number in chosen if number < 0]:\n",
            ),
        ),
    ),
)
