"""A turn in which somebody orders or commands: what a line begins, and what is answered at once."""

import re

from bot.conversation import batching, favourites, grammar
from bot.conversation.answers import ANSWERS, greeting
from bot.conversation.command import Answer, Begin, seller
from bot.conversation.hushing import Hushing
from bot.conversation.play import Session
from bot.conversation.script import Ask, Remote
from bot.domain.message import Message, Option, Text
from bot.domain.people import Role
from bot.messaging import vault
from bot.services import purchases, sales
from bot.services.batches import MOST_LINES, Wanted


class Ordering(Hushing):
    """What orders and commands begin."""

    def _several(self, text: str) -> list[grammar.Order | None]:
        """The orders of a message of several lines, None for a line that is none; empty where it is no batch.

        Two orders make a batch, if one of them names an amount. A semicolon ends a line where no key does.
        """
        lines = [line for one in re.split("[\n;]", text) if (line := one.strip())]
        if len(lines) < 2 or self._person.role is Role.CUSTOMER:
            return []
        found = [self._line(line) for line in lines]
        orders = [one for one in found if one is not None]
        return found if len(orders) > 1 and any(one.denomination for one in orders) else []

    def _line(self, line: str) -> grammar.Order | None:
        read = grammar.read(line) or favourites.order(self._tx, self._person, line)
        if isinstance(read, grammar.Command) and read.name == "beli":
            return favourites.order(self._tx, self._person, read.rest)
        return read if isinstance(read, grammar.Order) else None

    def _batch(self, lines: list[grammar.Order | None]) -> bool:
        """Begin with all of them, once nothing else is being asked of the supplier."""
        if self._play is not None and isinstance(self._play.step, Remote):
            return False
        if len(lines) > MOST_LINES:
            said = Text("batch.many", {"n": len(lines), "most": MOST_LINES})
            self._say(Message(said, options=(Option("buy_other", Text("btn.buy_other"), "beli"),)))
            return True
        wanted = [Wanted() if one is None else _wanted(one) for one in lines]
        given = {"lines": batching.written(wanted)}
        pins = [one.pin for one in lines if one is not None and one.pin]
        if pins:
            given["pin"] = vault.hide(pins[0])
            self._hush()
        self._start("batch", given)
        return True

    def _order(self, order: grammar.Order) -> None:
        if self._person.role is Role.CUSTOMER:
            if order.denomination is None:
                self._start("recover", {"meter": order.number})
            else:
                self._say_where_to_buy()
            return
        given = batching.given(_wanted(order))
        if order.pin:
            given["pin"] = vault.hide(order.pin)
            self._hush()
        self._start("buy", given)

    def _buy(self, rest: str) -> None:
        """The first question, unless nothing could come of its answer."""
        if any(map(str.isdigit, rest)):
            self._start("buy", {"meter": rest})
            return
        refused = purchases.barred(self._tx, seller(self._turn), self._turn.shop)
        if refused is None:
            self._start("buy", {})
            return
        self._say(refused.message)
        if self._play is not None and isinstance(self._play.step, Ask):
            self._ask(self._play)

    def _say_where_to_buy(self) -> None:
        contacts = sales.contacts(self._tx, self._turn.shop)
        find = Option("find_token", Text("btn.find_token"), "cari")
        self._say(Message(Text("start.buy_at", {"contacts": contacts}), options=(find,)))
        if self._play is not None and isinstance(self._play.step, Ask):
            self._ask(self._play)

    def _is_answer(self, read: grammar.Order | grammar.Command | grammar.Mishap | None) -> bool:
        return isinstance(read, grammar.Command) and read.name in ANSWERS and self._begun(read) is None

    def _begun(self, command: grammar.Command) -> Begin | None:
        """The flow that this line of an answer's command needs."""
        answer = ANSWERS.get(command.name)
        allowed = answer is not None and self._person.role in answer.roles
        return answer.begins(self._turn, command.rest) if answer is not None and allowed else None

    def _customers(self, command: grammar.Command) -> None:
        """The commands of somebody who buys elsewhere."""
        if command.name in ("beli", "harga"):
            self._say_where_to_buy()
            return
        given = {"meter": command.rest} if command.rest else {}
        self._start("recover", given | ({"proof": "minta"} if command.name == "minta" else {}))

    def _command(self, command: grammar.Command) -> None:
        sells = self._person.role is not Role.CUSTOMER
        match command.name:
            case "beli" if sells and (order := favourites.order(self._tx, self._person, command.rest)):
                self._order(order)
            case "beli" if sells:
                self._buy(command.rest)
            case "rincian" if (play := self._play) is not None and isinstance(play.step, Ask) and play.step.detail:
                self._say(Message(play.step.detail[0], play.step.detail[1:]))
                self._ask(play)
            case "pin" if sells:
                self._pin(command.rest)
            case "klaim":
                self._start("claim", {"code": command.rest} if command.rest else {})
            case "cari" | "minta" | "beli" | "harga" if not sells:
                self._customers(command)
            case _ if begun := self._begun(command):
                self._start(begun.flow, begun.given)
            case name:
                answer: Answer | None = ANSWERS.get(name)
                allowed = answer is not None and self._person.role in answer.roles
                messages = answer.say(self._turn, command.rest) if answer and allowed else [greeting(self._turn)]
                for message in messages:
                    self._say(message)
                if (
                    self._play is not None
                    and self._tx.one(Session, "session_open", conversation_id=self._person.conversation_id) is None
                ):
                    self._play = None  # whoever became somebody else begins anew
                if self._play is not None and isinstance(self._play.step, Ask):
                    self._ask(self._play)


def _wanted(order: grammar.Order) -> Wanted:
    return Wanted(order.number, order.denomination, order.repeat, order.phone)
