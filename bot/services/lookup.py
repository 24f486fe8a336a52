"""An agent's sale found by what somebody holds in his hand: its number, a meter, a token, the end of NO REF."""

import re
from dataclasses import dataclass

from bot.domain.people import Person, Role
from bot.domain.purchase import Purchase
from bot.domain.token import DIGITS
from bot.ports import Tx

MOST = 10
_SALE = re.compile(r"[tT]?(\d{1,9})")
_GAPS = re.compile(r"[\s.-]")
_TAIL = re.compile(r"[0-9A-F]{4,32}")


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose sales are looked at: an agent's, or (`chat` is not 0) only what one chat of his sold."""

    agent_id: int
    chat: int = 0


def whose(person: Person) -> Whose:
    """The sales that this seller may see. Raises `LookupError` for a customer."""
    if person.agent is None:
        raise LookupError("a customer sells nothing")
    return Whose(person.agent.id, person.conversation_id if person.role is Role.CASHIER else 0)


def undecided(tx: Tx, whose: Whose) -> list[Purchase]:
    """Those of the seller's sales that have no result yet, newest first."""
    found = tx.all(Purchase, "purchase_open_list")
    mine = [one for one in found if one.agent_id == whose.agent_id and whose.chat in (0, one.conversation_id)]
    return mine[::-1]


def find(tx: Tx, whose: Whose, words: str) -> list[Purchase]:
    """Those of the seller's sales that fit, newest first, at most ten; anybody else's are as unknown as none.

    A number that is a sale's means that sale. Other digits or hexadecimals, four and more, are a meter number, an
    IDPEL or NO REF, or the end of one; 20 digits are a token.
    """
    if sale := by_number(tx, whose, words):
        return [sale]
    compact = _GAPS.sub("", words).upper()
    scope = {"agent_id": whose.agent_id, "chat": whose.chat, "most": MOST}
    if is_token(compact):
        return tx.all(Purchase, "lookup_by_token", digits=compact, **scope)
    if re.fullmatch(r"[0-9]{11,12}", compact):
        return tx.all(Purchase, "history_of_meter", pattern=compact, start=0, skip=0, **scope)
    return tx.all(Purchase, "lookup_by_tail", pattern=f"%{compact}", **scope) if _TAIL.fullmatch(compact) else []


def is_token(words: str) -> bool:
    """Whether these are the 20 digits of a token, however they are grouped."""
    compact = _GAPS.sub("", words)
    return len(compact) == DIGITS and compact.isascii() and compact.isdecimal()


def by_number(tx: Tx, whose: Whose, words: str) -> Purchase | None:
    """The seller's sale of this number (`T10482`), or None."""
    number = _SALE.fullmatch(words.strip())
    found = tx.one(Purchase, "purchase_by_id", id=int(number[1])) if number else None
    if found is None or found.agent_id != whose.agent_id:
        return None
    return found if whose.chat in (0, found.conversation_id) else None
