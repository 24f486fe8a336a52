"""An agent gives a meter a short name, or another one."""

from bot.conversation import favourites
from bot.conversation.favourites import Keep
from bot.conversation.script import Given, Say
from bot.services.favourites import Favourite


async def favourite() -> None:
    """The name, and whether it may leave the meter that it stands for."""
    msn, name, was = await Given("msn"), await Given("name"), await Given("was")
    alias, replaces = await favourites.ask_alias(name), False
    while taken := await Keep(Favourite(alias, msn, name), was, replaces=replaces):
        if taken == Keep.FULL:
            return await Say(favourites.full())
        answer = await favourites.ask_taken(alias, taken)
        replaces = answer == "correct"
        alias = alias if replaces else answer
    return await Say(favourites.saved(alias))
