"""People with phones: what they do becomes items for the webhook, what they see is read from their screens.

A person taps what is on the screen, however old it is, for nothing is ever removed from it; types, sends, blocks.
Waiting for something to appear is waiting for an event.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.double import persons
from tests.double.clock import PATIENCE
from tests.double.persons import PICTURE
from tests.whatsapp.double.items import Item
from tests.whatsapp.double.phones import Button, Media, Phone, Shown
from tests.whatsapp.double.state import THEIR_MEDIA
from tests.whatsapp.double.wire import Json, problem

if TYPE_CHECKING:
    from tests.whatsapp.double.server import CloudApi

Wanted = str | Callable[[Shown], bool]


@dataclass(slots=True, eq=False)
class Person:
    """Somebody who talks to the business. `screen` is what the phone shows of it."""

    api: "CloudApi"
    phone: Phone
    _items: list[Item] = field(default_factory=list)

    @property
    def key(self) -> str:
        """What calls, faults and statuses name this person by; never changes."""
        return self.phone.key

    @property
    def name(self) -> str:
        return self.phone.name

    @property
    def number(self) -> str | None:
        return self.phone.number

    @property
    def user_id(self) -> str | None:
        return self.phone.user_id

    # what is seen

    @property
    def screen(self) -> list[Shown]:
        return self.phone.screen

    @property
    def said(self) -> list[Shown]:
        """The person's own messages."""
        return [one for one in self.phone.messages.values() if one.mine]

    @property
    def typing(self) -> int:
        """How often the business was seen typing."""
        return self.phone.typing

    @property
    def read(self) -> list[str]:
        """The wamids of the person's messages that were marked read."""
        return self.phone.read

    def mark(self) -> int:
        """Now: what `sees` is given so that it overlooks all that was there before."""
        return self.api.state.changes

    async def sees(self, wanted: Wanted = "", *, after: int = 0, timeout: float = PATIENCE) -> Shown:  # noqa: ASYNC109
        """The newest message that contains the words, or fits; waits until there is one."""
        return await persons.sees(self, self.phone, wanted, after, timeout)

    async def until(self, condition: Callable[[], bool], timeout: float = PATIENCE) -> None:  # noqa: ASYNC109
        """Wait for anything that changes together with this phone."""
        await persons.until(self, self.phone, condition, timeout)

    def drawn(self) -> str:
        """The screen for whoever reads a failure."""
        return "\n".join(
            f"{one.kind} {one.text!r}"
            + (f" {one.opener} ▾" if one.opener else "")
            + "".join(f"\n    [{button.label}] {button.description}".rstrip() for button in one.options)
            for one in self.screen
        )

    # what is done

    def say(self, text: str, *, reply_to: Shown | None = None) -> Item:
        """Type a text."""
        return self._message("text", {"text": {"body": text}}, text, context=reply_to)

    def send_photo(self, caption: str = "", data: bytes = PICTURE) -> Item:
        media = self._keep(data, "image/jpeg")
        told = _described(media) | ({"caption": caption} if caption else {})
        return self._message("image", {"image": told}, caption, media=media)

    def send_document(
        self, name: str = "a.pdf", data: bytes = b"%PDF-", caption: str = "", mime: str = "application/pdf"
    ) -> Item:
        media = self._keep(data, mime, name)
        told = _described(media) | {"filename": name} | ({"caption": caption} if caption else {})
        return self._message("document", {"document": told}, caption, media=media)

    def voice(self) -> Item:
        media = self._keep(b"OggS", "audio/ogg")
        told = _described(media) | {"mime_type": "audio/ogg; codecs=opus", "voice": True}
        return self._message("audio", {"audio": told}, media=media)

    def sticker(self) -> Item:
        media = self._keep(b"RIFF", "image/webp")
        return self._message("sticker", {"sticker": _described(media) | {"animated": False}}, media=media)

    def location(self) -> Item:
        return self._message("location", {"location": {"latitude": -6.2, "longitude": 106.8, "name": "Rumah"}})

    def contact(self, *, own: bool = True, number: str = "", via: str = "") -> Item:
        """Share a card, one's own or somebody else's; `via` contact_request: because the business asked for it."""
        phone = number or (self.phone.number if own else None) or "628999000111"
        card: Json = {
            "name": {"formatted_name": self.name if own else "Orang Lain", "first_name": self.name if own else "Orang"},
            "phones": [{"phone": f"+{phone[:2]} {phone[2:5]}-{phone[5:]}", "wa_id": phone, "type": "CELL"}],
        }
        return self._message("contacts", {"contacts": [card]} | ({"origin": via} if via else {}))

    def unsupported(self) -> Item:
        """Something that the API does not know: a poll, an edit, a message that vanishes."""
        return self._message("unsupported", {"errors": [problem(131051, "Message type is not supported")]})

    def unknown(self, kind: str = "hologram") -> Item:
        """Something that a later version of the API will bring."""
        return self._message(kind, {kind: {"id": "1", "layers": [1, 2]}})

    def reaction(self, message: Shown | None = None, emoji: str = "👍") -> Item:
        """To the newest message, or the one given."""
        target = message or self.screen[-1]
        return self._message("reaction", {"reaction": {"message_id": target.wamid, "emoji": emoji}}, emoji)

    def tap(
        self, wanted: str, message: Shown | str | None = None, *, copies: int = 1, new_ids: bool = False
    ) -> list[Item]:
        """Press a reply button or pick a row, named by its label or its id: on the newest message that shows it, or on
        the one given. Copies are the same item again, or, with new ids, further taps.
        """
        shown, option = self._option(wanted, message)
        if shown.kind == "template":
            return [self.template_tap(wanted, shown)]
        taps = [self._tapped(shown, option)]
        for _ in range(copies - 1):
            if new_ids:
                taps.append(self._tapped(shown, option))
            else:
                self.api.again(taps[0])
        if self.api.mail.twins():
            taps.append(self._tapped(shown, option))
        return taps

    def forge(self, option_id: str, message: Shown, label: str = "Bayar") -> Item:
        """A tap with an id that no button of this person ever had."""
        return self._tapped(message, Button(option_id, label))

    def template_tap(self, label: str, message: Shown | str | None = None, *, with_context: bool = True) -> Item:
        """Press a template's button; the platform does not always say whose."""
        shown, option = self._option(label, message)
        told = {"button": {"payload": option.id, "text": option.label}}
        return self._message("button", told, option.label, context=shown if with_context else None)

    def block(self) -> None:
        """Nobody tells the business; what it sends is not delivered."""
        self.phone.blocked = True

    def unblock(self) -> None:
        self.phone.blocked = False

    def change_number(self, new: str) -> Item:
        """Take the account to another number: the old one says so, a new user id goes with the new one."""
        old = self.phone.number
        assert old is not None, f"{self.name} has no number to change"
        self.api.state.renumber(self.phone, new)
        told: Json = {
            "from": old, "id": self.api.state.wamid(), "timestamp": str(self.api.clock.date()), "type": "system",
            "system": {
                "body": f"User {self.name} changed from {old} to {new}", "type": "user_changed_number", "wa_id": new,
            },
        }  # fmt: skip
        item = self.api.state.items.add("message", told["id"], self.key, told)
        self._items.append(item)
        return item

    def hide_number(self) -> None:
        """Take a user name: from now on messages carry the user id alone."""
        assert self.phone.user_id is not None, f"{self.name} has no other name than the number"
        self.phone.is_hidden = True

    def show_number(self) -> None:
        self.phone.is_hidden = False

    def _keep(self, data: bytes, mime: str, name: str = "") -> Media:
        return self.api.state.keep(data, mime, name, lives=THEIR_MEDIA)

    def _option(self, wanted: str, message: Shown | str | None) -> tuple[Shown, Button]:
        if message is None:
            candidates = list(reversed(self.screen))
        else:
            candidates = [message if isinstance(message, Shown) else self.phone.messages[message]]
        for shown in candidates:
            for option in shown.options:
                if wanted in {option.label, option.id}:
                    return shown, option
        raise AssertionError(f"{self.name} finds no option {wanted!r}:\n{self.drawn()}")

    def _tapped(self, shown: Shown, option: Button) -> Item:
        kind = "list_reply" if shown.kind == "list" else "button_reply"
        reply = {"id": option.id, "title": option.label}
        if kind == "list_reply" and option.description:
            reply["description"] = option.description
        return self._message("interactive", {"interactive": {"type": kind, kind: reply}}, option.label, context=shown)

    def _message(
        self, kind: str, told: Json, text: str = "", *, context: Shown | None = None, media: Media | None = None
    ) -> Item:
        phone, state = self.phone, self.api.state
        if phone.blocked:
            raise AssertionError(f"{self.name} has blocked the business and must unblock it first")
        phone.heard_at = state.clock.now()
        state.pace.came_in()
        shown = state.show(
            phone, kind, text, mine=True, media=media, context=context.wamid if context else None
        )  # fmt: skip
        state.received[shown.wamid] = phone
        message: Json = {"id": shown.wamid, "timestamp": str(state.clock.date()), "type": kind} | told
        if phone.wa_id:
            message["from"] = phone.wa_id
        if phone.user_id:
            message["from_user_id"] = phone.user_id
        if context is not None:
            message["context"] = {"from": state.access.display_phone_number, "id": context.wamid}
        item = state.items.add("message", shown.wamid, self.key, message, _contact(phone))
        self._items.append(item)
        return item


def _contact(phone: Phone) -> Json:
    profile = {"name": phone.name} | ({"username": phone.username} if phone.username else {})
    contact: Json = {"profile": profile}
    if phone.wa_id:
        contact["wa_id"] = phone.wa_id
    if phone.user_id:
        contact["user_id"] = phone.user_id
    return contact


def _described(media: Media) -> Json:
    return {"id": media.id, "mime_type": media.mime, "sha256": media.sha256}
