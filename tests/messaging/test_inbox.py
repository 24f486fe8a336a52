"""Turns that fail: nothing of them is kept, they are tried three times, and nobody else is stopped."""

from pathlib import Path

from structlog.testing import capture_logs

from bot import app, books
from bot.conversation.engine import Engine
from bot.messaging import inbox
from bot.messaging.event import Event
from bot.messaging.inbox import Inbound, Inbox, InboxRow, plain
from bot.messaging.outbox import Class, Outgoing
from bot.ports import Tx
from tests.world import NOON, SHOP


def said(number: int, who: str, text: str) -> Inbound:
    return Inbound("console", f"a:{number}", who, text, number, NOON)


def answers(tx: Tx) -> list[tuple[str, str]]:
    rows = tx.all(Outgoing, "outbox_waiting", channel="console", after=0, most=100)
    assert {one.message_class for one in rows} <= {Class.PROMPT}
    return [(one.address, one.message.key) for one in rows]


async def test_a_turn_that_fails_leaves_nothing_is_tried_three_times_and_stops_nobody(tmp_path: Path) -> None:
    tries = []
    engine = Engine(app.FLOWS, SHOP, lambda: NOON, lambda option, *_: option.key)

    def turn(tx: Tx, row: InboxRow, event: Event) -> bool:
        handled = engine.turn(tx, row, event)
        if event.text == "saldo":
            tries.append(row.attempts)
            raise RuntimeError("a mistake of ours")
        return handled

    async with books.opened(tmp_path / "a.db", SHOP) as store:
        lanes = Inbox(store, turn, engine.apologise, {"console": plain})
        lines = [("budi", "hm"), ("budi", "saldo"), ("budi", "menu"), ("siti", "menu")]
        for number, (who, text) in enumerate(lines):
            await store.write(inbox.put, said(number, who, text), NOON)
        with capture_logs() as logs:
            while await lanes.work():
                await lanes.idle()
        assert tries == [0, 1, 2]
        assert sorted(await store.read(answers)) == sorted(
            [("budi", "in.customer"), ("budi", "in.trouble"), ("budi", "start.customer"), ("siti", "start.customer")]
        )
        assert [one["event"] for one in logs if one["log_level"] == "error"] == ["a turn failed"] * 3
        assert "saldo" not in str(logs)


async def test_what_another_channel_stored_waits_for_a_process_that_can_read_it(tmp_path: Path) -> None:
    engine = Engine(app.FLOWS, SHOP, lambda: NOON, lambda option, *_: option.key)
    async with books.opened(tmp_path / "a.db", SHOP) as store:
        await store.write(inbox.put, said(1, "budi", "menu"), NOON)
        lanes = Inbox(store, engine.turn, engine.apologise, {"telegram": plain})
        assert await lanes.work() == 0
        assert await store.read(lambda tx: tx.one(int, "metric_inbox")) == 1


def unapologetic(_: Tx, __: InboxRow) -> None:
    """Nothing here fails."""


async def test_rows_that_wait_for_an_effect_are_tried_once_until_something_newer_comes(tmp_path: Path) -> None:
    tried: list[str] = []
    is_answered = False

    def turn(tx: Tx, row: InboxRow, event: Event) -> bool:
        tried.append(f"{row.address} {event.text}")
        return is_answered or event.text != "halo"

    async with books.opened(tmp_path / "a.db", SHOP) as store:
        lanes = Inbox(store, turn, unapologetic, {"console": plain})
        for number in range(3):
            await store.write(inbox.put, said(1, "budi", "halo"), NOON)
            await store.write(inbox.put, said(10 + number, "siti", "menu"), NOON)
            await lanes.work()
            await lanes.idle()
        assert tried == ["budi halo", *["siti menu"] * 3]
        is_answered = True
        await store.write(inbox.put, said(2, "budi", "menu"), NOON)
        await lanes.work()
        await lanes.idle()
        assert tried[4:] == ["budi halo", "budi menu"]
        assert await lanes.work() == 0


async def test_one_chat_with_thousands_of_rows_keeps_nobody_behind_it_waiting(tmp_path: Path) -> None:
    handled: list[str] = []

    def turn(tx: Tx, row: InboxRow, event: Event) -> bool:
        handled.append(row.address)
        return row.address != "1"

    def flood(tx: Tx) -> None:
        for number in range(3_000):
            inbox.put(tx, said(number, "1", "halo"), NOON)

    async with books.opened(tmp_path / "a.db", SHOP) as store:
        await store.write(flood)
        await store.write(inbox.put, said(5_000, "2", "menu"), NOON)
        lanes = Inbox(store, turn, unapologetic, {"console": plain})
        await lanes.work()
        await lanes.idle()
        assert handled.count("2") == 1
        await store.write(inbox.put, said(5_001, "0", "menu"), NOON)
        await lanes.work()
        await lanes.idle()
        assert handled.count("0") == 1
