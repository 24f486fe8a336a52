"""What befalls several orders between the message and the last token: one meter twice, locks, PINs, slow answers."""

import dataclasses
from pathlib import Path

import pytest

from bot.clock import MINUTE, SECOND
from bot.domain.purchase import State
from bot.messaging import vault
from bot.sandbox import Behaviour, Readings
from tests.conversation.test_batch import ANDI, METER, RINA, SITI, TWO, Slow, keys, paid, pressed, rows
from tests.conversation.test_pin import PIN, WRONG, with_pin
from tests.world import NOON, SHOP, World, execute, world

FOUR = f"{METER} 20\n{SITI} 20\n{ANDI} 20\n{RINA} 20"


_HALF_OPEN = (
    "INSERT INTO breaker (id, state, way_back, since, unclear_run) VALUES (1, 'half', 'probe', 0, 0)"
    " ON CONFLICT (id) DO UPDATE SET state = 'half', probe_id = NULL"
)


# one meter


async def test_several_amounts_of_one_meter_each_have_a_check_of_their_own(tmp_path: Path) -> None:
    async with world(tmp_path, readings=Readings(refnum_single_use=True)) as shop:
        said = await paid(shop, f"{METER} 20\n{METER} 50\n{METER} 100\n{METER} 50rb")
        assert keys(said).count("token.only") == 3
        assert said[-1].text.startswith("Selesai: 3 sukses, 0 diproses, 0 gagal.")
        assert shop.sandbox.count("INQ") == 3, "the same again is checked once"
        assert len(shop.sandbox.sales()) == 3
        assert await shop.violations() == []


async def test_one_meter_by_its_number_its_customers_number_and_its_short_name_is_one_line(shop: World) -> None:
    await shop.say(f"{METER} 20")
    await shop.say("bayar")
    await shop.say(f"fav {METER} budi")
    idpel = (await shop.purchases())[0].idpel
    [card] = await shop.say(f"{METER} 50\n{idpel} 50\nbudi 50")
    assert [row.split(" ")[1] for row in rows(card)] == ["✅", "🔁", "🔁"]
    await shop.say("bayar")
    assert len(shop.sandbox.sales()) == 2


# locked or frozen meanwhile


@pytest.mark.parametrize("how", ["kunci", "beku Budi Cell ya"])
async def test_what_waits_of_a_batch_is_not_sent_once_its_account_is_locked_or_frozen(tmp_path: Path, how: str) -> None:
    async with world(tmp_path, wrap=Slow.of) as shop:
        client = await pressed(shop, f"{METER} 20\n{SITI} 20\n{ANDI} 20")
        assert await shop.setrum.purchasing.dispatch() == 1
        await client.begun.get()
        await shop.put(how, "boss" if how.startswith("beku") else "budi")
        await shop.setrum.inbox.work()
        await shop.setrum.inbox.idle()
        client.gate.set()
        said = await shop.settle()
        assert [one.state for one in await shop.purchases()] == [State.SUCCESS, State.FAILED, State.FAILED]
        assert (shop.sandbox.count("PAY"), keys(said).count("late.failed")) == (1, 2)
        assert said[-1].text.startswith("Selesai: 1 sukses, 0 diproses, 2 gagal.")
        assert "Saldo Rp478.000" in said[-1].text
        assert await shop.violations() == []


async def test_a_batch_whose_account_was_locked_after_the_card_pays_nothing(shop: World) -> None:
    await shop.say(TWO)
    await shop.say("kunci")
    assert await shop.keys("bayar") == ["pin.locked"]
    assert await shop.purchases() == []


# the end is told, and what comes after it


