"""Turns of talk that dialogues share on any platform: act and see what comes of it, order, pay, read a token.

Waits for what appears, never for time to pass. A platform's double gives the people and what their phones show.
"""

import io
import re
import struct
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import zxingcpp
from PIL import Image

from bot.documents import picture

METER = "54123456789"
BUY, PAY, DONE = {"id": "⚡ Beli", "en": "⚡ Buy"}, {"id": "Bayar", "en": "Pay"}, {"id": "SUKSES", "en": "SUCCESS"}
ASKS_METER = {"id": "Ketik nomor meter", "en": "Type the meter number"}
AGAIN_TODAY = {"id": "sudah beli Rp50.000", "en": "you bought Rp50.000"}
AGAIN = {"id": "KIRIM ULANG", "en": "SENT AGAIN"}
RECEIPT = {"id": "🧾 Struk", "en": "🧾 Receipt"}
FOR_CUSTOMER = {"id": "📤 Untuk pelanggan", "en": "📤 For customer"}
CANCELLED = {"id": "Dibatalkan", "en": "Cancelled"}
CANCEL = {"id": "✖️ Batal", "en": "✖️ Cancel"}
STALE = {"id": "Tombol itu sudah lewat", "en": "That button is out of date"}
FROZEN = {"id": "Akun ini sedang dibekukan", "en": "This account is frozen"}
OTHER_METER = "11111111102"
NONE = {"id": "Saya tidak menemukan barcode", "en": "I found no barcode"}
UNOPENED = {"id": "Foto itu tidak bisa saya buka", "en": "I could not open that photo"}
TYPE = {"id": "Ketik nomor meternya", "en": "Please type the meter number"}
WHICH = {"id": "Yang mana nomor meternya?", "en": "Which one is the meter?"}
_TOKEN = re.compile(r"\d{4}(?: \d{4}){4}")


class Seen(Protocol):
    """A message on a phone."""

    @property
    def text(self) -> str:
        """What it says."""

    @property
    def labels(self) -> list[str]:
        """What can be chosen below it."""


S = TypeVar("S", bound=Seen)
S_co = TypeVar("S_co", bound=Seen, covariant=True)


class Talker(Protocol[S_co]):
    """Somebody with a phone."""

    def mark(self) -> int:
        """Now, so that what was there before can be overlooked."""

    def say(self, text: str) -> object:
        """Type."""

    def tap(self, wanted: str, message: Any = None) -> object:
        """Choose what is offered below a message."""

    def send_photo(self, caption: str, data: bytes) -> object:
        """Send a picture, with words below it."""

    async def sees(self, wanted: str | Callable[[S_co], bool] = "", *, after: int = 0) -> S_co:
        """Wait for a message that fits."""


async def says(person: Talker[S], text: str, wanted: str | Callable[[S], bool]) -> S:
    """Type, and see something new."""
    mark = person.mark()
    person.say(text)
    return await person.sees(wanted, after=mark)


async def taps(person: Talker[S], label: str, wanted: str | Callable[[S], bool], message: S | None = None) -> S:
    """Choose an option, and see something new."""
    mark = person.mark()
    person.tap(label, message)
    return await person.sees(wanted, after=mark)


async def sends(person: Talker[S], data: bytes, wanted: str | Callable[[S], bool], caption: str = "") -> S:
    """Send a photo, and see something new."""
    mark = person.mark()
    person.send_photo(caption, data)
    return await person.sees(wanted, after=mark)


async def card(person: Talker[S], text: str = f"{METER} 50") -> S:
    """Order in one line, up to the question that takes the money."""
    return await says(person, text, is_card)


def is_card(shown: Seen) -> bool:
    """A question that takes money, with its options."""
    return "💳" in shown.text and bool(shown.labels)


def pay_label(shown: Seen) -> str:
    """Of the option that pays."""
    return next(label for label in shown.labels if label.startswith("✅"))


async def bought(person: Talker[S], text: str = f"{METER} 50") -> tuple[S, S]:
    """Order and pay; the token's message and the one below it."""
    shown = await card(person, text)
    done = await taps(person, pay_label(shown), is_done, shown)
    return await person.sees(lambda one: bool(digits(one)) and f"· {sale(done)} ·" in one.text), done


def is_done(shown: Seen) -> bool:
    """The message that says that a purchase succeeded."""
    return any(f"✅ {word}" in shown.text for word in DONE.values())


def sale(shown: Seen) -> str:
    """`T10001`, as it stands in the message."""
    found = re.search(r"T\d{5}", shown.text)
    assert found is not None, shown.text
    return found[0]


def is_receipt(image: bytes, paper: bytes, number: str, mark: str) -> bool:
    """Whether this is what a printer takes: 384 pixels of exactly these lines, 32 columns, the token, CA or CU."""
    text = paper.decode()
    lines = text.split("\n")
    fits = struct.unpack(">I", image[16:20]) == (384,) and max(len(line) for line in lines) <= 32
    is_whole = number[:12] in text.replace(" ", "") and lines[-1].endswith(f"-{mark}]")
    return fits and is_whole and image == picture.png(text, scanned(image))


def scanned(image: bytes) -> str:
    """What a phone reads in the code of a picture, or nothing."""
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(image)))
    return "".join(one.text for one in found)


def digits(shown: Seen) -> str:
    """The 20 digits of a token's message, or nothing."""
    found = _TOKEN.search(shown.text)
    return found[0].replace(" ", "") if found else ""


def has_token(shown: Seen) -> bool:
    """Whether a token is to be read in it."""
    return bool(digits(shown))
