"""The receipt: PLN's fields in PLN's order on 32 columns, whatever stands in them, and a picture that a phone reads."""

import dataclasses
import io
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.documents import picture, receipt
from bot.documents.receipt import Print
from bot.domain.people import Agent
from bot.domain.purchase import Purchase, State
from tests.talk import scanned
from tests.world import ZONE

TOKEN = "25930960810610721376"
LINK = "https://wa.me/6281234567890?text=KLAIM%20K7Q2M9XT4B"
AGENT = Agent(17, "Toko Berkah Cell", "active", 1_400, 0, 0)
SALE = Purchase(
    id=10_482,
    trxid="",
    quote_id="",
    conversation_id=1,
    agent_id=17,
    order_id="",
    state=State.SUCCESS,
    ver=1,
    msn="88888888888",
    idpel="881111111111",
    name="TestDu''mmyPanjang8811111",
    tariff_power="R2/6600",
    refnum="",
    denomination=200_000,
    adm=1_600,
    markup=400,
    fee=1_400,
    price=202_000,
    rebate=0,
    confirmed_at=1_465_361_422_000,  # 2016-06-08 11:50:22 WIB
    sent_at=None,
    settled_at=None,
    reason="",
    refused="",
    payref="05062135116139A54A95CCC549DDA94C",
    advref=None,
    paid_at=None,
    sold_adm=None,
    kwh="352,0",
    vat=0,
    local_tax=0,
    instalment=24_000,
    stamp_duty=0,
    clock_offset=None,
    next_at=None,
    advices=0,
    negatives=0,
    first_negative_at=None,
    rechecks=0,
    told=0,
    claim_code="K7Q2M9XT4B",
)
SAMPLE = """\
        TOKO BERKAH CELL
         Stroom / Token
         2593 0960 8106
           1072 1376
STRUK PEMBELIAN LISTRIK PRABAYAR
NO METER       : 88888888888
IDPEL          : 881111111111
NAMA           : TestDu'mmyPanja
                 ng8811111
TARIF/DAYA     : R2/6600 VA
NO REF         : 05062135116139
                 A54A95CCC549DD
                 A94C
RP BAYAR       : Rp201.600,00
METERAI        : Rp0,00
PPN            : Rp0,00
PBJT-TL        : Rp0,00
ANGSURAN       : Rp24.000,00
RP STROOM/TOKEN: Rp176.000,00
JML KWH        : 352,0
STROOM/TOKEN   : 2593 0960 8106
                 1072 1376
ADMIN BANK     : Rp1.600,00
--------------------------------
Total                  Rp201.600
Biaya Layanan            Rp1.400
Grand Total            Rp203.000
Informasi Hubungi Call Center
123 Atau hubungi PLN Terdekat
Token hilang?
kirim KLAIM K7Q2M9XT4B ke
wa.me/6281234567890
[A017-(08/06/2016 11:50:22)-CA]"""


def text(sale: Purchase = SALE, tokens: tuple[str, ...] = (TOKEN,), agent: Agent = AGENT, **printed: object) -> str:
    terms = {"kind": "CA", "fee": 1_400, "address": "wa.me/6281234567890"} | printed
    return receipt.text(sale, tokens, agent, ZONE, Print(**terms), practice=False)  # type: ignore[arg-type]


def test_the_suppliers_sample_is_printed_as_pln_prints_it() -> None:
    assert text() == SAMPLE


def test_without_a_fee_there_is_one_sum_and_without_a_platform_the_seller_takes_the_code() -> None:
    lines = text(fee=0, kind="CU", address="").split("\n")
    assert lines[24:26] == ["Total                  Rp201.600", "Informasi Hubungi Call Center"]
    assert lines[-3:] == ["kirim KLAIM K7Q2M9XT4B ke", "penjualnya", "[A017-(08/06/2016 11:50:22)-CU]"]


def test_several_tokens_are_numbered_in_the_order_in_which_they_are_keyed() -> None:
    lines = [line.strip() for line in text(tokens=("1" * 20, "2" * 20, TOKEN)).split("\n")]
    assert lines[2:12] == [
        *("Token 1 dari 3", "1111 1111 1111", "1111 1111"),
        *("Token 2 dari 3", "2222 2222 2222", "2222 2222"),
        *("Token 3 dari 3", "2593 0960 8106", "1072 1376"),
        "Masukkan urut 1 sampai 3",
    ]
    assert "STROOM/TOKEN   : 2593 0960 8106" in lines


