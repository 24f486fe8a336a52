"""The command line: `python -m bot VERB`, installed as `setrum`. Parses words, calls `commands`, says what went wrong.

An expected failure is one sentence on standard error and exit code 2; a traceback is a bug.
"""

import argparse
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import uvloop

from bot import (
    __version__,
    agents,
    commands,
    copies,
    doctor,
    logs,
    open_cases,
    reconcile,
    settings,
    summarise,
    vsi_by_hand,
)
from bot.demo import demo
from bot.services.decisions import DecisionError
from bot.services.people import PeopleError
from bot.services.standing import StandingError
from bot.settings import SettingsError
from bot.store.errors import StoreError

Verb = Callable[[argparse.Namespace], Awaitable[int]]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="setrum", description="Sell PLN prepaid electricity tokens by chat.")
    parser.add_argument("--version", action="version", version=f"setrum {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    def verb(name: str, run: Verb, words: str, *, reports: bool = False) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=words, description=words)
        made.set_defaults(run=run)
        if reports:
            made.add_argument("--json", action="store_true", help="one JSON object on standard output")
        return made

    made = verb("demo", demo, "a practice shop in this terminal: nothing is real, nothing to set up")
    made.add_argument("--json", action="store_true", help="one JSON object a message")
    made.add_argument("--wait", type=float, default=10.0, metavar="SECONDS", help="stay so long at end of input")
    made = verb("chat", commands.chat, "talk on standard input and output, against DATABASE_URL and VSI_URL")
    made.add_argument("--as", dest="person", default="console:me", metavar="CHANNEL:NAME", help="who is talking")
    made.add_argument("--json", action="store_true", help="one JSON object a message: key, text, options")
    made.add_argument("--wait", type=float, default=10.0, metavar="SECONDS", help="stay so long at end of input")
    verb("serve", commands.serve, "run the workers and the web server until stopped")
    made = verb("sandbox", commands.sandbox, "a supplier to practise against, speaking the real protocol")
    made.add_argument("--host", default="127.0.0.1")
    made.add_argument("--port", type=int, default=8081)
    made.add_argument("--ledger", metavar="FILE", help="keep its books in a file")
    made.add_argument("--latency", type=int, default=0, metavar="MS", help="answer no sooner than this")
    verb("migrate", commands.migrate, "bring the database up to this release", reports=True)
    verb("check", commands.check, "verify the books against every invariant; exit 1 on a violation", reports=True)
    verb("doctor", doctor.run, "look at token, webhook, supplier, clock and database, and say what to do", reports=True)
    _people(verb)
    open_cases.add_arguments(verb)
    reconcile.add_arguments(verb)
    copies.add_arguments(verb)
    summarise.add_arguments(verb("summary", summarise.run, "some days in figures", reports=True))
    made = verb("log", commands.log, "every exchange with the supplier about a sale", reports=True)
    made.add_argument("sale", help="such as T10482")
    made.add_argument("--raw", action="store_true", help="meters and tokens in full: evidence for the supplier")
    vsi_by_hand.add_arguments(
        verb("vsi", vsi_by_hand.run, "make one call of the supplier's contract by hand", reports=True)
    )
    return parser


def _people(verb: Callable[..., argparse.ArgumentParser]) -> None:
    agents.add_arguments(verb)
    made = verb("deposit", commands.deposit, "show deposits, or top one up", reports=True)
    made.add_argument("action", nargs="?", choices=["show", "add", "credit", "repay", "vsi", "adjust"], default="show")
    made.add_argument("name", nargs="?", help="the agent; left out for `vsi`, the owner's own top-up at the supplier")
    made.add_argument("amount", nargs="?", type=int, help="whole rupiah; `adjust` takes -5000, too")
    made.add_argument("--reason", default="", help="why an `adjust` is made: kept for ever")
    made.add_argument("--by", default=commands.operator(), metavar="NAME", help="who adjusts (default: your user name)")
    made.add_argument("--ref", help="the bank line or receipt; a reference is credited once")
    made.add_argument("--again", action="store_true", help="the same agent and amount within a day is meant")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code."""
    parsed = _parser().parse_args(arguments)
    os.umask(0o077)  # the database holds tokens, which are money
    try:
        logs.set_up("ERROR" if parsed.verb == "demo" else settings.read()[0].log_level)
        run: Callable[[argparse.Namespace], Coroutine[Any, Any, int]] = parsed.run
        return uvloop.run(run(parsed))
    except (SettingsError, StoreError, PeopleError, DecisionError, StandingError, commands.CommandError) as error:
        print(f"setrum {parsed.verb}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
