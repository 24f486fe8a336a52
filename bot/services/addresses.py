"""The names of people: which chat stands behind them, and what ends when a name changes hands.

A platform may know one person by a number and by an id of its own, and show either or both. Numbers change hands: one
that does still reaches its new holder, and proves nothing about him. So a number alone inherits no deposit, and where
two names contradict each other, whoever may have lost one begins anew as a customer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import structlog

from bot.domain.message import Message, Text
from bot.domain.people import Member, Role
from bot.domain.rules import Shop
from bot.i18n import normalise
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.ports import Tx
from bot.services import alerts, notices, people
from bot.services.people import Conversation

log = structlog.get_logger(__name__)

Kind = Literal["", "number", "person"]
State = Literal["", "sure", "moved", "gone"]

_ACTOR = "the shop"
_CHANGED = "number changed"
_HANDS = "number changed hands"
_TWO_AGENTS = "one chat speaks for one agent"
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Name:
    """A name as a platform showed it; its kind is '' where people have one name only."""

    value: str
    kind: Kind = ""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A name and what is known of it: no state, and no chat, where it was never seen before."""

    value: str
    kind: Kind
    state: State
    conversation_id: int

    @property
    def is_live(self) -> bool:
        return self.state in ("sure", "moved")


@dataclass(frozen=True, slots=True)
class _Standing:
    """A membership by one of a chat's names."""

    id: int
    channel: str
    value: str
    role: Role
    created_at: int
    limited_until: int
    agent_id: int

    @property
    def member(self) -> Member:
        return Member(self.id, self.channel, self.value, self.role, self.created_at, self.limited_until)


def settle(tx: Tx, channel: str, names: Sequence[Name], language: str, shop: Shop, now: int) -> Conversation:
    """The chat behind the names that one message showed, made if it is new. Total: there is a chat for any names.

    `language` is a tag or ''. Of several names of one kind the first counts.
    """
    return _Book(tx, channel, shop, now).settle(names, normalise(language) if language else shop.locale)


def renumber(tx: Tx, channel: str, old: str, new: str, shop: Shop, now: int) -> None:
    """The platform says that a person changed his number. His chat goes along, and nothing that it may do."""
    _Book(tx, channel, shop, now).renumber(_clean(old), _clean(new))


def heard(tx: Tx, conversation_id: int, said_at: int) -> None:
    """Keep when the person last wrote, by the platform's time; of a chat that was merged, it is the older one's."""
    tx.run("conversation_heard", id=conversation_id, said_at=said_at)


