"""Words at the moment of sending: a message's keys and typed values become Indonesian or English text.

The sentences live in `locales/`; here stand only the formats of money, times and numbers. Values are cleaned and
filled in, never themselves read as a format, so nothing that a person or a supplier wrote can change a sentence.
"""

import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from bot.clock import ZONES
from bot.domain.denomination import spoken
from bot.domain.message import (
    Amount,
    Block,
    Clock,
    Day,
    Lines,
    Message,
    MeterNumber,
    Nominal,
    Option,
    Parts,
    Prose,
    Rupiah,
    Text,
    TokenDigits,
    Value,
)
from bot.domain.meter import grouped

LOCALES = ("id", "en")
DEFAULT_LOCALE = "id"
PRACTICE_HEAD = "demo.head"

_PACKAGE = Path(__file__).resolve().parent
_LONGEST_VALUE = 200
# Letters and marks by category, yet nothing is seen of them: fillers, joiners, the blank Braille cell.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def normalise(tag: str | None) -> str:
    """The language to speak for a channel's language tag: English for `en…`, else Indonesian."""
    language = (tag or "").strip().lower().replace("_", "-").partition("-")[0]
    return language if language in LOCALES else DEFAULT_LOCALE


def clean(text: str) -> str:
    """Foreign text as one plain line: no control, bidi, zero-width or surrogate characters, 200 at the most."""
    return _line(text)[:_LONGEST_VALUE].rstrip()


def _line(text: str) -> str:
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    seen = "".join(
        " " if char.isspace() else char
        for char in text
        if char.isspace() or (unicodedata.category(char) not in {"Cc", "Cf", "Cs"} and char not in _UNSEEN)
    )
    return " ".join(seen.split())


class Catalogues:
    """The texts of every language, read once: compiled where that is up to date, else from their source.

    A text may have a form for one: its `msgid_plural` names the value that is counted.
    """

    def __init__(self, directory: Path | None = None) -> None:
        """Read the catalogues below the directory, or those of this checkout or installation."""
        home = directory or _find()
        read = {locale: _read(home, locale) for locale in LOCALES}
        self._texts = {locale: {key: one.many for key, one in texts.items()} for locale, texts in read.items()}
        self._ones = {
            locale: {key: (one.counts, one.one) for key, one in texts.items() if one.counts}
            for locale, texts in read.items()
        }

    def text(self, key: str, locale: str, args: Mapping[str, Value] | None = None) -> str:
        """The sentence as the catalogue has it for these values, its placeholders unfilled."""
        texts = self._texts[normalise(locale)]
        if key not in texts:
            raise KeyError(f"no text {key!r} in the catalogue {normalise(locale)!r}")
        counts, one = self._ones[normalise(locale)].get(key, ("", ""))
        return one if counts and args and args.get(counts) == 1 else texts[key]

    def texts(self, locale: str) -> Mapping[str, str]:
        """Every text of a language by its key, as it is said of many."""
        return MappingProxyType(self._texts[normalise(locale)])

    def ones(self, locale: str) -> Mapping[str, str]:
        """The texts that are worded otherwise for one, so."""
        return MappingProxyType({key: one for key, (_, one) in self._ones[normalise(locale)].items()})


Mark = Callable[[Value | None, str], str]  # how a channel sets a value, or (for None) the sentence around values


def unmarked(_: Value | None, text: str) -> str:
    """Plain text."""
    return text


def zone_of(message: Message, shops: tzinfo) -> tzinfo:
    """The zone that its reader reads times in; else the shop's."""
    return ZONES[message.zone] if message.zone else shops


