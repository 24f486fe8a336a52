"""Each alert as two owners live through it, one in each language: told once, taken on, quietened, over, remembered.

What must be played is read from the code: a kind, or a message of a kind, that no dialogue plays fails the last tests.
"""

import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.clock import DAY, HOUR, MINUTE
from bot.messaging.channel import Outcome
from bot.messaging.event import Event, Malformed
from bot.messaging.inbox import InboxRow, plain
from bot.ports import Tx
from bot.sandbox import Behaviour, Raw
from bot.services import alerts, backups, people, standing, watch
from bot.services.alerts import Kind
from tests.conversation.test_alarms import METERS, TWO, buy, labels, leaves, minute, repairs, said, tap
from tests.world import Phone, Said, World, execute, world

NO_SALE = Raw(b"<root><status>ERROR</status><rc>0096</rc><rcm>[96] TIDAK DITEMUKAN ke:1</rcm></root>")
REFUSED = Raw(b"<root><status>ERROR</status><rc>0030</rc><rcm>[30] SALAH ke:1</rcm></root>")
TIMED_OUT = Raw(b"<root><status>ERROR</status><rc>0068</rc><rcm>[68] TIMEOUT ke:1</rcm></root>")
OWNERS = ("boss", "ibu")
Step = Callable[[World], Awaitable[object]]


class Torn(Phone):
    """A console of which one message cannot be read."""

    @staticmethod
    def parse(row: InboxRow) -> Event:
        found = plain(row)
        if found.text == "rusak":
            raise Malformed("torn on its way")
        return found


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[World]:
    """A shop with a good backup and two owners who have spoken, the second in English."""
    async with world(tmp_path, shop=dataclasses.replace(TWO, unclear_run=3), phone=Torn(), deposit=5_000_000) as made:
        await made.store.write(backups.noted, True, "setrum.age", made.clock())
        await made.say("menu", "boss")
        await made.say("bahasa en", "ibu")
        yield made
        await repairs(made)
        assert await made.violations() == []


# what happens in the world


async def books_wrong(shop: World) -> None:
    await buy(shop, METERS[0])
    await leaves(shop, 5_000_000)
    found = await shop.store.read(watch.find_violations, shop.clock() + HOUR)
    assert found
    await shop.store.write(watch.stop_on, found, shop.shop, shop.clock())


async def a_copy_restored(shop: World) -> None:
    await shop.store.write(standing.restrict, "restored", "a copy", shop.clock(), shop.clock())


async def lifted(shop: World) -> None:
    def lift(tx: Tx) -> None:
        standing.lift(tx, "boss", "agrees again", shop.clock())

    if await shop.store.raw(lambda run: run.execute("SELECT COUNT(*) FROM purchase").fetchone()[0]):
        await repairs(shop)
    await shop.store.write(lift)


async def supplier_misconfigured(shop: World) -> None:
    await buy(shop, METERS[0], rc=46)


async def supplier_silent(shop: World) -> None:
    shop.sandbox.forced = Behaviour.DROP_SOLD
    shop.sandbox.script("ADV", NO_SALE)
    for number in range(shop.shop.unclear_run):
        await shop.store.write(people.bind, 1, ("console", f"b{number}"), shop.shop, shop.clock())
        await shop.say(f"{METERS[number]} 20", f"b{number}")
        await shop.say("bayar", f"b{number}")
    shop.sandbox.forced = None


async def stopped_before_there_were_alerts(shop: World) -> None:
    await supplier_misconfigured(shop)
    await execute(shop, "UPDATE episode SET ended_at = raised_at, told_at = NULL")


async def one_is_sold(shop: World) -> None:
    shop.sandbox.script("ADV", None)
    await shop.later(10 * MINUTE)
    await shop.say("buka coba", "boss")
    await buy(shop, METERS[9])


async def deposit_low(shop: World) -> None:
    await buy(shop, METERS[0])
    await leaves(shop, 50_000)


async def deposit_empty(shop: World) -> None:
    await buy(shop, METERS[0])
    await leaves(shop, 19_999)


async def open_for_long(shop: World) -> None:
    shop.sandbox.script("ADV", NO_SALE)
    shop.sandbox.force(Behaviour.DROP_SOLD)
    await buy(shop, METERS[0])
    await shop.later(31 * MINUTE)


