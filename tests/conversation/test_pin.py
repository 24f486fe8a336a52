"""Secret numbers on the console: when they are asked, what wrong ones lead to, and that nothing keeps them."""

import dataclasses
import logging
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import DAY, HOUR, MINUTE
from bot.domain.rules import Shop
from bot.messaging import vault
from bot.services import pins
from tests.conversation.test_staff import code_for, keys, labels, only, tap
from tests.world import NOON, SHOP, World, world

METER = "54123456789"
PIN, OTHER, WRONG = "590417", "284613", "771204"


def guarded(**changes: object) -> Shop:
    """A shop that asks from a price that a small purchase does not reach."""
    return dataclasses.replace(SHOP, pin_from=60_000, **changes)  # type: ignore[arg-type]


@pytest.fixture
async def guard(tmp_path: Path) -> AsyncIterator[World]:
    """A shop whose agent has much to spend."""
    async with world(tmp_path, shop=guarded(), deposit=5_000_000) as made:
        yield made


async def with_pin(shop: World, who: str = "budi", pin: str = PIN) -> None:
    """Somebody who has set his number."""
    assert keys(await shop.say("pin", who)) == ["pin.new"]
    assert (await shop.say(pin, who))[-1].key == "pin.again"
    assert keys(await shop.say(pin, who)) == ["pin.set"]


async def pressed(shop: World, order: str = f"{METER} 100", who: str = "budi") -> list[str]:
    """An order, and its payment pressed."""
    await shop.say(order, who)
    return await shop.keys("bayar", who)


def kept(shop_folder: Path) -> bytes:
    """Everything that the shop has written to its disk, the journal included."""
    return b"".join(one.read_bytes() for one in sorted(shop_folder.glob("setrum.db*")) if one.is_file())


BOUGHT = ["buy.processing", "token.only", "pay.done"]


# set, asked, right


async def test_a_large_payment_asks_for_the_pin_between_the_press_and_the_money(guard: World) -> None:
    await with_pin(guard)
    assert await pressed(guard, f"{METER} 50") == BOUGHT, "below what it guards nothing is asked"
    assert await pressed(guard) == ["pin.ask"]
    assert len(await guard.purchases()) == 1
    said = await guard.say(PIN)
    assert [one.key for one in said] == BOUGHT
    assert len(guard.sandbox.sales()) == 2
    assert await guard.violations() == []


WORDS = {
    "id": (
        "🔐 PIN untuk bayar Rp102.000",
        "PIN salah. Sisa 4 percobaan. Belum ada yang dipotong.",
        "PIN tersimpan. Ditanyakan mulai Rp60.000.",
    ),
    "en": (
        "🔐 PIN to pay Rp102.000",
        "Wrong PIN. 4 tries left. Nothing charged.",
        "PIN saved. It is asked from Rp60.000 upwards.",
    ),
}


@pytest.mark.parametrize("language", ["id", "en"])
async def test_the_words_of_both_languages(guard: World, language: str) -> None:
    asked, wrong, saved = WORDS[language]
    await guard.say(f"bahasa {language}")
    await guard.say("pin")
    first = await guard.say(PIN)
    assert [one.key for one in first] == ["pin.visible", "pin.again"]
    assert (await only(guard, PIN, "budi")).text == saved
    await guard.say(f"{METER} 100")
    question = await only(guard, "bayar" if language == "id" else "pay", "budi")
    assert question.text == asked
    assert labels(question) == ["✖️ Batal" if language == "id" else "✖️ Cancel"]
    again = await only(guard, WRONG, "budi")
    assert again.text == f"{wrong}\n{asked}"


async def test_that_a_pin_can_be_seen_is_said_once_a_chat(guard: World) -> None:
    await with_pin(guard)
    await pressed(guard)
    assert "pin.visible" not in await guard.keys(PIN)


@pytest.mark.parametrize("typed", [PIN, f" {PIN} ", "59 04 17", "590-417", "５９０４１７"])
async def test_a_pin_may_be_typed_in_any_grouping(guard: World, typed: str) -> None:
    await with_pin(guard)
    await pressed(guard)
    assert await guard.keys(typed) == BOUGHT


