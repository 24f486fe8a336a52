"""A command that changes settings or lets somebody in: the secret number first, then its usual answer."""

from bot.conversation.answers import ANSWERS
from bot.conversation.authority import authorised
from bot.conversation.script import Given, Say, Says, Turn
from bot.domain.message import Message


async def proved() -> None:
    """Asked only where a number is set; the command comes with what was typed beside it."""
    command, rest = await Given("command"), await Given("rest")
    if await authorised():
        await Say(await _Answered(command, rest))


class _Answered(Says):
    """What the command does and answers, once; a command that is guarded so answers with one message."""

    def __init__(self, command: str, rest: str) -> None:
        self.name = "answered"
        self.command = command
        self.rest = rest

    def perform(self, turn: Turn) -> Message:
        """By whoever may, at this moment."""
        answer = ANSWERS[self.command]
        if turn.person.role not in answer.roles:
            return ANSWERS["menu"].say(turn, "")[0]
        return answer.say(turn, self.rest)[-1]
