"""The two ends of every channel for the contract: people who say and tap, and what they then see.

One way to talk to a whole shop: on the console, on Telegram by polling or by webhook, or on WhatsApp. Real stores, a
real supplier over loopback, the loops as in `serve`.
"""

import asyncio
import dataclasses
import io
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bot import app, books, clock
from bot.app import Setrum
from bot.channels.console import Console, Look
from bot.channels.telegram import Telegram
from bot.channels.whatsapp import WhatsApp
from bot.domain.message import Message
from bot.i18n import Catalogues, Renderer
from bot.messaging import inbox
from bot.messaging.channel import Result
from bot.messaging.inbox import Inbound
from bot.messaging.outbox import Outgoing
from bot.sandbox import Sandbox, SandboxConfig
from bot.store.sqlite import SqliteStore
from bot.vsi.client import VsiAccess, VsiClient
from bot.vsi.client import Waits as Deadlines
from tests.double.clock import PATIENCE
from tests.street import AtWork, furnish, settled
from tests.telegram.double import BotApi, Clock
from tests.telegram.street import AGENT, OTHER, OWNER, SHOP, Street, street
from tests.whatsapp import street as whatsapp
from tests.whatsapp.double import CloudApi, Item
from tests.world import ZONE

ENDS = ("console", "polling", "webhook", "whatsapp")
_CHANNELS = {"console": Console, "polling": Telegram, "webhook": Telegram, "whatsapp": WhatsApp}
_BOLD = re.compile(r"^\*(.*)\*$", re.MULTILINE)
_FENCE = "```"

Platform = BotApi | CloudApi | None


def lacks(kind: str, capability: str) -> bool:
    """Whether the channel cannot do what a sentence of the contract begins with."""
    if capability == "webhook":
        return kind in {"console", "polling"}
    return not getattr(_CHANNELS[kind], {"window": "statuses"}.get(capability, capability))


@dataclass(frozen=True)
class Seen:
    """A message as somebody reads it; `options` are ids by label, `at` tells what is newer."""

    at: int
    text: str
    options: dict[str, str]


class End(Protocol):
    """A shop and the people who talk to it, by the numbers of Telegram's street.

    `taken` are the signs that would format here, and are taken from what people and the supplier wrote.
    """

    taken: str

    @property
    def store(self) -> SqliteStore:
        """The shop's."""

    @property
    def sandbox(self) -> Sandbox:
        """Its supplier."""

    @property
    def setrum(self) -> Setrum:
        """The shop at work."""

    async def say(self, who: int, text: str) -> None:
        """Type a line; waits for nothing."""

    async def tap(self, who: int, option: str, seen: Seen, copies: int = 1) -> None:
        """Press the option with this id, on a message that this person once saw."""

    async def repeat(self, times: int) -> None:
        """Deliver what was said last so many times more, as the platform may."""

    def line(self, who: int, text: str, said_at: int) -> Inbound:
        """What this person typed, as the channel stores it."""

    def address(self, who: int) -> str:
        """This person's name on the channel."""

    def shown(self, who: int) -> list[Seen]:
        """All that this person sees."""

    async def until(self, who: int, count: int) -> None:
        """Until this person sees so many messages."""

    async def settled(self) -> None:
        """Until nothing waits any more."""


async def answers(end: End, who: int, text: str) -> list[Seen]:
    """Type a line; what this person sees once everything has settled."""
    before = len(end.shown(who))
    await end.say(who, text)
    await end.settled()
    return end.shown(who)[before:]


async def tapped(end: End, who: int, option: str, seen: Seen) -> list[Seen]:
    """Press an option; what this person sees once everything has settled."""
    before = len(end.shown(who))
    await end.tap(who, option, seen)
    await end.settled()
    return end.shown(who)[before:]


