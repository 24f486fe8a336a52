"""An owner says something to all his agents: shown first, sent once to each, behind everything else, until stopped."""

import pytest

from bot.domain.people import Person, Role
from bot.messaging.channel import Outcome, Pace
from bot.messaging.lineup import Lineup
from bot.messaging.outbox import Class, Outgoing
from bot.ports import Tx
from bot.services import broadcasts, people
from tests.conversation.test_staff import keys, only, tap
from tests.world import World, execute

METER = "54123456789"
SAID = "📢 Toko Uji: Besok tutup jam 3."


async def agents(shop: World, count: int) -> None:
    """So many more agents, each of whom has written once."""

    def made(tx: Tx) -> None:
        for number in range(count):
            name = f"agen{number}"
            people.add_agent(tx, f"Kios {number}", ("console", name), shop.shop, shop.clock())
            people.conversation(tx, "console", name, "id", shop.clock())

    await shop.say("menu")
    await shop.store.write(made)


def read_by(shop: World, key: str = "bc.message") -> list[str]:
    return [one.to for one in shop.phone.read if one.key == key]


async def test_an_owner_tells_all_his_agents_after_he_has_seen_it(shop: World) -> None:
    await agents(shop, 2)
    preview = await only(shop, "umumkan Besok tutup jam 3.")
    assert preview.text == f"👀 Agen akan membaca:\n{SAID}\nKirim ke 3 agen (3 Console)?"
    assert [label for _, label, _ in preview.options] == ["📢 Kirim ke semua", "✖️ Batal"]
    assert read_by(shop) == []
    started, done = await tap(shop, preview, "Kirim")
    assert started.text == "📢 Mulai dikirim ke 3 agen. Jualan tetap didahulukan."
    assert done.text == "📢 Selesai. Terkirim 3 dari 3."
    assert sorted(read_by(shop)) == ["agen0", "agen1", "budi"]
    assert next(one.text for one in shop.phone.read if one.to == "budi" and one.key == "bc.message") == SAID
    assert (await only(shop, "umumkan status")).text == "📢 Selesai. Terkirim 3 dari 3."
    assert "mengumumkan: → 3: Besok tutup jam 3." in (await only(shop, "jejak")).text


async def test_the_words_are_asked_for_and_too_long_ones_refused(shop: World) -> None:
    await shop.say("bahasa en", "boss")
    await shop.say("menu")
    asked = await only(shop, "broadcast")
    assert asked.text.startswith("📢 What do you want to tell all agents?")
    assert (await only(shop, "x" * 801)).text.startswith("The message has 801 characters; 800 at most.")
    assert (await only(shop, "buy early, closed tomorrow")).text.endswith("Agents who get it: 1 (1 Console). Send?")
    assert (await only(shop, "cancel")).key == "start.owner"
    assert read_by(shop) == []


async def test_where_nobody_would_hear_it_nothing_is_asked(shop: World) -> None:
    assert (await only(shop, "umumkan Besok tutup")).key == "bc.nobody"  # Budi has never written


async def test_long_words_arrive_whole(shop: World) -> None:
    await shop.say("menu")
    words = " ".join(["Besok kami tutup jam tiga sore ya."] * 22)
    await tap(shop, await only(shop, f"umumkan {words}"), "Kirim")
    assert [one.text for one in shop.phone.read if one.key == "bc.message"] == [f"📢 Toko Uji: {words}"]


async def test_an_order_typed_instead_of_words_is_an_order(shop: World) -> None:
    await shop.say("umumkan", "boss")
    assert keys(await shop.say(f"{METER} 50", "boss")) == ["buy.pay"]


async def test_whoever_is_no_agent_any_more_does_not_hear_what_waited_for_him(shop: World) -> None:
    await agents(shop, 2)
    boss = Person(2, Role.OWNER, "id", channel="console", address="boss")

    def begun(tx: Tx) -> None:
        broadcasts.begin(tx, "Besok tutup", 0, boss, shop.clock())
        broadcasts.spread(tx, shop.shop, shop.clock())
        leaver = people.find_agent(tx, "Kios 0")
        people.remove(tx, leaver, people.chats(tx, leaver.id)[0], "boss", shop.clock())

    await shop.store.write(begun)
    await shop.settle()
    assert sorted(read_by(shop)) == ["agen1", "budi"]
    assert read_by(shop, "chat.removed") == ["agen0"]


async def test_only_those_who_sold_lately_can_be_meant(shop: World) -> None:
    await agents(shop, 2)
    await shop.say(f"{METER} 50")
    await shop.say("bayar")
    preview = await only(shop, "umumkan Besok tutup jam 3.")
    assert [label for _, label, _ in preview.options][1] == "Aktif 30 hari (1)"
    done = (await tap(shop, preview, "Aktif 30 hari"))[-1]
    assert done.text == "📢 Selesai. Terkirim 1 dari 1."
    assert read_by(shop) == ["budi"]


async def test_cashiers_frozen_agents_and_whoever_cannot_be_reached_are_passed_over_by_name(shop: World) -> None:
    await agents(shop, 3)
    code = (await only(shop, "kasir undang", "budi")).text.split("AGEN ")[1].split()[0]
    await shop.say(f"AGEN {code}", "siti")
    await shop.say("beku A002 ya", "boss")
    await execute(shop, "UPDATE conversation SET away = 1 WHERE handle = 'agen1'")
    shop.phone.outcomes = []
    preview = await only(shop, "umumkan Besok tutup jam 3.")
    assert preview.text.endswith("Kirim ke 3 agen (2 Console · 1 tanpa chat)?")
    done = (await tap(shop, preview, "Kirim"))[-1]
    assert done.text == "📢 Selesai. Terkirim 2 dari 3.\n1 tanpa chat\nBelum membaca: A003"
    assert sorted(read_by(shop)) == ["agen2", "budi"]


