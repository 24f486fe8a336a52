"""How messages look on Telegram and on WhatsApp: every text, in both languages, within the platform's limits.

The limits are the platforms': markup, keyboards and bodies are read by the test doubles, never by our own code.
"""

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram.look import Dressing, Look, mark
from bot.channels.whatsapp import look as whatsapp
from bot.channels.whatsapp.templates import Templates, template
from bot.domain.message import (
    Block,
    Lines,
    Message,
    MeterNumber,
    Option,
    Parts,
    Rupiah,
    Sheet,
    Text,
    TokenDigits,
    Value,
)
from bot.i18n import LOCALES, Catalogues, Renderer
from tests.double.clock import Clock
from tests.telegram.double.entities import parse_html
from tests.telegram.double.markup import Button, parse_markup
from tests.test_i18n import placeholders
from tests.whatsapp.double import messages
from tests.whatsapp.double.access import ACCESS
from tests.whatsapp.double.phones import Phone, Shown
from tests.whatsapp.double.state import Call, State
from tests.world import ZONE

CATALOGUES = Catalogues()
PLAIN = Renderer(CATALOGUES)
DRESSING = Dressing(Renderer(CATALOGUES, mark=mark), PLAIN, ZONE)
WHATSAPP = whatsapp.Dressing(Renderer(CATALOGUES, mark=whatsapp.mark), PLAIN, ZONE)
PRACTICE = whatsapp.Dressing(Renderer(CATALOGUES, practice=True, mark=whatsapp.mark), PLAIN, ZONE)
TOPICS = sorted({key.partition(".")[0] for key in CATALOGUES.texts("id")})
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


def of(topic: str) -> Iterator[str]:
    """The names of its texts; each is printed, so that a failure says which it was."""
    for key in sorted(CATALOGUES.texts("id")):
        if key.startswith(f"{topic}."):
            print(key)
            yield key


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
@pytest.mark.parametrize("topic", TOPICS)
def test_every_text_with_the_longest_values_is_taken_and_shown_letter_by_letter(topic: str, locale: str) -> None:
    for key in of(topic):
        message = Message(filled(key), (filled("resend.head"), filled("pay.again")), choices(["a", HOSTILE]))
        for look in (
            DRESSING.rich(message, locale, NONCE),
            DRESSING.plain(message, locale, NONCE, buttons=True),
            DRESSING.plain(message, locale, NONCE, buttons=False),
        ):
            assert look.parts
        shown, _, _ = read(DRESSING.rich(message, locale, NONCE))
        assert shown == PLAIN.message(message, locale, ZONE)
        assert "\n".join(DRESSING.plain(message, locale, NONCE, buttons=True).parts) == PLAIN.message(
            message, locale, ZONE
        )


@pytest.mark.parametrize("locale", LOCALES)
def test_every_button_has_a_label_that_is_taken_as_it_is(locale: str) -> None:
    for key in of("btn"):
        option = Option(key.removeprefix("btn."), filled(key))
        _, _, rows = read(DRESSING.rich(Message(Text("buy.meter"), options=(option,)), locale, NONCE))
        assert [[one.label for one in row] for row in rows] == [[PLAIN.label(option, locale, ZONE)]]
        assert len(rows[0][0].data.encode()) <= 64


@pytest.mark.parametrize("key", ["token.only", "token.key", "token.group", "copy.customer"])
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


# WhatsApp

FENCED = re.compile(r"```(.*?)```", re.DOTALL)
SPOKEN = "1234 5678 9012 3456 7890"
PRICE: dict[str, Value] = {"price": Rupiah(1), "left": Rupiah(1)}


