"""The practice shop: console, sandbox and shop in one process, with its own database. Nothing here is real.

Every message is marked as practice. `/as agent|customer|owner` switches roles; the meter number picks what happens.
"""

import argparse
import dataclasses
import sys
from pathlib import Path

from pydantic import SecretStr

from bot import app, books, clock, ids, settings
from bot.channels.console import NAME, Console, Look
from bot.chat import Chat
from bot.domain.message import Message, Text
from bot.domain.rules import Bank, Shop
from bot.i18n import Catalogues, Renderer
from bot.messaging import inbox
from bot.messaging.channel import SENT, Local, Result
from bot.messaging.inbox import Inbound
from bot.messaging.outbox import Outgoing
from bot.ports import Tx
from bot.sandbox import SCENARIOS, Sandbox, SandboxConfig
from bot.services import ledger, people
from bot.settings import Deadlines, Settings
from bot.store.lock import DatabaseLock
from bot.supplier import client

_DATABASE = Path("data/demo.db")
_LEDGER = Path("data/demo-supplier.db")
_ROLES = {
    "agent": "agent",
    "agen": "agent",
    "customer": "customer",
    "pelanggan": "customer",
    "owner": "owner",
    "pemilik": "owner",
}
_NAME = "practice"  # client and secret of a supplier that sells nothing real
_DEPOSIT = 2_000_000
_SUPPLIER_DEPOSIT = 10_000_000
_PAST = (("54123456789", 50_000), ("54123456789", 20_000), ("41008812210", 100_000))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How it talks."""
    parser.add_argument("--json", action="store_true", help="one JSON object a message")
    parser.add_argument("--wait", type=float, default=10.0, metavar="SECONDS", help="stay so long at end of input")


async def run(arguments: argparse.Namespace) -> int:
    """Open the practice shop in this terminal; needs nothing and leaves its database for the next time."""
    set_up, waits, deadlines = settings.read()
    look = Look(as_json=arguments.json, coloured=not arguments.json and sys.stdout.isatty())
    with DatabaseLock(_DATABASE, "demo"):
        calendar = _Calendar()
        books = SandboxConfig(cid=_NAME, secret=_NAME, ledger=_LEDGER, latency_ms=300, clock=calendar)
        sandbox = Sandbox(books)
        url = await sandbox.start()
        try:
            shop = dataclasses.replace(
                set_up.shop(waits),
                name="Berkah Cell",
                owners=(("console", "owner"),),
                bank=Bank("Bank Latihan", "1234567890", "Berkah Cell"),
                practice=tuple((one.meter, {"id": one.words_id, "en": one.words_en}) for one in SCENARIOS),
            )
            practice = set_up.model_copy(update={"vsi_url": url, "vsi_cid": _NAME, "vsi_secret": SecretStr(_NAME)})
            await _talk(shop, practice, deadlines, look, arguments.wait, calendar)
        finally:
            await sandbox.stop()
    return 0


async def _talk(
    shop: Shop, practice: Settings, deadlines: Deadlines, look: Look, wait: float, calendar: "_Calendar"
) -> None:
    supplier = client(practice, deadlines, calendar)
    async with books.opened(_DATABASE, shop, now=calendar) as store:
        if await store.write(_furnish, shop, calendar()):
            await _past_sales(app.assemble(store, supplier, shop, [_Silence()], now=calendar))
        calendar.behind = 0
        console = Console(sys.stdout, Renderer(Catalogues(), practice=True), shop.zone, look)
        setrum = app.assemble(store, supplier, shop, [console], now=calendar)
        talk = Chat(setrum, console, "agent", look, _switch)

        async def until() -> None:
            await talk.show(Message(Text("demo.welcome")))
            if look.coloured:
                await talk.say("bantuan")
            await talk.talk(sys.stdin, wait)

        await setrum.run(until=until)


def _switch(line: str) -> tuple[str, Message] | None:
    """`/as owner` names another person; an unknown role keeps the present one and says which exist."""
    word, _, role = line.strip().casefold().partition(" ")
    if word != "/as":
        return None
    known = _ROLES.get(role.strip())
    if known is None:
        return "", Message(Text("demo.roles"))
    return known, Message(Text("demo.as", {"role": Text(f"role.{known}")}))


def _furnish(tx: Tx, shop: Shop, now: int) -> bool:
    """An agent with a deposit, once; True if the shop is new."""
    if any(one.name == "Toko Rina" for one in people.agents(tx)):
        return False
    agent = people.add_agent(tx, "Toko Rina", ("console", "agent"), shop, now)
    people.top_up(tx, agent, _DEPOSIT, "practice", "demo", shop, now)
    people.top_up_supplier(tx, _SUPPLIER_DEPOSIT, "practice", "demo", now)
    return ledger.agent_account(tx, agent.id).posted == _DEPOSIT


async def _past_sales(past: app.Setrum) -> None:
    """A few sales of yesterday, bought like any other, so that history and `rekap` have something to show."""
    for meter, amount in _PAST:
        for line in (f"{meter} {amount}", "bayar"):
            now = past.now()
            item = Inbound(NAME, f"past:{ids.nonce()}", "agent", line, now, now)
            await past.store.write(inbox.put, item, now)
            await past.drain()


class _Calendar:
    """The practice's clock: a day back while the past is made, then the present."""

    def __init__(self) -> None:
        self.behind = clock.DAY

    def __call__(self) -> int:
        return clock.now() - self.behind


class _Silence(Local):
    """Where the messages of the past go."""

    name = NAME

    async def send(self, outgoing: Outgoing, message: Message) -> Result:
        """Nobody reads them."""
        return SENT
