"""The stage of a campaign: the Bot API with its people, a supplier's process, and the shop's, which can be killed.

Sets up who is an agent with which deposit, compresses the waiting times by one factor, and says when nothing moves
any more. Judges nothing.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, fields
from pathlib import Path

from bot import app, clock
from bot.domain.rules import Shop, Waits
from bot.ports import Tx
from bot.services import people
from tests.telegram.campaign.processes import Process, free_port, output_of
from tests.telegram.campaign.relay import Relay
from tests.telegram.double import BotApi, Clock, Person
from tests.telegram.street import SECRET

DATABASE, LEDGER = "setrum.db", "supplier.db"
OWNER, FIRST_AGENT = 11, 1001
DEPOSIT = 5_000_000
SUPPLIER_DEPOSIT = 100_000_000
_FAST = 0.02

# what a person or the network waits for; a calendar, a tolerance and a count stay as they are
COMPRESSED = (
    "janitor", "pending", "ten_minutes", "owner_alert", "advice", "advice_quarterly", "advice_hourly", "advice_daily",
    "advice_quarterly_until", "advice_hourly_until", "advice_gap", "verify", "verify_long", "failed_again",
    "counts_as_open", "inquiry_notice", "breaker_probe", "check_rest", "not_sent", "resend", "resend_prompt",
    "send_critical", "send_prompt", "send_edit", "send_notice", "telegram_chat", "telegram_all", "typing", "intake",
    "rival", "webhook", "shut", "menus",
)  # fmt: skip

# letters that wait, in or out, and purchases on their way; what is left when all of it is gone is rest
_MOVING = """
SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'new'), (SELECT COUNT(*) FROM effect WHERE state = 'open'),
  (SELECT COUNT(*) FROM outbox WHERE state IN ('queued', 'sending', 'unknown')),
  (SELECT COUNT(*) FROM purchase WHERE state IN ('CONFIRMED', 'SENDING', 'VERIFY')),
  (SELECT COUNT(*) FROM purchase WHERE state IN ('UNKNOWN', 'MANUAL') AND confirmed_at >= :day),
  (SELECT COUNT(*) FROM exchange WHERE completed_at IS NOT NULL AND applied_at IS NULL)
"""
_DOUBTS = "purchases in doubt"
_NAMES = ("lines", "inquiries", "messages", "payments", _DOUBTS, "answers")


def waits(factor: float) -> dict[str, str]:
    """The settings that make the shop's waiting times so many times shorter."""
    given = {}
    for one in fields(Waits):
        if one.name in COMPRESSED:
            value = getattr(Waits(), one.name)
            steps = value if isinstance(value, tuple) else (value,)
            given[f"WAIT_{one.name.upper()}"] = ",".join(f"{step / 1000 / factor:.4f}" for step in steps)
    given["WAIT_OWNER_MAY_SETTLE"] = "2"
    deadlines = {"WAIT_DEADLINE_PAY": max(3.0, 60 / factor), "WAIT_DEADLINE_OTHER": max(3.0, 15 / factor)}
    return given | {name: f"{value:g}" for name, value in deadlines.items()}


