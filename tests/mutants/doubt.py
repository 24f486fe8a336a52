"""Mutants about open cases that an owner settles in his chat, and late tokens that an agent takes."""

from tests.mutants.mutant import Change, Mutant

_DIALOGUES = "tests/conversation/test_doubt.py"
_SETTLING = "bot/conversation/owner/settling.py"
_LATE = "bot/services/late.py"

DOUBT = (
    Mutant(
        "cases: settled meanwhile",
        "a case that ended in the middle of the talk is not settled again",
        (f"{_DIALOGUES}::test_whoever_comes_second_sees_who_settled_it_and_nothing_is_done_twice",),
        (
            Change(
                _SETTLING,
                "    if (said := doubt.hindered(turn, case, way)) is not None:\n        raise NotDone(said)\n",
                "",
            ),
        ),
    ),
    Mutant(
        "cases: gate before the reason",
        "an answer that does not fit is refused before anything is written",
        (f"{_DIALOGUES}::test_an_answer_about_something_else_is_refused_exactly_and_asked_again",),
        (
            Change(
                _SETTLING,
                "            by_hand.need_fit(turn.tx, found, given.of(found), turn.shop, turn.now)\n",
                "            given.of(found)\n",
            ),
        ),
    ),
    Mutant(
        "cases: a stray four",
        "digits in fours that are no whole tokens are read as none",
        (f"{_DIALOGUES}::test_an_answer_about_something_else_is_refused_exactly_and_asked_again",),
        (
            Change(
                "bot/conversation/owner/stated.py",
                r'_FOURS = re.compile(r"(?<!\d)\d{4}(?:[ -]?\d{4})*(?!\d)")',
                r'_FOURS = re.compile(r"(?<!\d)\d{4}(?:[ -]?\d{4}){4}(?!\d)")',
            ),
        ),
    ),
    Mutant(
        "cases: an owner no more",
        "who is an owner no more in the middle of the talk settles nothing: no talk goes on, and none ends in it",
        (f"{_DIALOGUES}::test_who_is_an_owner_no_more_in_the_middle_of_the_talk_settles_nothing",),
        (
            Change("bot/conversation/running.py", 'if session.role not in ("", self._person.role):', "if False:"),
            Change("bot/conversation/command.py", "    if turn.person.role is not Role.OWNER:\n", "    if False:\n"),
        ),
    ),
    Mutant(
        "late: taken by an offer that is open",
        "an agent takes only what is offered to him now",
        (f"{_DIALOGUES}::test_an_offer_that_the_owner_takes_back_cannot_be_taken_any_more",),
        (
            Change(
                "bot/services/by_hand.py",
                '    if is_decided(tx, purchase):\n        raise DecisionError(f"{purchase.sale} was decided',
                '    if purchase.id < 0:\n        raise DecisionError(f"{purchase.sale} was decided',
            ),
            Change(_LATE, "    if not is_open(tx, purchase) or who.agent", "    if who.agent"),
            Change(
                _LATE,
                '    is_asked = found is not None and found.state == "open"\n',
                "    is_asked = found is not None\n",
            ),
            Change(_LATE, " and not by_hand.is_decided(tx, purchase)\n\n\ndef offer", "\n\n\ndef offer"),
        ),
    ),
)
