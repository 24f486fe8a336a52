"""An owner lets somebody in whom he has not named yet: the name, then the invitation to forward."""

from bot.conversation import staff
from bot.conversation.script import Say
from bot.conversation.staff import Welcome


async def newcomer() -> None:
    """Who is an agent already is shown instead of being added twice."""
    return await Say(await Welcome(await staff.name()))
