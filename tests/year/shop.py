"""The shop of the year: the model test's shop without an event loop, on a file, in a zone, with thirty agents.

Nothing is made durable, for nothing pulls the plug here: the file is closed and opened again instead.
"""

import json
import sqlite3
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot import ids
from bot.app import FLOWS
from bot.conversation import effects, remote
from bot.conversation.engine import Engine
from bot.domain.message import Option
from bot.domain.purchase import Purchase
from bot.domain.rules import Bank, Waits
from bot.domain.rules import Shop as Rules
from bot.domain.supply import Inquire, Inquiry, Reply
from bot.i18n import Catalogues, Renderer
from bot.messaging import inbox
from bot.messaging.event import Event, Kind
from bot.messaging.inbox import Inbound, InboxRow
from bot.ports import Tx
from bot.services import inquiries, people, purchasing
from bot.store import migrate, queries
from tests.simulation.shop import Shop, Stored, Wire

OWNER = ("console", "boss")
REBATE = 300
ZONES = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}
RULES = Rules(
    name="Toko Setahun",
    owners=(OWNER,),
    rebate=REBATE,
    bank=Bank("BANK", "1", "TOKO"),
    known_after_sales=10**9,  # who sells by the chat here is asked for no name
    inquiries_a_day=10**9,
    inquiries_a_minute=10**9,
    waits=Waits(advice_gap=0, advice_jitter=0.0),
)
_RENDERER = Renderer(Catalogues())


class YearShop(Shop):
    """`zone` is one of `ZONES`; the database is the file `path`, new at first."""

    def __init__(self, path: Path, zone: str, now: int) -> None:
        self.path = path
        self.rules = replace(RULES, zone=ZoneInfo(ZONES[zone]))
        self.statements = queries.load()
        self.wire = Wire()
        self.now = now
        self.dies_at = ""
        self.unexpected: list[BaseException] = []
        self._said = 0
        self._open()
        migrate.migrate(self.connection, now)
        self.run(people.open_shop, self.rules, now)
        self.run(people.conversation, *OWNER, "id", now)

    def _open(self) -> None:
        self.connection = sqlite3.connect(self.path, isolation_level=None, cached_statements=512)
        for pragma in (
            "journal_mode = WAL",
            "synchronous = OFF",
            "foreign_keys = ON",
            "cache_size = -65536",
            "temp_store = MEMORY",
        ):
            self.connection.execute(f"PRAGMA {pragma}")
        self.workers = self._workers()
        self.engine = Engine(FLOWS, self.rules, lambda: self.now, _label(self.rules))

    def _workers(self) -> purchasing.Purchasing:
        stored: Any = Stored(self)
        return self.workers_made(stored, self.wire, self.rules, lambda: self.now, jitter=lambda: 0.0)

    def restart(self) -> None:
        """The process ends, and another one opens the file."""
        self.connection.close()
        self._open()

    def seen(self, number: int) -> tuple[str, int | None]:
        """State and admin fee really taken, as the row has it now."""
        query = "SELECT state, sold_adm FROM purchase WHERE id = ?"
        state, adm = self.connection.execute(query, (number,)).fetchone()
        return state, adm

    # talking

    def deliver(self) -> None:
        """Whatever was said has been read: nobody here tests how it is sent."""
        query = "UPDATE outbox SET state = 'sent', claimed_at = ?, sent_at = ? WHERE state IN ('queued', 'unknown')"
        self.connection.execute(query, (self.now, self.now))

    def say(self, address: str, text: str) -> None:
        """One turn of a chat on the console."""
        self.deliver()
        self._said += 1
        item = Inbound("console", f"said:{self._said}", address, text, self._said, self.now)
        self.run(inbox.put, item, self.now)
        self._turns(address)

    def tap(self, address: str, key: str) -> None:
        """Press a button of the latest question."""
        self.say(address, f"{self._latest(address)[0]}.{key}")

    def offered(self, address: str) -> list[str]:
        """What the latest question offers."""
        found = json.loads(self._latest(address)[1])
        return [one["key"] for one in found["options"]]

    def _latest(self, address: str) -> tuple[str, str]:
        query = (
            "SELECT nonce, message FROM step WHERE conversation_id = "
            "(SELECT conversation_id FROM address WHERE channel = 'console' AND value = ?) ORDER BY rowid DESC LIMIT 1"
        )
        found: tuple[str, str] | None = self.connection.execute(query, (address,)).fetchone()
        return found or ("", '{"options": []}')

    def _turns(self, address: str) -> None:
        for row in self.view(_rows, address):
            read = Event(Kind.ANSWER, row.text) if row.kind == "internal" else inbox.plain(row)
            self.run(inbox._handle, self.engine.turn, row, read)

    def ask_supplier(self, address: str, answer: Any) -> None:
        """What a turn ordered of the supplier is done; `answer` makes the reply from the meter number."""
        for ordered, agent in self.view(remote._open, self.rules):
            stored: Any = Stored(self)
            work = inquiries.inquire(stored, self.wire, self.rules, lambda: self.now, ordered.input, agent)
            request = self.begin(work)
            assert isinstance(request, Inquire)
            found = self._ended(work, answer(request.number))
            keep = partial(effects.keep_inquiry, inquiry_id=ids.ulid(), found=found, now=self.now)
            self.run(remote._answered, ordered, keep, self.now)
        self._turns(address)

    def _ended(self, work: Any, reply: Reply) -> Inquiry:
        found: Any = None
        try:
            work.send(reply)
        except StopIteration as end:
            found = end.value
        assert isinstance(found, Inquiry)
        return found

    def last_purchase(self) -> Purchase | None:
        """The newest one."""
        newest = self.connection.execute("SELECT MAX(id) FROM purchase").fetchone()[0]
        return None if newest is None else self.purchase(newest)


def _rows(tx: Tx, address: str) -> list[InboxRow]:
    return tx.all(InboxRow, "inbox_next", channel="console", address=address, most=20)


def _label(rules: Rules) -> Any:
    def label(option: Option, language: str) -> str:
        return _RENDERER.label(option, language, rules.zone)

    return label
