"""`setrum restore`: puts a copy in the place of the shop's database, read-only until it agrees with the supplier.

What it does is in `store/backup.py`; here stand the words for the operator.
"""

import argparse
import json
from pathlib import Path

from bot import clock, settings
from bot.store import backup as copies
from bot.store.lock import DatabaseLock
from bot.verbs.common import stop_at_once


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which copy, and what becomes of the old one."""
    parser.add_argument("file", help="a backup, encrypted or not, or a raw copy of a database")
    parser.add_argument("--identity", metavar="KEYFILE", help="the private key of BACKUP_RECIPIENT")
    parser.add_argument("--replace", action="store_true", help="put an existing database aside under a dated name")


async def run(arguments: argparse.Namespace) -> int:
    """Put a copy in the place of the shop's database, read-only until it is reconciled or released."""
    set_up, waits, _ = settings.read()
    zone = set_up.shop(waits).zone
    stop_at_once()
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
