"""What an agent is asked about a sale of his that turned up late: whether he takes it, at its price."""

from bot.conversation.command import Begin, about, seller
from bot.conversation.prompts import CANCEL
from bot.conversation.script import Ask, Effect, MaySay, Turn
from bot.domain import stored
from bot.domain.message import Message, Option, Rupiah, Text, Value
from bot.domain.purchase import Purchase
from bot.services import late, ledger, lookup, notices, purchases, sales
from bot.services.decisions import DecisionError
from bot.services.standing import StandingError

_YES = ("ya", "yes", "ok")
_NO = ("tidak", "no")


def begins(turn: Turn, rest: str) -> Begin | None:
    """`tebus T10482` and `tebus T10482 ya`."""
    number, _, word = rest.partition(" ")
    found = lookup.by_number(turn.tx, lookup.whose(turn.person), number)
    if found is None or not late.is_open(turn.tx, found) or word.casefold() in _NO:
        return None
    return Begin("take", {"sale": found.sale} | ({"answer": "take"} if word.casefold() in _YES else {}))


def answer(turn: Turn, rest: str) -> list[Message]:
    """`tebus T10482 tidak`, and whatever is offered no more."""
    return about(lambda turn, found: [_answer(turn, found, rest)])(turn, rest)


def _answer(turn: Turn, found: Purchase, rest: str) -> Message:
    if rest.rpartition(" ")[2].casefold() in _NO and late.decline(turn.tx, found, turn.person, turn.shop, turn.now):
        return Message(Text("late.left", {"sale": found.sale}), options=(notices.option("menu", "menu"),))
    return gone(turn, found)


def gone(turn: Turn, found: Purchase) -> Message:
    """It is not offered any more, or never was: the sale as it stands."""
    stands = sales.status(turn.tx, found, turn.shop)
    return Message(Text("late.gone", {"sale": found.sale}), (stands.text, *stands.more), stands.options)


class Offered(Effect[tuple[int, Message]]):
    """The price and the question; a price of 0 where there is nothing to take, and what to say then."""

    def __init__(self, sale: str) -> None:
        self.name = "late_offered"
        self.sale = sale

    def perform(self, turn: Turn) -> tuple[int, Message]:
        """As it stands now, with what stands in the way of paying."""
        found = _own(turn, self.sale)
        if not late.is_open(turn.tx, found):
            return 0, gone(turn, found)
        if (stopped := purchases.stopped(turn.tx, seller(turn))) is not None:
            return 0, stopped.message
        missing = found.price - ledger.agent_account(turn.tx, found.agent_id).available
        if missing > 0:
            return 0, _short(turn, found, missing)
        return found.price, late.question(turn.tx, found)

    def dump(self, value: tuple[int, Message]) -> str:
        """Both."""
        return f"{value[0]} {stored.encode(value[1])}"

    def load(self, turn: Turn, logged: str) -> tuple[int, Message]:
        """Both back."""
        price, _, message = logged.partition(" ")
        return int(price), stored.decode(message)


def _short(turn: Turn, found: Purchase, missing: int) -> Message:
    args: dict[str, Value] = {"sale": found.sale, "missing": Rupiah(missing), "price": Rupiah(found.price)}
    wanted = -(-max(missing, turn.shop.top_up_least) // 1_000) * 1_000
    again = notices.option("take", f"tebus {found.sale}", rp=Rupiah(found.price))
    return Message(Text("late.short", args), options=(notices.option("top_up", f"tiket {wanted}"), again))


def question(asked: Message, price: int) -> Ask:
    """Whether he takes it, where he has not pressed the button of the offer itself."""
    options = (
        Option("take", Text("btn.take", {"rp": Rupiah(price)})),
        Option("leave", Text("btn.leave")),
        CANCEL,
    )
    message = Message(asked.text, asked.more, options)
    return Ask("late_answer", message, parse=_choice, given="answer", refusal=lambda _: asked.text)


def _choice(text: str) -> str | None:
    word = text.casefold()
    return "take" if word in ("take", *_YES) else "leave" if word in ("leave", *_NO) else None


class Take(MaySay):
    """Pay for it or leave it; None where its token and its price are told in this very chat."""

    def __init__(self, sale: str, *, takes: bool) -> None:
        self.name = "late_take"
        self.sale = sale
        self.takes = takes

    def perform(self, turn: Turn) -> Message | None:
        """One unit with the turn."""
        found = _own(turn, self.sale)
        if not self.takes:
            return _answer(turn, found, "tidak")
        if (stopped := purchases.stopped(turn.tx, seller(turn))) is not None:  # since the question
            return stopped.message
        try:
            late.take(turn.tx, found, turn.person, turn.shop, turn.now)
        except StandingError:
            return Message(Text("maint.books"), options=(notices.option("menu", "menu"),))
        except DecisionError:
            return gone(turn, found)
        if found.conversation_id == turn.person.conversation_id:
            return None
        return Message(
            Text("late.taken", {"sale": found.sale}), options=(notices.option("token_again", f"token {found.sale}"),)
        )


def _own(turn: Turn, sale: str) -> Purchase:
    found = lookup.by_number(turn.tx, lookup.whose(turn.person), sale)
    if found is None:
        raise LookupError(f"{sale} is not {turn.person.acting}'s")
    return found
