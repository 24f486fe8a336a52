"""Who talks: roles and agents. Says who may do what; never who somebody is (that is the address book's)."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a chat may do. Strangers are customers."""

    OWNER = "owner"
    AGENT = "agent"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Agent:
    """An account with a deposit at the owner. Rupiah; a `daily_limit` of 0 means none."""

    id: int
    name: str
    state: str  # active | frozen
    markup: int
    fee: int
    daily_limit: int
    created_at: int

    @property
    def code(self) -> str:
        """The short number that owners type: `A017`."""
        return f"A{self.id:03d}"


@dataclass(frozen=True, slots=True)
class Person:
    """Who stands behind one inbound event."""

    conversation_id: int
    role: Role
    language: str
    agent: Agent | None = None
