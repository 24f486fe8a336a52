"""Agents and their chats: who a chat belongs to, who may no longer act, and what a deposit gets.

Owners come from the settings, agents from the owner's word; a phone number alone makes nobody anything, and a
stranger is a customer. Whatever changes who may act is written down with the actor, in the same unit. Which chat
stands behind a name is `addresses`' business.
"""

import dataclasses
import re
from dataclasses import dataclass
from urllib.parse import quote

from bot.clock import ZONES
from bot.domain.ledger import CASH, COUNTER, DEPOSIT, Transfer, account_of
from bot.domain.message import Message, Text
from bot.domain.people import Agent, Member, Person, Role
from bot.domain.rules import Shop
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.ports import Tx
from bot.services import ledger, standing, trail
from bot.services.trail import Deed

_LONGEST_NAME = 40
_CODE = re.compile(r"a0*(\d{1,9})")  # a name of this form would be taken for another agent's code
_LEAST_LETTERS = 3  # by which a name may begin


class PeopleError(Exception):
    """An administrative request that cannot be done; the text is for the operator."""


@dataclass(frozen=True, slots=True)
class _Proof:
    """A name that proves who somebody is; with a role, the agent that it speaks for."""

    value: str
    role: str | None
    id: int
    name: str
    state: str
    fee: int
    daily_limit: int
    created_at: int
    outlet: str
    footer: str
    zone: str

    @property
    def agent(self) -> Agent:
        terms = (self.fee, self.daily_limit, self.created_at, self.outlet, self.footer, self.zone)
        return Agent(self.id, self.name, self.state, *terms)


@dataclass(frozen=True, slots=True)
class _Beside:
    """How far a name is to be trusted, and a sure name of the same chat with the membership that it has."""

    state: str
    value: str | None
    member_id: int | None


@dataclass(frozen=True, slots=True)
class Conversation:
    """One chat with one person on one channel; `away` is 1 while nothing reaches it.

    What comes in for it stands in the inbox under its `handle`, whatever names its person has.
    """

    id: int
    channel: str
    language: str
    away: int = 0
    handle: str = ""


def open_shop(tx: Tx, shop: Shop, now: int) -> None:
    """The house accounts and the counter, which exists from the first start so that one person can sell at once.

    No agent's service fee is above the cap that the owner has set since.
    """
    ledger.open_house(tx)
    ledger.open_account(tx, account_of(COUNTER), guarded=False)
    tx.run("agent_add", id=COUNTER, name=shop.name, fee=shop.fee, daily_limit=0, created_at=now)
    tx.run("agent_fee_capped", cap=shop.fee_cap)


def agent(tx: Tx, agent_id: int) -> Agent:
    """The agent; an unknown id is a programmer's error."""
    found = tx.one(Agent, "agent_by_id", id=agent_id)
    if found is None:
        raise PeopleError(f"no agent {agent_id}")
    return found


def seen_by(whom: Agent, shop: Shop) -> Shop:
    """The shop with the agent's own days and times, if his card names a zone."""
    return dataclasses.replace(shop, zone=ZONES[whom.zone]) if whom.zone else shop


def find_agent(tx: Tx, name: str) -> Agent:
    """By name or code (`A017`), case-folded. Raises `PeopleError` where it is nobody or not one."""
    wanted = name.strip().casefold()
    found = [one for one in tx.all(Agent, "agent_list") if wanted in (one.name.casefold(), one.code.casefold())]
    if len(found) != 1:
        raise PeopleError(f"no agent is called {name!r}" if not found else f"several agents are called {name!r}")
    return found[0]


