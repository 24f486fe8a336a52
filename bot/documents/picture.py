"""A receipt as a picture for 58 mm printers: 384 pixels wide, black on white, each of its 32 columns 12 pixels.

The characters stand in a grid, so that columns line up whatever the font; the token at the top is twice as large.
"""

import io
import re
from functools import cache
from typing import TYPE_CHECKING

from bot.documents.receipt import WIDTH

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont

PIXELS = 384
_CELL = PIXELS // WIDTH
_LINE = 22
_MARGIN = 8
_SIZE = 18
_TOKEN = re.compile(r"\s*\d{4}(?: \d{4}){1,2}\s*")


def png(text: str) -> bytes:
    """The lines of a receipt as PNG."""
    from PIL import Image, ImageDraw  # noqa: PLC0415  # a heavy library that few messages need

    rows = [(line, 2 if _TOKEN.fullmatch(line) and number < 8 else 1) for number, line in enumerate(text.split("\n"))]
    rows = [(line.strip() if scale == 2 else line, scale) for line, scale in rows]
    height = 2 * _MARGIN + sum(_LINE * scale for _, scale in rows)
    image = Image.new("1", (PIXELS, height), 1)
    pen = ImageDraw.Draw(image)
    top = _MARGIN
    for line, scale in rows:
        _row(pen, line, top, scale)
        top += _LINE * scale
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _row(pen: "ImageDraw.ImageDraw", line: str, top: int, scale: int) -> None:
    cell = _CELL * scale
    left = (PIXELS - cell * len(line)) // 2 if scale > 1 else 0
    for column, char in enumerate(line):
        if char != " ":
            middle = left + column * cell + cell / 2
            pen.text((middle, top + _LINE * scale / 2), char, fill=0, font=_font(_SIZE * scale), anchor="mm")


@cache
def _font(size: int) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    from PIL import ImageFont  # noqa: PLC0415  # as above

    return ImageFont.load_default(size)
