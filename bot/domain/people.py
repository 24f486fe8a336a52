"""Who talks: roles and agents. Says who may do what; never who somebody is (that is the address book's)."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a chat may do. Strangers are customers."""

    OWNER = "owner"
    AGENT = "agent"
    CASHIER = "cashier"  # sells on an agent's account, and sees neither margin nor balance
    CUSTOMER = "customer"


_PLATFORMS = {"telegram": "Telegram", "whatsapp": "WhatsApp"}
_TAIL = 4
_LONGEST_OWNER = 20


@dataclass(frozen=True, slots=True)
class Owner:
    """One of the people whom the shop belongs to: `name` as the settings call him, or ''; (channel, address) pairs."""

    name: str
    chats: tuple[tuple[str, str], ...]

    @property
    def key(self) -> str:
        """What stands for him in the books: his first chat, as the settings write it."""
        return ":".join(self.chats[0])

    @property
    def called(self) -> str:
        """What other people read: his name, or the end of his first chat's number."""
        channel, value = self.chats[0]
        if self.name or channel not in _PLATFORMS:
            return self.name or value
        return f"{_PLATFORMS[channel]} …{value[-_TAIL:]}"


@dataclass(frozen=True, slots=True)
class Agent:
    """An account with a deposit at the owner. Rupiah; a `daily_limit` of 0 means none.

    His receipts are headed by his `outlet`, or else by his name, and end with his `footer`, if he has one.
    """

    id: int
    name: str
    state: str  # active | frozen
    fee: int
    daily_limit: int
    created_at: int
    outlet: str = ""
    footer: str = ""
    zone: str = ""  # WIB, WITA or WIT; '' is the shop's

    @property
    def heading(self) -> str:
        """What his receipts are headed by."""
        return self.outlet or self.name

    @property
    def code(self) -> str:
        """The short number that owners type: `A017`."""
        return f"A{self.id:03d}"


@dataclass(frozen=True, slots=True)
class Person:
    """Who stands behind one inbound event; `address` is the name on `channel` that proves it, '' if none does."""

    conversation_id: int
    role: Role
    language: str
    agent: Agent | None = None
    channel: str = ""
    address: str = ""

    @property
    def acting(self) -> str:
        """How what he does is signed: `owner in chat 7`."""
        return f"{self.role} in chat {self.conversation_id}"


@dataclass(frozen=True, slots=True)
class Member:
    """A chat that speaks for an agent; `id` is never used again. Epoch milliseconds; `limited_until` 0 is not at all.

    `channel` is the platform, whatever the shop's own account there is called.
    """

    id: int
    channel: str
    value: str
    role: Role
    created_at: int
    limited_until: int

    @property
    def chat(self) -> str:
        """As the settings and the command line write it: `telegram:123`."""
        return f"{self.channel}:{self.value}"


def dialled(number: str) -> str:
    """A phone number as people write it (`+62 812…`, `0812…`) in the digits that platforms use; else what it was."""
    digits = re.sub(r"[\s().-]", "", number).removeprefix("+")
    if not (digits.isascii() and digits.isdecimal()):
        return number
    return f"62{digits[1:]}" if digits.startswith("0") else digits


def owners_from(text: str) -> tuple[Owner, ...]:
    """`Sri=telegram:123+whatsapp:62812,console:boss` → two people, the second without a name; `+` joins one's chats.

    A number may be written as it is dialled at home: `whatsapp:0812…`. Raises `ValueError` in words.
    """
    found: list[Owner] = []
    taken: set[tuple[str, str]] = set()
    for written in text.split(","):
        name, named, chats = written.rpartition("=")
        name = " ".join(name.split())
        if len(name) > _LONGEST_OWNER or (named and not name):
            raise ValueError(
                f"has {written.strip()!r}: a name has 1 to {_LONGEST_OWNER} characters, as in Sri=telegram:123"
            )
        pairs = [_chat(chat.strip()) for chat in chats.split("+") if chat.strip()]
        if twice := [pair for pair in pairs if pair in taken]:
            raise ValueError(f"names {':'.join(twice[0])} for two people; + joins the chats of one")
        taken.update(pairs)
        if pairs:
            found.append(Owner(name, tuple(dict.fromkeys(pairs))))
    return tuple(found)


def _chat(written: str) -> tuple[str, str]:
    channel, colon, value = written.partition(":")
    if not colon or not value or channel not in ("telegram", "whatsapp", "console"):
        raise ValueError(f"has {written!r}, which is no telegram:…, whatsapp:… or console:…")
    return channel, dialled(value) if channel == "whatsapp" else value
