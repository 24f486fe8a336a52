"""A customer has himself forgotten: one question, and it is done."""

from bot.conversation import privacy
from bot.conversation.script import Say
from bot.domain.message import Message, Text


async def erase() -> None:
    """What is said afterwards names nobody, so that it can stay."""
    await privacy.sure()
    await privacy.Erase()
    await Say(Message(Text("privacy.done")))
