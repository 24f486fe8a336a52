"""The shop under test without an event loop: the real SQLite, the real units, the real workers driven by hand.

A worker's coroutine is run up to its call to the supplier and left there until a test answers, kills it or forgets it.
Every unit runs in the store's own transaction; what it raises is kept for the test to see.
"""

import logging
import sqlite3
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar, cast
from zoneinfo import ZoneInfo

import structlog

from bot.domain.purchase import Purchase
from bot.domain.rules import Shop as Rules
from bot.domain.rules import Waits
from bot.domain.supply import AdviceAnswer, Identity, InquiryAnswer, PayAnswer, Reply, Request
from bot.ports import Tx
from bot.services import people, purchasing
from bot.services.decisions import DecisionError
from bot.services.people import PeopleError
from bot.services.standing import StandingError
from bot.store import migrate, queries
from bot.store.sqlite import SqliteTx, _run, _Unit
from bot.vsi import messages, reading

T = TypeVar("T")
P = ParamSpec("P")

START = 1_795_582_800_000  # 2026-11-25 12:00 WIB
OWNER = ("console", "boss")
CHATS = {"budi": 1, "budi2": 1, "sari": 2, "boss": 0}  # address → agent; Budi has two devices
DEPOSITS = {1: 320_000, 2: 160_000}
SUPPLIER_DEPOSIT = 5_000_000
REBATE = 300
RULES = Rules(
    name="Toko Model",
    owners=(OWNER,),
    rebate=REBATE,
    zone=ZoneInfo("Asia/Jakarta"),
    waits=Waits(advice_gap=0, advice_jitter=0.0),
)
_REFUSALS = (DecisionError, PeopleError, StandingError)


class Died(Exception):
    """A task that ends at a named point."""


class Asked:
    """A request on the wire: the coroutine rests here until somebody answers."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def __await__(self) -> Generator[Request, Reply, Reply]:
        reply = yield self._request
        return reply


@lru_cache(maxsize=4096)
def _payment(reply: Reply) -> PayAnswer:
    return reading.read_payment(reply)


@lru_cache(maxsize=4096)
def _advice(reply: Reply, by_payref: bool) -> AdviceAnswer:
    return reading.read_advice(reply, by_payref)


class Wire:
    """The supplier's client with its real readings and nobody at the other end."""

    identity = Identity("supplier.example", "model")

    async def send(self, request: Request) -> Reply:
        return await Asked(request)

    def masked(self, request: Request) -> str:
        return messages.kept(request)

    def read_inquiry(self, reply: Reply) -> InquiryAnswer:
        return reading.read_inquiry(reply)

    def read_payment(self, reply: Reply) -> PayAnswer:
        return _payment(reply)

    def read_advice(self, reply: Reply, by_payref: bool = False) -> AdviceAnswer:
        return _advice(reply, by_payref)


class Shop:
    """One shop on a database in memory. `now` is what its clock says."""

    workers_made: ClassVar[type[purchasing.Purchasing]] = purchasing.Purchasing

    def __init__(self) -> None:
        self.connection = connect()
        self.statements = queries.load()
        self.wire = Wire()
        self.now = START
        self.dies_at = ""
        self.unexpected: list[BaseException] = []
        self.workers = self._workers()

    def _workers(self) -> purchasing.Purchasing:
        return self.workers_made(
            cast("Any", Stored(self)), self.wire, RULES, lambda: self.now, jitter=lambda: 0.0, point=self._point
        )

    def _point(self, name: str) -> None:
        if name == self.dies_at:
            raise Died(name)

    def restart(self) -> None:
        """Everything in memory is gone."""
        self.workers = self._workers()

    # units

    def run(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a unit exactly as the store does; what it raises leaves nothing behind."""
        waiting = _Unit(lambda tx: unit(tx, *args, **kwargs), cast("Any", None))
        self.commit([waiting])
        if waiting.error is not None:
            raise waiting.error
        return cast("T", waiting.result)

    def commit(self, batch: list[_Unit]) -> None:
        """Run units that share one commit."""
        _run(self.connection, batch, self.statements)
        self.unexpected += [
            one.error for one in batch if one.error is not None and not isinstance(one.error, _REFUSALS)
        ]

    def view(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a unit that only reads."""
        return unit(SqliteTx(self.connection, self.statements), *args, **kwargs)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Look at the tables behind the services' back."""
        return self.connection.execute(statement).fetchall()

    def purchase(self, number: int) -> Purchase:
        """The purchase as it stands."""
        found = self.view(lambda tx: tx.one(Purchase, "purchase_by_id", id=number))
        assert found is not None
        return found

    # workers

    def begin(self, worker: Coroutine[Any, Any, Any]) -> Request | None:
        """Run a worker up to its request; None if it ended without one."""
        try:
            return cast("Request", worker.send(None))
        except StopIteration:
            return None

    def finish(self, worker: Coroutine[Any, Any, Any], reply: Reply, dies_at: str = "") -> None:
        """Answer the request and run the worker to its end, or to the point at which it dies."""
        self.dies_at = dies_at
        try:
            worker.send(reply)
        except StopIteration:
            return
        except Died:
            return
        finally:
            self.dies_at = ""
        raise AssertionError("a worker asked twice")

    def whole(self, worker: Coroutine[Any, Any, T]) -> T:
        """Run a worker that asks nobody."""
        try:
            worker.send(None)
        except StopIteration as end:
            return cast("T", end.value)
        raise AssertionError("a worker asked the supplier")


class Stored:
    """The `Store` port over the shop's connection, without a thread."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def write(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self._shop.run(unit, *args, **kwargs)

    async def read(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self._shop.view(unit, *args, **kwargs)


@contextmanager
def quiet() -> Iterator[None]:
    """No log meanwhile: a campaign's would be a million lines."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)


def connect() -> sqlite3.Connection:
    """A fresh copy of the furnished shop, on the process's one connection."""
    connection = _connection()
    if connection.in_transaction:
        connection.execute("ROLLBACK")
    connection.deserialize(_template())
    return connection


@cache
def _connection() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:", isolation_level=None, cached_statements=512)
    made.execute("PRAGMA foreign_keys = ON")
    return made


@cache
def _template() -> bytes:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    migrate.migrate(connection, START)
    units = [_Unit(_furnish, cast("Any", None))]
    _run(connection, units, queries.load())
    if units[0].error is not None:
        raise units[0].error
    return connection.serialize()


def _furnish(tx: Tx) -> None:
    people.open_shop(tx, RULES, START)
    people.add_agent(tx, "Budi Cell", ("console", "budi"), RULES, START)
    people.add_agent(tx, "Sari Cell", ("console", "sari"), RULES, START)
    people.bind(tx, 1, ("console", "budi2"), RULES, START)
    for agent, amount in DEPOSITS.items():
        people.top_up(tx, people.agent(tx, agent), amount, f"first{agent}", "boss", RULES, START)
    people.top_up_supplier(tx, SUPPLIER_DEPOSIT, "first", "boss", START)
    for address in CHATS:
        people.conversation(tx, "console", address, "id", START)
