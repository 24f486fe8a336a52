"""Mutants about what comes after a sale: who finds it, who hears of a complaint, what a forgotten customer leaves."""

from tests.mutants.mutant import Change, Mutant

_LOOKUP = "bot/services/lookup.py"
_HISTORY = ("tests/conversation/test_history.py", "tests/conversation/test_staff.py")

AFTERSALE = (
    Mutant(
        "aftersale: another's sale",
        "a sale of another account is as unknown as none, also by its number",
        _HISTORY,
        (Change(_LOOKUP, "if found is None or found.agent_id != whose.agent_id:", "if found is None:"),),
    ),
    Mutant(
        "aftersale: a cashier's own",
        "a cashier finds what his own chat sold, and nothing else",
        _HISTORY,
        (Change(_LOOKUP, "return found if whose.chat in (0, found.conversation_id) else None", "return found"),),
    ),
    Mutant(
        "aftersale: unheard",
        "a complaint reaches the owners",
        ("tests/conversation/test_after_sale.py",),
        (Change("bot/services/notes.py", "and who.role is not Role.OWNER:", "and who.role is Role.OWNER:"),),
    ),
    Mutant(
        "aftersale: many notes",
        "nobody buries a sale, or its owner, under notes",
        ("tests/conversation/test_after_sale.py",),
        (Change("bot/services/notes.py", "if count >= MOST_A_DAY:", "if count >= 10**9:"),),
    ),
    Mutant(
        "aftersale: order",
        "several tokens are keyed in their order",
        ("tests/conversation/test_after_sale.py", "tests/telegram/test_dialogues.py"),
        (Change("bot/services/refused.py", "sold is None or len(sold.tokens) < 2", "True"),),
    ),
    Mutant(
        "privacy: phone in a link",
        "an erased customer's phone goes out of the links that his sellers were offered, too",
        ("tests/whatsapp/test_dialogues_of_recovery.py",),
        (Change("bot/services/erasure.py", '            tx.run("erasure_drafts", phone=phone)\n', ""),),
    ),
    Mutant(
        "privacy: phone of the sale",
        "an erased customer's phone proves no sale any more",
        ("tests/conversation/test_privacy.py", "tests/whatsapp/test_dialogues_of_recovery.py"),
        (Change("bot/services/erasure.py", '        tx.run("erasure_own_phone", chat=chat.id)\n', ""),),
    ),
    Mutant(
        "privacy: remembered meter",
        "whoever is forgotten has proved nothing any more",
        ("tests/conversation/test_privacy.py",),
        (Change("bot/services/erasure.py", '        tx.run("proved_meter_drop", conversation_id=chat.id)\n', ""),),
    ),
)
