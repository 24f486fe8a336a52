"""What an agent's account knows of its meters: short names that it gave them, its regulars, and whom it sold to lately.

One account's names are no one else's. They replace the typing of a number, nothing of the sale.
"""

from dataclasses import dataclass

from bot.domain import meter
from bot.domain.people import Agent, Person, Role
from bot.domain.purchase import Purchase
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import lookup
from bot.services.lookup import Whose

_LOOKED_AT = 100  # of an account's newest sales, for its recent meters


@dataclass(frozen=True, slots=True)
class Favourite:
    """A short name, small letters and digits, with the meter it stands for and who lived there when it was given."""

    alias: str
    msn: str
    name: str


@dataclass(frozen=True, slots=True)
class Recent:
    """A meter that was sold to lately, under the name of its latest sale."""

    msn: str
    name: str


def find(tx: Tx, agent: Agent, alias: str) -> Favourite | None:
    """The account's own favourite of that name."""
    return tx.one(Favourite, "favourite_by_alias", agent_id=agent.id, alias=alias.casefold())


def all_of(tx: Tx, agent: Agent) -> list[Favourite]:
    """The account's favourites by name."""
    return tx.all(Favourite, "favourite_of_agent", agent_id=agent.id)


def of_meter(tx: Tx, agent: Agent, msn: str) -> Favourite | None:
    """The first name that the account gave to the meter."""
    return tx.one(Favourite, "favourite_of_meter", agent_id=agent.id, msn=msn)


def is_full(tx: Tx, agent: Agent, shop: Shop) -> bool:
    """Whether the account has as many as it may."""
    return (tx.one(int, "favourite_count", agent_id=agent.id) or 0) >= shop.most_favourites


def keep(tx: Tx, agent: Agent, favourite: Favourite, now: int, *, was: str = "", replaces: bool = False) -> str:
    """Give the meter that name, instead of its name `was`; the meter that has it already, '' once it is kept.

    Only with `replaces` the name changes its meter.
    """
    taken = find(tx, agent, favourite.alias)
    if taken is not None and taken.msn != favourite.msn and not replaces:
        return taken.msn
    for alias in {favourite.alias, was} - {""}:
        tx.run("favourite_drop", agent_id=agent.id, alias=alias)
    row = {"alias": favourite.alias, "msn": favourite.msn, "name": favourite.name}
    tx.run("favourite_add", agent_id=agent.id, created_at=now, **row)
    return ""


def drop(tx: Tx, agent: Agent, alias: str) -> None:
    """Forget the name."""
    tx.run("favourite_drop", agent_id=agent.id, alias=alias.casefold())


def sale_of(tx: Tx, agent: Agent, words: str) -> Purchase | None:
    """The account's own sale by its number, or its latest to a meter: whom a short name may be given to."""
    if meter.is_number(words):
        return tx.one(Purchase, "meter_latest_sale", agent_id=agent.id, msn=words)
    return lookup.by_number(tx, Whose(agent.id), words)


def recents(tx: Tx, person: Person, shop: Shop) -> list[Recent]:
    """The meters that were sold to last, each once; a cashier's own."""
    agent = person.agent
    if agent is None:
        return []
    name, whose = "recent_meters", {"agent_id": agent.id, "most": _LOOKED_AT}
    if person.role is Role.CASHIER:
        name, whose = "recent_meters_of_chat", whose | {"conversation_id": person.conversation_id}
    found: dict[str, Recent] = {}
    for one in tx.all(Recent, name, **whose):
        found.setdefault(one.msn, one)
    return list(found.values())[: shop.most_recents]


def is_regular(tx: Tx, agent_id: int, msn: str, shop: Shop) -> bool:
    """Whether the account knows the meter well: by a name of its own, or by having sold to it more than once."""
    if tx.one(Favourite, "favourite_of_meter", agent_id=agent_id, msn=msn) is not None:
        return True
    return (tx.one(int, "regular_sales", agent_id=agent_id, msn=msn) or 0) >= shop.regular_after_sales


def mistaken_for(tx: Tx, agent_id: int, msn: str, shop: Shop) -> Favourite | None:
    """The favourite or regular of the account that somebody may have meant; a regular has no `alias`."""
    if is_regular(tx, agent_id, msn, shop):
        return None
    meters = "".join(meter.look_alikes(msn))
    if favourite := tx.one(Favourite, "favourite_among", agent_id=agent_id, meters=meters):
        return favourite
    found = tx.one(str, "regular_among", agent_id=agent_id, meters=meters, sales=shop.regular_after_sales)
    latest = tx.one(Purchase, "meter_latest_sale", agent_id=agent_id, msn=found) if found else None
    return Favourite("", latest.msn, latest.name) if latest is not None else None
