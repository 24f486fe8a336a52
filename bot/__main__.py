"""The command line: `python -m bot VERB`, installed as `setrum`. Parses words, runs the verb, says what went wrong.

An expected failure is one sentence on standard error and exit code 2; a traceback is a bug.
"""

import argparse
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from importlib import import_module
from typing import Any

import uvloop

from bot import __version__, logs, settings
from bot.services.decisions import DecisionError
from bot.services.people import PeopleError
from bot.services.standing import StandingError
from bot.settings import SettingsError
from bot.store.errors import StoreError
from bot.verbs.common import CommandError

# each is a module of `bot.verbs`
VERBS = {
    "demo": "a practice shop in this terminal: nothing is real, nothing to set up",
    "chat": "talk on standard input and output, against DATABASE_URL and VSI_URL",
    "serve": "run the workers and the web server until stopped",
    "sandbox": "a supplier to practise against, speaking the real protocol",
    "migrate": "bring the database up to this release",
    "check": "verify the books against every invariant; exit 1 on a violation",
    "doctor": "look at token, webhook, supplier, clock and database, and say what to do",
    "agents": "list agents, add, invite, freeze or remove one's chat",
    "deposit": "show deposits, or top one up",
    "pending": "what is open or undecided, oldest first, with its evidence",
    "settle": "settle by hand what the supplier left open: never without a reason",
    "release": "end the read-only mode, or let stopped sales try again",
    "rebind": "bind the database to another supplier: host and client of the settings",
    "reconcile": "hold the supplier's report against the books",
    "backup": "copy the database, beside a running shop",
    "restore": "put a copy in the database's place, read-only",
    "summary": "some days in figures",
    "log": "every exchange with the supplier about a sale",
    "vsi": "make one call of the supplier's contract by hand",
}
TALKS = ("demo", "chat", "serve", "sandbox")  # the others report, as text or JSON


def parser(*verbs: str) -> argparse.ArgumentParser:
    """Of the whole command line; what a verb takes is read from its module for `verbs` only."""
    made = argparse.ArgumentParser(prog="setrum", description="Sell PLN prepaid electricity tokens by chat.")
    made.add_argument("--version", action="version", version=f"setrum {__version__}")
    choices = made.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, words in VERBS.items():
        verb = choices.add_parser(name, help=words, description=words)
        if name in verbs:
            if name not in TALKS:
                verb.add_argument("--json", action="store_true", help="one JSON object on standard output")
            module = import_module(f"bot.verbs.{name}")
            module.add_arguments(verb)
            verb.set_defaults(run=module.run)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    parsed = parser(*words[:1]).parse_args(words)
    os.umask(0o077)  # the database holds tokens, which are money
    try:
        logs.set_up("ERROR" if parsed.verb == "demo" else settings.read()[0].log_level)
        run: Callable[[argparse.Namespace], Coroutine[Any, Any, int]] = parsed.run
        return uvloop.run(run(parsed))
    except (SettingsError, StoreError, PeopleError, DecisionError, StandingError, CommandError) as error:
        print(f"setrum {parsed.verb}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
