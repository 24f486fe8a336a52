"""Deliveries, read: proven to be the platform's, cut into items when they arrive, understood when their turn comes.

Cutting is pure and total, whatever the bytes; understanding raises `Malformed`, and only that one row is parked.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.channels.whatsapp.codes import GraphError
from bot.channels.whatsapp.graph import read_error
from bot.messaging.event import Event, Kind, Malformed
from bot.messaging.inbox import Inbound, InboxRow
from bot.services.addresses import Name

NAME = "whatsapp"

_LONGEST_ID = 300
_NUMBER = re.compile(r"[0-9]{5,20}")
_PERSON = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")
_PROOF = {"sent": 1, "delivered": 2, "read": 3, "played": 3}
_ASKED_FOR = "contact_request"
_PAYS = '.pay"'  # the end of an option's id
# what a message without words may carry; a reaction is no message
_ATTACHED = frozenset(
    {"audio", "document", "image", "interactive", "location", "order", "sticker", "unsupported", "video"}
)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that came in, the names that its sender is known by, and the number that took the place of his old one.

    `is_foreign`: it was written to another number of the account, and is none of ours.
    """

    item: Inbound
    names: tuple[Name, ...]
    new_number: str = ""
    is_foreign: bool = False

    @property
    def pays(self) -> bool:
        """Whether it is a tap on the button that pays."""
        return self.item.kind == "tap" and _PAYS in self.item.body


@dataclass(frozen=True, slots=True)
class StatusItem:
    """What became of a message, as the platform tells. `opaque` is what we gave it when it was sent."""

    opaque: str
    proof: int
    at: int
    error: GraphError | None = None
    priced: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """All that one delivery brings. `notices` are about the account: their rows, and what each is about."""

    heard: tuple[Heard, ...] = ()
    statuses: tuple[StatusItem, ...] = ()
    notices: tuple[tuple[Inbound, str], ...] = ()
    account: str = ""

    def parts(self) -> Iterator["Delivery"]:
        """Each item for itself."""
        yield from (Delivery(heard=(one,)) for one in self.heard)
        yield from (Delivery(statuses=(one,)) for one in self.statuses)
        yield from (Delivery(notices=(one,)) for one in self.notices)


def is_genuine(raw: bytes, header: str, secret: str) -> bool:
    """Whether the signature over exactly these bytes is the platform's; compared in constant time."""
    wanted = "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), header.encode("utf-8", "replace"))


