"""A receipt as a picture for 58 mm printers: 384 pixels wide, black on white, each of its 32 columns 12 pixels.

The characters stand in a grid, so that columns line up whatever the font; the token at the top is twice as large. The
code's modules are whole pixels with their quiet zone around them: what such a printer prints, a phone reads.
"""

import io
import re
from functools import cache
from typing import TYPE_CHECKING

from bot.documents.receipt import FORM, LOST, WIDTH

if TYPE_CHECKING:
    from PIL import Image, ImageFont

PIXELS = 384
_CELL = PIXELS // WIDTH
_LINE = 22
_MARGIN = 8
_SIZE = 18
_INK = 150  # of 255: what is lighter stays white
_TOKEN = re.compile(r"\s*\d{4}(?: \d{4}){1,2}\s*")
_QUIET = 4  # modules around a code
_MODULE = 6  # pixels: three quarters of a millimetre
_SCAN = f"{LOST} Pindai QR, atau"


def png(text: str, qr: str = "") -> bytes:
    """The lines of a receipt as PNG, with a code of `qr` above the line that says what else helps to a lost token."""
    from PIL import Image  # noqa: PLC0415  # a heavy library that few messages need

    lines = text.split("\n")
    code = _code(qr) if qr and LOST in lines else None
    height = 2 * _MARGIN + sum(_LINE * scale for _, scale in _rows(lines)) + (code.height if code else 0)
    image = Image.new("1", (PIXELS, height), 1)
    top = _MARGIN
    for line, scale in _rows(lines):
        if code is not None and line == LOST:
            image.paste(code, ((PIXELS - code.width) // 2, top))
            top += code.height
            _row(image, _SCAN, top, scale)
        else:
            _row(image, line, top, scale)
        top += _LINE * scale
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _rows(lines: list[str]) -> list[tuple[str, int]]:
    """Each line and how large it is: tokens above PLN's form stand out."""
    form = lines.index(FORM) if FORM in lines else len(lines)
    is_large = [number < form and _TOKEN.fullmatch(line) is not None for number, line in enumerate(lines)]
    return [(line.strip(), 2) if large else (line, 1) for line, large in zip(lines, is_large, strict=True)]


def _code(words: str) -> "Image.Image":
    import segno  # noqa: PLC0415  # as above
    from PIL import Image  # noqa: PLC0415  # as above

    matrix = segno.make_qr(words, error="m").matrix
    side = len(matrix) + 2 * _QUIET
    image = Image.new("1", (side, side), 1)
    for y, row in enumerate(matrix, _QUIET):
        for x, module in enumerate(row, _QUIET):
            image.putpixel((x, y), int(not module))
    pixels = side * min(_MODULE, PIXELS // side)
    return image.resize((pixels, pixels), Image.Resampling.NEAREST)


def _row(image: "Image.Image", line: str, top: int, scale: int) -> None:
    cell = _CELL * scale
    left = (PIXELS - cell * len(line)) // 2 if scale > 1 else 0
    for column, char in enumerate(line):
        if char != " ":
            image.paste(_glyph(char, scale), (left + column * cell, top))


@cache
def _glyph(char: str, scale: int) -> "Image.Image":
    """A character in its cell; a broad one is squeezed, so that no two of a code run into one another."""
    from PIL import Image, ImageDraw  # noqa: PLC0415  # as above

    cell, line, font = _CELL * scale, _LINE * scale, _font(_SIZE * scale)
    wide = max(cell, int(font.getlength(char)) + 2)
    glyph = Image.new("1" if wide == cell else "L", (wide, line), 255)
    ImageDraw.Draw(glyph).text((wide / 2, line / 2), char, fill=0, font=font, anchor="mm")
    if wide > cell:
        glyph = glyph.resize((cell, line)).point(lambda value: 255 * (value > _INK), "1")
    return glyph


@cache
def _font(size: int) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    from PIL import ImageFont  # noqa: PLC0415  # as above

    return ImageFont.load_default(size)
