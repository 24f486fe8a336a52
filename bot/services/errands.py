"""Errands: what is done for a chat outside any turn because it takes long.

Written down first, so that a kill only means to begin again; answered once.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.message import Message
from bot.domain.people import Person
from bot.domain.rules import Shop
from bot.messaging import outbox
from bot.ports import Tx
from bot.services import people

MOST_TRIES = 3  # of what may be the cause that the process died


@dataclass(frozen=True, slots=True)
class Errand:
    """One that is open. `input` is JSON of its kind, `language` that of its chat; epoch milliseconds."""

    id: int
    conversation_id: int
    kind: str  # export | report
    input: str = field(repr=False)
    actor: str
    tries: int
    created_at: int
    channel: str
    language: str

    @property
    def order(self) -> dict[str, str]:
        """What is to be done."""
        return dict(json.loads(self.input))

    @property
    def notice(self) -> str:
        """The cause of the message that says how far it is."""
        return f"errand:{self.id}:wait"


def give(tx: Tx, kind: str, person: Person, order: Mapping[str, str], now: int) -> None:
    """Write down what is to be done for the chat."""
    tx.run(
        "errand_add",
        conversation_id=person.conversation_id,
        kind=kind,
        input=json.dumps(dict(order)),
        actor=person.acting,
        now=now,
    )
    tx.signal("errand")


def waiting(tx: Tx) -> list[Errand]:
    """All that are open, oldest first."""
    return tx.all(Errand, "errand_open_list")


def of_chat(tx: Tx, kind: str, conversation_id: int) -> list[Errand]:
    """Those of a kind that are open for a chat."""
    return tx.all(Errand, "errand_open_of", kind=kind, conversation_id=conversation_id)


def withdraw(tx: Tx, shop: Shop) -> int:
    """At a start: what was ordered from a chat that is an owner's no more, and files that wait for it, go nowhere.

    Exports hold tokens, and errands and messages outlive the settings that they were given under. How many that were.
    """
    gone = [one for one in waiting(tx) if not people.is_owners(tx, one.conversation_id, shop)]
    count = sum(call_off(tx, one) for one in gone)
    for chat in tx.all(int, "errand_files_wait_for"):
        if not people.is_owners(tx, chat, shop):
            count += tx.run("errand_files_withdraw", conversation_id=chat)
    return count


def begin(tx: Tx, errand: Errand) -> bool:
    """Count the try; False if it was called off meanwhile."""
    return bool(tx.run("errand_begin", id=errand.id))


def end(tx: Tx, errand: Errand, messages: list[Message], now: int) -> bool:
    """Answer it, once; False if it was called off meanwhile."""
    if not tx.run("errand_end", id=errand.id, state="done"):
        return False
    tx.signal("errand")
    for number, message in enumerate(messages, 1):
        outbox.put(tx, errand.conversation_id, message, now, cause=f"errand:{errand.id}:{number}")
    return True


def call_off(tx: Tx, errand: Errand) -> bool:
    """Nobody wants it any longer; False if it was done before."""
    return bool(tx.run("errand_end", id=errand.id, state="cancelled"))
