"""What the verbs share: the books opened beside a running shop, what they raise, and how they print facts.

Administrative verbs work in short transactions beside whoever holds the lock and is the shop (`chat`, `serve`).
"""

import argparse
import contextlib
import getpass
import json
import os
import signal
from collections.abc import AsyncIterator

from bot import books, clock, settings
from bot.domain.ledger import COUNTER
from bot.domain.purchase import Purchase
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import crediting, ledger, people
from bot.settings import Settings
from bot.store.lock import DatabaseLock
from bot.store.sqlite import SqliteStore

Facts = dict[str, str | int | list[dict[str, str]]]  # what a verb reports, by name


class CommandError(Exception):
    """A verb cannot do what it was asked; the text is for the operator."""


def needs_another_owner(words: str) -> CommandError:
    """What one owner alone may not decide is not done here either; `words` propose it in the chat."""
    return CommandError(f"SECOND_APPROVER: another owner has to approve this; propose it in the chat, by {words}")


@contextlib.asynccontextmanager
async def beside(set_up: Settings, shop: Shop) -> AsyncIterator[SqliteStore]:
    """The shop's database, beside whoever works on it: made if there is none, never migrated under a running shop."""
    if not set_up.database.is_file():
        with DatabaseLock(set_up.database, "migrate"):
            async with books.opened(set_up.database, shop):
                pass
    store = await _open(set_up)
    try:
        yield store
    finally:
        await store.close()


async def _open(set_up: Settings) -> SqliteStore:
    if not set_up.database.is_file():
        raise CommandError(f"no database at {set_up.database.absolute()}: run `setrum migrate` first")
    return await SqliteStore.open(set_up.database, clock.now(), migrating=False)


@contextlib.asynccontextmanager
async def opened_beside() -> AsyncIterator[tuple[SqliteStore, Shop]]:
    """An existing shop's database, beside whoever works on it."""
    set_up, waits, _ = settings.read()
    store = await _open(set_up)
    try:
        yield store, set_up.shop(waits)
    finally:
        await store.close()


def operator() -> str:
    """Who runs the command: the user's name, or the number of a user without one (a container's)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def actor(name: str) -> str:
    """Who did something here, as the books and the trail keep it."""
    return f"command line ({name})"


def add_decider(parser: argparse.ArgumentParser) -> None:
    """`--reason` and `--by`, of verbs that decide."""
    parser.add_argument("--reason", required=True, help="why: kept for ever")
    parser.add_argument("--by", default=operator(), metavar="NAME", help="who decides (default: your user name)")


def number_of(sale: str, prefix: str = "T") -> int:
    """The number in T10482, or of a stray sale in S3. Raises `CommandError`."""
    digits = sale.strip().upper().removeprefix(prefix)
    if not digits.isdecimal() or len(digits) > 9:
        raise CommandError(f"{sale!r} is no sale; they look like {prefix}10482")
    return int(digits)


def purchase_of(tx: Tx, number: int) -> Purchase:
    """The purchase of that number. Raises `CommandError`."""
    found = tx.one(Purchase, "purchase_by_id", id=number)
    if found is None:
        raise CommandError(f"there is no T{number}")
    return found


def agent_rows(tx: Tx) -> list[Facts]:
    """Every agent with its deposit."""
    rows: list[Facts] = []
    for agent in people.agents(tx):
        account = ledger.agent_account(tx, agent.id)
        rows.append(
            {
                "agent": "counter" if agent.id == COUNTER else agent.code,
                "name": agent.name,
                "state": agent.state,
                "balance": account.posted,
                "on_hold": account.held,
                "usable": account.available,
                "owes": crediting.owed(tx, agent),
            }
        )
    return rows


def show(arguments: argparse.Namespace, facts: Facts | list[Facts]) -> None:
    """One JSON object, or a line of names and values for each; what is empty is left out of a line."""
    if arguments.json:
        print(json.dumps(facts, ensure_ascii=False))
        return
    for row in facts if isinstance(facts, list) else [facts]:
        print(
            "  ".join(
                f"{name} {value:,}".replace(",", ".") if isinstance(value, int) else f"{name} {value}"
                for name, value in row.items()
                if value != ""
            )
        )


def stop_at_once() -> None:
    """Ctrl-C ends the work here and now, not at the next await, of which there is none; nothing half-made is left."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
