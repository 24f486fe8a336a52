"""Numbered migrations, each statement by statement in one transaction; a newer schema is refused, never guessed at."""

import re
import sqlite3
from importlib.resources import files

from bot.store.errors import NewerSchemaError

_NUMBERED = re.compile(r"(\d{4})_[a-z_]+\.sql")


def steps() -> dict[int, str]:
    """Number → script of every migration that this release knows."""
    found = {}
    for entry in (files("bot.store") / "sql" / "migrations").iterdir():
        if match := _NUMBERED.fullmatch(entry.name):
            found[int(match[1])] = entry.read_text(encoding="utf-8")
    return dict(sorted(found.items()))


def statements(script: str) -> list[str]:
    """The script cut at the semicolons that end statements (a trigger's inner ones do not)."""
    found, pending = [], ""
    for line in script.splitlines():
        if not pending and (not line.strip() or line.lstrip().startswith("--")):
            continue
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            found.append(pending.strip())
            pending = ""
    if pending.strip():
        raise ValueError(f"unfinished statement: {pending.strip()[:60]}")
    return found


def version(connection: sqlite3.Connection) -> int:
    """The number of the last migration applied; 0 for an empty database."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'").fetchone()
    if known is None:
        return 0
    row = connection.execute("SELECT MAX(number) FROM schema_version").fetchone()
    return int(row[0] or 0)


def latest() -> int:
    """The number of the newest migration that this release knows."""
    return max(steps())


def migrate(connection: sqlite3.Connection, now: int) -> list[int]:
    """Bring the database up to this release; returns the numbers applied. The connection is in autocommit mode.

    Raises `NewerSchemaError` if the database knows more than this release.
    """
    applied = []
    if version(connection) > latest():
        raise NewerSchemaError(
            f"the database has schema {version(connection)}, this release of Setrum knows {latest()}: "
            "start the newer release, or restore a backup made by this one"
        )
    for number, script in steps().items():
        connection.execute("BEGIN IMMEDIATE")
        try:
            if version(connection) >= number:
                connection.execute("ROLLBACK")
                continue
            for statement in statements(script):
                connection.execute(statement)
            connection.execute("INSERT INTO schema_version (number, applied_at) VALUES (?, ?)", (number, now))
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        applied.append(number)
    return applied
