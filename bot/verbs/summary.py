"""The verb `summary`: some days of the shop in figures, as its owner reads them in his chat."""

import argparse
import dataclasses
import json
from datetime import timedelta

from bot import clock
from bot.conversation.owner import spans
from bot.domain.proof import Span
from bot.i18n import Catalogues, Renderer
from bot.services import digest
from bot.services.summary import of_days
from bot.verbs.common import CommandError, opened_beside


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which days, and how much of them."""
    parser.add_argument(
        "when", nargs="*", help="yesterday, 7, month, nov, 12/11, 1/11-10/11, in the owner's words (default: today)"
    )
    parser.add_argument("--days-back", type=int, default=0, metavar="N", help="0 is today, 1 yesterday")
    parser.add_argument("--full", action="store_true", help="with denominations, busy hours and every agent")


async def run(arguments: argparse.Namespace) -> int:
    """Some days in figures, in the shop's language."""
    async with opened_beside() as (store, shop):
        now = clock.now()
        today = clock.local(now, shop.zone).date()
        when = " ".join(arguments.when)
        day = today - timedelta(days=arguments.days_back)
        span = spans.read(when, today) if when else Span(day, day)
        if span is None:
            raise CommandError(f"{when!r} names no days; try yesterday, 7, month or 12/11")
        found = await store.read(of_days, shop, now, span.first, span.last)
    if arguments.json:
        print(json.dumps(dataclasses.asdict(found), ensure_ascii=False))
    else:
        words = spans.write(span)
        message = digest.full(found, shop, now, words) if arguments.full else digest.short(found, shop, now, words)
        print(Renderer(Catalogues()).message(message, shop.locale, shop.zone))
    return 0
