"""What is in the books after a run: the supplier's ledger, and what our database says beside it. Reads only."""

import re
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox import Books as Ledger
from bot.sandbox import Sold
from bot.sandbox.customers import customer
from tests.campaign.evidence import Chat
from tests.campaign.stage import DATABASE, DEPOSIT, LEDGER, SUPPLIER_DEPOSIT


@dataclass(frozen=True, slots=True)
class Row:
    """A message on its way out, as we kept it; `first_at` in seconds, 0 if it was never tried."""

    id: int
    ext_id: str
    cause: str
    state: str
    first_at: float
    unknowns: int  # how often its end was not clear


@dataclass(frozen=True, slots=True)
class Books:
    """An account is called by the first of the chats that speak for it, the supplier's deposit ''.

    `stored` are the names under which what people did stands in the inbox, `rows` what was to be said, by platform.
    """

    sales: list[Sold]
    states: dict[str, int]
    accounts: dict[Chat, str]
    deposits: dict[str, int]
    balances: dict[str, int]
    held: dict[str, int]
    stored: dict[str, set[str]]
    rows: dict[str, list[Row]]
    dead: list[str]


def read(folder: Path) -> Books:
    """After the shop was stopped."""
    ledger = Ledger(folder / LEDGER)
    try:
        sales = ledger.sales()
    finally:
        ledger.close()
    with closing(sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True)) as connection:
        accounts, names = _accounts(connection)
        mine = {f"agent:{agent}": value for agent, value in names.items()} | {"vsi:deposit": ""}
        posted = connection.execute("SELECT id, posted, held FROM account").fetchall()
        # what is no whole update may be kept as a dead letter, too: it is nobody's word, and comes again
        spoilt = connection.execute("SELECT id FROM inbox WHERE state = 'dead' AND kind IN ('message', 'tap')")
        return Books(
            sales=sales,
            states=dict(Counter(state for (state,) in connection.execute("SELECT state FROM purchase"))),
            accounts=accounts,
            deposits=dict.fromkeys(names.values(), DEPOSIT) | {"": SUPPLIER_DEPOSIT},
            balances={mine[one]: rupiah if mine[one] else -rupiah for one, rupiah, _ in posted if one in mine},
            held={mine[one]: rupiah for one, _, rupiah in posted if one in mine},
            stored=_stored(connection),
            rows=_rows(connection),
            dead=[f"inbox {one}" for (one,) in spoilt],
        )


def _accounts(connection: sqlite3.Connection) -> tuple[dict[Chat, str], dict[int, str]]:
    """Which account each chat speaks for, and how each agent's account is called."""
    accounts: dict[Chat, str] = {}
    names: dict[int, str] = {}
    for agent, channel, value in connection.execute("SELECT agent_id, channel, value FROM member ORDER BY id"):
        name = names.setdefault(agent, value)
        accounts[int(value) if channel == "telegram" else value] = name
    return accounts, names


def _stored(connection: sqlite3.Connection) -> dict[str, set[str]]:
    stored: dict[str, set[str]] = {}
    found = connection.execute("SELECT channel, ext_id FROM inbox WHERE kind IN ('message', 'tap')")
    for channel, name in found:
        stored.setdefault(channel, set()).add(name)
    return stored


def _rows(connection: sqlite3.Connection) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {}
    found = connection.execute("SELECT channel, id, COALESCE(ext_id, ''), cause, state, first_at, unknowns FROM outbox")
    for channel, number, name, cause, state, first, unknowns in found:
        rows.setdefault(channel, []).append(Row(number, name, cause, state, (first or 0) / 1000, unknowns))
    return rows


def troubles(log: Path) -> list[str]:
    """What went wrong in the shop and nobody had thought of: the last line of each traceback, once."""
    text = log.read_text(encoding="utf-8", errors="replace")
    ends = re.findall(r"Traceback .*\n(?:[ |+].*\n|\n)*(?P<end>\S.*)?", text)
    return [f"logged: {one or 'a traceback'}" for one in sorted(set(ends))]


def leaks(log: Path, secrets: Mapping[str, str], people: Mapping[str, str], sales: list[Sold]) -> list[str]:
    """Secrets, whole tokens, and what names people in what the shop logged; `people` says what each name is."""
    text = log.read_text(encoding="utf-8", errors="replace")
    found = [f"{name} in the log" for name, value in secrets.items() if value in text]
    found += [f"{what} {name} in the log" for name, what in people.items() if name in text]
    found += [f"the customer of {one.msn} in the log" for one in sales if customer(one.msn).name in text]
    digits = re.sub(r"[ -]", "", text)
    return found + [f"token of {one.trxid} in the log" for one in sales if one.tokens[-1] in digits]
