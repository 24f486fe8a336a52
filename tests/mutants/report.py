"""Mutants about the supplier's report: what makes it complete, so that its silence means something."""

from tests.mutants.mutant import Change, Mutant

_ABSENCE = "bot/services/absence.py"
_PROOF = "bot/domain/proof.py"
_TEST_RECONCILIATION = "tests/services/test_reconciliation.py"
_EACH_CONDITION = f"{_TEST_RECONCILIATION}::test_each_condition_that_fails_is_named_and_proves_nothing"

REPORT = (
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
    Mutant(
        "report through the gate",
        "a sale that a report names passes the same gate as an answer",
        (_TEST_RECONCILIATION,),
        (
            Change(
                "bot/services/settlement.py",
                "    found = attributed(tx, sale, purchase, shop, now, direct=exact)\n    if found.veto is None:\n",
                "    found = attributed(tx, sale, purchase, shop, now, direct=exact)\n    if sale.tokens:\n",
            ),
        ),
    ),
    Mutant(
        "report read once",
        "the same file a second time changes nothing",
        ("tests/store/test_constraints.py",),
        (
            Change(
                "bot/store/sql/migrations/0002_safety.sql",
                "  sha256 TEXT NOT NULL UNIQUE,\n",
                "  sha256 TEXT NOT NULL,\n",
            ),
            Change(
                "bot/store/sql/queries/reconciliation.sql",
                ":now, NULL)\nON CONFLICT (sha256) DO NOTHING;",
                ":now, NULL);",
            ),
        ),
    ),
)