@pytest.mark.parametrize("typed", ["59041", "5904177", "apa ya", "PIN 590417 itu"])
async def test_what_is_no_pin_is_no_try(guard: World, typed: str) -> None:
    await with_pin(guard)
    await pressed(guard)
    answered = await guard.say(typed)
    assert answered[-1].key in ("pin.six", "pin.what")
    if answered[-1].key == "pin.six":
        assert await guard.keys(PIN) == BOUGHT


@pytest.mark.parametrize("order", [f"100.{METER}.{PIN}", f"PLN {METER} 100 {PIN}", f"100.{METER}.{PIN}.081234567890"])
async def test_a_pin_in_the_order_answers_its_own_question_and_never_the_payment(guard: World, order: str) -> None:
    await with_pin(guard)
    assert (await guard.say(order))[-1].key == "buy.pay"
    assert await guard.purchases() == []
    assert await guard.keys("bayar") == BOUGHT


async def test_a_wrong_pin_in_the_order_is_asked_for_again(guard: World) -> None:
    await with_pin(guard)
    await guard.say(f"100.{METER}.{WRONG}")
    assert await guard.keys("bayar") == ["pin.wrong"]
    assert await guard.keys(PIN) == BOUGHT


async def test_a_pin_of_four_digits_in_an_order_is_no_try(guard: World) -> None:
    await with_pin(guard)
    await guard.say(f"100.{METER}.1234")
    assert await guard.keys("bayar") == ["pin.six"]
    assert await guard.keys(PIN) == BOUGHT


async def test_without_a_pin_nothing_is_ever_asked(guard: World) -> None:
    assert await pressed(guard, f"{METER} 1jt") == BOUGHT


async def test_a_quote_that_ran_out_while_the_pin_was_looked_for_buys_nothing(guard: World) -> None:
    await with_pin(guard)
    await pressed(guard)
    guard.clock.forward(11 * MINUTE)
    assert await guard.keys(PIN) == ["pay.expired"]
    assert await guard.purchases() == []


async def test_a_press_again_beside_the_question_for_the_pin_buys_once(guard: World) -> None:
    await with_pin(guard)
    card = (await guard.say(f"{METER} 100"))[-1]
    press = next(tap_id for word, _, tap_id in card.options if word == "bayar")
    assert await guard.keys(press) == ["pin.ask"]
    assert await guard.keys(press) == ["in.stale", "pin.ask"]
    await guard.put(PIN)
    await guard.put(PIN)
    await guard.put(press)
    await guard.settle()
    assert len(await guard.purchases()) == 1
    assert len(guard.sandbox.sales()) == 1


async def test_cancelled_at_the_pin_nothing_is_bought(guard: World) -> None:
    await with_pin(guard)
    await pressed(guard)
    assert await guard.keys("batal") == ["buy.cancelled"]
    assert await guard.purchases() == []


# change, remove, from which price


async def test_a_pin_is_changed_by_whoever_knows_the_old_one(guard: World) -> None:
    await with_pin(guard)
    what = await only(guard, "pin", "budi")
    assert labels(what) == ["🔐 Ganti PIN", "💰 Batas PIN", "🗑 Hapus PIN", "✖️ Batal"]
    assert keys(await tap(guard, what, "Ganti", "budi")) == ["pin.old"]
    assert await guard.keys(OTHER) == ["pin.wrong"]
    assert await guard.keys(PIN) == ["pin.new"]
    assert await guard.keys(OTHER) == ["pin.again"]
    assert await guard.keys(OTHER) == ["pin.set"]
    await pressed(guard)
    assert await guard.keys(PIN) == ["pin.wrong"]
    assert await guard.keys(OTHER) == BOUGHT


async def test_a_pin_is_taken_away_by_whoever_knows_it(guard: World) -> None:
    await with_pin(guard)
    assert await guard.keys("pin hapus") == ["pin.old"]
    assert await guard.keys(PIN) == ["pin.removed"]
    assert await pressed(guard) == BOUGHT
    assert await guard.keys("pin hapus") == ["pin.none"]