async def test_a_line_that_is_answered_after_the_end_was_told_says_that_it_is_done(tmp_path: Path) -> None:
    async with world(tmp_path, wrap=Slow.of) as shop:
        client = shop.setrum.supplier
        assert isinstance(client, Slow)
        await shop.say(TWO)
        client.gate.set()
        shop.sandbox.force(Behaviour.PENDING_SUCCESS)
        await shop.put("bayar")
        await shop.setrum.inbox.work()
        await shop.setrum.inbox.idle()
        assert await shop.setrum.purchasing.dispatch() == 1  # the first line ends in doubt
        await shop.setrum.purchasing.idle()
        client.gate.clear()
        while not client.begun.empty():
            client.begun.get_nowait()
        assert await shop.setrum.purchasing.dispatch() == 1
        await client.begun.get()
        shop.clock.forward(10 * SECOND)
        await shop.setrum.purchasing.dispatch()  # nobody waits any longer: the end is told
        client.gate.set()
        said = keys(await shop.settle())
        assert said.index("batch.result") < said.index("token.only")
        assert "pay.done" in said, "whoever read that it is under way reads how it ended"


# the secret number


async def test_the_sum_of_small_lines_asks_for_the_pin_and_a_kill_meanwhile_only_asks_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = dataclasses.replace(SHOP, pin_from=60_000)
    async with world(tmp_path, shop=kept) as shop:
        await with_pin(shop)
        await shop.say(FOUR)
        assert await shop.keys("bayar") == ["pin.ask"]
        await shop.put(PIN)
    monkeypatch.setattr(vault, "_hidden", {})  # which only the process that ended knew
    async with world(tmp_path, shop=kept, at=NOON + MINUTE) as shop:
        assert keys(await shop.settle()) == ["pin.gone"]
        assert await shop.purchases() == []
        assert await shop.keys(WRONG) == ["pin.wrong"]
        said = keys(await shop.say(PIN))
        assert (said.count("token.only"), said.count("batch.result")) == (4, 1)
        assert await shop.violations() == []


async def test_a_press_of_the_card_while_the_pin_is_asked_pays_nothing(tmp_path: Path) -> None:
    async with world(tmp_path, shop=dataclasses.replace(SHOP, pin_from=60_000)) as shop:
        await with_pin(shop)
        [card] = await shop.say(TWO)
        assert await shop.keys(card.options[0][2]) == ["pin.ask"]
        assert await shop.keys("bayar") == ["pin.ask"], "never that there is nothing to pay"
        for word in (card.options[0][2], "ya"):
            await shop.say(word)
        assert await shop.purchases() == []
        assert "batch.result" in await shop.keys(PIN)
        assert len(shop.sandbox.sales()) == 2


# two chats, limits, sales that stop


async def test_two_chats_with_the_same_lines_buy_no_line_twice_at_once(shop: World) -> None:
    code = (await shop.say("kasir undang"))[0].text.split("AGEN ")[1][:10]
    await shop.say(f"AGEN {code}", "dewi")
    await shop.say(TWO)
    await shop.say(TWO, "dewi")
    await shop.put("bayar")
    await shop.put("bayar", "dewi")
    await shop.settle()
    assert len(shop.sandbox.sales()) == 2
    assert len(await shop.purchases()) == 2
    assert await shop.violations() == []


async def test_sales_that_stop_in_the_middle_send_nothing_more_and_give_the_rest_back(tmp_path: Path) -> None:
    async with world(tmp_path, shop=dataclasses.replace(SHOP, unclear_run=2)) as shop:
        await shop.say(FOUR)
        shop.sandbox.force(Behaviour.DROP_UNSOLD, 2)
        assert keys(await shop.say("bayar")) == ["batch.sending", "pay.pending", "pay.pending"]
        later = await shop.later(MINUTE)
        assert keys(later).count("late.failed") == 2
        assert later[-1].text.startswith("Selesai: 0 sukses, 2 diproses, 2 gagal.")
        assert shop.sandbox.count("PAY") == 2
        assert await shop.violations() == []


async def test_while_sales_are_on_trial_only_the_first_line_is_bought(shop: World) -> None:
    await shop.say(TWO)
    await execute(shop, _HALF_OPEN)
    said = keys(await shop.say("bayar"))
    assert said == ["batch.row", "batch.sending", "token.only", "batch.result"]
    assert (len(await shop.purchases()), shop.sandbox.count("PAY")) == (1, 1)
