"""What people read: both languages say the same things, in Indonesian formats, whatever a value may hold."""

import os
import re
import string
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot import i18n
from bot.domain.message import (
    Amount,
    Clock,
    Day,
    Lines,
    Message,
    MeterNumber,
    Nominal,
    Option,
    Parts,
    Rupiah,
    Text,
    TokenDigits,
    Value,
)
from bot.i18n import DEFAULT_LOCALE, LOCALES, Catalogues, Renderer, normalise

JAKARTA = ZoneInfo("Asia/Jakarta")
MAKASSAR = ZoneInfo("Asia/Makassar")
SOURCES = Path(__file__).resolve().parent.parent / "locales"
CATALOGUES = Catalogues(SOURCES)
RENDERER = Renderer(CATALOGUES)
WIDEST_BUTTON = 20
WIDEST_ABOUT = 72  # what is said of a row in a list
WIDEST_VALUES: dict[str, Value] = {
    "rp": Rupiah(1_234_567),
    "n": 99,
    "sale": "T104829",
    "day": Day(0),
    "agent": "Berkah Cell Reno",
    "meter": MeterNumber("54123456789", short=True),
}


def at(year: int, month: int, day: int, hour: int, minute: int) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=JAKARTA).timestamp()) * 1000


NOON = at(2026, 11, 12, 14, 2)


def said(value: Value, locale: str = "id") -> str:
    """A value as it stands in a sentence of the catalogue."""
    return shown("line.parts", locale, parts=value)


def shown(key: str, locale: str = "id", **args: Value) -> str:
    return RENDERER.render(Text(key, args), locale, JAKARTA)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def columns(label: str) -> int:
    """Characters of a label, an emoji as two; the mark that asks for the emoji's picture is none."""
    return sum(2 if unicodedata.category(char) == "So" else 1 for char in label if char != "\ufe0f")


def every(locale: str) -> Iterator[tuple[str, str]]:
    """Each text by its key, as it is said of many and of one."""
    yield from CATALOGUES.texts(locale).items()
    yield from CATALOGUES.ones(locale).items()


def buttons() -> Iterator[str]:
    return (key for key in CATALOGUES.texts(DEFAULT_LOCALE) if key.startswith("btn."))


def test_both_languages_have_the_same_texts() -> None:
    assert set(CATALOGUES.texts("id")) == set(CATALOGUES.texts("en"))


def test_both_languages_say_a_text_with_the_same_values() -> None:
    for key in CATALOGUES.texts(DEFAULT_LOCALE):
        assert placeholders(CATALOGUES.text(key, "id")) == placeholders(CATALOGUES.text(key, "en")), key


def test_one_is_said_of_one_and_whatever_is_worded_so_counts_a_value_of_its_sentence() -> None:
    assert shown("pin.wrong", "en", n=2) == "Wrong PIN. 2 tries left. Nothing charged."
    assert shown("pin.wrong", "en", n=1) == "Wrong PIN. 1 try left. Nothing charged."
    assert shown("pin.wrong", "id", n=1) == "PIN salah. Sisa 1 percobaan. Belum ada yang dipotong."
    for locale in LOCALES:
        for key, one in CATALOGUES.ones(locale).items():
            many = placeholders(CATALOGUES.text(key, locale))
            assert placeholders(one) <= many, key
            assert placeholders(one) | {"n", "sales"} >= many, key  # a counted value may go without saying
            assert one != CATALOGUES.text(key, locale), key


@pytest.mark.parametrize("locale", LOCALES)
def test_a_translator_can_only_name_a_value_and_not_reach_into_it(locale: str) -> None:
    for key, text in every(locale):
        for _, name, form, conversion in string.Formatter().parse(text):
            assert name is None or (name.isidentifier() and not form and conversion is None), key


@pytest.mark.parametrize("locale", LOCALES)
def test_no_text_is_untranslated_doubtful_or_padded(locale: str) -> None:
    with (SOURCES / locale / "LC_MESSAGES" / "bot.po").open("rb") as file:
        source = [message for message in read_po(file) if message.id]
    assert all(message.string and all(message.string) and not message.fuzzy for message in source)
    for key, text in every(locale):
        assert text == text.strip(), key
        assert "[" not in text, f"{key} names a button in its body"


@pytest.mark.parametrize("locale", LOCALES)
def test_no_text_holds_what_a_channel_could_take_for_a_mark(locale: str) -> None:
    """WhatsApp sets what stands between such signs, and lines that begin like a list or a quotation."""
    for key, text in every(locale):
        assert not re.search(r"[*~`]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|^(>|- )", text, re.MULTILINE), key


