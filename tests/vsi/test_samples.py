"""The supplier's own sample answers, byte for byte, read into exact values; and the traps of real answers."""

import random
from pathlib import Path

import pytest

from bot.domain.supply import (
    AdviceVerdict,
    Bill,
    Command,
    Inquiry,
    InquiryVerdict,
    PayVerdict,
    Reply,
    Sale,
    Transport,
)
from bot.vsi import codec, reading

SAMPLES = Path(__file__).with_name("samples")
PAYREF = "05062135116139A54A95CCC549DDA94C"
PAID_AT = 1_465_361_422_000  # 2016-06-08 11:50:22 WIB


def answered(body: bytes) -> Reply:
    return Reply(Transport.ANSWERED, 200, body)


def sample(name: str) -> Reply:
    return answered((SAMPLES / f"{name}.xml").read_bytes())


def sold(name: str, **changed: str | None) -> Sale:
    wanted = Sale(
        msn="88888888888",
        total=201_600,
        tokens=("25930960810610721376",),
        tokens_in_text=("25930960810610721376",),
        idpel="881111111111",
        name="TestDu'mmyPanjang8811111",
        tariff_power="R2/6600",
        adm=1_600,
        payref=PAYREF,
        advref=changed.get("advref"),
        paid_at=PAID_AT,
        kwh="352,0",
        instalment=24_000,
    )
    read = reading.read_payment if name.startswith("payment") else reading.read_advice
    found = read(sample(name)).sale
    assert found == wanted
    return wanted


def test_the_inquiry() -> None:
    answer = reading.read_inquiry(sample("inquiry-success"))
    assert answer.verdict is InquiryVerdict.FOUND
    assert answer.inquiry == Inquiry(
        msn="88888888888",
        idpel="885555555555",
        name="TestDu'mmyPanjang8855555",
        tariff_power="R2/7000",
        adm=1_600,
        refnum="D0EE65CAB0C04601878612867541EEA5",
        unsold_tokens=0,
    )
    assert reading.read_inquiry(sample("inquiry-error-14")).key == "err.number"


def test_the_payment_carries_its_reference_in_the_words() -> None:
    sold("payment-success")


@pytest.mark.parametrize("name", ["advice-success", "advice-without-payref-success"])
def test_the_advice_keeps_the_payments_reference_apart_from_its_own(name: str) -> None:
    sold(name, advref="051158BB9F2741AB893DCE972396DB59")


def test_the_errors() -> None:
    for name in ("payment-error-68", "auto-payment-error-68"):
        assert reading.read_payment(sample(name)).verdict is PayVerdict.UNKNOWN
    for name in ("advice-error-96", "advice-without-payref-error-96"):
        assert reading.read_advice(sample(name)).verdict is AdviceVerdict.NOT_FOUND


def test_the_postpaid_bill_takes_its_total_from_the_element() -> None:
    answer = reading.read_bill(sample("postpaid-inquiry-success"), Command.POSTPAID_INQUIRY)
    assert answer.bill == Bill(
        idpel="532110000060",
        refnum="33ECE3543E62474AA0C6C3147D94A31D",
        name="DU'MMY-VSI-532110000060",
        admin=1_600,
        total=890_929,
        principal=889_329,
        month="JUN16",
        months="1 BLN",
    )
    assert reading.read_bill(sample("postpaid-inquiry-error-14"), Command.POSTPAID_INQUIRY).code == 14


def test_the_postpaid_payment_maps_every_old_field() -> None:
    bill = reading.read_bill(sample("postpaid-payment-success"), Command.POSTPAID_PAYMENT).bill
    assert bill is not None
    assert (bill.principal, bill.total, bill.penalty, bill.vat) == (887_729, 890_929, 0, 0)
    assert (bill.tariff_power, bill.meter_stand, bill.paid_at) == ("R1/450", "888800-889900", "2016-06-22 14:29:25")
    assert bill.info.endswith("Terdekat: Terima Kasih")
    refused = reading.read_bill(sample("postpaid-payment-error-88"), Command.POSTPAID_PAYMENT)
    assert (refused.success, refused.code) == (False, 88)


def changed(before: bytes, after: bytes) -> Reply:
    body = (SAMPLES / "payment-success.xml").read_bytes()
    assert before in body
    return answered(body.replace(before, after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<rc>0000</rc>", b"<rc>0068</rc>"),
        (b"SUCCESS", b"ERROR"),
        (b"<rc>0000</rc>", b""),
        (b"<status>SUCCESS</status>", b""),
        (b"<rc>0000</rc>", b"<rc>abc</rc>"),
    ],
)
def test_status_and_code_that_disagree_prove_nothing(before: bytes, after: bytes) -> None:
    answer = reading.read_payment(changed(before, after))
    assert (answer.verdict, answer.alert) == (PayVerdict.UNKNOWN, True)


