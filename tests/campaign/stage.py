"""The stage of a campaign: people's platforms, a supplier's process, and the shop's, which can be killed.

Sets up who is an agent with which deposit, compresses the waiting times by one factor, and says when nothing moves
any more. Judges nothing. What a platform holds and what the shop needs to know of it, its own stage says.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

from bot import books
from bot.clock import DAY, HOUR, now
from bot.domain.rules import Shop, Waits
from bot.ports import Tx
from bot.services import people
from tests.campaign.processes import Process, output_of
from tests.campaign.relay import Relay
from tests.double.clock import Clock

DATABASE, LEDGER = "setrum.db", "supplier.db"
DEPOSIT = 5_000_000
SUPPLIER_DEPOSIT = 100_000_000
_FAST = 0.02

# what a person or the network waits for; a calendar, a tolerance and a count stay as they are
COMPRESSED = (
    "janitor", "pending", "ten_minutes", "owner_alert", "advice", "advice_quarterly", "advice_hourly", "advice_daily",
    "advice_quarterly_until", "advice_hourly_until", "advice_gap", "verify", "verify_long", "failed_again",
    "counts_as_open", "inquiry_notice", "breaker_probe", "check_rest", "not_sent", "resend", "resend_prompt",
    "send_critical", "send_prompt", "send_edit", "send_notice", "telegram_chat", "telegram_all", "typing", "intake",
    "rival", "webhook", "shut", "menus", "status", "held", "whatsapp_chat", "whatsapp_all", "whatsapp_pair",
    "whatsapp_crowd", "whatsapp_typing",
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

Address = tuple[str, str]  # platform and value


def waits(factor: float) -> dict[str, str]:
    """The settings that make the shop's waiting times so many times shorter."""
    given = {}
    for name in COMPRESSED:
        value = getattr(Waits(), name)
        steps = value if isinstance(value, tuple) else (value,)
        given[f"WAIT_{name.upper()}"] = ",".join(f"{step / 1000 / factor:.4f}" for step in steps)
    given["WAIT_OWNER_MAY_SETTLE"] = "2"
    deadlines = {"WAIT_DEADLINE_PAY": max(3.0, 60 / factor), "WAIT_DEADLINE_OTHER": max(3.0, 15 / factor)}
    return given | {name: f"{value:g}" for name, value in deadlines.items()}


@dataclass(slots=True, kw_only=True)
class Stage:
    """Everything that runs. `holds` is what a platform still has for the shop."""

    folder: Path
    clock: Clock
    relay: Relay
    shop: Process
    environment: dict[str, str]
    codes: list[int] = field(default_factory=list)  # how it ended when it was told to stop
    kills: list[float] = field(default_factory=list)  # when, by the double's calendar
    began_at: int = field(default_factory=now)

    @property
    def holds(self) -> str:
        """In words; '' for nothing."""
        raise NotImplementedError

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
        self.kills.append(self.clock.now())
        await self.shop.kill()

    async def stop(self) -> None:
        """Tell the shop to stop."""
        if self.shop.runs:
            self.codes.append(await self.shop.stop())

    @property
    def has_seen_midnight(self) -> bool:
        """Whether the supplier's day changed meanwhile: an advice finds nothing of yesterday's."""
        return _wib_day(self.began_at) != _wib_day(now())

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
        if held := self.holds:
            return held
        with closing(sqlite3.connect(f"file:{self.folder / DATABASE}?mode=ro", uri=True)) as connection:
            day = _wib_day(now()) * DAY - 7 * HOUR
            counts = connection.execute(_MOVING, {"day": day}).fetchone()
        return ", ".join(f"{count} {name}" for count, name in zip(counts, _NAMES, strict=True) if count)

    async def audit(self) -> list[str]:
        """What `setrum check` says, after the shop was stopped."""
        code, said = await output_of(("bot", "check"), self.environment, self.folder)
        return [] if code == 0 else [line for line in said.splitlines() if "VIOLATION" in line] or [said[-500:]]


def _wib_day(milliseconds: int) -> int:
    return (milliseconds + 7 * HOUR) // DAY


@asynccontextmanager
async def supplied(folder: Path, latency: int) -> AsyncIterator[tuple[Relay, dict[str, str]]]:
    """A supplier's process with a wire to it, and the settings by which the shop finds it; ended at the end."""
    given = ("bot", "sandbox", "--port", "0", "--ledger", str(folder / LEDGER), "--latency", str(latency))
    supplier = Process(given, {}, folder, "supplier")
    await supplier.start()
    try:
        printed = dict(line.split("=", 1) for line in await supplier.until_printed(3))
        async with Relay(printed["VSI_URL"]) as relay:
            yield relay, printed | {"VSI_URL": relay.url}
    finally:
        await supplier.kill()


def settings_of(folder: Path, port: int, factor: float, level: str, owner: str) -> dict[str, str]:
    """What every shop of a campaign is told; its platforms are beside it."""
    return waits(factor) | {
        "DATABASE_URL": f"sqlite:///{folder / DATABASE}",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "OWNERS": owner,
        "EPHEMERAL_DISK": "1",
        "LOG_LEVEL": level,
    }


async def furnish(folder: Path, agents: Sequence[Sequence[Address]]) -> None:
    """The shop's database with its agents, each with the chats that speak for him, before anybody serves it."""
    shop = Shop(name="Toko Uji")

    def agent_with(tx: Tx, chats: Sequence[Address], at: int) -> None:
        (_, name), *others = chats
        agent = people.add_agent(tx, f"Agen {name}", chats[0], shop, at)
        for one in others:
            people.bind(tx, agent.id, one, shop, at)
        people.top_up(tx, agent, DEPOSIT, f"uji{name}", "test", shop, at)

    def furnished(tx: Tx) -> None:
        at = now()
        for chats in agents:
            agent_with(tx, chats, at)
        people.top_up_supplier(tx, SUPPLIER_DEPOSIT, "uji", "test", at)

    async with books.opened(folder / DATABASE, shop) as store:
        await store.write(furnished)
