"""The verbs by which an owner settles what is open: `pending`, `settle`, `release`, `rebind`.

Each opens the shop's database beside whoever works on it, decides one thing in one unit, and prints what became of it.
"""

import argparse
import dataclasses
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from bot import clock, logs, settings
from bot.commands import CommandError, needs_another_owner, opened_beside, operator
from bot.domain.purchase import Purchase
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import approvals, audit, breaker, by_hand, reconciliation, settlement, standing, strays
from bot.services.by_hand import Case, Stated, Word
from bot.services.exchanges import Exchange
from bot.services.strays import Stray
from bot.supplier import client

Verb = Callable[..., argparse.ArgumentParser]


def add_arguments(verb: Verb) -> None:
    """Register the four verbs."""
    made = verb("pending", pending, "what is open or undecided, oldest first, with its evidence", reports=True)
    made.add_argument("sale", nargs="?", help="one sale with everything known about it, such as T10482")
    made = verb("settle", settle, "settle by hand what the supplier left open: never without a reason", reports=True)
    made.add_argument("sale", help="such as T10482; for a stray sale its number, such as S3")
    how = made.add_mutually_exclusive_group(required=True)
    how.add_argument("--sold", action="store_true", help="the supplier sold it: needs --token")
    how.add_argument("--not-sold", action="store_true", help="the supplier did not sell it: the agent's hold is voided")
    how.add_argument("--loss", action="store_true", help="a LATE or stray sale: the shop bears it")
    how.add_argument("--agent-pays", action="store_true", help="a LATE sale: the agent agreed to take and pay it")
    how.add_argument("--claimed", action="store_true", help="a stray sale: the supplier gave the money back")
    made.add_argument("--token", default="", help="20 digits; with a key change two or three groups in their order")
    made.add_argument("--payref", default="", help="the supplier's reference of the sale (NO REF)")
    made.add_argument("--meter", default="", help="checked, if given: the meter in the supplier's answer")
    made.add_argument("--total", type=int, help="checked, if given: rupiah with admin in the supplier's answer")
    made.add_argument(
        "--adm", type=int, help="the admin fee in the supplier's answer, if not the quoted one: booked so"
    )
    made.add_argument("--at", metavar="'YYYY-MM-DD HH:MM:SS'", help="checked, if given: when it was sold, WIB")
    made.add_argument(
        "--answer", type=Path, metavar="FILE", help="the supplier's written answer, kept with the decision"
    )
    _who(made)
    made = verb("release", release, "end the read-only mode, or let stopped sales try again", reports=True)
    made.add_argument("what", nargs="?", choices=["books", "sales"], default="books", help="default: books")
    _who(made)
    made = verb(
        "rebind", rebind, "bind the database to another supplier: host and client of the settings", reports=True
    )
    _who(made)


def _who(made: argparse.ArgumentParser) -> None:
    made.add_argument("--reason", required=True, help="why: kept for ever")
    made.add_argument("--by", default=operator(), metavar="NAME", help="who decides (default: your user name)")


async def pending(arguments: argparse.Namespace) -> int:
    """List what waits, or show one sale whole."""
    async with opened_beside() as (store, shop):
        if arguments.sale:
            number = _number(arguments.sale, "T")
            case = await store.read(lambda tx: by_hand.case(tx, _purchase(tx, number)))
            _show_case(case, shop, as_json=arguments.json)
            return 0
        cases, found, at = await store.read(lambda tx: (by_hand.pending(tx), strays.opened(tx), breaker.read(tx)))
        restriction = await store.read(standing.restriction)
    if arguments.json:
        facts = {
            "pending": [_facts(one, shop) for one in cases],
            "strays": [_stray_facts(one) for one in found],
            "sales": at.state,
            "read_only": restriction.kind if restriction else "",
        }
        print(json.dumps(facts, ensure_ascii=False))
        return 0
    if restriction is not None:
        print(f"READ-ONLY since {_time(restriction.since)} ({restriction.kind}): {restriction.detail}")
    if at.state != "closed":
        print(f"SALES STOPPED since {_time(at.since)}: {_stopped_by(at)}")
    for case in cases:
        print(_line(case, shop))
    for stray in found:
        print(_stray_line(stray))
    if not cases and not found:
        print("nothing is open")
    return 0


