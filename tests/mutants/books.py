"""Mutants about the books, the store below them and the messages above them."""

from tests.mutants.mutant import Change, Mutant

_FIRST = "bot/store/sql/migrations/0001_first.sql"
_CHANNELS = "bot/store/sql/migrations/0004_channels.sql"
_SAFETY = "bot/store/sql/migrations/0002_safety.sql"
_SQLITE = "bot/store/sqlite.py"
_SENDER = "bot/messaging/sender.py"
_LEDGER = "bot/services/ledger.py"
_CONSTRAINTS = "tests/store/test_constraints.py"
_STORE = "tests/store/test_sqlite.py"
_DISK = "tests/store/test_disk_faults.py"
_BUYING = "tests/e2e/test_buying.py"

BOOKS = (
    Mutant(
        "balance guard",
        "no agent's deposit falls below what is held: the database's own refusal",
        (_CONSTRAINTS,),
        (
            Change(
                _FIRST,
                "  guarded BIGINT NOT NULL,\n  CHECK (guarded = 0 OR posted - held >= 0)\n",
                "  guarded BIGINT NOT NULL\n",
            ),
        ),
    ),
    Mutant(
        "balance at the card",
        "a short deposit is said before anything is held",
        (f"{_BUYING}::test_a_short_deposit_is_said_before_any_question_about_money",),
        (
            Change(
                "bot/services/purchases.py",
                "if agent.id != COUNTER and usable < price:",
                "if usable < -price:",
            ),
        ),
    ),
    Mutant(
        "hold resolved once",
        "a hold is posted or voided once",
        (_CONSTRAINTS,),
        (
            Change(
                "bot/store/sql/queries/ledger.sql",
                "UPDATE hold SET state = :state WHERE purchase_id = :purchase_id AND state = 'open';",
                "UPDATE hold SET state = :state WHERE purchase_id = :purchase_id;",
            ),
            Change(
                "bot/store/sql/queries/ledger.sql",
                "SELECT amount FROM hold WHERE purchase_id = :purchase_id AND state = 'open';",
                "SELECT amount FROM hold WHERE purchase_id = :purchase_id;",
            ),
        ),
    ),
    Mutant(
        "transfer once a key",
        "a transfer is booked once, and its key never means something else",
        (_CONSTRAINTS,),
        (
            Change(_FIRST, "  idem_key TEXT NOT NULL UNIQUE,\n  debit", "  idem_key TEXT NOT NULL,\n  debit"),
            Change(
                "bot/store/sql/queries/ledger.sql",
                ":reason, :created_at)\nON CONFLICT (idem_key) DO NOTHING;",
                ":reason, :created_at);",
            ),
        ),
    ),
    Mutant(
        "transfer key's meaning",
        "the same key for another amount is a loud error",
        (_CONSTRAINTS,),
        (
            Change(
                _LEDGER,
                "        if booked != _Booked(transfer.debit, transfer.credit, transfer.amount):\n",
                "        if booked is None:\n",
            ),
        ),
    ),
    Mutant(
        "transfers are append-only",
        "nobody changes or deletes a transfer, not even with a database shell",
        (f"{_STORE}::test_transfers_can_neither_be_changed_nor_deleted",),
        (
            Change(
                _FIRST,
                "CREATE TRIGGER transfer_is_never_changed BEFORE UPDATE ON transfer\n"
                "BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;\n",
                "",
            ),
        ),
    ),
    Mutant(
        "transfers are never deleted",
        "a transfer that was a mistake is corrected by another, never removed",
        (f"{_STORE}::test_transfers_can_neither_be_changed_nor_deleted",),
        (
            Change(
                _FIRST,
                "CREATE TRIGGER transfer_is_never_deleted BEFORE DELETE ON transfer\n"
                "BEGIN SELECT RAISE(ABORT, 'transfers are append-only'); END;\n",
                "",
            ),
        ),
    ),
    Mutant(
        "decisions are append-only",
        "what a person decided stays as he decided it",
        (_CONSTRAINTS,),
        (
            Change(
                _SAFETY,
                "CREATE TRIGGER decision_is_never_changed BEFORE UPDATE ON decision\n"
                "BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;\n",
                "",
            ),
        ),
    ),
    Mutant(
        "token once",
        "the database itself refuses a credit token of another purchase",
        (_CONSTRAINTS,),
        (Change(_FIRST, "CREATE UNIQUE INDEX vended_token_credit", "CREATE INDEX vended_token_credit"),),
    ),
    Mutant(
        "synchronous",
        "a commit that was answered outlives a power cut",
        (f"{_STORE}::test_the_connection_keeps_every_commit_through_a_power_cut",),
        (Change(_SQLITE, '"synchronous": ("FULL", 2)', '"synchronous": ("NORMAL", 1)'),),
    ),
    Mutant(
        "durability is demanded",
        "a connection that cannot promise durability is refused",
        (_DISK,),
        (Change(_SQLITE, "        if found != demanded:\n", "        if found is None:\n"),),
    ),
    Mutant(
        "broken store",
        "after a failing disk nothing is written again",
        (_STORE,),
        (
            Change(_SQLITE, "        if self._broken is not None:\n            raise self._broken\n", ""),
            Change(_SQLITE, "                if self._broken is None:\n", "                if self._statements:\n"),
        ),
    ),
    Mutant(
        "journal brought over",
        "what a failed fsync left in the journal is made durable before new commits stand behind it",
        (_DISK,),
        (Change(_SQLITE, "                    await writer.run(_settle_journal)\n", ""),),
    ),
    Mutant(
        "nobody is answered from a failed commit",
        "what did not commit is an error for everybody in it",
        (f"{_STORE}::test_a_commit_that_fails_answers_nobody_in_it",),
        (
            Change(
                _SQLITE,
                "            unit.error = failure if is_fatal(failure) else unit.error or failure\n",
                "            unit.error = failure if is_fatal(failure) else unit.error\n",
            ),
        ),
    ),
    Mutant(
        "all or nothing",
        "a unit that fails leaves nothing",
        (f"{_STORE}::test_a_failing_unit_leaves_nothing_and_harms_no_other",),
        (Change(_SQLITE, '                connection.execute("ROLLBACK TO unit")\n', "                pass\n"),),
    ),
    Mutant(
        "message once a cause",
        "one job never queues a message twice",
        (_CONSTRAINTS,),
        (
            Change(_CHANNELS, "  cause TEXT NOT NULL UNIQUE,\n", "  cause TEXT NOT NULL,\n"),
            Change(
                "bot/store/sql/queries/messaging.sql",
                "(now_in.away = 0 OR :message_class <> 'notice')\nON CONFLICT (cause) DO NOTHING;",
                "(now_in.away = 0 OR :message_class <> 'notice');",
            ),
        ),
    ),
    Mutant(
        "resend heading",
        "a message that may be a second copy says so",
        ("tests/e2e/test_crashes.py::test_a_message_cut_off_in_sending_comes_again_headed_as_such",),
        (
            Change(
                _SENDER,
                "if outgoing.unknowns and outgoing.message_class",
                "if outgoing.unknowns > 99 and outgoing.message_class",
            ),
        ),
    ),
    Mutant(
        "unclear messages come again",
        "a token whose sending is unclear is sent again, never dropped",
        ("tests/e2e/test_crashes.py::test_a_message_cut_off_in_sending_comes_again_headed_as_such",),
        (
            Change(
                _SENDER,
                "        await self._store.write(_left_sending, self._channel.name, self._now() + wait)\n",
                "        await self._store.read(lambda _: None)\n",
            ),
        ),
    ),
    Mutant(
        "another admin fee",
        "a fee that differs from the quote is booked, so that the supplier's deposit stays true",
        (f"{_BUYING}::test_another_admin_fee_is_booked_and_the_agents_price_stays",),
        (
            Change(
                "bot/services/settlement.py",
                "sale_transfers(purchase, found.adm):",
                "sale_transfers(purchase, purchase.adm):",
            ),
        ),
    ),
)