@pytest.mark.parametrize(
    ("body", "attack"),
    [
        (b'<?xml version="1.0"?><!DOCTYPE root><root/>', True),
        (b'<!doctype x [<!ENTITY a "b">]><root>&a;</root>', True),
        (b"<root>" + b"x" * 70_000 + b"</root>", True),
        ("<root><status>SUCCESS</status><rc>0</rc></root>".encode("utf-16"), False),
        (b"<root><nama>A & B</nama></root>", False),
        (b"<root><nama>A < B</nama></root>", False),
        (b"<root><a>\x01</a></root>", False),
        (b"<root></root><root></root>", False),
        (b"<html><body>ok</body></html>", False),
        (b'{"status":"SUCCESS"}', False),
        (b"", False),
        (b"   \n", False),
    ],
)
def test_what_is_no_document_is_unknown(body: bytes, attack: bool) -> None:
    answer = reading.read_payment(answered(body))
    assert answer.verdict is PayVerdict.UNKNOWN
    assert answer.alert is attack
    assert reading.read_advice(answered(body)).verdict is AdviceVerdict.NOTHING


def test_a_cut_answer_settles_nothing_even_after_its_token() -> None:
    body = (SAMPLES / "payment-success.xml").read_bytes()
    assert reading.read_payment(answered(body[: body.index(b"</token>") + 8])).verdict is PayVerdict.UNKNOWN


def test_a_name_in_another_charset_is_read_with_replacement() -> None:
    answer = reading.read_payment(changed(b"TestDu''mmyPanjang8811111", b"Ren\xe9"))
    assert answer.verdict is PayVerdict.SETTLED
    assert answer.sale is not None
    assert answer.sale.name == "Ren\ufffd"


@pytest.mark.parametrize("prefix", [b"\xef\xbb\xbf", b"\n  "])
def test_a_byte_order_mark_or_blanks_before_the_document_are_forgiven(prefix: bytes) -> None:
    body = (SAMPLES / "payment-success.xml").read_bytes()
    assert reading.read_payment(answered(prefix + body)).verdict is PayVerdict.SETTLED


def test_a_token_with_blanks_and_without_a_reference_is_a_sale_without_payref() -> None:
    body = (SAMPLES / "payment-success.xml").read_bytes()
    body = body.replace(b"2593-0960-8106-1072-1376", b"2593 0960 8106 1072 1376").replace(PAYREF.encode(), b"")
    sale = reading.read_payment(answered(body)).sale
    assert sale is not None
    assert (sale.tokens, sale.payref) == (("25930960810610721376",), None)


@pytest.mark.parametrize("token", [b"", b"123", b"2593-0960", b"9" * 80, b"25930960810610721x76"])
def test_an_unreadable_token_is_reported_as_unreadable(token: bytes) -> None:
    sale = reading.read_payment(changed(b"2593-0960-8106-1072-1376", token)).sale
    assert sale is not None
    assert sale.tokens is None


def test_plain_text_is_for_people_only() -> None:
    answer = reading.read_payment(answered(b"SUCCESS#0000#[0] PEMBAYARAN SUKSES#2593-0960-8106-1072-1376"))
    assert (answer.verdict, answer.alert, answer.code) == (PayVerdict.UNKNOWN, True, 0)
    assert "plain text" in answer.note
    assert reading.read_payment(answered(b"[14] IDPEL SALAH")).verdict is PayVerdict.UNKNOWN


def test_no_mutation_of_a_sample_makes_a_reader_raise_or_settle_another_sale() -> None:
    chance = random.Random(20_161_108)
    files = sorted(SAMPLES.glob("*.xml"))
    genuine = reading.read_payment(sample("payment-success")).sale
    assert genuine is not None
    for _ in range(3_000):
        body = bytearray(chance.choice(files).read_bytes())
        for _ in range(chance.randint(1, 6)):
            where = chance.randrange(len(body) + 1)
            match chance.randrange(4):
                case 0:
                    body[where : where + 1] = bytes(byte ^ 1 << chance.randrange(8) for byte in body[where : where + 1])
                case 1:
                    del body[where : where + chance.randint(1, 40)]
                case 2:
                    body[where:where] = chance.choice([b"<", b"&", b"\x00", b"]]>", b"\xff", b"<!ENTITY", b"&#0;"])
                case _:
                    body = body[: where + 1]
        reply = answered(bytes(body))
        for read in (reading.read_inquiry, reading.read_payment, reading.read_advice):
            read(reply)
        reading.read_bill(reply, Command.POSTPAID_PAYMENT)
        found = codec.document(reply)
        if isinstance(found, codec.Document) and found.is_success:
            sale = codec.sale(found, advice=False)
            assert sale.tokens is None or all(len(one) == 20 and one.isdigit() for one in sale.tokens)