async def test_from_which_price_it_is_asked_is_up_to_its_holder(guard: World) -> None:
    await with_pin(guard)
    assert await guard.keys("pin limit 200rb") == ["pin.old"]
    assert (await guard.say(PIN))[-1].text == "Tersimpan. PIN ditanyakan mulai Rp200.000."
    assert await pressed(guard) == BOUGHT
    assert await pressed(guard, f"{METER} 200") == ["pin.ask"]
    await guard.say("batal")
    assert await guard.keys("pin limit") == ["pin.limit"]
    assert await guard.keys("Rp22.000") == ["pin.old"]
    assert await guard.keys(PIN) == ["pin.from"]
    assert await pressed(guard, f"{METER} 20") == ["pin.ask"], "the price, not the amount, and from it on"


async def test_a_first_pin_that_is_mistyped_is_set_anew(guard: World) -> None:
    await guard.say("pin")
    await guard.say(PIN)
    assert await guard.keys(OTHER) == ["pin.differs"]
    assert await guard.keys(PIN) == ["pin.again"]
    assert await guard.keys(PIN) == ["pin.set"]


@pytest.mark.parametrize("plain", ["111111", "123456", "654321", "890123", "121212", "135135", "987654"])
async def test_what_a_thief_tries_first_is_not_set(guard: World, plain: str) -> None:
    await guard.say("pin")
    assert (await guard.say(plain))[-1].key == "pin.trivial"
    assert (await guard.say(PIN))[-1].key == "pin.again"


async def test_an_amount_is_no_pin_but_stays_an_amount(guard: World) -> None:
    await guard.say("pin")
    assert await guard.keys("250000") == ["pin.six"]
    await guard.say("batal")
    await guard.say(METER)
    assert await guard.keys("100000") == ["buy.pay"]


async def test_a_pin_beside_the_command_is_not_taken_unasked(guard: World) -> None:
    assert await guard.keys(f"GP {PIN}") == ["pin.visible", "pin.new"]
    assert await guard.keys(PIN) == ["pin.again"]


# wrong ones


async def test_five_wrong_ones_pause_and_ten_lock_until_the_owner_unlocks(guard: World) -> None:
    await with_pin(guard)
    await guard.say("menu", "boss")
    await pressed(guard)
    left = [(await guard.say(WRONG))[-1] for _ in range(5)]
    assert [one.text.split("\n")[0] for one in left[:4]] == [
        f"PIN salah. Sisa {n} percobaan. Belum ada yang dipotong." for n in (4, 3, 2, 1)
    ]
    assert left[4].text.split("\n")[0] == "Terlalu banyak PIN salah. Coba lagi 12.15."
    assert await pressed(guard) == ["pin.paused"]
    assert await pressed(guard, f"{METER} 50") == BOUGHT, "small ones go on"
    guard.clock.forward(15 * MINUTE)
    await pressed(guard)
    for _ in range(4):
        assert await guard.keys(WRONG) == ["pin.wrong"]
    assert await guard.keys(WRONG) == ["pin.locked"]
    told = next(one for one in guard.phone.read if one.to == "boss" and one.key == "own.locked")
    assert "A001 Budi Cell" in told.text
    assert await guard.keys(f"{METER} 50") == ["pin.locked"]
    guard.clock.forward(2 * DAY)
    assert await guard.keys(f"{METER} 20") == ["pin.locked"], "no time opens it"
    assert keys(await tap(guard, told, "Buka kunci")) == ["agent.unfrozen"]
    await pressed(guard)
    assert await guard.keys(PIN) == BOUGHT


async def test_a_right_one_forgets_the_wrong_ones(guard: World) -> None:
    await with_pin(guard)
    for _ in range(3):
        await pressed(guard)
        for _ in range(4):
            assert await guard.keys(WRONG) == ["pin.wrong"]
        assert await guard.keys(PIN) == BOUGHT
        guard.clock.forward(DAY)


async def test_a_paused_pin_hears_the_same_for_a_right_and_a_wrong_one(guard: World) -> None:
    await with_pin(guard)
    await pressed(guard)
    for _ in range(4):
        await guard.say(WRONG)
    await guard.put(WRONG)
    await guard.put(PIN)
    said = await guard.settle()
    assert [one.key for one in said if one.key in ("pin.paused", "buy.processing")] == ["pin.paused"]
    assert await guard.purchases() == []


