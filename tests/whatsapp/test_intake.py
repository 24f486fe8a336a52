"""Deliveries on their way in: proven, stored before they are acknowledged, and handled once whatever befalls them."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot import books, clock
from bot.channels.whatsapp import Access, Templates, WhatsApp
from tests.store.probe import full
from tests.street import alerts
from tests.talk import METER, bought, card, is_done, pay_label, says
from tests.whatsapp.double import ACCESS, Clock, CloudApi, Item, Kind, Mail, Person
from tests.whatsapp.street import AGENT, OTHER, SHOP, STRANGER, Street, street
from tests.whatsapp.traffic import counted, delivery, message, stored

LONG = "halo " * 800  # more than the pages that the database has left over
MEDIA = "Saya baru bisa membaca teks"


@pytest.fixture
async def api() -> AsyncIterator[CloudApi]:
    async with CloudApi(clock=Clock(factor=20)) as made:
        made.pace.off()
        yield made


@pytest.fixture
async def town(tmp_path: Path, api: CloudApi) -> AsyncIterator[Street]:
    async with street(tmp_path, api=api) as made:
        yield made
        await made.settled()
        assert await made.violations() == []
        assert (api.unsupported, api.refused, api.admitted) == ([], [], 0)


# acknowledged after the commit only


async def test_what_a_full_disk_did_not_take_is_delivered_again_and_handled_once(town: Street) -> None:
    agent = town.person(AGENT)
    await says(agent, "saldo", "Rp500.000")
    await town.settled()
    async with full(town.store):
        refused = agent.say(LONG)
        await town.api.until(lambda: refused.fails >= 2)
        assert refused.state == "pending"
    await agent.sees("Saya belum paham")
    await town.settled()
    assert [one.text.startswith("Saya belum paham") for one in agent.screen].count(True) == 1
    assert {one.status for one in town.api.webhook.posts if refused.number in one.items} == {200, 500}


@pytest.mark.parametrize("kind", [Mail.DUPLICATE, Mail.CONCURRENT, Mail.LOST_ACK, Mail.REORDER, Mail.DELAY])
async def test_whatever_happens_to_a_delivery_each_message_is_answered_once(town: Street, kind: Mail) -> None:
    agent = town.person(AGENT)
    town.api.mail.hold()
    town.api.fault("message", kind, count=2, seconds=2.0)
    items = [agent.say(text) for text in ("saldo", "harga", "riwayat", "kasir")]
    town.api.mail.flush()
    await agent.until(lambda: len(agent.screen) == 4)
    await town.settled()
    assert sorted(one.text[:5] for one in agent.screen) == sorted(["Saldo", "*Harg", "🧾 Bel", "👥 Bel"])
    assert town.api.fired[kind] >= 1
    again = sum(item.handed for item in items) - 4
    assert await counted(town, "duplicates") == again == {Mail.REORDER: 0, Mail.DELAY: 0}.get(kind, 2)


async def test_a_tap_that_comes_as_twins_or_as_copies_pays_once(town: Street) -> None:
    agent = town.person(AGENT)
    payment = await card(agent)
    agent.tap(pay_label(payment), payment, copies=3)
    agent.tap(pay_label(payment), payment, copies=3, new_ids=True)
    await agent.sees(is_done)
    await town.settled()
    assert (town.sandbox.count("PAY"), len(await town.purchases())) == (1, 1)


@pytest.mark.parametrize("size", [1, 2, 7, 30])
async def test_every_item_of_a_batch_is_handled_whoever_it_is_about(town: Street, size: int) -> None:
    """Messages of many people with statuses between them, over entries and changes as it happens."""
    people = [town.person(f"62812{number:08d}") for number in range(10)]
    for one in people:
        await says(one, "menu", "Halo!")
    marks = [one.mark() for one in people]
    town.api.mail.hold()
    for word in ("bahasa", "batal", "menu"):
        for one in people:
            one.say(word)
            town.api.status(one.screen[0].wamid, "read")
    town.api.mail.flush(size)
    for one, mark in zip(people, marks, strict=True):
        await one.until(lambda one=one: len(one.screen) == 4)  # type: ignore[misc]
        assert [shown.serial > mark for shown in one.screen] == [False, True, True, True]
        assert one.screen[1].labels[:2] == ["Bahasa Indonesia", "English"]
        assert one.screen[3].text.startswith("*Halo!")
    await town.settled()
    longest = max(len(post.items) for post in town.api.webhook.posts)
    assert longest == size


async def test_a_batch_that_comes_again_in_other_company_is_known_item_by_item(town: Street) -> None:
    agent, other = town.person(AGENT), town.person(OTHER)
    town.api.mail.hold()
    items = [agent.say("saldo"), other.say("menu"), agent.say("harga"), other.say("menu")]
    for batch in (items[:3], items[1:], [items[3], items[0]], items):
        assert await town.api.webhook.again(batch) == 200
    town.api.mail.flush()
    await town.settled()
    assert (len(agent.screen), len(other.screen)) == (2, 2)
    assert await counted(town, "duplicates") == 12 - 4 + 4


@pytest.mark.parametrize("kind", [Mail.FORGED, Mail.UNSIGNED, Mail.STRANGE, Mail.NAMELESS, Mail.FOREIGN])
async def test_a_strange_delivery_keeps_nobody_from_buying(town: Street, kind: Mail) -> None:
    town.api.mail.chance(kind, 1.0)
    await bought(town.person(AGENT))
    await town.settled()
    assert town.api.fired[kind] > 3
    assert len(town.sandbox.sales()) == 1
    assert len(town.person(AGENT).screen) == 3


async def test_one_bad_item_in_a_batch_harms_no_other(town: Street) -> None:
    agent = town.person(AGENT)
    town.api.mail.hold()
    good = [agent.say("saldo"), agent.say("harga")]
    bad = [
        {"id": "wamid.1", "timestamp": "1", "type": "text", "text": {"body": "saldo"}},  # by nobody
        message(7, number="wamid.2"),
        message(number="wamid.3", text=None),
        message(number="wamid.4", type=None),
        message(number="wamid.5", type=["text"], timestamp="soon"),
    ]
    first, last = (one.payload for one in good)
    contacts = [good[0].contact, {"profile": {"name": "Orang Lain"}, "wa_id": OTHER}]
    assert await town.api.post(delivery(first, *bad, "no message", last, contacts=contacts)) == 200
    town.api.mail.flush()
    await agent.sees("Saldo")
    await agent.sees("Harga")
    await town.settled()
    assert len(agent.screen) == 2
    assert await town.read(alerts) == len(bad)
    await says(agent, "riwayat", "🧾")


KINDS: dict[str, tuple[Callable[[Person], Item], str | None]] = {
    "damaged photo": (Person.send_photo, "Foto itu tidak bisa saya buka"),
    "photo with words": (lambda one: one.send_photo("saldo"), "Saldo Rp500.000"),
    "document": (Person.send_document, MEDIA),
    "voice": (Person.voice, MEDIA),
    "sticker": (Person.sticker, MEDIA),
    "location": (Person.location, MEDIA),
    "contact": (Person.contact, MEDIA),
    "asked-for contact": (lambda one: one.contact(via="contact_request"), MEDIA),
    "unsupported": (Person.unsupported, MEDIA),
    "of a later version": (lambda one: one.unknown("hologram"), None),
    "reaction": (Person.reaction, None),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_of_message_is_taken_and_answered_once_if_at_all(town: Street, kind: str) -> None:
    agent = town.person(AGENT)
    await says(agent, "saldo", "Rp500.000")
    act, answer = KINDS[kind]
    act(agent)
    await says(agent, "harga", "Harga")
    await town.settled()
    between = [one.text for one in agent.screen[1:-1]]
    assert [one.startswith(answer or "?") for one in between] == ([] if answer is None else [True])
    assert await town.read(alerts) == 0


async def test_what_is_written_to_another_number_of_the_account_is_kept_and_left_alone(town: Street) -> None:
    town.api.foreign("bayar", AGENT)
    await says(town.person(AGENT), "saldo", "Rp500.000")
    await town.settled()
    assert len(town.person(AGENT).screen) == 1
    assert (await town.read(stored), await counted(town, "foreign")) == (2, 1)
    assert await town.read(alerts) == 0


async def test_what_the_platform_says_of_the_account_is_an_alert_and_a_line_in_the_log(town: Street) -> None:
    news: tuple[tuple[Callable[[], Item], str], ...] = (
        (town.api.account_error, "messages 131031"),
        (town.api.account_update, "account_update ACCOUNT_RESTRICTION"),
        (lambda: town.api.template_event("token_siap", "id", "PAUSED"), "PAUSED token_siap"),
        (lambda: town.api.template_quality("token_siap", "id"), "message_template_quality_update token_siap"),
        (town.api.number_quality, "phone_number_quality_update DOWNGRADE TIER_250"),
        (lambda: town.api.ops("security", {"event": "PIN_CHANGED", "requester": "1"}), "security PIN_CHANGED"),
    )
    with capture_logs() as logs:
        for act, _ in news:
            item = act()
            await town.api.until(lambda item=item: item.state == "confirmed")  # type: ignore[misc]
            await town.api.webhook.again([item])
        await town.settled()
    said = [one["about"] for one in logs if "tells something about the account" in one["event"]]
    assert len(said) == len(news)
    for (_, words), about in zip(news, said, strict=True):
        assert words in about
    assert await town.read(alerts) == len(news)
    assert await counted(town, "notices") == len(news)


# old and out of order


async def test_what_was_said_more_than_a_quarter_of_an_hour_ago_approves_nothing(tmp_path: Path, api: CloudApi) -> None:
    async with street(tmp_path, api=api) as town:
        agent = town.person(AGENT)
        payment = await card(agent)
        await town.settled()
    agent.say("bayar")
    agent.tap(pay_label(payment), payment)
    api.clock.forward(16 * 60)
    async with street(tmp_path, api=api, now=lambda: clock.now() + 16 * clock.MINUTE) as town:
        await agent.sees("lebih dari 15 menit yang lalu")
        await town.settled()
        assert (town.sandbox.count("PAY"), await town.purchases()) == (0, [])
        assert await town.violations() == []


async def test_a_day_old_delivery_pays_nothing_and_the_next_word_is_answered(tmp_path: Path, api: CloudApi) -> None:
    async with street(tmp_path, api=api) as town:
        agent = town.person(AGENT)
        payment = await card(agent)
        await town.settled()
        api.mail.hold()
        agent.say("bayar")
        agent.tap(pay_label(payment), payment)
        agent.say(f"{METER} 50")
    api.clock.forward(25 * 3_600)
    async with street(tmp_path, api=api, now=lambda: clock.now() + 25 * clock.HOUR) as town:
        api.mail.flush(30)
        await town.settled()
        assert (town.sandbox.count("PAY"), await town.purchases()) == (0, [])
        await says(agent, "saldo", "Rp500.000")
        await town.settled()
        assert (api.unsupported, api.refused) == ([], [])


async def test_the_word_to_pay_has_to_be_later_than_the_second_of_its_card(tmp_path: Path) -> None:
    """It may have been typed before the card was seen, for dates tell no less than a second apart."""
    second = float(int(time.time()))
    async with CloudApi(clock=Clock(calendar=lambda: second, factor=20)) as api, street(tmp_path, api=api) as town:
        agent = town.person(AGENT)
        await card(agent)
        agent.say("bayar")
        await town.settled()
        assert town.sandbox.count("PAY") == 0
        api.clock.forward(3)
        await says(agent, "bayar", is_done)


async def test_shuffled_deliveries_are_all_answered_and_only_the_tap_that_fits_pays(town: Street) -> None:
    agent = town.person(AGENT)
    payment = await card(agent)
    town.api.mail.chance(Mail.REORDER, 0.7)
    town.api.mail.chance(Mail.DELAY, 0.3)
    town.api.mail.seconds = 5.0
    town.api.mail.hold()
    for word in ("saldo", "harga", "riwayat", "saldo", "harga"):
        agent.say(word)
    agent.tap(pay_label(payment), payment)
    town.api.mail.flush(3)
    await agent.sees(is_done)
    await town.settled()
    assert sum(town.api.fired.get(kind, 0) for kind in (Mail.REORDER, Mail.DELAY)) > 0
    assert [one.text.startswith(("Saldo", "*Harga", "🧾")) for one in agent.screen].count(True) == 5
    assert town.sandbox.count("PAY") == 1


# load and restarts


async def test_deliveries_are_acknowledged_while_everybody_waits_for_a_supplier_that_answers_nobody(
    tmp_path: Path, api: CloudApi
) -> None:
    crowd = [f"62812{number:08d}" for number in range(64)]
    async with street(tmp_path, api=api, agents=crowd) as town:
        town.hang()
        for number in crowd:
            town.person(number).say(f"{METER} 20")
        await api.idle()  # all of them are stored, and wait for the supplier
        for number in crowd:
            town.person(number).say("saldo")
        town.person(STRANGER).say("menu")
        await api.idle()
        assert len(api.webhook.posts) >= 129
        assert {(post.status, post.forged) for post in api.webhook.posts} == {(200, False)}
        await town.person(STRANGER).sees("Halo!")
        for number in crowd:
            await town.person(number).sees("Saldo")


async def test_what_was_typed_while_we_were_down_is_answered_at_the_next_start(tmp_path: Path, api: CloudApi) -> None:
    async with street(tmp_path, api=api) as town:
        agent, other = town.person(AGENT), town.person(OTHER)
        payment = await card(agent)
        await town.settled()
    agent.tap(pay_label(payment), payment)
    agent.say("saldo")
    other.say("menu")
    async with street(tmp_path, api=api) as town:
        await agent.sees(is_done)
        await agent.sees("Saldo")
        await other.sees("Halo!")
        await town.settled()
        assert town.sandbox.count("PAY") == 1


async def test_what_was_stored_by_a_process_that_then_died_is_answered_without_new_input(
    tmp_path: Path, api: CloudApi
) -> None:
    async with street(tmp_path, api=api) as town:
        await town.settled()
    agent = api.person(AGENT)
    api.mail.hold()
    item = agent.say("saldo")
    access = Access(
        ACCESS.token, ACCESS.phone_number_id, ACCESS.app_secret, ACCESS.verify_token, api.url, ACCESS.version
    )
    async with (
        books.opened(tmp_path / "setrum.db", SHOP) as store,
        WhatsApp(access, Templates(), store, SHOP, clock.now) as dying,
    ):
        await dying.ingest(delivery(item.payload, contacts=[item.contact]))
    async with street(tmp_path, api=api) as town:
        await agent.sees("Rp500.000")
        api.mail.flush()
        await town.settled()
        assert len(agent.screen) == 1


async def test_a_platform_that_is_away_is_waited_for(town: Street) -> None:
    agent = town.person(AGENT)
    async with town.api.down():
        agent.say("saldo")
        async with aiohttp.ClientSession() as session, session.get(f"{town.address}/healthz") as response:
            assert response.status == 200
    await agent.sees("Rp500.000")


async def test_readiness_says_while_the_platform_was_never_heard_of(tmp_path: Path, api: CloudApi) -> None:
    api.fault("number", Kind.HTML_502, count=1_000)
    api.mail.hold()
    async with street(tmp_path, api=api) as town, aiohttp.ClientSession() as session:
        async with session.get(f"{town.address}/readyz") as response:
            assert (response.status, await response.text()) == (503, "nothing comes in from whatsapp\n")
        api.mail.flush()
        await says(town.person(AGENT), "saldo", "Rp500.000")
        async with session.get(f"{town.address}/readyz") as response:
            assert response.status == 200


async def test_how_the_number_is_dialled_is_asked_for_until_it_is_known(tmp_path: Path, api: CloudApi) -> None:
    kinds = (Kind.RESET, Kind.HTML_502, Kind.TRUNCATED, Kind.UNAUTHORIZED, Kind.REDIRECT)
    for number, kind in enumerate(kinds, 1):
        api.fault("number", kind, nth=number)
    async with street(tmp_path, api=api) as town:
        known = None
        async with asyncio.timeout(5):
            while known is None:
                heard = api.state.heard.future()
                known = await town.read(lambda tx: tx.one(str, "published_value", channel="whatsapp", subject="number"))
                if known is None:
                    await asyncio.wait([heard], timeout=0.2)
    assert known == ACCESS.display_phone_number
    assert set(api.fired) == set(kinds)
