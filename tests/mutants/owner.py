"""Mutants about what an owner decides, and about sales that nobody owns."""

from tests.mutants.mutant import Change, Mutant

_BY_HAND = "bot/services/by_hand.py"
_SETTLEMENT = "bot/services/settlement.py"
_TEST_BY_HAND = "tests/services/test_by_hand.py"

OWNER = (
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
        (Change(_SETTLEMENT, "strays.is_known(tx, sale) or purchases.", "purchases."),),
    ),
    Mutant(
        "second sale is kept",
        "a second token for one purchase is known, and its cost stands in suspense until the owner decides",
        (_TEST_BY_HAND,),
        (
            Change(
                _SETTLEMENT,
                "        if tokens_of(tx, purchase.id)[-1:] != tokens[-1:] and strays.found(",
                "        if tokens_of(tx, purchase.id)[:0] != tokens[:0] and strays.found(",
            ),
        ),
    ),
    Mutant(
        "agent's own money only",
        "an agent who has not enough left is not made to pay for a late sale",
        (f"{_TEST_BY_HAND}::test_an_agent_who_has_not_enough_left_cannot_be_made_to_pay",),
        (Change(_BY_HAND, "        if usable < purchase.price:\n", "        if usable < -purchase.price:\n"),),
    ),
    Mutant(
        "top-up once a reference",
        "nothing is credited twice",
        ("tests/services/test_top_up.py",),
        (
            Change(
                "bot/services/people.py",
                '    if tx.one(int, "transfer_has_key", idem_key=transfer.key):\n',
                '    if tx.one(int, "transfer_has_key", idem_key="no such key"):\n',
            ),
        ),
    ),
    Mutant(
        "same top-up warns",
        "the same amount for the same agent within a day is asked about",
        ("tests/services/test_top_up.py",),
        (Change("bot/services/people.py", "    if recent and not again:\n", "    if recent < 0 and not again:\n"),),
    ),
    Mutant(
        "corrections have a limit",
        "what is corrected by hand in a day is limited",
        ("tests/services/test_adjustments.py",),
        (
            Change(
                "bot/services/adjustments.py",
                "    if today + abs(amount) > shop.adjust_limit:\n",
                "    if today < 0:\n",
            ),
        ),
    ),
)
