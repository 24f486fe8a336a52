"""`setrum backup`: copies the database beside a running shop, verified, and encrypted if a key is set.

What it does is in `store/backup.py`; here stand the words for the operator.
"""

import argparse
import json
import sys
from pathlib import Path

from bot import clock, settings
from bot.services import backups
from bot.settings import Settings
from bot.store import backup as copies
from bot.store.errors import StoreError
from bot.store.sqlite import SqliteStore
from bot.verbs.common import stop_at_once


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to."""
    parser.add_argument("file", help="where to; it exists whole or not at all")
    parser.add_argument("--force", action="store_true", help="replace an existing file")


async def run(arguments: argparse.Namespace) -> int:
    """Copy the shop's database as it is now, verified and marked; encrypted if BACKUP_RECIPIENT is set."""
    set_up, _, _ = settings.read()
    stop_at_once()
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


def _progress(remaining: int, pages: int) -> None:
    if sys.stderr.isatty():
        done = 100 * (pages - remaining) // max(pages, 1)
        end = "\n" if remaining == 0 else ""
        print(f"\rcopied {done} % of {pages:,} pages", end=end, file=sys.stderr, flush=True)
