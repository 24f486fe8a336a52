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

WIDTH, HEIGHT = 1080, 760
_EDGE, _TOP, _FOOT = 48, 236, 74
_GROUND, _INK, _SOFT, _LINE = "#ffffff", "#17212b", "#66727f", "#e6eaee"
_NOW, _BEFORE, _MARK = "#1f7ae0", "#d5dbe1", "#c2410c"
_STEPS = 4  # lines of the axis, about
_FEW = 8  # bars that all show their sum
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


def png(plot: Plot) -> bytes:
    """The picture; the same plot is the same file."""
    from PIL import Image, ImageDraw  # noqa: PLC0415  # a heavy library that few messages need

    image = Image.new("RGB", (WIDTH, HEIGHT), _GROUND)
    draw = ImageDraw.Draw(image)
    _heading(draw, plot)
    most = max(*plot.now, *plot.before, 1)
    step = _step(most)
    steps = -(-most // step)
    left = _axis(draw, step, steps)
    _bars(draw, plot, step * steps, left)
    file = io.BytesIO()
    image.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def short(amount: int) -> str:
    """About so much, in few signs: `850rb`, `1,2jt`, `35jt`."""
    if amount < _THOUSAND:
        return str(amount)
    if round(amount / _THOUSAND) < _THOUSAND:
        return f"{round(amount / _THOUSAND)}rb"
    millions = amount / _MILLION
    if millions < 10 and round(millions, 1) != round(millions):
        return f"{millions:.1f}".replace(".", ",") + "jt"
    return f"{round(millions):,}".replace(",", ".") + "jt"


def _heading(draw: "ImageDraw.ImageDraw", plot: Plot) -> None:
    draw.text((_EDGE, 40), _latin(plot.title), _INK, _font(46))
    draw.text((_EDGE, 104), _latin(plot.total), _SOFT, _font(34))
    draw.text((WIDTH - _EDGE, 46), _latin(plot.mark), _MARK, _font(30), anchor="ra")
    at = _EDGE
    for colour, name in zip((_NOW, _BEFORE), plot.legend, strict=True):
        draw.rounded_rectangle((at, 170, at + 26, 196), 5, colour)
        words = _latin(name)
        draw.text((at + 38, 183), words, _SOFT, _font(28), anchor="lm")
        at += 38 + round(draw.textlength(words, _font(28))) + 44


def _latin(words: str) -> str:
    return words.encode("latin-1", "ignore").decode("latin-1").strip()


def _step(most: int) -> int:
    """Between two lines of the axis: 1, 2 or 5 with zeros, so that few of them reach the highest bar."""
    rough = max(1.0, most / _STEPS)
    zeros = 10 ** math.floor(math.log10(rough))
    return int(next(first * zeros for first in (1, 2, 5, 10) if first * zeros >= rough))


def _axis(draw: "ImageDraw.ImageDraw", step: int, steps: int) -> int:
    """The lines and what they stand for; returns where the bars may begin."""
    words = [short(step * n) for n in range(steps + 1)]
    left = _EDGE + round(max(draw.textlength(one, _font(26)) for one in words)) + 18
    for n, one in enumerate(words):
        height = _height(n, steps)
        draw.line((left, height, WIDTH - _EDGE, height), _LINE if n else _SOFT, 2)
        draw.text((left - 14, height), one, _SOFT, _font(26), anchor="rm")
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
        _bar(draw, middle, wide * 0.84, before, most, _BEFORE)
        _bar(draw, middle, wide * 0.54, now, most, _NOW)
        if now and (now == best or count <= _FEW):
            draw.text((middle, _height(now, most) - 8), short(now), _INK, _font(26), anchor="mb")
        if n % every == 0:
            draw.text((middle, HEIGHT - _FOOT + 16), label, _SOFT, _font(26), anchor="ma")


def _bar(draw: "ImageDraw.ImageDraw", middle: float, wide: float, sum_: int, most: int, colour: str) -> None:
    if sum_:
        foot, head = _height(0, most) - 1, min(_height(sum_, most), _height(0, most) - 3)
        draw.rectangle((round(middle - wide / 2), head, round(middle + wide / 2), foot), colour)


def _every(draw: "ImageDraw.ImageDraw", labels: tuple[str, ...], wide: float) -> int:
    """How many bars share a label, so that none touches the next; hours in steps of three, as a clock has them."""
    longest = max(draw.textlength(one, _font(26)) for one in labels) + 18
    return next((n for n in (1, 3, 5, 7, 14) if n * wide >= longest), len(labels))


@cache
def _font(size: int) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    from PIL import ImageFont  # noqa: PLC0415  # as above

    return ImageFont.load_default(size)
