"""Mutants about top-up tickets: what is credited, how often, and who may be taken for whom."""

from tests.mutants.mutant import Change, Mutant

_TICKETS = "bot/services/tickets.py"
_SQL = "bot/store/sql/queries/tickets.sql"
_LOW = "bot/services/low_balance.py"
_STATEMENT = "bot/services/statement.py"
_DIALOGUES = ("tests/conversation/test_tickets.py",)

TICKETS = (
    Mutant(
        "tickets: decided twice",
        "a ticket that somebody has decided is decided no more",
        _DIALOGUES,
        (
            Change(
                _TICKETS,
                "    if not 0 < came <= _MOST_CREDITED or ticket.state not in UNDECIDED:\n        return False\n",
                "    if not 0 < came <= _MOST_CREDITED:\n        return False\n",
            ),
        ),
    ),
    Mutant(
        "tickets: called off",
        "what its agent called off is credited only once he brings it back",
        _DIALOGUES,
        (
            Change(
                _TICKETS,
                "UNDECIDED = (State.OPEN, State.WAITING, State.EXPIRED)",
                "UNDECIDED = (State.OPEN, State.WAITING, State.EXPIRED, State.CANCELLED)",
            ),
        ),
    ),
    Mutant(
        "tickets: tails do not rest",
        "the digits of a ticket are nobody else's for a day after it",
        _DIALOGUES,
        (Change(_SQL, "WHERE moved_at > :since;", "WHERE moved_at > :since AND state = 'waiting';"),),
    ),
    Mutant(
        "tickets: foreign",
        "an agent says nothing about another agent's ticket",
        _DIALOGUES,
        (
            Change(
                "bot/conversation/tickets.py",
                "if found is None or found.agent_id != agent.id:",
                "if found is None:",
            ),
        ),
    ),
    Mutant(
        "tickets: read-only",
        "no ticket is credited while the books are wrong",
        _DIALOGUES,
        (Change(_TICKETS, "    standing.need_writable(tx)\n", ""),),
    ),
    Mutant(
        "tickets: word of a credit",
        "the word of a credit waits for a chat that is away",
        _DIALOGUES,
        (
            Change(
                _TICKETS,
                'kind = Class.CRITICAL if what == "decided" else Class.NOTICE',
                "kind = Class.NOTICE",
            ),
        ),
    ),
    Mutant(
        "tickets: reminded again",
        "an agent is reminded of a ticket once",
        _DIALOGUES,
        (
            Change(
                _TICKETS,
                'cause=f"{_cause(ticket, what)}:{chat}"',
                'cause=f"{_cause(ticket, what)}:{chat}:{now}"',
            ),
            Change(_SQL, "AND state = 'open' AND reminded = 0;", "AND state = 'open';"),
        ),
    ),
    Mutant(
        "low balance: cashiers",
        "a cashier hears nothing of the balance",
        ("tests/services/test_low_balance.py",),
        (
            Change(
                "bot/services/people.py",
                "own = [one for one in chats(tx, agent_id) if one.role is Role.AGENT]",
                "own = chats(tx, agent_id)",
            ),
        ),
    ),
    Mutant(
        "low balance: on hold",
        "what is on hold is not counted as something to sell with",
        ("tests/services/test_low_balance.py",),
        (
            Change(
                _LOW,
                "usable = ledger.agent_account(tx, agent.id).available",
                "usable = ledger.agent_account(tx, agent.id).posted",
            ),
        ),
    ),
    Mutant(
        "statement: days",
        "an entry belongs to one day of a statement",
        ("tests/services/test_statement.py",),
        (
            Change(
                _STATEMENT,
                "closing=posted - _since(tx, account_id, end)",
                "closing=posted - _since(tx, account_id, end - 1)",
            ),
        ),
    ),
)