async def another_open_for_long(shop: World) -> None:
    await shop.store.write(people.bind, 1, ("console", "dua"), shop.shop, shop.clock())
    shop.sandbox.force(Behaviour.DROP_SOLD)
    await shop.say(f"{METERS[1]} 20", "dua")
    await shop.say("bayar", "dua")
    await execute(shop, "UPDATE purchase SET sent_at = sent_at - 1860000 WHERE id = (SELECT MAX(id) FROM purchase)")
    await shop.later(0)


async def all_is_found(shop: World) -> None:
    shop.sandbox.script("ADV", None)
    await shop.later(HOUR)
    assert not any(one.is_open for one in await shop.purchases())


async def advices_refused(shop: World) -> None:
    shop.sandbox.script("ADV", REFUSED)
    shop.sandbox.force(Behaviour.DROP_SOLD)
    await buy(shop, METERS[0])
    for _ in range(8):
        await shop.later(MINUTE)


async def advices_again_refused(shop: World) -> None:
    await shop.later(MINUTE)


async def an_odd_code(shop: World) -> None:
    await buy(shop, METERS[0], rc=30)


async def that_code_again(shop: World) -> None:
    await buy(shop, METERS[1], rc=30)


async def clocks_differ(shop: World) -> None:
    await buy(shop, METERS[0])
    await execute(shop, "UPDATE purchase SET clock_offset = 90000")


async def clocks_agree(shop: World) -> None:
    await execute(shop, "UPDATE purchase SET clock_offset = 1000")


async def backup_failed(shop: World) -> None:
    await shop.store.write(backups.noted, False, "no space left", shop.clock())


async def backup_made(shop: World) -> None:
    await shop.store.write(backups.noted, True, "setrum.age", shop.clock())


async def two_days_without_backup(shop: World) -> None:
    await shop.later(49 * HOUR)


async def never_backed_up(shop: World) -> None:
    await execute(shop, "DELETE FROM backup")
    await buy(shop, METERS[0])
    await shop.later(2 * DAY)


def comes_back(outcome: Outcome) -> Step:
    async def answered_so(shop: World) -> None:
        shop.phone.outcomes = [outcome]
        await shop.say("menu", "budi")
        shop.phone.outcomes = []

    return answered_so


async def one_unreadable(shop: World) -> None:
    await shop.say("rusak", "budi")


async def platform_warns(shop: World) -> None:
    def note(tx: Tx) -> None:
        tx.run("alert_add", kind="own.platform", purchase_id=None, detail="quality low", created_at=shop.clock())

    await shop.store.write(note)


async def a_day_passes(shop: World, kind: Kind) -> None:
    """For messages it does; a purchase in doubt would be told for other reasons meanwhile."""
    if kind is Kind.MESSAGES:
        shop.clock.forward(DAY + HOUR)
    else:
        await execute(shop, "UPDATE episode SET last_at = last_at - 90000000")


async def nothing(_: World) -> None:
    return


@dataclasses.dataclass(frozen=True)
class Trouble:
    """A kind, what it says and in which words, what makes it happen, repeat and end (None: it lapses unsaid)."""

    kind: Kind
    key: str
    words: tuple[str, str]
    happens: Step
    ends: Step | None
    repeats: Step = nothing
    over: str = "alarm.over"
    deaf: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.key


