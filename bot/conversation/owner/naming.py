"""Lines of an owner that name an agent and a sum: `A017 200000 utang`, `berkah cell 200rb`, `konter 150.000`.

Reads only. A sum is whole rupiah here, as in a book of accounts; an agent goes by code, name, or a word of it.
"""

from dataclasses import dataclass

from bot.conversation import grammar
from bot.conversation.script import Turn
from bot.domain.ledger import COUNTER
from bot.domain.message import Text, Value
from bot.domain.people import Agent, Role
from bot.ports import Tx
from bot.services import people
from bot.services.people import PeopleError
from bot.services.trail import Doer

CASH, CREDIT = "cash", "credit"
_HOW = {
    "utang": CREDIT, "hutang": CREDIT, "ngutang": CREDIT, "kredit": CREDIT, "credit": CREDIT, "bon": CREDIT,
    "tunai": CASH, "kontan": CASH, "cash": CASH,
}  # fmt: skip
_FILLERS = ("dicatat", "on")
_COUNTER = ("konter", "counter", "kas", "till")
_MOST_WORDS = 12


@dataclass(frozen=True, slots=True)
class Line:
    """What a line says; `named` is what stands for the agent, `amount` a sum as it was typed, '' what is missing."""

    agent: Agent | None
    named: str
    amount: str
    how: str


def how(text: str) -> str | None:
    """Cash or credit."""
    return _HOW.get(text.strip().casefold())


def known(tx: Tx, name: str) -> Agent | None:
    """The one agent of this code or name, or whose name alone begins so; `konter` is the shop's own counter."""
    wanted = name.strip().casefold()
    if wanted in _COUNTER:
        return people.agent(tx, COUNTER)
    return people.called(tx, wanted)


def _called(tx: Tx, name: str) -> Agent | None:
    try:
        return people.find_agent(tx, name)
    except PeopleError:
        return None


def line(tx: Tx, rest: str) -> Line:
    """`A017 200000`, `berkah cell 200 ribu utang`, `200000 A017`: the sum stands last or first."""
    words, said = rest.split()[:_MOST_WORDS], ""
    if words and words[0].casefold() == "saldo":
        words = words[1:]
    while words and ((found := how(words[-1])) or words[-1].casefold() in _FILLERS):
        said, words = found or said, words[:-1]
    name, amount = words, ""
    if words and _called(tx, " ".join(words).casefold()) is None:
        for count in (2, 1):  # `200 ribu` is two words
            if grammar.rupiah(" ".join(words[-count:])) is not None:
                name, amount = words[:-count], " ".join(words[-count:])
                break
        else:
            if grammar.rupiah(words[0]) is not None:
                name, amount = words[1:], words[0]
    whom = known(tx, " ".join(name)) if name else None
    if whom is None and not amount and len(name) > 1 and any(map(str.isdigit, name[-1])):
        whom, amount = known(tx, " ".join(name[:-1])), name[-1]  # no sum yet, and no part of a name either
        name = name if whom is None else name[:-1]
        amount = amount if whom is not None else ""
    return Line(whom, " ".join(name), amount, said)


def correction(tx: Tx, rest: str) -> tuple[Line, str]:
    """`A017 5000 salah catat`: the agent, the sum, and the reason behind it."""
    words = rest.split()
    for most in range(min(len(words), _MOST_WORDS), 0, -1):
        if (found := _named(tx, words[:most], whole=True)) is not None:
            return _reasoned(found, words[:most], words[most:])
    for most in range(min(len(words), _MOST_WORDS), 0, -1):
        if (found := _named(tx, words[:most], whole=False)) is not None:
            return _reasoned(found, words[:most], words[most:])
    return _reasoned(None, words[:1], words[1:])


def _named(tx: Tx, words: list[str], *, whole: bool) -> Agent | None:
    name = " ".join(words)
    return _called(tx, name.casefold()) if whole else known(tx, name)


def _reasoned(agent: Agent | None, name: list[str], words: list[str]) -> tuple[Line, str]:
    for count in (2, 1):
        if len(words) >= count and grammar.rupiah(" ".join(words[:count])) is not None:
            return Line(agent, " ".join(name), " ".join(words[:count]), ""), " ".join(words[count:])
    return Line(agent, " ".join(name), "", ""), " ".join(words)


def called(turn: Turn, who: Doer) -> Value:
    """Whoever did something: an owner's name where the settings give one; else the role."""
    channel, _, value = who.name.partition(":")
    owner = turn.shop.owner(((channel, value),)) if who.role == Role.OWNER else None
    return owner.name if owner is not None and owner.name else Text(f"role.{who.role}")
