"""A customer gets a lost token again, as the dialogues that people have: one proof, in both languages."""

import dataclasses
from pathlib import Path

import pytest

from bot.clock import DAY, HOUR, MINUTE
from bot.conversation import proofs
from bot.domain.purchase import Purchase
from bot.messaging.channel import Outcome
from bot.ports import Tx
from bot.sandbox import Behaviour
from bot.services import people
from tests.services import sightings
from tests.services.sightings import N1, N2, P1, P2
from tests.world import SHOP, Said, World, execute, world

METER, IDPEL, UNKNOWN = "54123456789", "531234567890", "54123456780"
PHONE = "6281234567890"
WAYS = ("📱 Nomor HP saya", "🔢 NO REF + nominal", "🎟 Kode klaim")
RECEIPT_TOTALS = ("50", "50rb", "51600", "51.600", "Rp53.000")  # nominal, RP BAYAR, grand total


def keys(said: list[Said]) -> list[str]:
    return [one.key for one in said]


def labels(said: Said) -> list[str]:
    return [label for _, label, _ in said.options]


async def sold(shop: World, order: str = f"{METER} 50") -> Purchase:
    """Budi sells."""
    await shop.say(order)
    await shop.say("bayar")
    return (await shop.purchases())[-1]


def tail(purchase: Purchase) -> str:
    assert purchase.payref is not None
    return purchase.payref[-4:]


async def pending(shop: World, meter: str = METER) -> Purchase:
    """A sale of which nobody knows yet whether it is one."""
    shop.sandbox.force(Behaviour.DROP_SOLD)
    return await sold(shop, f"{meter} 50")


async def fetched(shop: World, sale: Purchase) -> list[tuple[str, str]]:
    """Who fetched the token, and by what."""
    found = await sightings.rows(
        shop, "SELECT actor, reason FROM movement WHERE event = 'fetched' AND purchase_id = ? ORDER BY id", sale.id
    )
    return [(str(actor), str(reason)) for actor, reason in found]


# NO REF


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("0812 51.600", "ref 0812 51600"),
        ("0812 51600", "ref 0812 51600"),
        ("6281-100.000", "ref 6281 100000"),
        ("0812 3456 7890", proofs.TYPED_PHONE),
        ("0812 345678", proofs.TYPED_PHONE),
        ("0812345600", proofs.TYPED_PHONE),
        ("+62 812 3456 7800", proofs.TYPED_PHONE),
    ],
)
def test_a_no_ref_that_ends_in_digits_like_a_phones_is_no_phone(typed: str, answer: str) -> None:
    parse = proofs.proof(has_number=False).parse
    assert parse is not None
    assert parse(typed) == answer


@pytest.mark.parametrize("amount", RECEIPT_TOTALS)
@pytest.mark.parametrize("number", [METER, "5412-3456-789", IDPEL])
async def test_the_end_of_no_ref_and_an_amount_of_the_receipt_bring_the_token(
    shop: World, number: str, amount: str
) -> None:
    sale = await sold(shop)
    [asked] = await shop.say(number, "siti")
    assert asked.text == "Biar aman, pilih satu bukti:"
    assert labels(asked) == ["📱 Nomor HP saya", "🔢 NO REF + nominal", "🎟 Kode klaim", "🙋 Minta ke penjual"]
    token, found = await shop.say(f"{tail(sale).lower()} {amount}", "siti")
    assert token.key == "token.only"
    assert token.options == ()
    assert found.text == f"Token Rp50.000 · 25 Nov 12.00 · {sale.kwh} kWh · a.n. B*** S******"
    assert labels(found) == ["🧾 Struk", "❓ Token ditolak", "⭐ Ingat meter ini"]
    assert "BUDI" not in token.text + found.text
    assert await fetched(shop, sale) == [("customer in chat 2", "NO REF and amount")]


