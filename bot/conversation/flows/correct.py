"""An owner corrects what the books believe of the supplier's deposit: why, and whether that is sure."""

from bot.conversation.authority import authorised
from bot.conversation.owner import supplier_deposit
from bot.conversation.owner.depositing import Correct, CorrectQuestion, TooMuch
from bot.conversation.script import Given, Say


async def correct() -> None:
    """The difference comes from a comparison."""
    difference = int(await Given("difference"))
    if too_much := await TooMuch(difference):
        return await Say(too_much)
    reason = await supplier_deposit.why()
    await supplier_deposit.sure(await CorrectQuestion(difference, reason))
    if not await authorised(abs(difference), "pin.book"):
        return None
    return await Say(await Correct(difference, reason))
