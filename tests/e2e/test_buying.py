"""Buying, as the dialogues that people have: say this, read that."""

import dataclasses
import json
from pathlib import Path

import pytest

from bot.clock import DAY, MINUTE, SECOND
from bot.domain.purchase import State
from bot.sandbox import Behaviour
from bot.services import prices
from bot.services.prices import Scope
from tests.world import NOON, SHOP, Said, World, execute, world


def keys(said: list[Said]) -> list[str]:
    return [one.key for one in said]


async def test_one_line_one_word_and_the_token_is_there(shop: World) -> None:
    [card] = await shop.say("54123456789 50")
    assert card.key == "buy.pay"
    assert "BUDI SANTOSA" in card.text
    assert "Harga Rp52.000 · sisa saldo Rp448.000" in card.text
    assert "Namanya cocok?" in card.text
    assert "1.400" not in card.text  # no margin on a card that the customer reads along
    processing, token, done = await shop.say("bayar")
    [sold] = shop.sandbox.books.sales()
    fours = " ".join(sold.tokens[0][start : start + 4] for start in range(0, 20, 4))
    assert keys([processing, token, done]) == ["buy.processing", "token.only", "pay.done"]
    assert token.text.startswith(fours)
    assert "500.000 − 52.000 = 448.000" in done.text
    assert await shop.violations() == []


async def test_guided_by_questions_it_takes_meter_amount_and_payment(shop: World) -> None:
    assert await shop.keys("beli") == ["buy.meter"]
    assert await shop.keys("54123456789") == ["buy.customer"]
    assert await shop.keys("ya") == ["buy.denomination"]
    assert await shop.keys("9") == ["err.amount"]
    [card] = await shop.say("50")
    assert "Namanya cocok?" not in card.text  # an earlier card has asked
    assert await shop.keys("bayar") == ["buy.processing", "token.only", "pay.done"]


async def test_a_tap_a_label_and_a_number_choose_alike(shop: World) -> None:
    for answer in ("1", "20rb", "tap"):
        [card] = await shop.say("54123456789")
        tap = card.options[0][2]
        [pay] = await shop.say(tap if answer == "tap" else answer)
        assert "token Rp20.000" in pay.text
        assert await shop.keys("batal") == ["buy.cancelled"]


async def test_only_the_button_or_its_word_pays_and_only_after_the_card(shop: World) -> None:
    await shop.put("54123456789 50")
    await shop.put("bayar")  # stored before the card was shown
    assert "buy.pay" in keys(await shop.settle())
    for word in ("ya", "1", "ok"):
        assert await shop.keys(word) == ["pay.word"]
    assert await shop.purchases() == []
    assert shop.sandbox.count("PAY") == 0
    assert "token.only" in await shop.keys("bayar")


@pytest.mark.parametrize("shown_meanwhile", [False, True])
async def test_a_payment_said_before_its_card_was_shown_pays_nothing(shop: World, shown_meanwhile: bool) -> None:
    await shop.put("54123456789 50")
    for _ in range(3):  # the card is queued, nobody has read it
        await shop.setrum.inbox.work()
        await shop.setrum.inbox.idle()
        await shop.setrum.effects.work()
        await shop.setrum.effects.idle()
    await shop.put("bayar")
    if shown_meanwhile:
        shop.clock.forward(10)
        await shop.setrum.senders[0].work()
    assert "pay.word" in keys(await shop.settle())
    assert await shop.purchases() == []
    assert "token.only" in await shop.keys("bayar")


async def test_twenty_taps_buy_once_and_each_further_one_shows_the_purchase(shop: World) -> None:
    [card] = await shop.say("54123456789 50")
    for _ in range(20):
        await shop.put(card.options[0][2])
    said = await shop.settle()
    assert shop.sandbox.count("PAY") == 1
    assert len(await shop.purchases()) == 1
    assert keys(said).count("token.only") == 1
    assert await shop.violations() == []


async def test_a_stale_button_changes_nothing_and_shows_the_present_question(shop: World) -> None:
    [first] = await shop.say("54123456789")
    await shop.say("50")
    said = await shop.say(first.options[0][2])
    assert keys(said) == ["in.stale", "buy.pay"]
    assert await shop.purchases() == []