def split(raw: bytes, phone_number_id: str, now: int) -> Delivery:
    """Every item of every change of every entry, in their order."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        return Delivery((_dead(raw, now),))
    heard: list[Heard] = []
    statuses: list[StatusItem] = []
    notices: list[tuple[Inbound, str]] = []
    account = ""
    for entry in _dicts(document, "entry"):
        account = _text(entry.get("id")) or account
        for change in _dicts(entry, "changes"):
            value = _dict(change, "value")
            is_foreign = _text(_dict(value, "metadata").get("phone_number_id")) not in ("", phone_number_id)
            messages, told = _dicts(value, "messages"), _dicts(value, "statuses")
            heard += [_heard(value, message, now, is_foreign=is_foreign) for message in messages]
            statuses += [found for status in told if (found := _status(status)) is not None]
            if not (messages or told) or _dicts(value, "errors"):
                notices.append(_notice(entry, change, now))
    if not (heard or statuses or notices) and not _dicts(document, "entry"):
        return Delivery((_dead(raw, now),))
    return Delivery(tuple(heard), tuple(statuses), tuple(notices), account)


def _heard(value: Json, message: Json, now: int, *, is_foreign: bool) -> Heard:
    kind = "tap" if message.get("type") in ("interactive", "button") else "message"
    contact = _contact_of(value, message)
    try:
        body = json.dumps({"contact": contact, "message": message})
    except RecursionError:  # nested so deep that it could be read, and only just
        return _dead(repr(_text(message.get("id"))).encode(), now)
    name = _text(message.get("id")) or f"raw:{_sha(_canon(message))}"
    said = _seconds(message.get("timestamp"))
    item = Inbound(NAME, name, "", "", said, said * 1000 or now, kind=kind, body=body)
    system = _dict(message, "system")
    new = _text(system.get("wa_id")) if system.get("type") == "user_changed_number" else ""
    return Heard(item, _names(contact, message), new if _NUMBER.fullmatch(new) else "", is_foreign)


def _contact_of(value: Json, message: Json) -> Json:
    """Who of the listed contacts wrote: whoever carries a name of the message; or the only one, if it carries none."""
    contacts = _dicts(value, "contacts")
    number, person = _text(message.get("from")), _text(message.get("from_user_id"))
    for contact in contacts:
        if (number and contact.get("wa_id") == number) or (person and contact.get("user_id") == person):
            return contact
    return contacts[0] if len(contacts) == 1 and not (number or person) else {}


def _names(contact: Json, message: Json) -> tuple[Name, ...]:
    number = _text(message.get("from")) or _text(contact.get("wa_id"))
    person = _text(message.get("from_user_id")) or _text(contact.get("user_id"))
    found = []
    if _NUMBER.fullmatch(number):
        found.append(Name(number, "number"))
    if _PERSON.fullmatch(person):
        found.append(Name(person, "person"))
    return tuple(found)


def _status(status: Json) -> StatusItem | None:
    """None for a state that nobody has heard of, and for what was not sent by us."""
    opaque, state = _text(status.get("biz_opaque_callback_data")), _text(status.get("status"))
    proof = _PROOF.get(state, 0)
    if not opaque or not (proof or state == "failed"):
        return None
    errors = _dicts(status, "errors")
    error = None if proof else read_error(0, {"error": errors[0]} if errors else None)
    pricing = _dict(status, "pricing")
    known = (pricing.get(part) for part in ("pricing_model", "category", "type"))
    priced = " ".join(_text(part)[:40] for part in known if isinstance(part, str))
    return StatusItem(opaque, proof, _seconds(status.get("timestamp")) * 1000, error, priced)


def _notice(entry: Json, change: Json, now: int) -> tuple[Inbound, str]:
    """Something about the account: kept whole, told to the operator by its field and its words in short."""
    value = _dict(change, "value")
    errors = _dicts(value, "errors")
    told = [_text(value.get(part)) for part in ("event", "decision", "message_template_name", "current_limit")]
    told += [str(read_error(0, {"error": error}).code) for error in errors]
    about = " ".join(part for part in (_text(change.get("field")), *told) if part)[:200]
    try:
        body = json.dumps(change)
        name = _sha(_canon([entry.get("id"), entry.get("time"), change]))
    except RecursionError:
        body, name = "{}", _sha(repr(_text(entry.get("id"))).encode())
    return Inbound(NAME, f"raw:{name}", "", "", 0, now, kind="ops", body=body), about or "an empty change"


def _dead(raw: bytes, now: int) -> Heard:
    body = json.dumps({"unreadable": raw[:10_000].decode("utf-8", "replace")})
    return Heard(Inbound(NAME, f"raw:{_sha(raw)}", "", "", 0, now, kind="dead", body=body), ())


# what a stored message means


def parse(row: InboxRow) -> Event:
    """What a stored message means. Raises `Malformed`."""
    if row.kind == "dead":
        raise Malformed("no delivery of the Cloud API")
    message = _dict(json.loads(row.body), "message")
    if not row.address:
        raise Malformed("a message without its sender")
    if message.get("group_id"):
        return Event(Kind.NOTHING)
    number = _text(message.get("id"))
    match message.get("type"):
        case "text":
            body = _dict(message, "text").get("body")
            if not isinstance(body, str):
                raise Malformed("a text that is none")
            return Event(Kind.WORDS, body, number)
        case "interactive":
            return _choice(message, number)
        case "button":
            button = _dict(message, "button")
            return _tap(message, button.get("payload"), button.get("text"), number)
        case "contacts":
            return _contacts(message, number)
        case "edit":
            return Event(Kind.EDITED, message_id=number)
        case str(kind):
            return _attached(message, kind, number)
    raise Malformed("a message without its type")


def _attached(message: Json, kind: str, number: str) -> Event:
    found = _dict(message, kind).get("caption")
    caption = found if isinstance(found, str) else ""
    if file := _picture(message, kind):
        return Event(Kind.PHOTO, caption, number, file=file)
    if kind == "document" and (file := _text(_dict(message, kind).get("id"))):
        name = _dict(message, kind).get("filename")
        return Event(Kind.FILE, caption, number, file=file, name=name[:_LONGEST_ID] if isinstance(name, str) else "")
    if caption:
        return Event(Kind.WORDS, caption, number)
    return Event(Kind.MEDIA if kind in _ATTACHED else Kind.NOTHING, "", number)


def _picture(message: Json, kind: str) -> str:
    """The platform's name of a photo, or of a picture sent as a file; '' where there is none."""
    attached = _dict(message, kind)
    is_picture = kind == "image" or (kind == "document" and _text(attached.get("mime_type")).startswith("image/"))
    return _text(attached.get("id")) if is_picture else ""


def _choice(message: Json, number: str) -> Event:
    interactive = _dict(message, "interactive")
    for kind in ("button_reply", "list_reply"):
        if reply := _dict(interactive, kind):
            return _tap(message, reply.get("id"), reply.get("title"), number)
    return Event(Kind.MEDIA, "", number)


def _tap(message: Json, option: object, title: object, number: str) -> Event:
    """A tap names the message that it was made on, where the platform says so; a button without an id is its words."""
    if isinstance(option, str) and "." in option:
        return Event(Kind.TAP, option, _text(_dict(message, "context").get("id")))
    return Event(Kind.WORDS, title if isinstance(title, str) else "", number)


def _contacts(message: Json, number: str) -> Event:
    """A card is proof of a number only where we asked for the sender's own."""
    card = next(iter(_dicts(message, "contacts")), {})
    phone = next(iter(_dicts(card, "phones")), {})
    own = _ASKED_FOR in (message.get("origin"), card.get("origin"))
    return Event(Kind.CONTACT, "", number, phone=_text(phone.get("wa_id") or phone.get("phone")), own=own)


# pieces of JSON, whatever they are


def _dicts(whole: object, name: str) -> list[Json]:
    found = whole.get(name) if isinstance(whole, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _dict(whole: object, name: str) -> Json:
    found = whole.get(name) if isinstance(whole, dict) else None
    return found if isinstance(found, dict) else {}


def _text(value: object) -> str:
    return value[:_LONGEST_ID].encode("ascii", "replace").decode() if isinstance(value, str) else ""


def _seconds(value: object) -> int:
    """Epoch seconds as the platform writes them, or 0."""
    digits = value if isinstance(value, str) else str(value) if isinstance(value, int) else ""
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 10 else 0


def _sha(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _canon(value: object) -> bytes:
    return json.dumps(value, sort_keys=True).encode()


def parts_of(opaque: str) -> Iterator[int]:
    """The numbers in what we gave a message, after our mark."""
    yield from (int(part) for part in opaque.split(".")[1:] if part.isascii() and part.isdigit() and len(part) < 16)
