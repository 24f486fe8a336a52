"""Barcodes and QR codes in a picture that somebody sent: bytes in, the texts of the codes out. Pure, and slow: seconds.

The bytes are a stranger's: formats are few, sizes are looked at before anything is unpacked, and no picture is kept.
"""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

_FORMATS = ("JPEG", "PNG", "WEBP")
_MOST_PIXELS = 50_000_000  # of a JPEG, which can be unpacked smaller than it is
_MOST_PLAIN_PIXELS = 25_000_000  # of any other, which has to be unpacked whole
_SIDES = (2000, 3000)  # looked at small first, which is a third of the work; chats send 1,280 to 1,600 anyway
_TURNS = (45, 22, 68)  # lines are found up to some 12 degrees from straight, and from upright
_MOST_CODES = 20


class UnreadableError(Exception):
    """No picture, a damaged one, one of a kind that is not read, or too large a one."""


def available() -> bool:
    """Whether codes can be read here: they need the extra `barcode`."""
    try:
        import zxingcpp  # noqa: F401, PLC0415  # an extra, and a heavy one
    except ImportError:
        return False
    return True


def read(content: bytes) -> tuple[str, ...]:
    """The text of every code that is found, once each. Raises `UnreadableError`.

    Only formats with a check of their own that labels and receipts use: a retail code (EAN, UPC) is 12 or 13 digits and
    no meter's, and a code without a check (ITF, Codabar) gives other digits where a part of it is covered.
    """
    import zxingcpp  # noqa: PLC0415  # as above

    kinds = zxingcpp.BarcodeFormat
    formats = zxingcpp.BarcodeFormats([kinds.Code128, kinds.Code39, kinds.Code93, kinds.QRCode, kinds.DataMatrix])
    for image in _looks(content):
        found = zxingcpp.read_barcodes(image, formats=formats)[:_MOST_CODES]
        texts = tuple(dict.fromkeys(code.text for code in found if code.text))
        if texts:
            return texts
    return ()


def _looks(content: bytes) -> Iterator["Image.Image"]:
    """The picture in grey: small, turned, and larger where there is more of it."""
    from PIL import Image  # noqa: PLC0415  # heavy, and only photos need it

    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
            is_jpeg = opened.format == "JPEG"
            if opened.width * opened.height > (_MOST_PIXELS if is_jpeg else _MOST_PLAIN_PIXELS):
                raise UnreadableError("too many pixels")
            if is_jpeg:
                opened.draft("L", (_SIDES[-1], _SIDES[-1]))
            whole = _grey(opened)
    except UnreadableError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever a decoder makes of a stranger's bytes
        raise UnreadableError(type(error).__name__) from None
    whole.thumbnail((_SIDES[-1], _SIDES[-1]))
    small = whole.copy()
    small.thumbnail((_SIDES[0], _SIDES[0]))
    yield small
    yield from (small.rotate(degrees, Image.Resampling.BILINEAR, expand=True, fillcolor=255) for degrees in _TURNS)
    if whole.size != small.size:
        yield whole


def _grey(image: "Image.Image") -> "Image.Image":
    """On white where it is transparent: codes on black would be lost."""
    from PIL import Image  # noqa: PLC0415  # as above

    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA"):
        colours = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), colours).convert("L")
    return image.convert("L")