async def test_the_same_again_today_is_asked_about_and_a_deliberate_repeat_is_not(shop: World) -> None:
    await shop.say("54123456789 50")
    await shop.say("bayar")
    [again] = await shop.say("54123456789 50")
    assert again.key == "pay.again"
    assert "T10001" in again.text
    assert await shop.keys("3") == ["buy.cancelled"]  # the number that is shown beside cancel
    await shop.say("54123456789 50")
    assert await shop.keys("1") == ["buy.pay"]
    await shop.say("batal")
    assert await shop.keys("54123456789 50#2") == ["buy.pay"]


async def test_the_twin_of_an_open_purchase_is_refused_and_another_amount_is_not(shop: World) -> None:
    await shop.say("11111111102 50")
    await shop.say("bayar")
    assert await shop.keys("11111111102 50") == ["pay.twin"]
    assert await shop.keys("11111111102 20") == ["buy.pay"]


async def test_a_short_deposit_is_said_before_any_question_about_money(tmp_path: Path) -> None:
    async with world(tmp_path, deposit=30_000) as shop:
        [short] = await shop.say("54123456789 50")
        assert short.key == "pay.short"
        assert "Rp22.000" in short.text
        assert shop.sandbox.count("PAY") == 0


async def test_an_expired_card_buys_nothing(shop: World) -> None:
    await shop.say("54123456789 50")
    shop.clock.forward(11 * MINUTE)
    assert await shop.keys("bayar") == ["pay.expired"]
    assert shop.sandbox.count("PAY") == 0


async def test_an_old_message_confirms_nothing(shop: World) -> None:
    await shop.say("54123456789 50")
    said_at = shop.clock() + 1
    shop.clock.forward(16 * MINUTE)
    assert keys(await shop.say("bayar", at=said_at)) == ["in.old", "buy.pay"]


async def test_a_pending_purchase_holds_the_money_and_its_late_token_comes_by_itself(shop: World) -> None:
    await shop.say("11111111102 50")
    said = await shop.say("bayar")
    assert keys(said) == ["buy.processing", "pay.pending"]
    assert "DITAHAN" in said[1].text
    [balance] = await shop.say("saldo")
    assert "Tertahan Rp52.000" in balance.text
    assert "Rp448.000" in balance.text
    assert keys(await shop.later(5 * SECOND)) == []
    token, done = await shop.later(60 * SECOND)
    assert token.key == "token.only"
    assert "Token sudah keluar" in done.text
    assert shop.sandbox.count("PAY") == 1
    assert await shop.violations() == []


async def test_pending_all_night_is_never_refunded_and_never_paid_twice(shop: World) -> None:
    await shop.say("11111111103 50")
    await shop.say("bayar")
    seen: list[str] = []
    for _ in range(40):
        seen += keys(await shop.later(10 * MINUTE))
    [purchase] = await shop.purchases()
    assert purchase.state is State.MANUAL
    assert seen == ["pend.10min", "pend.manual"]
    assert shop.sandbox.count("PAY") == 1
    assert shop.sandbox.count("ADV") > 8
    assert await shop.violations() == []


async def test_a_refusal_is_made_certain_before_the_money_is_given_back(shop: World) -> None:
    await shop.say("11111111113 50")
    said = await shop.say("bayar")
    assert keys(said) == ["buy.processing", "pay.verify"]
    assert "kemungkinan batas kWh" in said[1].text
    assert await shop.keys("11111111113 20") == ["buy.pay"]  # another amount may be tried meanwhile
    await shop.say("batal")
    seen: list[Said] = []
    for _ in range(6):
        seen += await shop.later(30 * SECOND)
    [failed] = seen
    assert failed.key == "late.failed"
    assert "Saldo Rp500.000" in failed.text
    assert await shop.violations() == []


async def test_a_refusal_that_sold_all_the_same_is_found(shop: World) -> None:
    await shop.say("11111111117 50")
    assert keys(await shop.say("bayar")) == ["buy.processing", "pay.verify"]
    assert keys(await shop.later(6 * SECOND)) == ["token.only", "late.done"]


async def test_an_earlier_token_is_handed_to_nobody(shop: World) -> None:
    await shop.say("11111111121 50")
    await shop.say("bayar")
    for _ in range(5):
        assert "token.only" not in keys(await shop.later(MINUTE))
    [purchase] = await shop.purchases()
    assert purchase.state is State.UNKNOWN


async def test_key_change_tokens_come_numbered_and_in_order(shop: World) -> None:
    await shop.say("11111111124 50")
    said = await shop.say("bayar")
    assert keys(said) == ["buy.processing", "token.key", "token.group", "pay.done"]
    first, second = shop.sandbox.books.sales()[0].tokens
    assert first[:4] in said[1].text
    assert second[:4] in said[2].text
    assert await shop.violations() == []


