"""After the sale: found again by what is in one's hand, complained of, and noted for its owner; in both languages."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import DAY, HOUR
from bot.domain.purchase import Purchase
from bot.sandbox import Behaviour
from tests.world import SHOP, Said, World, world

METER, OTHER, TWO, THREE = "54123456789", "54123456781", "11111111124", "11111111125"
CONTACT = dataclasses.replace(SHOP, owner_contact="6281234567890", most_open=100)
FOREIGN = "25930960810610721376"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, shop=CONTACT) as made:
        yield made


async def sold(shop: World, line: str = f"{METER} 50", who: str = "budi") -> Purchase:
    await shop.say(line, who)
    await shop.say("bayar", who)
    return (await shop.purchases())[-1]


async def pending(shop: World) -> Purchase:
    shop.sandbox.force(Behaviour.DROP_SOLD)
    return await sold(shop, f"{OTHER} 20")


async def failed(shop: World) -> Purchase:
    shop.sandbox.force(Behaviour.REFUSED)
    await sold(shop, f"{METER} 20")
    for _ in range(8):
        await shop.later(5 * 60_000)
    return (await shop.purchases())[-1]


async def recovered(shop: World, sale: Purchase, who: str = "siti") -> Said:
    """A customer proves the sale; what he reads about it."""
    await shop.say(sale.msn, who)
    *_, found = await shop.say(f"{(sale.payref or '')[-4:]} {sale.denomination}", who)
    return found


def keys(said: list[Said]) -> list[str]:
    return [one.key for one in said]


def labels(said: Said) -> list[str]:
    return [label for _, label, _ in said.options]


def tokens(shop: World) -> tuple[str, ...]:
    return shop.sandbox.sales()[-1].tokens


# which sale is this


@pytest.mark.parametrize("typed", ["{token}", "cek {token}", "{fours}", "check {fours}"])
async def test_the_20_digits_of_a_token_are_the_sale_that_it_came_from(shop: World, typed: str) -> None:
    sale = await sold(shop)
    token = tokens(shop)[0]
    fours = " ".join(token[start : start + 4] for start in range(0, 20, 4))
    [said] = await shop.say(typed.format(token=token, fours=fours))
    assert said.text.splitlines() == [
        f"✅ SUKSES {sale.sale} · BUDI SANTOSA",
        f"Rp50.000 · {sale.kwh} kWh · token …{token[-4:]}",
        "📤 Token terkirim 25 Nov 12.00",
    ]
    shown = [one.label.key for one in said.message.options if not one.extra]
    assert shown == ["btn.receipt", "btn.customer_copy", "btn.buy_again", "btn.token_again", "btn.complain"]


async def test_each_of_several_tokens_is_its_sale(shop: World) -> None:
    sale = await sold(shop, f"{THREE} 20")
    for token in tokens(shop):
        [said] = await shop.say(token)
        assert said.text.startswith(f"✅ SUKSES {sale.sale}")


@pytest.mark.parametrize("what", ["meter", "grouped", "idpel", "tail", "payref", "end of payref", "number", "digits"])
async def test_a_sale_is_found_by_whatever_its_receipt_says(shop: World, what: str) -> None:
    sale = await sold(shop)
    await sold(shop, f"{OTHER} 20")
    payref = sale.payref or ""
    words = {
        "meter": METER, "grouped": "5412 3456 789", "idpel": sale.idpel, "tail": "56789", "payref": payref.lower(),
        "end of payref": payref[-6:], "number": sale.sale.lower(), "digits": str(sale.id),
    }  # fmt: skip
    [said] = await shop.say(f"cek {words[what]}")
    assert said.text.startswith(f"✅ SUKSES {sale.sale}")


async def test_several_that_fit_are_listed_to_choose(shop: World) -> None:
    first, second = await sold(shop), await sold(shop, f"{METER} 20")
    [said] = await shop.say(f"cek {METER}")
    assert said.text.splitlines()[0] == f"🧾 Pembelian: {METER}"
    assert labels(said) == [f"👁 Lihat {second.sale}", f"👁 Lihat {first.sale}"]
    [chosen] = await shop.say("2")
    assert chosen.text.startswith(f"✅ SUKSES {first.sale}")
    assert keys(await shop.say("cek")) == ["hist.list"]


@pytest.mark.parametrize("words", ["T99999", "99999", FOREIGN, "54123456780", "0000", "ABCDEF", "apa saja", "12", "A9"])
async def test_what_is_no_sale_of_ones_own_is_none_and_goes_on(shop: World, words: str) -> None:
    await sold(shop)
    [said] = await shop.say(f"cek {words}")
    assert said.key == ("token.unknown" if words == FOREIGN else "hist.none")
    assert "🧾 Riwayat" in labels(said)


async def test_nobody_finds_another_accounts_sale_and_no_cashier_another_chats(shop: World) -> None:
    sale = await sold(shop)
    token, payref = tokens(shop)[0], sale.payref or ""
    [invited] = await shop.say("kasir undang")
    await shop.say(invited.text.split("AGEN ")[1].split()[0], "kas")
    for who in ("boss", "kas"):
        for words in (sale.sale, str(sale.id), METER, sale.idpel, token, payref, payref[-5:], "6789"):
            [said] = await shop.say(f"cek {words}", who)
            assert said.key in ("hist.none", "token.unknown"), (who, words)
            assert "BUDI" not in said.text
        assert keys(await shop.say(token, who)) == ["token.unknown"]
        assert keys(await shop.say(f"komplain {sale.sale}", who))[0] in ("hist.none", "hist.empty")
        [advice] = await asked_display(shop, f"ditolak {sale.sale}", "gagal", who)
        assert advice.key == "wiz.gagal"
        assert METER not in advice.text.replace(" ", "")


async def asked_display(shop: World, words: str, display: str, who: str) -> list[Said]:
    assert keys(await shop.say(words, who)) == ["wiz.ask"]
    return await shop.say(display, who)


async def test_twenty_digits_in_the_middle_of_a_purchase_leave_it_standing(shop: World) -> None:
    await sold(shop)
    await shop.say(f"{OTHER} 20")
    assert keys(await shop.say(tokens(shop)[0])) == ["pay.done", "buy.pay"]
    assert keys(await shop.say("bayar"))[-1] == "pay.done"


@pytest.mark.parametrize(
    ("language", "text"),
    [("id", "Itu 20 angka token. Masukkan ke meter yang tertera di struk. Ditolak?"),
     ("en", "Those are the 20 digits of a token. Key them into the meter named on the receipt. Refused?")],
)  # fmt: skip
async def test_a_customer_learns_of_no_token_whether_it_was_sold_here(shop: World, language: str, text: str) -> None:
    await sold(shop)
    await shop.say(f"bahasa {language}", "siti")
    for token in (tokens(shop)[0], FOREIGN):
        [said] = await shop.say(token, "siti")
        assert said.text == text
        assert [one.says for one in said.message.options] == ["ditolak", "cari"]
    assert keys(await shop.say("cek T10001", "siti")) == ["start.customer"]
    await shop.say("cari", "siti")
    assert keys(await shop.say(FOREIGN, "siti")) == ["token.typed", "rec.meter"]


async def test_the_sales_history_says_when_the_token_was_sent_fetched_and_complained_of(shop: World) -> None:
    sale = await sold(shop)
    shop.clock.forward(DAY)
    await recovered(shop, sale)
    shop.clock.forward(HOUR)
    await shop.say(f"komplain {sale.sale} kWh kurang")
    [said] = await shop.say(sale.sale)
    assert said.text.splitlines()[2:] == [
        "📤 Token terkirim 25 Nov 12.00",
        "Diambil pelanggan 26 Nov 12.00",
        "📝 26 Nov 13.00 kWh kurang",
    ]


async def test_several_tokens_are_numbered_and_only_the_last_speaks_of_kwh(shop: World) -> None:
    sale = await sold(shop, f"{TWO} 20")
    first, last = tokens(shop)
    said = await shop.say(f"token {sale.sale}")
    assert [one.text.splitlines()[1].replace(" ", "") for one in said] == [f"1){first}", f"2){last}"]
    assert ["kWh yet" in one.text or "belum ada kWh" in one.text for one in said] == [True, False]
    assert f"{sale.kwh} kWh" in said[1].text
    await shop.say(TWO, "siti")
    fetched = await shop.say(f"{(sale.payref or '')[-4:]} 20", "siti")
    assert [one.text.splitlines()[0].replace(" ", "") for one in fetched[:2]] == [f"1){first}", f"2){last}"]
    assert "Ada 2 token. Masukkan urut 1 sampai 2" in fetched[2].text


# a token that the meter refuses

ADVICE = {
    "id": [
        "Token sudah masuk.",
        "Cocokkan nomor meter",
        "Token ini sudah pernah",
        "Melebihi batas daya",
        "Meter perlu",
    ],
    "en": ["The token was acc", "Compare the meter", "This token was already", "Above the meter's", "The meter needs"],
}
ADVISED = dict(zip(["BENAR", "GAGAL / SALAH", "USED / TERPAKAI", "OVER", "PERIKSA"], range(5), strict=True))
ADVISED |= {"salah": 1, "failed": 1, "used": 2, "terpakai": 2, "over": 3, "periksa": 4, "benar": 0, "6": 1, "3": 2}
ADVISED |= {"tidak tahu": 1, "don't know": 1, "Gagal": 1}


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("shown", ADVISED)
async def test_anybody_is_told_what_the_display_means(shop: World, language: str, shown: str) -> None:
    await shop.say(f"bahasa {language}", "siti")
    [question] = await shop.say({"id": "token ditolak", "en": "refused"}[language], "siti")
    assert labels(question)[:5] == ["BENAR", "GAGAL / SALAH", "USED / TERPAKAI", "OVER", "PERIKSA"]
    [said] = await shop.say(shown, "siti")
    assert said.text.startswith(ADVICE[language][ADVISED[shown]])
    assert labels(said) == [{"id": "🔎 Cari token saya", "en": "🔎 Find my token"}[language]]


async def test_a_word_that_no_meter_shows_is_asked_again_and_one_brought_along_is_not_asked(shop: World) -> None:
    await shop.say("ditolak", "siti")
    [again] = await shop.say("warnanya merah", "siti")
    assert again.key == "wiz.ask"
    assert len(again.options) == 6
    assert keys(await shop.say("ditolak periksa", "siti")) == ["wiz.periksa"]
    assert keys(await shop.say("ditolak", "siti")) == ["wiz.ask"]
    assert keys(await shop.say("batal", "siti")) == ["start.customer"]


@pytest.mark.parametrize("language", ["id", "en"])
async def test_a_seller_gets_a_text_for_pln_about_a_sale_of_his_own(shop: World, language: str) -> None:
    sale = await sold(shop)
    await shop.say(f"bahasa {language}")
    await shop.say(f"ditolak {sale.sale}")
    advice, text = await shop.say("USED")
    assert (advice.key, advice.options) == ("wiz.used", ())
    fours = " ".join(tokens(shop)[0][start : start + 4] for start in range(0, 20, 4))
    idpel, day, word = {
        "id": ("IDPEL", "Rab 25 Nov 2026", "tulisan layar"), "en": ("ID", "Wed 25 Nov 2026", "display"),
    }[language]  # fmt: skip
    assert text.text.splitlines()[1:] == [
        f"Meter 5412 3456 789 · {idpel} {sale.idpel} · NO REF {sale.payref}",
        f"Token {fours}",
        f"{day} · Rp50.000 · {word}: USED",
    ]
    copied = text.message.options[0].copies
    assert copied == (f"Meter {METER} IDPEL {sale.idpel} NO REF {sale.payref}\nToken {fours}\n25-11-2026 Rp50.000 USED")


async def test_several_tokens_are_said_in_their_order_and_fit_into_what_is_copied(shop: World) -> None:
    sale = await sold(shop, f"{THREE} 20")
    advice, text = await shop.say(f"ditolak {sale.sale} gagal")
    assert advice.text.splitlines()[-1] == "Ada 3 token. Masukkan urut 1 sampai 3; kWh ada di yang terakhir."
    assert [line.split(":")[0] for line in text.text.splitlines()[2:5]] == ["Token 1", "Token 2", "Token 3"]
    assert [line.split(":")[1].replace(" ", "") for line in text.text.splitlines()[2:5]] == list(tokens(shop))
    copied = text.message.options[0].copies
    assert len(copied) <= 256
    assert copied.endswith("GAGAL")
    assert all(token in copied.replace(" ", "") for token in tokens(shop))


async def test_a_customer_gets_the_text_for_pln_only_of_what_he_proved_and_only_lately(shop: World) -> None:
    sale = await sold(shop)
    assert keys(await shop.say(f"ditolak {sale.sale} gagal", "siti")) == ["wiz.gagal"]
    found = await recovered(shop, sale)
    assert labels(found) == ["🧾 Struk", "❓ Token ditolak", "⭐ Ingat meter ini"]
    assert keys(await shop.say("2", "siti")) == ["wiz.ask"]
    advice, text = await shop.say("over", "siti")
    assert (advice.key, text.key) == ("wiz.over", "wiz.pln")
    assert labels(text) == ["📋 Salin data", "🧾 Struk"]
    assert "BUDI" not in text.text
    assert keys(await shop.say(f"ditolak {sale.sale} gagal", "tono")) == ["wiz.gagal"]
    reasons = await shop.store.read(lambda tx: len(tx.all(int, "movement_fetched", id=sale.id)))
    assert reasons == 2
    shop.clock.forward(DAY)
    assert keys(await shop.say(f"ditolak {sale.sale} gagal", "siti")) == ["wiz.gagal"]


async def test_a_sale_without_a_token_has_no_text_for_pln(shop: World) -> None:
    lost, still = await failed(shop), await pending(shop)
    assert keys(await shop.say(f"ditolak {still.sale} gagal")) == ["wiz.gagal"]
    assert keys(await shop.say(f"ditolak {lost.sale} gagal")) == ["wiz.gagal"]


# a complaint


async def test_a_refused_token_is_helped_first_then_noted_and_the_owner_told_at_once(shop: World) -> None:
    await shop.say("menu", "boss")
    sale = await sold(shop)
    [reasons] = await shop.say(f"komplain {sale.sale}")
    assert reasons.text == f"Ada apa dengan {sale.sale}?"
    assert labels(reasons)[:4] == ["Token ditolak meter", "Token belum datang", "Salah meter", "Lainnya"]
    assert keys(await shop.say("Token ditolak meter")) == ["wiz.ask"]
    before = len(shop.phone.read)
    *_, noted = await shop.say("PERIKSA")
    assert {"wiz.periksa", "wiz.pln", "cmp.noted", "own.notes"} == set(keys(shop.phone.read[before:]))
    assert noted.text == f"📝 Sudah kami catat di {sale.sale}; pemilik toko membacanya."
    assert noted.message.options[1].url == f"https://wa.me/6281234567890?text={sale.sale}"
    [told] = [one for one in shop.phone.read[before:] if one.to == "boss"]
    assert told.text == f"📝 {sale.sale} Budi Cell 25 Nov 12.00: Token ditolak meter: PERIKSA"
    [whole] = await shop.say("1", "boss")
    assert whole.text.splitlines()[0] == f"{sale.sale} · Budi Cell"
    assert f"trxid {sale.trxid}" in whole.text
    assert "📝 25 Nov 12.00 Token ditolak meter: PERIKSA" in whole.text


async def test_in_english_in_ones_own_words(shop: World) -> None:
    sale = await sold(shop)
    await shop.say("bahasa en")
    [reasons] = await shop.say(f"complain {sale.sale}")
    assert labels(reasons) == ["Meter refuses it", "No token yet", "Wrong meter", "Other", "✖️ Cancel"]
    [line] = await shop.say("Other")
    assert line.text == "Describe it in one message."
    assert keys(await shop.say("balance")) == ["bal.card", "cmp.text"]
    assert keys(await shop.say("?!")) == ["cmp.text"]
    [noted] = await shop.say(f"token never arrived for {METER} 50rb, customer is angry")
    assert noted.text == f"📝 Noted on {sale.sale}; the shop owner reads it."
    [read] = await shop.say("catatan", "boss")
    assert read.text.splitlines()[1].endswith(f": token never arrived for {METER} 50rb, customer is angry")


@pytest.mark.parametrize(
    ("typed", "then"),
    [
        ("kwhnya kurang", ["cmp.noted"]),
        ("token tidak masuk ke meteran", ["cmp.noted"]),
        ("Lainnya", ["cmp.text"]),
        ("gagal", ["wiz.ask"]),
        ("eh", ["in.unknown"]),
        ("saldo", ["bal.card", "cmp.reason"]),
    ],
)
async def test_what_is_wrong_may_be_told_instead_of_chosen(shop: World, typed: str, then: list[str]) -> None:
    sale = await sold(shop)
    await shop.say(f"komplain {sale.sale}")
    assert keys(await shop.say(typed)) == then


async def test_an_open_sale_is_noted_and_waited_for(shop: World) -> None:
    sale = await pending(shop)
    [said] = await shop.say(f"komplain {sale.sale} ditolak")
    assert said.text == f"{sale.sale} masih diproses; Rp22.000 ditahan. Sudah kami catat, tinggal tunggu."
    [card] = await shop.say(f"cek {sale.sale}")
    assert labels(card) == ["🔄 Cek sekarang", "💬 Kabari pelanggan", "🆘 Bantuan"]
    assert card.text.splitlines()[-1] == "📝 25 Nov 12.00 Token ditolak meter"


async def test_a_failed_sale_says_that_the_money_is_back(shop: World) -> None:
    sale = await failed(shop)
    [said] = await shop.say(f"komplain {sale.sale} salah meter")
    assert said.key == "late.failed"
    assert "Rp22.000 kembali ke saldo" in said.text
    assert said.text.splitlines()[-1] == f"📝 Sudah kami catat di {sale.sale}; pemilik toko membacanya."


async def test_a_token_that_did_not_come_is_sent_again(shop: World) -> None:
    sale = await sold(shop)
    token, noted = await shop.say(f"komplain {sale.sale} belum datang")
    assert token.text.startswith(f"KIRIM ULANG · {sale.sale}\n{tokens(shop)[0][:4]}")
    assert noted.key == "cmp.noted"


async def test_no_token_moves_to_another_meter(shop: World) -> None:
    sale = await sold(shop)
    [said] = await shop.say(f"K {sale.sale} salah meter")
    advice = "Token hanya bisa dipakai di meter 5412 3456 789; PLN tidak bisa memindahkannya."
    assert said.text == f"{advice} Sudah kami catat di {sale.sale}."


async def test_without_a_number_the_latest_sales_are_shown_to_choose(shop: World) -> None:
    assert keys(await shop.say("komplain")) == ["hist.empty"]
    sale = await sold(shop)
    assert keys(await shop.say("komplain")) == ["cmp.reason"]  # what the message above offers
    await shop.say("menu")
    for words in ("komplain", "komplain T99999", "komplain tokennya"):
        [said] = await shop.say(words)
        assert said.key == ("hist.none" if "T9" in words else "cmp.which")
        assert labels(said) == [f"🆘 {sale.sale}"]
    assert keys(await shop.say("1")) == ["cmp.reason"]


async def test_a_sale_is_not_noted_without_end_and_the_same_only_once_a_day(shop: World) -> None:
    await shop.say("menu", "boss")
    sale = await sold(shop)
    before = len(shop.phone.read)
    for _ in range(3):
        assert keys(await shop.say(f"komplain {sale.sale} kWh kurang")) == ["cmp.noted"]
    for number in range(4):
        await shop.say(f"komplain {sale.sale} masalah {number}")
    told = [one for one in shop.phone.read[before:] if one.to == "boss"]
    assert len(told) == 5
    [said] = await shop.say(f"komplain {sale.sale} masalah lagi")
    assert said.key == "cmp.enough"
    assert [one.url for one in said.message.options if one.url]
    shop.clock.forward(DAY)
    assert keys(await shop.say(f"komplain {sale.sale} masalah lagi")) == ["cmp.noted"]


async def test_the_owner_reads_a_weeks_notes_by_page_and_nobody_else_does(shop: World) -> None:
    assert (await shop.say("catatan", "boss"))[0].text == "📝 Tidak ada catatan 7 hari terakhir."
    old = await sold(shop)
    await shop.say(f"komplain {old.sale} yang lama")
    shop.clock.forward(7 * DAY)
    sales = [await sold(shop, f"5412345{number:04d} 20") for number in range(10)]
    for sale in sales:
        await shop.say(f"komplain {sale.sale} apa kabar")
    [first] = await shop.say("notes", "boss")
    assert [line.split()[1] for line in first.text.splitlines()[1:]] == [one.sale for one in sales[:0:-1]]
    [second] = await shop.say("Berikutnya", "boss")
    assert [line.split()[1] for line in second.text.splitlines()[1:]] == [sales[0].sale]
    assert keys(await shop.say("catatan")) == ["start.agent"]
    assert keys(await shop.say(f"catatan {old.sale}", "siti")) == ["start.customer"]


async def test_an_owners_own_note_is_told_to_nobody_and_needs_no_link(shop: World) -> None:
    await shop.say(f"{METER} 50", "boss")
    await shop.say("bayar", "boss")
    before = len(shop.phone.read)
    [said] = await shop.say("komplain T10001 kWh kurang", "boss")
    assert labels(said) == ["👁 Lihat T10001"]
    assert len(shop.phone.read) == before + 1


async def test_without_a_contact_there_is_no_link(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        sale = await sold(shop)
        [said] = await shop.say(f"komplain {sale.sale} kWh kurang")
        assert labels(said) == [f"👁 Lihat {sale.sale}"]
