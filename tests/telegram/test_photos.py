"""A photo of the meter on Telegram: what its code says is as good as typed, and nothing that a file does is worse than
a request to type.
"""

import asyncio
import sys
from pathlib import Path

import pytest

from tests import labels
from tests.double.clock import PATIENCE
from tests.labels import QR, code, jpeg, label, photo
from tests.talk import NONE, OTHER_METER, TYPE, UNOPENED, WHICH, sends
from tests.telegram.conftest import proper
from tests.telegram.double import BotApi, Clock, Kind
from tests.telegram.street import AGENT, SHOP, STRANGER, Street, faster, street
from tests.telegram.talk import (
    ASKS_METER,
    BUY,
    METER,
    bought,
    card,
    digits,
    is_card,
    is_done,
    pay_label,
    says,
    taps,
)

SLOW = "Terlalu cepat"


async def test_a_photo_brings_the_customers_card_and_the_name_confirms_it(town: Street, language: str) -> None:
    agent = town.person(AGENT, language)
    amounts = await sends(agent, photo(METER), "BUDI SANTOSA")
    payment = await taps(agent, "50rb", is_card, amounts)
    await taps(agent, pay_label(payment), is_done, payment)
    assert len(await town.purchases()) == 1


async def test_a_photo_with_the_amount_below_it_is_the_order(town: Street) -> None:
    agent = town.person(AGENT)
    shown = await sends(agent, photo(METER), is_card, "50rb")
    assert "BUDI SANTOSA · token Rp50.000" in shown.text
    assert await town.purchases() == []


async def test_a_photo_answers_the_question_for_the_meter(town: Street, language: str) -> None:
    agent = town.person(AGENT, language)
    await says(agent, BUY[language], ASKS_METER[language])
    await sends(agent, photo(METER), "BUDI SANTOSA")
    await town.settled()
    assert len(agent.screen) == 2


async def test_a_picture_sent_as_a_file_is_read_like_a_photo(town: Street) -> None:
    agent = town.person(AGENT)
    mark = agent.mark()
    agent.send_document("meter.png", labels.png(label(code(METER))), "20", mime="image/png")
    await agent.sees(is_card, after=mark)


async def test_of_several_meters_one_is_chosen_and_the_amount_goes_with_it(town: Street, language: str) -> None:
    agent = town.person(AGENT, language)
    which = await sends(agent, photo(OTHER_METER, METER), WHICH[language], "50")
    assert sorted(which.labels) == ["1111 1111 102", "5412 3456 789"]
    shown = await taps(agent, "5412 3456 789", is_card, which)
    assert "BUDI SANTOSA" in shown.text


async def test_a_code_that_is_no_meter_is_overlooked_beside_one_that_is(town: Street) -> None:
    agent = town.person(AGENT)
    picture = jpeg(label(code("SPLN D3.009-1", scale=3), code(METER)))
    await sends(agent, picture, "BUDI SANTOSA")


async def test_a_customer_begins_the_search_for_his_token_with_a_photo(town: Street, language: str) -> None:
    await bought(town.person(AGENT))
    customer = town.person(STRANGER, language)
    by_words = await says(customer, METER, "")
    by_photo = await sends(customer, photo(METER), lambda one: one is not by_words)
    assert (by_photo.text, by_photo.labels) == (by_words.text, by_words.labels)


@pytest.mark.parametrize("link", ["https://t.me/SetrumUjiBot?start=c_{}", "https://wa.me/628110?text=KLAIM%20{}"])
async def test_the_code_on_a_receipt_proves_the_sale_as_if_it_were_typed(town: Street, link: str) -> None:
    token, _ = await bought(town.person(AGENT))
    claim = (await town.purchases())[0].claim_code
    customer = town.person(STRANGER)
    receipt = jpeg(label(code(link.format(claim), QR, 5)))
    shown = await sends(customer, receipt, lambda one: bool(digits(one)))
    assert digits(shown) == digits(token)