@pytest.mark.parametrize("amount", ["20", "100", "52000", "1600", "51.599", "Rp50.001"])
async def test_the_end_of_no_ref_alone_proves_nothing(shop: World, amount: str) -> None:
    sale = await sold(shop)
    await shop.say(METER, "siti")
    assert keys(await shop.say(f"{tail(sale)} {amount}", "siti")) == ["rec.none"]


async def test_in_english_step_by_step(shop: World) -> None:
    sale = await sold(shop)
    await shop.say("bahasa en", "siti")
    [asked] = await shop.say("lost token", "siti")
    assert asked.text.startswith("Type the meter number (11 digits")
    [proofs] = await shop.say(METER, "siti")
    assert labels(proofs) == ["📱 My phone number", "🔢 NO REF + amount", "🎟 Claim code", "🙋 Ask the seller"]
    [typed] = await shop.say("2", "siti")
    assert typed.text == "Type the last 4 characters of NO REF and the amount, e.g. A94C 50"
    [none] = await shop.say("0000 50", "siti")
    assert none.text == "No matching token. Check the number and the receipt, or ask the seller. 4 tries left."
    token, found = await shop.say(f"{tail(sale)} 50", "siti")
    assert token.key == "token.only"
    assert found.text == f"Token Rp50.000 · 25 Nov 12:00 · {sale.kwh} kWh · for B*** S******"
    [kept] = await shop.say(found.options[2][2], "siti")
    assert kept.text == "⭐ Remembered for 90 days. Next time just type the meter number."


async def test_the_sixth_try_within_the_hour_is_not_even_made_and_other_proofs_still_work(shop: World) -> None:
    sale = await sold(shop)
    await shop.say(METER, "siti")
    left = [(await shop.say("0000 50", "siti"))[0].text.split("Sisa ")[1] for _ in range(5)]
    assert left == [f"{number} percobaan." for number in (4, 3, 2, 1, 0)]
    [locked] = await shop.say(f"{tail(sale)} 50", "siti")
    assert locked.key == "rec.locked"
    assert "setelah 13.00" in locked.text
    assert labels(locked) == ["📱 Nomor HP saya", "🎟 Kode klaim", "🙋 Minta ke penjual"]
    [code] = await shop.say("🎟 Kode klaim", "siti")
    assert code.key == "rec.code"
    assert keys(await shop.say(str(sale.claim_code), "siti")) == ["token.only", "rec.found"]
    await shop.say(METER, "siti")
    assert keys(await shop.say(f"{tail(sale)} 50", "siti")) == ["rec.locked"]
    shop.clock.forward(HOUR)
    await shop.say(METER, "siti")
    assert keys(await shop.say(f"{tail(sale)} 50", "siti")) == ["token.only", "rec.found"]


async def test_who_keeps_trying_while_locked_does_not_prolong_it(shop: World) -> None:
    sale = await sold(shop)
    await shop.say(METER, "siti")
    for _ in range(5):
        await shop.say("0000 50", "siti")
    for _ in range(12):
        shop.clock.forward(5 * MINUTE)
        last = await shop.say("0000 50", "siti")
    assert keys(last) == ["rec.none"]  # the hour counts from the tries that were made
    await shop.say(METER, "ani")
    assert keys(await shop.say(f"{tail(sale)} 50", "ani")) == ["token.only", "rec.found"]


async def test_a_prankster_in_other_chats_closes_no_way_but_no_ref(shop: World) -> None:
    sale = await sold(shop, f"50.{METER}.1234.081234567890")
    for chat in ("a", "b", "c", "d", "e", "f"):
        await shop.say(METER, chat)
        last = await shop.say("0000 50", chat)
    assert keys(last) == ["rec.locked"]
    await shop.say(METER, "siti")
    assert keys(await shop.say(f"{tail(sale)} 50", "siti")) == ["rec.locked"]
    assert keys(await shop.say(f"klaim {sale.claim_code}", "siti")) == ["token.only", "rec.found"]
    assert "token.only" in await after_proofs(shop, METER, "1", PHONE)


async def after_proofs(shop: World, meter: str, answer: str, number: str, person: str = "") -> list[str]:
    await sightings.keys(shop, meter, number, person)
    return await sightings.keys(shop, answer, number, person)