TROUBLES = (
    Trouble(Kind.BOOKS, "own.violation", ("pembukuan", "books"), books_wrong, lifted),
    Trouble(Kind.BOOKS, "own.restored", ("salinan", "restored copy"), a_copy_restored, lifted),
    Trouble(
        Kind.STOP, "alarm.stop", ("BERHENTI", "STOPPED"), supplier_misconfigured, one_is_sold, over="maint.reopened"
    ),
    Trouble(
        Kind.STOP, "alarm.silent", ("berturut-turut", "in a row"), supplier_silent, one_is_sold, over="maint.reopened"
    ),
    Trouble(
        Kind.STOP,
        "alarm.stopped",
        ("BERHENTI sejak", "STOPPED since"),
        stopped_before_there_were_alerts,
        one_is_sold,
        over="maint.reopened",
    ),
    Trouble(Kind.EMPTY, "dep.empty", ("tidak cukup", "not enough"), deposit_empty, repairs),
    Trouble(Kind.DEPOSIT, "dep.low", ("Deposit VSI", "VSI deposit"), deposit_low, repairs),
    Trouble(
        Kind.PENDING, "own.pending", ("Budi Cell", "Budi Cell"), open_for_long, all_is_found, another_open_for_long
    ),
    Trouble(
        Kind.ADVICE, "own.refused", ("VSI_ADV_TRXID", "VSI_ADV_TRXID"), advices_refused, None, advices_again_refused
    ),
    Trouble(Kind.NOTE, "own.note", ("30", "30"), an_odd_code, None, that_code_again),
    Trouble(
        Kind.CHANNEL,
        "own.channel",
        ("Tidak ada pesan yang masuk", "Nothing comes in"),
        nothing,
        nothing,
        deaf=("console",),
    ),
    Trouble(Kind.CLOCK, "own.clock", ("90", "90"), clocks_differ, clocks_agree),
    Trouble(
        Kind.BACKUP, "own.backup_failed", ("no space left", "no space left"), backup_failed, backup_made, backup_failed
    ),
    Trouble(Kind.BACKUP, "own.backup_old", ("terakhir", "last"), two_days_without_backup, backup_made),
    Trouble(Kind.BACKUP, "own.backup_none", ("belum pernah", "never"), never_backed_up, backup_made),
    Trouble(
        Kind.MESSAGES,
        "own.unsendable",
        ("platform chat", "chat platform"),
        comes_back(Outcome.REFUSED),
        None,
        comes_back(Outcome.REFUSED),
    ),
    Trouble(
        Kind.MESSAGES,
        "own.held",
        ("menahan 1", "held back 1"),
        comes_back(Outcome.HELD),
        None,
        comes_back(Outcome.HELD),
    ),
    Trouble(
        Kind.MESSAGES,
        "own.unreadable",
        ("tidak bisa dibaca", "could not be read"),
        one_unreadable,
        None,
        one_unreadable,
    ),
    Trouble(Kind.MESSAGES, "own.platform", ("mengirim 1", "today: 1"), platform_warns, None, platform_warns),
)


async def heard(shop: World, step: Step, deaf: tuple[str, ...] = ()) -> list[Said]:
    """What owners read of what happens, and of the look a minute later, but for answers to their own words."""
    before = len(shop.phone.read)
    await step(shop)
    await minute(shop, deaf=deaf)
    answers = ("maint.tried", "pay.")
    return [one for one in shop.phone.read[before:] if one.to in OWNERS and not one.key.startswith(answers)]


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
async def test_an_alert_is_told_once_taken_on_quietened_and_over(two: World, trouble: Trouble) -> None:
    read = [one for one in await heard(two, trouble.happens, trouble.deaf) if one.key == trouble.key]
    assert [one.to for one in read] == list(OWNERS)
    for message, words in zip(read, trouble.words, strict=True):
        assert words.casefold() in message.text.casefold()
    assert labels(read[0])[-2] == "✅ Saya urus"
    assert labels(read[1])[-2] == "✅ I take it"
    # repeated: counted, not said
    again = await heard(two, trouble.repeats, trouble.deaf)
    assert [one.key for one in again if one.key == trouble.key] == []
    # taken on by one, and the other reads by whom and what
    taken = await tap(two, read[0], "✅ Saya urus")
    assert [(one.to, one.key) for one in taken] == [("boss", "alarm.taken"), ("ibu", "alarm.taken_by")]
    assert "console:boss takes on #" in taken[1].text
    assert len(taken[0].options) == len(read[0].options) - 1  # its own way out stays at hand, and the list
    # quietened by the other, and heard again by a tap
    [quiet] = await tap(two, read[1], labels(read[1])[-1])
    assert quiet.key == "alarm.quiet"
    assert ("No longer than that" in quiet.text) == trouble.kind.is_urgent
    assert await heard(two, nothing, trouble.deaf) == []
    [sounds] = await tap(two, quiet, "🔔 Sound again")
    assert sounds.key == "alarm.sounds"
    # over: said once, to both, or gone without a word where nobody can see its end
    if trouble.ends is None:
        await a_day_passes(two, trouble.kind)
        assert await heard(two, nothing) == []
    else:
        assert sorted((one.to, one.key) for one in await heard(two, trouble.ends)) == [
            (who, trouble.over) for who in OWNERS
        ]
    assert await heard(two, nothing) == []
    # and remembered with all that became of it
    assert (await said(two, "alarm")).key == "alarm.none"
    history = await said(two, "alerts history", "ibu")
    assert " over " in history.text
    shown = await said(two, f"alarm {await latest(two, trouble.kind)}", "ibu")
    for step in ("rose", "told", "taken on by console:boss", "quietened by console:ibu", "over"):
        assert step in shown.text, step


async def latest(shop: World, kind: Kind) -> int:
    """The number of the newest alert of a kind."""
    return next(one.id for one in await shop.store.read(alerts.latest, 20) if one.kind == kind)
