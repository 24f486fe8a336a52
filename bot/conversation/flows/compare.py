"""An owner compares the books with what the supplier's own page says."""

from bot.conversation.owner import supplier_deposit
from bot.conversation.owner.depositing import Compare
from bot.conversation.script import Say


async def compare() -> None:
    """One question."""
    return await Say(await Compare(int(await supplier_deposit.theirs())))
