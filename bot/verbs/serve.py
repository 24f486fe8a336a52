"""`setrum serve`: the shop at work, its workers and its web server, until it is stopped."""

import argparse
import asyncio
import contextlib
import gc
import signal

from bot import app, books, clock, http, settings
from bot.channels.telegram import Access, Telegram
from bot.channels.whatsapp import Access as Graph
from bot.channels.whatsapp import Templates, WhatsApp
from bot.domain.rules import Shop
from bot.settings import Settings
from bot.store.lock import DatabaseLock
from bot.store.sqlite import SqliteStore
from bot.supplier import client


def add_arguments(_: argparse.ArgumentParser) -> None:
    """None: what the shop is stands in its settings."""


async def run(_: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT; what is under way is found again at the next start."""
    set_up, waits, deadlines = settings.read()
    set_up.need_supplier()
    set_up.need_lasting_disk()
    set_up.telegram()
    set_up.whatsapp()
    shop = set_up.shop(waits)
    supplier = client(set_up, deadlines)
    with DatabaseLock(set_up.database, "serve"):
        async with books.opened(set_up.database, shop) as store, contextlib.AsyncExitStack() as stack:
            telegram, whatsapp = await _platforms(set_up, store, shop, stack)
            setrum = app.assemble(store, supplier, shop, [one for one in (telegram, whatsapp) if one is not None])
            stopped = asyncio.Event()
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, stopped.set)

            async def until() -> None:
                gc.freeze()  # what was read and compiled stays for good: no need to look it over again and again
                gc.set_threshold(10_000, 20, 20)
                async with http.running(setrum, set_up.host, set_up.port, telegram, whatsapp) as address:
                    talks = [f"Telegram by {set_up.telegram_mode}"] if telegram else []
                    talks += ["WhatsApp"] if whatsapp else []
                    words = " and ".join(talks) or "no channel: set TELEGRAM_TOKEN or WHATSAPP_TOKEN"
                    print(f"Setrum works on {set_up.database.absolute()}, {words}, {address}", flush=True)
                    await stopped.wait()

            await setrum.run(until=until)
    return 0


async def _platforms(
    set_up: Settings, store: SqliteStore, shop: Shop, stack: contextlib.AsyncExitStack
) -> tuple[Telegram | None, WhatsApp | None]:
    """The channels that the settings name, open until the stack is left."""
    telegram: Telegram | None = None
    whatsapp: WhatsApp | None = None
    if (access := set_up.telegram()) is not None:
        telegram = await stack.enter_async_context(Telegram(Access(*access), store, shop, clock.now))
    if (values := set_up.whatsapp()) is not None:
        languages = tuple(set_up.whatsapp_template_languages.split(","))
        named = Templates(
            set_up.whatsapp_template_token,
            set_up.whatsapp_template_status,
            set_up.whatsapp_template_news,
            set_up.whatsapp_template_shop,
            languages,
        )
        opened = WhatsApp(Graph(**values), named, store, shop, clock.now)
        whatsapp = await stack.enter_async_context(opened)
    return telegram, whatsapp
