"""`setrum check`: holds the books against every invariant, beside a running shop."""

import argparse
import json
import sqlite3

from bot import clock
from bot.services import audit
from bot.verbs.common import opened_beside

_UNDER_WAY = clock.MINUTE  # an answer that was stored so lately may be about to be applied by the shop at work


def add_arguments(_: argparse.ArgumentParser) -> None:
    """None: all of it is verified."""


async def run(arguments: argparse.Namespace) -> int:
    """Verify the invariants; exit 1 on a violation."""
    async with opened_beside() as (store, _):
        integrity = await store.raw(_integrity)
        report = await store.read(audit.check, clock.now() - _UNDER_WAY)
    violations = [*([f"integrity: {integrity}"] if integrity != "ok" else []), *report.violations]
    facts = {"verified": report.verified, "violations": violations}
    if arguments.json:
        print(json.dumps(facts))
    else:
        for name, count in report.verified.items():
            print(f"ok  {name}: {count}" if not any(one.startswith(name) for one in violations) else f"BAD {name}")
        for violation in violations:
            print(f"VIOLATION  {violation}")
        print(f"{len(violations)} violations")
    return 1 if violations else 0


def _integrity(connection: sqlite3.Connection) -> str:
    return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
