"""An owner changes a markup: how much, what that would do, and whether it is to be so."""

from bot.conversation.authority import authorised
from bot.conversation.owner.marking import AskedFor, Look, Named, Set, how_much, sure
from bot.conversation.script import Given, Say


async def markup() -> None:
    """Two questions at most, and the secret number where one is due."""
    named = Named(await Given("agent"), int(await Given("denomination")))
    answer = await how_much(await AskedFor(named))
    looked = await Look(named, answer)
    if not looked.is_possible:
        return await Say(looked.message)
    await sure(looked.message)
    if not await authorised():
        return None
    return await Say(await Set(named, answer, looked.was))
