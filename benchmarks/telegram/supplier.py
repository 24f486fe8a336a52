"""The practice supplier as a process of its own, 20 ms a call, and what a purchase's two calls take without any bot."""

import asyncio
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot import clock, ids
from bot.domain.supply import Inquire, Pay
from bot.vsi.client import VsiAccess, VsiClient, Waits

LATENCY = 20


@dataclass(frozen=True, slots=True)
class Running:
    """A supplier at work: the settings of its clients, its process, and its books if they are on a file."""

    settings: dict[str, str]
    pid: int
    books: Path | None

    def client(self) -> VsiClient:
        """A client of this supplier."""
        access = VsiAccess(self.settings["VSI_URL"], self.settings["VSI_CID"], self.settings["VSI_SECRET"])
        return VsiClient(access, Waits(midnight_pause=0), clock.now)

    def sold(self) -> dict[str, str]:
        """The token of every sale in the books, and its meter."""
        assert self.books is not None
        with sqlite3.connect(f"file:{self.books}?mode=ro", uri=True) as connection:
            return dict(connection.execute("SELECT tokens, msn FROM sold").fetchall())


@asynccontextmanager
async def running(books: Path | None = None) -> AsyncIterator[Running]:
    """A fresh supplier while the block runs."""
    words = [sys.executable, "-m", "bot", "sandbox", "--port", "0", "--latency", str(LATENCY)]
    if books is not None:
        words += ["--ledger", str(books)]
    process = await asyncio.create_subprocess_exec(*words, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        lines = [(await process.stdout.readline()).decode().strip() for _ in range(3)]
        yield Running({name: value for name, _, value in (line.partition("=") for line in lines)}, process.pid, books)
    finally:
        process.terminate()
        await process.wait()


async def bare_seconds(supplier: Running, count: int = 40) -> float:
    """The median of both calls of a purchase, one after the other, on a supplier that does nothing else."""
    client = supplier.client()
    spent = []
    for number in range(count):
        began = time.perf_counter()
        answer = client.read_inquiry(await client.send(Inquire(ids.inquiry_trxid(), str(55_000_000_000 + number))))
        assert answer.inquiry is not None, answer
        await client.send(Pay(ids.payment_trxid(), 20_000, answer.inquiry.refnum))
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)
