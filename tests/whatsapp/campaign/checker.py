"""The checker's part that only WhatsApp has: copies, windows, forged deliveries.

The platform tells every message by its own name, so that a copy can be held against the calls for it.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator

from tests.campaign import checker
from tests.campaign.checker import Found, Violation
from tests.campaign.evidence import Chat, Line, bare, sale_of
from tests.whatsapp.campaign.evidence import End, Try, WhatsAppEvidence

_UNDER_WAY = 2.5  # real seconds for which a call may have been under way when everything was cut off
_NOTED = 0.3  # real seconds within which a status that was taken keeps its message from being sent again
_LATE = 0.3  # real seconds that a call may take to reach the platform; whoever made it may be gone by then
_WINDOW_CLOSED = 131047
_SALDO = re.compile(r"(?:Saldo|Balance) Rp")


def check(evidence: WhatsAppEvidence) -> list[Found]:
    """Every violation: what any platform's evidence shows, and what this one's does."""
    found = checker.check(evidence)
    for part in (_founded, _again, _windows, _forged, _once):
        found += part(evidence)
    return found


def _shown(evidence: WhatsAppEvidence) -> dict[str, list[Line]]:
    """The copies of each message on its phone, in their order."""
    shown: dict[str, list[Line]] = defaultdict(list)
    for line in sorted(evidence.lines, key=lambda one: one.id):
        if line.row and not line.mine:
            shown[line.row].append(line)
    return shown


def _founded(evidence: WhatsAppEvidence) -> Iterator[Found]:
    """A repeat is headed, and only where a call was left open or the message was said in another chat meanwhile."""
    rows, asked = evidence.by_row, _asked_for(evidence)
    for row, lines in _shown(evidence).items():
        kills = sum(lines[0].at - _UNDER_WAY <= at <= lines[-1].at for at in evidence.kills)
        if not lines[0].is_result and len(lines) > max(2, 1 + kills):
            yield Found(Violation.COPIES, f"{lines[0].chat}: {row} {lines[0].text[:40]!r} {len(lines)} times")
        for number, line in enumerate(lines):
            is_headed = bare(line.text) != line.text
            if number and line.is_result and not is_headed:
                yield Found(Violation.UNHEADED, f"{line.chat}: {row} {line.text[:40]!r}")
            if not number and (line.chat, sale_of(line.text)) in asked:
                continue
            if (number or is_headed) and not _may_repeat(evidence, row, rows[row], line, number):
                yield Found(Violation.UNFOUNDED, f"{line.chat}: {row} {line.text[:60]!r}")


def _asked_for(evidence: WhatsAppEvidence) -> set[tuple[Chat, str]]:
    """The tokens that people asked for once more, by chat and sale."""
    return {(one.chat, sale_of(one.text)) for one in evidence.lines if one.mine and one.text.startswith("token T")}


def _may_repeat(evidence: WhatsAppEvidence, row: str, tries: list[Try], line: Line, number: int) -> bool:
    """Whether so many calls before it were left open that this may be a further copy."""
    if row.partition(".")[0] in evidence.elsewhere:
        return True
    left_open = sum(one.at < line.at and _is_open(evidence, one) for one in tries)
    claimed = evidence.claimed.get(row)
    if claimed is not None and left_open < max(number, 1):  # what was cut off before the platform knew what it was
        left_open += any(claimed - _LATE <= at <= line.at for at in evidence.breaks)
        left_open += sum(claimed <= at <= line.at for at in evidence.cut_off)
    return left_open >= max(number, 1)


def _is_open(evidence: WhatsAppEvidence, one: Try) -> bool:
    return one.end is End.OPEN or any(one.at - _LATE <= at <= one.at + _UNDER_WAY for at in evidence.breaks)


def _again(evidence: WhatsAppEvidence) -> Iterator[Found]:
    """What was taken, or went out by its status, is not sent again."""
    for row, tries in evidence.by_row.items():
        for earlier, later in itertools.pairwise(tries):
            if earlier.end is End.TAKEN and not _is_open(evidence, earlier):
                yield Found(Violation.UNFOUNDED, f"{later.chat}: {row} was taken, and tried again")
            if earlier.settled_at is not None and later.at > earlier.settled_at + _NOTED:
                yield Found(Violation.UNFOUNDED, f"{later.chat}: {row} went out by its status, and was tried again")


def _windows(evidence: WhatsAppEvidence) -> Iterator[Found]:
    """Nothing free is shown outside the window, or tried there where the shop can count the hours itself."""
    heard: dict[str, list[float]] = defaultdict(list)
    for line in evidence.lines:
        if line.mine:
            heard[str(line.chat)].append(line.at)
    closings = defaultdict(list)
    for chat, at in evidence.closings:
        closings[chat].append(at)
    for line in evidence.lines:
        chat = str(line.chat)
        if line.mine or line.is_template or not line.row:
            continue
        last = max((at for at in heard[chat] if at <= line.at), default=0.0)
        if line.at - last > evidence.window or any(last < at <= line.at for at in closings[chat]):
            yield Found(Violation.OUTSIDE, f"{chat}: {line.text[:40]!r} is shown")
    for one in evidence.tries:
        last = max((at for at in heard[one.chat] if at <= one.at), default=0.0)
        is_counted = one.at - last > evidence.window
        is_free = one.end is End.FAILED and one.code == _WINDOW_CLOSED and not one.is_template
        if is_free and is_counted:
            yield Found(Violation.OUTSIDE, f"{one.chat}: {one.row} is tried, {one.at - last:.1f} s after the last word")


def _forged(evidence: WhatsAppEvidence) -> Iterator[Found]:
    """A delivery that is not the platform's changes nothing, and is counted."""
    if evidence.admitted:
        yield Found(Violation.FORGED, f"{evidence.admitted} were taken")
    for name in evidence.forged:
        if name in evidence.stored:
            yield Found(Violation.FORGED, f"{name} is stored")
    if evidence.counted is not None and evidence.counted != evidence.turned_away:
        yield Found(Violation.FORGED, f"{evidence.turned_away} turned away, {evidence.counted} counted")


def _once(evidence: WhatsAppEvidence) -> Iterator[Found]:
    """Who asks once for what he has left is told once, however often his words were delivered."""
    asked: dict[str, int] = defaultdict(int)
    told: dict[str, set[str]] = defaultdict(set)
    for line in evidence.lines:
        chat = str(line.chat)
        if line.mine:
            asked[chat] += line.text == "saldo"
        elif line.row and _SALDO.match(line.text):
            told[chat].add(line.row)
    for chat, rows in told.items():
        if len(rows) > asked[chat]:
            yield Found(Violation.TWICE, f"{chat}: asked {asked[chat]} times, told {len(rows)} times")
