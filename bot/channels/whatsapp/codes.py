"""What the Cloud API's error codes mean to a message. Decided by the code alone, never by title or HTTP status.

The same code may come at once or later with a status; the meaning is the same.
"""

from dataclasses import dataclass
from http import HTTPStatus

from bot import ids
from bot.domain.rules import Waits
from bot.messaging.channel import NOT_SENT, UNKNOWN, Outcome, Result

PAIR, TEMPLATE_PAYMENT = 131056, 131042

_SHUT = frozenset({0, 190, 3, 10, 131045, 133010, *range(200, 300)})  # access, rights, a number that is not registered
_BARE = frozenset({100, 131008, 131009, 131051, 131052, 131053})  # our request, a type, a file
_TEMPLATE = frozenset({132000, 132012, 132018, 132001, 132005, 132007, 132015, 132016, TEMPLATE_PAYMENT})
_CLOSED = frozenset({131047})
_AWAY = frozenset({131026, 131062})
_CROWD = frozenset({130429, 4, 80007, 131057})
_HELD = frozenset({131048, 131049, 368, 131031, 130497})
_REFUSED = frozenset({131021, 131030})  # to ourselves, or while testing to somebody who is not on the list
_TRANSIENT = frozenset({1, 2, 131000, 131016})
_NO_SUCH_OBJECT = 33  # subcode of 100: the number that we send from


@dataclass(frozen=True, slots=True)
class GraphError:
    """An answer that says no. `code` is -1 where it names none."""

    status: int
    code: int
    subcode: int = 0
    details: str = ""

    @property
    def note(self) -> str:
        """For the operator's log."""
        return f"code {self.code}" + (f"/{self.subcode}" if self.subcode else "") + f" {self.details[:200]}".rstrip()


def end(error: GraphError, waits: Waits, tries: int) -> Result:
    """How a call that was refused has ended. `tries` is how often in a row the rate was refused before."""
    code, note = error.code, error.note
    if code in _SHUT or (code == 100 and error.subcode == _NO_SUCH_OBJECT):
        return Result(Outcome.SHUT, seconds=waits.shut / 1000, whole_channel=True, note=note)
    if code == PAIR:
        return Result(Outcome.LATER, seconds=_step(waits.whatsapp_pair, tries), one_chat=True, note=note)
    if code in _CROWD:
        seconds = _step(waits.whatsapp_crowd, tries) * (1 + ids.jitter() / 4)
        return Result(Outcome.LATER, seconds=seconds, whole_channel=True, note=note)
    for codes, outcome in _MEANINGS:
        if code in codes:
            return Result(outcome, note=note)
    if code in _TRANSIENT or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return UNKNOWN
    if code < 0:  # an answer by whomever, and nothing was taken
        return NOT_SENT
    return Result(Outcome.REFUSED, note=note)


def end_by_status(error: GraphError, waits: Waits) -> Result:
    """How a message has ended of which the platform says later that it failed: then nothing is unclear."""
    result = end(error, waits, 0)
    return NOT_SENT if result.outcome is Outcome.UNKNOWN else result


_MEANINGS = (
    (_CLOSED | _TEMPLATE, Outcome.CLOSED),
    (_AWAY, Outcome.AWAY),
    (_HELD, Outcome.HELD),
    (_BARE, Outcome.BARE),
    (_REFUSED, Outcome.REFUSED),
)


def _step(steps: tuple[int, ...], tries: int) -> float:
    return steps[min(tries, len(steps) - 1)] / 1000
