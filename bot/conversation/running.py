"""A turn that runs scripts: takes up the talk that waits, begins another, and goes on until a person has to speak.

What was answered is the engine's to say; here a script gets its answer and is brought to its next question.
"""

import dataclasses
import json
from collections.abc import Mapping

from bot.conversation.answers import greeting
from bot.conversation.batching import Afterwards
from bot.conversation.play import Play, ScriptChanged, Session
from bot.conversation.script import Ask, Effect, Flow, Given, Known, Remote, Say, Turn
from bot.conversation.telling import Telling
from bot.domain.message import Message, MeterNumber, Text
from bot.domain.people import Person, Role
from bot.messaging.event import Event
from bot.messaging.inbox import InboxRow
from bot.ports import Tx


class Running(Telling):
    """The talk of a turn. `session` is the one that waited when the turn began, if any."""

    def __init__(
        self,
        tx: Tx,
        row: InboxRow,
        event: Event,
        person: Person,
        turn: Turn,
        *,
        flows: Mapping[str, Flow],
        session: Session | None,
        edits: bool,
        signs: bool,
    ) -> None:
        super().__init__(tx, row, event, person, turn, edits=edits, signs=signs)
        self._flows = flows
        self._session = session
        self._play: Play | None = None

    def _resumed(self) -> Play | None:
        """The talk that waits, if there is one, the script still fits it, and whoever began it is who he was."""
        session = self._session
        if session is None:
            return None
        if session.role not in ("", self._person.role):
            self._close(session.id, "replaced")
            return None
        try:
            return Play(self._flows[session.flow], session, self._turn)
        except (ScriptChanged, KeyError):
            self._close(session.id, "replaced")
            self._say(Message(Text("in.restarted")))
            return None

    def _start(self, flow: str, given: Mapping[str, str]) -> None:
        earlier = self._play
        if earlier is not None:
            self._retire(earlier)
            self._close(earlier.session.id, "replaced")
            if earlier.session.flow == "buy" and (meter := earlier.answers.get("buy.meter")):
                self._say(Message(Text("buy.replaced", {"meter": MeterNumber(meter)})))
        conversation = self._person.conversation_id
        self._turn = dataclasses.replace(self._turn, order_id=self._event.message_id or self._row.ext_id)
        self._tx.run(
            "session_add",
            conversation_id=conversation,
            flow=flow,
            given=json.dumps(dict(given)),
            order_id=self._turn.order_id,
            role=self._person.role,
            created_at=self._turn.now,
        )
        session = self._tx.one(Session, "session_open", conversation_id=conversation)
        if session is None:
            raise LookupError("the session that was just opened")
        self._play = Play(self._flows[flow], session, self._turn)
        self._go()

    def _go(self) -> None:
        """Run the script until it waits for a person or the network, or ends."""
        play = self._play
        refused: Text | None = None
        while play is not None and play.step is not None:
            step = play.step
            match step:
                case Say():
                    (self._progress if step.progress else self._say)(step.message)
                    play.answer(None)
                case Known():
                    play.answer(step.given in play.given)
                case Given():
                    play.answer(play.given.get(step.given, ""))
                case Effect():
                    play.answer(step.perform(self._turn))
                case Afterwards():
                    play.given["then"] = json.dumps(step.orders)
                    play.answer(None)
                case Remote():
                    play.order(step)
                    return
                case Ask():
                    brought = play.brought(step)
                    value = step.parse(brought) if brought is not None and step.parse is not None else None
                    if value is None:
                        refused = step.refusal(brought) if brought is not None and step.refusal is not None else None
                        self._ask(play, dataclasses.replace(step.message, text=refused, more=()) if refused else None)
                        return
                    play.answer(value)
        if play is not None:
            self._close(play.session.id, "done")
            self._follow(play)

    def _follow(self, ended: Play) -> None:
        """What was left for after a talk, one order after another."""
        waiting = json.loads(ended.given.get("then", "[]"))
        if not waiting:
            return
        self._play = None
        first, rest = waiting[0], waiting[1:]
        self._start("buy", first | ({"then": json.dumps(rest)} if rest else {}))

    def _show_again(self) -> None:
        if self._play is not None and isinstance(self._play.step, Ask):
            self._ask(self._play)
        elif self._play is None:
            self._say(greeting(self._turn))

    def _close(self, session_id: int, state: str) -> None:
        self._tx.run("session_close", id=session_id, state=state)
        if self._person.role is Role.CUSTOMER:  # whose answers are proofs: his phone, what stands on his receipt
            self._tx.run("log_forget", session_id=session_id)
        if self._play is not None and state == "replaced":
            self._play = None if self._play.session.id == session_id else self._play