def called(tx: Tx, words: str) -> Agent | None:
    """Whom a person means: by name, by code (`A017`, `a17`), else as the one agent whose name, or a word
    of it, begins so; None if unclear.
    """
    wanted = words.strip().casefold()
    found = tx.all(Agent, "agent_list")
    code = _CODE.fullmatch(wanted)
    named = [one for one in found if one.name.casefold() == wanted or (code is not None and one.id == int(code[1]))]
    if len(wanted) >= _LEAST_LETTERS:
        agents = [one for one in found if one.id != COUNTER]
        named = named or [one for one in agents if one.name.casefold().startswith(wanted)]
        named = named or [one for one in agents if f" {wanted}" in one.name.casefold()]
    return named[0] if len(named) == 1 else None


def conversation(tx: Tx, channel: str, address: str, language: str, now: int) -> Conversation:
    """The chat of an inbox row, by its handle or else by a name; made on its first word."""
    found = tx.one(Conversation, "conversation_by_handle", channel=channel, handle=address)
    if found is None:
        found = tx.one(Conversation, "conversation_by_address", channel=channel, value=address)
    if found is not None:
        return found
    made = add_conversation(tx, channel, address, language, now)
    tx.run("address_set", channel=channel, value=address, kind="", state="sure", conversation_id=made.id)
    return made


def add_conversation(tx: Tx, channel: str, handle: str, language: str, now: int) -> Conversation:
    """A new chat, under a handle that no other chat of its channel has."""
    tx.run("conversation_add", channel=channel, handle=handle, language=language, created_at=now)
    return Conversation(tx.one(int, "conversation_last_id") or 0, channel, language, 0, handle)


def person(tx: Tx, chat: Conversation, shop: Shop) -> Person:
    """Who stands behind the chat, by its sure names: the settings name owners, the book of members the others."""
    channel = platform(chat.channel)
    proofs = tx.all(_Proof, "proof_list", conversation_id=chat.id, channel=channel)
    role, whom = Role.CUSTOMER, None
    if any((channel, one.value) in shop.owners for one in proofs):
        role, whom = Role.OWNER, agent(tx, COUNTER)
    elif (speaker := next((one for one in proofs if one.role is not None), None)) is not None:
        role, whom = Role(speaker.role or Role.CUSTOMER), speaker.agent
    return Person(chat.id, role, chat.language, whom, chat.channel, proofs[0].value if proofs else "")


def is_owners(tx: Tx, conversation_id: int, shop: Shop) -> bool:
    """Whether the chat is an owner's, now."""
    chat = tx.one(Conversation, "conversation_by_id", id=conversation_id)
    return chat is not None and person(tx, chat, shop).role is Role.OWNER


def names(tx: Tx, who: Person) -> list[str]:
    """Every name that proves who he is."""
    proofs = tx.all(_Proof, "proof_list", conversation_id=who.conversation_id, channel=platform(who.channel))
    return [one.value for one in proofs]


def platform(channel: str) -> str:
    """Where people are known by their addresses: the channel without the shop's own account there."""
    return channel.split(":", maxsplit=1)[0]


def is_cashiers(tx: Tx, conversation_id: int) -> bool:
    """Whether the chat sells on an account whose money is not for its eyes."""
    return bool(tx.one(int, "conversation_is_cashiers", conversation_id=conversation_id))


def speak(tx: Tx, conversation_id: int, language: str) -> None:
    """Keep the language of a chat."""
    tx.run("conversation_speak", id=conversation_id, language=language)


def add_agent(
    tx: Tx, name: str, address: tuple[str, str] | None, shop: Shop, now: int, actor: str = "command line"
) -> Agent:
    """A new agent with an empty deposit, reachable at `(channel, value)`."""
    clean = clean_name(name)
    if clean is None:
        raise PeopleError(f"a name has 1 to {_LONGEST_NAME} characters and is not of the form A017")
    if any(one.name.casefold() == clean.casefold() for one in tx.all(Agent, "agent_list")):
        raise PeopleError(f"an agent called {clean!r} exists already")
    number = (tx.one(int, "agent_last_id") or 0) + 1
    limits = {"daily_limit": 0, "created_at": now}
    tx.run("agent_add", id=number, name=clean, fee=shop.fee, **limits)
    ledger.open_account(tx, account_of(number), guarded=True)
    note(tx, actor, "added", number, now)
    if address is not None:
        bind(tx, number, address, shop, now, actor=actor)
    return agent(tx, number)


