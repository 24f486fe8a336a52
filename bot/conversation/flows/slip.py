"""An owner changes what stands on every receipt."""

from bot.conversation.owner import slipwords
from bot.conversation.owner.slipwords import Keep, Shown
from bot.conversation.script import Given, Say


async def slip() -> None:
    """A preview, a yes."""
    field, text = await Given("field"), await Given("text")
    await slipwords.sure(await Shown(field, text))
    await Keep(field, text)
    return await Say(slipwords.kept())