async def test_a_link_to_anywhere_else_is_no_code(town: Street) -> None:
    await bought(town.person(AGENT))
    claim = (await town.purchases())[0].claim_code
    customer = town.person(STRANGER)
    await sends(customer, jpeg(label(code(f"https://example.org/?start=c_{claim}", QR))), NONE["id"])


async def test_a_photo_without_a_code_is_answered_once_and_leaves_the_question(town: Street, language: str) -> None:
    agent = town.person(AGENT, language)
    payment = await card(agent)
    mark = agent.mark()
    await sends(agent, jpeg(label(code("no meter"))), NONE[language])
    await town.settled()
    assert len([one for one in agent.screen if one.changed > mark]) == 1
    await taps(agent, pay_label(payment), is_done, payment)


DAMAGED = {
    "nothing": b"",
    "half": photo(METER)[:9000],
    "heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(2000),
    "over our limit": photo(METER) + bytes(10 << 20),
    "over the platform's": photo(METER) + bytes(20 << 20),
}


@pytest.mark.parametrize("what", DAMAGED)
async def test_a_photo_that_cannot_be_opened_is_answered_once_and_the_next_is_read(
    town: Street, language: str, what: str
) -> None:
    agent = town.person(AGENT, language)
    shown = await sends(agent, DAMAGED[what], UNOPENED[language])
    assert len(shown.labels) == 2
    await town.settled()
    assert len(agent.screen) == 1
    await sends(agent, photo(METER), "BUDI SANTOSA")


HICCUPS = [
    *((method, kind) for kind in (Kind.RESET, Kind.HTML_502, Kind.DROP_APPLIED) for method in ("getFile", "file")),
    ("getFile", Kind.TRUNCATED),
    ("getFile", Kind.FLOOD),
]


@pytest.mark.parametrize(("method", "kind"), HICCUPS)
async def test_a_hiccup_on_the_way_is_tried_once_more(town: Street, method: str, kind: Kind) -> None:
    agent = town.person(AGENT)
    town.api.fault(method, kind)
    await sends(agent, photo(METER), "BUDI SANTOSA")
    assert town.api.count(method) == 2


@pytest.mark.parametrize(
    ("kind", "calls"), [(Kind.HTML_502, 2), (Kind.RESET, 2), (Kind.REDIRECT, 1), (Kind.NOT_FOUND, 1)]
)
async def test_a_file_that_does_not_come_is_not_asked_for_on_and_on(town: Street, kind: Kind, calls: int) -> None:
    agent = town.person(AGENT)
    town.api.fault("file", kind, count=9)
    await sends(agent, photo(METER), UNOPENED["id"])
    assert (town.api.count("file"), town.api.followed) == (calls, 0)


@pytest.mark.parametrize("kind", [Kind.HANG, Kind.DRIP])
async def test_a_slow_server_keeps_the_chat_waiting_no_longer_than_the_limit(
    tmp_path: Path, mode: str, kind: Kind
) -> None:
    async with street(tmp_path, mode, shop=faster(SHOP, photo=300)) as town:
        town.api.state.pace.off()
        town.api.fault("file", kind, seconds=9000)
        agent, other = town.person(AGENT), town.person(STRANGER)
        agent.send_photo("", photo(METER))
        agent.say("saldo")
        await says(other, "menu", "Halo")
        await agent.sees(UNOPENED["id"])
        await agent.sees("Saldo Rp500.000")
        await proper(town)


async def test_what_is_said_after_a_photo_is_heard_after_it(town: Street) -> None:
    agent = town.person(AGENT)
    agent.send_photo("", photo(METER))
    agent.say("50")
    shown = await agent.sees(is_card)
    assert "BUDI SANTOSA" in shown.text


async def test_a_photo_while_the_supplier_is_asked_waits_and_is_fetched_once(tmp_path: Path, mode: str) -> None:
    async with street(tmp_path, mode, latency_ms=400) as town:
        town.api.state.pace.off()
        agent = town.person(AGENT)
        agent.say(OTHER_METER)
        agent.send_photo("50", photo(METER))
        shown = await agent.sees(is_card)
        assert "BUDI SANTOSA" in shown.text
        assert town.api.count("file") == 1
        await proper(town)


