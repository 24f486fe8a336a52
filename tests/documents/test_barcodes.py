"""Codes are read from pictures as people take them; what is no picture, or too large a one, is refused at once."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageFile
from zxingcpp import BarcodeFormat

from bot.documents import barcodes
from tests import labels
from tests.labels import CODE_39, CODE_128, QR, aside, blurred, code, grainy, jpeg, label, turned

METER, IDPEL = "54123456789", "531234567890"
KINDS = [CODE_128, CODE_39, QR]


def reads(picture: Image.Image, quality: int = 80) -> bool:
    return barcodes.read(jpeg(picture, quality)) == (METER,)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("degrees", [0, 7, 15, 30, 45, 60, 75, 90, 135, 180, 270])
def test_a_meters_code_is_read_however_the_phone_was_held(kind: BarcodeFormat, degrees: float) -> None:
    assert reads(turned(label(code(METER, kind, 3)), degrees))


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_it_is_read_a_little_blurred_from_the_side_in_bad_light_and_after_the_platforms_saving(
    kind: BarcodeFormat,
) -> None:
    front = label(code(METER, kind, 4))
    assert reads(blurred(front, 1.5))
    assert reads(aside(front, 0.3))
    assert reads(grainy(front, 40))
    assert reads(front, quality=20)
    assert reads(blurred(aside(turned(front, 6), 0.15), 0.8), quality=60)


def test_what_nobody_could_read_is_nothing_rather_than_a_guess() -> None:
    front = label(code(METER, CODE_128, 4))
    assert barcodes.read(jpeg(blurred(front, 8))) == ()
    assert barcodes.read(jpeg(label(Image.new("L", (500, 200), 90)))) == ()
    half = front.copy()
    half.paste(150, (front.width // 2, 0, front.width, front.height))
    assert barcodes.read(jpeg(half)) == ()


def test_a_small_code_on_a_large_photo_sent_as_a_file_is_read() -> None:
    front = label(code(METER, CODE_128, 2), size=(3000, 2200))
    assert reads(front)


def test_several_codes_are_all_read_and_each_once() -> None:
    front = label(code(METER), code(IDPEL), code(METER))
    assert sorted(barcodes.read(jpeg(front))) == sorted([METER, IDPEL])


def test_other_formats_of_pictures_are_read_and_what_is_transparent_is_white() -> None:
    front = label(code(METER))
    assert barcodes.read(labels.png(front)) == (METER,)
    assert barcodes.read(labels.webp(front)) == (METER,)
    bars = code(METER)
    ink = Image.new("LA", bars.size, (0, 255))
    ink.putalpha(bars.point(lambda grey: 255 - grey))
    assert barcodes.read(labels.png(ink)) == (METER,)


@pytest.mark.parametrize("kind", [BarcodeFormat.EAN13, BarcodeFormat.UPCA, BarcodeFormat.ITF, BarcodeFormat.Codabar])
def test_a_goods_code_and_a_code_without_a_check_are_no_meters(kind: BarcodeFormat) -> None:
    text = {BarcodeFormat.EAN13: "8991234567891", BarcodeFormat.UPCA: "036000291452"}.get(kind, "531234567890")
    text = f"A{text}A" if kind is BarcodeFormat.Codabar else text
    assert barcodes.read(jpeg(label(code(text, kind)))) == ()


def _bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that says that it is so large, and is."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _gif() -> bytes:
    file = io.BytesIO()
    label(code(METER)).save(file, "GIF")
    return file.getvalue()


WHOLE = jpeg(label(code(METER)))
DAMAGED = {
    "nothing": b"",
    "words": b"<html>gone</html>",
    "a beginning": WHOLE[:20],
    "a half": WHOLE[: len(WHOLE) // 2],
    "noise": bytes(range(256)) * 40,
    "heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(2000),
    "gif": _gif(),
    "huge png": labels.png(Image.new("1", (6_000, 6_000), 1)),
    "huge jpeg": jpeg(Image.new("L", (8_000, 8_000), 200), 30),
    "bomb": _bomb(30_000, 30_000),
    "wide bomb": _bomb(2_000_000_000, 2),
    "empty png": _bomb(0, 0),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_what_is_no_whole_picture_of_a_known_kind_is_refused(what: str) -> None:
    with pytest.raises(barcodes.UnreadableError):
        barcodes.read(DAMAGED[what])


@pytest.mark.parametrize("what", ["huge png", "huge jpeg", "bomb", "wide bomb", "empty png"])
def test_a_picture_of_too_many_pixels_is_never_unpacked(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked: list[str] = []
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: unpacked.append(str(self.size)))
    with pytest.raises(barcodes.UnreadableError):
        barcodes.read(DAMAGED[what])
    assert unpacked == []


def test_bytes_that_fell_over_are_refused_or_read_and_never_raise_anything_else() -> None:
    for place in range(0, len(WHOLE), max(1, len(WHOLE) // 40)):
        broken = bytearray(WHOLE)
        broken[place] ^= 0xFF
        try:
            found = barcodes.read(bytes(broken))
        except barcodes.UnreadableError:
            continue
        assert found in ((), (METER,))
