"""Several orders in one message: every line inquired, one card, one payment; what needs a question comes afterwards."""

from bot.conversation import batching
from bot.conversation.authority import refused
from bot.conversation.batching import Afterwards, Fill, InquireAll, PayAll
from bot.conversation.effects import Purse
from bot.conversation.script import Given, Say
from bot.services.batches import Basket
from bot.services.purchases import Refused


async def batch() -> None:
    """The card says what becomes of each line; one press pays those that can be paid."""
    wanted = batching.read(await Given("lines"))
    basket = await Fill(wanted, await InquireAll(wanted))
    await _paid(basket)
    if basket.alone:
        await Afterwards(basket.alone)


async def _paid(basket: Basket) -> None:
    if basket.refusal is not None or not basket.quotes:
        await Say(batching.unpaid(basket))
        return
    await batching.card(basket, await Purse())  # whoever cancels ends the talk
    if (refusal := await refused(basket.total)) is not None:
        await Say(refusal)
        return
    placed = await PayAll(basket)
    match placed:
        case Basket():
            await _paid(placed)
        case Refused():
            await Say(placed.message)
        case _:
            for message in placed.refused:
                await Say(message)
            if placed.purchases:
                await Say(batching.sending(placed), progress=True)