@pytest.mark.parametrize("words", ["klaim AAAAAAAAAA", "AAAAAAAAAA", METER, UNKNOWN])
async def test_what_proves_nothing_gets_the_same_words_in_every_way(shop: World, words: str) -> None:
    await sold(shop)
    said = await shop.say(words, "siti")
    if words in (METER, UNKNOWN):
        said = await shop.say("AAAAAAAAAA", "siti")
    (none,) = said
    assert none.text == (
        "Belum ada token yang cocok. Periksa nomor dan struk, atau minta ke penjual. Sisa 5 percobaan."
    )
    ways = ["🔎 Cari token saya"] if words not in (METER, UNKNOWN) else list(WAYS)
    assert labels(none) == [*ways, "🙋 Minta ke penjual"]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("token saya hilang", "rec.meter"), ("kak, token listrik saya ilang", "rec.meter"),
        ("I lost my token", "rec.meter"), (f"token saya hilang {METER}", "rec.proof"),
        ("struknya hilang kak, meternya 5412 3456 789", "rec.proof"), (f"cek {METER}", "rec.proof"),
        ("cek", "rec.meter"), ("struk", "rec.meter"), ("token", "rec.meter"), ("komplain token hilang", "rec.meter"),
        ("tokennya gak bisa masuk", "wiz.ask"), ("my token is refused", "wiz.ask"), ("token salah terus", "wiz.ask"),
        ("mau beli token 50rb", "start.buy_at"), ("beli", "start.buy_at"), ("harga", "start.buy_at"),
        ("🎟 Kode klaim", "rec.code"), ("🔢 NO REF + nominal", "rec.meter"), ("Nomor HP saya", "rec.meter"),
    ],
)  # fmt: skip
async def test_a_customer_says_in_his_own_words_what_is_wrong(shop: World, words: str, wanted: str) -> None:
    await shop.say("apa", "siti")
    assert keys(await shop.say(words, "siti")) == [wanted]


@pytest.mark.parametrize("miss", ["0000 50", "AAAAAAAAAA"])
@pytest.mark.parametrize(
    ("way", "wanted"),
    [("🔢 NO REF + nominal", "rec.ref"), ("🎟 Kode klaim", "rec.code"), ("🙋 Minta ke penjual", "rec.asked")],
)
async def test_after_a_wrong_proof_every_other_way_is_still_open(shop: World, miss: str, way: str, wanted: str) -> None:
    await shop.say(METER, "siti")
    [none] = await shop.say(miss, "siti")
    assert labels(none) == [*WAYS, "🙋 Minta ke penjual"]
    assert keys(await shop.say(way, "siti")) == [wanted]


async def test_whoever_has_no_receipt_finds_another_way_from_the_question_for_it(shop: World) -> None:
    await sold(shop)
    await shop.say(METER, "siti")
    [reference] = await shop.say("🔢 NO REF + nominal", "siti")
    assert labels(reference) == ["🎟 Kode klaim", "🙋 Minta ke penjual", "✖️ Batal"]
    [code] = await shop.say("🎟 Kode klaim", "siti")
    assert labels(code) == ["🔢 NO REF + nominal", "🙋 Minta ke penjual", "✖️ Batal"]
    assert keys(await shop.say("🙋 Minta ke penjual", "siti")) == ["rec.asked"]


@pytest.mark.parametrize("form", ["{0} 50", "{1} {2} {3} 50rb", "{0}, 51.600"])
async def test_the_whole_of_no_ref_proves_as_its_end_does(shop: World, form: str) -> None:
    whole = (await sold(shop)).payref or ""
    await shop.say(METER, "siti")
    typed = form.format(whole, whole[:14], whole[14:28], whole[28:])
    assert keys(await shop.say(typed, "siti")) == ["token.only", "rec.found"]


