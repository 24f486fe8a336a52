"""What is said about top-up tickets: to the agent who pays one, and to the owners who say whether it came.

An agent's `tiket` with an amount or alone begins the flow `topup`; an owner's word that needs more begins `arrived` or
`reject`. Everything else is done at once, and takes effect with the answer.
"""

from bot.conversation.command import Begin, seller
from bot.conversation.owner import naming
from bot.conversation.script import Turn
from bot.domain.message import Lines, Message, Option, Text
from bot.domain.people import Role
from bot.services import approvals, ledger, notices, people, pins, slips, tickets, trail
from bot.services.standing import StandingError
from bot.services.tickets import State, Ticket

_WORDS = {
    "sudah": "paid", "paid": "paid", "batal": "cancel", "cancel": "cancel", "jumlah": "amount", "amount": "amount",
}  # fmt: skip
_OTHER = ("beda", "other")
_ROWS = 9


# the agent's side


def begins_top_up(turn: Turn, rest: str) -> Begin | None:
    """An agent's `tiket` and `tiket 200000`."""
    word = rest.casefold().partition(" ")[0]
    if turn.person.role is not Role.AGENT or word in _WORDS:
        return None
    return Begin("topup", {"amount": rest} if rest else {})


def ticket(turn: Turn, rest: str) -> list[Message]:
    """An agent's `tiket sudah 88`, `tiket batal`, `tiket jumlah`; an owner's `tiket` and `tiket 88`."""
    if turn.person.role is Role.OWNER:
        return [_shown(turn, rest) if rest else _list(turn)]
    word, _, number = rest.casefold().partition(" ")
    agent = seller(turn)
    found = tickets.by_number(turn.tx, number) if number else tickets.latest_of(turn.tx, agent.id)
    if found is None or found.agent_id != agent.id:
        return [
            Message(
                Text("top.none" if number else "top.no_ticket"),
                options=(slips.top_up(), notices.option("balance", "saldo")),
            )
        ]
    match _WORDS[word]:
        case "amount":
            return [Message(Text("top.amount", {"digits": str(found.amount)}))]
        case "cancel" if tickets.cancel(turn.tx, found, turn.now):
            return [slips.cancelled(found.number)]
        case "paid" if tickets.paid(turn.tx, found, turn.shop, turn.now):
            return [slips.waiting(found.number)]
    if found.state is State.WAITING:
        return [slips.waiting(found.number)]
    return [slips.stands(found.number, found.state, found.moved_at)]


def said_paid(turn: Turn, rest: str) -> list[Message]:
    """An agent's `sudah`, `sudah transfer`, `sudah 88`: of his latest ticket, or of that one."""
    number = rest.rpartition(" ")[2]
    return ticket(turn, f"sudah {number if number.removeprefix('#').isdecimal() else ''}".strip())


def hindrance(turn: Turn) -> Message | None:
    """What stands in the way of another ticket: a frozen account, no bank, an open ticket, too many undecided."""
    agent, shop = seller(turn), turn.shop
    if agent.state != "active":
        return Message(Text("pay.frozen"), options=(notices.option("menu", "menu"),))
    if shop.bank is None:
        return slips.by_hand(agent, shop)
    existing = tickets.open_of(turn.tx, agent.id)
    if existing is not None and existing.expires_at > turn.now:
        card = slips.ticket(existing.number, existing.amount, existing.expires_at, shop.bank)
        return slips.still_open(existing.number, existing.amount, card)
    if tickets.are_too_many(turn.tx, agent.id, shop):
        return Message(Text("top.many", {"n": shop.most_tickets}), options=(notices.option("balance", "saldo"),))
    return None


def made(turn: Turn, wanted: int) -> Message:
    """The card of a new ticket, or what stands in its way."""
    if (refused := hindrance(turn)) is not None:
        return refused
    if turn.shop.bank is None:
        raise LookupError("a ticket without a bank")
    new = tickets.make(turn.tx, seller(turn), turn.person.conversation_id, wanted, turn.shop, turn.now)
    if new is None:
        return Message(Text("top.full"), options=(notices.option("balance", "saldo"),))
    return slips.ticket(new.number, new.amount, new.expires_at, turn.shop.bank)


# the owner's side


def _list(turn: Turn) -> Message:
    found = tickets.undecided(turn.tx)
    if not found:
        return Message(
            Text("appr.empty"), options=(notices.option("agents", "agen"), notices.option("report", "rekap"))
        )
    rows = []
    for one in found[:_ROWS]:
        agent = people.agent(turn.tx, one.agent_id)
        rows.append(slips.row(one.number, one.amount, agent, one.state, one.moved_at))
    options = tuple(
        Option(f"ticket_{one.id}", Text("btn.see", {"sale": one.number}), f"tiket {one.number}")
        for one in found[:_ROWS]
    )
    head = Text("appr.list", {"n": len(found)})
    return Message(head, (Text("line.parts", {"parts": Lines(tuple(rows))}),), options)


