"""What a turn says: questions, answers, and what becomes of the buttons of a question that was answered.

Everything goes through the outbox, in the unit of the turn; whether an earlier message can be changed is the channel's.
"""

from dataclasses import dataclass

from bot.clock import DAY, MINUTE, SECOND
from bot.conversation.play import Play
from bot.conversation.script import Ask, Turn
from bot.domain import stored
from bot.domain.message import Message, Option, Text
from bot.domain.people import Person
from bot.messaging import outbox
from bot.messaging.event import Event
from bot.messaging.inbox import InboxRow
from bot.messaging.outbox import Class, Place
from bot.ports import Tx

_MOST_WAITING = 60


@dataclass(frozen=True, slots=True)
class Offered:
    """A set of options that was offered: the step it belongs to, and when its message was claimed for sending."""

    nonce: str
    session_id: int | None
    position: int | None
    message: str
    quote_id: str | None
    claimed_at: int

    @property
    def options(self) -> tuple[Option, ...]:
        """What could be chosen."""
        return stored.decode(self.message).options


class Telling:
    """The mouth of a turn. `edits`: the channel can change what it has sent; `signs`: it shows a sign of life."""

    def __init__(
        self, tx: Tx, row: InboxRow, event: Event, person: Person, turn: Turn, *, edits: bool, signs: bool
    ) -> None:
        self._tx = tx
        self._row = row
        self._event = event
        self._person = person
        self._turn = turn
        self._edits = edits
        self._signs = signs
        self._said = 0
        self._answered_with: list[str] = []  # messages of the question that was just answered: their buttons go

    def _say(self, message: Message, place: Place | None = None, *, cause: str = "", edits: str | None = None) -> None:
        self._take_buttons()
        self._said += 1
        outbox.put(
            self._tx,
            self._person.conversation_id,
            message,
            self._turn.now,
            cause=cause or f"ask:{self._row.id}:{self._said}",
            message_class=Class.PROMPT if edits is None else Class.EDIT,
            reply_to=self._event.message_id or self._row.ext_id,
            place=place,
            edits=edits,
        )

    def _floods(self) -> bool:
        """Whether so many answers to this chat still wait that another would only keep it waiting; said once a minute.

        What was written is not acted upon: its token would wait behind them all.
        """
        chat = self._person.conversation_id
        if (self._tx.one(int, "outbox_waiting_answers", conversation_id=chat) or 0) < _MOST_WAITING:
            return False
        slow = Message(Text("limit.slow", {"seconds": MINUTE // SECOND}))
        self._say(slow, cause=f"slow:{chat}:{self._turn.now // MINUTE}")
        return True

    def _decline_group(self) -> None:
        """Where others read along nothing is sold, shown or remembered; a command is told so once a day."""
        if self._event.text.startswith("/"):
            day = self._turn.now // DAY
            self._say(Message(Text("group.private")), cause=f"group:{self._person.conversation_id}:{day}")

    def _progress(self, message: Message) -> None:
        """Show on the answered question itself what becomes of it, where the channel can; else say it, or only sign."""
        if self._signs:
            return
        if not (self._edits and self._answered_with):
            self._say(message)
            return
        nonce = self._answered_with.pop()
        offered = self._tx.one(Offered, "step_by_nonce", nonce=nonce, conversation_id=self._person.conversation_id)
        asked = stored.decode(offered.message) if offered else message
        self._say(Message(asked.text, (message.text, *message.more)), edits=nonce)

    def _retire(self, play: Play) -> None:
        """The waiting question is answered or dropped: what of it has not left stays, and its buttons go."""
        if isinstance(play.step, Ask):
            for nonce in self._tx.all(str, "step_nonces", session_id=play.session.id, position=play.position):
                outbox.answered(self._tx, nonce)
                if not play.step.secret:
                    self._answered_with.append(nonce)
            if play.step.secret:  # whose keypad was changed key by key, and is one message all the same
                place = {"session_id": play.session.id, "position": play.position}
                self._answered_with += self._tx.all(str, "step_nonces_unedited", **place)

    def _take_buttons(self) -> None:
        nonces, self._answered_with = self._answered_with, []
        if self._edits:
            for nonce in nonces:
                outbox.take_buttons(self._tx, self._person.conversation_id, nonce, self._turn.now)

    def _ask(self, play: Play, message: Message | None = None) -> None:
        """Put the waiting question, or another wording of it with the same options."""
        if not isinstance(play.step, Ask):
            return
        place = Place(play.session.id, play.position, play.step.quote_id)
        self._say(message or play.step.message, place)