async def test_after_ninety_days_no_proof_brings_a_token(shop: World) -> None:
    sale = await sold(shop, f"50.{METER}.1234.{PHONE}")
    shop.clock.forward(91 * DAY)
    await shop.say(METER, "siti")
    assert keys(await shop.say(f"{tail(sale)} 50", "siti")) == ["rec.none"]
    assert keys(await shop.say(f"klaim {sale.claim_code}", "siti")) == ["rec.none"]
    assert await after_proofs(shop, METER, "1", PHONE) == ["rec.none"]


async def test_of_several_sales_the_newest_that_the_proof_fits_is_shown(shop: World) -> None:
    first = await sold(shop)
    shop.clock.forward(HOUR)
    second = await sold(shop, f"{METER} 20")
    await shop.say(METER, "siti")
    token, _ = await shop.say(f"{tail(first)} 50", "siti")
    assert first.sale in token.text
    await shop.say(METER, "siti")
    token, _ = await shop.say(f"{tail(second)} 20", "siti")
    assert second.sale in token.text


async def test_a_token_with_fifty_later_ones_is_said_to_be_old(tmp_path: Path) -> None:
    async with world(tmp_path, deposit=20_000_000) as shop:
        await _old(shop)


async def _old(shop: World) -> None:
    sale = await sold(shop)
    for number in range(51):
        shop.clock.forward(DAY)
        assert (await sold(shop, f"{METER} {(20, 50, 100)[number % 3]}")).id == sale.id + number + 1
    _, found = await shop.say(f"klaim {sale.claim_code}", "siti")
    assert "⚠️ Token ini sudah lama" in found.text


# the phone


async def test_a_phone_of_the_order_or_noted_later_proves_the_sale_to_the_chat_of_that_number(shop: World) -> None:
    sale = await sold(shop, f"PLN {METER} 50.1234.081234567890")
    assert await after_proofs(shop, METER, "1", N1, P1) == ["rec.none"]
    [noted] = await shop.say(f"{sale.sale} +62 812-0000-0001")
    assert noted.text.startswith("📱 Nomor HP …0001 dicatat di T10001.")
    assert await after_proofs(shop, METER, "1", N1, P1) == ["token.only", "rec.found"]
    assert (await fetched(shop, sale))[-1][1] == "phone"


async def test_a_number_that_changed_hands_proves_nothing_to_its_new_holder(shop: World) -> None:
    await sold(shop, f"50.{METER}.1234.0{N1[2:]}")
    assert await after_proofs(shop, METER, "1", N1, P1) == ["token.only", "rec.found"]
    await sightings.says(shop, "halo", N1, P2)  # somebody else has the number now
    [asked] = [one for one in await sightings.says(shop, METER, N1, P2) if one.key == "rec.proof"]
    assert await sightings.keys(shop, "1", N1, P2) == ["rec.own"]  # for he would have to share it
    assert asked.message.options[0].key == "phone"


async def test_a_typed_number_is_nobodys_proof(shop: World) -> None:
    await sold(shop, f"50.{METER}.1234.{PHONE}")
    await shop.say(METER, "siti")
    for typed in ("081234567890", "+62 812 3456 7890", "1", "📱 Nomor HP saya"):
        assert keys(await shop.say(typed, "siti")) == ["rec.own"]


async def test_another_agent_notes_no_phone_on_a_sale(shop: World) -> None:
    sale = await sold(shop)
    await shop.say("agen baru Berkah", "boss")
    assert keys(await shop.say(f"{sale.sale} 081234567890", "boss")) == ["hist.none"]
    assert keys(await shop.say(f"{sale.sale} 081234567890", "siti")) == ["start.customer"]


# the seller


