"""`setrum migrate`: brings the database up to this release, with the shop stopped."""

import argparse

from bot import books, settings
from bot.store import migrate
from bot.store.lock import DatabaseLock
from bot.verbs.common import show


def add_arguments(_: argparse.ArgumentParser) -> None:
    """None: the database stands in the settings."""


async def run(arguments: argparse.Namespace) -> int:
    """Bring the database up to this release, alone."""
    set_up, waits, _ = settings.read()
    with DatabaseLock(set_up.database, "migrate"):
        async with books.opened(set_up.database, set_up.shop(waits)) as store:
            number = await store.raw(migrate.version)
    show(arguments, {"database": str(set_up.database.absolute()), "schema": number})
    return 0