class Renderer:
    """Writes messages in a reader's language and zone; in practice each begins with the practice mark."""

    def __init__(self, catalogues: Catalogues, practice: bool = False, mark: Mark = unmarked) -> None:
        """Keep the catalogues, whether nothing here is real, and how text is marked up."""
        self._catalogues = catalogues
        self._practice = practice
        self._mark = mark

    def render(self, text: Text, locale: str, zone: tzinfo) -> str:
        """One text with its values filled in."""
        sentence = self._mark(None, self._catalogues.text(text.key, locale, text.args))
        values = {name: self._value(value, locale, zone) for name, value in text.args.items()}
        try:
            return sentence.format_map(values)
        except KeyError as missing:
            raise KeyError(f"text {text.key!r} is given no value for {missing}") from None

    def message(self, message: Message, locale: str, zone: tzinfo) -> str:
        """The whole body of a message; its options are labelled apart."""
        return "\n".join(self.pieces(message, locale, zone))

    def pieces(self, message: Message, locale: str, zone: tzinfo) -> list[str]:
        """The body text by text, for channels that must not be too long."""
        zone = zone_of(message, zone)
        head = (Text(PRACTICE_HEAD),) if self._practice else ()
        rendered = (self.render(text, locale, zone) for text in (*head, message.text, *message.more))
        return [text for text in rendered if text]

    def label(self, option: Option, locale: str, zone: tzinfo) -> str:
        """What stands on an option's button."""
        return self.render(option.label, locale, zone)

    def _joined(self, separator: str, texts: tuple[Text, ...], locale: str, zone: tzinfo) -> str:
        rendered = (self.render(text, locale, zone) for text in texts)
        return separator.join(text for text in rendered if text)

    def _value(self, value: Value, locale: str, zone: tzinfo) -> str:
        match value:
            case Text():
                return self.render(value, locale, zone)
            case Parts(texts):
                return self._joined(" · ", texts, locale, zone)
            case Lines(texts):
                return self._joined("\n", texts, locale, zone)
            case Clock(at):
                pattern = "%H:%M" if _is_english(locale) else "%H.%M"
                return self._mark(value, datetime.fromtimestamp(at // 1000, zone).strftime(pattern))
            case Day(at, long):
                day = datetime.fromtimestamp(at // 1000, zone).date()
                pattern = "EEE d MMM yyyy" if long else "d MMM"
                return self._mark(value, format_date(day, pattern, locale=normalise(locale)))
            case _:
                return self._mark(value, _plain(value))


def _plain(value: str | int | Prose | Block | Rupiah | Amount | Nominal | MeterNumber | TokenDigits) -> str:
    """A value that looks alike in every language."""
    match value:
        case str():
            return clean(value)
        case Prose(text):
            return _line(text)
        case int() | Amount():
            return _grouped(value if isinstance(value, int) else value.amount)
        case Rupiah(amount):
            return f"{'-' if amount < 0 else ''}Rp{_grouped(abs(amount))}"
        case Nominal(amount):
            return spoken(amount)
        case MeterNumber():
            return _meter(value)
        case TokenDigits(digits):
            return grouped(clean(digits))
        case Block(text):
            return "\n".join(_set(line) for line in text.split("\n"))


def _set(line: str) -> str:
    """A line that is set already: cleaned piece by piece, its columns kept."""
    return "".join(char if char == " " else clean(char) for char in line)


def _meter(meter: MeterNumber) -> str:
    digits = clean(meter.digits)
    if meter.short:
        return f"…{digits[-4:]}"
    return digits if meter.plain else grouped(digits)


def _is_english(locale: str) -> bool:
    return normalise(locale) == "en"


@lru_cache(maxsize=4096)
def _grouped(number: int) -> str:
    """`52.000`; the same amounts are written all day."""
    grouped: str = format_decimal(number, "#,##0", locale=DEFAULT_LOCALE)
    return grouped


def _find() -> Path:
    """The catalogues inside the package (an installation) or beside it (a checkout)."""
    for home in (_PACKAGE / "locales", _PACKAGE.parent / "locales"):
        if any(_source(home, DEFAULT_LOCALE).with_suffix(suffix).is_file() for suffix in (".mo", ".po")):
            return home
    raise FileNotFoundError(f"no catalogues in {_PACKAGE / 'locales'} nor {_PACKAGE.parent / 'locales'}")


def _source(home: Path, locale: str) -> Path:
    return home / locale / "LC_MESSAGES" / "bot.po"


class _Forms(NamedTuple):
    many: str
    one: str = ""
    counts: str = ""  # the value by which the form is chosen


def _read(home: Path, locale: str) -> Mapping[str, _Forms]:
    source = _source(home, locale)
    compiled = source.with_suffix(".mo")
    if not source.is_file() and not compiled.is_file():
        raise FileNotFoundError(f"no catalogue {compiled} nor {source}")
    is_current = compiled.is_file() and (
        not source.is_file() or compiled.stat().st_mtime_ns >= source.stat().st_mtime_ns
    )
    chosen = compiled if is_current else source
    return _forms(chosen, chosen.stat().st_mtime_ns, locale)


@lru_cache(maxsize=2 * len(LOCALES))
def _forms(path: Path, _: int, locale: str) -> Mapping[str, _Forms]:
    """The texts of a file as it was changed last: reading one takes longer than all else that a shop reads."""
    with path.open("rb") as file:
        catalogue: Catalog = read_mo(file) if path.suffix == ".mo" else read_po(file, locale=locale)
    found = {}
    for message in catalogue:
        match message.id, message.string:
            case (str(key), str(text)) if key and text:
                found[key] = _Forms(text)
            case ((key, counts), (*texts,)):
                found[key] = _Forms(texts[-1], texts[0], counts)
    return MappingProxyType(found)