def test_a_text_that_does_not_exist_is_named_in_the_error() -> None:
    with pytest.raises(KeyError, match=r"no text 'pay\.nowhere' in the catalogue 'en'"):
        CATALOGUES.text("pay.nowhere", "en")


def test_a_value_that_was_forgotten_is_named_in_the_error() -> None:
    with pytest.raises(KeyError, match=r"buy\.processing.*rp"):
        shown("buy.processing")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Rupiah(52_000), "Rp52.000"),
        (Rupiah(0), "Rp0"),
        (Rupiah(400), "Rp400"),
        (Rupiah(-400), "-Rp400"),
        (Rupiah(-1_234_567), "-Rp1.234.567"),
        (Amount(52_000), "52.000"),
        (Amount(-52_000), "-52.000"),
        (Nominal(20_000), "20rb"),
        (Nominal(50_000), "50rb"),
        (Nominal(500_000), "500rb"),
        (Nominal(1_000_000), "1jt"),
        (Nominal(1_500_000), "1,5jt"),
        (Nominal(51_600), "51.600"),
        (Nominal(1_001_600), "1.001.600"),
        (Nominal(1_250_000), "1.250.000"),
        (Nominal(500), "500"),
        (Nominal(0), "0"),
        (MeterNumber("54123456789"), "5412 3456 789"),
        (MeterNumber("01234567890"), "0123 4567 890"),
        (MeterNumber("54123456789", short=True), "…6789"),
        (MeterNumber("531234567890", plain=True), "531234567890"),
        (TokenDigits("25930960810610721376"), "2593 0960 8106 1072 1376"),
        (128, "128"),
        (8_576, "8.576"),
        ("T10482", "T10482"),
        ("R1M/900 VA", "R1M/900 VA"),
    ],
)
def test_money_meters_and_tokens_look_alike_in_both_languages(value: Value, expected: str, locale: str) -> None:
    assert said(value, locale) == expected


def test_the_time_of_day_is_written_the_reader_s_way() -> None:
    assert said(Clock(NOON), "id") == "14.02"
    assert said(Clock(NOON), "en") == "14:02"
    assert said(Clock(at(2026, 11, 12, 0, 5)), "id") == "00.05"


def test_times_and_days_are_those_of_the_reader_s_zone() -> None:
    late = at(2026, 11, 12, 23, 30)
    text = Text("line.parts", {"parts": Clock(late)})
    assert RENDERER.render(text, "id", MAKASSAR) == "00.30"
    assert RENDERER.render(text, "id", UTC) == "16.30"
    assert RENDERER.render(Text("line.parts", {"parts": Day(late)}), "id", MAKASSAR) == "13 Nov"


@pytest.mark.parametrize(
    ("day", "indonesian", "english"),
    [
        (Day(NOON), "12 Nov", "12 Nov"),
        (Day(NOON, long=True), "Kam 12 Nov 2026", "Thu 12 Nov 2026"),
        (Day(at(2026, 8, 12, 9, 0)), "12 Agu", "12 Aug"),
        (Day(at(2026, 5, 3, 9, 0)), "3 Mei", "3 May"),
    ],
)
def test_days_have_the_language_s_names(day: Day, indonesian: str, english: str) -> None:
    assert said(day, "id") == indonesian
    assert said(day, "en") == english


def test_parts_stand_in_one_line_and_lines_below_each_other() -> None:
    texts = (Text("part.balance", {"rp": Rupiah(500_000)}), Text("part.held", {"rp": Rupiah(52_000)}))
    assert said(Parts((*texts, Text("status.ok")))) == "Saldo Rp500.000 · Tertahan Rp52.000 · 🟢 Normal"
    assert said(Lines(texts), "en") == "Balance Rp500.000\nOn hold Rp52.000"


def test_a_line_without_parts_is_left_out() -> None:
    message = Message(Text("status.ok"), (Text("line.parts", {"parts": Parts(())}), Text("sum.none")))
    assert RENDERER.message(message, "id", JAKARTA) == "🟢 Normal\nTidak ada penjualan."


def test_the_reason_of_a_failure_is_told_in_the_reader_s_language() -> None:
    args: dict[str, Value] = {"sale": "T10482", "reason": Text("err.unsent")}
    assert shown("late.failed", "id", **args) == "↩️ T10482 gagal: Tidak terkirim ke PLN. Coba lagi."
    assert shown("late.failed", "en", **args) == "↩️ T10482 failed: It was not sent to PLN. Please try again."


