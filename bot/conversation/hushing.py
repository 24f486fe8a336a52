"""A turn in which somebody types or presses a secret number: it is taken up, hushed, and never said again."""

import dataclasses

from bot.conversation import guarding
from bot.conversation.play import Play
from bot.conversation.running import Running
from bot.conversation.script import Ask
from bot.conversation.telling import Offered
from bot.domain.message import Message, Text
from bot.domain.people import Role
from bot.messaging import outbox, vault
from bot.messaging.outbox import Place
from bot.services import pins

_LIMITS = ("limit", "batas")


class Hushing(Running):
    """The ears of a turn for secret numbers. `_deletes`: the channel can take away what its person wrote."""

    _deletes: bool

    def _typed_number(self, play: Play, mark: str) -> str | None:
        """The mark if it stands for a number as it was asked for; else it is asked for again, and None."""
        self._hush()
        number = vault.digits(mark)
        if number is not None and len(number) == pins.DIGITS:
            return mark
        if isinstance(play.step, Ask):
            said = Text("pin.gone" if number is None else "pin.six")
            self._ask(play, dataclasses.replace(play.step.message, text=said, more=()))
        return None

    def _pressed_key(self, play: Play, offered: Offered, sign: str) -> str | None:
        """The mark of the number once it is whole; until then the keypad shows how far it is, and None."""
        step = play.step
        if not isinstance(step, Ask) or offered.session_id is None or offered.position is None:
            return None
        place = Place(offered.session_id, offered.position)
        entered = vault.enter((place.session_id, place.position), self._row.id, sign)
        if len(entered) == pins.DIGITS:
            return vault.hide(entered)
        shown = dataclasses.replace(step.message, keypad=len(entered))
        self._say(shown, place, edits=offered.nonce)
        return None

    def _hush_stray(self, play: Play | None, text: str) -> None:
        """A number of a PIN's length by somebody who has one, where no question waits: one typed too early or late."""
        asks = play is not None and isinstance(play.step, Ask)
        number = None if asks else vault.digits(text)
        if number is not None and len(number) == pins.DIGITS and pins.of(self._tx, self._person) is not None:
            self._hush()

    def _pin(self, rest: str) -> None:
        """The command; a number that was typed beside it is not taken, for nobody asked for it yet, and not kept.

        What stands beside a limit is an amount, beside an owner's other words an agent's name.
        """
        way, _, more = rest.partition(" ")
        is_name = self._person.role is Role.OWNER and any(map(str.isalpha, more))
        if way[:1].isdecimal() or (any(map(str.isdecimal, more)) and way.casefold() not in _LIMITS and not is_name):
            self._hush()
            rest = "" if way[:1].isdecimal() else way
        if self._person.role is Role.OWNER and (messages := guarding.forget(self._turn, rest)) is not None:
            for message in messages:
                self._say(message)
            return
        self._start("pin", {"rest": rest})

    def _hush(self) -> None:
        """What was typed is taken from the chat where the channel can do that, or its person is asked to, once."""
        chat = self._person.conversation_id
        if self._deletes and self._event.message_id:
            outbox.take_back(self._tx, chat, self._event.message_id, self._turn.now)
        elif not self._deletes:
            self._say(Message(Text("pin.visible")), cause=f"pin.visible:{chat}")

    def _ask(self, play: Play, message: Message | None = None) -> None:
        if isinstance(play.step, Ask) and play.step.secret:
            vault.begin((play.session.id, play.position))
        super()._ask(play, message)
