"""An owner answers a note on a sale: his words, one message to whoever noted it."""

from bot.conversation.owner import noting
from bot.conversation.owner.noting import Reply
from bot.conversation.script import Given, Say


async def reply() -> None:
    """The shop speaks for him: nobody's own number or name is shown."""
    sale = await Given("sale")
    return await Say(await Reply(sale, await noting.question(sale)))
