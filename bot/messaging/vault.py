"""Secret numbers on their way through this process: known to its memory alone, and gone when it ends.

What a person types is stored before it is acknowledged, so a number is taken out of it before that: a mark stands in
its place, and only this process knows what it stands for. The keys of a keypad are named by a chance secret, so a tap
says nothing to whoever reads it. After a restart nobody knows them any more, and the number is asked for again.
"""

import hashlib
import hmac
import json
import re
import secrets
import unicodedata
from collections.abc import Iterator

from bot import ids

MARK = re.compile("●[a-z2-7]{16}")
SIGNS = "1234567890"
ERASE = "<"

_MOST = 10_000  # numbers and keypads; more than are ever under way
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_ALONE = re.compile(r"\W*\d(?:[\s.-]*\d){3,7}\W*")
_COMMAND = re.compile(r"\s*/?(?:pin|gp|gpin|g)\b", re.IGNORECASE)
_ORDER = re.compile(r"(?<!\d)\d{11,12}(?!\d)")
_GROUPED = re.compile(r"(?<!\w)\d(?:[\s.-]*\d){3,7}(?!\w)")
_RUN = re.compile(r"(?<!\w)\d{4,8}(?!\w)")
_WITHIN = re.compile(r"(?<!\w)\d{6}(?!\w)")
_SHORT = 80  # characters, of which what people type around their number has no more
_MARKED = re.compile(rf"(?P<before>[\s.*,-]*)(?P<mark>{MARK.pattern})")
_WORDS = frozenset({"text", "caption", "body", "data", "title"})  # what platforms call that which a person wrote

_key = secrets.token_bytes(32)
_hidden: dict[str, str] = {}
_pressed: dict[tuple[int, int], dict[int, str]] = {}


# typed numbers


def veiled(text: str) -> str:
    """The text with every run of digits that may be a secret number hidden.

    That is four to eight digits alone, after the word of the command, or beside a meter number, and six among a few
    words of any kind. Whole thousands are amounts: no secret number ends in three zeros. A tap is nothing typed.
    """
    if ids.TAP.fullmatch(text):
        return text
    if _ALONE.fullmatch(text):
        return text if _is_amount(text) else hide(text)
    if _COMMAND.match(text):
        form = _GROUPED
    elif _ORDER.search(_plain(text)):
        form = _RUN
    elif len(text) <= _SHORT:
        form = _WITHIN
    else:
        return text
    return form.sub(lambda run: run[0] if _is_amount(run[0]) else hide(run[0]), text)


def veiled_body(body: str) -> str:
    """A stored item, JSON, with what its person wrote veiled; what is no JSON stays as it is."""
    try:
        item = json.loads(body)
    except (ValueError, RecursionError):
        return body
    veils = sum(_veil(place, name) for place, name in _written(item))
    return json.dumps(item) if veils else body


def _veil(place: dict[str, object], name: str) -> bool:
    was = str(place[name])
    place[name] = veiled(was)
    return place[name] != was


def _written(item: object) -> Iterator[tuple[dict[str, object], str]]:
    """Wherever an item says something; breadth first, for its depth is its sender's choice."""
    waiting = [item]
    for one in waiting:
        if isinstance(one, dict):
            for name, value in one.items():
                if isinstance(value, str) and name in _WORDS:
                    yield one, name
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def hide(number: str) -> str:
    """A mark that stands for the number."""
    mark = "●" + "".join(secrets.choice(_LETTERS) for _ in range(16))
    _hidden[mark] = number
    _bound(_hidden)
    return mark


def revealed(text: str) -> str:
    """The text as it was written; what nobody knows any more is left out of an order, with what joins it.

    Any other text that lacks a number says something else than it did: nothing is left of it.
    """

    def number(found: re.Match[str]) -> str:
        known = _hidden.get(found["mark"])
        return "" if known is None else found["before"] + known

    marks = MARK.findall(text)
    if any(mark not in _hidden for mark in marks) and not _ORDER.search(_plain(text)):
        return ""
    return _MARKED.sub(number, text).strip() if marks else text


def digits(mark: str) -> str | None:
    """The digits of the number that the mark stands for; None where it is no mark, or nobody knows any more."""
    number = _hidden.get(mark)
    return None if number is None else re.sub(r"\D", "", _plain(number))


def forget(mark: str) -> None:
    """The number has served."""
    _hidden.pop(mark, None)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _is_amount(run: str) -> bool:
    return re.sub(r"\D", "", _plain(run)).endswith("000")


# keypads


def key(nonce: str | None, sign: str) -> str:
    """How a key of the keypad below this message is called: by nothing that says which it is."""
    return "p" + hmac.new(_key, f"{nonce} {sign}".encode(), hashlib.sha256).hexdigest()[:12]


def sign(nonce: str, pressed: str) -> str | None:
    """What that key says, a digit or ERASE; None for what is no key of a keypad of this process."""
    return next((one for one in SIGNS + ERASE if hmac.compare_digest(key(nonce, one), pressed)), None)


def enter(place: tuple[int, int], row_id: int, pressed: str) -> str:
    """The digits that were pressed at this place of a talk so far; a row that is handled again presses once."""
    rows = _pressed.setdefault(place, {})
    rows[row_id] = pressed
    _bound(_pressed)
    entered = ""
    for one in (rows[row] for row in sorted(rows)):
        entered = entered[:-1] if one == ERASE else entered + one
    return entered


def begin(place: tuple[int, int]) -> None:
    """Nothing is entered at this place."""
    _pressed.pop(place, None)


def _bound(what: dict[str, str] | dict[tuple[int, int], dict[int, str]]) -> None:
    if len(what) > _MOST:
        what.pop(next(iter(what)))  # type: ignore[call-overload]  # a key of the same dictionary
