"""Several orders in one message: a fate a line, one card, one payment, and every token by itself."""

import asyncio
import dataclasses
from pathlib import Path

import pytest

from bot.clock import MINUTE, SECOND
from bot.domain.purchase import State
from bot.domain.supply import Pay, Reply, Request
from bot.ports import Tx
from bot.sandbox import Behaviour
from bot.services import people, prices
from bot.services.prices import Scope
from bot.vsi.client import VsiClient
from tests.e2e.test_crashes import POINTS, Killer, quiet
from tests.world import NOON, SHOP, Said, World, execute, world

METER, SITI, ANDI, RINA, UNKNOWN = "54123456789", "54123456700", "54123456711", "54123456722", "11111111108"
TWO = f"{METER} 50\n{SITI} 20"
FOUR = f"{METER} 20\n{SITI} 20\n{ANDI} 20\n{RINA} 20"


def keys(said: list[Said]) -> list[str]:
    return [one.key for one in said]


def labels(said: Said) -> list[str]:
    return [label for _, label, _ in said.options]


def rows(said: Said) -> list[str]:
    """What the card says of each line."""
    return [line for line in said.text.split("\n") if line[:1].isdecimal()]


async def paid(shop: World, lines: str, who: str = "budi") -> list[Said]:
    assert await shop.keys(lines, who) == ["batch.card"]
    return await shop.say("bayar", who)


async def test_two_lines_one_card_one_word_two_tokens(shop: World) -> None:
    [card] = await shop.say(TWO)
    assert card.text.split("\n") == [
        "🧺 2 pesanan",
        "1 ✅ BUDI SANTOSA …6789 50rb 52.000",
        "2 ✅ MARIA ULFA …6700 20rb 22.000",
        "Harga Rp74.000 · sisa saldo Rp426.000",
        "Namanya cocok? Belum ada yang dipotong.",
        "Berlaku sampai 12.10",
    ]
    assert labels(card) == ["✅ Bayar Rp74.000", "✖️ Batal"]
    sending, first, second, result = await shop.say("bayar")
    assert sending.text == "⏳ Mengirim 2 pesanan ke PLN satu per satu… Rp74.000 ditahan."
    assert (first.key, second.key) == ("token.only", "token.only")
    assert ["5412 3456 789" in first.text, "5412 3456 700" in second.text] == [True, True]
    assert result.text.split("\n") == [
        "Selesai: 2 sukses, 0 diproses, 0 gagal.",
        "✅ 12.00 T10001 BUDI SANTOSA 50rb",
        "✅ 12.00 T10002 MARIA ULFA 20rb",
        "Saldo Rp426.000",
    ]
    assert len(shop.sandbox.sales()) == 2
    assert await shop.later(MINUTE) == []  # the end is told once
    assert await shop.violations() == []


async def test_a_semicolon_ends_an_order_where_a_line_cannot_be_ended(shop: World) -> None:
    [card] = await shop.say(f"{METER} 50; {SITI} 20;")
    assert [row[:1] for row in rows(card)] == ["1", "2"]
    assert card.key == "batch.card"
    assert (await shop.keys("komplain T10001 satu; dua"))[:1] != ["batch.card"]


async def test_in_english(shop: World) -> None:
    await shop.say("bahasa en")
    [card] = await shop.say(f"{TWO}\n{UNKNOWN} 50\n{METER} 50rb")
    assert rows(card)[2:] == ["3 ❌ …1108 number not found", "4 🔁 …6789 50rb same as line 1"]
    assert labels(card) == ["✅ Pay Rp74.000", "✖️ Cancel"]
    *_, result = await shop.say("pay")
    assert result.text.startswith("Done: 2 successful, 0 processing, 0 failed.\n")


