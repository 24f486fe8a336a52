"""What a script may do to sell: inquire, quote, pay. Each effect is one call of a service and a line in the log.

The log keeps identifiers and never amounts of its own, so a replay reads the business as it is written.
"""

import json
from dataclasses import dataclass

from bot.conversation.script import Effect, MaySay, Remote, Turn
from bot.domain import stored
from bot.domain.message import Message, Text
from bot.domain.people import Role
from bot.domain.purchase import Purchase, Quote
from bot.domain.supply import Inquiry
from bot.ports import Tx
from bot.services import cards, favourites, ledger, prices, purchases, recovery
from bot.services.favourites import Recent
from bot.services.inquiries import NotFound
from bot.services.purchases import Refused


class Inquire(Remote[Inquiry | NotFound]):
    """Who stands behind the number, by the supplier's word."""

    def __init__(self, number: str) -> None:
        self.name = "inquire"
        self.input = number

    def load(self, turn: Turn, logged: str) -> Inquiry | NotFound:
        """The inquiry by its id, or the refusal."""
        return loaded_inquiry(turn.tx, logged)


def keep_inquiry(tx: Tx, inquiry_id: str, found: Inquiry | NotFound, now: int) -> str:
    """Store the answer of an inquiry; returns what the log keeps of it."""
    if isinstance(found, NotFound):
        return json.dumps({"refused": stored.encode(found.message)})
    tx.run(
        "inquiry_add",
        id=inquiry_id,
        msn=found.msn,
        idpel=found.idpel,
        name=found.name,
        tariff_power=found.tariff_power,
        adm=found.adm,
        refnum=found.refnum,
        unsold_tokens=found.unsold_tokens,
        created_at=now,
    )
    return json.dumps({"inquiry": inquiry_id})


def loaded_inquiry(tx: Tx, logged: str) -> Inquiry | NotFound:
    """The inquiry by its id as the log keeps it, or the refusal."""
    answer = json.loads(logged)
    if "inquiry" in answer:
        return _inquiry(tx, answer["inquiry"])
    return NotFound(stored.decode(answer["refused"]))


def _inquiry(tx: Tx, inquiry_id: str) -> Inquiry:
    found = tx.one(Inquiry, "inquiry_by_id", id=inquiry_id)
    if found is None:
        raise LookupError(f"no inquiry {inquiry_id}")
    return found


@dataclass(frozen=True, slots=True)
class Card:
    """What a customer's card adds: one line at most, and whether the name is asked about before any price."""

    warning: Text | None
    name_first: bool


class Look(Effect[Card]):
    """What the shop knows of the meter; `amount` is what the order named, '' if nothing."""

    def __init__(self, inquiry: Inquiry, amount: str = "") -> None:
        self.name = "look"
        self.inquiry = inquiry
        self.amount = int(amount or 0)

    def perform(self, turn: Turn) -> Card:
        """One added line, the first that applies."""
        agent_id = turn.person.agent.id if turn.person.agent else 0
        return Card(*cards.added_line(turn.tx, self.inquiry, agent_id, self.amount, turn.shop, turn.now))

    def dump(self, value: Card) -> str:
        """The line as a message."""
        line = stored.encode(Message(value.warning)) if value.warning else ""
        return json.dumps([line, value.name_first])

    def load(self, turn: Turn, logged: str) -> Card:
        """The line back."""
        line, name_first = json.loads(logged)
        return Card(stored.decode(line).text if line else None, name_first)


class LookAhead(Effect[Text | None]):
    """The one line that the amount, just chosen, adds to a card that had none: the month's kWh."""

    def __init__(self, inquiry: Inquiry, amount: str) -> None:
        self.name = "look_ahead"
        self.inquiry = inquiry
        self.amount = int(amount)

    def perform(self, turn: Turn) -> Text | None:
        """By the shop's own sales."""
        return cards.over_cap(turn.tx, self.inquiry, self.amount, turn.shop, turn.now)

    def dump(self, value: Text | None) -> str:
        """The line as a message."""
        return stored.encode(Message(value)) if value else ""

    def load(self, turn: Turn, logged: str) -> Text | None:
        """The line back."""
        return stored.decode(logged).text if logged else None


class Recents(Effect[list[Recent]]):
    """Whom the account sold to lately, to be chosen without typing."""

    def __init__(self) -> None:
        self.name = "recents"

    def perform(self, turn: Turn) -> list[Recent]:
        """By the shop's own sales."""
        return favourites.recents(turn.tx, turn.person, turn.shop)

    def dump(self, value: list[Recent]) -> str:
        """Meters and names."""
        return json.dumps([[one.msn, one.name] for one in value])

    def load(self, turn: Turn, logged: str) -> list[Recent]:
        """Meters and names back."""
        return [Recent(*one) for one in json.loads(logged)]


