"""`setrum rebind`: binds the database to another supplier, the host and client of the settings."""

import argparse

from bot import clock, settings
from bot.services import standing
from bot.supplier import client
from bot.verbs.common import add_decider, opened_beside, show


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """By whom and why."""
    add_decider(parser)


async def run(arguments: argparse.Namespace) -> int:
    """Bind to the supplier of the settings."""
    set_up, _, deadlines = settings.read()
    set_up.need_supplier()
    identity = client(set_up, deadlines).identity
    async with opened_beside() as (store, _):
        old = await store.write(standing.rebind, identity, arguments.by, arguments.reason, clock.now())
    was = f"{old.cid} at {old.host}" if old else "nobody"
    show(arguments, {"was": was, "now": f"{identity.cid} at {identity.host}", "by": arguments.by})
    return 0
