"""A database with so many purchases: one is made by the whole shop, and its rows are copied by SQL.

Each copy has what makes it its own: number, time, agent, meter, token, references. Keys that chance makes are random
here, too, so that indexes are as full as in life; everything else stands as the shop wrote it. What retention would
have emptied is empty.
"""

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from bot.store import migrate

DAY = 86_400_000
A_DAY = 30_000
FIRST = 20_000  # the number of the first copy
AGENTS = 300
_CHUNK = 200_000
_OFTEN = "CASE n % 10 WHEN 0 THEN 200000 WHEN 1 THEN 100000 WHEN 2 THEN 100000 WHEN 3 THEN 20000 WHEN 4 THEN 20000 "
_NOMINAL = f"{_OFTEN} WHEN 5 THEN 20000 ELSE 50000 END"


@dataclass(frozen=True, slots=True)
class Plan:
    """`purchases` in all, the last of them just before `now`, which is 22.00 in WIB.

    A `lean` one has purchases, tokens and the tally alone: what is asked for here stands in them, and the rest of a
    purchase (transfers, holds, movements, messages, talks, the supplier's answers) only fills the disk.
    """

    purchases: int
    now: int
    lean: bool = False

    @property
    def meters(self) -> int:
        """Each buys some six times."""
        return self.purchases // 6 + 1


