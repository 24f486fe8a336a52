"""Errors planted on purpose in what only WhatsApp leaves behind, each in a record in which nothing went wrong."""

import dataclasses
from dataclasses import replace

from tests.campaign import plants as shared
from tests.campaign.checker import Found, Violation, unanswered
from tests.campaign.evidence import Evidence, Line
from tests.campaign.plants import Plant, Planted, named
from tests.whatsapp.campaign.checker import check
from tests.whatsapp.campaign.evidence import End, Try, WhatsAppEvidence

_ME = "628120001001"
_OTHER_CHAT = 2001  # on Telegram, of the same agent; the one after it is another's
_ROW = "7.0"
_DAY = 86_400.0


def clean() -> WhatsAppEvidence:
    """The one purchase of every platform's record, in a chat in which each message has a name of its own."""
    made = shared.clean()
    lines = [replace(one, chat=_ME, row="" if one.mine else f"{one.id + 4}.0") for one in made.lines]
    fields = {one.name: getattr(made, one.name) for one in dataclasses.fields(made)}
    told = {
        "lines": lines,
        "deeds": [replace(one, chat=_ME) for one in made.deeds],
        "intents": [replace(one, chat=_ME, orders=list(one.orders)) for one in made.intents],
        "taps": [],
        "tried": {one.key: one.at - 0.1 for one in lines if not one.mine},
        "accounts": {_ME: "1001", _OTHER_CHAT: "1001", _OTHER_CHAT + 1: "1002"},
        "tries": [Try(_ME, one.row, one.at - 0.01, End.TAKEN) for one in lines if not one.mine],
        "stored": frozenset({"wamid.1"}),
        "forged": ["wamid.forged"],
        "turned_away": 1,
        "counted": 1,
    }
    return WhatsAppEvidence(**fields | told)


def _looked_at(evidence: Evidence) -> list[Found]:
    assert isinstance(evidence, WhatsAppEvidence)
    return [*check(evidence), *unanswered(evidence)]


def _copied(heading: str, end: End, *, is_settled: bool = False) -> Plant:
    """The token once more, after a first call that ended so."""

    def plant(evidence: Evidence) -> Evidence:
        assert isinstance(evidence, WhatsAppEvidence)
        token = next(one for one in evidence.lines if one.row == _ROW)
        again = replace(token, id=100, text=heading + token.text, moments=(9.0,))
        first = next(one for one in evidence.tries if one.row == _ROW)
        settled = first.at + 1 if is_settled else None
        tries = [replace(one, end=end, settled_at=settled) if one is first else one for one in evidence.tries]
        return replace(evidence, lines=[*evidence.lines, again], tries=[*tries, replace(first, at=8.99)])

    return plant


def _late(evidence: Evidence) -> Evidence:
    """The last answer comes a day after the question."""
    last = evidence.lines[-1]
    return replace(evidence, lines=[*evidence.lines[:-1], replace(last, moments=(last.at + _DAY,))])


def _tried_late(evidence: Evidence) -> Evidence:
    assert isinstance(evidence, WhatsAppEvidence)
    return replace(evidence, tries=[*evidence.tries, Try(_ME, "90.0", 8.0 + _DAY, End.FAILED, 131047)])


def _told_twice(evidence: Evidence) -> Evidence:
    last: Line = evidence.lines[-1]
    return replace(evidence, lines=[*evidence.lines, replace(last, id=100, row="91.0", nonce="12345678")])


def _changed(**fields: object) -> Plant:
    return lambda evidence: replace(evidence, **fields)  # type: ignore[arg-type]


def _in_other_chat(chat: int) -> Plant:
    """The token on another phone, too, where it answers nothing."""

    def plant(evidence: Evidence) -> Evidence:
        token = next(one for one in evidence.lines if one.row == _ROW)
        return replace(evidence, lines=[*evidence.lines, replace(token, chat=chat, id=100, row="", reply_to=None)])

    return plant


_HEAD = "KIRIM ULANG · T10001\n"
HARMLESS: tuple[tuple[str, Plant], ...] = (
    ("nothing, on WhatsApp", lambda one: one),
    ("nothing but a headed repeat of what was left open", _copied(_HEAD, End.OPEN)),
    ("nothing but the token in its agent's other chat", _in_other_chat(_OTHER_CHAT)),
)
OWN: tuple[tuple[str, Violation, Plant], ...] = (
    ("the token in another agent's chat", Violation.ELSEWHERE, _in_other_chat(_OTHER_CHAT + 1)),
    ("a token sent again in another call without its heading", Violation.UNHEADED, _copied("", End.OPEN)),
    ("a headed repeat of what was taken", Violation.UNFOUNDED, _copied(_HEAD, End.TAKEN)),
    ("a repeat of what went out by its status", Violation.UNFOUNDED, _copied(_HEAD, End.OPEN, is_settled=True)),
    ("a free message a day after the last word", Violation.OUTSIDE, _late),
    ("a free message after the window was closed", Violation.OUTSIDE, _changed(closings=[(_ME, 7.5)])),
    ("a free message tried when the window had been closed for hours", Violation.OUTSIDE, _tried_late),
    ("a forged delivery that was answered 200", Violation.FORGED, _changed(admitted=1)),
    ("a forged delivery in the inbox", Violation.FORGED, _changed(forged=["wamid.1"])),
    ("a forged delivery that nobody counted", Violation.FORGED, _changed(counted=0)),
    ("one question answered twice", Violation.TWICE, _told_twice),
)  # fmt: skip


def planted() -> list[Planted]:
    """Every platform's plants, and those of this one alone."""
    return [*shared.planted(), *named(HARMLESS, OWN, _looked_at, clean)]
