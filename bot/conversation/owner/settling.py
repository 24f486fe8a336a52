"""What a script may ask and do to settle a case: the supplier's answer, the reason, the confirm, the settlement.

The rules stand in `services/by_hand`; here each of them that says no becomes words, and nothing has changed then.
"""

from bot.conversation import grammar
from bot.conversation.command import need_owner
from bot.conversation.owner import doubt, stated
from bot.conversation.prompts import CANCEL, NO_REASON
from bot.conversation.script import Ask, Effect, MaySay, Says, Turn
from bot.domain import stored
from bot.domain.gate import Rule
from bot.domain.message import Lines, Message, MeterNumber, Option, Parts, Rupiah, Text, TokenDigits, Value
from bot.domain.purchase import Purchase
from bot.services import approvals, by_hand, evidence, late, notices, people, strays, ways
from bot.services.approvals import NotDone, Proposal
from bot.services.by_hand import VetoedError, Word
from bot.services.decisions import DecisionError
from bot.services.exchanges import of_purchase
from bot.services.standing import StandingError
from bot.services.strays import Stray

LONGEST = 300  # characters of a reason
_SHORTEST = 4
_NO_REFERENCE = "none"
_WORDS = 3  # of which a reason has so many where it begins like a command or an order


# questions


def answer(wrong: Text | None = None) -> Ask:
    """*own.token*: the supplier's answer, typed or pasted; `wrong` says what does not fit in the last one."""
    more = () if wrong is None else (Text("own.token"),)
    asked = Message(wrong or Text("own.token"), more, (CANCEL,))
    parse = _answer
    return Ask("own.token", asked, parse=parse, given="words", refusal=_no_token)


def _no_token(text: str) -> Text:
    wrong = Text("fit.length", {"n": stated.read(text).digits})
    return Text("line.parts", {"parts": Lines((wrong, Text("own.token")))})


def _answer(text: str) -> str | None:
    return text if stated.is_one(text) else None


def reference() -> Ask:
    """NO REF, where the answer did not name it; a sale has one, but the supplier may not have told it."""
    asked = Message(Text("own.ref"), options=(Option(_NO_REFERENCE, Text("btn.no_ref")), CANCEL))
    return Ask("own.ref", asked, parse=lambda text: stated.read(text).payref or None, refusal=lambda _: Text("own.ref"))


def is_left_out(chosen: str) -> bool:
    """Whether it is to be settled without NO REF."""
    return chosen == _NO_REFERENCE


def reason(asked: Text, *, given: bool) -> Ask:
    """Why; `given` where the command's line may have brought it."""
    question = Message(asked, options=(CANCEL,))
    return Ask("settle_reason", question, parse=_reason, given="words" if given else "", refusal=lambda _: NO_REASON)


def _reason(text: str) -> str | None:
    """Words of one's own; what is a command or an order is meant as such, unless it reads like a sentence."""
    line = " ".join(text.split())
    letters = [word for word in line.split() if sum(map(str.isalpha, word)) >= _WORDS]
    is_meant = isinstance(grammar.read(line), grammar.Order | grammar.Command) and len(letters) < _WORDS
    if is_meant or line.startswith("/") or len(line) < _SHORTEST or not letters or line.casefold() in grammar.YES:
        return None
    return line[:LONGEST]


def sure(card: Message, way: str) -> Ask:
    """The confirm: once and for all."""
    return Ask("own.sure", Message(card.text, card.more, (Option("correct", Text(f"btn.{_SURE[way]}")), CANCEL)))


_SURE = {
    "sold": "settle_sold",
    "unsold": "give_back",
    "loss": "shop_bears",
    "till": "till_takes",
    "claimed": "claimed",
}


# effects


class Hindered(MaySay):
    """Why the case cannot be settled so any more, or None to go on."""

    def __init__(self, number: str, way: str) -> None:
        self.name = "settle_hindered"
        self.number = number
        self.way = way

    def perform(self, turn: Turn) -> Message | None:
        """As it stands now."""
        return doubt.hindered(turn, doubt.case_of(turn, self.number), self.way)


class Misfit(MaySay):
    """What in the supplier's answer does not fit the purchase, or None."""

    def __init__(self, number: str, text: str) -> None:
        self.name = "settle_misfit"
        self.number = number
        self.text = text

    def perform(self, turn: Turn) -> Message | None:
        """Through the gate, which changes nothing here."""
        found = _purchase(turn, self.number)
        given = stated.read(self.text)
        if not given.tokens:
            return Message(Text("fit.length", {"n": given.digits}))
        try:
            by_hand.need_fit(turn.tx, found, given.of(found), turn.shop, turn.now)
        except VetoedError as refused:
            return Message(_misfit(turn, refused.veto, found, given.of(found)))
        except DecisionError:
            return None  # no longer for hand: asked before anything is done
        return None


