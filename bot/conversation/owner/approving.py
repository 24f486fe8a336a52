"""What a second approver says: the list of proposals, a yes that does one of them, a no.

The words are those of tickets, a proposal's number has a letter: `setuju P3`. A new kind of proposal gets its deed in
`DEEDS`; how to propose one is told in `services/approvals.py`.
"""

import re
from collections.abc import Callable

from bot.conversation import grammar, tickets
from bot.conversation.command import Begin
from bot.conversation.owner import correcting, depositing, reporting, settling
from bot.conversation.script import Turn
from bot.domain.message import Message
from bot.domain.people import Role
from bot.services import approvals, pins
from bot.services.approvals import Proposal
from bot.services.supplier_deposit import COMPARED
from bot.services.tickets import undecided

DEEDS: dict[str, Callable[[Turn, Proposal, str], Message]] = {
    "adjust": correcting.deed,
    "settle": settling.approved,
    COMPARED: depositing.deed,
    "absent": reporting.deed,
}
_NUMBER = re.compile(r"p\d{1,9}")


def proposals(turn: Turn, rest: str) -> list[Message]:
    """`usulan`, `usulan P3`."""
    if rest:
        return [approvals.shown(turn.tx, rest, turn.person, turn.shop, turn.now)]
    return [approvals.listed(turn.tx, turn.person, turn.shop, turn.now)]


def asked(turn: Turn, text: str) -> list[Message]:
    """What a bare yes or no may be meant for: the proposal or the tickets that wait for this owner; [] for neither."""
    if turn.person.role is not Role.OWNER or text.casefold() not in grammar.YES | grammar.NO:
        return []
    if approvals.waits_for(turn.tx, turn.person, turn.shop, turn.now):
        return proposals(turn, "")
    return tickets.ticket(turn, "") if undecided(turn.tx) else []


def begins_approval(turn: Turn, rest: str) -> Begin | None:
    """The secret number first, where the owner has set one; a ticket asks what it needs itself."""
    number = _proposal(rest)
    if not number:
        return tickets.begins_arrival(turn, rest)
    due = pins.due(turn.tx, turn.person, None, turn.shop, turn.now)
    guarded = due.is_asked or due.refusal is not None
    return Begin("proved", {"command": "setuju", "rest": number}) if guarded else None


def approve(turn: Turn, rest: str) -> list[Message]:
    """`setuju P3`; alone, what waits; anything else is about a ticket."""
    number = _proposal(rest)
    if not number:
        return (_only_proposals(turn) if not rest else []) or tickets.approve(turn, rest)

    def deed(proposal: Proposal, actor: str) -> Message:
        return DEEDS[proposal.kind](turn, proposal, actor)

    return [approvals.approve(turn.tx, number, turn.person, turn.shop, turn.now, deed)]


def begins_refusal(turn: Turn, rest: str) -> Begin | None:
    """Only a ticket's no has to give a reason."""
    return None if _proposal(rest) else tickets.begins_rejection(turn, rest)


def refuse(turn: Turn, rest: str) -> list[Message]:
    """`tolak P3`; alone, what waits; anything else is about a ticket."""
    number = _proposal(rest)
    if not number:
        return (_only_proposals(turn) if not rest else []) or tickets.reject(turn, rest)
    return [approvals.refuse(turn.tx, number, turn.person, turn.shop, turn.now)]


def _only_proposals(turn: Turn) -> list[Message]:
    """What another owner waits for, where no ticket could be meant instead."""
    if undecided(turn.tx) or not approvals.waits_for(turn.tx, turn.person, turn.shop, turn.now):
        return []
    return proposals(turn, "")


def _proposal(rest: str) -> str:
    first = rest.partition(" ")[0]
    return first if _NUMBER.fullmatch(first.casefold()) else ""
