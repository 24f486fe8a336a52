"""Media: what may be uploaded, and how an id becomes an address that lives five minutes."""

from typing import Any

from aiohttp import web

from tests.whatsapp.double.phones import Media
from tests.whatsapp.double.state import URL_LIVES, State
from tests.whatsapp.double.wire import Json, Refused, no_object, param

_MB = 1 << 20
_OFFICE = "application/vnd.openxmlformats-officedocument"
# what may be uploaded as which mime type, and how much of it
LIMITS: dict[str, int] = {
    "image/jpeg": 5 * _MB, "image/png": 5 * _MB, "image/webp": 500 << 10,
    "audio/aac": 16 * _MB, "audio/amr": 16 * _MB, "audio/mp4": 16 * _MB, "audio/mpeg": 16 * _MB, "audio/ogg": 16 * _MB,
    "video/mp4": 16 * _MB, "video/3gpp": 16 * _MB,
    "text/plain": 100 * _MB, "application/pdf": 100 * _MB, "application/msword": 100 * _MB,
    "application/vnd.ms-excel": 100 * _MB, "application/vnd.ms-powerpoint": 100 * _MB,
    f"{_OFFICE}.wordprocessingml.document": 100 * _MB, f"{_OFFICE}.spreadsheetml.sheet": 100 * _MB,
    f"{_OFFICE}.presentationml.presentation": 100 * _MB,
}  # fmt: skip
_BEGINNINGS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n", "application/pdf": b"%PDF"}


async def form(request: web.Request) -> Json:
    """The fields of an upload; a file as (name, type, bytes)."""
    values: Json = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            values[name] = (value.filename, value.content_type, value.file.read())
            value.file.close()
        else:
            values[name] = value
    return values


def upload(state: State, values: Json) -> Json:
    """Keep a file; its id."""
    for name in values.keys() - {"messaging_product", "file", "type"}:
        state.unsupported.append(f"upload field {name}")
    if values.get("messaging_product") != "whatsapp":
        raise param("The parameter messaging_product is required")
    given = values.get("file")
    if not isinstance(given, tuple):
        raise param("The parameter file is required")
    name, own, data = given
    mime = str(values.get("type") or own).partition(";")[0].strip()
    if mime not in LIMITS:
        raise param(f"Param file must be a file with one of the following types: {', '.join(sorted(LIMITS))}")
    if not data or not data.startswith(_BEGINNINGS.get(mime, b"")):
        raise Refused(131053, f"the file is no {mime}")
    if len(data) > LIMITS[mime]:
        raise Refused(131053, f"the file has {len(data)} bytes, {LIMITS[mime]} are allowed for {mime}")
    return {"id": state.keep(data, mime, name).id}


def address(state: State, number: str, base: str) -> Json:
    """What a media id stands for, with an address for the next five minutes."""
    found = living(state, number)
    if found is None:
        raise no_object(number, "get")
    found.url_key, found.url_until = f"{state.serial()}-{found.sha256[:20]}", state.clock.now() + URL_LIVES
    url = f"{base}/whatsapp_business/attachments/?mid={found.id}&hash={found.url_key}"
    return {
        "messaging_product": "whatsapp", "url": url,
        "mime_type": found.mime, "sha256": found.sha256, "file_size": len(found.data), "id": found.id,
    }  # fmt: skip


def download(state: State, query: Any) -> Media:
    """What an address leads to, while it lives."""
    found = living(state, str(query.get("mid", "")))
    if found is None or not found.url_key or query.get("hash") != found.url_key or state.clock.now() > found.url_until:
        raise Refused(100, "the media's address is unknown or no longer valid", status=404)
    return found


def living(state: State, number: str) -> Media | None:
    found = state.media.get(number)
    return found if found is not None and state.clock.now() < found.until else None
