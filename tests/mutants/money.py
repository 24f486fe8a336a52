"""Mutants about what owners book by hand: twice, too much, unseen, or by one person alone."""

from tests.mutants.mutant import Change, Mutant

_APPROVALS = "bot/services/approvals.py"
_BOOKING = "bot/conversation/owner/booking.py"
_CREDITING = "bot/services/crediting.py"
_CORRECTING = "bot/conversation/owner/correcting.py"
_TICKETS = "bot/conversation/tickets.py"
_TEST_APPROVALS = ("tests/conversation/test_approvals.py",)
_TEST_BOOKING = ("tests/conversation/test_booking.py",)
_TEST_CORRECTING = ("tests/conversation/test_correcting.py",)

MONEY = (
    Mutant(
        "approvals: one's own word",
        "nobody approves what he proposed himself, from whichever of his chats",
        _TEST_APPROVALS,
        (
            Change(
                _APPROVALS,
                "    if by == _proposer(found, shop):\n        return Message(",
                "    if by.key == '':\n        return Message(",
            ),
        ),
    ),
    Mutant(
        "approvals: decided twice",
        "a proposal that was decided is done no second time",
        _TEST_APPROVALS,
        (Change(_APPROVALS, "    if found.state is not State.WAITING:\n", "    if found.state is State.REFUSED:\n"),),
    ),
    Mutant(
        "approvals: never old",
        "a proposal is approved within its day or not at all",
        _TEST_APPROVALS,
        (
            Change(_APPROVALS, "if found.state is State.WAITING and found.expires_at <= now:", "if found.id < 0:"),
            Change("bot/services/watch.py", " + approvals.look(tx, shop, now)", ""),
        ),
    ),
    Mutant(
        "approvals: by somebody who left",
        "what was proposed by an owner who is none any more is not done",
        _TEST_APPROVALS,
        (Change(_APPROVALS, "    if _proposer(found, shop) is None:\n", "    if not found:\n"),),
    ),
    Mutant(
        "approvals: alone",
        "a setting that one owner alone can never fulfil stops the start",
        ("tests/test_settings.py",),
        (Change("bot/settings.py", '.get("owners", ""))) < 2:', '.get("owners", ""))) < 0:'),),
    ),
    Mutant(
        "corrections: no second look",
        "a correction is held against the balance and the limit once more when it is approved",
        _TEST_CORRECTING,
        (
            Change(
                _CORRECTING,
                "    if (why_not := obstacle(turn, agent, amount)) is not None:\n",
                "    if (why_not := None) is not None:\n",
            ),
        ),
    ),
    Mutant(
        "corrections: without the other owner",
        "from the sum on that was set, a correction waits for another person",
        _TEST_CORRECTING,
        (
            Change(
                _CORRECTING,
                "            if adjustments.needs_approval(turn.tx, turn.shop, self.amount, turn.now):\n",
                "            if approvals.is_needed(turn.shop, 0):\n",
            ),
        ),
    ),
    Mutant(
        "repayments: more than is owed",
        "nobody pays back more than he owes",
        _TEST_BOOKING,
        (
            Change(
                _CREDITING, "    if amount > (left := owed(tx, agent)):\n", "    if 0 > (left := owed(tx, agent)):\n"
            ),
        ),
    ),
    Mutant(
        "bookings: the same money by two owners",
        "what another owner booked since the question was asked is said before it is booked again",
        _TEST_BOOKING,
        (Change(_BOOKING, "turn.shop, turn.now)) > self.reviewed.seen:", "turn.shop, turn.now)) > 10**9:"),),
    ),
    Mutant(
        "bookings: a ticket's money by hand",
        "cash that may be a ticket's own transfer is not booked unseen",
        _TEST_BOOKING,
        (
            Change(
                _CREDITING,
                "    if kind is not Kind.CASH:\n        return None\n",
                "    if kind:\n        return None\n",
            ),
        ),
    ),
    Mutant(
        "tickets: booked by hand before",
        "a ticket whose money was booked by hand is not credited unseen",
        _TEST_BOOKING,
        (Change(_TICKETS, " or tickets.by_hand(turn.tx, found, turn.now) is not None", ""),),
    ),
    Mutant(
        "tickets: a large one at one tap",
        "a large ticket is asked about once more",
        _TEST_BOOKING,
        (Change(_TICKETS, "is_much = 0 < turn.shop.approve_confirm_from <= found.amount", "is_much = False"),),
    ),
    Mutant(
        "bookings: without the PIN",
        "an owner who has set a PIN is asked for it before a large sum",
        _TEST_BOOKING,
        (
            Change(
                "bot/conversation/flows/credit.py",
                '        if not await authorised(amount, "pin.book"):\n            return None\n',
                "",
            ),
        ),
    ),
)
