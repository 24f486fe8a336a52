"""A photo of the meter on WhatsApp: its code is as good as typed, and our access goes to no stranger's host."""

import asyncio
import sys
from pathlib import Path

import pytest
from aiohttp import web
from yarl import URL

from bot.channels.whatsapp.files import is_theirs
from tests import labels
from tests.double.clock import PATIENCE
from tests.labels import QR, code, jpeg, label, photo
from tests.street import faster
from tests.talk import NONE, OTHER_METER, TYPE, UNOPENED, WHICH, sends
from tests.whatsapp.conftest import proper
from tests.whatsapp.double import Clock, CloudApi, Kind, media
from tests.whatsapp.street import AGENT, SHOP, STRANGER, Street, street
from tests.whatsapp.talk import (
    ASKS_METER,
    BUY,
    METER,
    bought,
    card,
    digits,
    is_card,
    is_done,
    new,
    pay_label,
    says,
    speaks,
    taps,
)


async def test_a_photo_brings_the_customers_card_and_the_name_confirms_it(town: Street, language: str) -> None:
    agent = await speaks(town, AGENT, language)
    amounts = await sends(agent, photo(METER), "BUDI SANTOSA")
    assert amounts.kind == "list"
    payment = await taps(agent, "50rb", is_card, amounts)
    await taps(agent, pay_label(payment), is_done, payment)
    assert len(await town.purchases()) == 1


async def test_a_photo_with_the_amount_below_it_is_the_order(town: Street) -> None:
    agent = town.person(AGENT)
    shown = await sends(agent, photo(METER), is_card, "50")
    assert "BUDI SANTOSA · token Rp50.000" in shown.text
    assert await town.purchases() == []


async def test_a_photo_answers_the_question_for_the_meter(town: Street) -> None:
    agent = town.person(AGENT)
    await says(agent, BUY["id"], ASKS_METER["id"])
    mark = agent.mark()
    await sends(agent, photo(METER), "BUDI SANTOSA")
    await town.settled()
    assert len(new(agent, mark)) == 1


async def test_a_picture_sent_as_a_file_is_read_like_a_photo(town: Street) -> None:
    agent = town.person(AGENT)
    mark = agent.mark()
    agent.send_document("meter.png", labels.png(label(code(METER))), "20", mime="image/png")
    await agent.sees(is_card, after=mark)


async def test_of_several_meters_one_is_chosen_and_the_amount_goes_with_it(town: Street, language: str) -> None:
    agent = await speaks(town, AGENT, language)
    which = await sends(agent, photo(OTHER_METER, METER), WHICH[language], "50")
    assert sorted(which.labels) == ["1111 1111 102", "5412 3456 789"]
    shown = await taps(agent, "5412 3456 789", is_card, which)
    assert "BUDI SANTOSA" in shown.text


async def test_a_customer_begins_the_search_for_his_token_with_a_photo(town: Street, language: str) -> None:
    await bought(town.person(AGENT))
    customer = await speaks(town, STRANGER, language)
    by_words = await says(customer, METER, lambda one: len(one.labels) >= 3)
    by_photo = await sends(customer, photo(METER), lambda one: one.wamid != by_words.wamid)
    assert (by_photo.text, by_photo.labels) == (by_words.text, by_words.labels)


async def test_the_code_on_a_receipt_proves_the_sale_as_if_it_were_typed(town: Street) -> None:
    token, _ = await bought(town.person(AGENT))
    claim = (await town.purchases())[0].claim_code
    customer = town.person(STRANGER)
    receipt = jpeg(label(code(f"https://wa.me/628110000099?text=KLAIM%20{claim}", QR, 5)))
    shown = await sends(customer, receipt, lambda one: bool(digits(one)))
    assert digits(shown) == digits(token)


async def test_a_photo_without_a_code_is_answered_once_and_leaves_the_question(town: Street, language: str) -> None:
    agent = await speaks(town, AGENT, language)
    payment = await card(agent)
    mark = agent.mark()
    await sends(agent, jpeg(label(code("no meter"))), NONE[language])
    await town.settled()
    assert len(new(agent, mark)) == 1
    await taps(agent, pay_label(payment), is_done, payment)


DAMAGED = {
    "nothing": b"",
    "half": photo(METER)[:9000],
    "heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(2000),
    "too large": photo(METER) + bytes(10 << 20),
}


@pytest.mark.parametrize("what", DAMAGED)
async def test_a_photo_that_cannot_be_opened_is_answered_once_and_the_next_is_read(
    town: Street, language: str, what: str
) -> None:
    agent = await speaks(town, AGENT, language)
    mark = agent.mark()
    await sends(agent, DAMAGED[what], UNOPENED[language])
    await town.settled()
    assert len(new(agent, mark)) == 1
    await sends(agent, photo(METER), "BUDI SANTOSA")