@dataclass(slots=True)
class Stage:
    """Everything that runs."""

    folder: Path
    mode: str
    api: BotApi
    relay: Relay
    shop: Process
    environment: dict[str, str]
    agents: list[int]
    codes: list[int] = field(default_factory=list)  # how it ended when it was told to stop
    kills: list[float] = field(default_factory=list)  # when, by the double's calendar
    began_at: int = 0

    async def open(self) -> None:
        """Start the shop and wait until it serves."""
        await self.start()
        await self.shop.until_printed()

    async def start(self) -> None:
        """Start the shop, and wait for nothing."""
        await self.shop.start()

    async def kill(self) -> None:
        """End the shop as a power cut of its process alone would."""
        if not self.shop.runs:
            raise AssertionError(f"the shop ended by itself: {self.shop.log.read_text(encoding='utf-8')[-2000:]}")
        self.kills.append(self.api.clock.now())
        await self.shop.kill()

    async def stop(self) -> None:
        """Tell the shop to stop."""
        if self.shop.runs:
            self.codes.append(await self.shop.stop())

    def person(self, number: int) -> Person:
        """An agent, or anybody; every other one speaks English."""
        known = self.api.persons.get(number)
        return known or self.api.person(number, f"Orang {number}", "en" if number % 2 else "id")

    @property
    def has_seen_midnight(self) -> bool:
        """Whether the supplier's day changed meanwhile: an advice finds nothing of yesterday's."""
        return _wib_day(self.began_at) != _wib_day(clock.now())

    async def settle(self, seconds: float = 60.0) -> int:
        """Until nothing moves but what the supplier never sold: the owner asks there, and settles it by his command.

        How many he settled.
        """
        deadline, settled = time.monotonic() + seconds, 0
        while (left := self._moving()) and time.monotonic() < deadline:
            await asyncio.sleep(10 * _FAST)
            if left.endswith(_DOUBTS) and "," not in left:
                settled += await self._settle_unsold()
        return settled

    async def _settle_unsold(self) -> int:
        with closing(sqlite3.connect(f"file:{self.folder / LEDGER}?mode=ro", uri=True)) as connection:
            sold = {trxid for (trxid,) in connection.execute("SELECT trxid FROM sold")}
        with closing(sqlite3.connect(f"file:{self.folder / DATABASE}?mode=ro", uri=True)) as connection:
            doubts = connection.execute(
                "SELECT id, trxid FROM purchase WHERE state IN ('UNKNOWN', 'MANUAL')"
            ).fetchall()
        unsold = [f"T{number}" for number, trxid in doubts if trxid not in sold]
        words = ("--not-sold", "--reason", "the supplier has no such sale", "--by", "boss")
        done = [await output_of(("bot", "settle", one, *words), self.environment, self.folder) for one in unsold]
        return sum(code == 0 for code, _ in done)

    async def rest(self, seconds: float = 60.0) -> str:
        """Until nothing moves; what still does, if it takes too long."""
        deadline, rested, left = time.monotonic() + seconds, 0, "nothing looked at"
        while time.monotonic() < deadline:
            left = self._moving()
            rested = 0 if left else rested + 1
            if rested > 3:
                return ""
            await asyncio.sleep(10 * _FAST)
        return left

    def _moving(self) -> str:
        if self.api.state.updates.pending or self.api.state.updates.again:
            return "updates that the platform holds"
        with closing(sqlite3.connect(f"file:{self.folder / DATABASE}?mode=ro", uri=True)) as connection:
            day = _wib_day(clock.now()) * clock.DAY - 7 * clock.HOUR
            counts = connection.execute(_MOVING, {"day": day}).fetchone()
        return ", ".join(f"{count} {name}" for count, name in zip(counts, _NAMES, strict=True) if count)

    async def audit(self) -> list[str]:
        """What `setrum check` says, after the shop was stopped."""
        code, said = await output_of(("bot", "check"), self.environment, self.folder)
        return [] if code == 0 else [line for line in said.splitlines() if "VIOLATION" in line] or [said[-500:]]


def _wib_day(milliseconds: int) -> int:
    return (milliseconds + 7 * clock.HOUR) // clock.DAY


@asynccontextmanager
async def staged(
    folder: Path, mode: str, *, factor: float, seed: int, agents: int, latency: int = 20, level: str = "INFO"
) -> AsyncIterator[Stage]:
    """A shop with so many agents, not yet started; everything is ended at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = [FIRST_AGENT + number for number in range(agents)]
    await _furnish(folder, numbers)
    given = ("bot", "sandbox", "--port", "0", "--ledger", str(folder / LEDGER), "--latency", str(latency))
    supplier = Process(given, {}, folder, "supplier")
    await supplier.start()
    try:
        printed = dict(line.split("=", 1) for line in await supplier.until_printed(3))
        async with BotApi(clock=Clock(factor=factor), seed=seed) as api, Relay(printed["VSI_URL"]) as relay:
            environment = _environment(folder, mode, api, factor, level) | printed | {"VSI_URL": relay.url}
            shop = Process(("bot", "serve"), environment, folder, "serve")
            stage = Stage(folder, mode, api, relay, shop, environment, numbers, began_at=clock.now())
            try:
                yield stage
            finally:
                await shop.kill()
    finally:
        await supplier.kill()


def _environment(folder: Path, mode: str, api: BotApi, factor: float, level: str) -> dict[str, str]:
    port = free_port()
    return waits(factor) | {
        "DATABASE_URL": f"sqlite:///{folder / DATABASE}",
        "TELEGRAM_TOKEN": api.token,
        "TELEGRAM_API_URL": api.url,
        "TELEGRAM_MODE": mode,
        "TELEGRAM_SECRET": SECRET,
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "OWNERS": f"telegram:{OWNER}",
        "EPHEMERAL_DISK": "1",
        "LOG_LEVEL": level,
    }


async def _furnish(folder: Path, numbers: list[int]) -> None:
    """The shop's database with its agents, before anybody serves it."""
    shop = Shop(name="Toko Uji")

    def furnish(tx: Tx) -> None:
        now = clock.now()
        for number in numbers:
            agent = people.add_agent(tx, f"Agen {number}", ("telegram", str(number)), shop, now)
            people.top_up(tx, agent, DEPOSIT, f"uji{number}", "test", shop, now)
        people.top_up_supplier(tx, SUPPLIER_DEPOSIT, "uji", "test", now)

    async with app.opened(folder / DATABASE, shop) as store:
        await store.write(furnish)