async def test_the_sellers_tap_brings_the_token_once(shop: World) -> None:
    sale = await sold(shop)
    await shop.say(METER, "siti")
    said = await shop.say("🙋 Minta ke penjual", "siti")
    assert [one.text for one in said] == [
        "Permintaan dicatat. Kalau dibeli lewat toko kami dan penjualnya setuju, token datang ke chat ini."
    ]
    request = shop.phone.read[-1]
    assert (request.to, request.key) == ("budi", "rec.request")
    assert request.text == "🙋 Pelanggan (console:siti) minta token …6789 (BUDI SANTOSA, 50rb, 25 Nov 12.00). Kirim?"
    assert labels(request) == ["✅ Kirim", "Bukan dia"]
    before = len(shop.phone.read)
    [sent] = await shop.say(request.options[0][2])
    assert sent.text == "✅ Token T10001 dikirim ke pelanggan."
    assert keys([one for one in shop.phone.read[before:] if one.to == "siti"]) == ["token.only", "rec.found"]
    before = len(shop.phone.read)
    assert keys(await shop.say(request.options[0][2])) == ["rec.sent"]
    assert keys(await shop.say(request.options[1][2])) == ["rec.sent"]  # it was
    assert [one.to for one in shop.phone.read[before:]] == ["budi", "budi"]
    assert await fetched(shop, sale) == [("customer in chat 2", "the seller's word")]
    assert keys(await shop.say(f"ingat {sale.sale}", "siti")) == ["rec.remembered"]
    assert await shop.violations() == []


async def test_bukan_dia_brings_nothing_and_silences_that_chat_for_that_meter_for_a_week(shop: World) -> None:
    await sold(shop)
    await shop.say(f"minta {METER}", "siti")
    [kept] = await shop.say("bukan 1")
    assert kept.text == "Baik, T10001 tidak dikirim."
    assert labels(kept) == ["👁 Lihat T10001"]
    shop.clock.forward(6 * DAY)
    for number in (METER, IDPEL):
        assert keys(await shop.say(f"minta {number}", "siti")) == ["rec.asked"]
    assert await requests(shop) == 1
    await shop.say(f"minta {METER}", "ani")
    assert await requests(shop) == 2
    shop.clock.forward(2 * DAY)
    await shop.say(f"minta {METER}", "siti")
    assert await requests(shop) == 3


async def requests(shop: World) -> int:
    """How often a seller was asked."""
    await shop.settle()
    return keys(shop.phone.read).count("rec.request")


async def test_a_chat_asks_once_a_day_for_a_meter_and_thrice_in_all(shop: World) -> None:
    for meter in (METER, UNKNOWN, "54123456781", "54123456782"):
        await sold(shop, f"{meter} 20")
    for number in (METER, METER, IDPEL, UNKNOWN, "54123456781", "54123456782"):
        assert keys(await shop.say(f"minta {number}", "siti")) == ["rec.asked"]
    assert await requests(shop) == 2  # the IDPEL was the third, and the same meter


async def test_a_seller_is_not_drowned_in_requests_for_one_meter(shop: World) -> None:
    await sold(shop)
    for number in range(20):
        assert keys(await shop.say(f"minta {METER}", f"stranger{number}")) == ["rec.asked"]
    assert await requests(shop) == 5


async def test_a_sale_is_sent_by_its_number_as_a_copy_or_to_a_phone_that_is_noted(shop: World) -> None:
    await sold(shop)
    assert keys(await shop.say("kirim T10001")) == ["copy.customer"]
    assert keys(await shop.say("kirim t10001 0812-3456-7890")) == keys(await shop.say("T10001 081234567890"))
    assert keys(await shop.say("kirim T10002 081234567890")) == ["hist.none"]


async def test_only_whoever_speaks_for_the_sellers_account_answers_a_request(shop: World) -> None:
    await sold(shop)
    await shop.say(f"minta {METER}", "siti")
    for who in ("boss", "siti", "ani"):
        assert keys(await shop.say("kirim 1", who)) in (["hist.none"], ["start.customer"])
    for odd in ("kirim x", "kirim 99", "bukan 9999999999999999999", "kirim ٣"):
        assert keys(await shop.say(odd)) == ["hist.none"]
    assert keys(await shop.say("kirim 1")) == ["rec.sent"]


async def test_a_request_lapses_after_a_week(shop: World) -> None:
    await sold(shop)
    await shop.say(f"minta {METER}", "siti")
    shop.clock.forward(8 * DAY)
    assert keys(await shop.say("kirim 1")) == ["hist.none"]


