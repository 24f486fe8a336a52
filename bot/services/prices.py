"""What a price has beyond the amount and the supplier's admin fee: markups, and the one function that applies them.

List, card, quote, batch and command line all ask `surcharge`. The most specific markup wins: an agent's for an amount,
an agent's, an amount's, everybody's, and where the owner has set none the setting. No price lies below cost, whatever
was set before a setting changed; a loss is refused when it is set and never charged.
"""

from dataclasses import dataclass

from bot.domain.ledger import COUNTER
from bot.domain.people import Agent
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import people, trail

EVERYBODY = COUNTER  # whose own price is his service fee, so that his number is free for all the others
ADM = 1_600  # the supplier's usual admin fee, for lists, examples and alerts: a purchase takes the inquiry's


class PriceError(Exception):
    """A markup that no price may have: below cost, or above the cap. Whoever asks people says which."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom and which amount a markup is for: `EVERYBODY`, or one agent; rupiah, or 0 for every amount."""

    agent_id: int = EVERYBODY
    denomination: int = 0


@dataclass(frozen=True, slots=True)
class Markup:
    """A markup that is set. Rupiah."""

    agent_id: int
    denomination: int
    rupiah: int

    @property
    def scope(self) -> Scope:
        """What it is for."""
        return Scope(self.agent_id, self.denomination)


def surcharge(tx: Tx, whom: Agent, denomination: int, shop: Shop) -> int:
    """What the agent pays beyond amount and admin fee, in rupiah; below 0 at most by what the supplier gives back.

    The counter's service fee is its markup: its price is what the customer pays.
    """
    return whom.fee if whom.id == COUNTER else holds(tx, Scope(whom.id, denomination), shop)


def holds(tx: Tx, scope: Scope, shop: Shop) -> int:
    """The markup that holds there, within the bounds of today's settings."""
    return _within(tx.one(int, "markup_holds", agent_id=scope.agent_id, denomination=scope.denomination), shop)


def beneath(tx: Tx, scope: Scope, shop: Shop) -> int:
    """What would hold there if nothing were set for just that."""
    return _within(tx.one(int, "markup_beneath", agent_id=scope.agent_id, denomination=scope.denomination), shop)


def _within(rupiah: int | None, shop: Shop) -> int:
    return min(max(shop.markup if rupiah is None else rupiah, -shop.rebate), shop.markup_cap)


def range_of(tx: Tx, whom: Agent, shop: Shop) -> tuple[int, int]:
    """The least and the most that he pays beyond amount and admin fee, over all amounts."""
    found = [surcharge(tx, whom, amount, shop) for amount in shop.denominations]
    return min(found), max(found)


def markups(tx: Tx) -> list[Markup]:
    """Every markup that is set: everybody's first, then agent by agent."""
    return tx.all(Markup, "markup_list")


def own(tx: Tx, scope: Scope) -> int | None:
    """What is set for just that, or None."""
    return next((one.rupiah for one in markups(tx) if one.scope == scope), None)


def change(tx: Tx, scope: Scope, rupiah: int | None, actor: str, shop: Shop, now: int) -> None:
    """Set a markup, or take it away with None; it holds from the next order on. Raises `PriceError`."""
    if rupiah is not None and not -shop.rebate <= rupiah <= shop.markup_cap:
        raise PriceError(f"{rupiah} is not from {-shop.rebate} to {shop.markup_cap}")
    was = own(tx, scope)
    where = {"agent_id": scope.agent_id, "denomination": scope.denomination}
    tx.run("markup_add", rupiah=rupiah, actor=actor[:100], now=now, **where)
    told = f"{_told(was)} → {_told(rupiah)}"
    if scope.denomination:
        told = f"{scope.denomination}: {told}"
    if scope.agent_id == EVERYBODY:
        trail.note(tx, actor, "markup", trail.SHOP, now, reason=told)
    else:
        people.note(tx, actor, "markup", scope.agent_id, now, reason=told)


def _told(rupiah: int | None) -> str:
    return "–" if rupiah is None else str(rupiah)


def changed_since(tx: Tx, whom: Agent, since: int) -> int | None:
    """When his price changed last, if after `since`."""
    changed = 0 if whom.id == COUNTER else tx.one(int, "markup_changed", agent_id=whom.id, since=since)
    return changed or None
