"""A shop's books filled behind its back: many sales with their tokens, holds and entries, in little time."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.clock import DAY

_METERS = 5_000
_PURCHASE = (
    "id, trxid, quote_id, conversation_id, agent_id, order_id, state, ver, msn, idpel, name, tariff_power, refnum, "
    "denomination, adm, markup, fee, price, rebate, confirmed_at, sent_at, settled_at, reason, refused, payref, "
    "advref, paid_at, sold_adm, kwh, vat, local_tax, instalment, stamp_duty, clock_offset, next_at, advices, "
    "negatives, first_negative_at, rechecks, told, claim_code"
)


def fill(database: Path, count: int, first: int, days: int = 30) -> None:
    """So many sales, spread over the days from `first` (epoch ms) on, each with a token and two entries."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for one in range(count):
            _sale(connection, one + 20_001, first + one * days * DAY // count)
        connection.commit()


def _sale(connection: sqlite3.Connection, number: int, at: int) -> None:
    price, digits = 52_000, f"{number:020d}"
    values = (
        number, f"P{number:026d}", f"Q{number}", 1, 1, str(number), "SUCCESS", 5, f"{number % _METERS:011d}",
        f"{number % _METERS:012d}", "BUDI SANTOSA", "R1M/900", "", 50_000, 1_600, 400, 1_400, price, 0, at, at + 100,
        at + 900, "", "", f"{number:032X}", None, at + 800, None, "34,6", 0, 0, 0, 0, 0, None, 0, 0, None, 0, 0, None,
    )  # fmt: skip
    marks = ", ".join("?" * len(values))
    connection.execute(f"INSERT INTO purchase ({_PURCHASE}) VALUES ({marks})", values)  # noqa: S608  # its own names
    connection.execute("INSERT INTO vended_token VALUES (?, 1, ?, 1)", (number, digits))
    for name, credit, amount in (("cost", "vsi:deposit", 51_600), ("margin", "income:margin", 400)):
        entry = (f"sale:{number}:{name}", "agent:1", credit, amount, "sale", number, "", "", at + 900)
        connection.execute(
            "INSERT INTO transfer (idem_key, debit, credit, amount, kind, purchase_id, actor, reason, created_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            entry,
        )