async def test_a_customers_token_that_does_not_reach_him_waits_and_is_said_to_nobody_else(shop: World) -> None:
    code = (await shop.say("kasir chat"))[0].text.split("AGEN ")[1][:10]
    await shop.say(f"AGEN {code}", "dewi")
    await sold(shop)
    await shop.say(f"minta {METER}", "siti")
    before = len(shop.phone.read)
    shop.phone.outcomes = [Outcome.AWAY]  # tokens leave before answers
    await shop.say("kirim 1")
    assert [(one.to, one.key) for one in shop.phone.read[before:] if one.to != "siti"] == [("budi", "rec.sent")]
    assert "token.only" in keys(await shop.say("halo", "siti"))


async def test_what_the_counter_sold_is_asked_of_the_owner(shop: World) -> None:
    await shop.say(f"{METER} 50", "boss")
    await shop.say("bayar", "boss")
    await shop.say(f"minta {METER}", "siti")
    assert (shop.phone.read[-1].to, shop.phone.read[-1].key) == ("boss", "rec.request")
    assert keys(await shop.say("kirim 1", "boss")) == ["rec.sent"]


async def test_a_chat_that_no_longer_speaks_for_the_account_is_not_asked(shop: World) -> None:
    code = (await shop.say("kasir undang"))[0].text.split("AGEN ")[1][:10]
    await shop.say(f"AGEN {code}", "dewi")
    await shop.say(f"{METER} 50", "dewi")
    await shop.say("bayar", "dewi")

    def let_go(tx: Tx) -> None:
        whom = people.agent(tx, 1)
        people.remove(tx, whom, people.chats(tx, 1)[1], "test", shop.clock())

    await shop.store.write(let_go)
    await shop.say(f"minta {METER}", "siti")
    assert [one.to for one in shop.phone.read if one.key == "rec.request"] == ["budi"]
    assert keys(await shop.say("kirim 1", "dewi")) == ["start.customer"]
    assert keys(await shop.say("kirim 1")) == ["rec.sent"]


# sales without a token


async def test_who_proved_a_pending_sale_is_told_when_its_token_comes(shop: World) -> None:
    sale = await pending(shop)
    await shop.say(f"minta {METER}", "siti")
    before = len(shop.phone.read)
    await shop.say("kirim 1")
    (shown,) = [one for one in shop.phone.read[before:] if one.to == "siti"]
    assert shown.text == "Pembelian untuk meter ini sedang diproses PLN. Uang aman; jangan membayar dua kali."
    [subscribed] = await shop.say(shown.options[0][2], "siti")
    assert subscribed.text == "Baik, token dikirim ke sini begitu ada."
    assert await fetched(shop, sale) == []
    said: list[Said] = []
    for _ in range(6):
        said += await shop.later(MINUTE, "siti")
    assert keys(said) == ["token.only", "rec.found"]
    assert await fetched(shop, sale) == [("customer in chat 2", "told when it ended")]
    assert await shop.later(HOUR, "siti") == []
    assert await shop.violations() == []


async def test_whom_the_seller_knows_gets_the_token_of_an_open_sale_without_asking_again(shop: World) -> None:
    sale = await pending(shop)
    await shop.say(f"minta {METER}", "siti")
    before = len(shop.phone.read)
    [told] = await shop.say("kirim 1")
    assert told.text == ("T10001 masih diproses PLN. Pelanggan diberi tahu, dan token dikirim ke dia begitu ada.")
    assert [one.key for one in shop.phone.read[before:] if one.to == "siti"] == ["rec.pending"]
    said: list[Said] = []
    for _ in range(10):
        said += await shop.later(MINUTE, "siti")
    assert keys(said) == ["token.only", "rec.found"]
    assert await fetched(shop, sale) == [("customer in chat 2", "told when it ended")]
    assert keys(await shop.say("kirim 1")) == ["rec.sent"]