async def settle(arguments: argparse.Namespace) -> int:
    """Settle one case; prints what it became."""
    evidence = arguments.answer.read_bytes() if arguments.answer else None
    word = Word(arguments.by, arguments.reason, evidence)
    if arguments.sale[:1] in "sS":
        return await _settle_stray(arguments, word)
    number = _number(arguments.sale, "T")
    async with opened_beside() as (store, shop):

        def decide(tx: Tx) -> Purchase:
            purchase, now = _purchase(tx, number), clock.now()
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
    _print(
        arguments.json, {"sale": settled.sale, "state": settled.state.value, "by": word.actor, "reason": word.reason}
    )
    return 0


async def _settle_stray(arguments: argparse.Namespace, word: Word) -> int:
    if not (arguments.claimed or arguments.loss):
        raise CommandError("a stray sale is settled by --claimed or --loss")
    number = _number(arguments.sale, "S")
    async with opened_beside() as (store, shop):

        def decide(tx: Tx) -> Stray:
            found = strays.by_number(tx, number)
            if found is not None and approvals.is_needed(shop, found.total):
                raise needs_another_owner(f"selesai {found.sale}")
            by = {"actor": word.actor, "reason": word.reason}
            return strays.settle(tx, number, claimed=arguments.claimed, now=clock.now(), **by)

        stray = await store.write(decide)
    state = "claimed" if arguments.claimed else "loss"
    _print(arguments.json, {"sale": f"S{stray.id}", "state": state, "by": word.actor, "reason": word.reason})
    return 0


async def release(arguments: argparse.Namespace) -> int:
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
    _print(arguments.json, {"released": done, "by": arguments.by, "reason": arguments.reason})
    return 0


async def rebind(arguments: argparse.Namespace) -> int:
    """Bind to the supplier of the settings."""
    set_up, _, deadlines = settings.read()
    set_up.need_supplier()
    identity = client(set_up, deadlines).identity
    async with opened_beside() as (store, _):
        old = await store.write(standing.rebind, identity, arguments.by, arguments.reason, clock.now())
    was = f"{old.cid} at {old.host}" if old else "nobody"
    _print(arguments.json, {"was": was, "now": f"{identity.cid} at {identity.host}", "by": arguments.by})
    return 0


def _number(text: str, prefix: str) -> int:
    digits = text.strip().upper().removeprefix(prefix)
    if not digits.isdecimal() or len(digits) > 9:
        raise CommandError(f"{text!r} is no sale; they look like {prefix}10482")
    return int(digits)


def _purchase(tx: Tx, number: int) -> Purchase:
    found = tx.one(Purchase, "purchase_by_id", id=number)
    if found is None:
        raise CommandError(f"there is no T{number}")
    return found


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


class _Judged(NamedTuple):
    waits: str
    steps: str


def _judge(case: Case, shop: Shop) -> _Judged:
    sale = case.purchase.sale
    waits = by_hand.what_can_be_done(case.purchase, shop, clock.now())
    if case.purchase.state == "LATE":
        return _Judged(waits, f"setrum settle {sale} --loss | --agent-pays --reason '…'")
    return _Judged(waits, f"setrum settle {sale} --sold --token … | --not-sold --reason '…'")


def _code(code: int | None) -> str:
    return "–" if code is None else str(code)


def _stopped_by(at: breaker.Breaker) -> str:
    why = f"code {at.code}" if at.code is not None else "no clear answers"
    if at.state == "half":
        return f"{why}; one payment at a time is tried"
    return f"{why}; " + ("`setrum release sales` tries again" if at.way_back == "owner" else "tried again every minute")


