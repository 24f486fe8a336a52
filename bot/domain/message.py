"""What is said, before it has words: text keys with typed arguments, and the options that go with them.

Words, number formats and languages are made when a message is sent (`i18n`), so a stored message can be read in
any language. This module never formats anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Rupiah:
    """Whole rupiah with its sign: `Rp52.000`."""

    amount: int


@dataclass(frozen=True, slots=True)
class Amount:
    """Whole rupiah within a sum, without the sign: `52.000`."""

    amount: int


@dataclass(frozen=True, slots=True)
class Nominal:
    """A denomination as it is said at a counter: `50rb`, `1jt`."""

    amount: int


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day in the reader's zone, from epoch milliseconds: `14.02` (id), `14:02` (en)."""

    at: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day in the reader's zone, from epoch milliseconds; `long` adds the weekday and the year."""

    at: int
    long: bool = False


@dataclass(frozen=True, slots=True)
class MeterNumber:
    """A meter number or IDPEL; `short` shows the last four digits behind an ellipsis, `plain` does not group."""

    digits: str
    short: bool = False
    plain: bool = False


@dataclass(frozen=True, slots=True)
class TokenDigits:
    """20 digits, shown in fours; a channel may set them in code type and let them be copied."""

    digits: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the catalogue with its arguments."""

    key: str
    args: Mapping[str, "Value"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parts:
    """Texts joined by ` · `; parts that would say zero are simply not put in."""

    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """Texts one below the other."""

    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Prose:
    """Words that an owner wrote for others to read: one plain line like any foreign text, but as long as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that are set already (a receipt): shown as they are, in a fixed pitch where the channel can."""

    text: str


Value = (
    str
    | int
    | Prose
    | Block
    | Rupiah
    | Amount
    | Nominal
    | Clock
    | Day
    | MeterNumber
    | TokenDigits
    | Text
    | Parts
    | Lines
)


@dataclass(frozen=True, slots=True)
class Draft:
    """Words for somebody else, which open ready to send in the reader's own WhatsApp.

    `number` is whom they are for, in the digits that platforms use; '' is chosen there.
    """

    texts: tuple[Text, ...]
    number: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """A choice below a message. `key` is opaque on the wire; `label` is a text of its own.

    `says` is the typed message that a tap stands for on a finished thing (`struk T10482`); a question's option has
    none, its key is the answer. `about` says more of it where a channel shows options as a list.

    With a `url` it is a link instead: a button where a channel has such, else a line of text. With `copies` it puts
    those 1–256 characters where the reader can paste them; the message shows them anyway. One that `says` something,
    too, is tapped as such where nothing can be copied. An `extra` one is offered only where any number fits, and is
    typed elsewhere. With a `draft` it is a link that opens that, and an extra.
    """

    key: str
    label: Text
    says: str = ""
    about: Text | None = None
    url: str = ""
    copies: str = ""
    extra: bool = False
    draft: Draft | None = None

    @property
    def is_answered(self) -> bool:
        """Whether the shop hears of a tap: not of what is only opened or copied where it is shown."""
        return bool(self.says) or not (self.url or self.copies or self.draft)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Lines that are set already, as a file for channels that can send one: `name` without its ending.

    `qr` is what the code in its picture says; '' is no code.
    """

    name: str
    text: str
    qr: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file to send as it is: `key` names it in the spool, `name` is what its reader sees, `kind` its media type."""

    key: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Sums side by side as a picture, for channels that can send one: `name` without its ending, a label a bar.

    `before` are the sums to compare with, as many as `now`, drawn behind them; each row has its name in the `legend`.
    A `mark` is set over it all.
    """

    name: str
    title: Text
    total: Text
    legend: tuple[Text, Text]
    labels: tuple[Text, ...]
    now: tuple[int, ...]
    before: tuple[int, ...]
    mark: Text | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a person: a first text, which names it, further lines, options, a sheet to print or a chart.

    `opener` stands on the button that opens the options where a channel shows them as a list. With `keypad` a secret
    number is asked for, of which so many digits are entered: by keys where a channel has some, else typed. `files`
    follow the text, one after another.
    `zone` is that of its reader, WIB, WITA or WIT, where it is not the shop's.
    """

    text: Text
    more: tuple[Text, ...] = ()
    options: tuple[Option, ...] = ()
    sheet: Sheet | None = None
    chart: Chart | None = None
    opener: Text | None = None
    keypad: int | None = None
    files: tuple[File, ...] = ()
    zone: str = ""

    @property
    def key(self) -> str:
        """The name of the message: the key of its first text."""
        return self.text.key
