"""What a script may do after a sale: look at one that the chat may see, say what helps with PLN, keep a note of it.

The log keeps the sale's number and no token: what is read of it is read again at each replay.
"""

from bot.conversation.script import Effect, Says, Turn
from bot.domain.message import Message, Text
from bot.domain.people import Role
from bot.domain.purchase import Purchase
from bot.services import history, lookup, notes, notices, purchases, recovery, refused, sales, settlement
from bot.services.notes import Kind
from bot.services.refused import Display, Sold


class FindSale(Effect[Purchase | None]):
    """The sale by its number: a seller's own, or one that this customer was shown lately; any other is none."""

    def __init__(self, number: str) -> None:
        self.name = "find_sale"
        self.number = number

    def perform(self, turn: Turn) -> Purchase | None:
        """By whoever asks."""
        if turn.person.role is Role.CUSTOMER:
            return recovery.shown(turn.tx, self.number, turn.person, turn.shop, turn.now)
        found = lookup.find(turn.tx, lookup.whose(turn.person), self.number)
        return found[0] if len(found) == 1 else None

    def dump(self, value: Purchase | None) -> str:
        """Its number."""
        return str(value.id) if value else ""

    def load(self, turn: Turn, logged: str) -> Purchase | None:
        """As it is now."""
        return purchases.by_id(turn.tx, int(logged)) if logged else None


class Advise(Effect[tuple[Message, ...]]):
    """What to do about the display's word; with a sale that was paid for, the text for PLN, too."""

    def __init__(self, display: Display, sale: Purchase | None) -> None:
        self.name = "advise"
        self.display = display
        self.sale = sale

    def perform(self, turn: Turn) -> tuple[Message, ...]:
        """A customer's text is a further look at his token, and is noted as one."""
        tx, sells = turn.tx, turn.person.role is not Role.CUSTOMER
        paid = self.sale is not None and sales.is_paid(tx, self.sale)
        sold = Sold(self.sale, settlement.tokens_of(tx, self.sale.id)) if self.sale is not None and paid else None
        if sold is None:
            return (refused.advice(self.display, None, refused.way_on(None, sells=sells)),)
        if not sells:
            recovery.noted(tx, sold.purchase, "text for PLN", turn.person, turn.now)
        options = refused.way_on(sold, sells=sells)
        return (
            refused.advice(self.display, sold, ()),
            refused.for_pln(self.display, sold, turn.shop.zone, options),
        )

    def dump(self, value: tuple[Message, ...]) -> str:
        """Nothing: it is said in the turn that made it."""
        return ""

    def load(self, turn: Turn, logged: str) -> tuple[Message, ...]:
        """Nothing of it is said twice."""
        return ()


class KeepNote(Effect[tuple[Message, ...]]):
    """Keep what is wrong with the sale, tell the owners, and say where it stands."""

    def __init__(self, sale: Purchase, kind: Kind, text: str) -> None:
        self.name = "keep_note"
        self.sale = sale
        self.kind = kind
        self.text = text

    def perform(self, turn: Turn) -> tuple[Message, ...]:
        """A token that did not come is sent again, if there is one."""
        tx, sale = turn.tx, self.sale
        is_kept = notes.add(tx, sale, self.kind, self.text, turn.person, turn.shop, turn.now)
        said = self._said(turn) if is_kept else Message(Text("cmp.enough", {"sale": sale.sale}))
        owner = turn.person.role is Role.OWNER
        see = notices.option("see", f"cek {sale.sale}", sale=sale.sale)
        contact = () if owner else notices.contact_owner(turn.shop, sale.sale)
        answer = Message(said.text, said.more, (see, *contact))
        if self.kind is Kind.MISSING and sales.is_paid(tx, sale):
            return (*sales.token_again(tx, sale), answer)
        return (answer,)

    def _said(self, turn: Turn) -> Message:
        sale = self.sale
        if sale.is_open:
            return Message(notices.noted_open(sale))
        noted = Text("cmp.noted", {"sale": sale.sale})
        if not sales.is_paid(turn.tx, sale):
            stands = sales.stands(turn.tx, sale, turn.shop)
            return Message(stands.text, (*stands.more, noted))
        return Message(notices.noted_wrong(sale) if self.kind is Kind.WRONG else noted)

    def dump(self, value: tuple[Message, ...]) -> str:
        """Nothing: it is said in the turn that made it."""
        return ""

    def load(self, turn: Turn, logged: str) -> tuple[Message, ...]:
        """Nothing of it is said twice."""
        return ()


class WhichSale(Says):
    """The latest sales, to choose the one that something is wrong with; or that there is no such sale."""

    def __init__(self, number: str, verb: str) -> None:
        self.name = "which_sale"
        self.number = number
        self.verb = verb

    def perform(self, turn: Turn) -> Message:
        """A number that fits none says so, and shows the same list."""
        head = Text("hist.none") if self.number else Text("cmp.which")
        return history.to_choose(turn.tx, lookup.whose(turn.person), head, self.verb, turn.shop, turn.now)
