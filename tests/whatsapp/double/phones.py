"""What is to be seen on the phones: whose they are, and the messages on them. Nothing is ever changed or removed there.

Sends nothing and decides nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.double.clock import Signal
from tests.whatsapp.double.wire import Json


@dataclass(slots=True, eq=False)
class Media:
    """Something that was uploaded, by either side; `until` and `url_until` are when it and its address end."""

    id: str
    data: bytes
    mime: str
    sha256: str
    until: float
    name: str = ""
    url_key: str = ""
    url_until: float = 0.0

    @property
    def kind(self) -> str:
        """`image`, `audio`, `video` or `document`."""
        first = self.mime.partition("/")[0]
        return first if first in {"image", "audio", "video"} else "document"


@dataclass(frozen=True, slots=True)
class Button:
    """A reply button, a row of a list, or a template's button."""

    id: str
    label: str
    description: str = ""


@dataclass(slots=True, eq=False)
class Shown:
    """A message. `serial` grows with everything that happens on any phone, so that new can be told from old."""

    wamid: str
    kind: str  # text, button, list, template, image, document; a person's own also audio, sticker, …
    mine: bool  # the person's own
    text: str  # body or caption, a template's with its variables filled
    at: float
    serial: int
    options: list[Button] = field(default_factory=list)
    opener: str = ""
    header: str = ""
    footer: str = ""
    media: Media | None = None  # of the message itself or of its header
    filename: str = ""
    context: str | None = None  # wamid of what it replies to
    opaque: str = ""
    template: str = ""
    language: str = ""
    parameters: list[str] = field(default_factory=list)
    to: str = ""  # the name that the call used

    @property
    def labels(self) -> list[str]:
        return [one.label for one in self.options]

    @property
    def image(self) -> bytes | None:
        return self.media.data if self.media and self.media.kind == "image" else None

    @property
    def document(self) -> bytes | None:
        return self.media.data if self.media and self.media.kind == "document" else None

    def look(self) -> Json:
        """For a test outside of this process."""
        options = [{"id": one.id, "label": one.label, "description": one.description} for one in self.options]
        return {
            "wamid": self.wamid, "kind": self.kind, "mine": self.mine, "text": self.text, "at": self.at,
            "serial": self.serial, "options": options, "opener": self.opener, "header": self.header,
            "footer": self.footer, "context": self.context, "opaque": self.opaque, "template": self.template,
            "language": self.language, "parameters": self.parameters, "to": self.to,
            "media": None if self.media is None else {"mime": self.media.mime, "bytes": len(self.media.data)},
            "filename": self.filename,
        }  # fmt: skip


@dataclass(slots=True, eq=False)
class Phone:
    """Somebody's WhatsApp. `number` or `user_id` None: there is none that the business could learn."""

    key: str
    name: str
    number: str | None
    user_id: str | None
    username: str = ""
    is_hidden: bool = False  # the number is not told
    blocked: bool = False
    heard_at: float | None = None  # when the person last did something that opens the window
    messages: dict[str, Shown] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)  # wamids of the person that were marked read, in their order
    typing: int = 0
    changed: Signal = field(default_factory=Signal)

    @property
    def wa_id(self) -> str | None:
        """The number as far as the business gets to know it."""
        return None if self.is_hidden else self.number

    @property
    def screen(self) -> list[Shown]:
        """The business's messages, oldest first."""
        return [one for one in self.messages.values() if not one.mine]

    def newest(self, fits: Callable[[Shown], bool], after: int = 0) -> Shown | None:
        """That fits, and came after that mark."""
        return next((one for one in reversed(self.screen) if one.serial > after and fits(one)), None)