async def test_a_seller_reads_that_there_is_no_token_of_a_sale_that_failed(shop: World) -> None:
    shop.sandbox.force(Behaviour.DROP_UNSOLD)
    await sold(shop)
    await execute(shop, "UPDATE purchase SET state = 'FAILED' WHERE id = 10001")
    await shop.say(f"minta {METER}", "siti")
    assert keys(await shop.say("kirim 1")) == ["rec.sent_failed"]


async def test_who_proved_a_sale_that_failed_is_told_whom_to_ask_for_his_money(shop: World) -> None:
    shop.sandbox.force(Behaviour.DROP_UNSOLD)
    sale = await sold(shop)
    await shop.say(f"minta {METER}", "siti")
    await shop.say("kirim 1")
    assert keys(await shop.say(f"kabari {sale.sale}", "siti")) == ["rec.subscribed"]
    await execute(shop, "UPDATE purchase SET state = 'FAILED' WHERE id = 10001")
    [failed] = await shop.settle("siti")
    assert failed.text.startswith("Pembelian itu gagal di PLN; tidak ada token.")
    assert keys(await shop.say(f"kabari {sale.sale}", "siti")) == ["rec.failed"]
    assert keys(await shop.say(f"struk {sale.sale}", "siti")) == ["start.customer"]


@pytest.mark.parametrize("words", ["kabari", "struk", "ingat", "token", "cek", "salin", "kirim"])
async def test_a_sales_number_alone_opens_nothing_to_a_customer(shop: World, words: str) -> None:
    await sold(shop)
    answers = [(await shop.say(f"{words} {number}", "siti"))[0].text for number in ("T10001", "T10002", "T1x")]
    assert len(set(answers)) == 1
    assert answers[0].startswith("Halo! Saya Setrum")


async def test_what_was_shown_stays_open_to_its_chat_for_a_day(shop: World) -> None:
    sale = await sold(shop)
    await shop.say(f"klaim {sale.claim_code}", "siti")
    [receipt] = await shop.say(f"struk {sale.sale}", "siti")
    assert "NAMA           : B*** S******" in receipt.text
    assert receipt.text.endswith("-CU]")
    assert "BUDI SANTOSA" not in receipt.text
    assert keys(await shop.say(f"struk {sale.sale}", "ani")) == ["start.customer"]
    shop.clock.forward(25 * HOUR)
    for words in ("struk", "ingat", "kabari"):
        assert keys(await shop.say(f"{words} {sale.sale}", "siti")) == ["start.customer"]


# a remembered meter


async def test_a_remembered_meter_brings_a_later_token_by_one_tap_until_it_is_forgotten(shop: World) -> None:
    first = await sold(shop)
    await shop.say(f"klaim {first.claim_code}", "siti")
    assert keys(await shop.say(f"ingat {first.sale}", "siti")) == ["rec.remembered"]
    shop.clock.forward(80 * DAY)
    later = await sold(shop, f"{METER} 20")
    for number in (METER, IDPEL):
        [known] = await shop.say(number, "siti")
        assert known.text == f"Meter …{number[-4:]} sudah terbukti milik Anda sampai 23 Feb."
        assert labels(known)[:2] == ["🔎 Kirim token", "Lupakan meter"]
        token, found = await shop.say(known.options[0][2], "siti")
        assert later.sale in token.text
        assert labels(found) == ["🧾 Struk", "❓ Token ditolak"]  # a remembered proof does not prolong itself
        assert keys(await shop.say(f"ingat {later.sale}", "siti")) == ["start.customer"]
    assert keys(await shop.say(METER, "ani")) == ["rec.proof"]
    await shop.say(METER, "siti")
    assert keys(await shop.say("Lupakan meter", "siti")) == ["rec.forgotten"]
    assert keys(await shop.say(METER, "siti")) == ["rec.proof"]


