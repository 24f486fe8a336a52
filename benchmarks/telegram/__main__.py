"""`python -m benchmarks.telegram`: every bot, one after the other, and the table; `--quick` for a first impression."""

import argparse
import asyncio
import json
import platform
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.telegram import figures, machine, report, shop, supplier
from benchmarks.telegram.bots import KINDS, ROOT, SETRUM, Kind, Peers, why_not
from benchmarks.telegram.figures import Figures, Plan
from bot import disks, logs

_MEASUREMENTS = {
    "speed": figures.speed,
    "steadiness": figures.steadiness,
    "memory": figures.memory,
    "death": figures.death,
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.telegram", description=__doc__)
    parser.add_argument("--chats", type=int, default=1500)
    parser.add_argument("--quick", action="store_true", help="a tenth of the load, in less than two minutes")
    parser.add_argument("--json", action="store_true", help="one object on standard output")
    parser.add_argument("--page", action="store_true", help="the tables of benchmarks/README.md")
    parser.add_argument(
        "--only", default="", metavar="NAMES", help="bots, of " + ", ".join(kind.name for kind in KINDS)
    )
    parser.add_argument(
        "--measure", default=",".join(_MEASUREMENTS), metavar="NAMES", help="of " + ", ".join(_MEASUREMENTS)
    )
    parser.add_argument("--peers", type=Path, default=ROOT / ".venv-bench/bin/python", metavar="PYTHON")
    parser.add_argument("--loop", choices=["asyncio", "uvloop"], default="uvloop", help="the peers' event loop")
    return parser.parse_args()


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


async def _plan(arguments: argparse.Namespace, folder: Path) -> Plan:
    async with supplier.running() as alone:
        bare = await supplier.bare_seconds(alone)
    plan = Plan(
        Peers(arguments.peers, arguments.loop), folder / "known.db", folder / "plain.db", bare, chats=arguments.chats
    )
    if arguments.quick:
        plan = replace(plan, chats=min(120, plan.chats), turns=1, steady_seconds=4, open_conversations=300)
        plan = replace(plan, payments=24, silence_seconds=8)
    return plan


async def _furnish(plan: Plan) -> None:
    _say("making Setrum's shops …")
    await shop.make(plan.plain, max(plan.open_conversations, plan.payments) + 1)
    await shop.make(plan.known, plan.chats + 1, figures.known(plan.chats, plan.turns))


async def _bot(kind: Kind, plan: Plan, names: list[str], slow: Path | None) -> Figures:
    found: Figures = {}
    for name in names:
        _say(f"{kind.title}: {name} …")
        try:
            found |= await _MEASUREMENTS[name](kind, plan)
        except (TimeoutError, RuntimeError) as error:
            _say(f"{kind.title}: {name} failed: {error}")
    if kind is SETRUM and "speed" in names:
        if slow is None:
            _say("no compiler: the slow disk is skipped")
        elif "purchases/s" in found:
            _say(f"{kind.title}: speed on a slow disk …")
            slowly = (await figures.speed(kind, plan, preload=slow))["purchases/s"]
            found |= {"slow disk, purchases/s": slowly, "slow disk, of its own": slowly / found["purchases/s"]}
    return found


async def main() -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)  # nothing that was started stays behind
    arguments = _arguments()
    only = arguments.only.split(",") if arguments.only else [kind.name for kind in KINDS]
    run: report.Run = {}
    with tempfile.TemporaryDirectory(prefix="bench-telegram-") as name:
        folder = Path(name)
        if kept := disks.in_memory(folder):
            _say(f"the databases are in memory ({kept}): TMPDIR can name a folder on a disk")
        plan = await _plan(arguments, folder)
        slow = await machine.slow_disk(folder)
        for kind in (kind for kind in KINDS if kind.name in only):
            if reason := why_not(kind, plan.peers):
                _say(f"{kind.title} is skipped: {reason}")
                continue
            if kind is SETRUM:
                await _furnish(plan)
            run[kind.name] = await _bot(kind, plan, arguments.measure.split(","), slow)
    about = {"chats": plan.chats, "turns": plan.turns, "bare ms": plan.bare * 1000, "open": plan.open_conversations}
    if arguments.json:
        print(json.dumps({"about": about | {"python": platform.python_version()}, "bots": run}))
        return
    print(f"{plan.chats:,} chats, {plan.open_conversations:,} open; the supplier alone {plan.bare * 1000:.1f} ms")
    print(report.page(run) if arguments.page else report.table(run))


if __name__ == "__main__":
    logs.set_up("ERROR")
    asyncio.run(main())
