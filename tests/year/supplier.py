"""The supplier of the year: the sandbox's own desk and books in this process, and what befalls its answers.

It sells and answers advices as the sandbox does; a fate only says which words leave, and how long an advice finds
nothing. What it sold is read from its books alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from bot.domain.supply import Advise, Pay, Reply, Transport
from bot.sandbox import Readings, SandboxConfig, answers
from bot.sandbox.answers import Shape
from bot.sandbox.checks import Refusal
from bot.sandbox.ledger import Books, Sold, _sold
from bot.sandbox.scenarios import Behaviour
from bot.sandbox.vending import Vendor
from bot.vsi import messages

PAID_IN = 10**13  # the sandbox's deposit is never the limit here: the shop's own books say what is left


class Word(Enum):
    """What leaves after the supplier has acted."""

    AS_IT_IS = "as it is"
    NOTHING = "nothing"  # no answer
    CODE_47 = "code 47"  # refused in words that a replayed payment could hear, too
    CODE_77 = "code 77"  # refused for good
    CODE_90 = "code 90"  # the daily closing
    UNSENT = "unsent"  # it never got there


@dataclass(frozen=True, slots=True)
class Fate:
    """`sells` at all, what it says, and for how long (milliseconds, or for ever) no advice finds the sale."""

    name: str
    sells: bool = True
    word: Word = Word.AS_IT_IS
    hidden: int = 0
    behaviour: Behaviour = Behaviour.SUCCESS


class Ledger(Books):
    """The sandbox's books, which can be read on from where one stopped. What was taken is summed as it is sold."""

    def __init__(self) -> None:
        super().__init__(None)
        self._taken = 0

    def sell(
        self, trxid: str, msn: str, idpel: str, nominal: int, adm: int, groups: int, instalment: int, now: int
    ) -> Sold:
        """As ever."""
        made = super().sell(trxid, msn, idpel, nominal, adm, groups, instalment, now)
        self._taken += nominal + adm
        return made

    def taken(self) -> int:
        """The same sum, without reading a year's sales for every payment."""
        return self._taken

    def since(self, number: int) -> list[Sold]:
        """What was sold after this sale."""
        rows = self._connection.execute("SELECT * FROM sold WHERE id > ? ORDER BY id", (number,))
        return [_sold(row) for row in rows]


class Supplier:
    """Serves one request after another; `now` is its clock."""

    def __init__(self, now: Callable[[], int]) -> None:
        readings = Readings(advice_any_day=True)
        self.config = SandboxConfig("year", "secret", deposit=PAID_IN, clock=now, readings=readings)
        self.books = Ledger()
        self._desk = Vendor(self.config, self.books)
        self._hidden: dict[tuple[str, int], int] = {}
        self._now = now

    def inquire(self, msn: str) -> Reply:
        """Who stands behind the meter."""
        found = self._desk.inquire({"msn": msn, "trxid": "I", "command": "INQ"})
        return _answer(answers.inquiry(found.customer, found.refnum, self.config.adm, found.unsold_tokens))

    def pay(self, request: Pay, msn: str, fate: Fate) -> Reply:
        """Act as fate says, and answer."""
        if fate.word is Word.UNSENT:
            return Reply(Transport.UNSENT)
        self._hidden[msn, request.denomination] = self._now() + fate.hidden
        body = b""
        if fate.sells:
            paid = self._desk.pay(messages.parameters(request), fate.behaviour)
            assert paid.sold is not None
            body = answers.sale(paid.sold, 0, Shape.PAY)
        match fate.word:
            case Word.AS_IT_IS:
                return _answer(body)
            case Word.NOTHING:
                return Reply(Transport.TIMEOUT, milliseconds=60_000)
        code = int(fate.word.value.removeprefix("code "))
        return _answer(answers.error(code, "TIDAK BISA DILAKUKAN", msn, Shape.PAY))

    def advise(self, request: Advise) -> Reply:
        """What the books show, or that nothing is found while the sale is hidden."""
        try:
            if self._hidden.get((request.msn, request.denomination), 0) > self._now():
                raise Refusal(96, "ERROR TRANSAKSI TIDAK DITEMUKAN", request.msn)
            found = self._desk.advise(messages.parameters(request))
        except Refusal as refusal:
            return _answer(answers.error(refusal.code, refusal.words, refusal.number, Shape.ADVICE))
        return _answer(answers.sale(found, 0, Shape.ADVICE))


def _answer(body: bytes) -> Reply:
    return Reply(Transport.ANSWERED, 200, body, 40)
