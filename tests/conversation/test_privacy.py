"""A customer has himself forgotten, as the dialogue that he has; and what of him is in the file afterwards: nothing."""

from pathlib import Path

import pytest

from bot.clock import DAY, HOUR, MINUTE
from bot.domain.purchase import Purchase
from bot.messaging.channel import Outcome
from bot.services import addresses, retention
from tests import file
from tests.services import sightings
from tests.services.sightings import N1, N2, P1, P2, rows
from tests.world import Said, World, world

METER = "54123456789"


def keys(said: list[Said]) -> list[str]:
    return [one.key for one in said]


async def sold(shop: World, order: str = f"{METER} 50") -> Purchase:
    await shop.say(order)
    await shop.say("bayar")
    return (await shop.purchases())[-1]


async def forgotten(shop: World) -> None:
    """What the worker does every ten minutes."""
    while await shop.store.write(retention.forget, shop.shop, shop.clock()):
        pass
    assert await shop.store.scrub()


def traces(shop: World, *words: str) -> list[str]:
    """Which of the words stand anywhere in the database's files."""
    return file.traces(shop.store.path, *words)


async def test_a_customer_is_asked_and_then_a_stranger(shop: World) -> None:
    sale = await sold(shop)
    await shop.say(f"klaim {sale.claim_code}", "siti")
    await shop.say(f"ingat {sale.sale}", "siti")
    assert keys(await shop.say(METER, "siti")) == ["rec.known"]
    [asked] = await shop.say("hapus", "siti")
    assert asked.text.startswith("🗑 Hapus data Anda di toko ini?")
    assert "pembelian di pembukuan toko" in asked.text
    assert [label for _, label, _ in asked.options] == ["🗑 Ya, hapus", "✖️ Batal"]
    [done] = await shop.say(asked.options[0][2], "siti")
    assert done.text.startswith("🗑 Sudah dihapus.")
    assert keys(await shop.say(METER, "siti")) == ["rec.proof"]
    assert keys(await shop.say(f"struk {sale.sale}", "siti")) == ["start.customer", "rec.proof"]
    assert keys(await shop.say(f"klaim {sale.claim_code}", "siti")) == ["token.only", "rec.found"]
    assert await shop.violations() == []


async def test_in_english_by_typed_words_and_as_often_as_one_likes(shop: World) -> None:
    await shop.say("bahasa en", "siti")
    for words in ("delete", "erase", "hapus"):
        [asked] = await shop.say(words, "siti")
        assert asked.text.startswith("🗑 Delete what this shop has about you?")
        [done] = await shop.say("yes", "siti")
        assert done.text.startswith("🗑 Deleted.")


async def test_whoever_says_no_keeps_everything(shop: World) -> None:
    sale = await sold(shop)
    await shop.say(f"klaim {sale.claim_code}", "siti")
    await shop.say(f"ingat {sale.sale}", "siti")
    await shop.say("hapus", "siti")
    assert keys(await shop.say("batal", "siti")) == ["start.customer"]
    await forgotten(shop)
    assert keys(await shop.say(METER, "siti")) == ["rec.known"]


async def test_nothing_of_him_is_left_in_the_file_and_the_sale_is(shop: World) -> None:
    sale = await sold(shop, f"50.{METER}.1234.0{N1[2:]}")
    for words in (METER, "1", f"ingat {sale.sale}", "Halo, saya Siti Rahayu", "minta 54123456780"):
        await sightings.says(shop, words, N1, P1)
    told = "Siti Rahayu", N1, P1, f"whatsapp:{N1}"
    assert traces(shop, *told[:3]) == list(told[:3])
    await sightings.says(shop, "hapus", N1, P1)
    assert await sightings.keys(shop, "ya", N1, P1) == ["privacy.done"]
    assert await rows(shop, "SELECT COUNT(*) FROM sale_phone") == [(0,)]
    assert await rows(shop, "SELECT DISTINCT body FROM inbox WHERE address = ?", N1) == [('{"text": ""}',)]
    await forgotten(shop)
    assert traces(shop, "Siti Rahayu") == []
    assert await rows(shop, "SELECT value FROM address WHERE kind = 'number'") == [(N1,)]  # a request still counts
    shop.clock.forward(7 * DAY)
    await forgotten(shop)
    assert traces(shop, *told) == []
    assert traces(shop, METER, "BUDI SANTOSA") == [METER, "BUDI SANTOSA"]  # the books
    assert await shop.violations() == []


