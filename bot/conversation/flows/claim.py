"""A customer gets a lost token again by the code on the receipt alone."""

from bot.conversation import proofs
from bot.conversation.flows.recover import said_alone
from bot.conversation.proving import Prove


async def claim() -> None:
    """The code, then what it brings."""
    code = await proofs.claim_code()
    await said_alone(await Prove("", proofs.proof_of(code)))
