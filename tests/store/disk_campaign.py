"""A purchase on a disk that fails at a chosen call, the restart after it, and what the books then say.

`python -m tests.store.disk_campaign` runs every call of the purchase path in every way of failing, and with `--write`
puts the figures into docs/proof/disk.md. Each point is two processes: one buys while the disk fails, the next starts
on what is left of it.
"""

import argparse
import asyncio
import contextlib
import ctypes
import dataclasses
import errno
import json
import os
import platform
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from bot import logs
from bot.clock import MINUTE, SECOND
from bot.domain.purchase import OPEN, State
from bot.ports import Unavailable
from bot.sandbox import Readings
from bot.services import ledger
from bot.store import queries, sqlite
from bot.store.errors import BrokenStoreError, StoreError
from tests.world import NOON, World, world

ROOT = Path(__file__).parents[2]
SOURCE = Path(__file__).with_name("failing_disk.c")
PROOF = ROOT / "docs" / "proof" / "disk.md"
DEPOSIT = 500_000
HARSHEST = Readings(repeated_trxid="sells again", refnum_single_use=False)
POWER_CUT = -1
ONCE, LASTING = 0, 1
WAYS = {
    "full once": (errno.ENOSPC, ONCE),
    "full from there on": (errno.ENOSPC, LASTING),
    "I/O error once": (errno.EIO, ONCE),
    "I/O error from there on": (errno.EIO, LASTING),
    "power cut, all unsynced lost": (POWER_CUT, 0),
    "power cut, some unsynced lost": (POWER_CUT, 1),
}

PAGE = """# A purchase on a disk that fails

Written by `make disk`. One purchase, from the shop's start to its end, makes {calls} calls that write or make durable
(write, pwrite, ftruncate, fsync, fdatasync) on the database's files. Each of them failed once in each way. Then the
shop was started again on what was left, and its books, the supplier's books and what people had been told were held
against one another.

| the disk | points | process stopped | SUCCESS | FAILED | still open | never placed | violations |
|---|---|---|---|---|---|---|---|
{rows}

**{figures}**; {machine}.

A violation is: an invariant of `setrum check`; a damaged file; more payments at the supplier than purchases; a sale
that is not a success with its token readable; a success that nobody sold; a message about something that is not on
disk, or twice; a message left in sending; a wrong balance; a shop that does not start again. The supplier sells again
on a repeated trxid, so that a second payment shows. A power cut loses what was written since the last fsync of each
file, all of it or a random half; names and lengths of files are kept. With `synchronous=NORMAL` in place of `FULL`
the same campaign finds violations: a test says so.

Still open: the commit of SENDING failed in its fsync, so nothing was sent; the next start found it on disk all the
same. Nobody can tell that from a payment that left, and the hold stays until the supplier or the owner settles it.
"""


def compiler() -> str | None:
    """The C compiler of this machine, if it has one."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def compiled(folder: Path) -> Path:
    """The failing disk, ready to be preloaded."""
    library = folder / "failing_disk.so"
    command = [compiler() or "cc", "-O1", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl", "-lpthread"]
    subprocess.run(command, check=True)
    return library


@dataclasses.dataclass(frozen=True)
class Point:
    """The way of failing, at which call; what it took to get through, and everything that is wrong afterwards."""

    way: str
    call: int
    stopped: bool = False
    state: str = ""
    wrong: tuple[str, ...] = ()


class Disk:
    """The preloaded library's end in this process."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None)

    def arm(self, files: Path, call: int, way: str | None) -> None:
        error, mode = (0, 0) if way is None else WAYS[way]
        if error == POWER_CUT and mode:
            mode = call  # another half is lost at each call
        self._library.failing_disk_arm(str(files).encode(), ctypes.c_long(call), error, mode)

    def disarm(self) -> int:
        counted: int = self._library.failing_disk_disarm()
        return counted


