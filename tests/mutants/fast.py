"""Mutants about selling again and selling several at once: whose names, whose meter, and how many may be in doubt."""

from tests.mutants.mutant import Change, Mutant

_BATCHES = "bot/services/batches.py"
_FAVOURITES = "bot/services/favourites.py"
_BATCH = ("tests/conversation/test_batch.py",)
_TROUBLE = ("tests/conversation/test_batch_trouble.py",)

FAST = (
    Mutant(
        "batch: one after another",
        "a line is sent once those before it are answered, or unclear",
        _BATCH,
        (Change(_BATCHES, "return not waiting and unclear < shop.most_open", "return unclear < shop.most_open"),),
    ),
    Mutant(
        "batch: three unclear",
        "three lines without a clear answer keep the rest back",
        _BATCH,
        (Change(_BATCHES, "return not waiting and unclear < shop.most_open", "return not waiting"),),
    ),
    Mutant(
        "batch: the sum",
        "a batch whose sum cannot be paid is paid in no part",
        _BATCH,
        (
            Change(
                _BATCHES,
                "    if refusal := _obstacle(tx, person, agent, basket, shop, now):\n        return refusal\n",
                "",
            ),
        ),
    ),
    Mutant(
        "batch: the price",
        "a price that changed since the card is asked about anew, for all lines",
        _BATCH,
        (
            Change(
                _BATCHES,
                "    if markups != [one.markup for one in basket.quotes]:",
                "    if not markups:",
            ),
        ),
    ),
    Mutant(
        "batch: one check for all amounts",
        "each amount of a meter has a check of its own, whose reference pays once",
        _TROUBLE,
        (
            Change(
                "bot/conversation/batching.py",
                'return f"{one.number} {one.denomination or 0}"',
                'return f"{one.number} 0"',
            ),
        ),
    ),
    Mutant(
        "batch: sent for a locked account",
        "what waits of a batch is not sent once its account is locked or frozen",
        _TROUBLE,
        (
            Change(
                "bot/services/purchasing.py",
                "    if purchases.stopped(tx, people.agent(tx, purchase.agent_id)):",
                "    if now < 0:",
            ),
        ),
    ),
    Mutant(
        "batch: silent after its end",
        "a line that is settled after the end was told says how",
        _TROUBLE,
        (
            Change(
                "bot/store/sql/queries/batches.sql",
                "WHERE l.purchase_id = :purchase_id AND b.told = 0;",
                "WHERE l.purchase_id = :purchase_id;",
            ),
        ),
    ),
    Mutant(
        "favourites: whose",
        "one account's short names are no one else's",
        ("tests/conversation/test_favourites.py",),
        (
            Change(
                "bot/store/sql/queries/favourites.sql",
                "FROM favourite WHERE agent_id = :agent_id AND alias = :alias;\n\n-- name: favourite_of_agent",
                "FROM favourite WHERE :agent_id = :agent_id AND alias = :alias;\n\n-- name: favourite_of_agent",
            ),
        ),
    ),
    Mutant(
        "look-alikes",
        "a meter that looks like a favourite's or regular's is asked about",
        ("tests/conversation/test_added_lines.py",),
        (Change(_FAVOURITES, "    if is_regular(tx, agent_id, msn, shop):\n", "    if msn:\n"),),
    ),
)
