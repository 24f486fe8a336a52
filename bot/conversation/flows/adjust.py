"""An owner corrects an agent's deposit: whose, by how much, why, and one confirm with old and new."""

from bot.conversation.authority import authorised
from bot.conversation.flows.credit import chosen
from bot.conversation.owner import booking, correcting
from bot.conversation.owner.correcting import Confirm, Correct, Fits
from bot.conversation.script import Given, Say
from bot.domain.ledger import COUNTER
from bot.domain.message import Message, Text
from bot.services import notices


async def adjust() -> None:
    """What the line brought along is not asked again."""
    sign = await Given("sign")
    facts = await chosen(None)
    if facts.id == COUNTER:
        return await Say(Message(Text("adj.counter"), options=(notices.option("balance", "saldo"),)))
    heading: Text | None = None
    while True:
        rupiah = int(await correcting.how_much(sign, facts, heading))
        amount = rupiah if sign == correcting.ADD else -rupiah
        heading = await Fits(facts, amount)
        if heading is None:
            break
    reason = await correcting.why(facts)
    await booking.sure(await Confirm(facts, amount, reason))
    if not await authorised(rupiah, "pin.book"):
        return None
    return await Say(await Correct(facts, amount, reason))
