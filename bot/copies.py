"""The verbs about copies of the database: `backup` makes one beside a running shop, `restore` puts one in place.

What they do is in `store/backup.py`; here stand the words for the operator.
"""

import argparse
import json
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from bot import clock, settings
from bot.services import backups
from bot.settings import Settings
from bot.store import backup as copies
from bot.store.errors import StoreError
from bot.store.lock import DatabaseLock
from bot.store.sqlite import SqliteStore


def add_arguments(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """`backup FILE` and `restore FILE`."""
    made = verb("backup", backup, "copy the database, beside a running shop", reports=True)
    made.add_argument("file", help="where to; it exists whole or not at all")
    made.add_argument("--force", action="store_true", help="replace an existing file")
    made = verb("restore", restore, "put a copy in the database's place, read-only", reports=True)
    made.add_argument("file", help="a backup, encrypted or not, or a raw copy of a database")
    made.add_argument("--identity", metavar="KEYFILE", help="the private key of BACKUP_RECIPIENT")
    made.add_argument("--replace", action="store_true", help="put an existing database aside under a dated name")


async def backup(arguments: argparse.Namespace) -> int:
    """Copy the shop's database as it is now, verified and marked; encrypted if BACKUP_RECIPIENT is set."""
    set_up, _, _ = settings.read()
    _stop_at_once()
    try:
        made = copies.back_up(
            set_up.database,
            Path(arguments.file),
            clock.now(),
            _progress,
            recipient=set_up.backup_recipient,
            force=arguments.force,
        )
    except StoreError as error:
        await _noted(set_up, False, str(error))
        raise
    await _noted(set_up, True, made.file.name)
    facts = {
        "file": str(made.file.absolute()),
        "bytes": made.size,
        "pages": made.pages,
        "encrypted": made.encrypted,
        "sales": made.sales,
        "copied_at": made.copied_at,
    }
    if arguments.json:
        print(json.dumps(facts))
        return 0
    print(f"{facts['file']}: {made.size:,} bytes, {made.pages:,} pages, {made.sales:,} sales, verified")
    print(
        "encrypted to BACKUP_RECIPIENT; its private key opens it"
        if made.encrypted
        else "not encrypted: whoever reads it reads every token. BACKUP_RECIPIENT=age1… encrypts the next one"
    )
    return 0


async def _noted(set_up: Settings, ok: bool, detail: str) -> None:
    """The owner hears of a backup that failed; a database that cannot be written to tells that by itself."""
    if not set_up.database.is_file():
        return
    try:
        store = await SqliteStore.open(set_up.database, clock.now(), migrating=False)
        try:
            await store.write(backups.noted, ok, detail, clock.now())
        finally:
            await store.close()
    except StoreError as error:
        print(f"the shop was not told of it: {error}", file=sys.stderr)


async def restore(arguments: argparse.Namespace) -> int:
    """Put a copy in the place of the shop's database, read-only until it is reconciled or released."""
    set_up, waits, _ = settings.read()
    zone = set_up.shop(waits).zone
    _stop_at_once()
    now = clock.now()
    with DatabaseLock(set_up.database, "restore"):
        done = copies.restore(
            Path(arguments.file),
            set_up.database,
            now,
            key_file=Path(arguments.identity) if arguments.identity else None,
            replace=arguments.replace,
            dated=clock.local(now, zone).strftime("replaced-%Y%m%d-%H%M%S"),
        )
    copied = clock.local(done.copied_at, zone)
    if arguments.json:
        facts = {
            "database": str(done.database.absolute()),
            "aside": str(done.aside.absolute()) if done.aside else None,
            "schema": done.schema,
            "sales": done.sales,
            "copied_at": done.copied_at,
            "read_only": True,
        }
        print(json.dumps(facts))
        return 0
    print(f"{done.database.absolute()} is the copy of {copied:%Y-%m-%d %H:%M}, with {done.sales:,} sales")
    if done.aside:
        print(f"the old database is {done.aside.absolute()}")
    print(
        "It is read-only, for it does not know what was sold since: nothing is sold and no money moves until\n"
        f"`setrum reconcile` has complete reports for every day since {copied:%Y-%m-%d}, or an owner decides\n"
        "`setrum release --reason WHY`. `setrum serve` meanwhile asks about what is open."
    )
    return 0


def _progress(remaining: int, pages: int) -> None:
    if sys.stderr.isatty():
        done = 100 * (pages - remaining) // max(pages, 1)
        end = "\n" if remaining == 0 else ""
        print(f"\rcopied {done} % of {pages:,} pages", end=end, file=sys.stderr, flush=True)


def _stop_at_once() -> None:
    """Ctrl-C ends the work here and now, not at the next await, of which there is none; nothing half-made is left."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