async def test_who_is_in_two_chats_hears_it_once(shop: World) -> None:
    await shop.say("menu")
    code = (await only(shop, "kasir chat", "budi")).text.split("AGEN ")[1].split()[0]
    await shop.say(f"AGEN {code}", "budi-rumah")
    await tap(shop, await only(shop, "umumkan Besok tutup jam 3."), "Kirim")
    assert read_by(shop) == ["budi-rumah"]


async def test_an_unclear_send_is_not_sent_again_and_counts_as_failed(shop: World) -> None:
    await agents(shop, 1)
    preview = await only(shop, "umumkan Besok tutup jam 3.")
    shop.phone.outcomes = [Outcome.SENT, Outcome.UNKNOWN]  # the start, then the first agent
    done = (await tap(shop, preview, "Kirim"))[-1]
    assert done.text == "📢 Selesai. Terkirim 1 dari 2.\ngagal 1\nBelum membaca: A001"
    assert sorted(read_by(shop)) == ["agen0", "budi"]


async def put_pages(shop: World) -> int:
    return await shop.store.write(broadcasts.spread, shop.shop, shop.clock())


async def begin(shop: World, text: str = "Besok tutup jam 3.") -> None:
    await shop.say("menu", "boss")
    boss = await shop.store.read(_boss, shop)
    await shop.store.write(broadcasts.begin, text, 0, boss, shop.clock())


def _boss(tx: Tx, shop: World) -> Person:
    chat = people.conversation(tx, "console", "boss", "id", shop.clock())
    return people.person(tx, chat, shop.shop)


async def test_pages_wait_for_each_other_and_stopping_keeps_all_the_rest_back(shop: World) -> None:
    await agents(shop, 700)
    await begin(shop)
    assert await put_pages(shop) == 500
    assert await put_pages(shop) == 0  # those come first
    one = await shop.store.read(broadcasts.going)
    assert one is not None
    assert one.upto == 500
    assert await shop.store.read(lambda tx: broadcasts.begin(tx, "Lagi", 0, _boss(tx, shop), 1)) is None
    await shop.store.write(broadcasts.stop, one, "owner in chat 1", shop.clock())
    assert await put_pages(shop) == 0
    await shop.settle()
    assert read_by(shop) == []


async def test_while_one_is_going_out_another_waits_and_an_old_button_stops_nothing(shop: World) -> None:
    await agents(shop, 300)
    await begin(shop)
    await put_pages(shop)
    await shop.put("umumkan Lagi", "boss")
    await shop.put("umumkan stop 7", "boss")
    await shop.setrum.inbox.work()
    await shop.setrum.inbox.idle()
    one = await shop.store.read(broadcasts.going)
    assert one is not None
    said = [one.key for one in await shop.settle("boss")]
    assert said == ["bc.started", "bc.busy", "bc.progress", "bc.done"]


async def test_a_broadcast_is_stopped_by_tap_and_says_how_far_it_came(shop: World) -> None:
    await agents(shop, 3)
    await begin(shop)
    await put_pages(shop)
    one = await shop.store.read(broadcasts.going)
    assert one is not None
    assert await shop.store.write(broadcasts.stop, one, "owner in chat 1", shop.clock())
    assert not await shop.store.write(broadcasts.stop, one, "owner in chat 1", shop.clock())
    await shop.settle()
    assert read_by(shop) == []
    assert (await only(shop, "umumkan status")).text == "⏹ Dihentikan. Terkirim 0 dari 4."
    assert (await only(shop, "umumkan stop")).text == "⏹ Dihentikan. Terkirim 0 dari 4."


async def test_a_kill_between_sending_and_knowing_repeats_nothing_and_loses_nobody_else(shop: World) -> None:
    await agents(shop, 2)
    await begin(shop)
    await put_pages(shop)
    await execute(shop, "UPDATE outbox SET state = 'sending' WHERE cause = 'broadcast:1:1'")
    for sender in shop.setrum.senders:
        await sender.start()  # the next process
        sender.reload()
    await shop.settle()
    assert sorted(read_by(shop)) == ["agen0", "agen1"]
    done = [one.text for one in shop.phone.read if one.key == "bc.done"]
    assert done == ["📢 Selesai. Terkirim 2 dari 3.\ngagal 1\nBelum membaca: A001"]


@pytest.mark.parametrize("who", ["budi", "stranger"])
async def test_nobody_but_an_owner_says_anything_to_all(shop: World, who: str) -> None:
    assert await shop.keys("umumkan Besok tutup", who) == ["start.agent" if who == "budi" else "start.customer"]


def row(number: int, *, chat: int, broadcast: int | None = None, kind: Class = Class.NOTICE) -> Outgoing:
    return Outgoing(number, chat, "x", "id", kind, "", None, "", None, 0, 0, broadcast_id=broadcast)


def test_a_broadcast_comes_last_in_its_chat_and_at_its_own_pace_across_chats() -> None:
    lineup = Lineup(Pace(broadcast=50))
    for number in range(1, 4):
        lineup.add(row(number, chat=number, broadcast=1), 1_000)
    lineup.add(row(4, chat=1, kind=Class.CRITICAL), 1_000)
    lineup.add(row(5, chat=9), 1_000)
    assert [one.id for one in lineup.take(1_000, 10)] == [4, 5, 2]
    assert lineup.take(1_049, 10) == []
    assert lineup.next_at() == 1_050
    assert [one.id for one in lineup.take(1_050, 10)] == [3]
    lineup.done(row(4, chat=1), 1_100)
    assert [one.id for one in lineup.take(1_100, 10)] == [1]
