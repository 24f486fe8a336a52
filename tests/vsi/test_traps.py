"""Traps of real answers: what a reader might believe although the reply does not prove it."""

import random
import re
from pathlib import Path

import pytest

from bot.domain.supply import Bill, Command, PayVerdict, Reply, Sale, Transport
from bot.vsi import codec, reading

SAMPLES = Path(__file__).with_name("samples")
PAYMENT = (SAMPLES / "payment-success.xml").read_text(encoding="utf-8")
TOKEN = "2593-0960-8106-1072-1376"
TEXT_TOKEN = "STROOM/TOKEN 2593 0960 8106 1072 1376"
DIGITS = "25930960810610721376"
KEY_CHANGE = "1111 2222 3333 4444 5555"
RCM_REF = "refnum:05062135116139A54A95CCC549DDA94C"


def answered(body: str | bytes) -> Reply:
    return Reply(Transport.ANSWERED, 200, body.encode() if isinstance(body, str) else body)


def sale(*changes: tuple[str, str], body: str = PAYMENT) -> Sale:
    for before, after in changes:
        assert before in body
        body = body.replace(before, after)
    found = reading.read_payment(answered(body)).sale
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("STROOM/TOKEN25930960810610721376", (DIGITS,)),
        ("STROOM/TOKEN : 2593-0960-8106-1072-1376", (DIGITS,)),
        (f"STROOM/TOKEN {KEY_CHANGE} 2593 0960 8106 1072 1376", ("11112222333344445555", DIGITS)),
        (f"STROOM/TOKEN {KEY_CHANGE}\n2593 0960 8106 1072 1376", ("11112222333344445555", DIGITS)),
        (f"STROOM/TOKEN {KEY_CHANGE}\n{TEXT_TOKEN}", ("11112222333344445555", DIGITS)),
        (f"{TEXT_TOKEN}\nSTROOM/TOKEN lihat struk", ()),
        ("STROOM/TOKEN 2593 0960 8106 1072 137", ()),
        ("STROOM/TOKEN", ()),
        ("STROOM/TOKEN lihat struk", ()),
        ("", None),
    ],
    ids=[
        "no blank",
        "dashes",
        "two in a line",
        "two lines",
        "two labels",
        "a second label",
        "a digit short",
        "nothing",
        "words",
        "no such line",
    ],
)
def test_a_token_that_the_text_names_unreadably_is_at_odds_not_absent(
    line: str, wanted: tuple[str, ...] | None
) -> None:
    assert sale((TEXT_TOKEN, line)).tokens_in_text == wanted


@pytest.mark.parametrize(
    ("element", "wanted"),
    [
        (KEY_CHANGE + TOKEN, ("11112222333344445555", DIGITS)),
        (f"{TOKEN} {KEY_CHANGE}-{TOKEN}", (DIGITS, "11112222333344445555", DIGITS)),
        (DIGITS, (DIGITS,)),
        ("٢" * 20, None),
        (TOKEN[:-1], None),
    ],
    ids=["40 digits", "60 digits", "no dashes", "other digits", "19 digits"],
)
def test_tokens_keep_the_suppliers_order(element: str, wanted: tuple[str, ...] | None) -> None:
    assert sale((f"<token>{TOKEN}", f"<token>{element}")).tokens == wanted


def test_a_reference_is_taken_whole_and_as_written_or_not_at_all() -> None:
    assert sale((RCM_REF, "refnum:\n" + "ab" * 16)).payref == "ab" * 16
    line_two = "05062135116139A54A95CCC549DDA94C"
    assert sale((RCM_REF, "refnum:" + "A" * 33)).payref == line_two
    assert sale((RCM_REF, ""), (f"\n{line_two}\n", "\n\n")).payref is None


def test_an_advice_never_takes_the_reference_of_its_words_for_the_payments() -> None:
    body = (SAMPLES / "advice-success.xml").read_text(encoding="utf-8")
    found = reading.read_advice(answered(body.replace("\n05062135116139A54A95CCC549DDA94C\n", "\n\n"))).sale
    assert found is not None
    assert (found.payref, found.advref) == (None, "051158BB9F2741AB893DCE972396DB59")


@pytest.mark.parametrize("amount", ["", "9" * 5_000, "201.600", "201600,00", "-1", "2e5", "٢٠", " "])
def test_an_amount_that_is_not_plain_digits_is_unknown(amount: str) -> None:
    found = sale(("<nominal>201600", f"<nominal>{amount}"), ("<adm>1600", f"<adm>{amount}"))
    assert (found.total, found.adm) == (None, None)


