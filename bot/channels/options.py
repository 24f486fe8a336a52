"""What stands below a message: the one place that turns its options into what a channel can show.

Keyboard, reply buttons, list or numbered text: channels differ here and nowhere else. A payment never has a number.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum
from urllib.parse import quote

from bot.domain.message import Draft, Message, Text
from bot.i18n import Renderer, zone_of

PAY = "pay"  # the option that moves money: shown with its word where others have a number
PHONE = "phone"  # the option that is answered by sharing one's own number

_SHORT, _MEDIUM = 8, 14
_LONGEST_LINK = 2_048  # a longer one costs the whole message
_MOST_ROWS = 12


class Kind(StrEnum):
    """How options are shown."""

    ROWS = "rows"  # a keyboard of any size
    BUTTONS = "buttons"  # few, below the text
    LIST = "list"  # behind a button that opens it
    NUMBERS = "numbers"  # lines of text; also where there is nothing to choose


@dataclass(frozen=True, slots=True)
class Caps:
    """What a channel can show: any keyboard, so many buttons and list rows with labels so long, else numbers only.

    `size` is how the platform counts a label; what it has no means to offer (`lacks`) is left out.
    """

    keyboard: bool = False
    buttons: int = 0
    button_label: int = 0
    rows: int = 0
    row_label: int = 0
    size: Callable[[str], int] = len
    lacks: frozenset[str] = field(default_factory=frozenset)


NUMBERS_ONLY = Caps()


@dataclass(frozen=True, slots=True)
class Choice:
    """An option in the reader's words. `number` is what he types for it: its place, or the word of a payment.

    What it opens (`url`), copies or is left out as (`extra`) stands in the option.
    """

    key: str
    label: str
    number: str
    about: str = ""
    url: str = ""
    copies: str = ""
    extra: bool = False
    is_answered: bool = True

    def name(self, nonce: str | None) -> str:
        """What a tap brings back: opaque, and no business in it."""
        return f"{nonce}.{self.key}"


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Every option once, in its order; `rows` has more than one a row only on a keyboard."""

    kind: Kind
    rows: tuple[tuple[Choice, ...], ...]

    @property
    def choices(self) -> tuple[Choice, ...]:
        """All of them, one after another."""
        return tuple(choice for row in self.rows for choice in row)


def labelled(message: Message, renderer: Renderer, language: str, zone: tzinfo) -> tuple[Choice, ...]:
    """The options of a message with their words and numbers."""
    zone = zone_of(message, zone)
    found = []
    for place, option in enumerate(message.options, 1):
        word = renderer.render(Text("btn.pay_plain"), language, zone).casefold() if option.key == PAY else str(place)
        about = renderer.render(option.about, language, zone) if option.about else ""
        label = renderer.label(option, language, zone)
        url = _link(option.draft, renderer, language, zone) if option.draft else option.url
        extra = option.extra or option.draft is not None
        if url or option.draft is None:
            found.append(Choice(option.key, label, word, about, url, option.copies, extra, option.is_answered))
    return tuple(found)


def _link(draft: Draft, renderer: Renderer, language: str, zone: tzinfo) -> str:
    words = renderer.message(Message(draft.texts[0], draft.texts[1:]), language, zone)
    link = f"https://wa.me/{draft.number}?text={quote(words, safe='')}"
    return link if len(link) <= _LONGEST_LINK else ""


def links(choices: Iterable[Choice]) -> list[str]:
    """Those that open something, as lines of text: for where there are no buttons that do."""
    return [f"{choice.label}: {choice.url}" for choice in choices if choice.url and not choice.extra]


def arrange(choices: Iterable[Choice], caps: Caps) -> Arrangement:
    """As good as the channel can show them. A number is an option's place in the message, whatever is left out.

    Only a keyboard opens links, copies, and has room for extras; `links` are said otherwise, and what is answered, too,
    is tapped as any other.
    """
    shown = [choice for choice in choices if choice.key not in caps.lacks]
    if caps.keyboard:
        return Arrangement(Kind.ROWS, _rows(shown))
    shown = [choice for choice in shown if choice.is_answered and not choice.extra]
    single = tuple((choice,) for choice in shown)
    for kind, most, longest in (
        (Kind.BUTTONS, caps.buttons, caps.button_label),
        (Kind.LIST, caps.rows, caps.row_label),
    ):
        if 1 <= len(shown) <= most and _fit(shown, longest, caps.size):
            return Arrangement(kind, single)
    return Arrangement(Kind.NUMBERS, single)


def _fit(choices: Sequence[Choice], longest: int, size: Callable[[str], int]) -> bool:
    """Whether each label has a line's length or less, and no two are the same."""
    labels = [choice.label.strip() for choice in choices]
    return len(set(labels)) == len(labels) and all(
        label and "\n" not in label and size(label) <= longest for label in labels
    )


def _rows(choices: Sequence[Choice]) -> tuple[tuple[Choice, ...], ...]:
    """Short labels three a row, middling ones two, long ones alone; two neighbours share a row that suits both."""
    rows: list[list[Choice]] = []
    room = 0
    for choice in choices:
        width = _room(choice)
        if rows and (width == room or len(rows[-1]) == 1) and len(rows[-1]) < min(width, room):
            rows[-1].append(choice)
            room = min(width, room)
        else:
            rows.append([choice])
            room = width
    if len(rows) > _MOST_ROWS:
        rows = [list(choices[start : start + 3]) for start in range(0, len(choices), 3)]
    return tuple(tuple(row) for row in rows)


def _room(choice: Choice) -> int:
    """How many of its size fit beside one another."""
    length = len(choice.label)
    return 3 if length <= _SHORT else 2 if length <= _MEDIUM else 1