_FRESH = "upper(hex(randomblob(16)))"
_ULID = "printf('%010d', at / 1000) || upper(hex(randomblob(8)))"
_DIGITS = "printf('%010d%010d', abs(random()) % 10000000000, abs(random()) % 10000000000)"
_FAILED = "n % 40 = 0"
# what a copy has of its own, by table; several rows of one purchase are told apart by what they are in the template
_OWN: dict[str, dict[str, str]] = {
    "quote": {
        "id": "quote",
        "conversation_id": "chat",
        "agent_id": "agent",
        "msn": "iif(at > :month, meter, '')",
        "idpel": "iif(at > :month, '5' || meter, '')",
        "name": "iif(at > :month, t.name, '')",
        "tariff_power": "iif(at > :month, t.tariff_power, '')",
        "refnum": "iif(at > :month, refno, '')",
        "denomination": "nominal",
        "created_at": "at",
        "expires_at": "at + 600000",
    },
    "purchase": {
        "id": "number",
        "trxid": "'P' || quote",
        "quote_id": "quote",
        "conversation_id": "chat",
        "agent_id": "agent",
        "order_id": "'said:' || n",
        "state": f"iif({_FAILED}, 'FAILED', 'SUCCESS')",
        "msn": "meter",
        "idpel": "'5' || meter",
        "name": "'PELANGGAN ' || substr(meter, 6)",
        "refnum": "refno",
        "denomination": "nominal",
        "price": "nominal + t.adm + t.markup",
        "confirmed_at": "at",
        "sent_at": "at + 20",
        "settled_at": "at + 1500",
        "reason": f"iif({_FAILED}, 'err.number', '')",
        "payref": f"iif({_FAILED}, NULL, {_FRESH})",
        "paid_at": "at + 1000",
        "kwh": "(nominal / 1500) || ',' || (n % 10)",
        "claim_code": f"iif({_FAILED}, NULL, hex(randomblob(2)) || printf('%06X', n))",
    },
    "hold": {
        "purchase_id": "number",
        "account_id": "'agent:' || agent",
        "amount": "nominal + one_price - one_denomination",
        "state": f"iif({_FAILED}, 'voided', 'posted')",
    },
    "transfer": {
        "id": "NULL",
        "idem_key": "'sale:' || number || substr(t.idem_key, instr(substr(t.idem_key, 6), ':') + 5)",
        "debit": "iif(t.debit LIKE 'agent:%', 'agent:' || agent, t.debit)",
        "amount": "iif(t.idem_key LIKE '%:cost', nominal + t.amount - one_denomination, t.amount)",
        "purchase_id": "number",
        "created_at": "at + 1500",
    },
    "movement": {
        "id": "NULL",
        "purchase_id": "number",
        "to_state": f"iif({_FAILED} AND t.to_state = 'SUCCESS', 'FAILED', t.to_state)",
        "event": f"iif({_FAILED} AND t.to_state = 'SUCCESS', 'declined, proven', t.event)",
        "created_at": "at + 20",
    },
    "vended_token": {"purchase_id": "number", "digits": _DIGITS},
    "exchange": {
        "id": "NULL",
        "trxid": "iif(t.command = 'PAY', 'P' || quote, 'I' || quote)",
        "purchase_id": "iif(t.command = 'PAY', number, NULL)",
        "agent_id": "iif(t.command = 'PAY', NULL, agent)",
        "requested_at": "at",
        "completed_at": "at + 1000",
        "applied_at": "at + 1500",
    },
    "outbox": {
        "id": "NULL",
        "conversation_id": "chat",
        "cause": "iif(t.purchase_id IS NULL, 'ask:' || (n * 8 + t.id), replace(t.cause, t.purchase_id, number))",
        "purchase_id": "iif(t.purchase_id IS NULL, NULL, number)",
        "reply_to": "iif(at > :quarter, 'said:' || n, '')",
        "content": "iif(at > :quarter, t.content, '')",
        "nonce": "iif(t.nonce IS NULL, NULL, substr(hex(randomblob(4)), 1, 8))",
        "created_at": "at",
        "next_at": "at",
        "claimed_at": "at",
        "sent_at": "at + 100",
    },
    "inquiry": {"id": "'Q' || quote", "msn": "meter", "idpel": "'5' || meter", "refnum": "refno", "created_at": "at"},
    "step": {
        "nonce": "hex(randomblob(4)) || n || t.rowid",
        "conversation_id": "chat",
        "session_id": "iif(t.session_id IS NULL, NULL, n + 1000)",
        "quote_id": "iif(t.quote_id IS NULL, NULL, quote)",
        "created_at": "at",
    },
    "inbox": {
        "id": "NULL",
        "ext_id": "'copy:' || n || ':' || t.id",
        "address": "'agent' || agent",
        "said_at": "at",
        "received_at": "at",
    },
    "session": {"id": "n + 1000", "conversation_id": "chat", "order_id": "'said:' || n", "created_at": "at"},
    "session_log": {"session_id": "n + 1000"},
    "effect": {"session_id": "n + 1000", "conversation_id": "chat", "input": "meter", "created_at": "at"},
}
_ONLY_SOLD = ("transfer", "vended_token")
_RECENT = {"inquiry": "month", "step": "quarter", "inbox": "fortnight"} | dict.fromkeys(
    ("session", "session_log", "effect"), "fortnight"
)
_SEARCHED = ("purchase", "vended_token")  # all that a lean database has of its copies
# a payment's exchange is for ever, its inquiry's for a month
_WHERE = {"exchange": "(t.command = 'PAY' OR at > :month)"}


def fill(path: Path, plan: Plan) -> float:
    """Copy the one purchase of the database until there are so many; returns the seconds that it took."""
    began = time.perf_counter()
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -2000000", "temp_store = FILE"):
        connection.execute(f"PRAGMA {pragma}")
    rows = {table: _template(connection, table) for table in _OWN if not plan.lean or table in _SEARCHED}
    later = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL "
        f"AND tbl_name IN {tuple(_OWN)} ORDER BY type, name"
    ).fetchall()
    for kind, name, _ in later:
        connection.execute(f"DROP {kind} {name}")
    connection.execute(
        "CREATE TEMP TABLE made (n INTEGER PRIMARY KEY, number, at, agent, chat, meter, nominal, quote, refno)"
    )
    for first in range(0, plan.purchases, _CHUNK):
        _copy(connection, plan, first, min(first + _CHUNK, plan.purchases), rows)
    if not plan.lean:
        _balance(connection, plan.now)
    _tally(connection)
    for _, _, statement in later:
        connection.execute(statement)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    return time.perf_counter() - began