async def test_chats_side_by_side_have_no_more_tries_than_one(guard: World) -> None:
    """A thief with four chats of the account, all at once: five tries are all that he has."""
    await with_pin(guard)
    for chat in ("dua", "tiga", "empat"):
        await guard.say(f"AGEN {await code_for(guard)}", chat)
        guard.clock.forward(MINUTE)
    chats = ("budi", "dua", "tiga", "empat")
    for chat in chats:
        assert await pressed(guard, f"5412345678{len(chat)} 100", chat) == ["pin.ask"], chat
    for number in range(4):
        for chat in chats:
            await guard.put(f"77{number}204", chat)
        await guard.settle()
    found = await guard.store.read(lambda tx: tx.one(pins.Pin, "pin_of", holder="agent:1"))
    assert found is not None
    assert found.wrong == 5
    assert found.paused_until > guard.clock()


async def test_a_campaign_of_guesses_gets_ten_tries_and_no_token(guard: World) -> None:
    await with_pin(guard)
    tried = 0
    for number in range(60):
        if await pressed(guard) == ["pin.ask"]:
            tried += 1
            await guard.say(f"{(number * 7919 + 134_567) % 1_000_000:06d}")
        guard.clock.forward(4 * MINUTE)
    assert tried == 10
    assert await guard.purchases() == []
    assert [one.key for one in guard.phone.read if one.key == "own.locked"] in ([], ["own.locked"])


# further chats and cashiers


async def test_a_further_chat_is_asked_the_account_s_pin_for_any_amount_in_its_first_day(guard: World) -> None:
    await with_pin(guard)
    welcome = await only(guard, f"AGEN {await code_for(guard)}", "dua")
    assert "PIN" not in "".join(labels(welcome))
    assert await guard.keys("pin ganti", "dua") == ["pin.too_new"]
    assert await pressed(guard, f"{METER} 20", "dua") == ["pin.ask"]
    assert (await guard.say(PIN, "dua"))[-1].key == "pay.done"
    guard.clock.forward(DAY)
    assert await pressed(guard, f"{METER} 50", "dua") == BOUGHT


async def test_a_cashier_has_a_pin_of_his_own(guard: World) -> None:
    code = await code_for(guard, "kasir undang", "budi")
    await with_pin(guard)
    welcome = await only(guard, f"AGEN {code}", "siti")
    assert "🔐 Buat PIN" in labels(welcome)
    assert await pressed(guard, f"{METER} 100", "siti") == BOUGHT
    await with_pin(guard, "siti", OTHER)
    assert await pressed(guard, f"{METER} 20", "siti") == ["pin.ask"], "a chat that is new is asked for any amount"
    assert await guard.keys(PIN, "siti") == ["pin.wrong"]
    assert (await guard.say(OTHER, "siti"))[-1].key == "pay.done"
    await pressed(guard, "54123456700 100")
    assert await guard.keys(PIN) == BOUGHT


async def test_a_cashier_s_wrong_ones_lock_his_chat_and_not_the_account(guard: World) -> None:
    await guard.say("menu", "boss")
    await guard.say(f"AGEN {await code_for(guard, 'kasir undang', 'budi')}", "siti")
    await with_pin(guard, "siti", OTHER)
    for _ in range(2):
        assert await pressed(guard, f"{METER} 20", "siti") == ["pin.ask"]
        for _ in range(5):
            last = await guard.keys(WRONG, "siti")
        guard.clock.forward(15 * MINUTE)
    assert last == ["pin.locked"]
    assert await pressed(guard, f"{METER} 20", "siti") == ["pin.locked"]
    assert await pressed(guard, f"{METER} 20") == BOUGHT
    assert "dikunci" in (await only(guard, "agen A001")).text
    assert await guard.keys("buka kunci A001", "boss") == ["agent.unfrozen"]
    await pressed(guard, f"{METER} 50", "siti")
    assert (await guard.say(OTHER, "siti"))[-1].key == "pay.done"


