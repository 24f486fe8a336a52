"""An owner changes what stands on every receipt."""

from bot.conversation import slipwords
from bot.conversation.script import Given, Say
from bot.conversation.slipwords import Keep, Shown


async def slip() -> None:
    """A preview, a yes."""
    field, text = await Given("field"), await Given("text")
    await slipwords.sure(await Shown(field, text))
    await Keep(field, text)
    return await Say(slipwords.kept())
