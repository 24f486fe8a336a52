"""What a command's answer is: a function of the turn and the rest of the line, and the roles that may ask it.

Each subject has its own module; the table that names them all is `answers.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.conversation.script import Turn
from bot.domain.message import Message, Text
from bot.domain.people import Agent, Person, Role
from bot.domain.purchase import Purchase
from bot.services import lookup, notices, people, sales

ALL = frozenset(Role)
SELLERS = frozenset({Role.OWNER, Role.AGENT, Role.CASHIER})
PRINCIPALS = frozenset({Role.OWNER, Role.AGENT})  # who may see what is earned and what is left
OWNERS = frozenset({Role.OWNER})
ACCOUNTS = frozenset({Role.AGENT, Role.CASHIER})  # who sells on an account that is not the shop's own

CUSTOMERS = (  # what a customer can do here, whatever he wrote
    notices.option("find_token", "cari"),
    notices.option("token_refused", "ditolak"),
    notices.option("how_to_buy", "bantuan"),
)


@dataclass(frozen=True, slots=True)
class Begin:
    """A flow to begin, with what the line brought along."""

    flow: str
    given: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """Who may ask, and what is said; `begins` is asked first, for a line that needs a question of its own."""

    roles: frozenset[Role]
    say: Callable[[Turn, str], list[Message]]
    begins: Callable[[Turn, str], Begin | None] = lambda _turn, _rest: None


def seller(turn: Turn) -> Agent:
    """The account that the chat sells on."""
    if turn.person.agent is None:
        raise LookupError("only sellers get here")
    return turn.person.agent


def chat_of(person: Person) -> str:
    """How owners read who of them did something: `telegram:123`."""
    return f"{people.platform(person.channel)}:{person.address}" if person.address else person.acting


def owner_of(turn: Turn) -> str:
    """The same, by the name that OWNERS gives the person, where it gives one."""
    channel = people.platform(turn.person.channel)
    owner = turn.shop.owner((channel, name) for name in people.names(turn.tx, turn.person))
    return owner.name if owner is not None and owner.name else chat_of(turn.person)


def need_owner(turn: Turn) -> None:
    """Raise `LookupError` for a chat that is an owner's no more, as it was when the talk began."""
    if turn.person.role is not Role.OWNER:
        raise LookupError(f"{turn.person.acting} is no owner")


def about(say: Callable[[Turn, Purchase], list[Message]]) -> Callable[[Turn, str], list[Message]]:
    """An answer about one of the agent's own sales, a cashier's own; anything else is no such purchase."""

    def answer(turn: Turn, rest: str) -> list[Message]:
        found = lookup.by_number(turn.tx, lookup.whose(turn.person), rest.split(" ", maxsplit=1)[0])
        if found is None:
            return [Message(Text("hist.none"), options=(notices.option("history", "riwayat"),))]
        return say(turn, found)

    return answer


def sold(say: Callable[[Turn, Purchase], list[Message]]) -> Callable[[Turn, str], list[Message]]:
    """Only a sale that was paid for has a token and a receipt; any other is shown as it stands."""

    def answer(turn: Turn, found: Purchase) -> list[Message]:
        if not sales.is_paid(turn.tx, found):
            stands = sales.status(turn.tx, found, turn.shop)
            head = Text("receipt.none", {"sale": found.sale})
            return [Message(head, (stands.text, *stands.more), stands.options)]
        return say(turn, found)

    return about(answer)