async def test_what_a_customer_proves_with_is_not_kept_beyond_his_talk(shop: World) -> None:
    sale = await sold(shop)
    for words in (METER, "0000 50", f"{str(sale.payref)[-4:]} 50"):
        assert await rows(
            shop,
            "SELECT COUNT(*) FROM session_log l JOIN session s ON s.id = l.session_id "
            "WHERE s.flow = 'recover' AND s.state <> 'open'",
        ) == [(0,)]
        last = await shop.say(words, "siti")
    assert keys(last) == ["token.only", "rec.found"]
    await shop.say(METER, "siti")
    await shop.say("batal", "siti")
    assert (
        await rows(
            shop, "SELECT l.value FROM session_log l JOIN session s ON s.id = l.session_id WHERE s.flow = 'recover'"
        )
        == []
    )


async def test_the_seller_who_was_asked_is_no_longer_told_by_whom(shop: World) -> None:
    await sold(shop)
    await sightings.says(shop, f"minta {METER}", N1, P1)
    await shop.settle()
    [request] = [one for one in shop.phone.read if one.key == "rec.request"]
    assert N1 in request.text
    await sightings.says(shop, "hapus", N1, P1)
    await sightings.says(shop, "ya", N1, P1)
    assert await rows(shop, "SELECT COUNT(*) FROM outbox WHERE content LIKE ?", f"%{N1}%") == [(0,)]
    assert await rows(shop, "SELECT COUNT(*) FROM step WHERE message LIKE ?", f"%{N1}%") == [(0,)]
    assert keys(await shop.say(request.options[0][2])) == ["in.stale", "start.agent"]
    assert keys(await shop.say("kirim 1")) == ["hist.none"]
    await sightings.says(shop, f"minta {METER}", N1, P1)  # which was asked today already
    await shop.settle()
    assert keys(shop.phone.read).count("rec.request") == 1


async def test_nobody_gets_new_tries_by_being_forgotten(shop: World) -> None:
    await sold(shop)
    await shop.say(METER, "siti")
    for _ in range(5):
        await shop.say("0000 50", "siti")
    await shop.say("hapus", "siti")
    await shop.say("ya", "siti")
    await forgotten(shop)
    await shop.say(METER, "siti")
    assert keys(await shop.say("0000 50", "siti")) == ["rec.locked"]
    await shop.say("hapus", "siti")
    await shop.say("ya", "siti")
    shop.clock.forward(HOUR)
    await forgotten(shop)
    assert await rows(shop, "SELECT value FROM address WHERE value = 'siti'") == []


async def test_the_answer_arrives_before_the_name_goes(shop: World) -> None:
    await shop.say("hapus", "rahayu")
    shop.phone.outcomes = [Outcome.AWAY]
    await shop.put("ya", "rahayu")
    await shop.setrum.inbox.work()
    await shop.setrum.inbox.idle()
    await forgotten(shop)
    assert await rows(shop, "SELECT value FROM address WHERE value = 'rahayu'") == [("rahayu",)]
    shop.phone.outcomes = []
    assert "privacy.done" in keys(await shop.settle("rahayu"))
    await forgotten(shop)
    assert await rows(shop, "SELECT value FROM address WHERE value = 'rahayu'") == []
    assert traces(shop, "rahayu") == []
    assert keys(await shop.say("halo", "rahayu")) == ["start.customer"]
    assert len(await rows(shop, "SELECT id FROM conversation WHERE handle = 'rahayu'")) == 1


async def test_whoever_begins_anew_at_once_is_not_interrupted(shop: World) -> None:
    sale = await sold(shop)
    await shop.say("hapus", "siti")
    await shop.say("ya", "siti")
    [asked] = await shop.say(METER, "siti")
    await forgotten(shop)
    assert keys(await shop.say(asked.options[2][2], "siti")) == ["rec.code"]
    await forgotten(shop)
    assert keys(await shop.say(str(sale.claim_code), "siti")) == ["token.only", "rec.found"]
    await shop.say(f"ingat {sale.sale}", "siti")
    shop.clock.forward(2 * DAY)
    await forgotten(shop)
    assert keys(await shop.say(METER, "siti")) == ["rec.known"]


