"""What goes over the wire: the parameters of a call in any of the forms that Telegram takes, and its envelope.

Knows no method and no state. Values stay as they came; a method asks for the type that it needs.
"""

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a multipart call."""

    name: str
    data: bytes
    content_type: str


class Refused(Exception):
    """Telegram says no: status, words, and after how many seconds it may be tried again."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after


def bad(description: str) -> Refused:
    return Refused(400, f"Bad Request: {description}")


def flood(seconds: int) -> Refused:
    return Refused(429, f"Too Many Requests: retry after {seconds}", seconds)


class Given:
    """The parameters of one call."""

    def __init__(self, values: Json) -> None:
        self.values = values

    def __contains__(self, name: object) -> bool:
        return name in self.values

    def text(self, name: str) -> str:
        value = self.values.get(name, "")
        if isinstance(value, bool):
            return "true" if value else "false"
        return value if isinstance(value, str) else "" if isinstance(value, Upload) else json.dumps(value)

    def integer(self, name: str, default: int = 0) -> int:
        value = self.values.get(name, default)
        try:
            return int(value)
        except (TypeError, ValueError):
            return default

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in {"true", "yes", "1"}

    def json(self, name: str) -> Any:
        """A value that forms carry as JSON in a string; None if it is absent or empty."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def upload(self, name: str) -> Upload | None:
        """A file of its own or one that `attach://` points to."""
        value = self.values.get(name)
        if isinstance(value, str) and value.startswith("attach://"):
            value = self.values.get(value.removeprefix("attach://"))
        return value if isinstance(value, Upload) else None

    def spoken(self) -> Json:
        """For the record: everything but the bytes of files."""
        return {
            name: f"<{value.name}, {len(value.data)} bytes>" if isinstance(value, Upload) else value
            for name, value in self.values.items()
        }


async def read(request: web.Request) -> Given:
    """The query and the body, whichever form it has."""
    values: Json = dict(request.query)
    if request.method != "POST":
        return Given(values)
    if request.content_type == "application/json":
        body = await request.read()
        try:
            document = json.loads(body) if body else {}
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise bad("can't parse JSON object")
        return Given(values | document)
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            values[name] = Upload(value.filename, value.file.read(), value.content_type)
            value.file.close()
        else:
            values[name] = value if isinstance(value, str) else bytes(value).decode("utf-8", "replace")
    return Given(values)


def answer(result: Any, description: str = "") -> Json:
    return {"ok": True, "result": result} | ({"description": description} if description else {})


def refusal(refused: Refused) -> Json:
    envelope: Json = {"ok": False, "error_code": refused.code, "description": refused.description}
    if refused.retry_after is not None:
        envelope["parameters"] = {"retry_after": refused.retry_after}
    return envelope


def response(envelope: Json) -> web.Response:
    status = 200 if envelope["ok"] else int(envelope["error_code"])
    headers = {}
    if "parameters" in envelope:
        headers["Retry-After"] = str(envelope["parameters"]["retry_after"])
    return web.Response(
        body=json.dumps(envelope).encode(), status=status, headers=headers, content_type="application/json"
    )