async def test_another_admin_fee_is_booked_and_the_agents_price_stays(shop: World) -> None:
    await shop.say("11111111123 50")
    said = await shop.say("bayar")
    assert "500.000 − 52.000 = 448.000" in said[-1].text
    assert await shop.violations() == []


async def test_after_a_failure_that_rests_on_advices_a_late_sale_is_parked(shop: World) -> None:
    await shop.say("11111111113 50")
    await shop.say("bayar")
    for _ in range(6):
        await shop.later(30 * SECOND)
    [purchase] = await shop.purchases()
    assert purchase.state is State.FAILED
    books = shop.sandbox.books
    books.sell(purchase.trxid, purchase.msn, purchase.idpel, 50_000, 1_600, 1, 0, purchase.sent_at or 0)
    said = await shop.later(61 * MINUTE)
    assert keys(said) == ["late.sale"]
    [purchase] = await shop.purchases()
    assert purchase.state is State.LATE
    [balance] = await shop.say("saldo")
    assert "Saldo Rp500.000" in balance.text
    assert await shop.violations() == []


async def test_each_mishap_of_the_sandbox_ends_with_one_payment_and_clean_books(tmp_path: Path) -> None:
    for number, behaviour in enumerate(Behaviour):
        async with world(tmp_path / str(number), pay_seconds=0.2) as shop:
            shop.sandbox.forced = behaviour
            await shop.say("54123456789 50")
            await shop.say("bayar")
            for _ in range(12):
                await shop.later(60 * SECOND)
            sold = [one for one in shop.sandbox.books.sales() if one.trxid != "EARLIER"]
            [purchase] = await shop.purchases()
            assert shop.sandbox.count("PAY") == 1, behaviour
            assert len(sold) <= 1, behaviour
            if sold:
                assert purchase.state is State.SUCCESS, behaviour
                assert f"{sold[0].tokens[-1][:4]} " in "".join(said.text for said in shop.phone.read), behaviour
            else:
                assert purchase.state is not State.SUCCESS, behaviour
            assert await shop.violations() == [], behaviour


async def test_unknown_meters_cost_nothing_and_say_so(shop: World) -> None:
    [said] = await shop.say("11111111108 50")
    assert said.key == "err.number"
    assert "Belum ada yang dipotong." in said.text
    assert await shop.keys("11111111112") == ["num.postpaid"]
    assert await shop.keys("11111111109") == ["err.arrears"]
    assert await shop.keys("11111111111") == ["err.prr"]
    assert await shop.keys("11111111110") == ["err.blocked"]
    assert await shop.keys("11111111136") == ["err.inquiry"]
    assert shop.sandbox.count("PAY") == 0


async def test_a_renamed_meter_is_asked_about_by_its_name_first(shop: World) -> None:
    await shop.say("54123456789 20")
    await shop.say("bayar")
    await execute(shop, "UPDATE purchase SET name = 'SITI AMINAH'")
    [question] = await shop.say("54123456789 50")
    assert question.key == "buy.name"
    assert "SITI AMINAH" in question.text
    assert await shop.keys("ya") == ["buy.pay"]


async def test_a_new_order_replaces_the_unpaid_one(shop: World) -> None:
    await shop.say("54123456789 50")
    assert await shop.keys("41008812210 20") == ["buy.replaced", "buy.pay"]


async def test_global_words_work_in_the_middle_of_a_question(shop: World) -> None:
    await shop.say("54123456789 50")
    assert await shop.keys("saldo") == ["bal.card", "buy.pay"]
    assert await shop.keys("rincian") == ["pay.detail", "buy.pay"]
    assert await shop.keys("bahasa en") == ["lang.done", "buy.pay"]
    [processing, *_] = await shop.say("pay")
    assert "Sending to PLN" in processing.text


async def test_a_talk_survives_a_restart_at_every_line(tmp_path: Path) -> None:
    dialogue = ["beli", "54123456789", "50", "bayar"]
    for number, line in enumerate(dialogue):
        async with world(tmp_path, at=NOON + number * SECOND) as shop:
            said = await shop.say(line)
    assert keys(said) == ["buy.processing", "token.only", "pay.done"]


async def test_english_says_the_same_with_the_same_figures(shop: World) -> None:
    await shop.say("bahasa en")
    [card] = await shop.say("54123456789 50")
    assert "Price Rp52.000 · balance left Rp448.000" in card.text
    said = await shop.say("pay")
    assert "SUCCESS T10001" in said[-1].text


