"""Corrections of an agent's deposit by the owner's word: with a reason, under a limit a day, once a reference.

A correction is a new row and never changes an old one; nothing here lets a deposit fall below what is held.
"""

from bot.clock import day_span
from bot.domain.ledger import ADJUSTMENT, Transfer, account_of
from bot.domain.people import Agent
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import approvals, decisions, ledger, standing
from bot.services.decisions import DecisionError


def adjust(
    tx: Tx, agent: Agent, amount: int, reference: str, shop: Shop, now: int, *, actor: str, reason: str
) -> Transfer:
    """Add `amount` rupiah to the deposit, or take it away where it is negative. Raises `DecisionError` in words."""
    standing.need_writable(tx)
    if amount == 0 or abs(amount) > shop.adjust_limit:
        raise DecisionError(f"a correction is at most {shop.adjust_limit} rupiah a day, and not nothing")
    key = f"adjust:{reference}"
    if tx.one(int, "transfer_has_key", idem_key=key):
        raise DecisionError(f"reference {reference!r} was booked already; nothing changed")
    today = booked_today(tx, shop, now)
    if today + abs(amount) > shop.adjust_limit:
        raise DecisionError(f"corrections of {today} were booked today already; the limit is {shop.adjust_limit} a day")
    usable = ledger.agent_account(tx, agent.id).available
    if amount < 0 and usable < -amount:
        raise DecisionError(f"{agent.name} has {usable} to spend: {-amount} cannot be taken")
    decisions.record(tx, f"adjust {agent.code} {amount:+d}", actor=actor, reason=reason, now=now, agent=agent)
    ledger.open_account(tx, ADJUSTMENT, guarded=False)
    sides = (ADJUSTMENT, account_of(agent.id)) if amount > 0 else (account_of(agent.id), ADJUSTMENT)
    transfer = Transfer(key, *sides, abs(amount), "adjust", actor=actor, reason=reason)
    ledger.post(tx, transfer, now)
    return transfer


def booked_today(tx: Tx, shop: Shop, now: int, kind: str = "adjust") -> int:
    """What was corrected today over all agents, or at the supplier (`compared`); rupiah, whichever way."""
    start, end = day_span(now, shop.zone)
    return tx.one(int, "transfer_sum_of_kind", account=ADJUSTMENT, kind=kind, start=start, end=end) or 0


def needs_approval(tx: Tx, shop: Shop, amount: int, now: int, kind: str = "adjust") -> bool:
    """Whether another owner has to approve it: with what was corrected alone today, so that parts add up."""
    start, end = day_span(now, shop.zone)
    alone = tx.one(int, "transfer_sum_alone", account=ADJUSTMENT, kind=kind, start=start, end=end) or 0
    return approvals.is_needed(shop, alone + abs(amount))
