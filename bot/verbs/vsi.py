"""`setrum vsi …`: each call of the supplier's contract by hand, as one needs at its test site.

A payment by hand is journalled to a file before it leaves, and never against a shop's own database: there a payment
goes through the services only.
"""

import argparse
import dataclasses
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot import ids, settings
from bot.domain.meter import is_number
from bot.domain.supply import (
    Advise,
    AutoPay,
    Command,
    Inquire,
    Pay,
    PostpaidInquire,
    PostpaidPay,
    Reply,
    Request,
)
from bot.settings import SettingsError
from bot.supplier import client
from bot.vsi.client import VsiClient

_PAYS = (Pay, AutoPay, PostpaidPay)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The calls, each with what the contract asks for."""
    parser.add_argument("--journal", default="data/vsi-by-hand.jsonl", metavar="FILE", help="where payments are noted")
    calls = parser.add_subparsers(dest="call", metavar="CALL", required=True)
    _call(calls, "inquire", "who stands behind a meter number or IDPEL", "number")
    _call(calls, "pay", "pay by the refnum of an inquiry: real money", "denomination", "refnum")
    _call(calls, "auto-pay", "pay without an inquiry: real money", "number", "denomination")
    advise = _call(calls, "advise", "what became of a payment", "number", "denomination")
    advise.add_argument("--payref", help="the payment's own reference; without it the answer may be an older sale's")
    advise.add_argument("--trxid", help="the payment's trxid; a fresh one if left out")
    _call(calls, "postpaid-inquire", "a postpaid bill", "number")
    _call(calls, "postpaid-pay", "pay a postpaid bill: real money", "number")


def _call(
    calls: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, words: str, *needs: str
) -> argparse.ArgumentParser:
    made = calls.add_parser(name, help=words, description=words)
    for need in needs:
        made.add_argument(need, type=int if need == "denomination" else str)
    if "pay" in name.split("-"):
        made.add_argument("--yes", action="store_true", help="really pay")
    return made


async def run(arguments: argparse.Namespace) -> int:
    """Make the call; prints the masked request, the raw answer, what it was read as, and its class."""
    set_up, _, deadlines = settings.read()
    set_up.need_supplier()
    supplier = client(set_up, deadlines)
    request = _request(arguments)
    try:
        masked = supplier.masked(request)
    except ValueError as error:
        raise SettingsError(str(error)) from None
    pays = isinstance(request, _PAYS)
    if pays and set_up.database.is_file():
        raise SettingsError(
            f"{set_up.database.absolute()} is a shop's database: there a payment goes through the services only; "
            "set DATABASE_URL to a file that does not exist to pay by hand"
        )
    if pays and not arguments.yes:
        raise SettingsError("this spends real money at the supplier: repeat with --yes if that is meant")
    journal = Path(arguments.journal)
    if pays:
        _note(journal, {"request": masked, "trxid": request.trxid})
        print(f"journal: {journal.absolute()}", file=sys.stderr)
    reply = await supplier.send(request)
    if pays:
        _note(
            journal,
            {"trxid": request.trxid, "transport": reply.transport, "answer": reply.body.decode("utf-8", "replace")},
        )
    _show(supplier, request, reply, as_json=arguments.json)
    return 0


def _note(journal: Path, facts: dict[str, str]) -> None:
    journal.parent.mkdir(parents=True, exist_ok=True)
    with journal.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"at": datetime.now(UTC).isoformat()} | facts) + "\n")


def _request(arguments: argparse.Namespace) -> Request:
    number = str(getattr(arguments, "number", ""))
    if number and not is_number(number):
        raise SettingsError(f"{number!r}: a meter number has 11 digits, an IDPEL 12")
    fresh = ids.payment_trxid()
    match arguments.call:
        case "inquire":
            return Inquire(ids.inquiry_trxid(), number)
        case "pay":
            return Pay(fresh, arguments.denomination, arguments.refnum)
        case "auto-pay":
            return AutoPay(fresh, number, arguments.denomination)
        case "advise":
            return Advise(arguments.trxid or ids.advice_trxid(), number, arguments.denomination, arguments.payref)
        case "postpaid-inquire":
            return PostpaidInquire(ids.inquiry_trxid(), number)
        case _:
            return PostpaidPay(fresh, number)


def _show(supplier: VsiClient, request: Request, reply: Reply, *, as_json: bool) -> None:
    read = _read(supplier, request, reply)
    body = reply.body.decode("utf-8", "replace")
    facts = {
        "request": supplier.masked(request),
        "transport": reply.transport,
        "status": reply.status,
        "milliseconds": reply.milliseconds,
        "answer": body,
        "read": read,
    }
    if as_json:
        print(json.dumps(facts, default=str))
        return
    print(f"{facts['request']}\n{reply.transport} {reply.status or ''} {reply.milliseconds} ms\n{body}")
    for name, value in read.items():
        print(f"  {name}: {value}")


def _read(supplier: VsiClient, request: Request, reply: Reply) -> dict[str, object]:
    match request:
        case Inquire():
            return dataclasses.asdict(supplier.read_inquiry(reply))
        case Pay() | AutoPay():
            return dataclasses.asdict(supplier.read_payment(reply))
        case Advise():
            return dataclasses.asdict(supplier.read_advice(reply, by_payref=request.payref is not None))
        case PostpaidInquire():
            return dataclasses.asdict(supplier.read_bill(reply, Command.POSTPAID_INQUIRY))
        case PostpaidPay():
            return dataclasses.asdict(supplier.read_bill(reply, Command.POSTPAID_PAYMENT))
