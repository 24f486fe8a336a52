"""Messages: what a call asks to be shown, checked against the platform's limits, and put on a phone.

A call is checked whole before anything happens; what cannot be delivered is accepted all the same and fails by status.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.whatsapp.double import media
from tests.whatsapp.double.body import Part
from tests.whatsapp.double.phones import Button, Media, Phone
from tests.whatsapp.double.state import Call, State
from tests.whatsapp.double.statuses import Failure, Sending, follow
from tests.whatsapp.double.wire import Json, Refused, invalid, missing, param

_ENVELOPE = "messaging_product recipient_type to recipient context biz_opaque_callback_data type"
TYPES = ("text", "interactive", "template", "image", "document")
KINDS = ("text", "button", "list", "template", "image", "document")
TEXT, BODY, HEADER, FOOTER = 4096, 1024, 60, 60
BUTTONS, BUTTON, BUTTON_ID = 3, 20, 256
ROWS, ROW, ROW_ABOUT, ROW_ID, OPENER, SECTION = 10, 24, 72, 200, 20, 24
PAYLOAD, OPAQUE, FILENAME = 128, 512, 240


@dataclass(slots=True)
class Content:
    """What will be shown."""

    kind: str
    text: str
    fields: dict[str, Any] = field(default_factory=dict)
    media: Media | None = None
    fails: int = 0  # the code with which it will fail, for what only the delivery finds out


def kind_of(body: Any) -> str:
    """The kind of a call to `messages`, as far as its body tells."""
    if not isinstance(body, dict):
        return "message"
    if "status" in body:
        return "read"
    if body.get("type") == "interactive" and isinstance(body.get("interactive"), dict):
        return str(body["interactive"].get("type", "interactive"))
    return str(body.get("type", "text"))


def send(state: State, call: Call, raw: Any) -> Json:
    """Check, and show."""
    type_ = raw.get("type", "text") if isinstance(raw, dict) else "text"
    body = Part(raw, "", f"{_ENVELOPE} {type_}", state.unsupported.append)
    _product(body)
    if body.raw.get("recipient_type", "individual") != "individual":
        body.strange(f"recipient_type {body.raw['recipient_type']}")
    name, phone = _addressed(state, body)
    if type_ not in TYPES:
        body.strange(f"type {type_}")
        raise invalid(f"type {type_!r} is not supported")
    content = _READERS[type_](state, body)
    opaque = body.text("biz_opaque_callback_data", OPAQUE) if "biz_opaque_callback_data" in body else ""
    context = _context(body, phone)
    state.pace.spend(phone.key if phone else name)
    is_open = state.window.admits(phone, state.clock.now())
    if not is_open and content.kind != "template" and state.window.synchronous:
        raise Refused(131047, "More than 24 hours have passed since the customer last replied to this number")
    call.wamid = state.wamid()
    sending = Sending(call.wamid, name, content.kind, opaque, phone, is_open)
    state.sent[call.wamid] = sending
    failure = _failure(state, sending, content, is_open=is_open)
    if failure is None and phone is not None:
        shown = state.show(
            phone, content.kind, content.text, mine=False, wamid=call.wamid, media=content.media, context=context,
            opaque=opaque, to=name, **content.fields,
        )  # fmt: skip
        assert shown.wamid == call.wamid
    call.failed = failure.code if failure else 0
    call.items += follow(state, sending, failure)
    return _accepted(body, phone, call.wamid)


def _product(body: Part) -> None:
    if body.raw.get("messaging_product") != "whatsapp":
        raise param("The parameter messaging_product is required.")


def _addressed(state: State, body: Part) -> tuple[str, Phone | None]:
    to, recipient = body.raw.get("to"), body.raw.get("recipient")
    if not to and not recipient:
        raise missing("to or recipient is required")
    for one in (to, recipient):
        if one is not None and not isinstance(one, str):
            raise param("Param to must be a string.")
    name, phone = state.phone_of(to, recipient)
    if to and not 7 <= len(name) <= 15:
        raise invalid("to is no phone number")
    if name == state.access.display_phone_number:
        raise Refused(131021)
    return name, phone


def _context(body: Part, phone: Phone | None) -> str | None:
    """The message that is replied to; one that the phone does not have is left out."""
    if "context" not in body:
        return None
    wamid = body.part("context", "message_id").text("message_id", 512)
    if not wamid.startswith("wamid."):
        raise invalid("context.message_id is no message id")
    return wamid if phone is not None and wamid in phone.messages else None


def _failure(state: State, sending: Sending, content: Content, *, is_open: bool) -> Failure | None:
    """Why an accepted message will not be delivered, if so."""
    if sending.phone is None or sending.phone.blocked:
        return Failure(131026, details="Message undeliverable")
    if not is_open and content.kind != "template":
        return Failure(131047, details="More than 24 hours have passed since the customer last replied to this number")
    if content.fails:
        return Failure(content.fails)
    return state.statuses.failure(sending.phone.key, content.kind)


def _accepted(body: Part, phone: Phone | None, wamid: str) -> Json:
    named: Json = {"input": body.raw.get("to") or body.raw.get("recipient")}
    if body.raw.get("to"):
        named["wa_id"] = (phone and phone.wa_id) or "".join(one for one in body.raw["to"] if one.isdigit())
    if phone is not None and phone.user_id:
        named["user_id"] = phone.user_id
    return {"messaging_product": "whatsapp", "contacts": [named], "messages": [{"id": wamid}]}


# what each type says


def _text(state: State, body: Part) -> Content:
    text = body.part("text", "body preview_url").text("body", sys.maxsize)
    if len(text) > TEXT:
        raise param(f"Param text['body'] must be at most {TEXT} characters long.")
    return Content("text", text)


def _media(state: State, part: Part, kind: str) -> tuple[Media | None, int]:
    """The file that a message names by its id, and the code with which it will fail if it is of another kind."""
    if "link" in part:
        part.strange("link")
        raise invalid(f"{part.where}.link could not be fetched")
    found = media.living(state, part.text("id", 64))
    if found is None:
        raise param(f"Param {part.where}['id'] is not a valid whatsapp business account media attachment ID")
    fits = found.mime in {"image/jpeg", "image/png"} if kind == "image" else True
    return found, 0 if fits else 131053


def _image(state: State, body: Part) -> Content:
    part = body.part("image", "id link caption")
    file, fails = _media(state, part, "image")
    return Content("image", part.optional("caption", BODY), media=file, fails=fails)


def _document(state: State, body: Part) -> Content:
    part = body.part("document", "id link caption filename")
    file, fails = _media(state, part, "document")
    named = {"filename": part.optional("filename", FILENAME)}
    return Content("document", part.optional("caption", BODY), named, file, fails)


def _interactive(state: State, body: Part) -> Content:
    part = body.part("interactive", "type header body footer action")
    kind = part.text("type", 64)
    if kind not in {"button", "list"}:
        part.strange(f"type {kind}")
        raise invalid(f"interactive.type {kind!r} is not supported")
    text = part.part("body", "text").text("text", BODY)
    content = Content(kind, text)
    if "footer" in part:
        content.fields["footer"] = part.part("footer", "text").text("text", FOOTER)
    if "header" in part:
        _header(state, part, kind, content)
    (_buttons if kind == "button" else _list)(part, content)
    return content


def _header(state: State, part: Part, kind: str, content: Content) -> None:
    header = part.part("header", "type text image document video")
    type_ = header.word("type", *(("text", "image", "document") if kind == "button" else ("text",)))
    if type_ == "text":
        content.fields["header"] = header.text("text", HEADER)
        return
    named = header.part(type_, "id link filename" if type_ == "document" else "id link")
    content.media, content.fails = _media(state, named, type_)
    if type_ == "document":
        content.fields["filename"] = named.optional("filename", FILENAME)


def _different(where: str, values: list[str]) -> None:
    if len(set(values)) < len(values):
        raise invalid(f"{where} must all be different")


def _id(part: Part, most: int) -> str:
    value = part.text("id", most)
    if value != value.strip():
        raise invalid(f"{part.where}.id begins or ends with a space")
    return value


def _buttons(part: Part, content: Content) -> None:
    action = part.part("action", "buttons")
    given = action.parts("buttons", "type reply")
    if not 1 <= len(given) <= BUTTONS:
        raise invalid(f"{len(given)} buttons, 1 to {BUTTONS} are allowed")
    options = []
    for one in given:
        one.word("type", "reply")
        reply = one.part("reply", "id title")
        options.append(Button(_id(reply, BUTTON_ID), reply.text("title", BUTTON, label=True)))
    _different("ids of buttons", [one.id for one in options])
    _different("titles of buttons", [one.label for one in options])
    content.fields["options"] = options


def _list(part: Part, content: Content) -> None:
    action = part.part("action", "button sections")
    content.fields["opener"] = action.text("button", OPENER, label=True)
    sections = action.parts("sections", "title rows")
    options: list[Button] = []
    for section in sections:
        if len(sections) > 1:
            section.text("title", SECTION, label=True)
        else:
            section.optional("title", SECTION, label=True)
        rows = section.parts("rows", "id title description")
        if not rows:
            raise missing(f"{section.where}.rows is required")
        for row in rows:
            label, about = row.text("title", ROW, label=True), row.optional("description", ROW_ABOUT, label=True)
            options.append(Button(_id(row, ROW_ID), label, about))
    if not 1 <= len(options) <= ROWS:
        raise invalid(f"{len(options)} rows, 1 to {ROWS} are allowed")
    _different("ids of rows", [one.id for one in options])
    _different("titles of rows", [one.label for one in options])
    content.fields["options"] = options


def _template(state: State, body: Part) -> Content:
    part = body.part("template", "name language components")
    name = part.text("name", 512)
    language = part.part("language", "code policy").text("code", 16)
    template = state.templates.usable(name, language)
    parameters: list[str] = []
    payloads: dict[int, str] = {}
    for component in part.parts("components", "type parameters sub_type index"):
        type_ = component.word("type", "body", "button")
        given = component.parts("parameters", "type text payload parameter_name")
        if type_ == "body":
            for one in given:
                one.word("type", "text")
                parameters.append(one.text("text", BODY))
            continue
        if component.word("sub_type", "quick_reply") and not str(component.raw.get("index", "")).isdigit():
            raise missing(f"{component.where}.index is required")
        number = int(component.raw["index"])
        if number >= len(template.buttons) or len(given) != 1:
            raise Refused(132012, f"template {name} has no button {number} of this kind")
        payloads[number] = given[0].text("payload", PAYLOAD)
    options = [Button(payloads.get(number, label), label) for number, label in enumerate(template.buttons)]
    shown = {"template": name, "language": language, "parameters": parameters, "options": options}
    return Content("template", template.filled(parameters), shown)


_READERS: dict[str, Callable[[State, Part], Content]] = {
    "text": _text, "image": _image, "document": _document, "interactive": _interactive, "template": _template,
}  # fmt: skip


def read(state: State, _call: Call, raw: Any) -> Json:
    """Mark a message of a person read, and all before it; show that something is being typed, if asked to."""
    body = Part(raw, "", "messaging_product status message_id typing_indicator", state.unsupported.append)
    _product(body)
    body.word("status", "read")
    wamid = body.text("message_id", 512)
    phone = state.received.get(wamid)
    if phone is None:
        raise invalid("message_id is no message that was received")
    for shown in phone.messages.values():
        if shown.mine and shown.wamid not in phone.read:
            phone.read.append(shown.wamid)
        if shown.wamid == wamid:
            break
    if "typing_indicator" in body:
        body.part("typing_indicator", "type").word("type", "text")
        phone.typing += 1
    state.change(phone)
    return {"success": True}
