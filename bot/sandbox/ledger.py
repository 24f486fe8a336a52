"""The practice supplier's own books: what it sold, to whom, under which references. Outlives a kill when on a file.

A sale stands here before its answer leaves; this is what campaigns hold Setrum's books against.
"""

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sold (id INTEGER PRIMARY KEY, trxid TEXT NOT NULL, msn TEXT NOT NULL, idpel TEXT NOT NULL,
  nominal INTEGER NOT NULL, adm INTEGER NOT NULL, tokens TEXT NOT NULL, payref TEXT NOT NULL UNIQUE,
  instalment INTEGER NOT NULL, sold_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS reference (refnum TEXT PRIMARY KEY, msn TEXT NOT NULL, used INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS pending (msn TEXT NOT NULL, nominal INTEGER NOT NULL, trxid TEXT NOT NULL,
  asked INTEGER NOT NULL, PRIMARY KEY (msn, nominal, trxid));
CREATE TABLE IF NOT EXISTS token (digits TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trxid (trxid TEXT NOT NULL, command TEXT NOT NULL, PRIMARY KEY (trxid, command));
CREATE TABLE IF NOT EXISTS bill_paid (idpel TEXT PRIMARY KEY);
CREATE INDEX IF NOT EXISTS sold_by_meter ON sold (msn, nominal);
CREATE INDEX IF NOT EXISTS sold_by_trxid ON sold (trxid);
"""


@dataclass(frozen=True, slots=True)
class Sold:
    """One sale: `nominal` without admin, tokens in the order to key them, `sold_at` epoch milliseconds."""

    id: int
    trxid: str
    msn: str
    idpel: str
    nominal: int
    adm: int
    tokens: tuple[str, ...]
    payref: str
    instalment: int
    sold_at: int


class Books:
    """The books in a file, or in memory without one."""

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Everything inside is written down together, or nothing of it."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def sell(
        self, trxid: str, msn: str, idpel: str, nominal: int, adm: int, groups: int, instalment: int, now: int
    ) -> Sold:
        """Write the sale down; its tokens and reference are new."""
        payref = secrets.token_hex(16).upper()
        columns = "trxid, msn, idpel, nominal, adm, tokens, payref, instalment, sold_at"
        with self.unit():
            tokens = tuple(self._new_token() for _ in range(groups))
            row = (trxid, msn, idpel, nominal, adm, " ".join(tokens), payref, instalment, now)
            cursor = self._connection.execute(f"INSERT INTO sold ({columns}) VALUES (?,?,?,?,?,?,?,?,?)", row)
        return Sold(cursor.lastrowid or 0, trxid, msn, idpel, nominal, adm, tokens, payref, instalment, now)

    def _new_token(self) -> str:
        while True:
            digits = "".join(secrets.choice("0123456789") for _ in range(20))
            if self._connection.execute("INSERT OR IGNORE INTO token VALUES (?)", (digits,)).rowcount == 1:
                return digits

    def taken(self) -> int:
        """What all sales together have taken from the partner's deposit, in rupiah."""
        row = self._connection.execute("SELECT coalesce(sum(nominal + adm), 0) FROM sold").fetchone()
        return int(row[0])

    def sales(self) -> list[Sold]:
        """Everything ever sold, oldest first."""
        return [_sold(row) for row in self._connection.execute("SELECT * FROM sold ORDER BY id")]

    def by_payref(self, payref: str) -> Sold | None:
        """The sale of a reference."""
        row = self._connection.execute("SELECT * FROM sold WHERE payref = ?", (payref,)).fetchone()
        return _sold(row) if row else None

    def by_trxid(self, trxid: str) -> Sold | None:
        """The first sale of a trxid."""
        row = self._connection.execute("SELECT * FROM sold WHERE trxid = ? ORDER BY id", (trxid,)).fetchone()
        return _sold(row) if row else None

    def of_meter(self, msn: str, nominal: int) -> list[Sold]:
        """All sales of a meter and nominal, oldest first."""
        query = "SELECT * FROM sold WHERE msn = ? AND nominal = ? ORDER BY sold_at, id"
        return [_sold(row) for row in self._connection.execute(query, (msn, nominal))]

    def refer(self, refnum: str, msn: str) -> None:
        """Remember an inquiry's reference."""
        self._connection.execute("INSERT INTO reference VALUES (?, ?, 0)", (refnum, msn))

    def referred(self, refnum: str) -> tuple[str, bool] | None:
        """The meter of a reference, and whether it bought already."""
        row = self._connection.execute("SELECT msn, used FROM reference WHERE refnum = ?", (refnum,)).fetchone()
        return (row[0], bool(row[1])) if row else None

    def use(self, refnum: str) -> None:
        """The reference has bought."""
        self._connection.execute("UPDATE reference SET used = 1 WHERE refnum = ?", (refnum,))

    def queue(self, msn: str, nominal: int, trxid: str) -> None:
        """A payment hangs somewhere behind us."""
        self._connection.execute("INSERT OR IGNORE INTO pending VALUES (?, ?, ?, 0)", (msn, nominal, trxid))

    def queued(self, msn: str, nominal: int) -> tuple[str, int] | None:
        """The trxid that hangs, and how often it was asked about before this time."""
        where = "msn = ? AND nominal = ?"
        row = self._connection.execute(f"SELECT trxid, asked FROM pending WHERE {where}", (msn, nominal)).fetchone()
        self._connection.execute(f"UPDATE pending SET asked = asked + 1 WHERE {where}", (msn, nominal))
        return (row[0], row[1]) if row else None

    def unqueue(self, msn: str, nominal: int) -> None:
        """It hangs no longer."""
        self._connection.execute("DELETE FROM pending WHERE msn = ? AND nominal = ?", (msn, nominal))

    def note(self, trxid: str, command: str) -> None:
        """A request of this command carried the trxid."""
        self._connection.execute("INSERT OR IGNORE INTO trxid VALUES (?, ?)", (trxid, command))

    def noted(self, trxid: str, command: str | None = None) -> bool:
        """Whether a request of the command, or of any, carried the trxid before."""
        query = "SELECT 1 FROM trxid WHERE trxid = ? AND command = coalesce(?, command)"
        return self._connection.execute(query, (trxid, command)).fetchone() is not None

    def pay_bill(self, idpel: str) -> bool:
        """Pay a postpaid bill; False if it was paid before."""
        return self._connection.execute("INSERT OR IGNORE INTO bill_paid VALUES (?)", (idpel,)).rowcount == 1


def _sold(row: tuple[int, str, str, str, int, int, str, str, int, int]) -> Sold:
    return Sold(row[0], row[1], row[2], row[3], row[4], row[5], tuple(row[6].split()), row[7], row[8], row[9])