async def test_each_line_says_its_own_fate(shop: World) -> None:
    await shop.say(f"{RINA} 20")
    shop.sandbox.force(Behaviour.DROP_UNSOLD)
    await shop.say("bayar")
    lines = [
        "Selamat pagi kak",
        TWO,
        f"{UNKNOWN} 50",
        f"{METER} 50rb",
        "entah apa",
        f"{ANDI} 7",
        ANDI,
        f"{RINA} 20",
        "makasih",
    ]
    [card] = await shop.say("\n".join(lines))
    assert rows(card) == [
        "1 ✅ BUDI SANTOSA …6789 50rb 52.000",
        "2 ✅ MARIA ULFA …6700 20rb 22.000",
        "3 ❌ …1108 nomor tidak ditemukan",
        "4 🔁 …6789 50rb sama dengan baris 1",
        "5 ❌ tidak terbaca; tulis nomor meter dan nominal",
        "6 ❌ …6711 pilih nominal: 20rb, 50rb, 100rb, 200rb, 500rb, 1jt",
        "7 ❌ …6711 pilih nominal: 20rb, 50rb, 100rb, 200rb, 500rb, 1jt",
        f"8 ⏳ {(await shop.purchases())[0].name} …6722 20rb masih ada yang sama dan belum jelas",
    ]
    assert "Harga Rp74.000" in card.text
    assert keys(await shop.say("bayar"))[-1] == "batch.result"
    assert len(await shop.purchases()) == 3


async def test_short_names_and_every_form_of_an_order_make_lines(shop: World) -> None:
    await shop.say(f"{METER} 20")
    await shop.say("bayar")
    await shop.say(f"fav {METER} budi")
    _, card = await shop.say(f"budi 50\n50.{SITI}.1234\nbeli budi 100\ntolong 20rb ke 5412-3456-711")
    assert [row.split(" ")[1] for row in rows(card)] == ["✅"] * 4
    assert await shop.keys("batal") == ["buy.cancelled"]


async def test_one_inquiry_an_amount_and_no_more_than_ten_lines(shop: World) -> None:
    await shop.say("\n".join(f"{METER} {amount}" for amount in (20, 50, 100, 50)))
    assert shop.sandbox.count("INQ") == 3
    await shop.say("batal")
    [many] = await shop.say("\n".join(f"541234567{end} 20" for end in range(10, 21)))
    assert many.text.startswith("Itu 11 baris; paling banyak 10 sekaligus.")
    [card] = await shop.say("\n".join(f"541234567{end} 20" for end in range(10, 20)))
    assert len(rows(card)) == 10


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (f"{METER}\n50", "buy.pay"),  # one order, broken in two
        (f"selamat pagi\n{METER} 50", "buy.pay"),
        (f"{METER}\n{SITI}", "num.which"),  # no amount for either
        ("saldo\nmenu", "bal.card"),
    ],
)
async def test_what_is_no_batch_is_read_as_ever(shop: World, lines: str, wanted: str) -> None:
    assert await shop.keys(lines) == [wanted]


async def test_a_customers_lines_are_no_batch(shop: World) -> None:
    assert await shop.keys(TWO, "siti") == ["num.which"]


async def test_only_the_button_or_its_word_after_the_card_pays(shop: World) -> None:
    await shop.put(TWO)
    await shop.put("bayar")  # stored before the card was shown
    assert keys(await shop.settle()) == ["pay.none", "batch.card"]
    for word in ("ya", "1", "ok"):
        assert await shop.keys(word) == ["pay.word"]
    [detail, _] = await shop.say("rincian")
    assert detail.text.startswith("Rp70.000 + admin Rp3.200 + toko Rp800 = Rp74.000")
    assert await shop.purchases() == []
    assert keys(await shop.say("bayar"))[-1] == "batch.result"


async def test_twenty_presses_buy_each_line_once_and_show_how_it_stands(shop: World) -> None:
    [card] = await shop.say(TWO)
    pay = card.options[0][2]
    for _ in range(20):
        await shop.put(pay)
    said = keys(await shop.settle())
    assert (said.count("token.only"), len(shop.sandbox.sales())) == (2, 2)
    assert said.count("batch.result") == 20  # its own end, and nineteen looks at it
    assert await shop.violations() == []


async def test_a_short_balance_says_what_is_missing_and_pays_nothing(tmp_path: Path) -> None:
    async with world(tmp_path, deposit=60_000) as shop:
        [card] = await shop.say(TWO)
        assert "Saldo kurang Rp14.000: bisa dipakai Rp60.000, perlu Rp74.000." in card.text
        assert labels(card) == ["➕ Isi saldo", "🔁 Cek ulang"]
        assert await shop.keys("bayar") == ["pay.none"]

        def top_up(tx: Tx) -> None:
            people.top_up(tx, people.agent(tx, 1), 20_000, "more", "test", SHOP, shop.clock())

        await shop.store.write(top_up)
        assert await shop.keys(card.options[1][2]) == ["batch.card"]
        assert keys(await shop.say("bayar"))[-1] == "batch.result"


