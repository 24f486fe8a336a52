"""A word to an agent whose deposit runs out: once a day, before a customer stands in front of him.

Looks only at whoever has just sold, for only then does a balance fall; never while a ticket is under way.
"""

from dataclasses import dataclass

from bot.clock import DAY, HOUR, day_span
from bot.domain.ledger import COUNTER
from bot.domain.message import Message, Nominal, Rupiah, Text, Value
from bot.domain.people import Agent
from bot.domain.rules import Shop
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.ports import Tx
from bot.services import ledger, people, prices, slips

_WINDOW = 7
_FEWEST = 3  # days with sales, before their mean says anything


@dataclass(frozen=True, slots=True)
class _Use:
    spent: int
    first_at: int
    days: int


def look(tx: Tx, shop: Shop, now: int) -> int:
    """Tell each agent whose deposit is low; how many were found so, told today or before."""
    found = 0
    today, _ = day_span(now, shop.zone)
    for agent_id in tx.all(int, "sellers_since", since=now - HOUR, counter=COUNTER):
        if tx.one(int, "ticket_undecided_of", agent_id=agent_id):
            continue
        text = _warning(tx, people.agent(tx, agent_id), shop, now)
        if text is None:
            continue
        found += 1
        for chat in people.principals(tx, agent_id):
            message = Message(text, options=(slips.top_up(),))
            outbox.put(tx, chat, message, now, cause=f"low:{agent_id}:{today}:{chat}", message_class=Class.NOTICE)
    return found


def _warning(tx: Tx, agent: Agent, shop: Shop, now: int) -> Text | None:
    usable = ledger.agent_account(tx, agent.id).available
    left: dict[str, Value] = {"rp": Rupiah(usable)}
    mean = days_use(tx, agent.id, shop, now)
    if mean is not None and usable < mean:
        return Text("bal.low", left | {"mean": Rupiah(mean)})
    smallest = min(shop.denominations)
    price = (
        smallest
        + prices.surcharge(tx, agent, smallest, shop)
        + (tx.one(int, "purchase_last_adm", agent_id=agent.id) or 0)
    )
    return Text("bal.least", left | {"least": Nominal(smallest)}) if usable < price else None


def days_use(tx: Tx, agent_id: int, shop: Shop, now: int) -> int | None:
    """What an average one of the last seven days took, in rupiah; None before there are enough days to tell."""
    today, _ = day_span(now, shop.zone)
    since, _ = day_span(now, shop.zone, _WINDOW)
    use = tx.one(_Use, "days_use", agent_id=agent_id, since=since, until=today)
    if use is None or use.days < _FEWEST:
        return None
    return use.spent // max(1, -(-(today - use.first_at) // DAY))
