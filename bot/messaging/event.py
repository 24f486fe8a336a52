"""What a person did, as every channel says it: words, a tap, or something that a talk can only answer kindly.

The engine reads these and nothing of a platform. Who the person is, is not said here: that is the address book's.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """The sort of an event."""

    WORDS = "words"
    TAP = "tap"  # `text` is the id of the option
    PHOTO = "photo"  # `file` names it on the platform, `text` is its caption
    FILE = "file"  # the same of any other file; `name` is what its sender calls it
    MEDIA = "media"  # a voice, a sticker: nothing that can be read
    EDITED = "edited"  # an earlier message was changed: never an order
    CONTACT = "contact"  # `phone`, and whether it is proven to be the sender's `own`
    GROUP = "group"  # said where others read along
    LEFT = "left"  # the person can no longer be written to
    BACK = "back"  # and now he can again
    ANSWER = "answer"  # of an effect of our own, not of a person
    NOTHING = "nothing"  # well-formed, of no interest


class Sight(StrEnum):
    """What came of looking at a photo or a file."""

    NONE = ""  # nobody looked
    READ = "read"  # what `codes` says, perhaps nothing; a file lies in the spool under the key `spooled`
    UNOPENED = "unopened"  # it is gone, too large, too slow, damaged, or of a kind that is not read
    OFTEN = "often"  # this chat sent more than are looked at
    BLIND = "blind"  # here no photo is read


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `message_id` is the platform's name of the message, `language` its tag or ''."""

    kind: Kind
    text: str = field(default="", repr=False)
    message_id: str = ""
    language: str = ""
    phone: str = ""
    own: bool = False
    file: str = ""
    sight: Sight = Sight.NONE
    codes: tuple[str, ...] = ()
    name: str = ""
    spooled: str = ""


class Malformed(Exception):
    """A stored item that its channel cannot read: a dead letter. The text says why, without the item's own words."""