async def test_a_token_on_its_way_to_him_is_not_sent_any_more(shop: World) -> None:
    sale = await sold(shop)
    shop.phone.outcomes = [Outcome.AWAY, Outcome.AWAY]
    await shop.say(f"klaim {sale.claim_code}", "siti")
    said = [*await shop.say("hapus", "siti"), *await shop.say("ya", "siti"), *await shop.say("halo", "siti")]
    assert keys(said)[-2:] == ["privacy.done", "start.customer"]
    shop.clock.forward(HOUR)
    await forgotten(shop)
    assert await rows(shop, "SELECT COUNT(*) FROM outbox WHERE state IN ('queued', 'unknown', 'parked')") == [(0,)]


@pytest.mark.parametrize("who", ["budi", "boss"])
async def test_who_sells_is_told_whose_matter_it_is(shop: World, who: str) -> None:
    await sold(shop)
    [said] = await shop.say("hapus", who)
    assert said.key == ("privacy.seller" if who == "budi" else "privacy.owner")
    assert "14 hari" in said.text
    assert "90 hari" in said.text
    await forgotten(shop)
    assert keys(await shop.say("menu", who)) == [f"start.{'agent' if who == 'budi' else 'owner'}"]
    assert await rows(shop, "SELECT COUNT(*) FROM erasure") == [(0,)]


async def test_whoever_joined_an_account_since_keeps_his_name(shop: World) -> None:
    await shop.say("hapus", "siti")
    shop.phone.outcomes = []
    await shop.put("ya", "siti")
    code = (await shop.say("kasir chat"))[0].text.split("AGEN ")[1][:10]
    await shop.say(f"AGEN {code}", "siti")
    await forgotten(shop)
    assert keys(await shop.say("menu", "siti")) == ["start.agent"]
    assert await rows(shop, "SELECT COUNT(*) FROM erasure") == [(0,)]


async def test_a_number_that_changed_hands_still_proves_nothing_once_its_holder_was_forgotten(shop: World) -> None:
    await sold(shop, f"50.{METER}.1234.0{N1[2:]}")
    await sightings.says(shop, "halo", N1, P1)
    await sightings.says(shop, "halo", N1, P2)  # somebody else has the number now
    await sightings.says(shop, "hapus", N1, P2)
    assert await sightings.keys(shop, "ya", N1, P2) == ["privacy.done"]
    shop.clock.forward(MINUTE)
    await forgotten(shop)
    await sightings.says(shop, METER, N1, P2)
    assert await sightings.keys(shop, "1", N1, P2) == ["rec.own"]
    assert await rows(shop, "SELECT phone FROM sale_phone") == [(N1,)]  # not his to take


async def test_two_chats_that_turned_out_to_be_one_persons_are_both_forgotten(shop: World) -> None:
    await sightings.says(shop, "saya Rahayu Satu", N2)
    await sightings.says(shop, "saya Rahayu Dua", "", P2)
    await sightings.says(shop, "halo", N2, P2)
    await sightings.says(shop, "hapus", N2, P2)
    await sightings.says(shop, "ya", N2, P2)
    await forgotten(shop)
    assert traces(shop, "Rahayu Satu", "Rahayu Dua", N2, P2) == []


async def test_many_long_texts_leave_nothing_between_the_pages(tmp_path: Path) -> None:
    """Rows move while others come and go: what they leave behind is overwritten, too."""
    async with world(tmp_path) as shop:
        for number in range(40):
            for who in ("rahayu", "ani"):
                await shop.say(f"{who.upper()}-{number} " + f"surat{who} " * (5 + number * 7 % 90), who)
            if number % 10 == 9:
                shop.clock.forward(DAY)
        assert traces(shop, "suratrahayu", "suratani") == ["suratrahayu", "suratani"]
        for who in ("rahayu", "ani"):
            await shop.say("hapus", who)
            await shop.say("ya", who)
            await forgotten(shop)
            assert traces(shop, f"surat{who}", who) == []


async def test_a_change_of_number_afterwards_finds_nobody(shop: World) -> None:
    await sightings.says(shop, "halo", N1, P1)
    await sightings.says(shop, "hapus", N1, P1)
    await sightings.says(shop, "ya", N1, P1)
    await forgotten(shop)
    await shop.store.write(addresses.renumber, "console", N1, N2, shop.shop, shop.clock())
    assert await rows(shop, "SELECT value FROM address WHERE kind <> ''") == []
    assert await sightings.keys(shop, "halo", N1, P1) == ["start.customer"]