async def test_money_that_went_meanwhile_leaves_the_whole_batch_unpaid(tmp_path: Path) -> None:
    async with world(tmp_path, deposit=80_000) as shop:
        await shop.say(TWO)
        await execute(shop, "UPDATE account SET posted = 70000 WHERE id = 'agent:1'")
        assert await shop.keys("bayar") == ["pay.short"]
        assert await shop.purchases() == []


async def test_the_daily_limit_counts_the_sum(shop: World) -> None:
    await execute(shop, "UPDATE agent SET daily_limit = 73999 WHERE id = 1")
    [card] = await shop.say(TWO)
    assert "Melebihi batas Rp73.999 per hari" in card.text
    await execute(shop, "UPDATE agent SET daily_limit = 74000 WHERE id = 1")
    assert keys(await paid(shop, TWO))[-1] == "batch.result"


async def test_an_expired_card_and_a_changed_price_pay_nothing_unseen(shop: World) -> None:
    await shop.say(TWO)
    shop.clock.forward(10 * MINUTE)
    [expired] = await shop.say("bayar")
    assert (expired.key, labels(expired)) == ("pay.expired", ["🔁 Cek ulang"])
    [card] = await shop.say(expired.options[0][2])
    assert rows(card)[0] == "1 ✅ BUDI SANTOSA …6789 50rb 52.000"
    await shop.store.write(prices.change, Scope(1), 900, "boss", shop.shop, shop.clock())
    [changed] = await shop.say("bayar")
    assert changed.text.startswith("Harga berubah dari Rp74.000 ke Rp75.000. Setuju?\n🧺 2 pesanan")
    assert rows(changed) == ["1 ✅ BUDI SANTOSA …6789 50rb 52.500", "2 ✅ MARIA ULFA …6700 20rb 22.500"]
    assert await shop.purchases() == []
    assert keys(await shop.say("bayar"))[-1] == "batch.result"
    assert sum(one.price for one in await shop.purchases()) == 75_000


async def test_the_same_of_today_is_asked_alone_afterwards_and_bought_at_once_on_purpose(shop: World) -> None:
    await shop.say(f"{METER} 50")
    await shop.say("bayar")
    [card] = await shop.say(TWO)
    assert rows(card)[0].startswith("1 🔁 BUDI SANTOSA …6789 50rb hari ini sudah dibeli (T10001)")
    assert "✅ Bayar Rp22.000" in labels(card)
    said = keys(await shop.say("bayar"))
    assert said[0] == "batch.sending"
    assert "pay.again" in said
    assert await shop.keys("🔁 Beli lagi #2") == ["buy.pay"]
    assert "pay.done" in await shop.keys("bayar")
    [card] = await shop.say(f"{METER} 50#3\n{SITI} 100")
    assert [row.split(" ")[1] for row in rows(card)] == ["✅", "✅"]
    assert keys(await shop.say("bayar"))[-1] == "batch.result"
    assert len(shop.sandbox.sales()) == 5


async def test_lines_whose_names_must_be_compared_are_asked_one_after_another_afterwards(tmp_path: Path) -> None:
    async with world(tmp_path, shop=dataclasses.replace(SHOP, known_after_sales=0)) as shop:
        await shop.say(f"{METER} 20")
        await shop.say("ya")
        await shop.say("bayar")
        [card] = await shop.say(f"{SITI} 20\n{METER} 50\n{ANDI} 20")
        assert [row.split(" ")[1] for row in rows(card)] == ["❓", "✅", "❓"]
        assert (await shop.say("bayar"))[-1].key in ("batch.result", "buy.name")
        said = await shop.say("ya")
        assert (said[-1].key, "MARIA ULFA" in said[-1].text) == ("buy.pay", True)
        assert await shop.keys("batal") == ["buy.cancelled", "buy.name"]  # the next of them
        assert "5412 3456 711" in (await shop.say("ya"))[-1].text
        assert "pay.done" in await shop.keys("bayar")
        assert await shop.keys("bayar") == ["pay.none"]


async def test_where_only_questions_are_left_they_come_at_once(tmp_path: Path) -> None:
    async with world(tmp_path, shop=dataclasses.replace(SHOP, known_after_sales=0)) as shop:
        card, name = await shop.say(f"{SITI} 20\n{UNKNOWN} 50\n{ANDI} 20")
        assert (card.key, labels(card), name.key) == ("batch.card", ["⚡ Beli lain"], "buy.name")


