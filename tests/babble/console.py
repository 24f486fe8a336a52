"""Everybody says whatever comes to mind, on the console, where a clock can be moved.

Meanwhile time passes, the supplier misbehaves, messages get lost, and the shop is opened again. Whatever people say,
each of them is answered, nobody is apologised to, and the books are right.
"""

import dataclasses
import random
import re
from contextlib import AsyncExitStack
from pathlib import Path
from sqlite3 import Connection

from structlog.processors import format_exc_info
from structlog.testing import capture_logs

from bot.clock import DAY, HOUR, MINUTE
from bot.domain.people import owners_from
from bot.domain.rules import Bank, Shop
from bot.messaging.channel import Outcome
from bot.sandbox import Behaviour
from bot.services import people, retention, watch
from tests.babble import words
from tests.babble.log import ERRORS, told
from tests.world import SHOP, Said, World, world

_EVERYBODY = ("boss", "boss", "ibu", "budi", "budi", "budi", "tono", "kasir", "pelanggan", "pelanggan", "asing")
_PASSES = (MINUTE, 5 * MINUTE, 11 * MINUTE, HOUR, 7 * HOUR, DAY, 3 * DAY)
_LOST = tuple(one for one in Outcome if one is not Outcome.SHUT)  # after which a channel waits for its operator
_OPENED_AGAIN = 120  # steps from one start of the shop to the next
_REMEMBERED = 12


class Babble:
    """One run: what happened last, and what was wrong."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.said: list[str] = []
        self.shop = dataclasses.replace(
            SHOP,
            owners=(("console", "boss"), ("console", "ibu")),
            partners=owners_from("Sri=console:boss,console:ibu"),
            inquiries_a_minute=1_000,
            inquiries_a_day=10_000,
            most_open=self.chance.choice((3, 100)),
            second_approver=self.chance.choice((0, 0, 1, 100_000)),
            bank=self.chance.choice((None, Bank("BCA", "1234567", "Toko"))),
        )

    async def play(self, folder: Path, steps: int) -> str:
        """So many steps; '' or the first thing that went wrong, with what was said before it."""
        at = 0
        for done in range(0, steps, _OPENED_AGAIN):
            async with AsyncExitStack() as stack:
                logged = stack.enter_context(capture_logs([format_exc_info]))
                opened = world(folder, shop=self.shop, deposit=2_000_000, **({"at": at} if at else {}))  # type: ignore[arg-type]
                made = await stack.enter_async_context(opened)
                if not at:
                    await _furnish(made, self.shop)
                for _ in range(min(_OPENED_AGAIN, steps - done)):
                    wrong = await self._step(made)
                    wrong += [told(one) for one in logged if one["log_level"] in ERRORS]
                    if wrong:
                        return "\n".join([*self.said[-_REMEMBERED:], *wrong])
                if wrong := await made.violations():
                    return "\n".join([*self.said, *wrong])
                at = made.clock() + MINUTE
        return ""

    async def _step(self, made: World) -> list[str]:
        chance, read = self.chance, made.phone.read
        what, who, before = chance.random(), chance.choice(_EVERYBODY), len(read)
        if what < 0.03:
            await self._wait(made, chance.choice(_PASSES))
        elif what < 0.06:
            behaviour = chance.choice(tuple(Behaviour))
            self.said.append(f"({behaviour!r})")
            made.sandbox.force(behaviour)
        elif what < 0.08:
            outcome = chance.choice(_LOST)
            self.said.append(f"({outcome!r})")
            made.phone.outcomes.append(outcome)
        else:
            line = self._tap([one for one in read if one.to == who and one.options]) if what < 0.5 else ""
            line = line or words.line(chance)
            self.said.append(f"{who}: {line}")
            if not await made.say(line, who) and not await made.store.raw(_waiting):
                return [f"{who} is not answered"]
        return [
            f"{one.to} reads {one.key}: {one.text}"
            for one in read[before:]
            if one.key == "in.trouble" or "{" in one.text
        ]

    async def _wait(self, made: World, milliseconds: int) -> None:
        self.said.append(f"({milliseconds // MINUTE} minutes pass)")
        await made.later(milliseconds)
        await made.store.write(watch.look, made.shop, made.clock(), set())
        await made.setrum.tell_yesterday()
        await made.store.write(retention.forget, made.shop, made.clock())
        await made.setrum.drain()

    def _tap(self, shown: list[Said]) -> str:
        if not shown:
            return ""
        chance = self.chance
        message = shown[-1] if chance.random() < 0.8 else chance.choice(shown[-20:])
        number, label, name = chance.choice(message.options)
        return name if chance.random() < 0.7 else chance.choice((number, label))


def _waiting(connection: Connection) -> int:
    """Messages that have not left, or may not have arrived."""
    found = connection.execute("SELECT COUNT(*) FROM outbox WHERE state IN ('queued', 'sending', 'unknown', 'parked')")
    return int(found.fetchone()[0])


async def _furnish(made: World, shop: Shop) -> None:
    """A second agent, and a cashier of the first."""
    await made.store.write(people.add_agent, "Tono Cell", ("console", "tono"), shop, made.clock())
    invited = "\n".join(one.text for one in await made.say("kasir undang"))
    code = re.search(r"AGEN [0-9A-Z]+", invited)
    assert code is not None, invited
    await made.say(code[0], "kasir")