def taken(body: dict[str, Any]) -> Shown:
    """The message as it stands on a phone; fails where the platform would refuse it."""
    state = State(Clock(), 0, ACCESS)
    state.pace.off()
    phone = Phone("budi", "Budi", "6281234567890", None, heard_at=state.clock.now())
    state.by_number["6281234567890"] = phone
    envelope = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": "6281234567890"}
    messages.send(state, Call(1, messages.kind_of(body), "POST", "", {}, None, 0.0, 0.0), envelope | body)
    assert state.unsupported == []
    (shown,) = phone.screen
    return shown


def shown_on_whatsapp(look: whatsapp.Look) -> list[Shown]:
    """What the phone shows of a look, one message after another; a caption is no longer than a body."""
    bodies: list[dict[str, Any]] = [
        {"type": "text", "text": {"body": part, "preview_url": False}} for part in look.parts
    ]
    if look.interactive is not None:
        bodies[-1] = {"type": "interactive", "interactive": json.loads(json.dumps(look.interactive))}
    if look.sheet is not None:
        assert len(look.parts[-1]) <= 1024
    return [taken(body) for body in bodies]


def formats(text: str) -> tuple[list[str], str]:
    """What is set in fixed pitch, and the line that is bold; fails where anything else could format."""
    rest = FENCED.sub("", text)
    bold = re.match(r"\*(\S(?:[^*\n]*\S)?)\*(?=\n|$)", rest)
    rest = rest[bold.end() :] if bold else rest
    assert not re.search(r"[*~`]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])", rest), rest
    assert not re.search(r"^(>|- )", rest, re.MULTILINE), rest
    return FENCED.findall(text), bold[1] if bold else ""


def letters(*texts: str) -> str:
    """What is left of texts without blanks and without what could format them."""
    return re.sub(r"[\s*_~`•>-]", "", "".join(texts))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("topic", TOPICS)
def test_whatsapp_takes_every_text_with_the_longest_values_and_shows_it_letter_by_letter(
    topic: str, locale: str
) -> None:
    for key in of(topic):
        more = (filled("resend.head"), filled("pay.again"))
        for labels in (["a", HOSTILE], ["a", "b"], list("abcd")):
            message = Message(filled(key), more, choices(labels))
            said = letters(PLAIN.message(message, locale, ZONE))
            rich = WHATSAPP.rich(message, locale, NONCE)
            typed = (
                letters(*(f"{number}: {label}" for number, label in enumerate(labels, 1))) if HOSTILE in labels else ""
            )
            assert letters(*(one.text for one in shown_on_whatsapp(rich))) == said + letters(
                PLAIN.render(Text("line.agent", {"agent": typed}), locale, ZONE)
            )
            for part in rich.parts:
                formats(part)
            for buttons in (True, False):
                plain = WHATSAPP.plain(message, locale, NONCE, buttons=buttons)
                assert all(formats(part) == ([], "") for part in plain.parts)
                assert letters(*(one.text for one in shown_on_whatsapp(plain))).startswith(said)


@pytest.mark.parametrize("key", ["token.only", "token.key", "token.group", "copy.customer"])
def test_on_whatsapp_a_token_is_in_fixed_pitch_and_in_a_message_that_is_never_cut(key: str) -> None:
    look = WHATSAPP.rich(Message(filled(key), options=choices(["Menu"])), "id", NONCE)
    (part,) = look.parts
    assert formats(part) == ([SPOKEN], "")
    assert SPOKEN in WHATSAPP.plain(Message(filled(key)), "id").parts[0]


def test_on_whatsapp_a_tokens_message_is_its_digits_and_one_line_below_a_heading_if_it_is_a_repeat() -> None:
    facts: dict[str, Value] = {"meter": MeterNumber("54123456789"), "kwh": "32,1", "sale": "T10482", "time": "14.02"}
    token = Text("token.only", {"token": TokenDigits(DIGITS)} | facts)
    line = "Meter 5412 3456 789 · 32,1 kWh · T10482 · 14.02"
    assert WHATSAPP.rich(Message(token), "id", None).parts == (f"```{SPOKEN}```\n{line}",)
    assert WHATSAPP.plain(Message(token), "id").parts == (f"{SPOKEN}\n{line}",)
    repeat = Message(Text("resend.head", {"sale": "T10482"}), (token,))
    assert WHATSAPP.rich(repeat, "id", None).parts == (f"*KIRIM ULANG · T10482*\n```{SPOKEN}```\n{line}",)


