"""An owner says something to all his agents."""

from bot.conversation.owner import announcing
from bot.conversation.owner.announcing import Announce, LookAround, Preview
from bot.conversation.script import Say


async def announce() -> None:
    """The words, whom they reach, and a yes."""
    text = await announcing.words()
    found = await LookAround()
    if not found.everybody.reached:
        return await Say(announcing.nobody())
    chosen = await announcing.confirm(await Preview(text), found)
    if not await Announce(text, active=chosen == announcing.ACTIVE):
        return await Say(announcing.busy())
    return None
