"""What may befall a purchase in the year, how often, and how it may end."""

import random
from dataclasses import dataclass, replace

from bot.sandbox.scenarios import Behaviour
from tests.year.supplier import Fate, Word

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Chance:
    """One fate with its weight. `hidden` bounds how long advices find nothing; `owner` is what he will do, and when."""

    fate: Fate
    weight: int
    ends: tuple[str, ...]
    hidden: tuple[int, int] = (0, 0)
    owner: str = ""
    after: tuple[int, int] = (0, 0)


SOLD, UNSOLD = ("SUCCESS",), ("FAILED",)
# a refusal near midnight is never proven by advices: then the owner settles it, and so it is with what comes late
CHANCES = (
    Chance(Fate("clean"), 9_300, SOLD),
    Chance(Fate("key change", behaviour=Behaviour.KEY_CHANGE), 30, SOLD),
    Chance(Fate("instalment", behaviour=Behaviour.INSTALMENT), 30, SOLD),
    Chance(Fate("another admin fee", behaviour=Behaviour.OTHER_ADM), 100, SOLD),
    Chance(Fate("no answer", word=Word.NOTHING), 80, SOLD),
    Chance(Fate("process dies", word=Word.NOTHING), 20, SOLD),
    Chance(Fate("settled hours later", word=Word.NOTHING), 60, SOLD, (HOUR, 12 * HOUR)),
    Chance(Fate("settled days later", word=Word.NOTHING), 25, SOLD, (20 * HOUR, 3 * DAY)),
    Chance(Fate("settled by hand", word=Word.NOTHING), 25, SOLD, (9 * DAY, 9 * DAY), "settles", (20 * MINUTE, DAY)),
    Chance(Fate("never sold", sells=False, word=Word.NOTHING), 20, UNSOLD, owner="settles", after=(HOUR, 2 * DAY)),
    Chance(Fate("never settled", sells=False, word=Word.NOTHING), 4, ("MANUAL",)),
    Chance(Fate("refused", sells=False, word=Word.CODE_77), 100, UNSOLD),
    Chance(Fate("verified", sells=False, word=Word.CODE_47), 60, UNSOLD),
    Chance(Fate("refused, yet sold", word=Word.CODE_47), 20, SOLD),
    Chance(
        Fate("late", word=Word.CODE_47), 20, ("LATE", "SUCCESS"), (15 * MINUTE, 50 * MINUTE), "decides", (HOUR, DAY)
    ),
    Chance(
        Fate("late by the owner's error", word=Word.NOTHING),
        10,
        ("LATE",),
        (3 * HOUR, 3 * HOUR),
        "errs",
        (20 * MINUTE, 2 * HOUR),
    ),
    Chance(Fate("late by a report", word=Word.CODE_77), 15, ("LATE",), (9 * DAY, 9 * DAY), "finds it", (HOUR, 4 * DAY)),
    Chance(Fate("late, undecided", word=Word.CODE_77), 4, ("LATE",), (9 * DAY, 9 * DAY), "finds", (HOUR, 2 * DAY)),
    Chance(Fate("not sent in time", sells=False), 30, UNSOLD),
    Chance(Fate("not sent", sells=False, word=Word.UNSENT), 30, UNSOLD),
    Chance(Fate("cut-off", sells=False, word=Word.CODE_90), 3, UNSOLD),
)


def draw(chance: random.Random, trouble: int) -> Chance:
    """The next purchase's fate; all but the clean one come `trouble` times as often as usual."""
    weights = [one.weight * (1 if one.fate.name == "clean" else trouble) for one in CHANCES]
    return _drawn(chance.choices(CHANCES, weights)[0], chance)


def each(chance: random.Random) -> list[Chance]:
    """Every fate once, in any order."""
    return [_drawn(one, chance) for one in chance.sample(CHANCES, len(CHANCES))]


def _drawn(one: Chance, chance: random.Random) -> Chance:
    return replace(one, fate=replace(one.fate, hidden=chance.randint(*one.hidden)))