async def test_who_cancels_the_card_is_asked_nothing_more(shop: World) -> None:
    await shop.say(f"{METER} 50")
    await shop.say("bayar")
    await shop.say(TWO)
    assert await shop.keys("batal") == ["buy.cancelled"]
    assert await shop.keys("bayar") == ["pay.none"]


async def test_a_cashier_sees_no_balance(shop: World) -> None:
    code = (await shop.say("kasir undang"))[0].text.split("AGEN ")[1][:10]
    await shop.say(f"AGEN {code}", "dewi")
    [card] = await shop.say(TWO, "dewi")
    assert ("Harga Rp74.000\n" in card.text, "saldo" in card.text.casefold()) == (True, False)
    *_, result = await shop.say("bayar", "dewi")
    assert "Saldo" not in result.text


async def test_at_the_counter_the_card_shows_the_suppliers_deposit(shop: World) -> None:
    [card] = await shop.say(TWO, "boss")
    assert "sisa deposit ±Rp9.926.800" in card.text
    assert (await shop.say("bayar", "boss"))[-1].key == "batch.result"
    assert await shop.violations() == []


# on their way


class Slow(VsiClient):
    """The real client, whose payments wait until they are let go."""

    gate: asyncio.Event
    begun: asyncio.Queue[str]

    @classmethod
    def of(cls, client: VsiClient) -> "Slow":
        made = cls(client._access, client._waits, client._now)
        made.gate, made.begun = asyncio.Event(), asyncio.Queue()
        return made

    async def send(self, request: Request) -> Reply:
        if isinstance(request, Pay):
            self.begun.put_nowait(request.trxid)
            await self.gate.wait()
        return await super().send(request)


async def pressed(shop: World, lines: str) -> Slow:
    """The press of a batch is handled; nothing is sent yet."""
    client = shop.setrum.supplier
    assert isinstance(client, Slow)
    await shop.say(lines)
    await shop.put("bayar")
    await shop.setrum.inbox.work()
    await shop.setrum.inbox.idle()
    return client


async def test_lines_are_sent_one_after_another_and_a_slow_one_stops_nobody_for_long(tmp_path: Path) -> None:
    async with world(tmp_path, wrap=Slow.of) as shop:
        client = await pressed(shop, f"{METER} 20\n{SITI} 20\n{ANDI} 20")
        first, second, _ = await shop.purchases()
        dispatch = shop.setrum.purchasing.dispatch
        assert await dispatch() == 1
        assert await client.begun.get() == first.trxid
        assert await dispatch() == 0
        shop.clock.forward(9 * SECOND)
        assert await dispatch() == 0
        shop.clock.forward(SECOND)
        assert await dispatch() == 1
        assert await client.begun.get() == second.trxid
        assert await dispatch() == 0
        client.gate.set()
        said = keys(await shop.settle())
        assert said.count("token.only") == 3
        assert said[-1] == "batch.result"
        assert await shop.violations() == []


async def test_an_unclear_line_does_not_stop_the_rest(shop: World) -> None:
    await shop.say(TWO)
    shop.sandbox.force(Behaviour.PENDING_SUCCESS)
    said = await shop.say("bayar")
    assert keys(said) == ["batch.sending", "pay.pending", "token.only", "batch.result"]
    assert said[-1].text.split("\n") == [
        "Selesai: 1 sukses, 1 diproses, 0 gagal.",
        "⏳ 12.00 T10001 BUDI SANTOSA 50rb ditahan",
        "✅ 12.00 T10002 MARIA ULFA 20rb",
        "Saldo Rp478.000 · Tertahan Rp52.000",
    ]
    late: list[str] = []
    for _ in range(6):
        late += keys(await shop.later(MINUTE))
    assert late == ["token.only", "late.done"]
    assert await shop.violations() == []


async def test_a_line_that_fails_says_so_and_gives_its_money_back(shop: World) -> None:
    await shop.say(TWO)
    shop.sandbox.force(Behaviour.UNKNOWN_METER)
    said = await shop.say("bayar")
    assert keys(said) == ["batch.sending", "late.failed", "token.only", "batch.result"]
    assert said[-1].text.startswith("Selesai: 1 sukses, 0 diproses, 1 gagal.\n↩️ 12.00 T10001 BUDI SANTOSA 50rb kembali")


