"""An agent's chat on Telegram: what the double shows and takes, as agents of any platform know it."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.campaign.agents import Agent, Seen, Temper
from tests.telegram.campaign.stage import Stage
from tests.telegram.double import Clock, Person, Shown


@dataclass(frozen=True, slots=True)
class TelegramPhone:
    """One person's."""

    person: Person

    @property
    def chat(self) -> int:
        return self.person.id

    @property
    def number(self) -> int:
        return self.person.id % 1000

    @property
    def clock(self) -> Clock:
        return self.person.api.clock

    def mark(self) -> int:
        return self.person.mark()

    def say(self, words: str) -> int:
        return int(self.person.say(words)[0].payload["message_id"])

    def tap(self, seen: Seen, key: str, *, copies: int = 1, new_ids: bool = False) -> None:
        shown: Shown = seen.shown
        looks = [shown.buttons, *(edit.buttons for edit in reversed(shown.edits))]
        data = next(one.data for look in looks for row in look for one in row if one.data.endswith(f".{key}"))
        self.person.tap(data, shown, copies=copies, new_ids=new_ids)

    async def sees(self, fits: Callable[[Seen], bool], *, after: int, timeout: float) -> Seen:  # noqa: ASYNC109
        return _seen(await self.person.sees(lambda one: fits(_seen(one)), after=after, timeout=timeout))

    def drawn(self) -> str:
        return self.person.drawn()


def _seen(shown: Shown) -> Seen:
    keys = frozenset(one.data.partition(".")[2] for row in shown.buttons for one in row if one.data)
    return Seen(shown.message_id, shown.text, keys, shown.reply_to, shown)


def agents_of(stage: Stage, seed: int, temper: Temper, amounts: tuple[int, ...] = (20_000, 50_000)) -> list[Agent]:
    """Everybody with a deposit, each with lots of his own."""
    return [
        Agent((TelegramPhone(stage.person(one)),), random.Random(f"{seed} {one}"), temper, amounts)
        for one in stage.agents
    ]
