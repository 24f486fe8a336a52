"""A customer gets a lost token again by the code on the receipt."""

from bot.conversation import prompts
from bot.conversation.effects import Claim
from bot.conversation.script import Say


async def claim() -> None:
    """The code, then what it brings."""
    code = await prompts.claim_code()
    for message in await Claim(code):
        await Say(message)
