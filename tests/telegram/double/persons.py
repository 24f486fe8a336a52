"""People with phones: what they do becomes updates, what they see is read from their screens.

A person taps what is on the screen, or what was there once; types, sends, blocks. Waiting for something to appear is
waiting for an event.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.double import persons
from tests.double.clock import PATIENCE
from tests.double.persons import PICTURE
from tests.telegram.double import entities
from tests.telegram.double.markup import Button
from tests.telegram.double.phones import Chat, Shown
from tests.telegram.double.updates import Update
from tests.telegram.double.wire import Json

if TYPE_CHECKING:
    from tests.telegram.double.server import BotApi

Wanted = str | Callable[[Shown], bool]


@dataclass(frozen=True, slots=True)
class Toast:
    """The answer to a tap, as it popped up; an empty one only stops the spinner."""

    text: str
    is_alert: bool
    query: str


@dataclass(slots=True, eq=False)
class Person:
    """Somebody who talks to the bot. `screen` is what the phone shows of it now."""

    api: "BotApi"
    id: int
    name: str
    language: str | None
    username: str | None
    chat: Chat
    phone: str = ""
    clipboard: str = ""
    _updates: list[Update] = field(default_factory=list)

    @property
    def described(self) -> Json:
        person: Json = {"id": self.id, "is_bot": False, "first_name": self.name}
        if self.username:
            person["username"] = self.username
        if self.language:
            person["language_code"] = self.language
        return person

    # what is seen

    @property
    def screen(self) -> list[Shown]:
        return self.chat.screen

    @property
    def said(self) -> list[Shown]:
        """The person's own messages that are still there."""
        return [one for one in self.chat.messages.values() if one.mine and not one.deleted]

    @property
    def typing(self) -> int:
        """How often the bot was seen typing."""
        return self.chat.typing

    @property
    def toasts(self) -> list[Toast]:
        return [
            Toast(one.answers[0][1], one.answers[0][2], one.id)
            for one in self.api.state.answered
            if one.person == self.id
        ]

    @property
    def spinning(self) -> int:
        """Taps that still wait for their answer."""
        return sum(one.person == self.id and not one.answers for one in self.api.state.queries.values())

    def mark(self) -> int:
        """Now: what `sees` is given so that it overlooks all that was there before."""
        return self.api.state.changes

    async def sees(self, wanted: Wanted = "", *, after: int = 0, timeout: float = PATIENCE) -> Shown:  # noqa: ASYNC109
        """The newest message that contains the words, or fits; waits until there is one."""
        return await persons.sees(self, self.chat, wanted, after, timeout)

    async def until(self, condition: Callable[[], bool], timeout: float = PATIENCE) -> None:  # noqa: ASYNC109
        """Wait for anything that changes together with this phone."""
        await persons.until(self, self.chat, condition, timeout)

    def drawn(self) -> str:
        """The screen for whoever reads a failure."""
        return "\n".join(
            f"#{one.message_id} {one.text!r}"
            + "".join(f"\n    {' '.join(f'[{button.label}]' for button in row)}" for row in one.buttons)
            for one in self.screen
        )

    # what is done

    def start(self, payload: str = "") -> Update:
        return self.say(f"/start {payload}".rstrip())[0]

    def say(self, text: str, *, reply_to: int | None = None) -> list[Update]:
        """Type a text; more than 4096 characters leave as several messages."""
        return [self._message("text", part, reply_to=reply_to) for part in _parts(text)]

    def send_photo(self, caption: str = "", data: bytes = PICTURE) -> Update:
        return self._message("photo", caption, file=self.api.state.keep("photo", data, "photo.jpg", "image/jpeg"))

    def send_document(
        self, name: str, data: bytes, caption: str = "", mime: str = "application/octet-stream"
    ) -> Update:
        file = self.api.state.keep("document", data, name, mime)
        return self._message("document", caption, file=file)

    def send_sticker(self) -> Update:
        return self._message("sticker", "", file=self.api.state.keep("sticker", b"RIFF", "sticker.webp"))

    def voice(self) -> Update:
        return self._message("voice", "", file=self.api.state.keep("voice", b"OggS", "voice.ogg"))

    def contact(self, *, own: bool = True, phone: str = "") -> Update:
        """Share a number: one's own carries one's own id, that of somebody else another id or none."""
        contact: Json = {"phone_number": phone or self.phone, "first_name": self.name, "user_id": self.id}
        if not own:
            contact = {"phone_number": phone or "+628999", "first_name": "Orang Lain", "user_id": self.id + 1}
        return self._message("contact", "", extra={"contact": contact})

    def edit(self, message_id: int, text: str) -> Update:
        """Change a message of one's own."""
        shown = self.chat.messages[message_id]
        self.api.state.alter(shown, "", text, entities.of_a_client(text), ())
        return self._post("edited_message", self.api.state.message_json(shown), f"chat {self.id}")

    def block(self) -> Update:
        self.chat.blocked = True
        return self._membership("member", "kicked")

    def unblock(self) -> Update:
        self.chat.blocked = False
        return self._membership("kicked", "member")

    def deactivate(self) -> None:
        """The account is gone; nobody tells the bot."""
        self.chat.deactivated = True

    def tap(
        self, wanted: str, message: int | Shown | None = None, *, copies: int = 1, new_ids: bool = False
    ) -> list[Update]:
        """Press a button, named by its label or its id: on the newest message that shows one, or on the one given,
        where it may long be gone. Copies are the same update again, or, with new ids, further taps.
        """
        if message is None and (below := self._below(wanted)) is not None:
            return [self.contact()] if below.asks_contact else self.say(below.label)
        shown, button = self._button(wanted, message)
        if button.copy:
            self.clipboard = button.copy
        if not button.data:
            return []
        taps = [self.api.state.tap(self.described, shown, button.data)]
        for _ in range(copies - 1):
            if new_ids:
                taps.append(self.api.state.tap(self.described, shown, button.data))
            else:
                self.api.again(taps[0])
        if self.api.mail.twins():
            taps.append(self.api.state.tap(self.described, shown, button.data))
        self._updates += taps
        return taps

    def forge(self, data: str, message: Shown) -> Update:
        """A tap with an id that no button of this person ever had."""
        return self.api.state.tap(self.described, message, data)

    def group_say(self, group: int, text: str) -> Update:
        """Speak in a group that the bot is in."""
        chat = self.api.group(group)
        shown = self.api.state.show(
            chat, "text", text, mine=True, entities=entities.of_a_client(text), sender=self.described
        )  # fmt: skip
        return self._post("message", self.api.state.message_json(shown), f"chat {group}", group)

    def add_to_group(self, group: int) -> Update:
        """Bring the bot into a group."""
        return self._membership("left", "member", self.api.group(group).described)

    def _below(self, wanted: str) -> Button | None:
        return next((one for row in self.chat.keyboard for one in row if one.label == wanted), None)

    def _button(self, wanted: str, message: int | Shown | None) -> tuple[Shown, Button]:
        if message is None:
            candidates = list(reversed(self.screen))
        else:
            candidates = [message if isinstance(message, Shown) else self.chat.messages[message]]
        for shown in candidates:
            looks = [shown.buttons]
            if message is not None:
                looks += [edit.buttons for edit in reversed(shown.edits)]
            for look in looks:
                for button in itertools.chain.from_iterable(look):
                    if wanted in {button.label, button.data}:
                        return shown, button
        raise AssertionError(f"{self.name} finds no button {wanted!r}:\n{self.drawn()}")

    def _message(self, kind: str, text: str, **fields: object) -> Update:
        if self.chat.blocked:
            raise AssertionError(f"{self.name} has blocked the bot and must unblock it first")
        self.chat.started = True
        found = entities.of_a_client(text) if kind == "text" else []
        shown = self.api.state.show(
            self.chat, kind, text, mine=True, entities=found, sender=self.described, **fields
        )  # fmt: skip
        return self._post("message", self.api.state.message_json(shown), f"chat {self.id}")

    def _membership(self, old: str, new: str, chat: Json | None = None) -> Update:
        bot = self.api.state.bot
        payload: Json = {
            "chat": chat or self.chat.described, "from": self.described, "date": self.api.clock.date(),
            "old_chat_member": {"user": bot, "status": old} | ({"until_date": 0} if old == "kicked" else {}),
            "new_chat_member": {"user": bot, "status": new} | ({"until_date": 0} if new == "kicked" else {}),
        }  # fmt: skip
        number = payload["chat"]["id"]
        return self._post("my_chat_member", payload, f"member {number}", number)

    def _post(self, kind: str, payload: Json, queue: str, chat: int | None = None) -> Update:
        update = self.api.state.updates.add(kind, payload, queue, self.id if chat is None else chat)
        self._updates.append(update)
        return update


def _parts(text: str) -> list[str]:
    return [text[start : start + 4096] for start in range(0, max(len(text), 1), 4096)]
