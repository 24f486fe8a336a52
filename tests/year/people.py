"""Who sells in the year, where, and when in the day; days of very different size."""

import random
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.clock import local
from bot.ports import Tx
from bot.services import people, roster
from tests.year.fates import HOUR, MINUTE
from tests.year.shop import OWNER, ZONES

if TYPE_CHECKING:
    from tests.year.life import Life

AGENTS = 30
# of the hours of a seller's own day: few at night, most after work
_BUSY = (1, 1, 1, 1, 2, 4, 8, 12, 12, 10, 9, 9, 10, 9, 8, 9, 12, 18, 22, 22, 16, 9, 5, 2)
_AROUND = (-HOUR, -5 * MINUTE, -1_000, -1, 0, 1, 1_000, 5 * MINUTE, HOUR)


@dataclass(slots=True)
class Seller:
    """An agent, or the counter (0), with his place in the country."""

    agent: int
    name: str
    address: str
    conversation: int
    zone: tzinfo
    weight: float
    fee: int  # the counter's own price
    is_frozen: bool = False


def hire(life: "Life") -> list[Seller]:
    """The counter and thirty agents, ten in each of the three zones, each with a first deposit."""
    made = life.shop.run(_hire, life)
    for one in made[1:]:
        life.diary.topped_up[one.agent] = 0
    return made


def _hire(tx: Tx, life: "Life") -> list[Seller]:
    rules, now = life.shop.rules, life.shop.now
    chat = people.conversation(tx, *OWNER, "id", now)
    sellers = [Seller(0, rules.name, OWNER[1], chat.id, rules.zone, 4.0, rules.fee)]
    zones = list(ZONES)
    for number in range(1, AGENTS + 1):
        address = f"agent{number}"
        agent = people.add_agent(tx, f"Kios {number:02d}", ("console", address), rules, now)
        chat = people.conversation(tx, "console", address, "id", now)
        zone = zones[number % len(zones)]
        roster.move(tx, agent, zone, "boss", now)
        sellers.append(Seller(agent.id, agent.name, address, chat.id, ZoneInfo(ZONES[zone]), 20 / (number + 4), 0))
    return sellers


def size_of(chance: random.Random, day: int, usual: int) -> int:
    """How many want to buy on a day: nobody, few, or three times as many as usual."""
    if chance.random() < 0.03:
        return 0
    season = 1.0 + 0.4 * ((day % 30) in (0, 1, 2, 24, 25, 26)) - 0.3 * (day % 7 == 6)
    return max(1, round(usual * season * chance.choice((0.2, 0.6, 0.8, 1.0, 1.0, 1.2, 1.5, 2.5))))


def hour_of(chance: random.Random, seller: Seller, start: int, zone: tzinfo) -> int:
    """A moment of the shop's day that starts at `start`, by the hours of the seller's own zone."""
    if chance.random() < 0.04:  # around midnight: the shop's, the seller's, and the supplier's in WIB
        midnight = chance.choice((0, _shift(start, zone, seller.zone), _shift(start, zone, ZoneInfo(ZONES["WIB"]))))
        return max(start, start + (midnight + chance.choice(_AROUND)) % (24 * HOUR))
    hour = chance.choices(range(24), _BUSY)[0]
    moment = hour * HOUR + chance.randrange(HOUR)
    return start + (moment + _shift(start, zone, seller.zone)) % (24 * HOUR)


def _shift(start: int, shop: tzinfo, other: tzinfo) -> int:
    """How much later than the shop's it is midnight elsewhere."""
    here, there = local(start, shop).utcoffset(), local(start, other).utcoffset()
    assert here is not None
    assert there is not None
    return round((here - there).total_seconds() * 1000)


def surcharge(life: "Life", seller: Seller, nominal: int) -> int:
    """What a price has beyond amount and admin fee: the most specific of what the owner has set."""
    if not seller.agent:
        return seller.fee
    scopes = ((seller.agent, nominal), (seller.agent, 0), (0, nominal), (0, 0))
    return next((life.markups[scope] for scope in scopes if scope in life.markups), life.shop.rules.markup)