def _shown(turn: Turn, number: str) -> Message:
    found, said = _decidable(turn, number)
    if found is None:
        return said
    agent = people.agent(turn.tx, found.agent_id)
    is_said = found.state is State.WAITING
    return slips.to_decide(found.number, found.amount, agent, found.moved_at, said=is_said)


def _decidable(turn: Turn, number: str) -> tuple[Ticket | None, Message]:
    """The ticket that an owner may decide, or what to say instead."""
    found = tickets.by_number(turn.tx, number)
    none = Message(Text("appr.none", {"number": number[:20]}), options=(notices.option("tickets", "tiket"),))
    if found is None:
        return None, none
    if found.state not in tickets.UNDECIDED:
        return None, _twice(turn, found)
    return found, none


def blocked(turn: Turn, number: str) -> Message | None:
    """Why an owner has nothing to decide about this number."""
    found, said = _decidable(turn, number)
    return said if found is None else None


def begins_arrival(turn: Turn, rest: str) -> Begin | None:
    """`setuju 88 beda` and `setuju 88 150000`: another amount came, which is compared before it is credited.

    What came as it was asked for is asked about, too, where it is much, may be booked already, or needs the number.
    """
    number, _, came = rest.casefold().partition(" ")
    found, _ = _decidable(turn, number)
    if found is None:
        return None
    if not came and _is_doubtful(turn, found):
        came = f"{found.amount:,}".replace(",", ".")
    if not came:
        return None
    return Begin("arrived", {"ticket": number} | ({} if came in _OTHER else {"amount": came}))


def _is_doubtful(turn: Turn, found: Ticket) -> bool:
    due = pins.due(turn.tx, turn.person, found.amount, turn.shop, turn.now)
    is_much = 0 < turn.shop.approve_confirm_from <= found.amount
    return is_much or due.is_asked or due.refusal is not None or tickets.by_hand(turn.tx, found, turn.now) is not None


def approve(turn: Turn, rest: str) -> list[Message]:
    """`setuju 88`: it came as it was asked for."""
    number = rest.partition(" ")[0]
    found, said = _decidable(turn, number) if number else (None, _list(turn))
    return [said if found is None else credited(turn, found, found.amount)]


def credited(turn: Turn, found: Ticket, came: int) -> Message:
    """The ticket credited with what came, or why it was not."""
    try:
        is_done = tickets.approve(turn.tx, found, came, turn.person.acting, turn.shop, turn.now)
    except StandingError:
        return Message(Text("appr.closed", {"ticket": found.number}), options=(notices.option("tickets", "tiket"),))
    stands = tickets.by_number(turn.tx, found.number) or found
    if not is_done:
        return _twice(turn, stands)
    agent = people.agent(turn.tx, found.agent_id)
    after = ledger.agent_account(turn.tx, agent.id).posted
    by = approvals.owner(turn.tx, turn.person, turn.shop)
    return slips.approved(found.number, agent, came, after, by.called, turn.now)


def compared(turn: Turn, number: str, came: int) -> Message:
    """What would be credited, beside what was asked for, and what may be the same money."""
    found = tickets.by_number(turn.tx, number)
    if found is None:
        raise LookupError(f"no ticket {number}")
    agent = people.agent(turn.tx, found.agent_id)
    before = ledger.agent_account(turn.tx, agent.id).posted
    booked = tickets.by_hand(turn.tx, found, turn.now)
    return slips.compared(found.number, found.amount, came, agent, before, booked)


def begins_rejection(turn: Turn, rest: str) -> Begin | None:
    """`tolak 88`: the reason is asked for."""
    number, _, reason = rest.partition(" ")
    if not number or reason or blocked(turn, number) is not None:
        return None
    return Begin("reject", {"ticket": number})


def reject(turn: Turn, rest: str) -> list[Message]:
    """`tolak 88 salah nominal`, the reason in the same line."""
    number, _, reason = rest.partition(" ")
    found, said = _decidable(turn, number) if number else (None, _list(turn))
    return [said if found is None else refused(turn, found, reason)]


def refused(turn: Turn, found: Ticket, reason: str) -> Message:
    """The ticket rejected, or who was quicker."""
    if tickets.reject(turn.tx, found, reason, turn.person.acting, turn.shop, turn.now):
        return slips.refused(found.number, people.agent(turn.tx, found.agent_id))
    stands = tickets.by_number(turn.tx, found.number) or found
    return _twice(turn, stands)


def _twice(turn: Turn, stands: Ticket) -> Message:
    who = trail.doer(turn.tx, stands.actor)
    return slips.twice(stands.number, stands.state, stands.moved_at, naming.called(turn, who) if who.role else "")