@dataclass(frozen=True, slots=True)
class _Book:
    """The names of one channel, in one unit."""

    tx: Tx
    channel: str
    shop: Shop
    now: int

    @property
    def platform(self) -> str:
        return people.platform(self.channel)

    # which chat

    def settle(self, names: Sequence[Name], language: str) -> Conversation:
        number, other = self._looked_up(names)
        seen = [one for one in (number, other) if one is not None]
        chats = {one.conversation_id for one in seen if one.is_live}
        if not chats:
            chat = self._made(seen, seen, language)
        elif number is None or other is None:
            (chat,) = chats
        elif len(chats) == 2:
            chat = self._of_two(number, other)
        elif number.is_live and other.is_live:
            (chat,) = chats
        elif number.is_live:
            chat = self._known_by_number(number, other, language)
        else:
            chat = self._known_by_person(other, number)
        found = self.tx.one(Conversation, "conversation_by_id", id=chat)
        if found is None:
            raise LookupError("a name without its chat")
        for one in seen:
            if one.state in ("moved", "gone"):  # OWNERS may name it only since
                self._warn_of_owner(one.value)
        return found

    def _looked_up(self, names: Sequence[Name]) -> tuple[_Seen | None, _Seen | None]:
        """The number, and the other name: a person's id, or the only name that there is. A name keeps its kind."""
        found: dict[Kind, _Seen] = {}
        for name in names:
            value = _clean(name.value)
            if value and value not in {one.value for one in found.values()}:
                seen = self._known(value) or _Seen(value, name.kind, "", 0)
                found.setdefault(seen.kind, seen)
        return found.get("number"), found.get("person") or found.get("")

    def _known(self, value: str) -> _Seen | None:
        return self.tx.one(_Seen, "address_known", channel=self.channel, value=value)

    def _live(self, chat: int) -> list[_Seen]:
        return self.tx.all(_Seen, "address_live", conversation_id=chat)

    def _made(self, names: Sequence[_Seen], handles: Sequence[_Seen], language: str) -> int:
        """A new chat for the names; its handle is the first name that is free, or a number of that."""
        handle = self._free_handle([one.value for one in handles] or [""])
        chat = people.add_conversation(self.tx, self.channel, handle, language, self.now).id
        self._keep_one_agent([], [one.value for one in names])
        for name in names:
            self._add(chat, name)
        return chat

    def _free_handle(self, names: list[str]) -> str:
        """A handle is never given up: what came in under it stays its chat's."""
        free = next((one for one in names if self._is_free(one)), None)
        number = 2
        while free is None:
            free = f"{names[0]}/{number}" if self._is_free(f"{names[0]}/{number}") else None
            number += 1
        return free

    def _is_free(self, handle: str) -> bool:
        return not (self.tx.one(int, "conversation_has_handle", channel=self.channel, handle=handle) or 0)

    def _add(self, chat: int, name: _Seen) -> None:
        """A fresh name is the chat's for sure; one that was given up before may be anybody's now."""
        if name.state:
            self._move(chat, name)
        else:
            self._set(chat, name, "sure")

    def _move(self, chat: int, name: _Seen) -> None:
        """The name is the chat's from now on, and proves nothing there: whoever it spoke for, it does no longer."""
        self._end_memberships([name.value], _HANDS)
        self._set(chat, name, "moved")
        self._warn_of_owner(name.value)

    def _set(self, chat: int, name: _Seen, state: State) -> None:
        self.tx.run(
            "address_set", channel=self.channel, value=name.value, kind=name.kind, state=state, conversation_id=chat
        )

    def _give_up(self, name: _Seen) -> None:
        self.tx.run("address_gone", channel=self.channel, value=name.value)
        self._warn_of_owner(name.value)

    # where two names say different things

    def _known_by_number(self, number: _Seen, person: _Seen, language: str) -> int:
        """A chat known by its number, and a further name: its own, or that of the number's new holder."""
        chat = number.conversation_id
        if not any(one.kind == person.kind for one in self._live(chat)):
            self._keep_one_agent(self._sure(chat), [person.value])
            self._add(chat, person)
            return chat
        self._end(chat, [number], [number], _HANDS)
        holder = self._made([person], [number, person], language)
        self._move(holder, number)
        return holder

    def _known_by_person(self, person: _Seen, number: _Seen) -> int:
        """A chat known by its person's own id, and a further number: its first, or the one that it changed to."""
        chat = person.conversation_id
        live = self._live(chat)
        former = next((one for one in live if one.kind == number.kind), None)
        if former is None:
            self._keep_one_agent(self._sure(chat), [number.value])
            self._add(chat, number)
            return chat
        self._end(chat, live, [former], _CHANGED)
        self._give_up(former)
        self._move(chat, number)
        return chat

    def _of_two(self, number: _Seen, person: _Seen) -> int:
        """Two chats: one person's, if neither knew the other's kind of name; else the number changed hands."""
        theirs, his = self._live(number.conversation_id), self._live(person.conversation_id)
        former = next((one for one in his if one.kind == number.kind), None)
        if former is None and not any(one.kind == person.kind for one in theirs):
            return self._merge(*sorted((number.conversation_id, person.conversation_id)))
        if former is not None:
            self._end(person.conversation_id, his, [former], _CHANGED)
            self._give_up(former)
        self._end(number.conversation_id, [number], [number], _HANDS)
        self._move(person.conversation_id, number)
        return person.conversation_id

    def renumber(self, old: str, new: str) -> None:
        former, number = self._known(old), self._known(new) or _Seen(new, "number", "", 0)
        if former is None or not former.is_live or former.kind != "number" or not new or old == new:
            return
        chat = former.conversation_id
        live = self._live(chat)
        self._end(chat, live, live, _CHANGED)
        for name in live:
            self._give_up(name)
        if number.kind == "number" and not (number.is_live and number.conversation_id != chat):
            self._move(chat, number)

    # what ends

    def _sure(self, chat: int) -> list[str]:
        return [one.value for one in self._live(chat) if one.state == "sure"]

    def _standings(self, names: Sequence[str]) -> list[_Standing]:
        found = [self.tx.one(_Standing, "member_by_name", channel=self.platform, value=name) for name in names]
        return sorted((one for one in found if one is not None), key=lambda one: one.id)

    def _end(self, chat: int, names: Sequence[_Seen], leaving: Sequence[_Seen], why: str) -> None:
        """All that the chat may do by these names, before those that leave it do; its person is told once, there."""
        for proof in ("proved_meter_drop", "sale_watch_drop", "token_request_drop"):
            self.tx.run(proof, conversation_id=chat)
        ended = self._end_memberships([one.value for one in names], why)
        owning = {one for one in self._sure(chat) if self._is_owners(one)}
        staying = owning.difference(one.value for one in leaving)
        if not ended and (staying or not owning):
            return
        self.tx.run("session_drop", conversation_id=chat)
        told = Message(Text("chat.number_changed"), options=(notices.option("menu", "menu"),))
        cause = f"number:{chat}:{self.now}"
        outbox.put(self.tx, chat, told, self.now, cause=cause, message_class=Class.NOTICE)

    def _end_memberships(self, names: Sequence[str], why: str) -> int:
        standings = self._standings(names)
        for one in standings:
            whom, chat = people.agent(self.tx, one.agent_id), one.member.chat
            people.remove(self.tx, whom, one.member, _ACTOR, self.now, why, is_told=False)
            told = Message(Text("own.number", {"chat": chat, "agent": whom.name, "code": whom.code}))
            detail = f"{why}: {chat} spoke for {whom.code}"
            alerts.announce(self.tx, told, "own.number", detail, f"number:{one.id}", self.shop, self.now)
        return len(standings)

    def _keep_one_agent(self, mine: Sequence[str], further: Sequence[str]) -> None:
        """Names that come together in one chat speak for one agent: the one that it spoke for before."""
        standings = [*self._standings(mine), *self._standings(further)]
        for one in standings[1:]:
            whom = people.agent(self.tx, one.agent_id)
            is_told = one.agent_id != standings[0].agent_id
            people.remove(self.tx, whom, one.member, _ACTOR, self.now, _TWO_AGENTS, is_told=is_told)

    def _is_owners(self, value: str) -> bool:
        return (self.platform, value) in self.shop.owners

    def _warn_of_owner(self, value: str) -> None:
        """A name in OWNERS that changed hands makes nobody an owner; that is said once."""
        kind, detail = "own.lost_owner", f"{self.platform}:{value}"
        if not self._is_owners(value):
            return
        if self.tx.one(int, "alert_like", kind=kind, detail=detail):
            return
        log.warning("a name in OWNERS changed hands and makes nobody an owner; `id` in the right chat says which does")
        told = Message(Text("own.lost_owner", {"chat": detail}))
        alerts.announce(self.tx, told, kind, detail, f"lost_owner:{detail}", self.shop, self.now)

    # two chats of one person

    def _merge(self, older: int, younger: int) -> int:
        """The younger chat goes into the older one; what it was in the middle of is let go."""
        tx, pair = self.tx, {"id": younger, "into": older}
        self._keep_one_agent(self._sure(older), self._sure(younger))
        tx.run("session_drop", conversation_id=younger)
        tx.run("effect_let_go", conversation_id=younger)
        tx.run("outbox_supersede", conversation_id=younger)
        tx.run("merge_inbox", channel=self.channel, **pair)
        tx.run("merge_sending", channel=self.channel, **pair)
        for what in _MERGED:
            tx.run(what, **pair)
        tx.run("merge_opening_watch_done", id=younger)
        for topic in ("inbox", "outbox", "unparked"):
            tx.signal(topic)
        return older


_MERGED = (
    "merge_addresses",
    "merge_steps",
    "merge_waiting",
    "merge_parked",
    "merge_purchases",
    "merge_notes",
    "merge_wrong_codes",
    "merge_opening_watch",
    "merge_proof_tries",
    "merge_proved_meters",
    "merge_sale_watches",
    "merge_token_requests",
    "pin_merge",
    "merge_reach",
    "merge_chat",
)


def _clean(value: str) -> str:
    """As it can be stored: hostile text is no reason to lose a message."""
    return value[:_LONGEST].encode("utf-8", "replace").decode()
