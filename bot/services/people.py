"""Agents and their chats: who an address belongs to, and what its deposit gets. A stranger is a customer.

Owners come from the settings, agents from the owner's word; a phone number alone makes nobody anything.
"""

from dataclasses import dataclass

from bot.domain.ledger import CASH, COUNTER, DEPOSIT, Transfer, account_of
from bot.domain.people import Agent, Person, Role
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import ledger, standing


class PeopleError(Exception):
    """An administrative request that cannot be done; the text is for the operator."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One chat with one person on one channel; `away` is 1 while nothing reaches it."""

    id: int
    channel: str
    language: str
    away: int = 0


def open_shop(tx: Tx, shop: Shop, now: int) -> None:
    """The house accounts and the counter, which exists from the first start so that one person can sell at once."""
    ledger.open_house(tx)
    ledger.open_account(tx, account_of(COUNTER), guarded=False)
    tx.run("agent_add", id=COUNTER, name=shop.name, markup=0, fee=shop.fee, daily_limit=0, created_at=now)


def agent(tx: Tx, agent_id: int) -> Agent:
    """The agent; an unknown id is a programmer's error."""
    found = tx.one(Agent, "agent_by_id", id=agent_id)
    if found is None:
        raise PeopleError(f"no agent {agent_id}")
    return found


def find_agent(tx: Tx, name: str) -> Agent:
    """By name or code (`A017`), case-folded. Raises `PeopleError` where it is nobody or not one."""
    wanted = name.strip().casefold()
    found = [one for one in tx.all(Agent, "agent_list") if wanted in (one.name.casefold(), one.code.casefold())]
    if len(found) != 1:
        raise PeopleError(f"no agent is called {name!r}" if not found else f"several agents are called {name!r}")
    return found[0]


def conversation(tx: Tx, channel: str, address: str, language: str, now: int) -> Conversation:
    """The chat behind an address, made on its first word."""
    found = tx.one(Conversation, "conversation_by_address", channel=channel, value=address)
    if found is not None:
        return found
    tx.run("conversation_add", channel=channel, language=language, created_at=now)
    made = Conversation(tx.one(int, "conversation_last_id") or 0, channel, language)
    tx.run("address_add", channel=channel, value=address, conversation_id=made.id)
    return made


def person(tx: Tx, chat: Conversation, address: str, shop: Shop) -> Person:
    """Who stands behind the chat: the settings name owners, the book of members names agents."""
    if (chat.channel.split(":")[0], address) in shop.owners:
        return Person(chat.id, Role.OWNER, chat.language, agent(tx, COUNTER))
    member = tx.one(Agent, "agent_by_address", channel=chat.channel, value=address)
    role = Role.CUSTOMER if member is None else Role.AGENT
    return Person(chat.id, role, chat.language, member)


def speak(tx: Tx, conversation_id: int, language: str) -> None:
    """Keep the language of a chat."""
    tx.run("conversation_speak", id=conversation_id, language=language)


def add_agent(tx: Tx, name: str, address: tuple[str, str] | None, shop: Shop, now: int) -> Agent:
    """A new agent with an empty deposit, reachable at `(channel, value)`."""
    clean = " ".join(name.split())
    if not 1 <= len(clean) <= 40:
        raise PeopleError("a name has 1 to 40 characters")
    if any(one.name.casefold() == clean.casefold() for one in tx.all(Agent, "agent_list")):
        raise PeopleError(f"an agent called {clean!r} exists already")
    number = (tx.one(int, "agent_last_id") or 0) + 1
    limits = {"daily_limit": 0, "created_at": now}
    tx.run("agent_add", id=number, name=clean, markup=shop.markup, fee=shop.fee, **limits)
    ledger.open_account(tx, account_of(number), guarded=True)
    if address is not None:
        bind(tx, number, address, shop, now)
    return agent(tx, number)


def bind(tx: Tx, agent_id: int, address: tuple[str, str], shop: Shop, now: int) -> None:
    """Let an address speak for the agent; one address speaks for one."""
    channel, value = address
    if address in shop.owners:
        raise PeopleError(f"{channel}:{value} is an owner's chat")
    if not tx.run("member_add", channel=channel, value=value, agent_id=agent_id, created_at=now):
        raise PeopleError(f"{channel}:{value} belongs to an agent already")


def top_up(
    tx: Tx, to: Agent, amount: int, reference: str, actor: str, shop: Shop, now: int, *, again: bool = False
) -> Transfer:
    """Cash into an agent's deposit, once a reference. Raises `PeopleError` on a repeat that nobody confirmed."""
    if not 0 < amount <= 1_000_000_000:
        raise PeopleError("an amount is a whole number of rupiah from 1 to 1.000.000.000")
    standing.need_writable(tx)
    transfer = Transfer(f"topup:{reference}", CASH, account_of(to.id), amount, "topup", actor=actor)
    _need_new(tx, transfer, reference)
    recent = (
        tx.one(
            int,
            "transfer_like",
            credit=transfer.credit,
            amount=amount,
            kind="topup",
            since=now - shop.waits.same_top_up,
        )
        or 0
    )
    if recent and not again:
        raise PeopleError(
            f"{amount} for {to.name} was booked already in the last 24 hours: repeat with --again if that is meant"
        )
    ledger.post(tx, transfer, now)
    return transfer


def top_up_supplier(tx: Tx, amount: int, reference: str, actor: str, now: int) -> None:
    """The owner's own money sent to the supplier, once a reference; what the books believe is there grows by it."""
    if not 0 < amount <= 10_000_000_000:
        raise PeopleError("an amount is a whole number of rupiah, such as 5000000")
    standing.need_writable(tx)
    transfer = Transfer(f"vsi:{reference}", DEPOSIT, CASH, amount, "supplier", actor=actor)
    _need_new(tx, transfer, reference)
    ledger.post(tx, transfer, now)


def _need_new(tx: Tx, transfer: Transfer, reference: str) -> None:
    """A reference is booked once, whatever amount it is typed with the second time."""
    if tx.one(int, "transfer_has_key", idem_key=transfer.key):
        raise PeopleError(f"reference {reference!r} was booked already; nothing changed")


def agents(tx: Tx) -> list[Agent]:
    """All of them, the counter first."""
    return tx.all(Agent, "agent_list")