@pytest.mark.parametrize("moment", ["", "2016-02-30 11:50:22", "08/06/16 11:50", "0000-00-00 00:00:00", "9" * 900])
def test_a_moment_that_never_was_is_unknown(moment: str) -> None:
    assert sale(("2016-06-08 11:50:22", moment)).paid_at is None


@pytest.mark.parametrize(
    ("text", "element", "wanted"),
    [
        ("KWH352,0", "352", "352,0"),
        ("KWH 1.352,05", "1352", "1.352,05"),
        ("", "352", "352,0"),
        ("", "352.5", "352,5"),
        ("", "banyak", ""),
        ("KWH " + "9" * 300 + ",0", "7", "7,0"),
    ],
)
def test_energy_comes_from_the_text_else_from_its_element(text: str, element: str, wanted: str) -> None:
    assert sale(("KWH352,0", text), ("<jmlkwh>352", f"<jmlkwh>{element}")).kwh == wanted


def test_names_show_one_quote_and_empty_elements_are_empty() -> None:
    found = sale(
        ("<nama>TestDu''mmyPanjang8811111", "<nama> O''Brien  &amp; R&#233;n '"), ("<idpel>881111111111", "<idpel>")
    )
    assert (found.name, found.idpel) == ("O'Brien & Rén '", "")


@pytest.mark.parametrize("declared", ["utf-16", "ISO-8859-1", "cp037", "nonsense", "UTF-7"])
def test_the_declared_encoding_decides_nothing(declared: str) -> None:
    body = PAYMENT.replace('version="1.0"', f'version="1.0" encoding="{declared}"')
    assert sale(("<nama>TestDu''mmyPanjang8811111", "<nama>René"), body=body).name == "René"


def test_a_document_type_in_another_charset_does_not_slip_past_the_guard() -> None:
    head = '<?xml version="1.0" encoding="cp037"?>'
    hidden = "<!DOCTYPE root [<!ENTITY s 'SUCCESS'>]><root><status>&s;</status><rc>0</rc></root>"
    answer = reading.read_payment(answered(head.encode() + hidden.encode("cp037")))
    assert answer.verdict is PayVerdict.UNKNOWN


@pytest.mark.parametrize(
    "body",
    [
        "<root/>",
        "<root></root>",
        "<root>SUCCESS</root>",
        "<root><status>SUCCESS</status><rc>0000</rc><status>ERROR</status></root>",
        "<root><status>SUCCESS</status><rc><x>0</x></rc></root>",
        "<root><status>success</status><rc>0</rc></root>",
        "<root><status>\u017fUCCESS</status><rc>0</rc></root>",
        "<root><status>SUCCESS</status><rc>0.0</rc></root>",
        "<root><status>SUCCESS</status><rc>-0</rc></root>",
        "<root><status>SUCCESS</status><rc>٠</rc></root>",
        "<root><status>ERROR</status><rc>0000</rc></root>",
        "<root><STATUS>SUCCESS</STATUS><rc>0</rc></root>",
    ],
)
def test_a_root_that_does_not_say_success_and_zero_once_each_proves_nothing_and_alerts(body: str) -> None:
    answer = reading.read_payment(answered(body))
    assert (answer.verdict, answer.alert, answer.sale) == (PayVerdict.UNKNOWN, True, None)


def test_a_bracketed_code_is_the_same_code() -> None:
    body = "<root><status>ERROR</status><rc>[68]</rc><rcm>[68] X</rcm></root>"
    assert reading.read_payment(answered(body)).code == 68


def test_a_refusal_not_in_words_stays_in_doubt_but_still_stops_sales() -> None:
    answer = reading.read_payment(answered("<root><status>ERROR</status><rc>0046</rc><rcm>DEPOSIT</rcm></root>"))
    assert (answer.verdict, answer.alert, answer.breaker) == (PayVerdict.UNKNOWN, True, True)


def test_an_inquiry_without_a_canonical_meter_finds_nobody() -> None:
    body = (SAMPLES / "inquiry-success.xml").read_text(encoding="utf-8")
    for before, after in (
        ("<msn>88888888888", "<msn>888888888888"),
        ("<msn>88888888888", "<msn>"),
        ("<adm>1600", "<adm>"),
        ("<refnum>D0EE", "<refnum>XXXX"),
    ):
        answer = reading.read_inquiry(answered(body.replace(before, after)))
        assert (answer.inquiry, answer.key, answer.alert) == (None, "err.inquiry", True)


