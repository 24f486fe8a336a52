"""`setrum release`: ends the read-only mode once the books agree, or lets stopped sales try again."""

import argparse

from bot import clock
from bot.ports import Tx
from bot.services import audit, breaker, reconciliation, settlement, standing
from bot.verbs.common import CommandError, add_decider, opened_beside, show


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is released, by whom and why."""
    parser.add_argument("what", nargs="?", choices=["books", "sales"], default="books", help="default: books")
    add_decider(parser)


async def run(arguments: argparse.Namespace) -> int:
    """Lift the read-only mode once the books agree, or half-open the breaker."""
    async with opened_beside() as (store, shop):
        if arguments.what == "books":  # as a reader: it looks at every row, and a shop may be at work
            report = await store.aside(audit.check, clock.now() - clock.MINUTE)
            if report.violations:
                first = report.violations[0]
                raise CommandError(f"the books do not agree yet, `setrum check` says all of it: {first}")

        def decide(tx: Tx) -> str:
            now = clock.now()
            if arguments.what == "sales":
                breaker.try_again(tx, arguments.by, arguments.reason, now)
                return "sales may try again: one payment first"
            settlement.doubt_restored(tx, shop, now, 0)
            lifted = standing.lift(tx, arguments.by, arguments.reason, now)
            reconciliation.apply_waiting(tx, shop, now)
            breaker.tell_opening(tx, now)
            return f"no longer read-only (it was {lifted.kind})"

        done = await store.write(decide)
    show(arguments, {"released": done, "by": arguments.by, "reason": arguments.reason})
    return 0