def test_on_whatsapp_the_first_line_of_a_card_stands_out_and_a_single_line_does_not() -> None:
    card = Message(Text("buy.cancelled"), (Text("buy.pay_nothing"),))
    assert WHATSAPP.rich(card, "id", NONCE).parts[0].startswith("*Dibatalkan. Belum ada yang dipotong.*\n")
    single = Message(Text("buy.cancelled"), options=choices(["x" * 60]))
    assert WHATSAPP.rich(single, "id", NONCE).parts == (f"Dibatalkan. Belum ada yang dipotong.\n1: {'x' * 60}",)


@pytest.mark.parametrize(
    ("foreign", "literal"),
    [
        ("*BUDI* _SANTOSA_ ~x~ `y` ```z```", "BUDI SANTOSA x y z"),
        ("> BUDI", "BUDI"),
        ("- BUDI - SANTOSA", "BUDI - SANTOSA"),
        ("*> BUDI", "BUDI"),
        ("B*** S******", "B••• S••••••"),
        ("BU*DI S**", "BUDI S••"),
        ("<b>BUDI</b> & co", "<b>BUDI</b> & co"),
        ("\u202eBUDI\u202c\u0000\ud800 💥", "BUDI 💥"),
        ("https://t.me/toko_uji_bot?start=a_K7Q2M9XT4B", "https://t.me/toko_uji_bot?start=a_K7Q2M9XT4B"),
        ("https://wa.me/628?text=AGEN%20K7Q2M9XT4B", "https://wa.me/628?text=AGEN%20K7Q2M9XT4B"),
        ("https://x.id/_x_ *y*", "https://x.id/x y"),
        ("https://x.id/_x_", "https://x.id/x"),
    ],
)
def test_on_whatsapp_a_foreign_value_cannot_format_and_links_and_masks_stay(foreign: str, literal: str) -> None:
    look = WHATSAPP.rich(Message(Text("line.agent", {"agent": foreign})), "id", None)
    assert look.parts == (literal,)
    assert shown_on_whatsapp(look)[0].text == literal


def test_on_whatsapp_a_value_of_nothing_but_marks_still_leaves_a_message() -> None:
    for look in (
        WHATSAPP.rich(Message(Text("line.agent", {"agent": "*_~`"}), options=choices(["a"])), "id", NONCE),
        WHATSAPP.plain(Message(Text("line.agent", {"agent": "*_~`"})), "id"),
    ):
        assert shown_on_whatsapp(look)[0].text == "…"


@pytest.mark.parametrize("locale", LOCALES)
def test_on_whatsapp_a_receipt_goes_as_a_file_below_a_caption_and_plain_as_its_lines(locale: str) -> None:
    text = "\n".join(["x" * 32] * 40)
    sheet = Sheet("struk-T10001", text)
    message = Message(filled("receipt.sent"), (Text("receipt.block", {"receipt": Block(text)}),), sheet=sheet)
    rich = WHATSAPP.rich(message, locale, NONCE)
    assert rich.sheet == sheet
    assert "xxx" not in "".join(rich.parts)
    shown_on_whatsapp(rich)
    plain = WHATSAPP.plain(message, locale, NONCE)
    assert plain.sheet is None
    assert plain.parts[0].endswith(f"\n{text}")
    assert "\n\n" not in plain.parts[0]