def _misfit(turn: Turn, veto: Rule, found: Purchase, given: by_hand.Stated) -> Text:
    match veto:
        case Rule.METER:
            return Text("fit.meter", {"theirs": MeterNumber(given.msn), "meter": MeterNumber(found.msn)})
        case Rule.DENOMINATION:
            theirs, ours = Rupiah(given.total or 0), Rupiah(found.denomination + found.adm)
            return Text("fit.amount", {"theirs": theirs, "rp": ours, "sale": found.sale})
        case Rule.TIME:
            dated, sent = _when(turn, given.paid_at or 0), _when(turn, found.sent_at or found.confirmed_at)
            return Text("fit.time", {"theirs": dated, "time": sent, "sale": found.sale})
        case Rule.KNOWN:
            return Text("fit.known")
        case Rule.TOKEN:
            return Text("fit.length", {"n": len(given.tokens)})


def _when(turn: Turn, at: int) -> Value:
    return notices.when(at, turn.shop, turn.now)


class Why(Effect[Text]):
    """What is asked for with the reason, so that nobody gives one for something else."""

    def __init__(self, number: str, way: str) -> None:
        self.name = "settle_why"
        self.number = number
        self.way = way

    def perform(self, turn: Turn) -> Text:
        """By whose money it is."""
        case = doubt.case_of(turn, self.number)
        args = _money(turn, case)
        keys = {"unsold": "own.void", "loss": "own.why_loss", "till": "own.why_till", "claimed": "own.why_claimed"}
        return Text(keys.get(self.way, "own.why_sold"), args)

    def dump(self, value: Text) -> str:
        """The text."""
        return stored.encode(Message(value))

    def load(self, turn: Turn, logged: str) -> Text:
        """The text back."""
        return stored.decode(logged).text


def _money(turn: Turn, case: Purchase | Stray) -> dict[str, Value]:
    if isinstance(case, Stray):
        return {"sale": case.sale, "rp": Rupiah(case.total), "agent": turn.shop.name}
    agent = people.agent(turn.tx, case.agent_id).name
    return {"sale": case.sale, "rp": Rupiah(case.price), "agent": agent}


class Compare(Says):
    """The card of the confirm: what is settled how, why, and what was checked."""

    def __init__(self, number: str, way: str, text: str, why: str) -> None:
        self.name = "settle_compare"
        self.number = number
        self.way = way
        self.text = text
        self.why = why

    def perform(self, turn: Turn) -> Message:
        """From the case as it stands."""
        lines = _facts(turn, doubt.case_of(turn, self.number), self.way, self.text)
        lines += [Text("own.sure_why", {"reason": self.why}), Text("own.sure")]
        return Message(lines[0], tuple(lines[1:]))


def _facts(turn: Turn, case: Purchase | Stray, way: str, text: str) -> list[Text]:
    """What would be done, and what was checked for it."""
    lines = [Text(_CARDS[way], _money(turn, case))]
    if way == "sold" and isinstance(case, Purchase):
        given = stated.read(text)
        groups = given.tokens.split()
        lines += [Text("own.sure_token", {"token": TokenDigits(digits)}) for digits in groups]
        lines.append(Text("own.sure_ref", {"ref": given.payref or "–"}))
        lines += _checks(given)
    if way == "unsold" and isinstance(case, Purchase):
        lines += _likely_sold(turn, case)
    return lines


_CARDS = {
    "sold": "own.sure_sold",
    "unsold": "own.sure_void",
    "loss": "own.sure_loss",
    "till": "own.sure_till",
    "claimed": "own.sure_claimed",
}


def _checks(given: stated.Answer) -> list[Text]:
    """What of the answer the gate has checked, and what it could not."""
    names = (Text("fit.is_meter"), Text("fit.is_amount"), Text("fit.is_time"))
    checked = tuple(name for name, known in zip(names, stated.named(given), strict=True) if known)
    left = tuple(name for name, known in zip(names, stated.named(given), strict=True) if not known)
    said = [Text("own.sure_checked", {"parts": Parts((*checked, Text("fit.is_new")))})]
    return [*said, Text("own.sure_left", {"parts": Parts(left)})] if left else said


