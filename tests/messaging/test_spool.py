"""Files wait in a folder beside the database: for us alone, until their row needs them no longer."""

import stat
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot import books
from bot.clock import DAY, MINUTE
from bot.domain.message import File, Message, Text
from bot.messaging import outbox
from bot.messaging.channel import Outcome, Result
from bot.messaging.outbox import Outgoing
from bot.messaging.sender import Sender
from bot.messaging.spool import Spool
from bot.ports import Tx
from bot.services import people
from tests.world import NOON, SHOP, Phone

SAID = Message(Text("lang.done"), files=(File("1-1.csv", "sales.csv", "text/csv"),))


@dataclass
class Desk(Phone):
    """Whoever takes files reads them at once."""

    took: list[tuple[str, bytes]] = field(default_factory=list)

    async def send(self, outgoing: Outgoing, message: Message) -> Result:
        named = zip(message.files, outgoing.paths, strict=True)
        self.took += [(file.name, path.read_bytes()) for file, path in named]
        return await super().send(outgoing, message)


def say(tx: Tx) -> None:
    chat = people.conversation(tx, "console", "boss", "id", NOON)
    outbox.put(tx, chat.id, SAID, NOON, cause="export")


async def test_a_message_brings_its_files_which_then_leave_the_spool(tmp_path: Path) -> None:
    async with books.opened(tmp_path / "a.db", SHOP, now=lambda: NOON) as store:
        spool, desk = Spool(store.path), Desk(outcomes=[Outcome.NOT_SENT])
        sender = Sender(store, desk, lambda: NOON, SHOP.waits, spool)
        spool.keep("1-1.csv", b"a,b", NOON)
        path = spool.path("1-1.csv")
        assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
        await store.write(say)
        await sender.work()
        assert desk.took == [("sales.csv", b"a,b")] * 2  # refused once, and tried again with the same file
        assert not path.exists()


async def test_a_row_whose_file_is_gone_says_so(tmp_path: Path) -> None:
    async with books.opened(tmp_path / "a.db", SHOP, now=lambda: NOON) as store:
        desk = Desk()
        await store.write(say)
        await Sender(store, desk, lambda: NOON, SHOP.waits, Spool(store.path)).work()
        assert [said.key for said in desk.read] == ["file.gone"]


def test_what_nobody_came_for_goes_after_a_day(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "a.db")
    assert spool.sweep(NOON) == 0
    spool.keep("old.csv", b"a", NOON)
    spool.keep("new.csv", b"b", NOON + DAY)
    assert spool.sweep(NOON + DAY + MINUTE) == 1
    assert [path.name for path in spool.folder.iterdir()] == ["new.csv"]


@pytest.mark.parametrize("key", ["../a.db", "/etc/passwd", "", ".hidden", "a/b.csv", "a.csv~", "a\n.csv", "a..csv"])
def test_a_key_is_never_a_path(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        Spool(tmp_path / "a.db").path(key)
