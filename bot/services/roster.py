"""The owner's agents at a glance: their money, what they owe, and who has stopped selling.

The counter is no agent of the list. What changes an agent is written down with its actor, as everywhere.
"""

from dataclasses import dataclass

from bot.clock import ZONES
from bot.domain.people import Agent
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import people
from bot.services.people import PeopleError


@dataclass(frozen=True, slots=True)
class Listed:
    """An agent as the list has him: rupiah, epoch milliseconds; `sold_at` is 0 where he never sold."""

    id: int
    name: str
    state: str
    balance: int
    held: int
    owed: int
    created_at: int
    sold_at: int

    @property
    def code(self) -> str:
        """The short number that owners type: `A017`."""
        return f"A{self.id:03d}"

    def is_silent(self, shop: Shop, now: int) -> bool:
        """Whether he could sell and has not, for so long as the shop calls silence."""
        return self.state == "active" and max(self.sold_at, self.created_at) <= now - shop.waits.silent


def everybody(tx: Tx) -> list[Listed]:
    """All agents, by their codes."""
    return tx.all(Listed, "roster")


def silent(tx: Tx, shop: Shop, now: int) -> list[Listed]:
    """Active agents without a sale for `Waits.silent`, who were silent for longest first."""
    found = [one for one in everybody(tx) if one.is_silent(shop, now)]
    return sorted(found, key=lambda one: (one.sold_at or one.created_at, one.id))


def debtors(tx: Tx) -> list[Listed]:
    """Agents who owe the shop, the largest debt first."""
    return sorted((one for one in everybody(tx) if one.owed > 0), key=lambda one: (-one.owed, one.id))


def sold_at(tx: Tx, agent_id: int) -> int:
    """When the agent sold last, epoch milliseconds; 0 for never."""
    return tx.one(int, "agent_sold_at", agent_id=agent_id) or 0


def search(tx: Tx, words: str) -> list[Listed]:
    """Agents whose name or code holds the words."""
    wanted = " ".join(words.split()).casefold()
    return [one for one in everybody(tx) if wanted in one.name.casefold() or wanted in one.code.casefold()]


def rename(tx: Tx, whom: Agent, name: str, actor: str, now: int) -> str:
    """The name as it is kept. Raises `PeopleError` for one that an agent cannot have, or that another one has."""
    clean = people.clean_name(name)
    if clean is None:
        raise PeopleError("no name for an agent")
    if any(one.id != whom.id and one.name.casefold() == clean.casefold() for one in people.agents(tx)):
        raise PeopleError(f"an agent called {clean!r} exists already")
    tx.run("agent_name", id=whom.id, name=clean)
    people.note(tx, actor, "renamed", whom.id, now, reason=f"{whom.name} → {clean}")
    return clean


def move(tx: Tx, whom: Agent, zone: str, actor: str, now: int) -> None:
    """Let the agent's times and days be those of `ZONES`, or the shop's again with ''."""
    if zone not in ("", *ZONES):
        raise PeopleError(f"no zone {zone!r}")
    tx.run("agent_zone", id=whom.id, zone=zone)
    people.note(tx, actor, "zone", whom.id, now, reason=f"{whom.zone or 'shop'} → {zone or 'shop'}")
