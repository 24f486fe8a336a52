"""The process that is killed: the real shop on a real database, put together as `setrum serve` does it.

What is added is the platform of its chats, a file (`history`), and the points that it passes. It ends by SIGKILL, or
when the campaign says `stop`.
"""

import asyncio
import io
import json
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from bot import app, books, clock, logs
from bot.channels.console import NAME, Console, Look
from bot.domain.message import Message
from bot.domain.rules import Shop, Waits
from bot.i18n import Catalogues, Renderer
from bot.messaging import inbox
from bot.messaging.channel import NOT_SENT, SENT, UNKNOWN, Local, Result
from bot.messaging.inbox import Inbound
from bot.messaging.outbox import Outgoing
from bot.store import queries
from bot.store.sqlite import SqliteStore
from bot.vsi.client import VsiAccess
from bot.vsi.client import Waits as Deadlines
from tests.crash.history import Noted, Pen, Read, Tail, Taken, Typed
from tests.crash.points import PointedChannel, PointedStore, PointedSupplier, Points

CID, SECRET = "crash", "crash"
OWNER = "boss"
HISTORY, DATABASE, LEDGER, PASSAGES, LOG = "history", "setrum.db", "supplier.db", "passages", "log"
REDELIVERED = 4  # so many lines come again at every start, acknowledged or not

# every waiting time of the rules, compressed some thousandfold; counts stay as they are
_COMPRESSED: Mapping[str, int | float | tuple[int, ...]] = {
    "confirmed": 250,
    "janitor": 40,
    "pending": 120,
    "ten_minutes": 500,
    "owner_alert": 900,
    "manual": 1_500,
    "advice": (30, 40, 50, 60, 80, 100, 100, 100),
    "advice_quarterly": 100,
    "advice_hourly": 100,
    "advice_daily": 100,
    "advice_gap": 3,
    "verify": 200,
    "verify_long": 300,
    "failed_again": 250,
    "counts_as_open": 400,
    "skew": 2_000,  # the supplier's times are whole seconds
    "inquiry_notice": 150,
    "breaker_probe": 60,
    "owner_may_settle": 500,
    "check_rest": 30,
    "not_sent": (10, 20),
    "resend": (10, 20, 40, 80),
    "resend_prompt": 10,
}
_KNOWN = {one.name for one in fields(Waits)}
WAITS = Waits(**{name: value for name, value in _COMPRESSED.items() if name in _KNOWN})  # type: ignore[arg-type]
DEADLINES = Deadlines(pay=0.25, other=0.2, connect=0.2, unsent_pause=0.01, midnight_pause=0.0)


@dataclass(frozen=True, slots=True)
class Orders:
    """One life of the process. `ahead` milliseconds are added to the machine's clock."""

    folder: str
    url: str
    life: int
    ahead: int
    seed: int
    point: str = ""
    passage: int = 0
    flaky: float = 0.0  # how many messages the channel does not, or does not certainly, deliver
    fresh_advice_id: bool = False
    unclear_run: int = 1_000_000
    denominations: tuple[int, ...] = field(default=(20_000, 50_000, 100_000))

    @property
    def text(self) -> str:
        """As it is handed to the fork server."""
        return json.dumps(asdict(self))


def shop_of(orders: Orders) -> Shop:
    """The shop that every life of a run opens."""
    named = {one.name for one in fields(Shop)}
    more = {"unclear_run": orders.unclear_run} if "unclear_run" in named else {}
    return Shop(
        name="Toko Uji",
        owners=((NAME, OWNER),),
        denominations=orders.denominations,
        zone=clock.WIB,
        inquiries_a_minute=10_000,
        inquiries_a_day=100_000,
        known_after_sales=1_000_000,
        fresh_advice_id=orders.fresh_advice_id,
        waits=WAITS,
        **more,  # type: ignore[arg-type]
    )


def live(text: str) -> None:
    """What the fork server runs."""
    given = json.loads(text)
    given["denominations"] = tuple(given["denominations"])
    logs.set_up("ERROR")
    asyncio.run(_live(Orders(**given)))


def warm_up() -> None:
    """What can be read before the fork is read once."""
    queries.load()
    Renderer(Catalogues())


async def _live(orders: Orders) -> None:
    folder = Path(orders.folder)
    point = Points(folder / PASSAGES, orders.point, orders.passage)
    pen = Pen(folder / HISTORY)
    shop = shop_of(orders)

    def now() -> int:
        return clock.now() + orders.ahead

    async with books.opened(folder / DATABASE, shop, now=now) as store:
        supplier = PointedSupplier(VsiAccess(orders.url, CID, SECRET), DEADLINES, now)
        supplier.point = point
        paper = Paper(pen, shop, now, random.Random(orders.seed), orders.flaky)
        pointed = PointedStore(store, point)
        setrum = app.assemble(pointed, supplier, shop, [PointedChannel(paper, point)], now=now)

        async def until() -> None:
            await _platform(pointed, pen, folder / HISTORY, orders.life, now)

        await setrum.run(until=until)
        await pointed.settle()


async def _platform(store: SqliteStore, pen: Pen, history: Path, life: int, now: clock.Now) -> None:
    """Deliver what nobody acknowledged, a few lines once more that somebody did, and then whatever is typed."""
    tail = Tail(history)
    said = list(tail.new())
    taken = {one.id for one in said if isinstance(one, Taken)}
    typed = [one for one in said if isinstance(one, Typed)]
    for number, one in enumerate(typed):
        if one.id not in taken or number >= len(typed) - REDELIVERED:
            await _deliver(store, pen, one, now)
    if Noted("stop", life, 0) in said:  # told before it was up
        return
    while True:
        for record in tail.new():
            if isinstance(record, Typed):
                await _deliver(store, pen, record, now)
            elif record == Noted("stop", life, 0):
                return
        await asyncio.sleep(0.003)


async def _deliver(store: SqliteStore, pen: Pen, typed: Typed, now: clock.Now) -> None:
    order_key = int(typed.id.rpartition(":")[2])
    item = Inbound(NAME, typed.id, typed.who, typed.text, order_key, typed.at)
    await asyncio.gather(*(store.write(inbox.put, item, now()) for _ in range(typed.copies)))
    pen.write(Taken(typed.id))


class Paper(Local):
    """The console's own words, on paper: each message is one record of the history."""

    name = NAME

    def __init__(self, pen: Pen, shop: Shop, now: clock.Now, chance: random.Random, flaky: float) -> None:
        self._sheet = io.StringIO()
        self._console = Console(self._sheet, Renderer(Catalogues()), shop.zone, Look(as_json=True))
        self._pen = pen
        self._now = now
        self._chance = chance
        self._flaky = flaky

    async def send(self, outgoing: Outgoing, message: Message) -> Result:
        """Shown, or not, or shown and nobody knows."""
        trouble = self._chance.random() < self._flaky
        if trouble and self._chance.random() < 0.5:
            return NOT_SENT
        await self._console.send(outgoing, message)
        said = json.loads(self._sheet.getvalue())
        self._sheet.seek(0)
        self._sheet.truncate()
        pay = next((one["id"] for one in said["options"] if one["id"].endswith(".pay")), "")
        record = Read(outgoing.address, said["key"], said["text"], outgoing.reply_to, pay, self._now())
        self._pen.write(record)
        return UNKNOWN if trouble else SENT