def test_the_payment_card_reads_as_designed() -> None:
    card = Message(
        Text(
            "buy.pay",
            {
                "name": "BUDI SANTOSA",
                "rp": Rupiah(50_000),
                "meter": MeterNumber("54123456789"),
                "idpel": MeterNumber("531234567890", plain=True),
                "power": "R1M/900 VA",
            },
        ),
        (
            Text("buy.pay_price", {"price": Rupiah(52_000), "left": Rupiah(448_000)}),
            Text("buy.pay_name"),
            Text("buy.pay_valid", {"time": Clock(at(2026, 11, 12, 14, 12))}),
        ),
    )
    assert RENDERER.message(card, "id", JAKARTA) == (
        "💳 BUDI SANTOSA · token Rp50.000\n"
        "Meter 5412 3456 789 · IDPEL 531234567890\n"
        "Tarif/daya R1M/900 VA\n"
        "Harga Rp52.000 · sisa saldo Rp448.000\n"
        "Namanya cocok? Belum ada yang dipotong.\n"
        "Berlaku sampai 14.12"
    )


@pytest.mark.parametrize("locale", LOCALES)
def test_the_token_message_begins_with_the_digits(locale: str) -> None:
    body = shown(
        "token.only",
        locale,
        token=TokenDigits("25930960810610721376"),
        meter=MeterNumber("54123456789"),
        kwh="32,1",
        sale="T10482",
        time=Clock(NOON),
    )
    time = "14.02" if locale == "id" else "14:02"
    assert body == f"2593 0960 8106 1072 1376\nMeter 5412 3456 789 · 32,1 kWh · T10482 · {time}"


def test_success_shows_the_sum_that_was_taken() -> None:
    money: dict[str, Value] = {"before": Amount(500_000), "price": Amount(52_000), "after": Amount(448_000)}
    assert shown("pay.done_money", "id", **money) == "Saldo 500.000 − 52.000 = 448.000"
    assert shown("pay.done_money", "en", **money) == "Balance 500.000 − 52.000 = 448.000"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("{rp} {0} {name.__class__} {", "{rp} {0} {name.__class__} {"),
        ("%(rp)s %s \\n", "%(rp)s %s \\n"),
        ("BUDI\r\n\tSANTOSA\x00\x1b[31m\x7f", "BUDI SANTOSA[31m"),
        ("\u202eASOTNAS\u202c \u2066BUDI\u2069\u200f", "ASOTNAS BUDI"),
        ("BU\u200bDI\ufeff \u2060 SAN\u00adTOSA", "BUDI SANTOSA"),
        ("BUDI\ud83d SAN\udc00TOSA", "BUDI SANTOSA"),
        ("  BUDI \u00a0\u2003\u2028 SANTOSA  ", "BUDI SANTOSA"),
        ("\u3164\u2800", ""),
        ("<b>BUDI</b> & *SITI* '_x_'", "<b>BUDI</b> & *SITI* '_x_'"),
        ("Ñandú 測試 ⚡", "Ñandú 測試 ⚡"),
    ],
)
def test_a_hostile_name_stays_one_harmless_line(written: str, read: str) -> None:
    line = shown("pay.done", sale="T10482", name=written)
    assert line == f"✅ SUKSES T10482 · {read}"
    assert line.encode("utf-8").decode("utf-8") == line


def test_an_endless_name_is_cut() -> None:
    assert said("x" * 10_000) == "x" * 200


def test_meters_and_tokens_of_a_foreign_hand_are_cleaned_too() -> None:
    assert said(MeterNumber("5412\u202e3456789")) == "5412 3456 789"
    assert said(TokenDigits("2593\ud8000960810610721376\n")) == "2593 0960 8106 1072 1376"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("key", sorted(buttons()))
def test_every_button_fits_whatsapp(key: str, locale: str) -> None:
    label = RENDERER.label(Option("x", Text(key, WIDEST_VALUES)), locale, JAKARTA)
    assert 0 < columns(label) <= WIDEST_BUTTON


@pytest.mark.parametrize("locale", LOCALES)
def test_the_price_below_an_amount_fits_whatsapp(locale: str) -> None:
    assert 0 < columns(shown("line.price", locale, price=Rupiah(99_999_999))) <= WIDEST_ABOUT


@pytest.mark.parametrize("locale", LOCALES)
def test_no_two_buttons_have_the_same_label(locale: str) -> None:
    labels = [RENDERER.label(Option("x", Text(key, WIDEST_VALUES)), locale, JAKARTA) for key in buttons()]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(("locale", "head"), [("id", "🧪 UJI COBA"), ("en", "🧪 UJI COBA (practice)")])
