"""Mutants about the owner's days: the tally that they are summed up from, corrections, and the morning."""

from tests.mutants.mutant import Change, Mutant

_TALLY = "bot/store/sql/migrations/0013_days.sql"
_AUDIT = "bot/store/sql/queries/audit.sql"
_QUERIES = "bot/store/sql/queries/days.sql"
_MORNING = "bot/services/morning.py"
_TEST_TALLY = ("tests/conversation/test_tally.py",)
_TEST_DAYS = ("tests/conversation/test_days.py",)

DAYS = (
    Mutant(
        "tally forgets",
        "what a purchase counted for before is taken back when it changes",
        _TEST_TALLY,
        (Change(_TALLY, "failed = tally_agent.failed - o.failed", "failed = tally_agent.failed"),),
    ),
    Mutant(
        "tally of denominations",
        "a sale is counted for its denomination as well",
        _TEST_TALLY,
        (
            Change(
                _TALLY,
                "  SELECT slot, denomination, sold, sales FROM tally_of WHERE id = NEW.id\n"
                "  ON CONFLICT (slot, denomination) DO UPDATE SET sold = sold + excluded.sold, sales = sales + "
                "excluded.sales;\nEND;\n\nCREATE TRIGGER tally_begins",
                "  SELECT slot, denomination, 0, 0 FROM tally_of WHERE id = NEW.id\n"
                "  ON CONFLICT (slot, denomination) DO UPDATE SET sold = sold + excluded.sold, sales = sales + "
                "excluded.sales;\nEND;\n\nCREATE TRIGGER tally_begins",
            ),
        ),
    ),
    Mutant(
        "fee of the sale",
        "a sale is earned by the fee that the supplier took, not by the one that was quoted",
        _TEST_TALLY,
        (
            Change(
                _TALLY,
                "AFTER UPDATE OF state, sold_adm, kwh ON purchase\nWHEN NEW.state IN (",
                "AFTER UPDATE OF state, sold_adm, kwh ON purchase\nWHEN NEW.sold_adm IS NULL AND NEW.state IN (",
            ),
        ),
    ),
    Mutant(
        "tally of what came settled",
        "purchases that come in settled are tallied",
        _TEST_TALLY,
        (
            Change(
                _TALLY,
                "AFTER INSERT ON purchase WHEN NEW.state IN (",
                "AFTER INSERT ON purchase WHEN NEW.id < 0 AND NEW.state IN (",
            ),
        ),
    ),
    Mutant(
        "tally is verified",
        "the audit holds the tally against its purchases",
        _TEST_TALLY,
        (Change(_AUDIT, "HAVING SUM(sold) <> 0 OR SUM(failed) <> 0 OR", "HAVING SUM(failed) <> 0 OR"),),
    ),
    Mutant(
        "told before it is summed up",
        "a morning tells what settled up to then, once",
        _TEST_DAYS,
        (Change(_QUERIES, "AND settled_at > :since AND settled_at <= :until", "AND settled_at <= :until"),),
    ),
    Mutant(
        "corrections are of other days",
        "what settled late within its own day is no correction of it",
        _TEST_DAYS,
        (Change(_QUERIES, "  AND confirmed_at < :before AND state IN", "  AND state IN"),),
    ),
    Mutant(
        "morning once",
        "a day is told once",
        _TEST_DAYS,
        (Change(_MORNING, "day=local(yesterday, shop.zone).date().isoformat()", 'day=""'),),
    ),
    Mutant(
        "morning arrives",
        "the morning outlives an outage",
        _TEST_DAYS,
        (Change(_MORNING, "message_class=Class.CRITICAL", "message_class=Class.NOTICE"),),
    ),
    Mutant(
        "newest morning",
        "whoever was away reads the newest morning, not all of them",
        _TEST_DAYS,
        (Change(_MORNING, '    if tx.run("days_outdated"):', "    if day.year < 0:"),),
    ),
)