def clean_name(name: str) -> str | None:
    """A name as it is kept; None for one that an agent cannot have."""
    clean = " ".join(name.split())
    return clean if 1 <= len(clean) <= _LONGEST_NAME and not _CODE.fullmatch(clean.casefold()) else None


def bind(
    tx: Tx,
    agent_id: int,
    address: tuple[str, str],
    shop: Shop,
    now: int,
    *,
    actor: str = "command line",
    role: Role = Role.AGENT,
    made_by: str = "",
    limited_until: int = 0,
) -> None:
    """Let an address speak for the agent, by the word of `made_by` or else of the actor; one speaks for one."""
    channel, value = platform(address[0]), address[1]
    _need_free(tx, channel, value, shop)
    fresh = tx.run(
        "member_add",
        channel=channel,
        value=value,
        agent_id=agent_id,
        role=role,
        made_by=made_by or actor,
        created_at=now,
        limited_until=limited_until,
    )
    if not fresh:
        raise PeopleError(f"{channel}:{value} belongs to an agent already")
    reason = f"{role}, invited by {made_by}" if made_by else role
    note(tx, actor, "joined", agent_id, now, chat=f"{channel}:{value}", reason=reason)


def _need_free(tx: Tx, channel: str, value: str, shop: Shop) -> None:
    """One chat speaks for one agent, by whichever of its names; a name that changed hands speaks for nobody."""
    beside = tx.all(_Beside, "member_beside", channel=channel, value=value)
    if any((channel, name) in shop.owners for name in (value, *(one.value for one in beside))):
        raise PeopleError(f"{channel}:{value} is an owner's chat")
    if any(one.state != "sure" for one in beside):
        raise PeopleError(f"{channel}:{value} was another person's before and proves nothing: invite that chat instead")
    if any(one.member_id is not None for one in beside):
        raise PeopleError(f"{channel}:{value} belongs to an agent already")


def chats(tx: Tx, agent_id: int) -> list[Member]:
    """The chats that speak for the agent, the oldest first."""
    return tx.all(Member, "member_list", agent_id=agent_id)


def principals(tx: Tx, agent_id: int) -> list[int]:
    """The conversations that may see the agent's money: those of his own chats, not of his cashiers'."""
    own = [one for one in chats(tx, agent_id) if one.role is Role.AGENT]
    return sorted({chat for one in own for chat in tx.all(int, "conversation_of_member", id=one.id)})


def new_since(tx: Tx, conversation_id: int, now: int) -> int | None:
    """When the chat joined its account, while it is new there and its limit reduced; None for any other."""
    return tx.one(int, "member_limited", conversation_id=conversation_id, now=now)


def freeze(tx: Tx, whom: Agent, actor: str, now: int, reason: str = "") -> bool:
    """Let none of the agent's chats buy from now on; what is under way is settled. False if he was frozen already."""
    return _set_state(tx, whom, "frozen", actor, now, reason)


def unfreeze(tx: Tx, whom: Agent, actor: str, now: int, reason: str = "") -> bool:
    """Let the agent buy again; False if he could."""
    return _set_state(tx, whom, "active", actor, now, reason)


def _set_state(tx: Tx, whom: Agent, state: str, actor: str, now: int, reason: str) -> bool:
    if whom.id == COUNTER:
        raise PeopleError("the counter belongs to the owners: it is never frozen")
    if not tx.run("agent_state", id=whom.id, state=state):
        return False
    note(tx, actor, "frozen" if state == "frozen" else "unfrozen", whom.id, now, reason=reason)
    return True


