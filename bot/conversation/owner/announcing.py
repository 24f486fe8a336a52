"""What an owner says to all his agents, in talk: the words, whom they reach, and how far a broadcast is.

The words are asked for or typed with the command; nothing leaves before they were shown as agents will read them.
"""

import dataclasses
import json

from bot.conversation import grammar
from bot.conversation.command import Begin, need_owner
from bot.conversation.script import Ask, Effect, Turn
from bot.domain.message import Message, Option, Parts, Prose, Text, Value
from bot.services import broadcasts, notices
from bot.services.broadcasts import MOST_CHARACTERS, Reach

_STOP = ("stop", "henti", "hentikan")
_STATE = ("status", "progres", "progress")
ACTIVE = "active"


def begins(turn: Turn, rest: str) -> Begin | None:
    """`umumkan`, `umumkan Besok tutup`: the talk, unless one is under way or asked about."""
    if _is_about(rest) or broadcasts.is_going(turn.tx):
        return None
    return Begin("announce", {"text": rest})


def answer(turn: Turn, rest: str) -> list[Message]:
    """`umumkan stop`, `umumkan status`, and whatever is typed while one is under way."""
    one, words = broadcasts.going(turn.tx), rest.casefold().split()
    menu = notices.option("menu", "menu")
    if words and words[0] in _STOP:
        if one is None or (len(words) > 1 and words[1] != str(one.id)):
            return [broadcasts.latest(turn.tx) or Message(Text("bc.none"), options=(menu,))]
        broadcasts.stop(turn.tx, one, turn.person.acting, turn.now)
        return [broadcasts.stopped(turn.tx, one)]
    if one is not None and not _is_about(rest) and rest:
        shown = broadcasts.progress(turn.tx, one)
        return [Message(Text("bc.busy"), (shown.text,), (*shown.options, menu))]
    return [broadcasts.latest(turn.tx) or Message(Text("bc.none"), options=(menu,))]


def _is_about(rest: str) -> bool:
    words = rest.casefold().split()
    if not words or len(words) > 2:
        return False
    return words[0] in _STATE + _STOP and (len(words) == 1 or words[1].isdecimal())


def words() -> Ask:
    """What is to be said."""
    cancel = Option("cancel", Text("btn.cancel"))
    args: dict[str, Value] = {"n": MOST_CHARACTERS}

    def refusal(text: str) -> Text:
        return Text("bc.long", args | {"length": broadcasts.size(text)}) if text else Text("bc.ask", args)

    return Ask("bc.ask", Message(Text("bc.ask", args), options=(cancel,)), parse=_said, given="text", refusal=refusal)


def _said(text: str) -> str | None:
    """Any words; but a bare command is meant as one, and so is an order."""
    read = grammar.read(text)
    is_meant = isinstance(read, grammar.Order) or (isinstance(read, grammar.Command) and " " not in text)
    return None if not text or is_meant or broadcasts.size(text) > MOST_CHARACTERS else text


@dataclasses.dataclass(frozen=True, slots=True)
class Audience:
    """Everybody, and those who sold lately."""

    everybody: Reach
    active: Reach


class LookAround(Effect[Audience]):
    """Whom it would reach."""

    def __init__(self) -> None:
        self.name = "look_around"

    def perform(self, turn: Turn) -> Audience:
        """Count."""
        found = (
            broadcasts.reach(turn.tx, broadcasts.since(turn.now, active=active), turn.shop, turn.now)
            for active in (False, True)
        )
        return Audience(*found)

    def dump(self, value: Audience) -> str:
        """Plain numbers."""
        return json.dumps([dataclasses.astuple(value.everybody), dataclasses.astuple(value.active)])

    def load(self, turn: Turn, logged: str) -> Audience:
        """The numbers back."""
        everybody, active = json.loads(logged)
        return Audience(Reach(*everybody), Reach(*active))


class Preview(Effect[Message]):
    """The words as an agent will read them."""

    def __init__(self, text: str) -> None:
        self.name = "preview"
        self.text = text

    def perform(self, turn: Turn) -> Message:
        """With the shop's name."""
        return broadcasts.message(turn.shop, self.text)

    def dump(self, value: Message) -> str:
        """The shop's name; the words stand in the log already."""
        return str(value.text.args["shop"])

    def load(self, turn: Turn, logged: str) -> Message:
        """The same again."""
        return Message(Text("bc.message", {"shop": logged, "text": Prose(self.text)}))


class Announce(Effect[bool]):
    """Begin the broadcast; False where another was begun meanwhile."""

    def __init__(self, text: str, *, active: bool) -> None:
        self.name = "announce"
        self.text = text
        self.active = active

    def perform(self, turn: Turn) -> bool:
        """One unit with the turn; a chat that is an owner's no more says nothing to anybody."""
        need_owner(turn)
        from_when = broadcasts.since(turn.now, active=self.active)
        return broadcasts.begin(turn.tx, self.text, from_when, turn.person, turn.now) is not None

    def load(self, turn: Turn, logged: str) -> bool:
        """As it was."""
        return logged == "True"


def confirm(preview: Message, found: Audience) -> Ask:
    """*bc.preview*: the words, whom they reach, and the last chance to say no."""
    question = _counted(found.everybody)
    options = [Option("correct", Text("btn.send_all"))]
    if 0 < found.active.agents < found.everybody.agents:
        options.append(Option(ACTIVE, Text("btn.send_active", {"n": found.active.agents})))
    options.append(Option("cancel", Text("btn.cancel")))
    shown = Message(Text("bc.shown"), (preview.text, question), tuple(options))
    return Ask("bc.preview", shown, refusal=lambda _: question)


def nobody() -> Message:
    """There is nobody to say it to."""
    return Message(Text("bc.nobody"), options=(notices.option("agents", "agen"),))


def busy() -> Message:
    """Another was begun meanwhile."""
    return Message(Text("bc.busy"), options=(notices.option("menu", "menu"),))


def _counted(found: Reach) -> Text:
    kinds = (
        ("bc.telegram", found.telegram),
        ("bc.whatsapp", found.whatsapp),
        ("bc.console", found.console),
        ("bc.closed", found.closed),
        ("bc.away", found.away),
    )
    parts = tuple(Text(part, {"n": count}) for part, count in kinds if count)
    return Text("bc.preview", {"n": found.agents, "where": Parts(parts)})
