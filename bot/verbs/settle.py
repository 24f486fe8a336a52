"""`setrum settle`: settles by hand what the supplier left open, beside a running shop, in one unit."""

import argparse
from datetime import datetime
from pathlib import Path

from bot import clock
from bot.domain.purchase import Purchase
from bot.ports import Tx
from bot.services import approvals, by_hand, strays
from bot.services.by_hand import Stated, Word
from bot.services.strays import Stray
from bot.verbs.common import CommandError, add_decider, needs_another_owner, number_of, opened_beside, purchase_of, show


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which case, how it ends, and what shows it."""
    parser.add_argument("sale", help="such as T10482; for a stray sale its number, such as S3")
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--sold", action="store_true", help="the supplier sold it: needs --token")
    how.add_argument("--not-sold", action="store_true", help="the supplier did not sell it: the agent's hold is voided")
    how.add_argument("--loss", action="store_true", help="a LATE or stray sale: the shop bears it")
    how.add_argument("--agent-pays", action="store_true", help="a LATE sale: the agent agreed to take and pay it")
    how.add_argument("--claimed", action="store_true", help="a stray sale: the supplier gave the money back")
    parser.add_argument("--token", default="", help="20 digits; with a key change two or three groups in their order")
    parser.add_argument("--payref", default="", help="the supplier's reference of the sale (NO REF)")
    parser.add_argument("--meter", default="", help="checked, if given: the meter in the supplier's answer")
    parser.add_argument("--total", type=int, help="checked, if given: rupiah with admin in the supplier's answer")
    parser.add_argument(
        "--adm", type=int, help="the admin fee in the supplier's answer, if not the quoted one: booked so"
    )
    parser.add_argument("--at", metavar="'YYYY-MM-DD HH:MM:SS'", help="checked, if given: when it was sold, WIB")
    parser.add_argument(
        "--answer", type=Path, metavar="FILE", help="the supplier's written answer, kept with the decision"
    )
    add_decider(parser)


async def run(arguments: argparse.Namespace) -> int:
    """Settle one case; prints what it became."""
    word = Word(arguments.by, arguments.reason, _evidence(arguments.answer))
    if arguments.sale[:1] in "sS":
        return await _settle_stray(arguments, word)
    number = number_of(arguments.sale)
    async with opened_beside() as (store, shop):

        def decide(tx: Tx) -> Purchase:
            purchase, now = purchase_of(tx, number), clock.now()
            if approvals.is_needed(shop, purchase.price):
                raise needs_another_owner(f"selesai {purchase.sale}")
            if arguments.sold:
                return by_hand.settle_sold(tx, purchase, _stated(arguments), word, shop, now)
            if arguments.not_sold:
                return by_hand.settle_unsold(tx, purchase, word, shop, now)
            if arguments.claimed:
                raise CommandError("--claimed is for stray sales, such as S3")
            return by_hand.settle_late(tx, purchase, word, now, agent_pays=arguments.agent_pays)

        settled = await store.write(decide)
    show(arguments, {"sale": settled.sale, "state": settled.state.value, "by": word.actor, "reason": word.reason})
    return 0


async def _settle_stray(arguments: argparse.Namespace, word: Word) -> int:
    if not (arguments.claimed or arguments.loss):
        raise CommandError("a stray sale is settled by --claimed or --loss")
    number = number_of(arguments.sale, "S")
    async with opened_beside() as (store, shop):

        def decide(tx: Tx) -> Stray:
            found = strays.by_number(tx, number)
            if found is not None and approvals.is_needed(shop, found.total):
                raise needs_another_owner(f"selesai {found.sale}")
            by = {"actor": word.actor, "reason": word.reason}
            return strays.settle(tx, number, claimed=arguments.claimed, now=clock.now(), **by)

        stray = await store.write(decide)
    state = "claimed" if arguments.claimed else "loss"
    show(arguments, {"sale": f"S{stray.id}", "state": state, "by": word.actor, "reason": word.reason})
    return 0


def _evidence(answer: Path | None) -> bytes | None:
    try:
        return answer.read_bytes() if answer else None
    except OSError as error:
        raise CommandError(f"--answer {answer}: {error.strerror}") from None


def _stated(arguments: argparse.Namespace) -> Stated:
    if not arguments.token:
        raise CommandError("--sold needs --token: the digits from the supplier's answer")
    at = None
    if arguments.at:
        try:
            moment = datetime.fromisoformat(arguments.at)
        except ValueError:
            raise CommandError("--at is a time in WIB such as '2026-11-25 12:00:07'") from None
        at = round(moment.replace(tzinfo=moment.tzinfo or clock.WIB).timestamp() * 1000)
    return Stated(arguments.token, arguments.payref, arguments.meter, arguments.total, at, arguments.adm)
