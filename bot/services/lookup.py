"""An agent's sale found by what somebody holds in his hand: its number, a meter, a token, the end of NO REF."""

import re

from bot.domain.purchase import Purchase
from bot.domain.token import DIGITS
from bot.ports import Tx
from bot.services.history import Whose

MOST = 10
_SALE = re.compile(r"[tT]?(\d{1,9})")
_GAPS = re.compile(r"[\s.-]")
_TAIL = re.compile(r"[0-9A-F]{4,32}")


def find(tx: Tx, whose: Whose, words: str) -> list[Purchase]:
    """Those of the seller's sales that fit, newest first, at most ten; anybody else's are as unknown as none.

    A number that is a sale's means that sale. Other digits or hexadecimals, four and more, are a meter number, an
    IDPEL or NO REF, or the end of one; 20 digits are a token.
    """
    if (number := _SALE.fullmatch(words.strip())) and (sale := _by_number(tx, whose, int(number[1]))):
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


def _by_number(tx: Tx, whose: Whose, number: int) -> Purchase | None:
    found = tx.one(Purchase, "purchase_by_id", id=number)
    if found is None or found.agent_id != whose.agent_id:
        return None
    return found if whose.chat in (0, found.conversation_id) else None
