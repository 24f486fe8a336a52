"""An owner sent money to the supplier: how much, and whether that is sure."""

from bot.conversation.owner import supplier_deposit
from bot.conversation.owner.depositing import Fill, FillQuestion
from bot.conversation.script import Given, Say


async def fill() -> None:
    """A reference stands in the order, or nowhere."""
    amount = int(await supplier_deposit.sent())
    reference = await Given("reference")
    await supplier_deposit.sure(await FillQuestion(amount))
    return await Say(await Fill(amount, reference))