class Heard(Console):
    """A console that several people read, each what is his."""

    def __init__(self) -> None:
        self._stream = io.StringIO()
        super().__init__(self._stream, Renderer(Catalogues()), ZONE, Look(as_json=True))
        self.seen: list[tuple[str, Seen]] = []
        self.changed = asyncio.Event()

    async def send(self, outgoing: Outgoing, message: Message) -> Result:
        result = await super().send(outgoing, message)
        line = json.loads(self._stream.getvalue().splitlines()[-1])
        options = {one["label"]: one["id"] for one in line["options"]}
        self.seen.append((outgoing.address, Seen(len(self.seen), line["text"], options)))
        self.changed.set()
        return result


@dataclass
class OnConsole:
    """Lines in, JSON out."""

    store: SqliteStore
    sandbox: Sandbox
    setrum: Setrum
    heard: Heard
    count: int = 0
    said: list[Inbound] = field(default_factory=list)
    taken: str = ""

    async def say(self, who: int, text: str) -> None:
        self.count += 1
        now = self.setrum.now()
        self.said.append(Inbound("console", f"{now}:{self.count}", str(who), text, now * 1000 + self.count, now))
        await self.store.write(inbox.put, self.said[-1], now)

    async def tap(self, who: int, option: str, seen: Seen, copies: int = 1) -> None:
        for _ in range(copies):
            await self.say(who, option)

    async def repeat(self, times: int) -> None:
        for _ in range(times):
            await self.store.write(inbox.put, self.said[-1], self.setrum.now())

    def line(self, who: int, text: str, said_at: int) -> Inbound:
        return Inbound("console", "stored:5", str(who), text, _LAST, said_at)

    def address(self, who: int) -> str:
        return str(who)

    def shown(self, who: int) -> list[Seen]:
        return [seen for address, seen in self.heard.seen if address == str(who)]

    async def until(self, who: int, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.shown(who)) < count:
                self.heard.changed.clear()
                await self.heard.changed.wait()

    async def settled(self) -> None:
        await settled(self.store)


class _InTown:
    """What is at work in a town on any platform."""

    town: AtWork

    @property
    def store(self) -> SqliteStore:
        return self.town.store

    @property
    def sandbox(self) -> Sandbox:
        return self.town.sandbox

    @property
    def setrum(self) -> Setrum:
        return self.town.setrum


@dataclass
class OnTelegram(_InTown):
    """Phones."""

    town: Street
    taken: str = ""

    async def say(self, who: int, text: str) -> None:
        self.town.person(who).say(text)

    async def tap(self, who: int, option: str, seen: Seen, copies: int = 1) -> None:
        person = self.town.person(who)
        for _ in range(copies):
            person.forge(option, person.chat.messages[seen.at])

    async def repeat(self, times: int) -> None:
        for _ in range(times):
            self.town.api.again(self.town.api.state.updates.log[-1])

    def line(self, who: int, text: str, said_at: int) -> Inbound:
        said = {"message_id": 900, "chat": {"id": who, "type": "private"}, "text": text}
        body = json.dumps({"update_id": 5, "message": said})
        return Inbound("telegram", "stored:5", str(who), text, _LAST, said_at, body=body)

    def address(self, who: int) -> str:
        return str(who)

    def shown(self, who: int) -> list[Seen]:
        screen = self.town.person(who).screen
        return [
            Seen(one.message_id, one.text, {button.label: button.data for row in one.buttons for button in row})
            for one in screen
        ]

    async def until(self, who: int, count: int) -> None:
        person = self.town.person(who)
        await person.until(lambda: len(person.screen) >= count)

    async def settled(self) -> None:
        await self.town.settled()


