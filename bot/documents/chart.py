"""Sums side by side as a picture for phones: 1,080 pixels wide, light, few colours, so that it is small.

What they are compared with stands behind them, broader and grey. Words and numbers are set already but for the axis.
"""

import io
import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont

WIDTH, HEIGHT = 1080, 900
_EDGE, _TOP, _FOOT = 44, 300, 84
_GROUND, _INK, _SOFT, _LINE = "#ffffff", "#17212b", "#66727f", "#e6eaee"
_NOW, _BEFORE, _MARK = "#1f7ae0", "#d5dbe1", "#c2410c"
_STEPS = 4  # lines of the axis, about
_FEW = 8  # bars that all show their sum
_TITLE, _TOTAL, _WORDS = 54, 44, 36  # a phone shows the picture at a third of its size
_COLOURS = 64
_THOUSAND, _MILLION = 1_000, 1_000_000


@dataclass(frozen=True, slots=True)
class Plot:
    """What is drawn: rows of sums of the same length with a label each, in rupiah, and the words around them.

    The font has Latin letters: whatever else stands in the words is left out.
    """

    name: str
    title: str
    total: str
    legend: tuple[str, str]
    labels: tuple[str, ...]
    now: tuple[int, ...]
    before: tuple[int, ...]
    mark: str = ""
    units: tuple[str, str] = ("rb", "jt")  # a thousand, a million


def png(plot: Plot) -> bytes:
    """The picture; the same plot is the same file."""
    from PIL import Image, ImageDraw  # noqa: PLC0415  # a heavy library that few messages need

    image = Image.new("RGB", (WIDTH, HEIGHT), _GROUND)
    draw = ImageDraw.Draw(image)
    _heading(draw, plot)
    most = max(*plot.now, *plot.before, 1)
    step = _step(most)
    steps = -(-most // step)
    left = _axis(draw, plot, step, steps)
    _bars(draw, plot, step * steps, left)
    file = io.BytesIO()
    image.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def short(amount: int, units: tuple[str, str] = ("rb", "jt")) -> str:
    """About so much, in few signs: `850rb`, `1,2jt`, `35jt`."""
    if amount < _THOUSAND:
        return str(amount)
    if round(amount / _THOUSAND) < _THOUSAND:
        return f"{round(amount / _THOUSAND)}{units[0]}"
    millions = amount / _MILLION
    if millions < 10 and round(millions, 1) != round(millions):
        return f"{millions:.1f}".replace(".", ",") + units[1]
    return f"{round(millions):,}".replace(",", ".") + units[1]


def _heading(draw: "ImageDraw.ImageDraw", plot: Plot) -> None:
    draw.text((_EDGE, 36), _latin(plot.title), _INK, _font(_TITLE))
    draw.text((_EDGE, 112), _latin(plot.total), _INK, _font(_TOTAL))
    draw.text((WIDTH - _EDGE, 50), _latin(plot.mark), _MARK, _font(_WORDS), anchor="ra")
    at = _EDGE
    for colour, name in zip((_NOW, _BEFORE), plot.legend, strict=True):
        draw.rounded_rectangle((at, 192, at + 32, 224), 6, colour)
        words = _latin(name)
        draw.text((at + 46, 208), words, _SOFT, _font(_WORDS), anchor="lm")
        at += 46 + round(draw.textlength(words, _font(_WORDS))) + 48


def _latin(words: str) -> str:
    return words.encode("latin-1", "ignore").decode("latin-1").strip()


def _step(most: int) -> int:
    """Between two lines of the axis: 1, 2 or 5 with zeros, so that few of them reach the highest bar."""
    rough = max(1.0, most / _STEPS)
    zeros = 10 ** math.floor(math.log10(rough))
    return int(next(first * zeros for first in (1, 2, 5, 10) if first * zeros >= rough))


def _axis(draw: "ImageDraw.ImageDraw", plot: Plot, step: int, steps: int) -> int:
    """The lines and what they stand for; returns where the bars may begin."""
    words = [short(step * n, plot.units) for n in range(steps + 1)]
    left = _EDGE + round(max(draw.textlength(one, _font(_WORDS)) for one in words)) + 18
    for n, one in enumerate(words):
        height = _height(n, steps)
        draw.line((left, height, WIDTH - _EDGE, height), _LINE if n else _SOFT, 2)
        draw.text((left - 14, height), one, _SOFT, _font(_WORDS), anchor="rm")
    return left


def _height(sum_: int, most: int) -> int:
    room = HEIGHT - _FOOT - _TOP
    return HEIGHT - _FOOT - round(room * sum_ / most)


def _bars(draw: "ImageDraw.ImageDraw", plot: Plot, most: int, left: int) -> None:
    count = len(plot.labels)
    wide = (WIDTH - _EDGE - left) / count
    every = _every(draw, plot.labels, wide)
    best = max(plot.now)
    for n, (label, now, before) in enumerate(zip(plot.labels, plot.now, plot.before, strict=True)):
        middle = left + wide * (n + 0.5)
        _bar(draw, middle, wide * 0.88, before, most, _BEFORE)
        _bar(draw, middle, wide * 0.52, now, most, _NOW)
        if now and (now == best or count <= _FEW):
            draw.text((middle, _height(now, most) - 8), short(now, plot.units), _INK, _font(_WORDS), anchor="mb")
        if n % every == 0:
            draw.text((middle, HEIGHT - _FOOT + 16), label, _SOFT, _font(_WORDS), anchor="ma")


def _bar(draw: "ImageDraw.ImageDraw", middle: float, wide: float, sum_: int, most: int, colour: str) -> None:
    if sum_:
        foot, head = _height(0, most) - 1, min(_height(sum_, most), _height(0, most) - 3)
        round_ = min(10, round(wide / 4), foot - head)
        box = (round(middle - wide / 2), head, round(middle + wide / 2), foot)
        draw.rounded_rectangle(box, round_, colour, corners=(True, True, False, False))


def _every(draw: "ImageDraw.ImageDraw", labels: tuple[str, ...], wide: float) -> int:
    """How many bars share a label, so that none touches the next; hours in steps of three."""
    longest = max(draw.textlength(one, _font(_WORDS)) for one in labels) + 8
    return next((n for n in (1, 3, 5, 7, 14) if n * wide >= longest), len(labels))


@cache
def _font(size: int) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    from PIL import ImageFont  # noqa: PLC0415  # as above

    return ImageFont.load_default(size)
