"""How messages look on Telegram: every text of the catalogue, in both languages, within the platform's limits.

The limits are the platform's: its markup and keyboards are read by the test double, never by our own code.
"""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram.look import Dressing, Look, mark
from bot.domain.message import Block, Lines, Message, MeterNumber, Option, Rupiah, Sheet, Text, TokenDigits, Value
from bot.i18n import LOCALES, Catalogues, Renderer
from tests.telegram.double.entities import parse_html
from tests.telegram.double.markup import Button, parse_markup
from tests.test_i18n import placeholders
from tests.world import ZONE

CATALOGUES = Catalogues()
PLAIN = Renderer(CATALOGUES)
DRESSING = Dressing(Renderer(CATALOGUES, mark=mark), PLAIN, ZONE)
NONCE = "abcdefgh"
DIGITS = "12345678901234567890"
HOSTILE = "<b>&amp; </code> <a href='x'>\"y\"</a> *_~` [z](w) 💥\u202e\u0000\ud800"
LONGEST = HOSTILE + "W" * 300
PLACES: dict[str, Value] = {
    "token": TokenDigits(DIGITS),
    "meter": MeterNumber("54123456789"),
    "n": 999_999,
    "minutes": 9_999,
    "receipt": Block("\n".join("<&>" + "x" * 29 for _ in range(40))),
    "parts": Lines(tuple(Text("line.agent", {"agent": LONGEST}) for _ in range(9))),
}


def filled(key: str) -> Text:
    """The text with the longest and nastiest values that it could ever be given."""
    names = placeholders(CATALOGUES.text(key, "id"))
    return Text(key, {name: PLACES.get(name, Rupiah(99_999_999) if name == "rp" else LONGEST) for name in names})


def choices(labels: list[str]) -> tuple[Option, ...]:
    return tuple(Option(f"key_{number}", Text("line.agent", {"agent": one})) for number, one in enumerate(labels, 1))


def read(look: Look) -> tuple[str, list[dict[str, Any]], tuple[tuple[Button, ...], ...]]:
    """The text as a phone shows it, its marks, and the rows of buttons; fails where the platform would refuse."""
    shown, marks = [], []
    for part in look.parts:
        plain, found = parse_html(part)
        assert 1 <= len(plain.strip()) <= 4096
        assert len(part.encode()) <= 32_768
        shown.append(plain)
        marks += found
    strange: list[str] = []
    markup = parse_markup(json.loads(json.dumps(look.keyboard)), strange.append)
    assert strange == []
    return "\n".join(shown), marks, markup.rows if markup else ()


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("key", sorted(CATALOGUES.texts("id")))
def test_every_text_with_the_longest_values_is_taken_and_shown_letter_by_letter(key: str, locale: str) -> None:
    message = Message(filled(key), (filled("resend.head"), filled("pay.again")), choices(["a", HOSTILE]))
    for look in (
        DRESSING.rich(message, locale, NONCE),
        DRESSING.plain(message, locale, NONCE, buttons=True),
        DRESSING.plain(message, locale, NONCE, buttons=False),
    ):
        assert look.parts
    shown, _, _ = read(DRESSING.rich(message, locale, NONCE))
    assert shown == PLAIN.message(message, locale, ZONE)
    assert "\n".join(DRESSING.plain(message, locale, NONCE, buttons=True).parts) == PLAIN.message(message, locale, ZONE)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("key", sorted(key for key in CATALOGUES.texts("id") if key.startswith("btn.")))
def test_every_button_has_a_label_that_is_taken_as_it_is(key: str, locale: str) -> None:
    option = Option(key.removeprefix("btn."), filled(key))
    _, _, rows = read(DRESSING.rich(Message(Text("buy.meter"), options=(option,)), locale, NONCE))
    assert [[one.label for one in row] for row in rows] == [[PLAIN.label(option, locale, ZONE)]]
    assert len(rows[0][0].data.encode()) <= 64