async def test_the_day_limit_and_three_open_purchases_stop_a_fourth(shop: World) -> None:
    for meter in ("11111111102", "11111111103", "11111111119"):
        await shop.say(f"{meter} 20")
        await shop.say("bayar")
    assert await shop.keys("54123456789 20") == ["pay.many"]
    await shop.later(31 * MINUTE)
    assert await shop.keys("54123456789 20") == ["buy.pay"]


async def test_the_counter_sells_without_any_top_up_and_its_till_fills(shop: World) -> None:
    [card] = await shop.say("54123456789 50", "boss")
    assert "Harga Rp53.000" in card.text
    said = await shop.say("bayar", "boss")
    assert "Terima Rp53.000" in said[-1].text
    [balance] = await shop.say("saldo", "boss")
    assert "Rp53.000" in balance.text
    assert await shop.violations() == []


async def test_customer_gets_the_token_again_by_the_code_and_a_stranger_does_not(shop: World) -> None:
    await shop.say("54123456789 50")
    await shop.say("bayar")
    [purchase] = await shop.purchases()
    assert keys(await shop.say("token T10001", "siti")) == ["start.customer"]
    assert keys(await shop.say("klaim AAAAAAAAAA", "siti")) == ["rec.none"]
    assert keys(await shop.say("54123456789", "siti")) == ["rec.proof"]
    said = await shop.say(str(purchase.claim_code).lower(), "siti")
    assert keys(said) == ["token.only", "rec.found"]
    assert "B*** S******" in said[1].text
    shop.clock.forward(91 * DAY)
    assert keys(await shop.say(f"klaim {purchase.claim_code}", "siti")) == ["rec.none"]


async def test_history_receipt_copy_and_the_token_again(shop: World) -> None:
    await shop.say("88888888888 200")
    await shop.say("bayar")
    [listed] = await shop.say("riwayat")
    assert "T10001" in listed.text
    [first] = await shop.say("struk T10001")
    [second] = await shop.say("struk T10001")
    assert "RP STROOM/TOKEN: Rp176.000,00" in first.text
    assert "JML KWH        : 352,0" in first.text
    assert "-CA]" in first.text
    assert "-CU]" in second.text
    [again] = await shop.say("token T10001")
    assert again.text.startswith("KIRIM ULANG · T10001")
    [copy] = await shop.say("salin T10001")
    assert "Rp203.000" in copy.text  # what the customer pays, and no cost
    assert "202.000" not in copy.text
    assert await shop.keys("cek T99999") == ["hist.none"]


async def test_rekap_counts_what_was_sold_and_not_what_is_pending(shop: World) -> None:
    await shop.say("54123456789 50")
    await shop.say("bayar")
    await shop.say("11111111103 20")
    await shop.say("bayar")
    [rekap] = await shop.say("rekap", "boss")
    assert "Sukses 1 · Penjualan Rp52.000" in rekap.text
    assert "Untung Rp400" in rekap.text
    assert "Diproses 1 (Rp22.000" in rekap.text


async def test_hostile_input_gets_a_kind_answer(shop: World) -> None:
    for text in ("\u202e\u200b", "💥" * 4000, "x" * 4000, "\x00\x1b[31m", "-" * 50, "{}{0}", "9" * 400, "/x", "…"):
        said = await shop.say(text)
        assert said, text
        assert all(json.dumps(one.text) for one in said)
    assert await shop.keys("5412345678901") == ["num.registration"]
    assert await shop.keys("541234567") == ["num.length"]
    assert await shop.keys("25930960810610721376") == ["token.unknown"]
    assert await shop.keys("54123456789 999999") == ["err.amount"]


async def test_a_markup_that_changes_before_the_payment_is_asked_about_anew(shop: World) -> None:
    await shop.say("54123456789 50")
    await shop.store.write(prices.change, Scope(1), 900, "boss", shop.shop, shop.clock())
    said = await shop.say("bayar")
    assert keys(said) == ["pay.changed"]
    assert "Rp52.500" in said[0].text
    assert shop.sandbox.count("PAY") == 0
    assert "token.only" in await shop.keys("bayar")


async def test_inquiries_are_paced_per_agent(tmp_path: Path) -> None:
    async with world(tmp_path, shop=dataclasses.replace(SHOP, inquiries_a_minute=2)) as shop:
        assert await shop.keys("54123456789") == ["buy.customer"]
        assert await shop.keys("54123456780") == ["buy.replaced", "buy.customer"]
        assert await shop.keys("54123456781") == ["buy.replaced", "limit.slow"]
