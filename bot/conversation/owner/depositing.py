"""What a script may do with the supplier's deposit: look, book a top-up, compare, correct.

Each is one call, within the turn's own unit; the log keeps the message that came of it.
"""

from bot import ids
from bot.conversation.command import need_owner, owner_of
from bot.conversation.script import MaySay, Says, Turn
from bot.domain.message import Amount, Message, Option, Rupiah, Text, Value
from bot.services import adjustments, alerts, approvals, ledger, notices, people
from bot.services import supplier_deposit as service
from bot.services.approvals import NotDone, Proposal
from bot.services.people import PeopleError
from bot.services.standing import StandingError


class _ByOwner(Says):
    """An effect of an owner that ends in something to say; a chat that is an owner's no more does nothing."""

    def perform(self, turn: Turn) -> Message:
        """One unit with the turn."""
        need_owner(turn)
        try:
            return self.done(turn)
        except StandingError:
            return Message(Text("maint.read_only"), options=(notices.option("alarms", "alarm"),))

    def done(self, turn: Turn) -> Message:
        """Do it."""
        raise LookupError(self.name)


class FillQuestion(_ByOwner):
    """What booking the top-up makes of the books."""

    def __init__(self, amount: int) -> None:
        self.name = "fill_question"
        self.amount = amount

    def done(self, turn: Turn) -> Message:
        """From the books."""
        return service.fill_question(turn.tx, self.amount, turn.shop, turn.now)


class Fill(_ByOwner):
    """Book what was sent to the supplier, once a reference; without one, once a question."""

    def __init__(self, amount: int, reference: str) -> None:
        self.name = "fill"
        self.amount = amount
        self.reference = reference

    def done(self, turn: Turn) -> Message:
        """The other owners hear of it."""
        before = ledger.supplier_deposit(turn.tx)
        try:
            people.top_up_supplier(turn.tx, self.amount, self.reference or _own(turn), turn.person.acting, turn.now)
        except PeopleError:
            return Message(Text("dep.twice", {"reference": self.reference}), options=_ways())
        args: dict[str, Value] = {"rp": Rupiah(self.amount)}
        _tell_others(turn, Message(Text("dep.filled_by", args | {"who": owner_of(turn)})))
        sums: dict[str, Value] = {"old": Amount(before), "new": Amount(before + self.amount)}
        return Message(Text("dep.filled", args | sums | {"added": Amount(self.amount)}), options=_ways())


class Compare(_ByOwner):
    """The supplier's figure beside the books."""

    def __init__(self, theirs: int) -> None:
        self.name = "compare"
        self.theirs = theirs

    def done(self, turn: Turn) -> Message:
        """From the books."""
        return service.comparison(turn.tx, self.theirs, turn.shop, turn.now)


class TooMuch(MaySay):
    """What to say where the day's limit does not reach for a correction; None to go on."""

    def __init__(self, difference: int) -> None:
        self.name = "correct_too_much"
        self.difference = difference

    def perform(self, turn: Turn) -> Message | None:
        """By what was corrected today."""
        return _too_much(turn, self.difference)


class CorrectQuestion(_ByOwner):
    """What the correction makes of the books, and whether another owner is asked afterwards."""

    def __init__(self, difference: int, reason: str) -> None:
        self.name = "correct_question"
        self.difference = difference
        self.reason = reason

    def done(self, turn: Turn) -> Message:
        """From the books."""
        more = (Text("adj.second"),) if _needs_approval(turn, self.difference) else ()
        return Message(Text("dep.correct", _change(turn, self.difference) | {"reason": self.reason}), more)


class Correct(_ByOwner):
    """Book the difference, once a question, or propose it where another owner has to approve."""

    def __init__(self, difference: int, reason: str) -> None:
        self.name = "correct"
        self.difference = difference
        self.reason = reason

    def done(self, turn: Turn) -> Message:
        """The other owners hear of it, with the reason."""
        if (why_not := _too_much(turn, self.difference)) is not None:
            return why_not
        args = _change(turn, self.difference)
        if _needs_approval(turn, self.difference):
            tx, who, given = turn.tx, turn.person, {"rp": self.difference}
            what = Text("dep.what", args)
            return approvals.propose(tx, service.COMPARED, given, what, self.reason, who, turn.shop, turn.now)
        acting, reference = turn.person.acting, ids.ulid()
        service.correct(turn.tx, self.difference, reference, acting, self.reason, turn.shop, turn.now)
        told = args | {"who": owner_of(turn), "reason": self.reason}
        _tell_others(turn, Message(Text("dep.corrected_by", told)))
        return Message(Text("dep.corrected", args), options=_ways())


def deed(turn: Turn, proposal: Proposal, actor: str) -> Message:
    """What another owner approved. Raises `NotDone` where the day's limit does not reach for it."""
    difference = int(proposal.given["rp"])
    if (why_not := _too_much(turn, difference)) is not None:
        raise NotDone(why_not)
    args, reference = _change(turn, difference), f"proposal {proposal.number}"
    service.correct(turn.tx, difference, reference, actor, proposal.reason, turn.shop, turn.now)
    return Message(Text("dep.corrected", args), options=_ways())


def _needs_approval(turn: Turn, difference: int) -> bool:
    return adjustments.needs_approval(turn.tx, turn.shop, difference, turn.now, service.COMPARED)


def _too_much(turn: Turn, difference: int) -> Message | None:
    left = service.left_today(turn.tx, turn.shop, turn.now)
    if abs(difference) <= left:
        return None
    args: dict[str, Value] = {"rp": Rupiah(turn.shop.adjust_limit), "left": Rupiah(left)}
    return Message(Text("dep.limit", args), options=_ways())


def _change(turn: Turn, difference: int) -> dict[str, Value]:
    before = ledger.supplier_deposit(turn.tx)
    return {"old": Amount(before), "new": Amount(before + difference)}


def _own(turn: Turn) -> str:
    """A reference of this question's own."""
    return f"chat {turn.person.conversation_id}:{turn.order_id}"


def _ways() -> tuple[Option, ...]:
    return (notices.option("deposit", "deposit"), notices.option("menu", "menu"))


def _tell_others(turn: Turn, told: Message) -> None:
    cause = f"deposit:{_own(turn)}"
    alerts.tell_owners(turn.tx, told, cause, turn.shop, turn.now, but=turn.person.conversation_id)
