"""Mutants about PINs and locks: who is asked, how often somebody may guess, and what is kept of it."""

from tests.mutants.mutant import Change, Mutant

_PINS = "bot/services/pins.py"
_SQL = "bot/store/sql/queries/accounts.sql"
_DIALOGUES = ("tests/conversation/test_pin.py",)
_GUARDS = ("tests/conversation/test_guarding.py",)

ACCOUNTS = (
    Mutant(
        "pin: typed numbers are stored",
        "what may be a PIN is taken out of what was typed before that is stored",
        _DIALOGUES,
        (
            Change(
                "bot/messaging/inbox.py",
                'json.dumps({"text": vault.veiled(item.text)})',
                'json.dumps({"text": item.text})',
            ),
        ),
    ),
    Mutant(
        "pin: kept with its command",
        "a number beside the command's words is not kept with the talk that they begin",
        _DIALOGUES,
        (Change("bot/conversation/hushing.py", 'rest = "" if way[:1].isdecimal() else way', "pass"),),
    ),
    Mutant(
        "pin: stored among other words",
        "six digits among a few words are taken out before those are stored",
        _DIALOGUES,
        (Change("bot/messaging/vault.py", "    elif len(text) <= _SHORT:", "    elif len(text) < 0:"),),
    ),
    Mutant(
        "pin: half a line after a restart",
        "a line that lacks its number after a restart is not acted upon, unless it is an order",
        _DIALOGUES,
        (
            Change(
                "bot/messaging/vault.py",
                "    if any(mark not in _hidden for mark in marks) and not _ORDER.search(_plain(text)):",
                "    if not text:",
            ),
        ),
    ),
    Mutant(
        "pin: tries of a chat",
        "tries are counted by the PIN's holder, so that chats side by side have no more of them",
        _DIALOGUES,
        (Change(_PINS, 'return f"agent:{who.agent.id}"', 'return f"agent:{who.agent.id}:{who.conversation_id}"'),),
    ),
    Mutant(
        "pin: paused in words only",
        "while a PIN is paused no try is to be had",
        _DIALOGUES,
        (Change(_SQL, "AND locked_at IS NULL AND paused_until <= :now", "AND locked_at IS NULL AND :now > 0"),),
    ),
    Mutant(
        "pin: a new chat like any other",
        "a further chat is asked the PIN for any amount in its first day",
        _DIALOGUES,
        (
            Change(
                _PINS,
                "or people.new_since(tx, who.conversation_id, now) is not None:",
                "and people.new_since(tx, who.conversation_id, now) is None:",
            ),
        ),
    ),
    Mutant(
        "lock: forgotten at the press",
        "a locked account buys nothing, whatever card it was shown before",
        _GUARDS,
        (
            Change("bot/services/purchases.py", "if safety.is_locked(tx, agent.id) else None", "if False else None"),
            Change(_PINS, "    if who.agent is not None and safety.is_locked(tx, who.agent.id):\n", "    if False:\n"),
        ),
    ),
    Mutant(
        "meter: blocked by its number only",
        "a blocked meter is known by its IDPEL, too",
        _GUARDS,
        (
            Change(
                "bot/services/purchases.py",
                "safety.is_blocked(tx, offered.msn, offered.idpel)",
                "safety.is_blocked(tx, offered.msn)",
            ),
        ),
    ),
)