class MakeQuote(Effect[Quote | Refused]):
    """A price for ten minutes, or what stands in the way."""

    def __init__(self, inquiry: Inquiry, denomination: int) -> None:
        self.name = "quote"
        self.inquiry = inquiry
        self.denomination = denomination

    def perform(self, turn: Turn) -> Quote | Refused:
        """By the agent's own markup and balance."""
        person = turn.person
        if person.agent is None:
            raise LookupError("a customer has no price")
        return purchases.quote(
            turn.tx, person.conversation_id, person.agent, self.inquiry, self.denomination, turn.shop, turn.now
        )

    def dump(self, value: Quote | Refused) -> str:
        """The quote's id."""
        return json.dumps({"quote": value.id}) if isinstance(value, Quote) else _refusal(value)

    def load(self, turn: Turn, logged: str) -> Quote | Refused:
        """The quote by its id."""
        answer = json.loads(logged)
        if "quote" not in answer:
            return _refused(turn.tx, answer)
        return loaded_quote(turn.tx, answer["quote"])


class Repeats(MaySay):
    """The repeat guard's question, if this meter and amount were bought today; None to go on."""

    def __init__(self, quote: Quote) -> None:
        self.name = "repeats"
        self.quote = quote

    def perform(self, turn: Turn) -> Message | None:
        """Count today's, and the last ten minutes' across midnight."""
        quote = self.quote
        bought = purchases.same_today(turn.tx, quote.agent_id, quote.msn, quote.denomination, turn.shop, turn.now)
        return purchases.again_question(bought) if bought else None


class Pay(Effect[Purchase | Refused]):
    """Place the purchase: hold, row and reply commit with this turn; performed twice it is the same purchase."""

    def __init__(self, quote: Quote) -> None:
        self.name = "pay"
        self.quote = quote

    def perform(self, turn: Turn) -> Purchase | Refused:
        """One unit with the turn; what the chat no longer speaks for does not pay for it."""
        agent = turn.person.agent
        if agent is None or agent.id != self.quote.agent_id:
            return purchases.lapsed(self.quote)
        return purchases.place(turn.tx, self.quote.id, turn.order_id, turn.shop, turn.now)

    def dump(self, value: Purchase | Refused) -> str:
        """The purchase's number."""
        return json.dumps({"purchase": value.id}) if isinstance(value, Purchase) else _refusal(value)

    def load(self, turn: Turn, logged: str) -> Purchase | Refused:
        """The purchase by its number."""
        answer = json.loads(logged)
        return purchases.by_id(turn.tx, answer["purchase"]) if "purchase" in answer else _refused(turn.tx, answer)


class KeepPhone(Effect[None]):
    """Write down the customer's phone that the order named, as a proof for him."""

    def __init__(self, purchase: Purchase, phone: str) -> None:
        self.name = "keep_phone"
        self.purchase = purchase
        self.phone = phone

    def perform(self, turn: Turn) -> None:
        """On the sale that was just placed."""
        recovery.keep_phone(turn.tx, self.purchase, self.phone, turn.person, turn.now)

    def load(self, turn: Turn, logged: str) -> None:
        """Nothing comes of it."""


def _refusal(value: Refused) -> str:
    return json.dumps({"refused": stored.encode(value.message), "fresh": value.fresh.id if value.fresh else ""})


def _refused(tx: Tx, answer: dict[str, str]) -> Refused:
    fresh = loaded_quote(tx, answer["fresh"]) if answer["fresh"] else None
    return Refused(stored.decode(answer["refused"]), fresh)


def loaded_quote(tx: Tx, quote_id: str) -> Quote:
    """The quote by its id."""
    found = tx.one(Quote, "quote_by_id", id=quote_id)
    if found is None:
        raise LookupError(f"no quote {quote_id}")
    return found


@dataclass(frozen=True, slots=True)
class Means:
    """What may be sold, what there is to pay with, whether the parts of a price may be shown, and its own part of it.

    `surcharges` are what each amount's price has beyond it and the supplier's fee; none of a talk begun before that.
    Rupiah.
    """

    amounts: tuple[int, ...]
    balance: int
    deposit: int | None
    shows_parts: bool = True
    surcharges: tuple[int, ...] = ()


class Purse(Effect[Means]):
    """The shop's denominations and the agent's balance, as they were when the question was asked."""

    def __init__(self) -> None:
        self.name = "purse"

    def perform(self, turn: Turn) -> Means:
        """From the books."""
        agent_id = turn.person.agent.id if turn.person.agent else 0
        account = ledger.agent_account(turn.tx, agent_id)
        deposit = ledger.noted_deposit(turn.tx)
        amounts, agent = turn.shop.denominations, turn.person.agent
        surcharges = tuple(prices.surcharge(turn.tx, agent, one, turn.shop) for one in amounts) if agent else ()
        shows_parts = turn.person.role is not Role.CASHIER
        return Means(amounts, account.available, deposit, shows_parts, surcharges)

    def dump(self, value: Means) -> str:
        """Plain numbers."""
        return json.dumps([value.amounts, value.balance, value.deposit, value.shows_parts, value.surcharges])

    def load(self, turn: Turn, logged: str) -> Means:
        """The numbers back."""
        amounts, balance, deposit, *rest = json.loads(logged)
        added = rest[1] if len(rest) > 1 else ()
        surcharges = tuple(added) if isinstance(added, list) else ()  # one for all is of a release before
        return Means(tuple(amounts), balance, deposit, rest[0] if rest else True, surcharges)
