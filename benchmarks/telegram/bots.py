"""The bots that are measured, and how each is started; a stand is one of them with its own supplier and Bot API.

Every stand begins afresh: nothing of one measurement is in the next.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.telegram import botapi, machine, supplier
from benchmarks.telegram.botapi import BotApi
from benchmarks.telegram.machine import Process
from benchmarks.telegram.people import Person

ROOT = Path(__file__).parents[2]
_SECRET = "bench-secret"
_FIRST_ANSWER_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Kind:
    """A bot: its name in the figures and on the page, and its module if it is a peer."""

    name: str
    title: str
    module: str = ""
    redis: bool = False


SETRUM = Kind("setrum", "Setrum")
AIOGRAM = Kind("aiogram", "aiogram, memory", "benchmarks.telegram.peers.aiogram3")
REDIS = Kind("aiogram-redis", "aiogram, Redis", "benchmarks.telegram.peers.aiogram3", redis=True)
PTB = Kind("ptb", "python-telegram-bot", "benchmarks.telegram.peers.ptb")
KINDS = (AIOGRAM, REDIS, PTB, SETRUM)


@dataclass(frozen=True, slots=True)
class Peers:
    """The interpreter of their environment, and the event loop they run on: `asyncio` or `uvloop`."""

    python: Path
    loop: str


def why_not(kind: Kind, peers: Peers) -> str:
    """What is missing on this machine to run it; '' if nothing is."""
    if kind.module and not peers.python.is_file():
        return "the libraries are not installed; `make bench-telegram` does"
    if kind.redis and shutil.which("redis-server") is None:
        return "no redis-server on this machine"
    return ""


@dataclass
class Stand:
    """A bot with everything around it. `pids` are those whose work counts as the bot's."""

    kind: Kind
    api: BotApi
    supplier: supplier.Running
    words: list[str]
    environment: dict[str, str]
    log: Path
    greeter: Person
    beside: list[Process] = field(default_factory=list)
    bot: Process | None = None

    async def up(self) -> float:
        """Start the bot; seconds until it has answered somebody."""
        self.api.hook(f"{self.environment['PUBLIC_URL']}/telegram", _SECRET)
        began = time.perf_counter()
        self.bot = await Process.start(self.words, self.environment, self.log)
        try:
            async with asyncio.timeout(_FIRST_ANSWER_SECONDS):
                await self.greeter.greet()
        except TimeoutError:
            tail = self.log.read_text(encoding="utf-8", errors="replace")[-2000:]
            raise RuntimeError(f"{self.kind.title} answers nobody:\n{tail}") from None
        return time.perf_counter() - began

    @property
    def pids(self) -> list[int]:
        """The bot, and the database server that it needs."""
        assert self.bot is not None
        return [self.bot.pid, *(process.pid for process in self.beside)]

    def cpu_seconds(self) -> float:
        """What the bot has cost so far."""
        return sum(machine.cpu_seconds(pid) for pid in self.pids)

    def resident_mebibytes(self) -> float:
        """What the bot holds now."""
        return sum(machine.resident_mebibytes(pid) for pid in self.pids)


@asynccontextmanager
async def standing(
    kind: Kind,
    peers: Peers,
    greeter: int,
    *,
    database: Path | None,
    books: bool = False,
    preload: Path | None = None,
) -> AsyncIterator[Stand]:
    """A stand whose bot is not started yet; `database` is copied for Setrum, `preload` a library for its process."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-telegram-")))
        sold = await stack.enter_async_context(supplier.running(folder / "supplier.db" if books else None))
        api = await stack.enter_async_context(botapi.serving())
        port = machine.free_port()
        environment = sold.settings | {
            "TELEGRAM_API_URL": api.url,
            "TELEGRAM_TOKEN": botapi.TOKEN,
            "TELEGRAM_SECRET": _SECRET,
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "PORT": str(port),
        }
        if preload is not None:
            environment["LD_PRELOAD"] = str(preload)
        stand = Stand(kind, api, sold, [], environment, folder / "log", Person(api, greeter))
        if kind.redis:
            stand.beside.append(await _redis(stand, folder))
            stack.push_async_callback(stand.beside[0].stop)
        if kind.module:
            stand.words = [str(peers.python), "-m", kind.module]
            environment |= {"FOLDER": str(folder), "PYTHONPATH": str(ROOT), "LOOP": peers.loop}
        else:
            assert database is not None
            shutil.copy(database, folder / "shop.db")
            stand.words = [sys.executable, "-m", "bot", "serve"]
            environment |= _setrum(folder)
        stack.push_async_callback(_end, stand)
        yield stand


def _setrum(folder: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": f"sqlite:///{folder / 'shop.db'}",
        "TELEGRAM_MODE": "webhook",
        "EPHEMERAL_DISK": "1",  # it is gone after the run, whatever kind of disk it is
        "WAIT_MIDNIGHT": "0",
        "WAIT_TELEGRAM_CHAT": "0",  # the real cloud's limits would be all that is measured
        "WAIT_TELEGRAM_ALL": "0",
        "PYTHONPATH": str(ROOT),
    }


async def _redis(stand: Stand, folder: Path) -> Process:
    port = machine.free_port()
    stand.environment["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
    words = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    started = await Process.start(words, {}, folder / "redis.log")
    await machine.listens(port)
    return started


async def _end(stand: Stand) -> None:
    if stand.bot is not None:
        await stand.bot.stop()