@pytest.mark.parametrize("kind", [Kind.RESET, Kind.HTML_502, Kind.DROP_APPLIED])
@pytest.mark.parametrize("what", ["media", "download"])
async def test_a_hiccup_on_the_way_is_tried_once_more(town: Street, what: str, kind: Kind) -> None:
    agent = town.person(AGENT)
    town.api.fault(what, kind)
    await sends(agent, photo(METER), "BUDI SANTOSA")
    assert town.api.count(what) == 2


@pytest.mark.parametrize(("kind", "calls"), [(Kind.RESET, 2), (Kind.HTML_502, 2), (Kind.REDIRECT, 1), (Kind.ERROR, 1)])
@pytest.mark.parametrize("what", ["media", "download"])
async def test_a_file_that_does_not_come_is_not_asked_for_on_and_on(
    town: Street, what: str, kind: Kind, calls: int
) -> None:
    """The platform shuts out whoever goes on asking for a file."""
    agent = town.person(AGENT)
    town.api.fault(what, kind, count=9, code=131052, status=400)
    await sends(agent, photo(METER), UNOPENED["id"])
    assert (town.api.count(what), town.api.followed) == (calls, 0)


async def test_a_file_that_is_gone_is_asked_for_once(town: Street) -> None:
    agent = town.person(AGENT)
    item = agent.send_photo("", photo(METER))
    del town.api.state.media[item.payload["image"]["id"]]
    await agent.sees(UNOPENED["id"])
    assert town.api.count("media") == 1


async def test_a_slow_server_keeps_the_chat_waiting_no_longer_than_the_limit(tmp_path: Path) -> None:
    async with street(tmp_path, shop=faster(SHOP, photo=300)) as town:
        town.api.state.pace.off()
        town.api.fault("download", Kind.DRIP, seconds=9000)
        agent, other = town.person(AGENT), town.person(STRANGER)
        agent.send_photo("", photo(METER))
        agent.say("saldo")
        await says(other, "menu", "Halo")
        await agent.sees(UNOPENED["id"])
        await agent.sees("Saldo Rp500.000")
        await town.settled()
        await proper(town)


async def test_a_photo_that_was_being_read_at_a_stop_is_read_after_the_next_start(tmp_path: Path) -> None:
    async with CloudApi(clock=Clock(factor=20)) as api:
        api.state.pace.off()
        api.fault("download", Kind.HANG, seconds=9000)
        async with street(tmp_path, api=api) as town:
            agent = town.person(AGENT)
            agent.send_photo("50", photo(METER))
            async with asyncio.timeout(PATIENCE):
                while api.count("download") == 0:
                    await api.state.heard.future()
            assert agent.screen == []
        async with street(tmp_path, api=api) as town:
            shown = await agent.sees(is_card)
            assert "BUDI SANTOSA" in shown.text
            await town.settled()
            await proper(town)
            assert len(agent.screen) == 1


async def test_where_the_extra_is_missing_the_number_is_asked_for_in_words(
    town: Street, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    agent = await speaks(town, AGENT, language)
    await sends(agent, photo(METER), TYPE[language])
    await sends(agent, photo(METER), is_card, f"{METER} 50")
    assert town.api.count("media") == 0


async def test_our_access_is_not_sent_to_where_an_answer_points_elsewhere(
    town: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The platform's double names a server of somebody else's, which would keep what it is told."""
    told: list[str | None] = []

    async def listen(request: web.Request) -> web.Response:
        told.append(request.headers.get("Authorization"))
        return web.Response(body=photo(METER))

    elsewhere = web.Application()
    elsewhere.router.add_get("/{any:.*}", listen)
    runner = web.AppRunner(elsewhere, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host = f"http://127.0.0.1:{runner.addresses[0][1]}"
    honest = media.address
    monkeypatch.setattr(
        media, "address", lambda state, number, base: honest(state, number, base) | {"url": f"{host}/photo"}
    )
    try:
        await sends(town.person(AGENT), photo(METER), UNOPENED["id"])
    finally:
        await runner.cleanup()
    assert told == []


HOME = URL("https://graph.facebook.com")
THEIRS = [
    "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&hash=a",
    "https://graph.facebook.com/v26.0/file",
    "https://scontent.facebook.com:443/x",
]
STRANGERS = [
    "http://lookaside.fbsbx.com/x",
    "https://lookaside.fbsbx.com:8443/x",
    "https://lookaside.fbsbx.com.example.org/x",
    "https://notfbsbx.com/x",
    "https://user:word@lookaside.fbsbx.com/x",
    "https://example.org#@lookaside.fbsbx.com/",
    "http://169.254.169.254/latest/meta-data",
    "http://graph.facebook.com/x",
    "file:///etc/passwd",
    "//lookaside.fbsbx.com/x",
    "/x",
    "",
]


def test_our_access_goes_to_the_platforms_own_hosts_by_https_and_nowhere_else() -> None:
    assert [address for address in THEIRS + STRANGERS if is_theirs(URL(address), HOME)] == THEIRS
    assert is_theirs(URL("http://127.0.0.1:8000/file"), URL("http://127.0.0.1:8000/"))
    assert not is_theirs(URL("http://127.0.0.1:8001/file"), URL("http://127.0.0.1:8000/"))