def _likely_sold(turn: Turn, case: Purchase) -> list[Text]:
    """The one thing that speaks against giving the money back."""
    for row in reversed(of_purchase(turn.tx, case.id)):
        if row.code is not None and evidence.meaning(row) == "means.sold":
            return [Text("own.sure_likely", {"code": row.code})]
    return []


class Worth(Effect[int]):
    """How much money a case is about, rupiah."""

    def __init__(self, number: str) -> None:
        self.name = "settle_worth"
        self.number = number

    def perform(self, turn: Turn) -> int:
        """The agent's price, or what the supplier took."""
        return _worth(doubt.case_of(turn, self.number))

    def load(self, turn: Turn, logged: str) -> int:
        """As it was."""
        return int(logged)


def _worth(case: Purchase | Stray) -> int:
    return case.total if isinstance(case, Stray) else case.price


class Decide(Says):
    """Settle it once, or propose it to another owner; who comes second, or after the supplier, sees how it ended."""

    def __init__(self, number: str, way: str, text: str, why: str) -> None:
        self.name = "settle_decide"
        self.number = number
        self.way = way
        self.text = text
        self.why = why

    def perform(self, turn: Turn) -> Message:
        """One unit with the turn; a chat that is an owner's no more settles nothing."""
        need_owner(turn)
        case = doubt.case_of(turn, self.number)
        try:
            _need_possible(turn, case, self.way, self.text)
            if approvals.is_needed(turn.shop, _worth(case)):
                return self._proposed(turn, case)
            return _carried_out(turn, case, self.way, self.text, self.why, turn.person.acting)
        except NotDone as obstacle:
            return obstacle.message
        except StandingError:
            return doubt.closed(case)

    def _proposed(self, turn: Turn, case: Purchase | Stray) -> Message:
        given = {"case": self.number, "way": self.way, "text": self.text, "why": self.why}
        what = Text("line.parts", {"parts": Lines(tuple(_facts(turn, case, self.way, self.text)))})
        return approvals.propose(turn.tx, "settle", given, what, self.why, turn.person, turn.shop, turn.now)


def approved(turn: Turn, proposal: Proposal, actor: str) -> Message:
    """What another owner approved is settled now, if it still can be. Raises `NotDone` where it cannot."""
    given = proposal.given
    case = doubt.case_of(turn, given["case"])
    _need_possible(turn, case, given["way"], given["text"])
    return _carried_out(turn, case, given["way"], given["text"], given["why"], actor)


def _need_possible(turn: Turn, case: Purchase | Stray, way: str, text: str) -> None:
    """Raise `NotDone` with what stands in the way; nothing was written then."""
    if (said := doubt.hindered(turn, case, way)) is not None:
        raise NotDone(said)
    if way == "sold" and isinstance(case, Purchase):
        given = stated.read(text).of(case)
        try:
            by_hand.need_fit(turn.tx, case, given, turn.shop, turn.now)
        except VetoedError as refused:
            unchanged = Text("own.unchanged", {"sale": case.sale})
            raise NotDone(Message(_misfit(turn, refused.veto, case, given), (unchanged,), ways.out(case))) from None


def _carried_out(turn: Turn, case: Purchase | Stray, way: str, text: str, why: str, actor: str) -> Message:
    """Settled by the services' own rules, which look again before they write."""
    tx, shop, now = turn.tx, turn.shop, turn.now
    args, done = _money(turn, case), notices.option("pending", "pending")
    word = Word(actor, why, text.encode() or None)
    if isinstance(case, Stray):
        is_claimed = way == "claimed"
        strays.settle(tx, case.id, claimed=is_claimed, actor=word.actor, reason=word.reason, now=now)
        return Message(Text("own.did_claim" if is_claimed else "own.did_loss", args), options=(done,))
    options = (ways.see(case), done)
    match way:
        case "sold":
            by_hand.settle_sold(tx, case, stated.read(text).of(case), word, shop, now)
            return Message(Text("own.did_sell", args), options=options)
        case "unsold":
            by_hand.settle_unsold(tx, case, word, shop, now)
            return Message(Text("own.did_void", args), options=options)
        case "till":
            by_hand.settle_late(tx, case, word, now, agent_pays=True)
            return Message(Text("own.did_till", args), options=options)
    late.bear(tx, case, word, now)
    return Message(Text("own.did_loss", args), options=options)


def _purchase(turn: Turn, number: str) -> Purchase:
    found = doubt.case_of(turn, number)
    if isinstance(found, Purchase):
        return found
    raise LookupError(f"{number} is no purchase")
