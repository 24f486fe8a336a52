"""A turn in which what was said is taken for something: a label, an answer to what was shown last, a command.

Never a guess that acts: what is only likely is offered.
"""

import dataclasses
import re
from collections.abc import Callable
from datetime import tzinfo

from bot.conversation import grammar
from bot.conversation.answers import ANSWERS, greeting
from bot.conversation.command import CUSTOMERS
from bot.conversation.ordering import Ordering
from bot.conversation.owner import approving
from bot.conversation.play import Play
from bot.conversation.prompts import mishap
from bot.conversation.script import Ask
from bot.conversation.staff import SURE
from bot.conversation.telling import Offered
from bot.domain.message import Message, Option, Text
from bot.domain.people import Role
from bot.services import notices

_LABEL = 20  # what every channel can show on a button


class Guessing(Ordering):
    """What words may mean. `_label` renders an option in a language and a zone, to match typed labels."""

    _label: Callable[[Option, str, tzinfo], str]

    def _matching(self, options: tuple[Option, ...], word: str) -> Option | None:
        """By the label, or by the number that is shown; a payment shows none."""
        if word.isdecimal() and 1 <= int(word) <= len(options):
            chosen = options[int(word) - 1]
            return chosen if chosen.is_answered else None
        for option in options:
            if not option.is_answered:
                continue  # it is opened or copied where it is shown, and answers nothing
            if _plain(word) == _plain(self._label(option, self._person.language, self._turn.shop.zone)):
                return option
        return None

    def _latest(self, text: str) -> Option | None:
        """With no question waiting, a label or number means the options that were shown last; so does a yes or no."""
        offered = self._tx.one(Offered, "step_latest", conversation_id=self._person.conversation_id)
        if offered is None:
            return None
        option = self._matching(offered.options, text.casefold()) or self._plain_word(offered, text.casefold())
        return option if option is not None and option.says else None

    def _plain_word(self, offered: Offered, word: str) -> Option | None:
        """A yes to the one thing that is asked about, or a no, said after it was shown and not much later."""
        if not self._has_just_read(offered):
            return None
        meant = SURE if word in grammar.YES else (notices.BACK,) if word in grammar.NO else ()
        return next((one for one in offered.options if one.key in meant), None)

    def _has_just_read(self, offered: Offered) -> bool:
        return 0 < offered.claimed_at <= self._row.said_at <= offered.claimed_at + self._turn.shop.waits.stale

    def _to_choose(self, word: str) -> tuple[Option, ...]:
        """What a yes leaves open, where the last message asked for one of several things."""
        if word not in grammar.YES:
            return ()
        offered = self._tx.one(Offered, "step_latest", conversation_id=self._person.conversation_id)
        if offered is None or not self._has_just_read(offered):
            return ()
        return offered.options if any(one.key == notices.BACK for one in offered.options) else ()

    def _not_understood(self, play: Play | None, read: grammar.Mishap | None, text: str) -> None:
        word = text.casefold()
        if play is None and (asked := approving.asked(self._turn, word)):
            self._say(asked[0])  # a yes to what another owner or an agent waits for is only shown what it is about
            return
        if isinstance(read, grammar.Mishap):
            said = mishap(read)
        elif play is not None and isinstance(play.step, Ask) and play.step.refusal is not None:
            said = play.step.refusal(text)
        elif play is None and word in grammar.NO and word.isalpha():
            self._say(greeting(self._turn))  # nothing was begun, and nothing is
            return
        elif play is None and (options := self._to_choose(word)):
            self._say(Message(Text("in.which"), options=options))
            return
        elif play is None and grammar.nods(text):
            said = Text("in.thanks")
        else:
            said = Text("in.customer" if self._person.role is Role.CUSTOMER else "in.unknown")
        if play is not None and isinstance(play.step, Ask):
            self._ask(play, dataclasses.replace(play.step.message, text=said, more=()))
            return
        if said.key == "in.unknown" and (line := self._meant(text)):
            label = line if len(line) <= _LABEL else f"{line[: _LABEL - 1].rstrip()}…"
            meant = Option("meant", Text("line.meant", {"line": label}), line)
            self._say(Message(Text("in.meant", {"line": line}), options=(meant, notices.option("help", "bantuan"))))
            return
        self._say(Message(said, options=self._ways_on()))

    def _meant(self, text: str) -> str:
        """The line with its first word as a command of this role that is spelt almost so; '' if there is none."""
        line = grammar.nearest(text)
        command = grammar.read(line) if line else None
        if not isinstance(command, grammar.Command):
            return ""
        answer = ANSWERS.get(command.name)
        return line if answer is None or self._person.role in answer.roles else ""

    def _ways_on(self) -> tuple[Option, ...]:
        if self._person.role is Role.CUSTOMER:
            return CUSTOMERS
        return Option("buy", Text("btn.buy"), "beli"), Option("help", Text("btn.help"), "bantuan")


def _plain(label: str) -> str:
    """A label as somebody would type it: without its pictogram and its ellipsis, in small letters."""
    return re.sub(r"[^\w\s./#+−–-]|\.{2,}", "", grammar.clean(label)).strip().casefold()
