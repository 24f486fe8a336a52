"""Mutants about receipts: what a seller may charge on them, which print is the first, and what one proves."""

from tests.mutants.mutant import Change, Mutant

_OUTLET = "bot/conversation/outlet.py"
_RECEIPTS = "bot/services/receipts.py"
_PICTURE = "bot/documents/picture.py"
_DIALOGUES = ("tests/conversation/test_receipts.py",)

RECEIPTS = (
    Mutant(
        "receipt: cap",
        "nobody prints a fee above the owner's cap",
        _DIALOGUES,
        (Change(_OUTLET, "    if fee > shop.fee_cap:\n", "    if fee > 100 * shop.fee_cap:\n"),),
    ),
    Mutant(
        "receipt: below the total",
        "nobody prints a selling price below what was paid",
        _DIALOGUES,
        (Change(_OUTLET, "    if fee < 0:\n", "    if fee < -10_000_000:\n"),),
    ),
    Mutant(
        "receipt: cashiers",
        "a cashier sets no fee at print time",
        _DIALOGUES,
        (Change(_OUTLET, "    if who.role is Role.CASHIER:\n", "    if who.role is Role.CUSTOMER:\n"),),
    ),
    Mutant(
        "receipt: a customer's first",
        "a customer's reprint is never the first print",
        _DIALOGUES,
        (Change(_RECEIPTS, 'copy, "CU", fee_of', 'copy, "CA", fee_of'),),
    ),
    Mutant(
        "receipt: another's total",
        "a grand total proves only the sale that it was printed for",
        _DIALOGUES,
        (Change("bot/store/sql/queries/recovery.sql", "r.purchase_id = purchase.id AND", "r.purchase_id > 0 AND"),),
    ),
    Mutant(
        "receipt: a lowered cap",
        "a cap that the owner lowers holds for fees that were set before",
        _DIALOGUES,
        (Change("bot/services/people.py", '"agent_fee_capped", cap=shop.fee_cap', '"agent_fee_capped", cap=10**9'),),
    ),
    Mutant(
        "receipt: quiet zone",
        "a code has room around it, so that phones read it",
        ("tests/documents/test_receipt.py",),
        (Change(_PICTURE, "_QUIET = 4", "_QUIET = 0"),),
    ),
)