def test_every_practice_message_says_that_it_is_practice(locale: str, head: str) -> None:
    practice = Renderer(CATALOGUES, practice=True)
    message = Message(Text("status.ok"), (Text("sum.none"),), (Option("x", Text("btn.buy")),))
    first, second, *_ = practice.message(message, locale, JAKARTA).split("\n")
    assert (first, second) == (head, "🟢 Normal")
    assert "UJI COBA" not in practice.label(message.options[0], locale, JAKARTA)
    assert "UJI COBA" not in RENDERER.message(message, locale, JAKARTA)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_refusal_never_names_the_supplier_s_deposit(locale: str) -> None:
    for key, text in CATALOGUES.texts(locale).items():
        if key.startswith(("err.", "hint.")):
            assert "deposit" not in text.lower(), key
            assert "VSI" not in text, key


@pytest.mark.parametrize("locale", LOCALES)
def test_success_is_said_only_beside_a_token(locale: str) -> None:
    shouting = {key for key, text in CATALOGUES.texts(locale).items() if "SUKSES" in text or "SUCCESS" in text}
    assert shouting == {"pay.done"}


@pytest.mark.parametrize(
    ("tag", "locale"),
    [
        ("id", "id"),
        ("in", "id"),
        ("id-ID", "id"),
        ("en", "en"),
        ("en-US", "en"),
        ("en_GB", "en"),
        ("EN", "en"),
        ("de", "id"),
        ("eng", "id"),
        ("", "id"),
        (None, "id"),
    ],
)
def test_everyone_is_spoken_to_in_indonesian_unless_his_phone_is_english(tag: str | None, locale: str) -> None:
    assert normalise(tag) == locale


def written(home: Path, source: str | None, compiled: str | None, compiled_age: int = 0) -> Path:
    """A catalogue directory whose one text says where it was read."""
    for locale in LOCALES:
        folder = home / locale / "LC_MESSAGES"
        folder.mkdir(parents=True)
        if source is not None:
            (folder / "bot.po").write_text(f'msgid ""\nmsgstr ""\n\nmsgid "here"\nmsgstr "{source}"\n', "utf-8")
            os.utime(folder / "bot.po", (1000, 1000))
        if compiled is not None:
            catalogue = Catalog(locale=locale)
            catalogue.add("here", compiled)
            with (folder / "bot.mo").open("wb") as file:
                write_mo(file, catalogue)
            os.utime(folder / "bot.mo", (1000 - compiled_age, 1000 - compiled_age))
    return home


def test_a_bare_checkout_speaks_from_its_source_catalogues(tmp_path: Path) -> None:
    assert Catalogues(written(tmp_path, "source 🧾", None)).text("here", "id") == "source 🧾"


def test_an_installation_speaks_from_its_compiled_catalogues(tmp_path: Path) -> None:
    assert Catalogues(written(tmp_path, None, "compiled 🧾")).text("here", "en") == "compiled 🧾"


def test_compiled_catalogues_are_used_while_they_are_up_to_date(tmp_path: Path) -> None:
    assert Catalogues(written(tmp_path, "source", "compiled")).text("here", "id") == "compiled"


def test_a_changed_sentence_is_said_at_once_though_nobody_compiled_it(tmp_path: Path) -> None:
    assert Catalogues(written(tmp_path, "source", "compiled", compiled_age=60)).text("here", "id") == "source"


def test_compiling_changes_no_sentence(tmp_path: Path) -> None:
    for locale in LOCALES:
        folder = tmp_path / locale / "LC_MESSAGES"
        folder.mkdir(parents=True)
        with (SOURCES / locale / "LC_MESSAGES" / "bot.po").open("rb") as source, (folder / "bot.mo").open("wb") as to:
            write_mo(to, read_po(source, locale=locale))
    compiled = Catalogues(tmp_path)
    assert all(compiled.texts(locale) == CATALOGUES.texts(locale) for locale in LOCALES)


def test_catalogues_are_found_inside_an_installed_package_and_beside_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "bot"
    monkeypatch.setattr(i18n, "_PACKAGE", package)
    with pytest.raises(FileNotFoundError, match="no catalogues"):
        Catalogues()
    written(tmp_path / "locales", "beside", None)
    assert Catalogues().text("here", "id") == "beside"
    written(package / "locales", None, "inside")
    assert Catalogues().text("here", "id") == "inside"


def test_a_missing_language_stops_the_start(tmp_path: Path) -> None:
    written(tmp_path, "source", None)
    (tmp_path / "en" / "LC_MESSAGES" / "bot.po").unlink()
    with pytest.raises(FileNotFoundError, match="no catalogue"):
        Catalogues(tmp_path)