def _template(connection: sqlite3.Connection, table: str) -> str:
    """The columns of the table as a copy has them."""
    connection.execute(f"CREATE TEMP TABLE one_{table} AS SELECT rowid AS rowid_, * FROM {table}")
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    own = _OWN[table]
    assert set(own) <= set(columns), (table, set(own) - set(columns))
    values = ", ".join(own.get(column, f"t.{column}").replace("t.rowid", "t.rowid_") for column in columns)
    wheres = [_WHERE.get(table, "1")]
    if table in _ONLY_SOLD:
        wheres.append(f"NOT ({_FAILED})")
    if table in _RECENT:
        wheres.append(f"at > :{_RECENT[table]}")
    joined = f"made CROSS JOIN one_{table} t"
    if table in ("hold", "transfer"):
        joined += " CROSS JOIN (SELECT price AS one_price, denomination AS one_denomination FROM one_purchase)"
    return f"INSERT INTO {table} SELECT {values} FROM {joined} WHERE {' AND '.join(wheres)}"


def _copy(connection: sqlite3.Connection, plan: Plan, first: int, end: int, rows: dict[str, str]) -> None:
    """Purchases `first` up to `end`: spread over days of thirty thousand, from six in the morning to ten at night."""
    connection.execute("BEGIN")
    connection.execute("DELETE FROM made")
    a_day = min(A_DAY, plan.purchases)
    values = {
        "first": first,
        "end": end,
        "now": plan.now,
        "last": (plan.purchases - 1) // a_day,
        "a_day": a_day,
        "meters": plan.meters,
        "agents": AGENTS,
    }
    connection.execute(
        "WITH RECURSIVE count(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM count WHERE n + 1 < :end), "
        f"placed AS (SELECT n, {FIRST} + n AS number, "
        "  :now - (:last - n / :a_day) * 86400000 - 57600000 + (n % :a_day) * 57600000 / :a_day AS at, "
        "  (n * 2654435761) % :meters AS place FROM count) "
        "INSERT INTO made SELECT n, number, at, 1 + place % :agents, 1 + place % :agents, "
        f"  CAST(54000000000 + place AS TEXT), {_NOMINAL}, {_ULID}, {_FRESH} FROM placed",
        values,
    )
    ages = {
        "month": plan.now - 30 * DAY,
        "quarter": plan.now - 90 * DAY,
        "fortnight": plan.now - 14 * DAY,
    }
    for table, statement in rows.items():
        try:
            connection.execute(statement, ages)
        except sqlite3.Error as error:
            raise RuntimeError(f"{table}: {error}") from error
    connection.execute("COMMIT")


def _tally(connection: sqlite3.Connection) -> None:
    """What triggers would have counted, counted at once by the words of the migration that brought them."""
    connection.execute("DELETE FROM tally_agent")
    connection.execute("DELETE FROM tally_denomination")
    for script in migrate.steps().values():
        for statement in migrate.statements(script):
            if statement.startswith("INSERT INTO tally_"):
                connection.execute(statement)


def _balance(connection: sqlite3.Connection, now: int) -> None:
    """Agents were given what they spent and a million, the supplier as well; balances are what transfers come to."""
    given = "INSERT INTO transfer (idem_key, debit, credit, amount, kind, actor, reason, created_at) "
    connection.execute(
        f"{given} SELECT 'topup:given:' || debit, 'cash:till', debit, sum(amount) + 1000000, 'topup', 'bench', '', ? "
        "FROM transfer WHERE debit LIKE 'agent:%' GROUP BY debit",
        (now,),
    )
    connection.execute(
        f"{given} SELECT 'vsi:given', 'vsi:deposit', 'cash:till', sum(amount) + 100000000, 'supplier', 'bench', '', ? "
        "FROM transfer WHERE credit = 'vsi:deposit'",
        (now,),
    )
    connection.execute(
        "CREATE TEMP TABLE came AS SELECT account, sum(amount) AS amount FROM (SELECT credit AS account, amount "
        "FROM transfer UNION ALL SELECT debit, -amount FROM transfer) GROUP BY account"
    )
    connection.execute(
        "UPDATE account SET held = 0, posted = coalesce((SELECT amount FROM came WHERE account = account.id), 0)"
    )