async def test_whoever_forgot_his_pin_gets_a_new_one_by_the_owner_s_word(guard: World) -> None:
    await with_pin(guard)
    assert await guard.keys("pin hapus A001", "boss") == ["pin.forgotten"]
    assert await guard.keys("pin hapus A001", "boss") == ["pin.none_of"]
    assert await pressed(guard) == BOUGHT


async def test_the_owner_has_a_pin_too_and_his_own_lock_is_not_his_to_take_off(guard: World) -> None:
    await with_pin(guard, "boss", PIN)
    for _ in range(2):
        assert await pressed(guard, who="boss") == ["pin.ask"]
        for _ in range(5):
            await guard.say(WRONG, "boss")
        guard.clock.forward(15 * MINUTE)
    assert await guard.keys("aktif konter", "boss") == ["agent.unfrozen"]
    assert await pressed(guard, who="boss") == ["pin.locked"]


async def test_after_long_quiet_any_amount_asks_where_the_shop_wants_that(tmp_path: Path) -> None:
    waits = dataclasses.replace(SHOP.waits, pin_idle=30 * MINUTE)
    async with world(tmp_path, shop=guarded(waits=waits)) as shop:
        await with_pin(shop)
        assert await pressed(shop, f"{METER} 20") == BOUGHT
        shop.clock.forward(29 * MINUTE)
        assert await pressed(shop, f"{METER} 50") == BOUGHT
        shop.clock.forward(HOUR)
        assert await pressed(shop, "54123456700 20") == ["pin.ask"]


# changes of settings


async def test_whoever_has_the_phone_alone_lets_nobody_in(guard: World) -> None:
    await with_pin(guard)
    for typed in ("kasir chat", "kasir undang"):
        assert await guard.keys(typed) == ["pin.old"]
        assert await guard.keys(WRONG) == ["pin.wrong"]
        assert await guard.keys(PIN) == ["agent.invite_code"]
    assert await guard.keys("kasir") == ["cashier.empty"], "to look needs none"
    assert await guard.keys("saldo") == ["bal.card"]


@pytest.mark.parametrize(("typed", "done"), [("biaya 2000", "fee.done"), ("toko Berkah Jaya", "outlet.done")])
async def test_fee_and_heading_are_changed_by_whoever_knows_the_pin(guard: World, typed: str, done: str) -> None:
    assert await guard.keys(typed) == [done], "without a PIN nothing stands in between"
    await with_pin(guard)
    assert await guard.keys(typed.split(maxsplit=1)[0]) != ["pin.old"], "to look needs none"
    assert await guard.keys(typed) == ["pin.old"]
    assert await guard.keys(WRONG) == ["pin.wrong"]
    assert await guard.keys(PIN) == [done]


async def test_a_locked_account_lets_nobody_in(guard: World) -> None:
    await guard.say("kunci")
    assert await guard.keys("kasir chat") == ["pin.locked"]


async def test_a_command_beside_the_question_for_the_pin_is_answered_and_the_question_stays(guard: World) -> None:
    await with_pin(guard)
    await pressed(guard)
    assert await guard.keys("saldo") == ["bal.card", "pin.ask"]
    assert await guard.keys(PIN) == BOUGHT


# nothing keeps it


async def test_no_file_and_no_log_of_the_shop_ever_holds_a_pin(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with world(tmp_path, shop=guarded(), deposit=5_000_000) as shop:
        await with_pin(shop)
        await pressed(shop)
        await shop.say(WRONG)
        await shop.say(PIN)
        await shop.say(f"100.54123456700.{PIN}")
        await shop.say("bayar")
        await shop.say(f"pin {PIN}")
        await shop.say("batal")
        await shop.say(" 5 9 0 4 1 7 ")
        await shop.say("５９０４１７")
        written = kept(tmp_path)
        assert len(await shop.purchases()) == 2
    for number in (PIN, WRONG):
        grouped = re.compile(rb"[^0-9a-f]{0,6}".join(digit.encode() for digit in number))
        assert not grouped.search(written + kept(tmp_path))
        assert number not in caplog.text
    assert "５９０".encode() not in written
    assert rb"\uff15\uff19" not in written
    assert b"$argon2id$" in written


# killed in between


async def test_killed_between_the_pin_and_the_money_nothing_is_held_and_the_next_pin_pays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path, shop=guarded()) as shop:
        await with_pin(shop)
        await pressed(shop)
        await shop.put(PIN)
        await shop.setrum.inbox.work()
        await shop.setrum.inbox.idle()
    monkeypatch.setattr(vault, "_hidden", {})
    async with world(tmp_path, shop=guarded(), at=NOON + 5 * MINUTE) as shop:
        [again] = [one for one in await shop.settle() if one.key.startswith("pin")]
        assert again.text.split("\n")[0].startswith("Maaf, angka tadi tidak sempat terbaca.")
        assert await shop.purchases() == []
        assert await shop.keys(PIN) == BOUGHT
        assert len(shop.sandbox.sales()) == 1


