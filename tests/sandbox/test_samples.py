"""The sandbox's answers beside the supplier's own samples: the same bytes, or at least the same elements in order."""

import pytest

from bot.sandbox import Sold, answers, customers
from bot.sandbox.answers import Shape
from tests.sandbox.desk import SAMPLES, desk, parsed

SAMPLE_METER = "88888888888"
PAYREF, ADVICE_REF = "05062135116139A54A95CCC549DDA94C", "051158BB9F2741AB893DCE972396DB59"
SOLD_AT = 1_465_361_422_000  # 2016-06-08 11:50:22 WIB
SOLD = Sold(
    1, "X", SAMPLE_METER, "881111111111", 200_000, 1_600, ("25930960810610721376",), PAYREF, 24_000, SOLD_AT
)  # fmt: skip
WRONG = "IDPEL YANG ANDA MASUKKAN SALAH, MOHON TELITI KEMBALI."
LATER = "TRANSAKSI TIDAK BISA DILAKUKAN SAAT INI, SILAHKAN LAKUKAN MANUAL ADVICE BEBERAPA SAAT LAGI."
NOT_FOUND = "ERROR TRANSAKSI TIDAK DITEMUKAN"
BILL = customers.bill("532110000060")
BYTES = {
    "inquiry-success": answers.inquiry(customers.customer(SAMPLE_METER), "D0EE65CAB0C04601878612867541EEA5", 1_600, 0),
    "payment-success": answers.sale(SOLD, 0, Shape.PAY),
    "advice-success": answers.sale(SOLD, 0, Shape.ADVICE_BY_PAYREF, ADVICE_REF),
    "advice-without-payref-success": answers.sale(SOLD, 0, Shape.ADVICE, ADVICE_REF),
    "inquiry-error-14": answers.error(14, WRONG, "888888888", Shape.INQUIRY),
    "payment-error-68": answers.error(68, LATER, "233313211212", Shape.PAY),
    "auto-payment-error-68": answers.error(68, LATER, "233313211212", Shape.AUTO_PAY),
    "advice-error-96": answers.error(96, NOT_FOUND, "23331321121", Shape.ADVICE_BY_PAYREF),
    "advice-without-payref-error-96": answers.error(96, NOT_FOUND, "23331321121", Shape.ADVICE),
    "postpaid-inquiry-error-14": answers.error(14, WRONG, "", Shape.BILL),
    "postpaid-payment-error-88": answers.error(88, "TAGIHAN SUDAH TERBAYAR", "", Shape.BILL_PAY),
    "postpaid-inquiry-success": answers.bill(BILL, "33ECE3543E62474AA0C6C3147D94A31D"),
    "postpaid-payment-success": answers.bill_paid(BILL, "0506213515100D3399B27293E3DBC535", 1_466_580_565_000),
}


def elements(body: bytes) -> list[str]:
    return [one.tag for one in parsed(body).iter()]


@pytest.mark.parametrize("name", sorted(BYTES))
def test_given_a_samples_facts_it_writes_the_sample_byte_for_byte(name: str) -> None:
    assert BYTES[name].decode() == (SAMPLES / f"{name}.xml").read_bytes().decode()


def test_every_sample_of_the_supplier_is_compared() -> None:
    assert {path.stem for path in SAMPLES.glob("*.xml")} == set(BYTES)


async def test_over_the_wire_the_samples_customer_gets_the_samples_elements_and_numbers() -> None:
    async with desk() as made:
        inquiry = await made.inquire(SAMPLE_METER)
        paid = await made.ask("PAY", refnum=inquiry["refnum"], nominal=200_000)
        line_2 = paid["text"].split("\n")[1]
        by_payref = await made.ask("ADV", refnum=line_2, nominal=200_000)
        by_meter = await made.advise(SAMPLE_METER, 200_000)
        for said, name in (
            (inquiry, "inquiry-success"),
            (paid, "payment-success"),
            (by_payref, "advice-success"),
            (by_meter, "advice-without-payref-success"),
        ):
            sample = (SAMPLES / f"{name}.xml").read_bytes()
            assert elements(said.body) == elements(sample)
            for element in ("nominal", "jmlkwh", "adm", "angsuran", "idpel", "nama", "tarifdaya", "msn"):
                assert said.root.findtext(element) == parsed(sample).findtext(element), (name, element)
        assert f"refnum:{line_2}" in paid["rcm"]
        assert line_2 not in by_payref["rcm"]  # the advice's own reference stands there
        assert by_payref["text"].split("\n")[1] == line_2
        assert paid.tokens == by_payref.tokens == by_meter.tokens == made.sandbox.sales()[0].tokens


async def test_over_the_wire_a_bill_has_the_samples_elements_and_is_paid_once() -> None:
    async with desk() as made:
        asked, paid, again = [
            await made.ask(command, modul="pln", idpel="532110000060") for command in ("INQ", "PAY", "PAY")
        ]
        assert elements(asked.body) == elements((SAMPLES / "postpaid-inquiry-success.xml").read_bytes())
        assert elements(paid.body) == elements((SAMPLES / "postpaid-payment-success.xml").read_bytes())
        assert asked["total"] == paid["total"] == "890929"
        assert again.body == (SAMPLES / "postpaid-payment-error-88.xml").read_bytes()
        other = await made.ask("INQ", modul="pln", idpel="512345678901")
        assert int(other["tagihan"]) + int(other["admin"]) == int(other["total"])