async def test_three_unclear_lines_pause_the_rest_which_lapses_with_its_money(shop: World) -> None:
    await shop.say(FOUR)
    shop.sandbox.force(Behaviour.DROP_UNSOLD, 3)
    said = await shop.say("bayar")
    assert keys(said) == ["batch.sending", *["pay.pending"] * 3]
    assert shop.sandbox.count("PAY") == 3
    later = await shop.later(59 * SECOND)
    assert (shop.sandbox.count("PAY"), "batch.result" in keys(later)) == (3, False)
    later = await shop.later(SECOND)
    assert keys(later)[-2:] == ["late.failed", "batch.result"]
    assert later[-1].text.startswith("Selesai: 0 sukses, 3 diproses, 1 gagal.")
    assert "Tertahan Rp66.000" in later[-1].text
    assert await shop.violations() == []


async def test_a_paused_line_goes_on_once_one_is_clear(shop: World) -> None:
    await shop.say(FOUR)
    shop.sandbox.force(Behaviour.PENDING_SUCCESS, 3)
    await shop.say("bayar")
    said = (
        keys(await shop.later(20 * SECOND)) + keys(await shop.later(20 * SECOND)) + keys(await shop.later(19 * SECOND))
    )
    assert said.count("token.only") + sum(one.is_open for one in await shop.purchases()) >= 1
    for _ in range(6):
        said += keys(await shop.later(MINUTE))
    assert said.count("batch.result") == 1
    assert await shop.violations() == []


async def test_ten_lines_do_not_count_as_too_many_against_each_other_but_earlier_ones_do(tmp_path: Path) -> None:
    async with world(tmp_path, deposit=1_000_000) as shop:
        said = await paid(shop, "\n".join(f"541234567{end} 20" for end in range(10, 20)))
        assert keys(said).count("token.only") == 10
        for meter in (METER, SITI, ANDI):
            await shop.say(f"{meter} 100")
            shop.sandbox.force(Behaviour.DROP_UNSOLD)
            await shop.say("bayar")
        [card] = await shop.say(f"{RINA} 20\n{RINA} 50")
        assert card.text.split("\n")[-1].startswith("Masih ada 3 pembelian yang belum jelas.")


async def test_a_line_that_somebody_else_bought_meanwhile_is_left_out_and_the_others_are_bought(shop: World) -> None:
    await shop.say(TWO)
    await shop.say(f"{METER} 50", "boss")
    shop.sandbox.force(Behaviour.DROP_UNSOLD)
    await shop.say("bayar", "boss")
    said = await shop.say("bayar")
    assert keys(said) == ["batch.row", "batch.sending", "token.only", "batch.result"]
    assert "Pembelian yang sama untuk meter ini belum jelas hasilnya" in said[0].text
    assert "Rp22.000 ditahan" in said[1].text


async def test_a_customers_phone_is_noted_on_its_line(shop: World) -> None:
    await shop.say(f"50.{METER}.1234.081234567890\n{SITI} 20")
    await shop.say("bayar")
    first, second = await shop.purchases()
    found = await shop.store.raw(lambda one: one.execute("SELECT purchase_id, phone FROM sale_phone").fetchall())
    assert [number for number, _ in found] == [first.id]
    assert second.id != first.id


@pytest.mark.parametrize("point", [one for one in POINTS if "advice" not in one])
async def test_a_crash_at_any_point_pays_each_line_once_and_tells_the_end_once(tmp_path: Path, point: str) -> None:
    async with world(tmp_path, point=Killer(point)) as shop:
        await shop.say(TWO)
        await shop.say("bayar")
        await quiet(shop, 1)
        count, began = shop.sandbox.count("PAY"), shop.clock()
        told = keys(shop.phone.read).count("batch.result")
    async with world(tmp_path, at=began + SECOND) as shop:
        await quiet(shop)
        found = await shop.purchases()
        assert count + shop.sandbox.count("PAY") <= 2
        assert len(found) == 2
        assert not {State.CONFIRMED, State.SENDING} & {one.state for one in found}
        assert len(shop.sandbox.sales()) == sum(one.state is State.SUCCESS for one in found)
        assert told + keys(shop.phone.read).count("batch.result") == 1
        assert await shop.violations() == []


async def test_a_kill_while_meters_are_checked_asks_again_and_shows_the_card(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.put(TWO)
        await shop.setrum.inbox.work()
        await shop.setrum.inbox.idle()
    async with world(tmp_path, at=NOON + MINUTE) as shop:
        assert keys(await shop.settle()) == ["batch.card"]
        assert keys(await shop.say("bayar"))[-1] == "batch.result"
