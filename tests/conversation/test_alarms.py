"""Alerts as owners live through them: told once, taken on, quietened, and over; in both languages."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import DAY, HOUR, MINUTE
from bot.ports import Tx
from bot.sandbox import Behaviour, Raw
from bot.services import alerts, backups, breaker, people, standing, watch
from bot.services.alerts import Kind
from bot.services.breaker import Position
from tests.world import NOON, SHOP, Said, World, execute, world

METERS = [f"5412345678{digit}" for digit in range(10)]
NO = "<root><status>ERROR</status><rc>{rc:04}</rc><rcm>[{rc}] TIDAK BISA ke:1</rcm></root>"
TWO = dataclasses.replace(SHOP, owners=(("console", "boss"), ("console", "ibu")))


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[World]:
    """A shop with a good backup and two owners who have spoken, the second in English."""
    async with world(tmp_path, shop=TWO, deposit=5_000_000) as made:
        await made.store.write(backups.noted, True, "setrum.age", made.clock())
        await made.say("menu", "boss")
        await made.say("bahasa en", "ibu")
        yield made
        assert await made.violations() == []


async def minute(shop: World, milliseconds: int = MINUTE, deaf: tuple[str, ...] = ()) -> list[Said]:
    """Time passes, what is looked at each minute is looked at; what the owners read then."""
    shop.clock.forward(milliseconds)
    before = len(shop.phone.read)
    await shop.store.write(watch.look, shop.shop, shop.clock(), deaf)
    await shop.settle()
    return [one for one in shop.phone.read[before:] if one.to in ("boss", "ibu")]


async def said(shop: World, text: str, who: str = "boss") -> Said:
    """The one answer to a line."""
    [answer] = await shop.say(text, who)
    return answer


async def tap(shop: World, message: Said, label: str) -> list[Said]:
    """Tap what is offered; what anybody reads then."""
    name = next(name for _, shown, name in message.options if shown == label)
    before = len(shop.phone.read)
    await shop.say(name, message.to)
    return shop.phone.read[before:]


def labels(message: Said) -> list[str]:
    return [label for _, label, _ in message.options]


async def buy(shop: World, meter: str, rc: int | None = None) -> list[str]:
    if rc is not None:
        shop.sandbox.script("PAY", Raw(NO.format(rc=rc).encode()))
    found = [*await shop.keys(f"{meter} 200"), *await shop.keys("bayar")]
    shop.sandbox.script("PAY", None)
    return found


async def leaves(shop: World, rupiah: int) -> None:
    """The books believe that so much is left at the supplier."""
    await shop.store.raw(
        lambda connection: connection.execute("UPDATE account SET posted = ? WHERE id = 'vsi:deposit'", (-rupiah,))
    )


async def repairs(shop: World) -> None:
    """The books as their transfers have them."""
    await execute(
        shop,
        "UPDATE account SET posted = (SELECT SUM(CASE WHEN credit = account.id THEN amount ELSE -amount END)"
        " FROM transfer WHERE account.id IN (debit, credit)) WHERE id = 'vsi:deposit'",
    )


async def test_a_low_deposit_is_told_once_taken_on_by_one_owner_and_over_when_it_is_filled(two: World) -> None:
    await buy(two, METERS[0])
    await leaves(two, 50_000)
    read = await minute(two)
    assert [(one.to, one.key) for one in read] == [("boss", "dep.low"), ("ibu", "dep.low")]
    assert labels(read[0])[-2:] == ["✅ Saya urus", "🔕 Diam 6 jam"]
    assert labels(read[1])[-2:] == ["✅ I take it", "🔕 Quiet 6 h"]
    assert await minute(two) == []
    taken = await tap(two, read[0], "✅ Saya urus")
    assert {(one.to, one.key) for one in taken} == {("boss", "alarm.taken"), ("ibu", "alarm.taken_by")}
    other = next(one for one in taken if one.to == "ibu")
    assert other.text == "✅ console:boss takes on #1: VSI deposit low."
    late = await tap(two, read[1], "✅ I take it")
    assert [one.key for one in late] == ["alarm.taken_before"]
    assert "console:boss" in late[0].text
    assert await minute(two, 7 * HOUR) == []  # whoever has taken it on is not asked again
    assert "taken on by console:boss" in (await said(two, "alerts", "ibu")).text
    await repairs(two)
    over = await minute(two)
    assert [one.key for one in over] == ["alarm.over", "alarm.over"]
    assert over[1].text.startswith("✅ Over: VSI deposit low")
    assert (await said(two, "alarm")).key == "alarm.none"
    assert "selesai" in (await said(two, "alarm riwayat")).text
    assert (await said(two, "alarm urus 1")).key == "alarm.ended"


async def test_what_nobody_takes_on_is_said_once_more_after_six_hours(two: World) -> None:
    await buy(two, METERS[0])
    await leaves(two, 50_000)
    await minute(two)
    assert await minute(two, 5 * HOUR) == []
    again = await minute(two, HOUR)
    assert [one.key for one in again] == ["alarm.still", "alarm.still"]
    assert "belum ada yang mengurus" in again[0].text
    assert "🪫 Deposit VSI" in again[0].text
    assert await minute(two, 12 * HOUR) == []
    await repairs(two)


async def test_a_quiet_kind_is_kept_and_told_when_the_quiet_ends_if_it_still_stands(two: World) -> None:
    await buy(two, METERS[0])
    await leaves(two, 50_000)
    [told, _] = await minute(two)
    [quiet] = await tap(two, told, "🔕 Diam 6 jam")
    assert "diam sampai 18.01" in quiet.text
    [longer] = await tap(two, quiet, "🔕 Sampai besok")
    assert "06.00" in longer.text
    await repairs(two)
    assert await minute(two) == []  # over, without a sound
    await leaves(two, 50_000)
    assert await minute(two) == []  # and again
    shown = await said(two, "alarm")
    assert "diam sampai" in shown.text
    card = await said(two, "alarm 2")
    assert "🔔 Bunyikan lagi" in labels(card)
    assert await minute(two, 17 * HOUR) == []
    heard = await minute(two, HOUR + MINUTE)
    assert [one.key for one in heard] == ["dep.low", "dep.low"]
    await repairs(two)


async def test_a_quiet_that_is_taken_back_lets_it_be_heard_at_once(two: World) -> None:
    await minute(two, deaf=("console",))
    [quiet] = await two.say("alarm diam 1", "boss")
    await minute(two)  # over, and not said
    assert await minute(two, deaf=("console",)) == []
    [sounds] = await tap(two, quiet, "🔔 Bunyikan lagi")
    assert sounds.key == "alarm.sounds"
    heard = await minute(two, deaf=("console",))
    assert [one.key for one in heard] == ["own.channel", "own.channel"]
    assert "Nothing comes in from console" in heard[1].text
    assert [one.key for one in await minute(two)] == ["alarm.over", "alarm.over"]


async def test_where_all_sales_are_at_stake_quiet_lasts_two_hours_and_no_longer(two: World) -> None:
    await buy(two, METERS[0], rc=46)
    stop = [one for one in two.phone.read if one.key == "alarm.stop"]
    assert [one.to for one in stop] == ["boss", "ibu"]
    assert labels(stop[0]) == ["▶️ Coba buka", "✅ Saya urus", "🔕 Diam 2 jam"]
    [quiet] = await tap(two, stop[0], "🔕 Diam 2 jam")
    assert "Lebih lama tidak bisa" in quiet.text
    assert "🔕 Sampai besok" not in labels(quiet)
    longest = await said(two, "alarm diam 1 besok")
    assert "diam sampai 14.0" in longest.text
    await two.say("buka coba", "boss")
    before = len(two.phone.read)
    assert "pay.done" in await buy(two, METERS[1])
    assert [one.key for one in two.phone.read[before:] if one.to == "ibu"] == []  # quiet: nor is its end said


async def test_stopped_sales_are_one_alert_until_a_payment_settles(two: World) -> None:
    await buy(two, METERS[0], rc=46)
    await minute(two)
    await two.say("buka coba", "boss")
    before = len(two.phone.read)
    await buy(two, METERS[1])
    assert [(one.to, one.key) for one in two.phone.read[before:] if one.to != "budi"] == [
        ("boss", "maint.reopened"),
        ("ibu", "maint.reopened"),
    ]
    assert (await said(two, "alarm")).key == "alarm.none"


async def test_an_empty_deposit_is_told_as_such_and_no_longer_as_low(two: World) -> None:
    await buy(two, METERS[0])
    await leaves(two, 50_000)
    await minute(two)
    await leaves(two, 21_600)  # 20.000 with their admin
    assert [one.key for one in await minute(two)] == []
    await leaves(two, 21_599)
    read = await minute(two)
    assert [one.key for one in read] == ["dep.empty", "dep.empty"]
    assert "tidak cukup untuk nominal terkecil" in read[0].text
    assert labels(read[0])[-1] == "🔕 Diam 2 jam"
    standing_now = await two.store.read(alerts.standing)
    assert [one.kind for one in standing_now] == [Kind.EMPTY]
    await repairs(two)
    assert [one.key for one in await minute(two)] == ["alarm.over", "alarm.over"]


async def test_the_deposit_is_measured_by_the_same_weekday_too(two: World) -> None:
    await two.store.write(people.top_up_supplier, 1, "r1", "test", two.clock())
    for meter in METERS[:3]:
        await buy(two, meter)
    await two.later(7 * DAY - HOUR)
    await leaves(two, 450_000)  # nothing sold today, and three sales an hour from now, a week ago
    assert await two.store.read(lambda tx: watch.runway(tx, two.clock())) in (0, HOUR)
    await repairs(two)


async def test_purchases_open_for_long_are_one_alert_and_not_one_each(two: World) -> None:
    for number in range(3):
        await two.store.write(people.bind, 1, ("console", f"b{number}"), two.shop, two.clock())
    two.sandbox.forced = Behaviour.DROP_UNSOLD
    for number in range(3):
        await two.say(f"{METERS[number]} 20", f"b{number}")
        await two.say("bayar", f"b{number}")
    before = len(two.phone.read)
    await two.later(31 * MINUTE)
    told = [one for one in two.phone.read[before:] if one.to == "ibu"]
    assert [one.key for one in told] == ["own.pending"]
    assert "2 other purchases" in told[0].text
    two.sandbox.forced = None
    assert "3×" in (await said(two, "alarm")).text
    await execute(two, "UPDATE purchase SET sent_at = sent_at + 7200000")  # as if they were fresh
    assert [one.key for one in await minute(two)] == ["alarm.over", "alarm.over"]
    await execute(two, "UPDATE purchase SET sent_at = sent_at - 7200000")


async def test_an_odd_code_is_told_once_however_often_it_comes_and_lapses_without_a_word(two: World) -> None:
    for meter in METERS[:2]:
        await buy(two, meter, rc=30)
        two.clock.forward(MINUTE)
    told = [(one.key, one.to) for one in two.phone.read if one.key in ("own.note", "alarm.still")]
    assert told == [("own.note", "boss"), ("own.note", "ibu")]
    assert "2×" in (await said(two, "alarm")).text
    await execute(two, "UPDATE episode SET last_at = last_at - 86400000")
    assert await minute(two) == []
    assert (await said(two, "alarm")).key == "alarm.none"


async def test_what_was_told_before_is_read_page_by_page_to_the_end(two: World) -> None:
    for number in range(19):
        at = NOON + number * HOUR
        values = f"'backup', 'x', '{{}}', 1, {at}, {at}, '', {at}"
        names = "kind, subject, message, times, raised_at, last_at, taken_by, ended_at"
        await execute(two, f"INSERT INTO episode ({names}) VALUES ({values})")  # noqa: S608  # its own
    read, answer = [], await said(two, "alarm riwayat")
    while answer.key == "alarm.history":
        read += [line.split()[0] for line in answer.text.splitlines() if line.startswith("#")]
        nexts = [name for _, label, name in answer.options if label == "Berikutnya"]
        answer = await said(two, nexts[0] if nexts else "alarm riwayat hal 4")
    assert read == [f"#{number}" for number in range(19, 0, -1)]
    assert (answer.key, labels(answer)) == ("hist.end", ["🕘 Riwayat alarm", "🔔 Alarm"])
    assert (await said(two, "alarm history page 3")).text.count("#") == 3


async def test_a_backup_that_failed_is_told_and_a_good_one_ends_it(two: World) -> None:
    await two.store.write(backups.noted, False, "no space left", two.clock())
    read = await minute(two)
    assert [one.key for one in read] == ["own.backup_failed", "own.backup_failed"]
    assert "gagal: no space left" in read[0].text
    await two.store.write(backups.noted, True, "setrum.age", two.clock())
    assert [one.key for one in await minute(two)] == ["alarm.over", "alarm.over"]
    assert await minute(two, 47 * HOUR) == []
    assert [one.key for one in await minute(two, 2 * HOUR)] == ["own.backup_old", "own.backup_old"]


async def test_a_shop_that_sells_and_was_never_backed_up_hears_of_it_after_two_days(two: World) -> None:
    await execute(two, "DELETE FROM backup")
    assert await minute(two, 3 * DAY) == []
    await buy(two, METERS[0])
    assert await minute(two) == []
    assert [one.key for one in await minute(two, 2 * DAY)] == ["own.backup_none", "own.backup_none"]


async def test_wrong_books_and_a_restored_copy_are_alerts_until_the_mode_is_lifted(two: World) -> None:
    await two.store.write(watch.stop_on, ["I1 wrong"], two.shop, two.clock())
    read = await minute(two)
    assert [one.key for one in read] == ["own.violation", "own.violation"]
    assert (await said(two, "buka")).key == "maint.read_only"
    assert "🔴 Stopped since" in (await said(two, "menu", "ibu")).text

    def lift(tx: Tx) -> None:
        standing.lift(tx, "boss", "agrees again", two.clock())

    await two.store.write(lift)
    assert [one.key for one in await minute(two)] == ["alarm.over", "alarm.over"]
    await two.store.write(standing.restrict, "restored", "a copy", two.clock(), two.clock())
    assert [one.key for one in await minute(two)] == ["own.restored", "own.restored"]


async def test_an_owner_who_writes_for_the_first_time_hears_what_stands(tmp_path: Path) -> None:
    async with world(tmp_path, deposit=500_000) as shop:
        await shop.store.write(backups.noted, False, "no space left", shop.clock())
        assert await minute(shop) == []
        await shop.say("menu", "boss")
        assert [one.key for one in await minute(shop)] == ["own.backup_failed"]


async def test_an_alert_that_does_not_exist_leads_to_the_list(two: World) -> None:
    for line in ("alarm 99", "alarm urus", "alarm urus x", "alarm diam 0", "alarm bunyi", "alarm ٣", "alarm x"):
        answer = await said(two, line)
        assert answer.key == "alarm.unknown"
        assert labels(answer) == ["🔔 Alarm"]
    assert (await said(two, "alarm riwayat")).key == "alarm.none_ever"


async def test_what_became_of_an_alert_cannot_be_rewritten(two: World) -> None:
    await minute(two, deaf=("console",))
    for statement in ("UPDATE episode_event SET actor = 'x'", "DELETE FROM episode_event"):
        with pytest.raises(Exception, match="append-only"):
            await execute(two, statement)


async def test_only_owners_read_alerts(two: World) -> None:
    assert await two.keys("alarm") == ["start.agent"]
    assert await two.keys("tutup") == ["start.agent"]
    assert await two.keys("alarm", "stranger") == ["start.customer"]
    assert (await two.store.read(breaker.read)).state is Position.CLOSED
