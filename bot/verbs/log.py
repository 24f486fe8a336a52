"""`setrum log`: every exchange with the supplier about a sale, beside a running shop."""

import argparse
import json

from bot import clock, logs
from bot.domain.supply import Transport
from bot.services import exchanges
from bot.verbs.common import CommandError, number_of, opened_beside


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which sale, and whether in full."""
    parser.add_argument("sale", help="such as T10482")
    parser.add_argument("--raw", action="store_true", help="meters and tokens in full: evidence for the supplier")


async def run(arguments: argparse.Namespace) -> int:
    """Every exchange about a sale; with `--raw` its answers word for word, meters and tokens included."""
    number = number_of(arguments.sale)
    async with opened_beside() as (store, _):
        rows = await store.read(exchanges.of_purchase, number)
    if not rows:
        raise CommandError(f"no exchange about T{number}")
    for row in rows:
        body = (row.body or b"").decode("utf-8", "replace")
        body = body if arguments.raw else logs.without_digits(body)
        facts = {
            "id": row.id,
            "trxid": row.trxid,
            "command": row.command,
            "request": row.request,
            "requested_at": row.requested_at,
            "completed_at": row.completed_at,
            "transport": row.transport,
            "status": row.status,
            "milliseconds": row.milliseconds,
            "rc": row.code,
            "class": row.verdict,
            "applied_at": row.applied_at,
            "answer": body,
        }
        if arguments.json:
            print(json.dumps(facts))
        else:
            at = clock.local(row.requested_at, clock.WIB).strftime("%Y-%m-%d %H:%M:%S WIB")
            ended = f"{row.transport or Transport.LOST} {row.status or ''}".strip() if row.completed_at else "no answer"
            print(f"{at}  {row.request}\n  {ended}, {row.milliseconds or 0} ms, rc {row.code}, class {row.verdict}")
            print("".join(f"  | {line}\n" for line in body.splitlines()), end="")
    return 0
