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


@dataclass(frozen=True, slots=True)
class Agent:
    """An account with a deposit at the owner. Rupiah; a `daily_limit` of 0 means none.

    His receipts are headed by his `outlet`, or else by his name, and end with his `footer`, if he has one.
    """

    id: int
    name: str
    state: str  # active | frozen
    markup: int
    fee: int
    daily_limit: int
    created_at: int
    outlet: str = ""
    footer: str = ""

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