def test_a_heading_and_a_line_of_ones_own_are_printed_in_signs_that_every_printer_has() -> None:
    agent = dataclasses.replace(
        AGENT, outlet="Warung Café ⚡ 電気", footer="Terima kasih sudah belanja, datang lagi ya!"
    )
    lines = text(agent=agent).split("\n")
    assert lines[0].strip() == "WARUNG CAFE"
    assert [line.strip() for line in lines[-3:-1]] == ["Terima kasih sudah belanja,", "datang lagi ya!"]
    assert text(agent=dataclasses.replace(AGENT, outlet="電気")).split("\n")[0].strip() == "A017"


rupiahs = st.integers(0, 99_999_999)
words = st.text(max_size=200)
digit = st.characters(codec="ascii", categories=["Nd"])


@given(
    st.builds(
        dataclasses.replace,
        st.just(SALE),
        name=words,
        tariff_power=words,
        payref=st.none() | st.text(alphabet="0123456789ABCDEF", max_size=64),
        msn=st.text(digit, min_size=11, max_size=20),
        idpel=st.text(digit, max_size=20),
        kwh=st.sampled_from(["", "0,0", "99.999.999,9", "1" * 40]),
        denomination=rupiahs,
        sold_adm=st.none() | rupiahs,
        vat=rupiahs,
        local_tax=rupiahs,
        instalment=rupiahs,
        stamp_duty=rupiahs,
        settled_at=st.integers(0, 2**42),
    ),
    st.builds(dataclasses.replace, st.just(AGENT), id=st.integers(0, 10**9), outlet=words, footer=words),
    st.builds(Print, st.sampled_from(["CA", "CU"]), rupiahs, st.sampled_from(["", "t.me/" + "x" * 32])),
    st.integers(1, 3),
    st.booleans(),
)
def test_no_line_is_wider_than_the_paper_and_no_group_of_a_token_is_split(
    sale: Purchase, agent: Agent, printed: Print, tokens: int, practice: bool
) -> None:
    lines = receipt.text(sale, (TOKEN,) * tokens, agent, UTC, printed, practice=practice).split("\n")
    assert max(len(line) for line in lines) <= 32
    assert all(line.isascii() and line.isprintable() for line in lines)
    assert [line.strip() for line in lines].count("2593 0960 8106") == tokens
    assert (lines[0], lines[-1]) == ("*** UJI COBA, BUKAN STRUK ***",) * 2 or not practice


def test_the_widest_amounts_fit_beside_their_names() -> None:
    wide = 99_999_999
    sale = dataclasses.replace(SALE, denomination=wide, sold_adm=0, instalment=0, stamp_duty=wide, vat=wide)
    lines = text(dataclasses.replace(sale, stamp_duty=0, vat=0)).split("\n")
    assert "RP BAYAR       : Rp99.999.999,00" in lines
    assert "RP STROOM/TOKEN: Rp99.999.999,00" in lines
    assert "METERAI        : Rp99.999.999,00" in text(sale).split("\n")


@pytest.mark.parametrize("link", [LINK, f"https://t.me/{'x' * 32}?start=c_K7Q2M9XT4B"])
def test_a_phone_reads_the_code_off_the_picture_as_a_printer_and_a_camera_leave_it(link: str) -> None:
    image = Image.open(io.BytesIO(picture.png(text(), link)))
    assert (image.width, image.mode) == (384, "1")
    assert scanned(picture.png(text(), link)) == link
    tilted = image.convert("L").resize((576, image.height * 3 // 2)).rotate(4, expand=True, fillcolor=255)
    file = io.BytesIO()
    tilted.point(lambda value: 40 + value * 3 // 4).save(file, "PNG")
    assert scanned(file.getvalue()) == link


def test_a_picture_has_no_code_where_there_is_no_address_and_is_longer_by_the_code_where_there_is() -> None:
    with_code, without = picture.png(text(), LINK), picture.png(text())
    assert scanned(without) == ""
    heights = [Image.open(io.BytesIO(one)).height for one in (with_code, without)]
    assert heights[0] - heights[1] == (33 + 2 * 4) * 6  # modules, the quiet zone around them, pixels a module


@pytest.mark.parametrize("char", "WMw@%mQ")
def test_a_broad_character_stays_in_its_column_so_that_a_code_can_be_read(char: str) -> None:
    image = Image.open(io.BytesIO(picture.png(f"{char} {char}"))).convert("L")
    columns = [image.crop((12 * column, 0, 12 * (column + 1), image.height)).getextrema()[0] for column in range(4)]
    assert columns == [0, 255, 0, 255]
