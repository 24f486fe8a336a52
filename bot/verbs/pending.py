"""`setrum pending`: what is open or undecided, oldest first, with its evidence and what can be done."""

import argparse
import dataclasses
import json
from typing import Any, NamedTuple

from bot import clock, logs
from bot.domain.rules import Shop
from bot.services import breaker, by_hand, standing, strays
from bot.services.by_hand import Case
from bot.services.exchanges import Exchange
from bot.services.strays import Stray
from bot.verbs.common import number_of, opened_beside, purchase_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All, or one sale."""
    parser.add_argument("sale", nargs="?", help="one sale with everything known about it, such as T10482")


async def run(arguments: argparse.Namespace) -> int:
    """List what waits, or show one sale whole."""
    async with opened_beside() as (store, shop):
        if arguments.sale:
            number = number_of(arguments.sale)
            case = await store.read(lambda tx: by_hand.case(tx, purchase_of(tx, number)))
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