async def buy(folder: Path, call: int, way: str | None) -> None:
    """Start the shop and buy once while the disk fails; what was read, and how many calls it took, stays in a file."""
    disk = Disk()
    left: dict[str, Any] = {"heard": [], "paid": 0, "stopped": False}
    disk.arm(folder / "setrum.db", call, way)
    try:
        async with world(folder, readings=HARSHEST, deposit=DEPOSIT) as shop:
            try:
                for line in ("54123456789 50", "bayar"):
                    await typed(shop, line)
                await shop.later(MINUTE // 2)
            except StoreError as error:
                left["stopped"] = isinstance(error, BrokenStoreError)
            left["heard"] = [(said.key, said.text) for said in shop.phone.read]
            left["paid"] = shop.sandbox.count("PAY")
            if way == "full once" and not left["stopped"]:
                left["stuck"] = await shop.store.raw(_stuck)
    except StoreError:  # it did not even open
        left["stopped"] = True
    left["calls"] = disk.disarm()
    (folder / "left.json").write_text(json.dumps(left))


def _stuck(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT COUNT(*) FROM outbox WHERE state = 'sending'").fetchone()[0])


async def typed(shop: World, line: str) -> None:
    """Type a line as a person does: again, if it was not taken."""
    for last in (False, False, True):
        try:
            await shop.say(line)
        except BrokenStoreError:
            raise
        except Unavailable:
            if last:
                raise
        else:
            return


async def restart(folder: Path, left: dict[str, Any]) -> tuple[str, list[str]]:
    """Start on what is left, on a sound disk, until nothing moves; the purchase's state and everything wrong."""
    async with world(folder, readings=HARSHEST, deposit=DEPOSIT, at=NOON + MINUTE // 2 + SECOND) as shop:
        await shop.settle()
        for _ in range(8):
            await shop.later(MINUTE)
        wrong = await shop.violations()
        wrong += [f"integrity: {found}" for found in await shop.store.raw(_integrity) if found != "ok"]
        wrong += await compared(shop, left)
        purchases = await shop.purchases()
        return (purchases[0].state.value if purchases else "none"), wrong


def _integrity(connection: sqlite3.Connection) -> list[str]:
    return [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]


async def compared(shop: World, left: dict[str, Any]) -> list[str]:
    """The supplier's books, and what people were told before the end, against ours."""
    purchases = {one.trxid: one for one in await shop.purchases()}
    sold = shop.sandbox.books.sales()
    wrong = []
    if left["paid"] + shop.sandbox.count("PAY") > len(purchases):
        wrong.append("more payments at the supplier than purchases")
    if len({one.trxid for one in sold}) < len(sold):
        wrong.append("a purchase was sold twice")
    for one in sold:
        purchase = purchases.get(one.trxid)
        if purchase is None or purchase.state is not State.SUCCESS:
            wrong.append(f"sold, and ours is {purchase.state if purchase else 'unknown'}")
        elif one.tokens[-1] not in "".join((await shop.say(f"token {purchase.sale}"))[0].text.split()):
            wrong.append("the agent cannot read his token")
    successes = {one.trxid for one in purchases.values() if one.state is State.SUCCESS}
    if successes - {one.trxid for one in sold}:
        wrong.append("a success that nobody sold")
    spent = sum(purchases[trxid].price for trxid in successes)
    held = sum(one.price for one in purchases.values() if one.state in OPEN)
    account = await shop.store.read(ledger.agent_account, 1)
    if (account.posted, account.held) != (DEPOSIT - spent, held):
        wrong.append(f"the balance is {account.posted} with {account.held} held, not {DEPOSIT - spent} with {held}")
    return wrong + misled(left, {one.tokens[-1] for one in sold if one.trxid in purchases}, len(purchases))


def misled(left: dict[str, Any], tokens: set[str], purchases: int) -> list[str]:
    """What people read before the end that is not on disk after it, or twice."""
    wrong = []
    keys = [key for key, _ in left["heard"]]
    shown = ["".join(text.split()) for key, text in left["heard"] if key == "token.only"]
    if any(not any(digits in text for digits in tokens) for text in shown):
        wrong.append("a token was shown that no books have")
    if "buy.processing" in keys and not purchases:
        wrong.append("a payment was promised that is not on disk")
    if any(keys.count(key) > 1 for key in ("buy.processing", "token.only", "pay.done")):
        wrong.append("a message about the purchase was read twice")
    if left.get("stuck"):
        wrong.append("messages were left in sending although there was room again")
    return wrong


def forked(work: Coroutine[Any, Any, Any], out: Path | None = None) -> int:
    """Run in a process of its own; the exit code of it, 137 after a power cut. What it returns goes to the file."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            found = asyncio.run(work)
            if out is not None:
                out.write_text(json.dumps(found))
            code = 0
        finally:
            sys.stderr.flush()
            os._exit(code)
    work.close()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def run(template: Path, way: str, call: int) -> Point:
    """One point on a fresh copy of the shop."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "shop"
        shutil.copytree(template, folder)
        code = forked(buy(folder, call, way))
        if code not in (0, 137):
            return Point(way, call, wrong=(f"the shop's process ended with {code}",))
        left = {"heard": [], "paid": 0, "stopped": True}
        if (folder / "left.json").exists():
            left = json.loads((folder / "left.json").read_text())
        if forked(restart(folder, left), folder / "found.json"):
            return Point(way, call, bool(left["stopped"]), wrong=("it does not start again",))
        state, wrong = json.loads((folder / "found.json").read_text())
        return Point(way, call, bool(left["stopped"]), state, tuple(wrong))


def furnished(folder: Path) -> tuple[Path, int]:
    """A shop to copy, and how many calls a purchase takes on a sound disk."""

    async def furnish() -> None:
        async with world(folder, readings=HARSHEST, deposit=DEPOSIT):
            pass

    folder.mkdir()
    assert forked(furnish()) == 0
    with tempfile.TemporaryDirectory() as name:
        sound = Path(name) / "shop"
        shutil.copytree(folder, sound)
        assert forked(buy(sound, 0, None)) == 0
        left = json.loads((sound / "left.json").read_text())
        assert [key for key, _ in left["heard"]][-2:] == ["token.only", "pay.done"], left
        return folder, int(left["calls"])


def campaign(chosen: int, seed: int, ways: list[str]) -> tuple[int, list[Point]]:
    """As many points as chosen, spread over the path, or all of them for 0; the number of calls, and what was found."""
    with tempfile.TemporaryDirectory() as name:
        template, calls = furnished(Path(name) / "template")
        chance = random.Random(seed)
        starts = [number * calls // chosen for number in range(chosen)]
        picked = [
            (ways[number % len(ways)], 1 + start + chance.randrange(max(1, calls // chosen)))
            for number, start in enumerate(starts)
        ]
        every = [(way, call) for way in ways for call in range(1, calls + 1)]
        return calls, [run(template, way, call) for way, call in (picked or every)]


def report(calls: int, points: list[Point], seconds: float) -> str:
    """The figures as a page of docs/proof."""
    rows = []
    for way in WAYS:
        mine = [one for one in points if one.way == way]
        states = [one.state for one in mine]
        numbers = (
            len(mine), sum(one.stopped for one in mine), states.count("SUCCESS"), states.count("FAILED"),
            sum(state in OPEN for state in states), states.count("none"), sum(len(one.wrong) for one in mine),
        )  # fmt: skip
        rows.append(f"| {way} | " + " | ".join(str(number) for number in numbers) + " |")
    total = sum(len(one.wrong) for one in points)
    figures = f"{len(points)} points, {total} violations"
    machine = f"{seconds:.0f} s on {platform.system()}, SQLite {sqlite3.sqlite_version}"
    return PAGE.format(calls=calls, rows="\n".join(rows), figures=figures, machine=machine)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=0, help="so many at random; all of them by default")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--way", choices=WAYS, help="only this way of failing")
    parser.add_argument("--synchronous", choices=["FULL", "NORMAL"], default="FULL")
    parser.add_argument("--write", action="store_true", help=f"the figures into {PROOF.relative_to(ROOT)}")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if "failing_disk" not in os.environ.get("LD_PRELOAD", ""):
        with tempfile.TemporaryDirectory() as name:
            preloaded = os.environ | {"LD_PRELOAD": str(compiled(Path(name)))}
            command = [sys.executable, "-m", __spec__.name, *sys.argv[1:]]
            return subprocess.run(command, env=preloaded, check=False).returncode
    if arguments.synchronous == "NORMAL":
        sqlite._DEMANDED["synchronous"] = ("NORMAL", 1)
    began = time.monotonic()
    logs.set_up("CRITICAL")
    queries.load()  # once, for every process that is forked from this one
    calls, points = campaign(arguments.points, arguments.seed, [arguments.way] if arguments.way else list(WAYS))
    wrong = [point for point in points if point.wrong]
    if arguments.json:
        print(json.dumps({"calls": calls, "points": [dataclasses.asdict(point) for point in points]}))
        return 0
    page = report(calls, points, time.monotonic() - began)
    print(page)
    for point in wrong:
        print(f"{point.way} at call {point.call}: {'; '.join(point.wrong)}")
    if arguments.write:
        PROOF.parent.mkdir(exist_ok=True)
        PROOF.write_text(page, encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