async def test_a_photo_that_was_being_read_at_a_stop_is_read_after_the_next_start(tmp_path: Path, mode: str) -> None:
    async with BotApi(clock=Clock(factor=20)) as api:
        api.state.pace.off()
        api.fault("file", Kind.HANG, seconds=9000)
        async with street(tmp_path, mode, api=api) as town:
            agent = town.person(AGENT)
            agent.send_photo("50", photo(METER))
            async with asyncio.timeout(PATIENCE):
                while api.count("file") == 0:
                    await api.state.heard.future()
            assert agent.screen == []
        async with street(tmp_path, mode, api=api) as town:
            shown = await agent.sees(is_card)
            assert "BUDI SANTOSA" in shown.text
            await proper(town)
            assert len(agent.screen) == 1


async def test_where_the_extra_is_missing_the_number_is_asked_for_in_words(
    town: Street, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    agent = town.person(AGENT, language)
    await sends(agent, photo(METER), TYPE[language])
    await sends(agent, photo(METER), is_card, f"{METER} 50")
    assert town.api.count("getFile") == 0


@pytest.mark.parametrize(
    ("caption", "wanted"),
    [(f"{METER} 50", "💳"), ("saldo", "Saldo Rp500.000"), ("11111111111111111111", "bukan dari penjualan")],
)
async def test_words_below_a_photo_that_say_enough_are_taken_without_looking(
    town: Street, caption: str, wanted: str
) -> None:
    await sends(town.person(AGENT), photo(OTHER_METER), wanted, caption)
    assert town.api.count("getFile") == 0


@pytest.mark.parametrize("caption", ["halo kak", "ini meternya", "beli", "tolong"])
async def test_words_below_a_photo_that_name_no_meter_do_not_keep_it_from_being_read(
    town: Street, caption: str
) -> None:
    await sends(town.person(AGENT), photo(METER), "Pilih nominal", caption)


@pytest.mark.parametrize("caption", ["beli 50rb", "tolong isi 50 ribu kak", "Rp50.000", "50k"])
async def test_the_amount_is_found_in_the_words_below_a_photo(town: Street, caption: str) -> None:
    await sends(town.person(AGENT), photo(METER), "token Rp50.000", caption)


async def test_a_customer_says_below_the_photo_what_he_lost(town: Street, language: str) -> None:
    await bought(town.person(AGENT))
    customer = town.person(STRANGER, language)
    by_words = await says(customer, METER, "")
    by_photo = await sends(customer, photo(METER), lambda one: one is not by_words, "token hilang")
    assert (by_photo.text, by_photo.labels) == (by_words.text, by_words.labels)


async def test_a_photo_said_long_ago_orders_nothing_and_is_not_fetched(town: Street) -> None:
    agent = town.person(AGENT)
    town.api.clock.forward(-1200)
    agent.send_photo("50", photo(METER))
    town.api.clock.forward(1200)
    await agent.sees("lebih dari 15 menit")
    assert town.api.count("getFile") == 0


async def test_a_chat_that_sends_one_photo_after_another_is_asked_to_slow_down(town: Street) -> None:
    agent = town.person(AGENT)
    for _ in range(11):
        agent.send_photo("", b"damaged")
    await agent.sees(SLOW)
    await town.settled()
    assert (len(agent.screen), town.api.count("getFile")) == (11, 10)


async def test_nothing_of_a_photo_is_kept_but_its_name_at_the_platform(town: Street, tmp_path: Path) -> None:
    agent = town.person(AGENT)
    picture = photo(METER)
    await sends(agent, picture, "BUDI SANTOSA")
    await town.settled()
    kept = b"".join(one.read_bytes() for one in tmp_path.glob("setrum.db*"))
    assert b"AgACAgUAAxkBAAI" in kept
    assert picture[500:560] not in kept
    assert b"file/bot" not in kept
