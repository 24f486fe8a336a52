"""A chat in the terminal: reads lines, waits until each is answered, and stays at the end for what is still expected.

The loop that a person or a script talks to; what is said goes through inbox, engine and outbox like on any channel.
"""

import asyncio
import sys
from collections.abc import Callable
from typing import TextIO

from bot import ids
from bot.app import Setrum
from bot.channels.console import NAME, Console, Lines, Look, Spinner, readable
from bot.domain.message import Message, Text
from bot.domain.purchase import Purchase, State
from bot.messaging import inbox, outbox
from bot.messaging.channel import Outcome
from bot.messaging.inbox import Inbound
from bot.ports import Tx
from bot.services import people

_POLL_SECONDS = 0.1

Switch = Callable[[str], tuple[str, Message] | None]


class Chat:
    """One person's talk on the console. `switch` may claim a line and name another person (the demo's `/as`)."""

    def __init__(self, setrum: Setrum, console: Console, person: str, look: Look, switch: Switch | None = None) -> None:
        self._setrum = setrum
        self._console = console
        self._person = person
        self._look = look
        self._switch = switch
        self._run = ids.nonce()
        self._count = 0
        self._stirred = asyncio.Event()
        for topic in ("inbox", "outbox", "effect", "errand", "purchase"):
            setrum.store.on(topic, self._stirred.set)
        interactive = look.coloured and sys.stdin is not None and sys.stdin.isatty()
        self._interactive = interactive
        self._spinner = Spinner(lambda: self._words("con.busy"), visible=interactive)

    async def talk(self, stream: TextIO | None, wait_seconds: float, *, greet: bool = False) -> int:
        """Read to the end of input; returns how many purchases of this chat are still open then."""
        lines = Lines(readable(stream))
        if greet:
            await self.say("menu")
        while True:
            if self._interactive:
                self._console.prompt = f"\x1b[32m{self._words('con.prompt')}\x1b[0m "
                print(self._console.prompt, end="", flush=True)
            line = await lines.next()
            self._console.prompt = ""
            if line is None:
                break
            if line.strip():
                await self.say(line)
        return await self._stay(wait_seconds)

    async def say(self, line: str) -> None:
        """Send a line, and wait until it is answered."""
        if self._switch is not None and (switched := self._switch(line)) is not None:
            person, message = switched
            await self.show(message)
            if not person:
                return
            self._person, line = person, "menu"
        self._count += 1
        now = self._setrum.now()
        item = Inbound(NAME, f"{self._run}:{self._count}", self._person, line, now, now)
        await self._setrum.store.write(inbox.put, item, now)
        self._spinner.start()
        try:
            while not await self._setrum.store.read(_answered, self._person):
                await self._stir()
        finally:
            await self._spinner.stop()

    async def show(self, message: Message) -> None:
        """Show something that is not part of the talk itself."""
        chat = outbox.Outgoing(
            0, 0, self._person, self._setrum.shop.locale, outbox.Class.NOTICE, "", None, "", None, 0, 0
        )
        if (await self._console.send(chat, message)).outcome is not Outcome.SENT:
            raise BrokenPipeError("standard output is closed")

    async def _stay(self, wait_seconds: float) -> int:
        """What this conversation still expects may come within the wait; the rest goes on at the next start."""
        deadline = asyncio.get_running_loop().time() + wait_seconds
        while await self._setrum.store.read(_expecting, self._person):
            if asyncio.get_running_loop().time() >= deadline:
                break
            await self._stir()
        left = await self._setrum.store.read(_open_count, self._person)
        if left:
            await self.show(Message(Text("con.pending", {"n": left})))
        return left

    async def _stir(self) -> None:
        if self._console.is_broken:
            raise BrokenPipeError("standard output is closed")
        self._stirred.clear()
        try:
            async with asyncio.timeout(_POLL_SECONDS):
                await self._stirred.wait()
        except TimeoutError:
            return

    def _words(self, key: str) -> str:
        return self._setrum.renderer.render(Text(key), self._setrum.shop.locale, self._setrum.shop.zone)


def _chat(tx: Tx, person: str) -> people.Conversation | None:
    return tx.one(people.Conversation, "conversation_by_address", channel=NAME, value=person)


def _answered(tx: Tx, person: str) -> bool:
    """Nothing waits for its turn or the sender or is being done, and every payment has a result or has been told of."""
    if tx.one(int, "inbox_waiting_count", channel=NAME, address=person):
        return False
    chat = _chat(tx, person)
    if chat is None:
        return True
    if tx.one(int, "effect_open_count", conversation_id=chat.id):
        return False
    if tx.one(int, "errand_open_count", conversation_id=chat.id):
        return False
    if tx.one(int, "outbox_waiting_count", conversation_id=chat.id):
        return False
    moving = [one for one in _open(tx, chat.id) if one.state in (State.CONFIRMED, State.SENDING) and not one.told]
    return not moving


def _open(tx: Tx, conversation_id: int) -> list[Purchase]:
    return tx.all(Purchase, "purchase_open_of_conversation", conversation_id=conversation_id)


def _open_count(tx: Tx, person: str) -> int:
    chat = _chat(tx, person)
    return len(_open(tx, chat.id)) if chat else 0


def _expecting(tx: Tx, person: str) -> bool:
    return not _answered(tx, person) or _open_count(tx, person) > 0