@dataclass
class OnWhatsApp(_InTown):
    """Phones whose numbers end as the people of Telegram's street are called."""

    town: whatsapp.Street
    taken: str = "*_~`"
    said: list[Item] = field(default_factory=list)

    async def say(self, who: int, text: str) -> None:
        self.said.append(self.town.person(self.address(who)).say(text))

    async def tap(self, who: int, option: str, seen: Seen, copies: int = 1) -> None:
        person = self.town.person(self.address(who))
        shown = next(one for one in person.screen if one.serial == seen.at)
        for _ in range(copies):
            person.forge(option, shown)

    async def repeat(self, times: int) -> None:
        for _ in range(times):
            self.town.api.again(self.said[-1])

    def line(self, who: int, text: str, said_at: int) -> Inbound:
        said = {"id": "stored:5", "from": self.address(who), "type": "text", "text": {"body": text}}
        body = json.dumps({"contact": {}, "message": said})
        return Inbound("whatsapp", "stored:5", self.address(who), text, _LAST, said_at, body=body)

    def address(self, who: int) -> str:
        return _number(who)

    def shown(self, who: int) -> list[Seen]:
        """As a phone shows it: what is bold or in a fixed pitch has no marks."""
        return [
            Seen(
                one.serial,
                _BOLD.sub(r"\1", one.text.replace(_FENCE, "")),
                {button.label: button.id for button in one.options},
            )
            for one in self.town.person(self.address(who)).screen
        ]

    async def until(self, who: int, count: int) -> None:
        person = self.town.person(self.address(who))
        await person.until(lambda: len(person.screen) >= count, timeout=10)

    async def settled(self) -> None:
        await self.town.settled()


_LAST = 2**40  # greater than what orders any other line


def _number(who: int) -> str:
    return f"6281200000{who:04d}"


@asynccontextmanager
async def platform(kind: str) -> AsyncIterator[Platform]:
    """What stays while the shop stops and starts again."""
    if kind == "console":
        yield None
    elif kind == "whatsapp":
        async with CloudApi(clock=Clock(factor=20)) as cloud:
            yield cloud
    else:
        async with BotApi(clock=Clock(factor=20)) as bot:
            yield bot


@asynccontextmanager
async def opened(
    folder: Path,
    kind: str,
    *,
    agents: tuple[int, ...] = (AGENT, OTHER),
    latency_ms: int = 0,
    api: Platform = None,
) -> AsyncIterator[End]:
    """A shop at work on one of the channels."""
    if kind == "console":
        async with _on_console(folder, agents, latency_ms) as end:
            yield end
        return
    if kind == "whatsapp":
        async with _on_whatsapp(folder, agents, latency_ms, api) as reached:
            yield reached
        return
    bot = api if isinstance(api, BotApi) else None
    async with street(folder, kind, api=bot, agents=agents, latency_ms=latency_ms) as town:
        town.api.state.pace.off()
        yield OnTelegram(town)
        assert town.api.unsupported == []


@asynccontextmanager
async def _on_whatsapp(
    folder: Path, agents: tuple[int, ...], latency_ms: int, api: Platform
) -> AsyncIterator[OnWhatsApp]:  # fmt: skip
    shop = dataclasses.replace(whatsapp.SHOP, owners=(("whatsapp", _number(OWNER)),))
    cloud = api if isinstance(api, CloudApi) else None
    members = [_number(one) for one in agents]
    async with whatsapp.street(folder, api=cloud, shop=shop, agents=members, latency_ms=latency_ms) as town:
        town.api.pace.off()
        yield OnWhatsApp(town)
        assert (town.api.unsupported, town.api.refused) == ([], [])


@asynccontextmanager
async def _on_console(folder: Path, agents: tuple[int, ...], latency_ms: int) -> AsyncIterator[OnConsole]:
    shop = dataclasses.replace(SHOP, owners=(("console", str(OWNER)),))
    config = SandboxConfig(
        cid="uji", secret="rahasia", ledger=folder / "supplier.db", clock=clock.now, latency_ms=latency_ms
    )
    sandbox = Sandbox(config)
    access = VsiAccess(await sandbox.start(), "uji", "rahasia")
    client = VsiClient(access, Deadlines(pay=PATIENCE, unsent_pause=0.0, midnight_pause=0), clock.now)
    try:
        async with books.opened(folder / "setrum.db", shop) as store:
            members = [("console", str(number)) for number in agents]
            await store.write(furnish, shop, 500_000, members, clock.now())
            heard = Heard()
            setrum = app.assemble(store, client, shop, [heard])
            stop = asyncio.Event()

            async def until() -> None:
                await stop.wait()

            running = asyncio.create_task(setrum.run(until=until))
            try:
                yield OnConsole(store, sandbox, setrum, heard)
            finally:
                stop.set()
                await running
    finally:
        await sandbox.stop()