@pytest.mark.parametrize("key", ["token.only", "token.group", "copy.customer"])
def test_a_token_is_in_code_type_copied_whole_and_in_a_message_that_is_never_cut(key: str) -> None:
    look = DRESSING.rich(Message(filled(key), options=choices(["Menu"])), "id", NONCE)
    assert len(look.parts) == 1
    shown, marks, rows = read(look)
    assert [one["type"] for one in marks] == ["code"]
    start, length = marks[0]["offset"], marks[0]["length"]
    assert shown.encode("utf-16-le")[2 * start : 2 * (start + length)].decode("utf-16-le").replace(" ", "") == DIGITS
    assert [one.copy for row in rows for one in row] == [DIGITS, ""]


def test_a_repeat_copies_the_token_that_stands_below_its_heading() -> None:
    message = Message(filled("resend.head"), (filled("token.only"),))
    shown, _, rows = read(DRESSING.rich(message, "id", NONCE))
    assert shown.startswith("KIRIM ULANG")
    assert [one.copy for row in rows for one in row] == [DIGITS]


def test_the_first_line_of_a_card_stands_out_and_a_single_line_does_not() -> None:
    card = DRESSING.rich(Message(Text("buy.cancelled"), (Text("buy.pay_nothing"),)), "id", NONCE)
    assert card.parts[0].startswith("<b>Dibatalkan. Belum ada yang dipotong.</b>\n")
    assert DRESSING.rich(Message(Text("buy.cancelled")), "id", NONCE).parts == ("Dibatalkan. Belum ada yang dipotong.",)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_receipt_goes_as_a_file_below_a_caption_and_plain_as_its_lines(locale: str) -> None:
    text = "\n".join(["x" * 32] * 40)
    sheet = Sheet("struk-T10001", text)
    message = Message(filled("receipt.sent"), (Text("receipt.block", {"receipt": Block(text)}),), sheet=sheet)
    rich = DRESSING.rich(message, locale, NONCE)
    assert rich.sheet == sheet
    assert "xxx" not in rich.parts[-1]
    assert len(rich.parts) == 1
    assert len(parse_html(rich.parts[0])[0]) <= 1024
    plain = DRESSING.plain(message, locale, NONCE, buttons=False)
    assert plain.sheet is None
    assert text in plain.parts[0]


def test_a_question_for_ones_own_number_asks_by_the_keyboard_that_can() -> None:
    options = (Option("phone", Text("btn.menu")), Option("cancel", Text("btn.cancel")))
    look = DRESSING.rich(Message(Text("rec.own"), options=options), "id", NONCE)
    _, _, rows = read(look)
    assert [[one.asks_contact for one in row] for row in rows] == [[True], [False]]
    assert look.keyboard is not None
    assert look.keyboard["one_time_keyboard"] is True


LABELS = st.lists(st.text("aW ✅<&", min_size=1, max_size=60).filter(str.strip), min_size=1, max_size=25)


@settings(max_examples=150, deadline=None)
@given(LABELS)
def test_every_option_is_offered_once_in_its_order_in_rows_that_a_thumb_can_hit(labels: list[str]) -> None:
    look = DRESSING.rich(Message(Text("buy.meter"), options=choices(labels)), "id", NONCE)
    _, _, rows = read(look)
    keys = [one.data for row in rows for one in row]
    assert keys == [f"{NONCE}.key_{number}" for number in range(1, len(labels) + 1)]
    assert len(rows) <= 12
    if len(labels) <= 12:
        for row in rows:
            longest = max(len(one.label) for one in row)
            assert len(row) <= (3 if longest <= 8 else 2 if longest <= 14 else 1)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("ab <&>\n💥", min_size=1, max_size=120), min_size=30, max_size=60), st.integers(0, 59))
def test_a_text_beyond_the_limit_is_split_between_its_lines_and_the_token_stays_whole(
    lines: list[str], place: int
) -> None:
    texts = [Text("line.agent", {"agent": one * 3}) for one in lines]
    texts.insert(place % len(texts) + 1, filled("token.only"))
    message = Message(texts[0], tuple(texts[1:]), choices(["Menu"]))
    look = DRESSING.rich(message, "id", NONCE)
    shown, _, _ = read(look)
    assert shown == PLAIN.message(message, "id", ZONE)
    assert sum("<code>1234 5678 9012 3456 7890</code>" in part for part in look.parts) == 1