def _line(case: Case, shop: Shop) -> str:
    one = case.purchase
    minutes = (clock.now() - one.confirmed_at) // clock.MINUTE
    judged = _judge(case, shop)
    return (
        f"{one.sale} {one.state:8} {minutes:>5} min  {case.agent}  Rp{one.price:,}".replace(",", ".")
        + f"  meter {logs.without_digits(one.msn)}  asked {one.advices}×, last code {_code(case.last_code)}\n"
        + f"    {judged.waits or judged.steps}"
    )


def _stray_line(stray: Stray) -> str:
    what = "a second sale for" if stray.kind == "double" else "sold, but nobody here asked for it:"
    return (
        f"S{stray.id} {what} {stray.trxid or '–'}  Rp{stray.total:,}".replace(",", ".")
        + f"  meter {logs.without_digits(stray.msn)}  token …{stray.token[-4:]}  found by {stray.source}\n"
        + f"    setrum settle S{stray.id} --claimed | --loss --reason '…'"
    )


def _show_case(case: Case, shop: Shop, *, as_json: bool) -> None:
    facts = _facts(case, shop)
    if as_json:
        print(json.dumps(facts, ensure_ascii=False))
        return
    one = case.purchase
    print(_line(case, shop))
    print(f"  ask the supplier about: trxid {one.trxid}, meter {one.msn}, denomination {one.denomination}")
    print(f"  confirmed {_time(one.confirmed_at)}, sent {_time(one.sent_at)}, next advice {_time(one.next_at)}")
    for move in case.movements:
        by = f" by {move.actor}: {move.reason}" if move.actor else ""
        print(f"  {_time(move.created_at)}  {move.from_state} → {move.to_state}: {move.event}{by}")
    for row in case.exchanges:
        print(f"  {_time(row.requested_at)}  {row.command} {_ended(row)}")
    for one_note in case.notes:
        print(f"  {_time(one_note.noted_at)}  noted '{one_note.kind}' by {one_note.actor}: {one_note.text}")
    for taken in case.decisions:
        print(f"  {_time(taken.created_at)}  decided '{taken.kind}' by {taken.actor}: {taken.reason}")
    print(f"  the raw answers: setrum log {one.sale} [--raw]")


def _ended(row: Exchange) -> str:
    if row.completed_at is None:
        return "no answer stored"
    return f"{row.transport} rc {_code(row.code)} class {row.verdict}" + (
        "" if row.applied_at else " (not applied yet)"
    )


def _facts(case: Case, shop: Shop) -> dict[str, Any]:
    one, judged = case.purchase, _judge(case, shop)
    return {
        "sale": one.sale,
        "state": one.state,
        "agent": case.agent,
        "meter": one.msn,
        "denomination": one.denomination,
        "price": one.price,
        "trxid": one.trxid,
        "confirmed_at": one.confirmed_at,
        "sent_at": one.sent_at,
        "advices": one.advices,
        "last_code": case.last_code,
        "waits": judged.waits,
        "movements": [dataclasses.asdict(move) for move in case.movements],
        "exchanges": [
            {"id": row.id, "command": row.command, "requested_at": row.requested_at, "ended": _ended(row)}
            for row in case.exchanges
        ],
        "decisions": [dataclasses.asdict(taken) for taken in case.decisions],
        "notes": [dataclasses.asdict(noted) for noted in case.notes],
    }


def _stray_facts(stray: Stray) -> dict[str, Any]:
    facts = dataclasses.asdict(stray)
    del facts["idem_key"]  # it may be the token itself
    return facts | {"sale": f"S{stray.id}", "token": f"…{stray.token[-4:]}"}


def _time(at: int | None) -> str:
    return clock.local(at, clock.WIB).strftime("%Y-%m-%d %H:%M:%S WIB") if at else "–"


def _print(as_json: bool, facts: dict[str, str]) -> None:
    print(json.dumps(facts, ensure_ascii=False) if as_json else "  ".join(f"{k} {v}" for k, v in facts.items()))
