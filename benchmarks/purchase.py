"""Meter to token through channel, inbox, engine, store, client and outbox, with a supplier that takes 20 ms.

The supplier runs as a process of its own; its bare calls are measured in the same run and subtracted.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot import app, books, clock, ids
from bot.domain.message import Message
from bot.domain.rules import Shop
from bot.domain.supply import Inquire, Pay
from bot.messaging import inbox
from bot.messaging.channel import SENT, Local, Result
from bot.messaging.inbox import Inbound
from bot.messaging.outbox import Outgoing
from bot.ports import Tx
from bot.services import people
from bot.vsi.client import VsiAccess, VsiClient, Waits

PURCHASES = 120
CHATS = 32
CONVERSATIONS = 10_000


@dataclass
class Collector(Local):
    """A channel that tells whoever waits for a message of a kind."""

    name: str = "console"
    waiting: dict[tuple[str, str], asyncio.Future[float]] = field(default_factory=dict)

    async def send(self, outgoing: Outgoing, message: Message) -> Result:
        future = self.waiting.pop((outgoing.address, message.key), None)
        if future is not None and not future.done():
            future.set_result(time.perf_counter())
        return SENT

    def expect(self, person: str, key: str) -> asyncio.Future[float]:
        self.waiting[person, key] = future = asyncio.get_running_loop().create_future()
        return future


@asynccontextmanager
async def supplier(folder: str) -> AsyncIterator[VsiClient]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "sandbox", "--port", "0", "--latency", "20", "--ledger", f"{folder}/supplier.db",
        stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        values = [(await process.stdout.readline()).decode().strip().partition("=")[2] for _ in range(3)]
        yield VsiClient(VsiAccess(values[0], values[1], values[2]), Waits(midnight_pause=0), clock.now)
    finally:
        process.terminate()
        await process.wait()


async def _say(setrum: app.Setrum, person: str, text: str) -> None:
    now = setrum.now()
    await setrum.store.write(inbox.put, Inbound("console", ids.ulid(), person, text, now, now), now)


async def _buy(setrum: app.Setrum, phone: Collector, person: str, number: int) -> float:
    """Seconds from the meter number to the token, the person's own thinking left out."""
    card = phone.expect(person, "buy.pay")
    began = time.perf_counter()
    await _say(setrum, person, f"{54_000_000_000 + number} 20")
    shown = await card
    token = phone.expect(person, "token.only")
    again = time.perf_counter()
    await _say(setrum, person, "bayar")
    return shown - began + await token - again


async def _bare(client: VsiClient, count: int) -> float:
    """Median seconds of the two calls alone."""
    spent = []
    for number in range(count):
        began = time.perf_counter()
        answer = client.read_inquiry(await client.send(Inquire(ids.inquiry_trxid(), f"{55_000_000_000 + number}")))
        assert answer.inquiry is not None
        await client.send(Pay(ids.payment_trxid(), 20_000, answer.inquiry.refnum))
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


def _furnish(tx: Tx, shop: Shop) -> None:
    for number in range(CHATS):
        agent = people.add_agent(tx, f"Agent {number}", ("console", f"agent{number}"), shop, 1)
        people.top_up(tx, agent, 900_000_000, f"bench{number}", "bench", shop, 1)


def _resident_mebibytes() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


async def measure() -> dict[str, float]:
    figures: dict[str, float] = {}
    shop = Shop(inquiries_a_minute=10**9, inquiries_a_day=10**9, most_open=10**9, known_after_sales=10**9)
    with tempfile.TemporaryDirectory() as folder:
        async with supplier(folder) as client, books.opened(Path(folder) / "bench.db", shop) as store:
            await store.write(_furnish, shop)
            phone = Collector()
            setrum = app.assemble(store, client, shop, [phone])

            async def until() -> None:
                figures["supplier alone: ms for both calls"] = bare = await _bare(client, 40) * 1000
                await _one_chat(setrum, phone, bare, figures)
                await _many_chats(setrum, phone, figures)
                await _memory(setrum, figures)

            await setrum.run(until=until)
    return figures


async def _one_chat(setrum: app.Setrum, phone: Collector, bare: float, figures: dict[str, float]) -> None:
    cpu = time.process_time()
    spent = sorted([await _buy(setrum, phone, "agent0", number) * 1000 - bare for number in range(PURCHASES)])
    figures["one chat: ms added, p50"] = spent[len(spent) // 2]
    figures["one chat: ms added, p99"] = spent[int(len(spent) * 0.99)]
    figures["one chat: added p50 as a share of the supplier's own"] = spent[len(spent) // 2] / bare
    figures["one chat: CPU ms a purchase"] = (time.process_time() - cpu) * 1000 / PURCHASES


async def _many_chats(setrum: app.Setrum, phone: Collector, figures: dict[str, float]) -> None:
    async def chat(number: int) -> None:
        for turn in range(8):
            await _buy(setrum, phone, f"agent{number}", 1_000 + number * 100 + turn)

    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(chat(number) for number in range(CHATS)))
    figures[f"{CHATS} chats: purchases/s"] = CHATS * 8 / (time.perf_counter() - began)
    figures[f"{CHATS} chats: CPU ms a purchase"] = (time.process_time() - cpu) * 1000 / (CHATS * 8)


async def _memory(setrum: app.Setrum, figures: dict[str, float]) -> None:
    before = _resident_mebibytes()
    for start in range(0, CONVERSATIONS, 500):
        await asyncio.gather(*(_say(setrum, f"stranger{start + number}", "cari") for number in range(500)))
    while await setrum.inbox.work():
        await setrum.inbox.idle()
    figures["memory: MiB before"] = before
    figures[f"memory: MiB more with {CONVERSATIONS:,} open conversations"] = _resident_mebibytes() - before
