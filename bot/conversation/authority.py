"""Whether whoever holds the phone may do it: the question for the secret number, for any script that has to ask.

    if not await authorised(quote.price):
        return

Nothing is asked of those who have set no number, nor below what it guards.
"""

import dataclasses

from bot.conversation.pinning import Check, IsDue, paid
from bot.conversation.prompts import CANCEL
from bot.conversation.script import Ask, Say
from bot.domain.message import Message, Text
from bot.messaging import vault
from bot.services import pins


async def authorised(rupiah: int | None = None, asking: str = "") -> bool:
    """Whether a payment of so much, or (without an amount) a change of settings, may go on; if not, why was said.

    `asking` is the key of the question, where it is no payment that so many rupiah are for.
    """
    refusal = await refused(rupiah, asking)
    if refusal is not None:
        await Say(refusal)
    return refusal is None


async def refused(rupiah: int | None = None, asking: str = "") -> Message | None:
    """Ask for the number where one is due, as often as it takes; why it is of no use to go on, or None."""
    heading: Text | None = None
    while True:
        due = await IsDue(rupiah)
        if not due.is_asked:
            return due.refusal
        question = Message(Text("pin.old")) if rupiah is None else paid(rupiah, asking or "pin.ask")
        heading = await Check(await number(question, heading))
        if heading is None:
            return None


def number(question: Message, heading: Text | None = None, name: str = "pin") -> Ask:
    """Ask for a secret number; `heading` says what became of the last one."""
    lines = (question.text,) if heading is None else (heading, question.text)
    message = dataclasses.replace(question, text=lines[0], more=lines[1:], options=(CANCEL,), keypad=0)
    return Ask(name, message, parse=_mark, given=name, refusal=lambda _: Text("pin.six"), secret=True)


def _mark(text: str) -> str | None:
    found = vault.digits(text)
    return text if found is not None and len(found) == pins.DIGITS else None