def remove(
    tx: Tx, whom: Agent, member: Member, actor: str, now: int, reason: str = "", *, is_told: bool = True
) -> bool:
    """Take the account from one of its chats, at once; False if it was taken before.

    Its unpaid order is dropped, unused invitations to the account with it (whoever held that chat may hold one), and
    the chat is told, unless somebody else does that. Its purchases that are under way are settled, and answered there.
    """
    if not tx.run("member_remove", id=member.id, now=now):
        return False
    tx.run("invitation_void", agent_id=whom.id, now=now)
    tx.run("pin_remove", holder=f"member:{member.id}")
    note(tx, actor, "removed", whom.id, now, chat=member.chat, reason=reason)
    told = Message(Text("chat.removed", {"agent": whom.name}))
    for conversation_id in tx.all(int, "conversation_of_member", id=member.id):
        tx.run("session_drop", conversation_id=conversation_id)
        tx.run("broadcast_leave", conversation_id=conversation_id)
        cause = f"removed:{member.id}:{conversation_id}"
        if is_told:
            outbox.put(tx, conversation_id, told, now, cause=cause, message_class=Class.NOTICE)
    return True


def note(tx: Tx, actor: str, action: str, agent_id: int, now: int, *, chat: str = "", reason: str = "") -> None:
    """Write down who did what to whom."""
    trail.note(tx, actor, action, f"A{agent_id:03d}", now, agent_id=agent_id, chat=chat, reason=reason)


def deeds(tx: Tx, agent_id: int) -> list[Deed]:
    """Everything that was done to the agent and his chats, oldest first."""
    return trail.of_agent(tx, agent_id)


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
    note(tx, actor, "topped up", to.id, now, reason=trail.rupiah(amount))
    return transfer


def top_up_supplier(tx: Tx, amount: int, reference: str, actor: str, now: int) -> None:
    """The owner's own money sent to the supplier, once a reference; what the books believe is there grows by it."""
    if not 0 < amount <= 10_000_000_000:
        raise PeopleError("an amount is a whole number of rupiah, such as 5000000")
    standing.need_writable(tx)
    transfer = Transfer(f"vsi:{reference}", DEPOSIT, CASH, amount, "supplier", actor=actor)
    _need_new(tx, transfer, reference)
    ledger.post(tx, transfer, now)
    trail.note(tx, actor, "topped up the supplier", trail.SHOP, now, reason=trail.rupiah(amount))


def _need_new(tx: Tx, transfer: Transfer, reference: str) -> None:
    """A reference is booked once, whatever amount it is typed with the second time."""
    if tx.one(int, "transfer_has_key", idem_key=transfer.key):
        raise PeopleError(f"reference {reference!r} was booked already; nothing changed")


def agents(tx: Tx) -> list[Agent]:
    """All of them, the counter first."""
    return tx.all(Agent, "agent_list")


def claim_link(tx: Tx, code: str) -> str | None:
    """The address that claims a sale's token by a tap: on WhatsApp wherever it knows the shop, else on Telegram."""
    return _whatsapp(tx, f"KLAIM {code}") or _telegram(tx, f"c_{code}")


def claim_address(tx: Tx) -> str:
    """The same address as people type it, without a code; '' where the shop is on no platform."""
    return (claim_link(tx, "") or "").removeprefix("https://").partition("?")[0]


def invitation_links(tx: Tx, code: str) -> tuple[str | None, str | None]:
    """The addresses that take an invitation by a tap, on Telegram and on WhatsApp, where they know the shop."""
    return _telegram(tx, f"a_{code}"), _whatsapp(tx, f"AGEN {code}")


def _telegram(tx: Tx, payload: str) -> str | None:
    name = tx.one(str, "published_value", channel="telegram", subject="name")
    return f"https://t.me/{name}?start={payload}" if name else None


def _whatsapp(tx: Tx, words: str) -> str | None:
    number = tx.one(str, "published_value", channel="whatsapp", subject="number")
    return f"https://wa.me/{number}?text={quote(words)}" if number else None