def test_on_whatsapp_set_lines_stand_between_fences_that_are_closed_in_every_part() -> None:
    text = "\n".join(f"{number:03d}{'`*' + 'x' * 27}" for number in range(200))
    look = WHATSAPP.rich(Message(Text("receipt.block", {"receipt": Block(text)})), "id", None)
    assert len(look.parts) > 1
    for part in look.parts:
        (fenced,), _ = formats(part)
        assert fenced.startswith("\n")
        assert fenced.endswith("\n")
    lines = [line for part in look.parts for line in FENCED.findall(part)[0].strip("\n").split("\n")]
    assert lines == text.replace("`", "'").split("\n")
    shown_on_whatsapp(look)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text("ab <&>*_~`\n💥", min_size=1, max_size=120), min_size=20, max_size=60),
    st.integers(0, 59),
    st.sampled_from([["Menu"], list("abcd"), ["x" * 60], []]),
)
def test_on_whatsapp_a_long_text_is_split_between_its_lines_and_its_options_stand_on_the_last_part(
    lines: list[str], place: int, labels: list[str]
) -> None:
    texts = [Text("line.agent", {"agent": one * 3}) for one in lines]
    texts.insert(place % len(texts) + 1, filled("token.only"))
    message = Message(texts[0], tuple(texts[1:]), choices(labels))
    for look in (WHATSAPP.rich(message, "id", NONCE), WHATSAPP.plain(message, "id", NONCE, buttons=True)):
        *before, last = shown_on_whatsapp(look)
        assert all(one.options == [] for one in before)
        assert [one.label for one in last.options] == (labels if labels != ["x" * 60] else [])
        assert last.text.endswith("1: " + "x" * 60) or labels != ["x" * 60]
        assert sum(SPOKEN in one.text for one in [*before, last]) == 1
        said = letters(PLAIN.message(message, "id", ZONE))
        assert letters(*(one.text for one in [*before, last])).removesuffix("…").startswith(said)


