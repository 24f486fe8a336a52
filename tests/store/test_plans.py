"""How the database finds what is asked for: by an index, however much has been sold and said before."""

import re
from itertools import count
from sqlite3 import Connection

import pytest

from bot.services import people
from bot.store import queries
from tests.world import SHOP, World

# as many rows as there are agents, decisions of owners, days of trouble, or things that wait
_SMALL = {
    *("account", "agent", "backup", "batch", "blocked_meter", "breaker", "broadcast", "closing", "episode", "erasure"),
    *("errand", "markup", "member", "nightly_backup", "opening_watch", "pin", "published", "receipt_words", "report"),
    *("report_day", "restriction", "sale_watch", "stray", "ticket"),
}
# what reads a table that grows all the same: left at the first rows that fit, or asked once in a while
_WHOLE = {
    "exchange_latest_payments": "newest first, and left after some",
    "inbox_last_order_key": "newest first, and left at the first",
    "inquiry_prune": "now and then, of what retention keeps for some days",
    "merge_notes": "when two chats turn out to be one",
    "metric_alerts": "one number, from the shortest index",
    "outbox_doubt_restored": "when a copy of the database is put in place",
    "purchase_add": "what refers to it, were such a row owed",
    "purchase_clock_offsets": "newest first, and left after some",
    "purchase_first_at": "oldest first, and left at the first",
    "purchase_latest_meter": "newest first, and left at the first",
    "trail_latest": "newest first, and left after a page",
}
_AUDIT = "check_"  # of everything, on a connection beside the shop's
_STEP = re.compile(r"SCAN (?P<name>\w+)(?: USING (?:COVERING )?INDEX (?P<index>\w+))?")
_NAMED = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+(?P<table>[a-z_]+)(?:\s+(?:AS\s+)?(?P<name>[a-z]+))?")


def _read_whole(connection: Connection, name: str) -> set[str]:
    """The growing tables that the query reads from end to end; an index over the few that wait is no such thing."""
    statement = queries.load()[name]
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    few = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE%INDEX%WHERE%'")}
    named = {one["name"] or one["table"]: one["table"] for one in _NAMED.finditer(statement)}
    values = dict.fromkeys(re.findall(r":(\w+)", statement), 1)
    plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    steps = [step for *_, text in plan if (step := _STEP.match(text)) and step["index"] not in few]
    return {named.get(step["name"], step["name"]) for step in steps} & tables - _SMALL


async def test_nothing_but_what_is_named_reads_a_growing_table_from_end_to_end(shop: World) -> None:
    def read(connection: Connection) -> dict[str, set[str]]:
        asked = [name for name in queries.load() if not name.startswith(_AUDIT)]
        return {name: whole for name in asked if (whole := _read_whole(connection, name))}

    found = await shop.store.raw(read)
    assert {name: whole for name, whole in found.items() if name not in _WHOLE} == {}
    assert set(_WHOLE) - set(found) == set()


@pytest.mark.parametrize("name", ["step_latest", "credited_lately"])
async def test_what_is_newest_is_found_without_reading_what_is_older(shop: World, name: str) -> None:
    await shop.say("menu")
    await shop.store.write(lambda tx: people.top_up(tx, people.find_agent(tx, "A001"), 9, "k", "x", SHOP, shop.clock()))
    before = await shop.store.raw(lambda one: _work(one, name))
    for table, fresh in (("step", "nonce"), ("outbox", "nonce cause"), ("transfer", "idem_key")):
        await shop.store.raw(lambda one, table=table, fresh=fresh: _multiply(one, table, fresh.split()))  # type: ignore[misc]
    assert await shop.store.raw(lambda one: _work(one, name)) < before + 100


def _work(connection: Connection, name: str) -> int:
    """Instructions of the database's own machine that the query takes."""
    spent = count()
    connection.set_progress_handler(lambda: next(spent) and 0, 1)
    try:
        connection.execute(queries.load()[name], {"conversation_id": 1, "most": 5}).fetchall()
    finally:
        connection.set_progress_handler(None, 1)
    return next(spent)


def _multiply(connection: Connection, table: str, fresh: list[str]) -> None:
    """A thousand copies of the table's oldest row, older than any, with names of their own."""
    made = {"id": "i - 100000 + id"} | dict.fromkeys(fresh, f"'{table}' || i")
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    own = [made.get(column, column) for column in columns]
    connection.execute(
        f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"  # noqa: S608  # its own names
        f" INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(own)} FROM n,"
        f" (SELECT * FROM {table} ORDER BY rowid LIMIT 1)"
    )


async def test_who_waits_for_the_supplier_is_found_from_those_few(shop: World) -> None:
    statement = queries.load()["conversation_waiting"]
    plan = await shop.store.raw(
        lambda one: one.execute(f"EXPLAIN QUERY PLAN {statement}", {"since": 1, "channel": "telegram"}).fetchall()
    )
    found = [step for *_, step in plan if " c " in step]
    assert found == ["SEARCH c USING INTEGER PRIMARY KEY (rowid=?)"] * 2


async def test_a_meters_sales_are_found_by_the_meter_and_not_through_all_that_its_agent_has_sold(shop: World) -> None:
    statement = queries.load()["history_of_meter"]
    values = dict.fromkeys(re.findall(r":(\w+)", statement), 1)
    plan = await shop.store.raw(lambda one: one.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall())
    found = {step.split(" (")[0] for *_, step in plan if "SEARCH" in step}
    assert found == {f"SEARCH purchase USING INDEX purchase_by_{name}" for name in ("meter", "idpel")}