async def test_killed_before_a_typed_pin_was_read_it_is_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path, shop=guarded()) as shop:
        await with_pin(shop)
        await pressed(shop)
        await shop.put(PIN)
        await shop.put("12345")
    monkeypatch.setattr(vault, "_hidden", {})
    async with world(tmp_path, shop=guarded(), at=NOON + 5 * MINUTE) as shop:
        assert {one.key for one in await shop.settle()} == {"pin.gone"}
        assert await shop.keys(PIN) == BOUGHT


async def test_killed_before_an_order_with_a_pin_was_read_the_order_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path, shop=guarded()) as shop:
        await with_pin(shop)
        await shop.put(f"100.{METER}.{PIN}")
    monkeypatch.setattr(vault, "_hidden", {})
    async with world(tmp_path, shop=guarded(), at=NOON + 5 * MINUTE) as shop:
        assert (await shop.settle())[-1].key == "buy.pay"
        assert await shop.keys("bayar") == ["pin.ask"]


def test_the_same_number_has_another_hash_each_time_and_only_with_the_pepper() -> None:
    one, two = pins.hashed(PIN, "garam"), pins.hashed(PIN, "garam")
    assert one != two
    assert pins.fits(one, PIN, "garam")
    assert not pins.fits(one, PIN, "")
    assert not pins.fits(one, WRONG, "garam")


# numbers that nobody asked for so


@pytest.mark.parametrize("typed", ["pin ganti 590417", "pin hapus 59 04 17", "gp ke 590417", "pin 590417 284613"])
async def test_a_number_beside_the_command_is_neither_taken_nor_kept(guard: World, tmp_path: Path, typed: str) -> None:
    await with_pin(guard)
    assert "pin.ask" not in await guard.keys(typed)
    assert [one for one in (b"590417", b"59 04 17", b"284613") if one in kept(tmp_path)] == []
    assert await pressed(guard) == ["pin.ask"]
    assert await guard.keys(PIN) == BOUGHT, "it is the number that it was"


async def test_an_owner_names_an_agent_with_digits_beside_the_command(guard: World) -> None:
    await with_pin(guard)
    assert await guard.keys("pin hapus A001", "boss") == ["pin.forgotten"]
    assert await guard.keys("pin hapus A001", "boss") == ["pin.none_of"]


@pytest.mark.parametrize("typed", ["bayar 590417", "590417 ya", "ini pin saya: 590417", "ok 590417 kak"])
async def test_a_number_among_other_words_is_no_try_and_is_kept_nowhere(
    guard: World, tmp_path: Path, typed: str
) -> None:
    await with_pin(guard)
    await pressed(guard)
    await guard.say(typed)
    assert await guard.purchases() == []
    assert b"590417" not in kept(tmp_path)
    assert await guard.keys(PIN) == BOUGHT


async def test_an_amount_of_six_digits_that_a_kill_took_from_a_line_is_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path) as shop:
        await shop.put("setuju 88 150137", "boss")
        await shop.put("saldo 150137", "boss")
    monkeypatch.setattr(vault, "_hidden", {})
    async with world(tmp_path, at=NOON + MINUTE) as shop:
        assert {one.key for one in await shop.settle("boss")} <= {"pin.gone", "start.owner"}
        assert (await shop.keys("setuju 88 150137", "boss"))[0] != "pin.gone"