@pytest.mark.parametrize(
    "words",
    ["SUCCESS#0#[0] OK ke:54123456789 token 2593-0960-8106-1072-1376", "[0] 2593 0960 8106 1072 1376 54123456789"],
)
def test_a_note_for_operators_names_no_whole_token_or_meter(words: str) -> None:
    for reply in (
        answered(words),
        answered(f"<root><status>ERROR</status><rc>0014</rc><rcm>[14] {words}</rcm></root>"),
    ):
        note = reading.read_payment(reply).note
        assert "…" in note
        assert not re.search(r"[0-9](?:[ -]?[0-9]){10}", note)


def test_a_bill_whose_amounts_are_unreadable_is_a_success_without_a_bill() -> None:
    body = (SAMPLES / "postpaid-payment-success.xml").read_text(encoding="utf-8")
    odd = reading.read_bill(answered(body.replace("<total>890929", "<total>?")), Command.POSTPAID_PAYMENT)
    assert (odd.success, odd.bill, odd.note) == (True, None, "success without its fields")
    nameless = reading.read_bill(answered(body.replace("532110000060</idpel>", "</idpel>")), Command.POSTPAID_PAYMENT)
    assert nameless.bill is not None
    assert nameless.bill.idpel == ""


def test_every_field_of_a_paid_bill_has_its_place() -> None:
    reply = answered((SAMPLES / "postpaid-payment-success.xml").read_bytes())
    assert reading.read_bill(reply, Command.POSTPAID_PAYMENT).bill == Bill(
        idpel="532110000060",
        refnum="0506213515100D3399B27293E3DBC535",
        name="DU'MMY-VSI-532110000060",
        admin=1_600,
        total=890_929,
        principal=887_729,
        month="JUN16",
        tariff_power="R1/450",
        meter_stand="888800-889900",
        paid_at="2016-06-22 14:29:25",
        info="Informasi Hubungi Call Center: 123 Atau Hub. PLN Terdekat: Terima Kasih",
    )


def test_no_mutation_of_an_answer_settles_or_declines_without_saying_so() -> None:
    chance = random.Random(15)
    answers = [PAYMENT.encode(), b"<root><status>ERROR</status><rc>0014</rc><rcm>[14] SALAH</rcm></root>"]
    pieces = [b"<rc>", b"</rc>", b"<status>", b"SUCCESS", b"ERROR", b"&amp;", b"<![CDATA[", b"]]>", b"<!--", b"-->"]
    certain = 0
    for _ in range(4_000):
        body = bytearray(chance.choice(answers))
        for _ in range(chance.randint(1, 3)):
            where = chance.randrange(len(body) + 1)
            match chance.randrange(4):
                case 0 if where < len(body):
                    body[where] ^= 1 << chance.randrange(8)
                case 1:
                    del body[where : where + chance.randint(1, 60)]
                case 2:
                    body[where:where] = chance.choice(pieces)
                case _:
                    body = body[:where] if chance.random() < 0.3 else body
        answer = reading.read_payment(answered(bytes(body)))
        plain = re.sub(rb"<!--.*?-->|<!\[CDATA\[|\]\]>", b"", bytes(body), flags=re.DOTALL)
        if answer.verdict is PayVerdict.SETTLED:
            certain += 1
            assert re.search(rb"<status>\s*SUCCESS\s*</status>", plain)
            assert re.search(rb"<rc>\s*\[?0{1,4}\]?\s*</rc>", plain)
            assert plain.rstrip().endswith(b"</root>")
        elif answer.verdict in (PayVerdict.DECLINED, PayVerdict.VERIFY, PayVerdict.VERIFY_LONG):
            certain += 1
            assert re.search(rb"<status>\s*ERROR\s*</status>", plain)
            assert re.search(rb"\[0*%d\]" % (answer.code or -1), plain)
    assert certain > 100


@pytest.mark.parametrize("more", [b"<a>", b"<a/>", b"</a>", b"<!---->", b" a=''"])
def test_an_answer_of_more_marks_than_the_contract_has_use_for_is_never_taken_apart(more: bytes) -> None:
    body = PAYMENT.encode().replace(b"</root>", more * 5_000 + b"</root>")
    answer = reading.read_payment(answered(body))
    assert (answer.verdict, answer.alert) == (PayVerdict.UNKNOWN, True)
    assert "marks" in answer.note


def test_a_body_beyond_the_cap_is_refused_even_if_the_transport_let_it_through() -> None:
    body = PAYMENT.replace("TestDu''mmyPanjang", "x" * codec.MOST_BYTES)
    assert reading.read_payment(answered(body)).verdict is PayVerdict.UNKNOWN
