"""An owner books cash, credit or a repayment: whom, how much, how, and one confirm with old and new."""

from bot.conversation.authority import authorised
from bot.conversation.owner import booking
from bot.conversation.owner.booking import Book, Facts, Find, Likely, Review
from bot.conversation.script import Given, Say
from bot.domain.ledger import COUNTER
from bot.domain.message import Message, Text
from bot.services import notices
from bot.services.crediting import Kind


async def credit() -> None:
    """What the line brought along is not asked again."""
    kind = Kind(await Given("kind"))
    facts = await chosen(kind)
    if kind is Kind.REPAID and not facts.owed:
        return await Say(Message(booking.over(facts), options=(notices.option("receivables", "piutang"),)))
    if kind is Kind.CASH and facts.id == COUNTER:
        return await Say(Message(Text("isi.counter"), options=(notices.option("balance", "saldo"),)))
    heading: Text | None = None
    amount = 0
    while True:
        if not amount:
            amount = int(await booking.how_much(kind, facts, heading))
            if kind is Kind.CASH:
                kind = Kind(await booking.how(facts))
        reviewed = await Review(kind, facts, amount)
        if reviewed.over:
            heading, amount = reviewed.question.text, 0
            continue
        await booking.sure(reviewed.question)
        if not await authorised(amount, "pin.book"):
            return None
        done = await Book(kind, facts, amount, reviewed)
        if done is not None:
            return await Say(done)


async def chosen(kind: Kind | None) -> Facts:
    """The agent: as the line named him, or asked for."""
    name, heading = await Given("name"), None
    while True:
        if name:
            found = await Find(name)
            if found is not None:
                return found
            heading = Text("agent.none", {"name": name[:40]})
        name = await booking.whom(kind, await Likely(kind), heading)
