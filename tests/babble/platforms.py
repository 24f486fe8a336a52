"""Everybody says whatever comes to mind, on Telegram or WhatsApp, whose calls go wrong one after another.

Nobody waits for what he is answered; what comes to rest, has come to rest wholly: nothing waits, nothing failed in the
shop, nobody was apologised to, and the books are right.
"""

import asyncio
import dataclasses
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from structlog.processors import format_exc_info
from structlog.testing import capture_logs

from bot import clock
from bot.ports import Tx
from bot.sandbox import Behaviour
from bot.services import audit
from tests.babble import words
from tests.babble.log import ERRORS, told
from tests.street import AtWork, faster
from tests.telegram import street as telegram
from tests.telegram.double import BotApi
from tests.whatsapp import street as whatsapp
from tests.whatsapp.double import Clock, CloudApi, Kind

_SLOW = {Behaviour.TIMEOUT_SOLD, Behaviour.TIMEOUT_UNSOLD, Behaviour.SLOW_INQUIRY}  # nobody comes to rest before them
_BEHAVIOURS = tuple(one for one in Behaviour if one not in _SLOW)
_CALLS = (
    Kind.RESET, Kind.DROP_APPLIED, Kind.DROP_APPLIED, Kind.DROP_APPLIED, Kind.JSON_500, Kind.HTML_502, Kind.EMPTY_503,
    Kind.TRUNCATED, Kind.HTML_200,
)  # fmt: skip
_METHODS = (
    "sendMessage", "sendMessage", "editMessageText", "answerCallbackQuery", "editMessageReplyMarkup", "deleteMessage",
    "sendPhoto", "sendDocument",
)  # fmt: skip
_STATUSES = {"shuffled": 0.3, "repeated": 0.3, "early": 0.3, "skipped": 0.3, "nameless": 0.3}
_DELAYS = (0.0, 1.0, 5.0)  # of statuses, in seconds of the platform's clock
_SHARES = (0.05, 0.2, 0.5)  # of steps: the supplier, a call that goes wrong before the step, and a button after all
_RESTS, _NEWEST = 0.6, 0.5
_PATIENCE = 60.0
_REMEMBERED = 14
_TROUBLE = "salahnya di kami"
_QUICK = {"resend": (50, 200, 200, 200), "resend_prompt": 50, "status": 200}


@dataclass(slots=True)
class _Crowd:
    """The people of one shop on one platform. `spoils` plans a fault for one of the next calls."""

    town: AtWork
    people: Sequence[Any]
    chance: random.Random
    spoils: Callable[[Any], str]
    is_busy: Callable[[], bool]
    said: list[str] = field(default_factory=list)

    async def babble(self, steps: int) -> str:
        """So many steps; '' or the first thing that went wrong, with what was said before it."""
        with capture_logs([format_exc_info]) as logged:
            for step in range(1, steps + 1):
                self._step(self.chance.choice(self.people))
                if step == steps or self.chance.random() < _RESTS:
                    wrong = await self._rest()
                else:
                    wrong = []
                    await asyncio.sleep(self.chance.random() * 0.1)
                if wrong := [*wrong, *(told(one) for one in logged if one["log_level"] in ERRORS)]:
                    return "\n".join([*self.said[-_REMEMBERED:], *wrong])
        before = clock.now() - clock.MINUTE  # an answer that was stored just now may be about to be applied
        found = (await self.town.store.read(lambda tx: audit.check(tx, before))).violations
        found += [f"{one.name}: {line.text}" for one in self.people for line in one.screen if _TROUBLE in line.text]
        return "\n".join([*self.said, *found]) if found else ""

    def _step(self, person: Any) -> None:
        chance, (supplier, spoilt, taps) = self.chance, _SHARES
        what = chance.random()
        if what < supplier:
            behaviour = chance.choice(_BEHAVIOURS)
            self.town.sandbox.force(behaviour)
            self.said.append(f"({behaviour})")
        elif what < spoilt:
            self.said.append(f"({self.spoils(person)})")
        seen = [one for one in person.screen[-8:] if one.labels]
        shown = (seen[-1] if chance.random() < _NEWEST else chance.choice(seen)) if seen else None
        if what < taps and shown is not None:
            label = chance.choice(shown.labels)
            self.said.append(f"{person.name} taps {label} below {shown.text[:30]!r}")
            person.tap(label, shown)
        else:
            line = words.line(chance)
            self.said.append(f"{person.name}: {line}")
            person.say(line)

    async def _rest(self) -> list[str]:
        waiting: dict[str, int] = {}
        try:
            async with asyncio.timeout(_PATIENCE):
                while self.is_busy() or any((waiting := await self.town.store.read(_waiting)).values()):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)  # no event tells of all of it
        except TimeoutError:
            return [f"does not come to rest: {waiting}"]
        return []


def _waiting(tx: Tx) -> dict[str, int]:
    """What has an end by itself: messages in and out, and inquiries; purchases in doubt may take hours."""
    found = {name: tx.one(int, f"metric_{name}") or 0 for name in ("inbox", "outbox")}
    return found | {"effects": len(tx.all(int, "effect_open"))}


async def on_telegram(folder: Path, seed: int, steps: int) -> str:
    """A shop on Telegram, by polling or by webhook, as chance will have it."""
    chance = random.Random(seed)
    shop = faster(_generous(telegram.SHOP), **_QUICK)  # type: ignore[arg-type]
    agents = (telegram.AGENT, telegram.OTHER)
    async with (
        BotApi(clock=Clock(factor=20)) as api,
        telegram.street(folder, chance.choice(("polling", "webhook")), api=api, shop=shop, agents=agents) as town,
    ):
        people = _people(town, telegram)
        for person in people:
            person.say("/start")

        def spoils(_: Any) -> str:
            method, kind = chance.choice(_METHODS), chance.choice((*_CALLS, Kind.FLOOD))
            api.fault(method, kind, nth=chance.randint(1, 3), retry_after=1)
            return f"{method} {kind}"

        updates = api.state.updates
        return await _Crowd(town, people, chance, spoils, lambda: bool(updates.pending or updates.again)).babble(steps)


async def on_whatsapp(folder: Path, seed: int, steps: int) -> str:
    """A shop on WhatsApp, where what became of a message is told in any order, late, twice or not at all."""
    chance = random.Random(seed)
    shop = faster(_generous(whatsapp.SHOP), **_QUICK)  # type: ignore[arg-type]
    agents = (whatsapp.AGENT, whatsapp.OTHER)
    async with (
        CloudApi(clock=Clock(factor=20)) as api,
        whatsapp.street(folder, api=api, shop=shop, agents=agents) as town,
    ):
        for name, share in _STATUSES.items():
            setattr(api.statuses, name, share)
        people = _people(town, whatsapp)

        def spoils(person: Any) -> str:
            kind = chance.choice((*_CALLS, Kind.OK_WITHOUT_WAMID, Kind.ERROR))
            api.fault("send", kind, person=person, count=chance.randint(1, 3), code=131000)
            api.statuses.delay = chance.choice(_DELAYS)
            return f"send {kind}"

        return await _Crowd(town, people, chance, spoils, town.held).babble(steps)


def _people(town: Any, street: Any) -> list[Any]:
    """Who babbles; an owner and an agent twice as often."""
    often = (street.OWNER, street.AGENT)
    return [town.person(number) for number in (*often, *often, street.OTHER, street.STRANGER)]


def _generous(shop: Any) -> Any:
    return dataclasses.replace(shop, most_open=100, inquiries_a_minute=10_000, inquiries_a_day=100_000)
