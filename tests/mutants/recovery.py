"""Mutants about a customer's lost token: who gets it, who is locked out, and what a stranger can tell."""

from tests.mutants.mutant import Change, Mutant

_RECOVERY = "bot/services/recovery.py"
_RECEIPTS = "bot/services/receipts.py"
_REQUESTS = "bot/services/requests.py"
_ADDRESSES = "bot/services/addresses.py"
_SQL = "bot/store/sql/queries/recovery.sql"
_GUESSES = ("tests/conversation/test_guesses.py",)
_DIALOGUES = ("tests/conversation/test_recovery.py",)

RECOVERY = (
    Mutant(
        "recovery: early exit",
        "a number that the shop does not know is looked for by the same statements as one that it knows",
        _GUESSES,
        (
            Change(
                _RECOVERY,
                "    purchase = _proved(tx, number, proof, who, shop, now)\n",
                "    known = newest(tx, number, shop, now) if number else None\n"
                "    purchase = _proved(tx, number, proof, who, shop, now) if known or not number else None\n",
            ),
        ),
    ),
    Mutant(
        "recovery: tries of a meter",
        "tries by NO REF are counted over all chats, too",
        _DIALOGUES,
        (Change(_SQL, "WHERE number = :number AND tried_at > :since", "WHERE number = '' AND tried_at > :since"),),
    ),
    Mutant(
        "recovery: only known numbers are counted",
        "tries are counted for a number whether the shop knows it or not",
        _GUESSES,
        (
            Change(
                _RECOVERY,
                '        tx.run("proof_try_add", conversation_id=who.conversation_id, number=number, now=now)\n',
                "        if newest(tx, number, shop, now):\n"
                '            tx.run("proof_try_add", conversation_id=who.conversation_id, number=number, now=now)\n',
            ),
        ),
    ),
    Mutant(
        "recovery: locked tries count",
        "whoever goes on trying while he is locked out keeps nobody out for longer",
        _DIALOGUES,
        (
            Change(
                _RECOVERY,
                "        if opens_at is not None:\n            return",
                "        if opens_at is not None:\n"
                '            tx.run("proof_try_add", conversation_id=who.conversation_id, number=number, now=now)\n'
                "            return",
            ),
        ),
    ),
    Mutant(
        "recovery: amount",
        "the end of NO REF proves nothing without an amount that stands on the receipt",
        _DIALOGUES,
        (Change(_SQL, "AND (:rupiah IN\n", "AND (-1 NOT IN\n"),),
    ),
    Mutant(
        "recovery: sure numbers",
        "a number that moved is no proof for its new holder",
        _DIALOGUES,
        (Change(_SQL, "kind = 'number' AND state = 'sure'", "kind = 'number' AND state <> 'gone'"),),
    ),
    Mutant(
        "recovery: names masked",
        "a customer reads no full name",
        _DIALOGUES,
        (Change(_RECOVERY, '"name": sales.masked_name(purchase.name)}', '"name": purchase.name}'),),
    ),
    Mutant(
        "recovery: receipt masked",
        "a customer's reprint shows no full name",
        _DIALOGUES,
        (Change(_RECEIPTS, "name=sales.masked_name(purchase.name)", "name=purchase.name"),),
    ),
    Mutant(
        "recovery: ninety days",
        "a proof brings no older sale",
        _DIALOGUES,
        (Change(_RECOVERY, "    since = now - shop.claim_days * DAY\n    match", "    since = 0\n    match"),),
    ),
    Mutant(
        "recovery: shown to this chat",
        "a sale's number opens a receipt only to the chat that proved the sale",
        _DIALOGUES,
        (
            Change(
                _SQL,
                "WHERE k.conversation_id = :conversation_id AND k.purchase_id = :purchase_id AND k.shown_at",
                "WHERE :conversation_id > 0 AND k.purchase_id = :purchase_id AND k.shown_at",
            ),
        ),
    ),
    Mutant(
        "recovery: a remembered proof prolongs itself",
        "what is remembered ends, however often it is used",
        _DIALOGUES,
        (Change(_RECOVERY, "proved_at=0 if way in _RESTING else now", "proved_at=now"),),
    ),
    Mutant(
        "recovery: remembered by one chat",
        "a meter that one chat proved is as unknown to any other",
        _DIALOGUES,
        (
            Change(
                _SQL,
                "WHERE k.conversation_id = :conversation_id AND k.known_until > :now",
                "WHERE :conversation_id > 0 AND k.known_until > :now",
            ),
        ),
    ),
    Mutant(
        "recovery: number changed",
        "what a chat had proved, asked and waited for ends when its number changes hands",
        _DIALOGUES,
        (
            Change(
                _ADDRESSES,
                'for proof in ("proved_meter_drop", "sale_watch_drop", "token_request_drop")',
                "for proof in ()",
            ),
        ),
    ),
    Mutant(
        "recovery: whose request",
        "only whoever speaks for the account that sold says that the customer is his",
        _DIALOGUES,
        (Change(_REQUESTS, "who.agent is None or who.agent.id != purchase.agent_id", "who.agent is None"),),
    ),
    Mutant(
        "recovery: decided once",
        "the seller's first word counts, and sends once",
        _DIALOGUES,
        (Change(_SQL, "WHERE id = :id AND state = 'asked' AND asked_at", "WHERE id = :id AND asked_at"),),
    ),
    Mutant(
        "recovery: silenced",
        "a chat that a seller refused does not ask him again for a week",
        _DIALOGUES,
        (Change(_REQUESTS, "return bool(silenced) or of_meter", "return of_meter"),),
    ),
    Mutant(
        "recovery: drowned",
        "a seller gets few requests a day for one meter, from however many chats",
        _DIALOGUES,
        (Change(_REQUESTS, " or of_meter >= shop.most_requests_a_meter", ""),),
    ),
    Mutant(
        "recovery: fetched",
        "who fetched a token, and by which proof, stands in its sale's history",
        _DIALOGUES,
        (Change(_RECOVERY, "    noted(tx, purchase, way, who, now)\n", ""),),
    ),
)
