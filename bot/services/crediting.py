"""Money that an owner books for an agent: cash into his deposit, a deposit sold on credit, and what he pays back.

Each is one transfer, once a reference, told to the agent with the sum that he can check. The counter's debt is what
lies in its till. Asks nothing and knows no chat; that nothing was meant twice is asked by whoever confirms.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.ledger import CASH, COUNTER, Transfer, account_of, receivable_of
from bot.domain.message import Amount, Message, Option, Rupiah, Text, Value
from bot.domain.people import Agent
from bot.domain.rules import Shop
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.ports import Tx
from bot.services import ledger, notices, people, slips, standing, trail
from bot.services.people import PeopleError
from bot.services.tickets import Ticket

MOST = 1_000_000_000


class Kind(StrEnum):
    """What is booked."""

    CASH = "cash"  # into the deposit, paid now
    CREDIT = "credit"  # into the deposit, to be paid later
    REPAID = "repaid"  # what he owes, or out of the till


_KEYS = {Kind.CREDIT: "credit:", Kind.REPAID: "paid:"}


class OverError(PeopleError):
    """More was paid back than is owed; `owed` is rupiah."""

    def __init__(self, owed: int) -> None:
        super().__init__(f"only {owed} is owed: nothing more can be paid back")
        self.owed = owed


@dataclass(frozen=True, slots=True)
class Like:
    """Something like it that was booked within a day; epoch milliseconds."""

    kind: str
    amount: int
    at: int


@dataclass(frozen=True, slots=True)
class Debt:
    """What an agent owes, in rupiah, and since when: of the oldest deposit that is not paid for yet (epoch ms)."""

    agent: Agent
    owed: int
    since: int


@dataclass(frozen=True, slots=True)
class _Owed:
    agent_id: int
    owed: int


@dataclass(frozen=True, slots=True)
class _Sold:
    amount: int
    at: int


def book(
    tx: Tx,
    kind: Kind,
    agent: Agent,
    amount: int,
    reference: str,
    actor: str,
    shop: Shop,
    now: int,
    *,
    again: bool = True,
) -> Transfer:
    """Book it and tell the agent. Raises `PeopleError` for what cannot be, `StandingError` while no money may move.

    The same amount within a day is booked again where whoever calls has asked, `again`.
    """
    if agent.id == COUNTER and kind is not Kind.REPAID:
        raise PeopleError("the counter needs no deposit: it sells on the shop's own account")
    before = ledger.agent_account(tx, agent.id).posted
    if kind is not Kind.CASH:
        _need(tx, amount, _KEYS[kind] + reference)
        if not again and like(tx, kind, agent, amount, shop, now):
            found = f"{amount} for {agent.name} was booked already in the last 24 hours"
            raise PeopleError(f"{found}: repeat with --again if that is meant")
    match kind:
        case Kind.CASH:
            transfer = people.top_up(tx, agent, amount, reference, actor, shop, now, again=again)
        case Kind.CREDIT:
            transfer = _sell_on_credit(tx, agent, amount, reference, actor, now)
        case Kind.REPAID:
            transfer = _take_repayment(tx, agent, amount, reference, actor, now)
    left = owed(tx, agent)
    for chat in people.principals(tx, agent.id):
        told = _told(kind, amount, before, left)
        outbox.put(tx, chat, told, now, cause=f"{transfer.key}:{chat}", message_class=Class.CRITICAL)
    return transfer


def owed(tx: Tx, agent: Agent) -> int:
    """What the agent owes the shop, rupiah; of the counter, what lies in its till."""
    if agent.id == COUNTER:
        return max(0, -ledger.agent_account(tx, COUNTER).posted)
    return ledger.owed(tx, receivable_of(agent.id))


def like(tx: Tx, kind: Kind, agent: Agent, amount: int, shop: Shop, now: int) -> list[Like]:
    """What was booked for the agent within a day that may be the same money, the latest first."""
    account = _paid_into(agent) if kind is Kind.REPAID else account_of(agent.id)
    return tx.all(Like, "credited_like", credit=account, amount=amount, since=now - shop.waits.same_top_up)


def meant(tx: Tx, kind: Kind, agent: Agent, amount: int, shop: Shop, now: int) -> Ticket | None:
    """A ticket of the agent's that nobody has decided, and whose transfer this may be."""
    if kind is not Kind.CASH:
        return None
    since = now - 2 * shop.waits.same_top_up
    return next(iter(tx.all(Ticket, "ticket_meant", agent_id=agent.id, amount=amount, since=since)), None)


def receivables(tx: Tx) -> list[Debt]:
    """Who owes the shop, the most first."""
    return [Debt(people.agent(tx, one.agent_id), one.owed, _since(tx, one)) for one in tx.all(_Owed, "receivable_list")]


def _since(tx: Tx, debt: _Owed) -> int:
    """Repayments pay for the oldest: what is owed is the latest deposits, up to that sum."""
    left, since = debt.owed, 0
    for sold in tx.all(_Sold, "receivable_credits", receivable=receivable_of(debt.agent_id)):
        if left <= 0:
            break
        left, since = left - sold.amount, sold.at
    return since


def _sell_on_credit(tx: Tx, agent: Agent, amount: int, reference: str, actor: str, now: int) -> Transfer:
    receivable = receivable_of(agent.id)
    ledger.open_account(tx, receivable, guarded=False)
    transfer = Transfer(_KEYS[Kind.CREDIT] + reference, receivable, account_of(agent.id), amount, "credit", actor=actor)
    ledger.post(tx, transfer, now)
    trail.note(tx, actor, "sold on credit", agent.code, now, agent_id=agent.id, reason=trail.rupiah(amount))
    return transfer


def _take_repayment(tx: Tx, agent: Agent, amount: int, reference: str, actor: str, now: int) -> Transfer:
    if amount > (left := owed(tx, agent)):
        raise OverError(left)
    transfer = Transfer(_KEYS[Kind.REPAID] + reference, CASH, _paid_into(agent), amount, "repaid", actor=actor)
    ledger.post(tx, transfer, now)
    trail.note(tx, actor, "took a repayment", agent.code, now, agent_id=agent.id, reason=trail.rupiah(amount))
    return transfer


def _paid_into(agent: Agent) -> str:
    return account_of(COUNTER) if agent.id == COUNTER else receivable_of(agent.id)


def _need(tx: Tx, amount: int, key: str) -> None:
    standing.need_writable(tx)
    if not 0 < amount <= MOST:
        raise PeopleError("an amount is a whole number of rupiah from 1 to 1.000.000.000")
    if tx.one(int, "transfer_has_key", idem_key=key):
        raise PeopleError(f"reference {key.partition(':')[2]!r} was booked already; nothing changed")


def _told(kind: Kind, amount: int, before: int, left: int) -> Message:
    """What the agent reads of it."""
    see: tuple[Option, ...] = (notices.option("balance", "saldo"), notices.option("statement", "mutasi"))
    if kind is Kind.REPAID:
        rest: dict[str, Value] = {"rp": Rupiah(amount), "left": Rupiah(left)}
        return Message(
            Text("top.repaid", rest) if left else Text("top.repaid_all", {"rp": Rupiah(amount)}), options=see
        )
    sums: dict[str, Value] = {"before": Amount(before), "came": Amount(amount), "after": Amount(before + amount)}
    if kind is Kind.CASH:
        return slips.cash_in(amount, before)
    owes = Text("top.owes", {"rp": Rupiah(left)})
    return Message(
        Text("top.credit", {"rp": Rupiah(amount)} | sums), (owes,), (notices.option("buy", "beli"), *see[1:])
    )
