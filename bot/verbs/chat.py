"""`setrum chat`: a talk on standard input and output, against the shop's database and its supplier."""

import argparse
import sys

from bot import app, books, settings
from bot.channels.console import NAME, Console, Look
from bot.chat import Chat
from bot.i18n import Catalogues, Renderer
from bot.store.lock import DatabaseLock
from bot.supplier import client
from bot.verbs.common import CommandError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Who talks, and how."""
    parser.add_argument("--as", dest="person", default="console:me", metavar="CHANNEL:NAME", help="who is talking")
    parser.add_argument("--json", action="store_true", help="one JSON object a message: key, text, options")
    parser.add_argument("--wait", type=float, default=10.0, metavar="SECONDS", help="stay so long at end of input")


async def run(arguments: argparse.Namespace) -> int:
    """Talk on standard input and output; exit 0 when the talk is over."""
    set_up, waits, deadlines = settings.read()
    set_up.need_supplier()
    channel, colon, person = arguments.person.partition(":")
    if channel != NAME or not colon or not person:
        raise CommandError("--as takes console:NAME")
    shop = set_up.shop(waits)
    look = Look(as_json=arguments.json, coloured=not arguments.json and sys.stdout.isatty())
    supplier = client(set_up, deadlines)
    with DatabaseLock(set_up.database, "chat"):
        async with books.opened(set_up.database, shop) as store:
            console = Console(sys.stdout, Renderer(Catalogues()), shop.zone, look)
            setrum = app.assemble(store, supplier, shop, [console])
            talk = Chat(setrum, console, person, look)

            async def until() -> None:
                await talk.talk(sys.stdin, arguments.wait, greet=look.coloured and sys.stdin.isatty())

            await setrum.run(until=until)
    return 0
