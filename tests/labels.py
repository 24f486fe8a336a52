"""Pictures of labels as people take them: drawn here, turned, blurred, noisy, seen from the side, saved as JPEG."""

import io
from typing import TYPE_CHECKING, cast

import zxingcpp
from PIL import Image, ImageDraw, ImageFilter
from zxingcpp import BarcodeFormat

if TYPE_CHECKING:
    from typing_extensions import Buffer

CODE_128, CODE_39, QR = BarcodeFormat.Code128, BarcodeFormat.Code39, BarcodeFormat.QRCode
_CARD = (1280, 960)  # what a chat platform makes of a photo


def code(text: str, kind: BarcodeFormat = CODE_128, scale: int = 4) -> Image.Image:
    """A code with its margins; `scale` pixels a module."""
    drawn = zxingcpp.write_barcode_to_image(zxingcpp.create_barcode(text, kind), scale=scale)
    height, width = drawn.shape
    pixels = cast("Buffer", drawn)  # which its types do not say
    return Image.frombytes("L", (width, height), bytes(memoryview(pixels)))


def label(*codes: Image.Image, size: tuple[int, int] = _CARD) -> Image.Image:
    """A meter's grey front with its label: a title, codes below each other, an edge."""
    front = Image.new("L", size, 150)
    pen = ImageDraw.Draw(front)
    height = sum(one.height + 30 for one in codes) + 90
    left, top = size[0] // 2, (size[1] - height) // 2
    width = max(one.width for one in codes) + 60
    pen.rectangle((left - width // 2, top, left + width // 2, top + height), fill=250, outline=40, width=4)
    pen.text((left - width // 2 + 30, top + 20), "PLN  METER PRABAYAR  5(60) A", fill=20)
    top += 60
    for one in codes:
        front.paste(one, (left - one.width // 2, top))
        top += one.height + 30
    return front


def turned(image: Image.Image, degrees: float) -> Image.Image:
    """As a hand holds it."""
    return image.rotate(degrees, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=150)


def blurred(image: Image.Image, radius: float) -> Image.Image:
    """Out of focus."""
    return image.filter(ImageFilter.GaussianBlur(radius))


def aside(image: Image.Image, share: float) -> Image.Image:
    """From the side: the far edge is shorter by this share of it."""
    width, height = image.size
    cut = height * share / 2
    quad = (0, 0, 0, height, width, height + cut, width, -cut)
    return image.transform(image.size, Image.Transform.QUAD, quad, Image.Resampling.BICUBIC, fillcolor=150)


def grainy(image: Image.Image, sigma: float) -> Image.Image:
    """In bad light."""
    return Image.blend(image, Image.effect_noise(image.size, sigma), 0.25)


def jpeg(image: Image.Image, quality: int = 80) -> bytes:
    """As a phone sends it."""
    return _saved(image.convert("RGB"), "JPEG", quality=quality)


def png(image: Image.Image) -> bytes:
    """As a file."""
    return _saved(image, "PNG")


def webp(image: Image.Image) -> bytes:
    """As some phones save it."""
    return _saved(image.convert("RGB"), "WEBP")


def photo(*numbers: str) -> bytes:
    """Of a meter with these codes on its label, slightly turned."""
    return jpeg(turned(label(*(code(number) for number in numbers)), 4))


def _saved(image: Image.Image, kind: str, **how: int) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()