@pytest.mark.parametrize("most", [1024, 4096])
def test_on_whatsapp_a_text_fills_what_there_is_room_for_and_no_more(most: int) -> None:
    options = choices(["Menu"] if most == 1024 else [])
    for length in range(most - 5, most + 5):
        texts = [Text("line.agent", {"agent": "x" * 99}) for _ in range(length // 100)]
        texts.append(Text("line.agent", {"agent": "x" * (length - 100 * len(texts))}))
        look = WHATSAPP.rich(Message(texts[0], tuple(texts[1:]), options), "id", NONCE)
        shown = shown_on_whatsapp(look)
        assert len(shown) == (1 if length <= most - 2 else 2)  # the first line is bold
        assert letters(*(one.text for one in shown)) == "x" * (length - len(texts) + 1)


def test_on_whatsapp_a_token_within_a_line_is_never_cut() -> None:
    for length in range(940, 1030):
        before = tuple(Text("line.agent", {"agent": "W" * 100}) for _ in range(8))
        near = Text("line.agent", {"agent": "W" * (length - 8 * 103)})
        token = Text("line.agent", {"agent": TokenDigits(DIGITS)})
        line = Text("line.parts", {"parts": Parts((*before, near, token, *before))})
        for look in (
            WHATSAPP.rich(Message(line, options=choices(["Menu"])), "id", NONCE),
            WHATSAPP.plain(Message(line, options=choices(["Menu"])), "id", NONCE, buttons=True),
        ):
            assert sum(SPOKEN in one.text for one in shown_on_whatsapp(look)) == 1


COUNTS, LENGTHS = (1, 2, 3, 4, 10, 11, 25), (1, 20, 21, 24, 25, 60)


@pytest.mark.parametrize(("count", "length"), list(itertools.product(COUNTS, LENGTHS)))
def test_22_every_option_is_offered_once_in_the_form_that_its_channel_has_for_it(count: int, length: int) -> None:
    labels = [chr(ord("a") + number) + "x" * (length - 1) for number in range(count)]
    ids = [f"{NONCE}.key_{number}" for number in range(1, count + 1)]
    message = Message(Text("buy.meter"), options=choices(labels))
    _, _, rows = read(DRESSING.rich(message, "id", NONCE))
    assert [(one.data, one.label) for row in rows for one in row] == list(zip(ids, labels, strict=True))
    (shown,) = shown_on_whatsapp(WHATSAPP.rich(message, "id", NONCE))
    if count <= 3 and length <= 20:
        assert shown.kind == "button"
    elif count <= 10 and length <= 24:
        assert (shown.kind, shown.opener) == ("list", "Pilih")
    else:
        typed = "\n".join(f"{number}: {label}" for number, label in enumerate(labels, 1))
        assert (shown.kind, shown.text) == ("text", f"{PLAIN.message(message, 'id', ZONE)}\n{typed}")
        return
    assert [(one.id, one.label) for one in shown.options] == list(zip(ids, labels, strict=True))


def test_on_whatsapp_equal_labels_are_told_apart_by_their_numbers() -> None:
    look = WHATSAPP.rich(Message(Text("buy.meter"), options=choices(["same", "same"])), "id", NONCE)
    (shown,) = shown_on_whatsapp(look)
    assert shown.text.endswith("\n1: same\n2: same")


def test_on_whatsapp_a_payment_that_is_typed_has_its_word_and_no_number() -> None:
    options = (Option("pay", Text("btn.pay", {"rp": Rupiah(52_000)})), *choices(["x" * 60]))
    for locale, typed in (("id", "bayar: ✅ Bayar Rp52.000"), ("en", "pay: ✅ Pay Rp52.000")):
        (shown,) = shown_on_whatsapp(WHATSAPP.rich(Message(Text("buy.meter"), options=options), locale, NONCE))
        assert shown.text.endswith(f"\n{typed}\n2: {'x' * 60}")


def test_on_whatsapp_a_number_cannot_be_asked_for_and_the_others_keep_theirs() -> None:
    phone = Option("phone", Text("btn.menu"))
    look = WHATSAPP.rich(Message(Text("rec.own"), options=(phone, *choices(["x" * 60]))), "id", NONCE)
    (shown,) = shown_on_whatsapp(look)
    assert shown.text.endswith(f"tombol.\n2: {'x' * 60}")
    look = WHATSAPP.rich(Message(Text("rec.own"), options=(phone, *choices(["a"]))), "id", NONCE)
    assert [one.label for one in shown_on_whatsapp(look)[0].options] == ["a"]
    assert WHATSAPP.rich(Message(Text("rec.own"), options=(phone,)), "id", NONCE).interactive is None


def test_on_whatsapp_a_list_is_opened_by_its_own_words_and_its_rows_say_more() -> None:
    rows = [Option(f"k{number}", Text("line.agent", {"agent": f"A{number}"})) for number in range(4)]
    about = Text("line.price", PRICE)
    rows[1] = Option("k1", rows[1].label, about=about)
    rows[2] = Option("k2", rows[2].label, about=Text("line.agent", {"agent": "💥 " * 60}))
    message = Message(Text("buy.meter"), options=tuple(rows), opener=Text("btn.choose_amount"))
    (shown,) = shown_on_whatsapp(WHATSAPP.rich(message, "en", NONCE))
    assert shown.opener == "Choose amount"
    assert [one.description for one in shown.options[:2]] == ["", "Price Rp1"]
    assert shown.options[2].description.endswith("…")
    endless = Message(Text("buy.meter"), options=tuple(rows), opener=Text("line.agent", {"agent": "x" * 21}))
    assert shown_on_whatsapp(WHATSAPP.rich(endless, "en", NONCE))[0].opener == "Choose"


# WhatsApp after a day of silence

LATE = Message(
    Text("late.failed", {"sale": "T10482", "reason": Text("err.unsent")}),
    (Text("late.failed_money", {"rp": Rupiah(52_000), "balance": Rupiah(500_000)}),),
    choices(["Coba lagi"]),
)
TOKEN: dict[str, Value] = {
    "token": TokenDigits(DIGITS), "meter": MeterNumber("54123456789"), "kwh": "32,1", "sale": "T10482", "time": "14.02"
}  # fmt: skip


def by_template(message: Message, locale: str = "id", resent: bool = False, practice: bool = False) -> Shown:
    made = template(message, locale, "T10482", resent, Templates(), PRACTICE if practice else WHATSAPP)
    assert made is not None
    return taken({"type": "template", "template": json.loads(json.dumps(made))})


def test_a_token_goes_by_its_template_with_what_identifies_it() -> None:
    shown = by_template(Message(Text("token.only", TOKEN)))
    assert shown.template == "token_siap"
    assert shown.parameters == [SPOKEN, "5412 3456 789", "32,1", "T10482"]
    assert by_template(Message(Text("token.only", TOKEN)), "en").language == "en"


def test_a_template_says_beside_the_sale_which_token_it_is_and_whether_it_was_sent_before() -> None:
    token, second = Message(Text("token.only", TOKEN)), Message(Text("token.group", TOKEN | {"n": 2}))
    headed = Message(Text("resend.head", {"sale": "T10482"}), (token.text,))
    assert by_template(token, resent=True).parameters[3] == "T10482 (kirim ulang)"
    assert by_template(token, "en", resent=True).parameters[3] == "T10482 (sent again)"
    assert by_template(headed).parameters == [SPOKEN, "5412 3456 789", "32,1", "T10482 (kirim ulang)"]
    assert by_template(second).parameters[3] == "T10482 · 2"
    assert by_template(second, resent=True).parameters[3] == "T10482 · 2 (kirim ulang)"
    assert by_template(token, practice=True).parameters[3] == "T10482 · 🧪 UJI COBA"


def test_what_became_of_a_purchase_is_one_line_in_its_template() -> None:
    said = "↩️ T10482 gagal: Tidak terkirim ke PLN. Coba lagi. Rp52.000 kembali ke saldo. Saldo Rp500.000"
    shown = by_template(LATE)
    assert (shown.template, shown.parameters) == ("status_pembelian", ["T10482", said])
    headed = Message(Text("resend.head", {"sale": "T10482"}), (LATE.text, *LATE.more))
    for repeat in (by_template(headed), by_template(LATE, resent=True)):
        assert repeat.parameters == ["T10482 (kirim ulang)", said]
    practice = by_template(headed, practice=True)
    assert practice.parameters == ["T10482 (kirim ulang) · 🧪 UJI COBA", said]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("topic", TOPICS)
def test_every_text_fits_its_template_whatever_its_values_hold(topic: str, locale: str) -> None:
    for key in of(topic):
        for message in (
            Message(filled(key), tuple(filled("pay.again") for _ in range(9))),
            Message(filled(key)),
            Message(Text("line.agent", {"agent": "*_~`"}), (filled(key),)),
        ):
            shown = by_template(message, locale, resent=True, practice=True)
            for value in shown.parameters:
                assert formats(value) == ([], "")


def test_set_lines_lose_their_columns_in_a_template() -> None:
    block = Block("Total                  Rp201.600\nBiaya Layanan            Rp1.400")
    shown = by_template(Message(Text("receipt.block", {"receipt": block})))
    assert shown.parameters[1] == "Total Rp201.600 · Biaya Layanan Rp1.400"


def test_a_message_of_no_sale_has_no_template_and_a_strange_language_has_the_shops() -> None:
    assert template(LATE, "id", "", False, Templates(), WHATSAPP) is None
    made = template(LATE, "en", "T10482", False, Templates("kunci", "kabar", languages=("id",)), WHATSAPP)
    assert made is not None
    assert (made["name"], made["language"]) == ("kabar", {"code": "id"})
    assert "gagal" in made["components"][0]["parameters"][1]["text"]
