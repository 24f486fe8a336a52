"""Setrum's database before a measurement: an agent for every chat, and regular customers whose meters sold before.

A shop asks about the name of a meter that it never sold to, which would be a fifth tap that no peer has. What is here
was booked by the shop itself, a day ago by its clock.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.telegram.people import chat_id, meter
from bot import app, books, clock, ids
from bot.domain.ledger import account_of
from bot.domain.message import Message
from bot.domain.rules import Shop
from bot.messaging import inbox
from bot.messaging.channel import SENT, Local, Result
from bot.messaging.inbox import Inbound
from bot.messaging.outbox import Outgoing
from bot.ports import Tx
from bot.sandbox import Sandbox, SandboxConfig
from bot.services import ledger, people
from bot.vsi.client import VsiAccess, VsiClient, Waits

_DEPOSIT = 900_000_000
_SUPPLIER_DEPOSIT = 9_000_000_000
_AGENTS_A_UNIT = 500
_SELLERS = 32
_GENEROUS = Shop(inquiries_a_minute=10**9, inquiries_a_day=10**9, known_after_sales=10**9)


@dataclass
class _Phone(Local):
    """The chats of yesterday's sellers: each waits for one message of a kind."""

    name: str = "console"
    waiting: dict[tuple[str, str], asyncio.Future[None]] = field(default_factory=dict)

    async def send(self, outgoing: Outgoing, message: Message) -> Result:
        future = self.waiting.pop((outgoing.address, message.key), None)
        if future is not None and not future.done():
            future.set_result(None)
        return SENT


def _yesterday() -> int:
    return clock.now() - clock.DAY


async def make(database: Path, chats: int, known: Iterable[tuple[int, int]] = ()) -> None:
    """A shop with so many agents, where the purchases (person, turn) of `known` meet meters that are known."""
    async with books.opened(database, Shop(), now=_yesterday) as store:
        await store.write(people.top_up_supplier, _SUPPLIER_DEPOSIT, "bench", "bench", _yesterday())
        first = await store.write(_last_agent) + 1
        for start in range(0, chats, _AGENTS_A_UNIT):
            numbers = range(start, min(chats, start + _AGENTS_A_UNIT))
            await store.write(_add_agents, {first + number: ("telegram", str(chat_id(number))) for number in numbers})
        sellers = {first + chats + number: ("console", _seller(number)) for number in range(_SELLERS)}
        await store.write(_add_agents, sellers)
    meters = [meter(*one) for one in known]
    if meters:
        await _sell(database, meters)


def _seller(number: int) -> str:
    return f"seller{number}"


def _last_agent(tx: Tx) -> int:
    return tx.one(int, "agent_last_id") or 0


def _add_agents(tx: Tx, agents: dict[int, tuple[str, str]]) -> None:
    """As `people.add_agent` does it, without looking through all names each time."""
    shop, now = Shop(), _yesterday()
    for number, address in agents.items():
        limits = {"daily_limit": 0, "created_at": now}
        tx.run("agent_add", id=number, name=f"Agent {number}", markup=shop.markup, fee=shop.fee, **limits)
        ledger.open_account(tx, account_of(number), guarded=True)
        people.bind(tx, number, address, shop, now, actor="bench")
        people.top_up(tx, people.agent(tx, number), _DEPOSIT, f"bench{number}", "bench", shop, now)


async def _sell(database: Path, meters: list[str]) -> None:
    """Sell 20rb to each meter, yesterday."""
    config = SandboxConfig(cid="practice", secret=ids.nonce(), deposit=_SUPPLIER_DEPOSIT, clock=_yesterday)
    sandbox = Sandbox(config)
    url = await sandbox.start()
    client = VsiClient(VsiAccess(url, config.cid, config.secret), Waits(midnight_pause=0), _yesterday)
    phone = _Phone()
    try:
        async with books.opened(database, _GENEROUS, now=_yesterday) as store:
            setrum = app.assemble(store, client, _GENEROUS, [phone], now=_yesterday)
            waiting = iter(meters)

            async def seller(person: str) -> None:
                for number in waiting:
                    await _say(setrum, phone, person, f"{number} 20", "buy.pay")
                    await _say(setrum, phone, person, "bayar", "token.only")

            async def until() -> None:
                await asyncio.gather(*(seller(_seller(number)) for number in range(_SELLERS)))

            await setrum.run(until=until)
    finally:
        await sandbox.stop()


async def _say(setrum: app.Setrum, phone: _Phone, person: str, text: str, awaited: str) -> None:
    phone.waiting[person, awaited] = future = asyncio.get_running_loop().create_future()
    now = _yesterday()
    await setrum.store.write(inbox.put, Inbound("console", ids.ulid(), person, text, now, now), now)
    await future
