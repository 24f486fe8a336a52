"""Everything that the double knows, without any network: phones, media, templates, items, the record of calls.

Calls change it, persons change it, tests read it.
"""

import base64
import hashlib
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.double.clock import Clock, Signal
from tests.whatsapp.double.access import Access
from tests.whatsapp.double.items import Item, Items
from tests.whatsapp.double.pace import Pace
from tests.whatsapp.double.phones import Media, Phone, Shown
from tests.whatsapp.double.statuses import Sending, Statuses
from tests.whatsapp.double.templates import Templates
from tests.whatsapp.double.wire import Json

DAY = 86_400
OUR_MEDIA, THEIR_MEDIA, URL_LIVES = 30 * DAY, 7 * DAY, 300


@dataclass(slots=True)
class Call:
    """One call as it came and how it ended. `applied`: it had its effect, whatever the bot was told.

    `kind`: text, button, list, template, image, document, read, upload, media, download or number. `failed` is the code
    with which an accepted message failed afterwards.
    """

    number: int
    kind: str
    method: str
    path: str
    params: Json
    person: str | None
    at: float
    ticks: float
    outcome: str = "open"  # ok, a code with its details, not applied, or gone
    status: int = 0
    code: int = 0
    fault: str = ""
    applied: bool = False
    failed: int = 0
    wamid: str = ""
    items: list[Item] = field(default_factory=list, repr=False)  # what is told of it

    def look(self) -> Json:
        """For a test outside of this process."""
        names = "number kind method path params person at ticks outcome status code fault applied failed wamid"
        return {name: getattr(self, name) for name in names.split()}


@dataclass(slots=True)
class Window:
    """Free-form messages reach whoever did something in the last `hours`. `synchronous`: refused at once, with 400."""

    hours: float = 24.0
    synchronous: bool = False
    on: bool = True

    def admits(self, phone: Phone | None, now: float) -> bool:
        heard = None if phone is None else phone.heard_at
        return not self.on or (heard is not None and now < heard + self.hours * 3_600)


class State:
    """The world of one business number."""

    def __init__(self, clock: Clock, seed: int, access: Access) -> None:
        self.clock = clock
        self.chance = random.Random(seed)
        self.access = access
        self.pace = Pace(clock)
        self.window = Window()
        self.statuses = Statuses()
        self.templates = Templates()
        self.items = Items(clock, access.phone_number_id)
        self.by_number: dict[str, Phone] = {}
        self.by_user: dict[str, Phone] = {}
        self.received: dict[str, Phone] = {}  # whose message it was, by its wamid
        self.media: dict[str, Media] = {}
        self.sent: dict[str, Sending] = {}  # every accepted message, by its wamid
        self.heard = Signal()  # fires when a call was written down, before it is served
        self.calls: list[Call] = []
        self.unsupported: list[str] = []
        self.refused: list[str] = []  # why calls were refused for what they asked
        self.fired: Counter[str] = Counter()
        self.changes = 0
        self._serial = 0

    def serial(self) -> int:
        self._serial += 1
        return self._serial

    def wamid(self) -> str:
        """A message's id; unlike any before."""
        raw = f"{self.access.display_phone_number}{self.serial():08d}{self.chance.randbytes(8).hex().upper()}"
        return "wamid." + base64.b64encode(raw.encode()).decode()

    def trace(self) -> str:
        return "A" + base64.urlsafe_b64encode(self.chance.randbytes(16)).decode().rstrip("=")

    def change(self, phone: Phone) -> int:
        """Something on a phone changed: its serial number; whoever looks at this phone wakes up."""
        self.changes += 1
        phone.changed.fire()
        return self.changes

    def show(self, phone: Phone, kind: str, text: str, *, mine: bool, wamid: str = "", **fields: Any) -> Shown:
        """A new message on a phone."""
        shown = Shown(
            wamid or self.wamid(), kind, mine, text, self.clock.now(), self.change(phone), **fields
        )  # fmt: skip
        phone.messages[shown.wamid] = shown
        return shown

    def keep(self, data: bytes, mime: str, name: str = "", *, lives: float = OUR_MEDIA) -> Media:
        """Something that was uploaded."""
        number = f"{10**15 + self.serial() * 7_919_113}"
        made = Media(number, data, mime, hashlib.sha256(data).hexdigest(), self.clock.now() + lives, name)
        self.media[number] = made
        return made

    def phone_of(self, to: Any, recipient: Any) -> tuple[str, Phone | None]:
        """The name that a call uses, and whose it is; if both are given, the number wins."""
        if isinstance(to, str) and to:
            digits = "".join(one for one in to if one.isdigit())
            return digits, self.by_number.get(digits)
        name = recipient if isinstance(recipient, str) else ""
        return name, self.by_user.get(name)

    def renumber(self, phone: Phone, new: str) -> None:
        """The account goes to another number, and gets another user id with it."""
        if phone.number is not None:
            self.by_number.pop(phone.number, None)
        if phone.user_id is not None:
            self.by_user.pop(phone.user_id, None)
            phone.user_id = self.user_id()
            self.by_user[phone.user_id] = phone
        phone.number, self.by_number[new] = new, phone

    def user_id(self) -> str:
        """A fresh name of a person towards this business."""
        return f"ID.{13_491_208_655_302_741_918 + self.serial() * 104_729}"