async def test_a_meter_is_remembered_for_ninety_days(shop: World) -> None:
    first = await sold(shop)
    await shop.say(f"klaim {first.claim_code}", "siti")
    await shop.say(f"ingat {first.sale}", "siti")
    shop.clock.forward(90 * DAY - MINUTE)
    [known] = await shop.say(METER, "siti")
    assert known.key == "rec.known"
    shop.clock.forward(2 * MINUTE)
    assert keys(await shop.say(known.options[0][2], "siti")) == ["rec.none"]
    assert keys(await shop.say(METER, "siti")) == ["rec.proof"]


async def test_a_changed_number_ends_what_was_remembered_watched_and_asked_for(shop: World) -> None:
    sale = await sold(shop)
    open_sale = await pending(shop, UNKNOWN)
    for words in (f"klaim {sale.claim_code}", f"ingat {sale.sale}"):
        await sightings.says(shop, words, N1, P1)
    await sightings.says(shop, f"minta {UNKNOWN}", N1, P1)
    await shop.say("kirim 1")
    assert await sightings.keys(shop, f"kabari {open_sale.sale}", N1, P1) == ["rec.subscribed"]
    await sightings.says(shop, f"minta {METER}", N1, P1)
    await sightings.says(shop, "halo", N2, P1)
    assert await sightings.keys(shop, METER, N2, P1) == ["rec.proof"]
    assert keys(await shop.say("kirim 2")) == ["hist.none"]
    before = len(shop.phone.read)
    for _ in range(6):
        await shop.later(MINUTE)
    assert {one.to for one in shop.phone.read[before:]} <= {"budi", "boss"}


async def test_two_chats_of_one_person_keep_what_either_had_proved(shop: World) -> None:
    sale = await sold(shop)
    await sightings.says(shop, "halo", "", P1)
    await sightings.says(shop, f"klaim {sale.claim_code}", N1)
    await sightings.says(shop, f"ingat {sale.sale}", N1)
    await sightings.says(shop, "halo", N1, P1)
    assert await sightings.keys(shop, METER, N1, P1) == ["rec.known"]
    assert await shop.violations() == []


# what talks meet


async def test_an_order_asks_a_customer_nothing_and_a_seller_searches_nothing(shop: World) -> None:
    assert keys(await shop.say(f"{METER} 50", "siti")) == ["start.buy_at"]
    assert keys(await shop.say("cari")) == ["start.agent"]
    assert keys(await shop.say("minta")) == ["start.agent"]


async def test_another_meter_begins_anew_and_a_claim_code_fits_everywhere(shop: World) -> None:
    sale = await sold(shop)
    code = str(sale.claim_code)
    for before in (["cari"], [METER], [UNKNOWN, "2"], [UNKNOWN, "0000 50"], [UNKNOWN, METER, "3"]):
        for words in before:
            await shop.say(words, "siti")
        assert keys(await shop.say(code, "siti")) == ["token.only", "rec.found"]


async def test_menu_and_batal_work_at_every_question(shop: World) -> None:
    for questions in (["cari"], [METER], [METER, "2"], [METER, "3"], [METER, "0000 50"], [METER, "1"]):
        for words in questions:
            last = await shop.say(words, "siti")
        again = await shop.say("bantuan", "siti")
        assert keys(again)[-1] == last[-1].key
        assert keys(await shop.say("batal", "siti")) == ["start.customer"]


@pytest.mark.parametrize("odd", ["1234", "A94C", "A94C 0", "zzzz 50", "💥", "-" * 50, "A94C 99999999", "٣٣٣٣ 50"])
async def test_odd_answers_are_no_dead_end(shop: World, odd: str) -> None:
    await shop.say(METER, "siti")
    [said] = await shop.say(odd, "siti")
    assert said.options, said
    assert said.key in ("rec.proof", "rec.none")


async def test_a_shop_that_asks_for_fewer_tries_locks_sooner(tmp_path: Path) -> None:
    async with world(tmp_path, shop=dataclasses.replace(SHOP, most_proof_tries=1)) as shop:
        await shop.say(METER, "siti")
        assert keys(await shop.say("0000 50", "siti")) == ["rec.none"]
        assert keys(await shop.say("0000 50", "siti")) == ["rec.locked"]
