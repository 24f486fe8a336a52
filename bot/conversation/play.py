"""One run of a script: replayed from its log up to the step that has no answer yet. In memory, microseconds.

Keeps the log append-only; a script that no longer fits its log says so instead of guessing.
"""

import json
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, cast

from bot.conversation.script import Ask, Flow, Remote, Step, Turn


class ScriptChanged(Exception):
    """The script no longer asks what its log answered: a release changed it in the middle of this talk."""


@dataclass(frozen=True, slots=True)
class Session:
    """One talk: which flow, what its first message brought along, that message's id, and in whose role it was said."""

    id: int
    conversation_id: int
    flow: str
    given: str
    order_id: str
    role: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log: the step's name and its result."""

    position: int
    step: str
    value: str


class Play:
    """The script in the middle of its talk. `step` is what it waits for, None once it has ended."""

    def __init__(self, flow: Flow, session: Session, turn: Turn) -> None:
        self.session = session
        self.given: dict[str, str] = json.loads(session.given)
        self.answers: dict[str, str] = {}
        self.position = 0
        self.step: Step[Any] | None = None
        self._turn = turn
        self._script = cast("Coroutine[Step[Any], Any, None]", flow())
        self._send(None)
        for entry in turn.tx.all(Entry, "log_of_session", session_id=session.id):
            if self.step is None or (self.position, self.step.name) != (entry.position, entry.step):
                self._script.close()
                raise ScriptChanged(f"{session.flow} at {entry.position}: {entry.step}")
            self._note(entry.value)
            self._send(self.step.load(turn, entry.value))

    def brought(self, ask: Ask) -> str | None:
        """The answer that the order brought along, if this question was not asked before."""
        return None if ask.name in self.answers else self.given.get(ask.given)

    def answer(self, value: Any) -> None:
        """Log the step's result and go on to the next."""
        if self.step is None:
            raise LookupError("the script has ended")
        logged = self.step.dump(value)
        self._log(logged)
        self._send(value)

    def resume(self, logged: str) -> None:
        """Log what a remote effect was answered with, and go on."""
        if self.step is None:
            raise LookupError("the script has ended")
        step = self.step
        self._log(logged)
        self._send(step.load(self._turn, logged))

    def order(self, remote: Remote[Any]) -> None:
        """Write down what has to be done outside the turn."""
        tx, session = self._turn.tx, self.session
        tx.run(
            "effect_add",
            session_id=session.id,
            position=self.position,
            conversation_id=session.conversation_id,
            kind=remote.name,
            input=remote.input,
            created_at=self._turn.now,
        )
        tx.signal("effect")

    def _log(self, logged: str) -> None:
        if self.step is not None:
            self._turn.tx.run(
                "log_add", session_id=self.session.id, position=self.position, step=self.step.name, value=logged
            )
            self._note(logged)

    def _note(self, logged: str) -> None:
        if isinstance(self.step, Ask):
            self.answers[self.step.name] = logged
        self.position += 1

    def _send(self, value: Any) -> None:
        try:
            self.step = self._script.send(value)
        except StopIteration:
            self.step = None
