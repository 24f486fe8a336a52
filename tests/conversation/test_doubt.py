"""An owner's open cases as dialogues: listed, understood, settled with a reason, and no path that pays again."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import HOUR, MINUTE, SECOND, WIB, local
from bot.domain.purchase import Purchase, State
from bot.domain.supply import Sale
from bot.ports import Tx
from bot.sandbox import Behaviour, Raw
from bot.services import decisions, ledger, people, standing, strays, watch
from tests.conversation.test_supplier_deposit import with_a_pin
from tests.services import sightings
from tests.world import SHOP, Said, World, execute, world

METER, OTHER = "54123456789", "54123456780"
NO_SALE = Raw(b"<root><status>ERROR</status><rc>0096</rc><rcm>[96] TIDAK DITEMUKAN ke:1</rcm></root>")
TIMED_OUT = Raw(b"<root><status>ERROR</status><rc>0068</rc><rcm>[68] TIMEOUT ke:1</rcm></root>")
TOKEN, REF = "2593 0960 8106 1072 1376", "0123456789ABCDEF0123456789ABCDEF"
TWO_OWNERS = dataclasses.replace(SHOP, owners=(("console", "boss"), ("console", "ibu")))
LANGUAGES = pytest.mark.parametrize("language", ["id", "en"])


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[World]:
    """A shop with two owners; whatever they do in it, the books agree and each purchase was put on the wire once."""
    async with world(tmp_path, shop=TWO_OWNERS) as made:
        await made.say("menu", "boss")
        await made.say("menu", "ibu")
        yield made
        assert await made.violations() == []
        [(sent,)] = await sightings.rows(made, "SELECT COUNT(*) FROM purchase WHERE sent_at IS NOT NULL")
        assert made.sandbox.count("PAY") == sent


def keys(said: list[Said]) -> list[str]:
    return [one.key for one in said]


def labels(said: Said) -> list[str]:
    return [label for _, label, _ in said.options]


def read_by(shop: World, who: str, since: int = 0) -> list[Said]:
    return [one for one in shop.phone.read[since:] if one.to == who]


async def tap(shop: World, message: Said, label: str, who: str = "boss") -> list[Said]:
    return await shop.say(next(name for _, shown, name in message.options if shown == label), who)


async def only(shop: World, text: str, who: str = "boss") -> Said:
    [said] = await shop.say(text, who)
    return said


async def in_doubt(shop: World, order: str = f"{METER} 50", answer: Raw | None = TIMED_OUT) -> Purchase:
    """A purchase that VSI answered with 68, whose advices find nothing."""
    shop.sandbox.script("ADV", NO_SALE)
    if answer is None:
        shop.sandbox.force(Behaviour.DROP_SOLD)
    else:
        shop.sandbox.script("PAY", answer)
    await shop.say(order)
    await shop.say("bayar")
    shop.sandbox.script("PAY", None)
    purchase = (await shop.purchases())[-1]
    assert purchase.state is State.UNKNOWN
    return purchase


async def current(shop: World) -> Purchase:
    return (await shop.purchases())[-1]


async def balance(shop: World) -> tuple[int, int]:
    account = await shop.store.read(ledger.agent_account, 1)
    return account.posted, account.held


async def late_sale(shop: World) -> Purchase:
    """Settled as failed by the owner, then found sold by an advice."""
    purchase = await in_doubt(shop, answer=None)
    shop.clock.forward(11 * MINUTE)
    await shop.say(f"selesai {purchase.sale} gagal VSI menulis tidak ada", "boss")
    await shop.say("ya", "boss")
    shop.sandbox.script("ADV", None)
    await shop.later(HOUR)
    late = await current(shop)
    assert late.state is State.LATE
    return late


# the list


async def test_nothing_open_is_said_and_leads_on(shop: World) -> None:
    said = await only(shop, "pending")
    assert said.text == "✅ Tidak ada pembelian yang belum jelas."
    assert labels(said) == ["📊 Rekap"]


@LANGUAGES
async def test_what_is_open_is_listed_oldest_first_with_what_is_known(shop: World, language: str) -> None:
    await shop.say(f"bahasa {language}", "boss")
    first = await in_doubt(shop)
    for _ in range(3):
        await shop.later(10 * MINUTE)
    second = await in_doubt(shop, f"{OTHER} 20")
    said = await only(shop, "/pending")
    checked = (await shop.purchases())[0].advices
    following = local((await shop.purchases())[0].next_at or 0, WIB)
    rows = said.text.splitlines()
    if language == "id":
        assert rows[0] == "⏳ 2 belum jelas, Rp74.000 ditahan"
        age, code, again = f"30 mnt · cek ke-{checked}", "kode 96", f"cek lagi {following:%H.%M}"
    else:
        assert rows[0] == "⏳ 2 unresolved, Rp74.000 on hold"
        age, code, again = f"30 min · check {checked}", "code 96", f"next {following:%H:%M}"
    assert rows[1] == f"{first.sale} Budi Cell 50rb …6789 · {age} · {code} · {again}"
    assert rows[2].startswith(f"{second.sale} Budi Cell 20rb …6780 · 0 ")
    see, check = ("👁 Lihat", "🔄 Cek semua") if language == "id" else ("👁 See", "🔄 Check all")
    assert labels(said) == [f"{see} {first.sale}", f"{see} {second.sale}", check]


async def test_many_cases_come_in_pages_and_every_one_can_be_opened(shop: World) -> None:
    for number in range(3):
        await in_doubt(shop, f"5412345670{number} 20")
    sale = Sale(msn=METER, total=51_600, tokens=("9" * 20,), paid_at=shop.clock())
    for number in range(6):
        other = dataclasses.replace(sale, tokens=(f"{number}" * 20,))
        await shop.store.write(strays.found, "unknown", other, shop.clock(), source="report")
    first = await only(shop, "pending")
    assert len(first.options) == 9
    [second] = await tap(shop, first, "Berikutnya")
    assert labels(second) == ["👁 Lihat S5", "👁 Lihat S6", "🔄 Cek semua"]
    assert (await only(shop, "pending hal 99")).text == second.text


async def test_notes_that_nobody_has_dealt_with_stand_below_the_list(shop: World) -> None:
    await shop.say(f"{METER} 50")
    await shop.say("bayar")
    sale = (await current(shop)).sale
    await shop.say(f"komplain {sale} token tidak masuk sama sekali")
    said = await only(shop, "pending")
    assert said.text.splitlines()[0] == "✅ Tidak ada pembelian yang belum jelas."
    assert f"📝 {sale} Budi Cell 25 Nov 12.00: token tidak masuk sama sekali" in said.text
    assert labels(said) == ["📝 Catatan"]


# asking the supplier


async def test_check_all_asks_by_advice_alone_and_what_was_just_asked_rests(shop: World) -> None:
    await in_doubt(shop)
    await in_doubt(shop, f"{OTHER} 20")
    await shop.later(MINUTE)
    shop.clock.forward(40 * SECOND)
    said = await only(shop, "pending")
    before = shop.sandbox.count("ADV")
    [asking] = await tap(shop, said, "🔄 Cek semua")
    assert asking.text.startswith("🔄 2 sedang ditanyakan ke VSI. Ini hanya mengecek, tidak membayar lagi.")
    await shop.later(SECOND)
    assert shop.sandbox.count("ADV") == before + 2
    rests = await only(shop, "pending cek")
    assert rests.text == "2 baru saja dicek. Jeda antar cek 30 detik."
    await shop.later(SECOND)
    assert shop.sandbox.count("ADV") == before + 2


async def test_one_case_is_asked_about_and_what_it_found_settles_it(shop: World) -> None:
    purchase = await in_doubt(shop, answer=None)
    shop.sandbox.script("ADV", None)
    card = await only(shop, f"pending {purchase.sale}")
    shop.clock.forward(40 * SECOND)
    [asking] = await tap(shop, card, "🔄 Cek sekarang")
    assert asking.key == "own.checking"
    assert keys(await shop.later(SECOND)) == ["token.only", "late.done"]
    again = await only(shop, f"pending {purchase.sale} cek")
    assert again.text.startswith(f"✅ {purchase.sale} · Budi Cell · Rp52.000 sukses")


# the evidence


@LANGUAGES
async def test_the_evidence_is_told_in_words_and_what_can_be_done_follows_the_clock(shop: World, language: str) -> None:
    await shop.say(f"bahasa {language}", "boss")
    purchase = await in_doubt(shop)
    young = await only(shop, f"pending {purchase.sale}")
    for _ in range(4):
        await shop.later(5 * MINUTE)
    old = await only(shop, purchase.sale.replace("T", "pending t"))
    if language == "id":
        assert labels(young) == ["🔄 Cek sekarang", "📋 Untuk VSI", "⏳ Belum jelas"]
        assert "Bisa Anda putuskan mulai 12.10." in young.text
        assert labels(old)[:2] == ["✅ Token keluar", "↩️ Gagal di VSI"]
        wanted: tuple[str, ...] = (
            "Rp52.000 ditahan",
            "BUDI SANTOSA · meter 5412 3456 789 · 50rb",
            "Dikirim ke VSI 12.00, dijawab kode 68: masih antre di VSI dan bisa terjual.",
            "kode 96, belum tercatat di VSI.",
            "Belum jelas karena tidak ada jawaban yang membuktikan",
            "Cek berikutnya",
            "Atau minta jawaban tertulis VSI, lalu putuskan.",
        )
    else:
        assert "You can decide from 12:10 on." in young.text
        assert labels(old)[:2] == ["✅ Token issued", "↩️ Failed at VSI"]
        wanted = (
            "Rp52.000 on hold",
            "Sent to VSI 12:00, answered with code 68: still queued at VSI and may sell.",
            "code 96, not recorded at VSI yet.",
            "Next check",
            "Or get VSI's written answer, then decide.",
        )
    for words in wanted:
        assert words in old.text
    assert f"trxid {purchase.trxid}" in old.text
    assert sum("96" in line for line in old.text.splitlines()) == 1  # equal answers share a line


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (Behaviour.DROP_SOLD, "sambungan putus sebelum dijawab"),
        (Behaviour.KWH_LIMIT, "dijawab kode 47: batas kWh pelanggan"),
        (Behaviour.REFUSED, "PLN menolak"),
    ],
)
async def test_each_kind_of_doubt_says_why(shop: World, behaviour: Behaviour, words: str) -> None:
    shop.sandbox.script("ADV", NO_SALE)
    shop.sandbox.force(behaviour)
    await shop.say(f"{METER} 50")
    await shop.say("bayar")
    said = await only(shop, f"pending {(await current(shop)).sale}")
    assert words in said.text


async def test_the_text_for_vsi_has_all_that_finds_the_sale_and_no_token(shop: World) -> None:
    purchase = await in_doubt(shop)
    await shop.later(MINUTE)
    said = await only(shop, f"pending {purchase.sale} vsi")
    assert said.text.splitlines()[:6] == [
        "Mohon cek transaksi PLN prabayar ini:",
        f"trxid {purchase.trxid}",
        f"Waktu {local(purchase.sent_at or 0, WIB):%Y-%m-%d %H:%M:%S} WIB",
        "Meter 54123456789",
        "Nominal Rp50.000, admin Rp1.600",
        "Jawaban yang kami terima: PAY 0068, ADV 0096",
    ]
    assert labels(said) == [f"👁 Lihat {purchase.sale}", "📲 Kirim ke WA"]
    assert said.message.options[1].draft is not None


@pytest.mark.parametrize("line", ["pending T1", "pending S9", "selesai T1", "selesai S9 diganti"])
async def test_a_number_that_is_no_case_is_said_so(shop: World, line: str) -> None:
    said = await only(shop, line)
    assert (said.key, labels(said)) == ("case.none", ["⏳ Belum jelas"])


# settling


async def test_before_the_tenth_minute_it_says_from_when(shop: World) -> None:
    purchase = await in_doubt(shop)
    shop.clock.forward(9 * MINUTE)
    for line in ("", " gagal VSI menulis gagal", f" keluar {TOKEN} {REF}", " tunggu"):
        said = await only(shop, f"selesai {purchase.sale}{line}")
        assert "Bisa Anda putuskan mulai 12.10" in said.text
        assert "🔄 Cek sekarang" in labels(said)
    assert (await current(shop)).state is State.UNKNOWN
    shop.clock.forward(MINUTE)
    assert (await only(shop, f"selesai {purchase.sale}")).key == "own.manual"


@LANGUAGES
async def test_a_token_that_came_out_is_sent_after_one_confirm(shop: World, language: str) -> None:
    await shop.say(f"bahasa {language}", "boss")
    purchase = await in_doubt(shop)
    shop.clock.forward(11 * MINUTE)
    word = "selesai" if language == "id" else "resolve"
    manual = await only(shop, f"{word} {purchase.sale}")
    assert purchase.trxid in manual.text
    issued, send = ("✅ Token keluar", "✅ Kirim token") if language == "id" else ("✅ Token issued", "✅ Send token")
    [asked] = await tap(shop, manual, issued)
    assert asked.key == "own.token"
    at = f"{local(purchase.sent_at or 0, WIB):%Y-%m-%d %H:%M:%S}"
    why = await only(shop, f"Meter {METER} Rp51.600 {at}\ntoken {TOKEN}\nref {REF.lower()}")
    assert why.key == "own.why_sold"
    sure = await only(shop, "token sudah keluar menurut VSI lewat WA")
    assert TOKEN in sure.text
    assert f"NO REF {REF}" in sure.text
    checked = {
        "id": "✅ Cocok: meter · nominal · waktu · token belum pernah dipakai",
        "en": "✅ Checked: meter · amount · time · token not used before",
    }
    assert checked[language] in sure.text
    assert "⚠️" not in sure.text
    assert labels(sure)[0] == send
    assert (await current(shop)).state is State.UNKNOWN
    before = len(shop.phone.read)
    [done] = await tap(shop, sure, send)
    assert done.key == "own.did_sell"
    assert keys(read_by(shop, "budi", before)) == ["token.only", "late.done"]
    settled = await current(shop)
    assert (settled.state, settled.payref, await balance(shop)) == (State.SUCCESS, REF, (448_000, 0))
    [taken] = await shop.store.read(decisions.of_purchase, purchase.id)
    assert (taken.kind, taken.actor, taken.reason) == (
        "sold",
        "owner in chat 1",
        "token sudah keluar menurut VSI lewat WA",
    )
    assert taken.evidence_bytes > 80  # the answer itself is kept with the decision


async def test_what_is_not_named_is_not_checked_and_the_confirm_says_so(shop: World) -> None:
    purchase = await in_doubt(shop)
    shop.clock.forward(11 * MINUTE)
    asked = await only(shop, f"selesai {purchase.sale} keluar {TOKEN.replace(' ', '')}")
    assert asked.key == "own.ref"
    [why] = await tap(shop, asked, "Tanpa NO REF")
    sure = await only(shop, "dibacakan VSI lewat telepon")
    assert (why.key, sure.key) == ("own.why_sold", "own.sure_sold")
    assert "⚠️ Tidak disebut, jadi tidak dicocokkan: meter · nominal · waktu" in sure.text
    before = len(shop.phone.read)
    assert keys(await shop.say("ya", "boss")) == ["own.did_sell"]
    assert (await current(shop)).state is State.SUCCESS
    said = [one.text for one in read_by(shop, "budi", before)]
    said += [one.text for line in ("token", "salin", "cek") for one in await shop.say(f"{line} {purchase.sale}")]
    lines = [line for text in said for line in text.splitlines() if "kWh" in line]
    assert len(lines) == 5
    assert all("– kWh" in line for line in lines)  # nobody told how many


@pytest.mark.parametrize(
    "amount",
    [
        "total 51600",
        "Total: Rp 51.600",
        "rptotal=51600",
        "nominal 50.000",
        "RP BAYAR : 51.600",
        "jumlah bayar 51600",
        "bayar 51600",
    ],
)
async def test_an_amount_is_read_by_whatever_word_stands_before_it(shop: World, amount: str) -> None:
    purchase = await in_doubt(shop)
    shop.clock.forward(11 * MINUTE)
    await shop.say(f"selesai {purchase.sale} keluar {TOKEN} {REF} {amount}", "boss")
    sure = await only(shop, "jawaban tertulis VSI")
    assert "✅ Cocok: nominal · token belum pernah dipakai" in sure.text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (f"{TOKEN[:-2]} {REF}", "Token itu 20 angka"),
        (f"kode 0068 {TOKEN} {REF}", "Token itu 20 angka; yang saya baca 24 angka."),
        ("25930960", "Token itu 20 angka; yang saya baca 8 angka."),
        ("12345", "Token itu 20 angka; yang saya baca 5 angka."),
        ("tidak tahu", "Token itu 20 angka; yang saya baca 0 angka."),
        ("1234567890123456789", "Token itu 20 angka; yang saya baca 19 angka."),
        (f"meter {OTHER} {TOKEN} {REF}", "Jawaban itu untuk meter 5412 3456 780, pembelian ini untuk 5412 3456 789."),
        (f"Rp101.600 {TOKEN} {REF}", "Jawaban itu Rp101.600,"),
        (f"total bayar: 101600 {TOKEN} {REF}", "Jawaban itu Rp101.600,"),
        (f"2026-11-24 12:00:00 {TOKEN} {REF}", "bertanggal 24 Nov 12.00, T10001 dikirim 12.00: bukan pembelian ini"),
        (f"24/11/2026 12.00 {TOKEN} {REF}", "bukan pembelian ini"),
    ],
)
async def test_an_answer_about_something_else_is_refused_exactly_and_asked_again(
    shop: World, typed: str, words: str
) -> None:
    purchase = await in_doubt(shop)
    shop.clock.forward(11 * MINUTE)
    await shop.say(f"selesai {purchase.sale} keluar", "boss")
    wrong = await only(shop, typed)
    assert words in wrong.text
    assert "Ketik atau tempel jawaban VSI" in wrong.text
    assert await shop.store.read(decisions.of_purchase, purchase.id) == []
    assert (await only(shop, f"{TOKEN} {REF}")).key == "own.why_sold"


async def test_a_token_of_another_sale_is_not_used_again(shop: World) -> None:
    await shop.say(f"{METER} 50")
    await shop.say("bayar")
    theirs = shop.sandbox.sales()[-1]
    shop.clock.forward(MINUTE)
    purchase = await in_doubt(shop, f"{METER} 20")
    shop.clock.forward(11 * MINUTE)
    for typed in (f"{theirs.tokens[0]} {REF}", f"{TOKEN} {theirs.payref}"):
        await shop.say(f"selesai {purchase.sale} keluar", "boss")
        assert "sudah milik penjualan lain" in (await only(shop, typed)).text
    assert (await current(shop)).state is State.UNKNOWN


async def test_another_admin_fee_is_named_and_booked(shop: World) -> None:
    purchase = await in_doubt(shop)
    shop.clock.forward(11 * MINUTE)
    await shop.say(f"selesai {purchase.sale} keluar", "boss")
    assert "contoh: admin 2500" in (await only(shop, f"Rp52.500 {TOKEN} {REF}")).text
    await shop.say(f"Rp52.500 admin 2500 {TOKEN} {REF}", "boss")
    await shop.say("jawaban tertulis VSI", "boss")
    await shop.say("ya", "boss")
    settled = await current(shop)
    assert (settled.state, settled.sold_adm, await balance(shop)) == (State.SUCCESS, 2_500, (448_000, 0))


@LANGUAGES
async def test_what_failed_at_vsi_is_given_back_after_a_reason_and_a_confirm(shop: World, language: str) -> None:
    await shop.say(f"bahasa {language}", "boss")
    purchase = await in_doubt(shop)
    await shop.later(11 * MINUTE)
    failed, back = ("↩️ Gagal di VSI", "↩️ Kembalikan") if language == "id" else ("↩️ Failed at VSI", "↩️ Give it back")
    [why] = await tap(shop, await only(shop, f"selesai {purchase.sale}"), failed)
    assert why.text.startswith(
        "Kembalikan Rp52.000 ke Budi Cell?" if language == "id" else "Give Rp52.000 back to Budi"
    )
    for nothing in ("x", "12", "..."):
        assert (await only(shop, nothing)).key == "appr.no_reason"
    sure = await only(shop, "info dari VSI: tidak ada penjualan")
    assert "info dari VSI: tidak ada penjualan" in sure.text
    assert await balance(shop) == (500_000, 52_000)
    before = len(shop.phone.read)
    [done] = await tap(shop, sure, back)
    assert done.key == "own.did_void"
    assert keys(read_by(shop, "budi", before)) == ["late.failed"]
    assert await balance(shop) == (500_000, 0)
    card = await only(shop, f"pending {purchase.sale}")
    who = "pemilik toko (console:boss): tidak terjual" if language == "id" else "shop owner (console:boss): not sold"
    assert who in card.text


async def test_a_code_that_usually_means_sold_is_a_warning_before_money_goes_back(shop: World) -> None:
    refund = Raw(b"<root><status>ERROR</status><rc>0070</rc><rcm>[70] TIMEOUT ke:1</rcm></root>")
    purchase = await in_doubt(shop, answer=refund)
    await shop.later(11 * MINUTE)
    sure = await only(shop, f"selesai {purchase.sale} gagal VSI menulis gagal")
    assert "⚠️ VSI pernah menjawab kode 70: itu biasanya berarti sudah terjual." in sure.text
    assert keys(await shop.say("batal", "boss")) == ["start.owner"]
    assert await balance(shop) == (500_000, 52_000)


async def test_to_wait_changes_nothing_and_says_when_it_is_checked_next(shop: World) -> None:
    purchase = await in_doubt(shop)
    await shop.later(11 * MINUTE)
    [said] = await tap(shop, await only(shop, f"selesai {purchase.sale}"), "⏳ Tunggu")
    assert said.text.startswith(f"⏳ {purchase.sale} tetap ditahan dan terus dicek. Cek berikutnya ")
    assert labels(said) == ["📋 Untuk VSI", "⏳ Belum jelas"]
    assert await shop.store.read(decisions.of_purchase, purchase.id) == []


async def test_after_two_hours_it_comes_by_itself_to_every_owner_and_can_be_settled_from_there(shop: World) -> None:
    purchase = await in_doubt(shop)
    for _ in range(5):
        await shop.later(25 * MINUTE)
    assert (await current(shop)).state is State.MANUAL
    [asked] = [one for one in read_by(shop, "ibu") if one.key == "own.manual"]
    assert (
        asked.text == f"🔎 {purchase.sale} perlu keputusan. Tanyakan ke VSI dengan trxid {purchase.trxid}, lalu pilih."
    )
    assert labels(asked) == ["✅ Token keluar", "↩️ Gagal di VSI", "⏳ Tunggu"]
    told = next(one for one in read_by(shop, "ibu") if one.key == "own.pending")
    assert labels(told)[0] == f"👁 Lihat {purchase.sale}"
    await tap(shop, asked, "↩️ Gagal di VSI", "ibu")
    await shop.say("VSI menulis tidak ada", "ibu")
    assert keys(await shop.say("ya", "ibu")) == ["own.did_void"]


async def test_an_outage_asks_about_few_cases_one_by_one_and_points_to_the_list(shop: World) -> None:
    for number in range(7):
        await in_doubt(shop, f"5412345670{number} 20")
        if number % 3 == 2:  # too many at once count no more, and a good one keeps sales open
            shop.clock.forward(31 * MINUTE)
            await shop.say(f"5412345679{number} 20")
            await shop.say("bayar")
    for _ in range(6):
        await shop.later(25 * MINUTE)
    assert [one.state for one in await shop.purchases()].count(State.MANUAL) == 7
    asked = [one for one in read_by(shop, "boss") if one.key == "own.manual"]
    assert len(asked) == 5
    assert asked[-1].text.endswith("Yang lain ada di daftar, ketik: pending")
    assert (await only(shop, "pending")).text.startswith("⏳ 7 belum jelas")


async def test_whoever_comes_second_sees_who_settled_it_and_nothing_is_done_twice(shop: World) -> None:
    purchase = await in_doubt(shop)
    await shop.later(11 * MINUTE)
    for who in ("boss", "ibu"):
        await shop.say(f"selesai {purchase.sale} gagal VSI menulis tidak ada", who)
    assert keys(await shop.say("ya", "boss")) == ["own.did_void"]
    [second] = await shop.say("ya", "ibu")
    assert second.text.splitlines()[0] == f"{purchase.sale} sudah selesai. Tidak ada yang berubah."
    assert "pemilik toko (console:boss): tidak terjual" in second.text
    assert len(await shop.store.read(decisions.of_purchase, purchase.id)) == 1


@pytest.mark.parametrize("step", [0, 1, 2])
async def test_what_an_advice_settles_in_the_middle_of_the_talk_is_said_and_nothing_is_done(
    shop: World, step: int
) -> None:
    purchase = await in_doubt(shop, answer=None)
    await shop.later(11 * MINUTE)
    typed = [f"selesai {purchase.sale} keluar", f"{TOKEN} {REF}", "jawaban tertulis VSI", "ya"]
    for line in typed[: step + 1]:
        await shop.say(line, "boss")
    shop.sandbox.script("ADV", None)
    assert keys(await shop.later(15 * MINUTE)) == ["token.only", "late.done"]
    said = await shop.say(typed[step + 1], "boss")
    assert said[0].text.splitlines()[0] == f"{purchase.sale} sudah selesai. Tidak ada yang berubah."
    settled = await current(shop)
    assert (settled.state, settled.payref) == (State.SUCCESS, shop.sandbox.sales()[-1].payref)
    assert await shop.store.read(decisions.of_purchase, purchase.id) == []
    assert await shop.store.read(strays.opened) == []


async def test_while_the_books_are_looked_at_nothing_is_settled(shop: World) -> None:
    purchase = await in_doubt(shop)
    await shop.later(11 * MINUTE)
    await shop.say(f"selesai {purchase.sale} gagal VSI menulis tidak ada", "boss")
    await shop.store.write(standing.restrict, "violation", "a test", shop.clock())
    [said] = await shop.say("ya", "boss")
    assert said.key == "case.closed"
    assert await balance(shop) == (500_000, 52_000)
    assert await shop.store.read(decisions.of_purchase, purchase.id) == []


@pytest.mark.parametrize(
    ("who", "keys"),
    [
        ("budi", ["pend.checked", "pend.checked", "pend.checked", "hist.none"]),
        ("kasir", ["pend.checked", "pend.checked", "pend.checked", "hist.none"]),
        ("siti", ["start.customer"] * 4),
    ],
)
async def test_nobody_but_an_owner_settles_anything_or_sees_more_than_his_own(
    shop: World, who: str, keys: list[str]
) -> None:
    code = await sightings.invited(shop, "Budi Cell")
    await shop.say(f"AGEN {code}", "kasir")
    purchase = await in_doubt(shop)
    await shop.later(11 * MINUTE)
    start = (await shop.say("menu", who))[0].key
    lines = ("pending", "pending cek", "pending {}", "pending {} vsi")
    assert [(await shop.say(line.format(purchase.sale), who))[0].key for line in lines] == keys
    advices = shop.sandbox.count("ADV")
    settling = ("selesai {}", "selesai {} gagal VSI menulis gagal")
    for line in (*settling, "selesai {} keluar", "catatan {} tutup", "catatan {} jawab halo"):
        assert (await shop.say(line.format(purchase.sale), who))[0].key == start
    assert (await current(shop)).state is State.UNKNOWN
    assert shop.sandbox.count("ADV") == advices


async def test_who_is_an_owner_no_more_in_the_middle_of_the_talk_settles_nothing(tmp_path: Path) -> None:
    async with world(tmp_path, shop=TWO_OWNERS) as shop:
        await shop.say("menu", "ibu")
        purchase = await in_doubt(shop)
        await shop.later(11 * MINUTE)
        await shop.say(f"selesai {purchase.sale} gagal VSI menulis tidak ada", "ibu")
    async with world(tmp_path, at=shop.clock()) as shop:
        await shop.say("ya", "ibu")
        assert (await current(shop)).state is State.UNKNOWN


# a second approver


async def test_an_owner_who_has_a_pin_gives_it_before_money_goes_back(shop: World) -> None:
    await with_a_pin(shop)
    purchase = await in_doubt(shop)
    shop.clock.forward(11 * MINUTE)
    await shop.say(f"selesai {purchase.sale} gagal VSI menulis tidak ada", "boss")
    assert (await only(shop, "ya")).text == "🔐 PIN untuk mencatat Rp52.000"
    assert (await current(shop)).state is State.UNKNOWN
    assert (await only(shop, "590417")).key == "own.did_void"
    assert (await current(shop)).state is State.FAILED


async def test_where_another_owner_has_to_approve_it_waits_for_him_and_is_done_once(tmp_path: Path) -> None:
    async with world(tmp_path, shop=dataclasses.replace(TWO_OWNERS, second_approver=50_000)) as shop:
        await shop.say("menu", "boss")
        await shop.say("menu", "ibu")
        purchase = await in_doubt(shop)
        await shop.later(11 * MINUTE)
        await shop.say(f"selesai {purchase.sale} keluar {TOKEN} {REF}", "boss")
        await shop.say("jawaban tertulis VSI", "boss")
        before = len(shop.phone.read)
        assert keys(await shop.say("ya", "boss")) == ["prop.sent"]
        [asked] = read_by(shop, "ibu", before)
        assert TOKEN in asked.text
        assert "Alasan: jawaban tertulis VSI" in asked.text
        assert keys(await shop.say("setuju P1", "boss")) == ["prop.own"]
        assert (await current(shop)).state is State.UNKNOWN
        assert keys(await tap(shop, asked, "✅ Setuju", "ibu")) == ["prop.done"]
        assert (await current(shop)).state is State.SUCCESS
        assert await balance(shop) == (448_000, 0)
        [taken] = await shop.store.read(decisions.of_purchase, purchase.id)
        assert taken.actor == "owner in chat 1, approved by owner in chat 2"
        card = await only(shop, f"pending {purchase.sale}")
        assert "pemilik toko (console:boss), disetujui pemilik toko (console:ibu): token keluar" in card.text
        assert await shop.violations() == []


async def test_what_the_supplier_settles_before_the_second_owner_is_not_settled_again(tmp_path: Path) -> None:
    async with world(tmp_path, shop=dataclasses.replace(TWO_OWNERS, second_approver=1)) as shop:
        await shop.say("menu", "boss")
        await shop.say("menu", "ibu")
        purchase = await in_doubt(shop, answer=None)
        await shop.later(11 * MINUTE)
        await shop.say(f"selesai {purchase.sale} gagal VSI menulis gagal", "boss")
        await shop.say("ya", "boss")
        shop.sandbox.script("ADV", None)
        await shop.later(15 * MINUTE)
        assert (await current(shop)).state is State.SUCCESS
        await shop.store.write(watch.look, shop.shop, shop.clock())
        await shop.settle()
        [told] = [one for one in read_by(shop, "boss") if one.key == "prop.void"]
        assert told.text.startswith(f"✖️ P1 gugur: {purchase.sale} sudah ada hasilnya tanpa usulan ini.")
        assert labels(told) == [f"👁 Lihat {purchase.sale}", "🔏 Usulan"]
        again = await only(shop, "setuju P1", "ibu")
        assert again.text.startswith("P1 sudah gugur 25 Nov ")
        assert keys(await shop.say("usulan", "ibu")) == ["prop.empty"]
        assert await balance(shop) == (448_000, 0)
        assert await shop.store.read(decisions.of_purchase, purchase.id) == []
        assert await shop.violations() == []


# sold after it was declared failed


async def test_a_late_sale_that_the_shop_bears_costs_the_agent_nothing(shop: World) -> None:
    late = await late_sale(shop)
    [told] = [one for one in read_by(shop, "boss") if one.key == "own.late"]
    assert labels(told) == ["🏪 Tanggung toko", "📨 Tawarkan ke agen", f"👁 Lihat {late.sale}"]
    assert (
        f"{late.sale} Budi Cell 50rb …6789 · 71 mnt · 🚨 terjual setelah dinyatakan gagal"
        in (await only(shop, "pending")).text
    )
    await tap(shop, told, "🏪 Tanggung toko")
    sure = await only(shop, "salah kami menilai")
    assert sure.key == "own.sure_loss"
    assert (await tap(shop, sure, "🏪 Tanggung toko"))[0].key == "own.did_loss"
    assert await balance(shop) == (500_000, 0)
    assert (await shop.store.read(ledger.account, "expense:loss")).posted == -51_600
    again = await only(shop, f"selesai {late.sale} tanggung")
    assert again.key == "own.settled"
    assert "token" not in " ".join(keys(read_by(shop, "budi"))[-3:])


@LANGUAGES
async def test_a_late_sale_is_taken_by_the_agents_own_word_and_its_token_follows(shop: World, language: str) -> None:
    await shop.say(f"bahasa {language}")
    late = await late_sale(shop)
    before = len(shop.phone.read)
    assert keys(await shop.say(f"selesai {late.sale} tawarkan", "boss")) == ["own.late_sent"]
    [offer] = read_by(shop, "budi", before)
    take = "✅ Ambil Rp52.000" if language == "id" else "✅ Take Rp52.000"
    assert labels(offer)[0] == take
    assert "Rp500.000" in offer.text
    assert keys(await shop.say(f"selesai {late.sale} tawarkan", "ibu")) == ["own.late_offered"]
    listed = await only(shop, "pending")
    assert listed.text.startswith("🚨 1 menunggu keputusan Anda\n")
    for said in (listed, await only(shop, f"pending {late.sale}")):
        assert "ditawarkan ke agen, belum dijawab" in said.text
    assert await balance(shop) == (500_000, 0)
    before = len(shop.phone.read)
    assert keys(await tap(shop, offer, take, "budi")) == ["token.only", "late.paid"]
    assert await balance(shop) == (448_000, 0)
    assert keys(read_by(shop, "boss", before)) == ["own.late_taken"]
    [again] = await tap(shop, offer, take, "budi")
    assert again.key == "late.gone"
    assert await balance(shop) == (448_000, 0)
    [*_, taken] = await shop.store.read(decisions.of_purchase, late.id)
    assert (taken.kind, taken.actor) == ("late: agent pays", "agent in chat 3")


async def test_an_agent_who_does_not_want_it_keeps_his_money_and_the_owner_chooses_again(shop: World) -> None:
    late = await late_sale(shop)
    await shop.say(f"selesai {late.sale} tawarkan", "boss")
    offer = read_by(shop, "budi")[-1]
    before = len(shop.phone.read)
    [left] = await tap(shop, offer, "Tidak diambil", "budi")
    assert left.text == f"{late.sale} tidak diambil. Tidak ada yang dipotong."
    [told] = read_by(shop, "boss", before)
    assert labels(told)[:2] == ["🏪 Tanggung toko", "📨 Tawarkan ke agen"]
    assert keys(await shop.say(f"tebus {late.sale} ya")) == ["late.gone"]
    assert await balance(shop) == (500_000, 0)
    assert "Budi Cell tidak mau mengambilnya." in (await only(shop, f"selesai {late.sale}")).text
    assert keys(await shop.say(f"selesai {late.sale} tawarkan", "boss")) == ["own.late_sent"]


async def test_an_agent_who_is_frozen_between_the_offer_and_his_word_pays_for_nothing(shop: World) -> None:
    late = await late_sale(shop)
    await shop.say(f"selesai {late.sale} tawarkan", "boss")
    await shop.say(f"tebus {late.sale}")
    await shop.say("beku A001 ya", "boss")
    assert keys(await shop.say("ya")) == ["pay.frozen"]
    assert await balance(shop) == (500_000, 0)
    await shop.say("aktif A001", "boss")
    assert "late.paid" in keys(await shop.say(f"tebus {late.sale} ya"))
    await execute(shop, "UPDATE purchase SET price = price + 1")
    assert f"{late.sale} is LATE and its agent paid 52000 of 52001" in " ".join(await shop.violations())
    await execute(shop, "UPDATE purchase SET price = price - 1")


async def test_an_offer_that_the_owner_takes_back_cannot_be_taken_any_more(shop: World) -> None:
    late = await late_sale(shop)
    await shop.say(f"selesai {late.sale} tawarkan", "boss")
    await shop.say(f"tebus {late.sale}")
    await shop.say(f"selesai {late.sale} tanggung sudah terlalu lama", "boss")
    assert keys(await shop.say("ya", "boss")) == ["own.did_loss"]
    assert read_by(shop, "budi")[-1].key == "late.withdrawn"
    assert keys(await shop.say("ya")) == ["late.gone"]
    assert await balance(shop) == (500_000, 0)


async def test_an_agent_without_enough_tops_up_first_and_another_agents_word_counts_for_nothing(shop: World) -> None:
    late = await late_sale(shop)
    await shop.say(f"selesai {late.sale} tawarkan", "boss")
    other = await sightings.agent(shop, "Budi Cell")
    await shop.store.write(_adds_agent, shop)
    assert keys(await shop.say(f"tebus {late.sale} ya", "rina")) == ["hist.none"]
    shop.sandbox.script("PAY", None)
    for number in range(9):
        await shop.say(f"5412345671{number} 50")
        await shop.say("bayar")
    assert (await balance(shop))[0] < late.price
    short = await only(shop, f"tebus {late.sale} ya", "budi")
    assert short.key == "late.short"
    assert labels(short) == ["➕ Isi saldo", "✅ Ambil Rp52.000"]
    assert other.name == "Budi Cell"
    assert (await shop.store.read(ledger.agent_account, 1)).posted == (await balance(shop))[0]


def _adds_agent(tx: Tx, shop: World) -> None:
    people.add_agent(tx, "Toko Rina", ("console", "rina"), shop.shop, shop.clock())


# sales that nobody owns


@pytest.mark.parametrize(
    ("word", "label", "loss"), [("diganti", "✅ Diganti VSI", 0), ("tanggung", "🏪 Tanggung toko", -51_600)]
)
async def test_a_second_sale_is_explained_claimed_and_settled(shop: World, word: str, label: str, loss: int) -> None:
    await shop.say(f"{METER} 50")
    await shop.say("bayar")
    first = await current(shop)
    sale = Sale(msn=METER, total=51_600, tokens=("9" * 20,), payref=REF, paid_at=shop.clock())
    await shop.store.write(
        strays.found, "double", sale, shop.clock(), source="report", trxid=first.trxid, purchase_id=first.id
    )
    listed = await only(shop, "pending")
    assert f"S1 {first.sale} Rp51.600 …6789 · 🚨 penjualan kedua" in listed.text
    [card] = await tap(shop, listed, "👁 Lihat S1")
    assert f"VSI menjual dua kali untuk {first.sale}." in card.text
    assert "9999 9999" not in card.text
    [claim] = await tap(shop, card, "📋 Untuk VSI")
    assert f"Penjualan pertama NO REF {first.payref}" in claim.text
    assert f"Penjualan kedua NO REF {REF}, token …9999, Rp51.600" in claim.text
    await shop.say(f"selesai S1 {word}", "boss")
    sure = await only(shop, "surat VSI 26 November")
    assert (await tap(shop, sure, label))[0].key in ("own.did_claim", "own.did_loss")
    assert (await shop.store.read(ledger.account, "suspense:late")).posted == 0
    assert (await shop.store.read(ledger.account, "expense:loss")).posted == loss
    again = await only(shop, "selesai S1 diganti")
    assert again.key == "stray.head"
    assert "pemilik toko (console:boss)" in again.text


# notes


@LANGUAGES
async def test_an_owner_answers_a_note_through_the_shop_once(shop: World, language: str) -> None:
    await shop.say(f"bahasa {language}", "boss")
    await shop.say(f"{METER} 50")
    await shop.say("bayar")
    sale = (await current(shop)).sale
    await shop.say(f"komplain {sale} token tidak masuk sama sekali")
    card = await only(shop, f"catatan {sale}")
    answer = "💬 Jawab" if language == "id" else "💬 Answer"
    [asked] = await tap(shop, card, answer)
    assert asked.key == "own.note_ask"
    before = len(shop.phone.read)
    assert keys(await shop.say("token yang lama, coba ketik yang ini dulu", "boss")) == ["own.note_answered"]
    [read] = read_by(shop, "budi", before)
    assert read.text == f"💬 Pemilik toko tentang {sale}: token yang lama, coba ketik yang ini dulu"
    assert labels(read) == [f"👁 Lihat {sale}", "🆘 Komplain"]
    assert keys(await shop.say(f"catatan {sale} jawab sekali lagi", "ibu")) == ["own.note_none"]
    assert keys(await shop.say("catatan", "boss")) == ["own.no_notes"]
    assert "token yang lama" in (await only(shop, f"cek {sale}", "budi")).text


async def test_a_note_that_needs_no_answer_is_closed(shop: World) -> None:
    await shop.say(f"{METER} 50")
    await shop.say("bayar")
    sale = (await current(shop)).sale
    await shop.say(f"komplain {sale} salah meter")
    before = len(shop.phone.read)
    [closed] = await tap(shop, await only(shop, f"catatan {sale}"), "✅ Tutup catatan")
    assert closed.text == f"📝 Catatan di {sale} ditutup."
    assert read_by(shop, "budi", before) == []
    assert keys(await shop.say(f"catatan {sale} tutup", "boss")) == ["own.note_none"]
    assert "✅ Tutup catatan" not in labels(await only(shop, f"catatan {sale}"))


async def test_a_note_from_before_chats_were_kept_is_answered_where_it_was_bought(shop: World) -> None:
    await shop.say(f"{METER} 50")
    await shop.say("bayar")
    sale = (await current(shop)).sale
    await shop.say(f"komplain {sale} salah meter")
    await execute(shop, "UPDATE note SET conversation_id = NULL")
    before = len(shop.phone.read)
    await shop.say(f"catatan {sale} jawab tidak bisa dipindah", "boss")
    assert keys(read_by(shop, "budi", before)) == ["note.answer"]
