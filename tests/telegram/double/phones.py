"""What is to be seen on the phones: chats, the messages in them, and how they came to look as they do.

Keeps what is gone, too: former texts and keyboards, deleted messages. Sends nothing and decides nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.double.clock import Signal
from tests.telegram.double.markup import Rows
from tests.telegram.double.wire import Json


@dataclass(slots=True, eq=False)
class File:
    """Something that was uploaded, by either side."""

    id: str
    unique: str
    kind: str  # photo, document, sticker, voice
    data: bytes
    name: str = ""
    mime: str = ""
    path: str = ""
    path_until: float = 0.0


@dataclass(frozen=True, slots=True)
class Edit:
    """How a message looked before it was changed, and when that ended."""

    at: float
    html: str
    text: str
    buttons: Rows


@dataclass(slots=True, eq=False)
class Shown:
    """A message. `changed` grows with every change anywhere, so that what is new can be told from what is old."""

    message_id: int
    chat_id: int
    kind: str  # text, photo, document, sticker, voice, contact
    mine: bool  # the person's own
    text: str
    at: float
    changed: int
    html: str = ""
    entities: list[Json] = field(default_factory=list)
    buttons: Rows = ()
    reply_to: int | None = None
    reply_keyboard: bool = False
    edits: list[Edit] = field(default_factory=list)
    deleted: bool = False
    file: File | None = None
    sender: Json = field(default_factory=dict)
    extra: Json = field(default_factory=dict)  # what else the message carries: a contact, a sticker

    @property
    def seen(self) -> list[float]:
        """When it appeared and each time it changed."""
        return [self.at, *(edit.at for edit in self.edits)]

    @property
    def labels(self) -> list[str]:
        return [button.label for row in self.buttons for button in row]

    def look(self) -> Json:
        """For a test outside of this process."""
        return {
            "message_id": self.message_id, "kind": self.kind, "mine": self.mine, "text": self.text, "html": self.html,
            "buttons": [[button.json() for button in row] for row in self.buttons], "reply_to": self.reply_to,
            "edits": [{"at": one.at, "text": one.text, "html": one.html} for one in self.edits], "at": self.at,
            "seen": self.seen, "deleted": self.deleted, "changed": self.changed,
            "file": None if self.file is None else {"name": self.file.name, "bytes": len(self.file.data)},
        }  # fmt: skip


@dataclass(slots=True, eq=False)
class Chat:
    """A private chat with a person, or a group."""

    id: int
    kind: str  # private, group
    described: Json
    started: bool = False
    blocked: bool = False
    deactivated: bool = False
    left: bool = False
    keyboard: Rows = ()  # the reply keyboard below the input line
    messages: dict[int, Shown] = field(default_factory=dict)
    typing: int = 0
    changed: Signal = field(default_factory=Signal)

    @property
    def screen(self) -> list[Shown]:
        """The bot's messages that are still there, oldest first."""
        return [one for one in self.messages.values() if not one.mine and not one.deleted]

    def newest(self, fits: Callable[[Shown], bool], after: int = 0) -> Shown | None:
        """That fits, and came or changed after that mark."""
        return next((one for one in reversed(self.screen) if one.changed > after and fits(one)), None)
