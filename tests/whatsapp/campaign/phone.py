"""An agent's chat on WhatsApp: what the double shows and takes, as agents of any platform know it.

Who blocked the shop lets it in again before he writes. A template is read as what it stands for.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.campaign.agents import Agent, Phone, Seen, Temper
from tests.telegram.campaign.phone import TelegramPhone
from tests.whatsapp.campaign.stage import Stage
from tests.whatsapp.double import Clock, Person, Shown

AMOUNTS = (20_000, 50_000)
_SALE = re.compile(r"T\d{5,}")
_REPEAT = re.compile(r"\((?:kirim ulang|sent again)\)")


@dataclass(frozen=True, slots=True)
class WhatsAppPhone:
    """One person's."""

    person: Person

    @property
    def chat(self) -> str:
        return self.person.key

    @property
    def number(self) -> int:
        return int(self.person.key[-3:])

    @property
    def clock(self) -> Clock:
        return self.person.api.clock

    def mark(self) -> int:
        return self.person.mark()

    def say(self, words: str) -> int:
        self.person.unblock()
        wamid = self.person.say(words).id
        return self.person.phone.messages[wamid].serial

    def tap(self, seen: Seen, key: str, *, copies: int = 1, new_ids: bool = False) -> None:
        self.person.unblock()
        shown: Shown = seen.shown
        option = next(one.id for one in shown.options if one.id.endswith(f".{key}"))
        self.person.tap(option, shown, copies=copies, new_ids=new_ids)

    async def sees(self, fits: Callable[[Seen], bool], *, after: int, timeout: float) -> Seen:  # noqa: ASYNC109
        return self._seen(await self.person.sees(lambda one: fits(self._seen(one)), after=after, timeout=timeout))

    def drawn(self) -> str:
        return self.person.drawn()

    def _seen(self, shown: Shown) -> Seen:
        keys = frozenset(one.id.partition(".")[2] for one in shown.options)
        answered = answers(self.person, shown)
        return Seen(shown.serial, words_of(shown), keys, answered, shown, is_template=shown.kind == "template")


def answers(person: Person, shown: Shown) -> int | None:
    """The serial number of the message that it answers, if that is on the phone."""
    answered = person.phone.messages.get(shown.context or "")
    return None if answered is None else answered.serial


def words_of(shown: Shown) -> str:
    """What the shop says, without marks; a template as the message that it was made of, heading and all."""
    if shown.mine:
        return shown.text
    if shown.kind != "template":
        return shown.text.replace("```", "").replace("*", "")
    named = shown.parameters[-1] if shown.template == "token_siap" else shown.parameters[0]
    sale = _SALE.search(named)
    number = sale[0] if sale else ""
    if shown.template == "token_siap":
        token, meter, kwh, _ = shown.parameters
        said = f"{token}\nMeter {meter} · {kwh} kWh · {number} · "
    else:
        said = shown.parameters[1]
    return f"KIRIM ULANG · {number}\n{said}" if _REPEAT.search(named) else said


def agents_of(stage: Stage, seed: int, temper: Temper, amounts: tuple[int, ...] = AMOUNTS) -> list[Agent]:
    """Everybody with a deposit, with all of his phones, and lots of his own."""
    people = []
    for number, chat in stage.agents:
        phones: list[Phone] = [WhatsAppPhone(stage.person(number))]
        if chat is not None and stage.telegram is not None:
            person = stage.telegram.person(chat, f"Orang {chat}", "en" if chat % 2 else "id")
            phones.append(TelegramPhone(person))
        people.append(Agent(tuple(phones), random.Random(f"{seed} {number}"), temper, amounts))
    return people
