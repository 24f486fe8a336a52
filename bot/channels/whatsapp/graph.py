"""The Graph API over aiohttp: plain JSON calls for one phone number, and files.

Each call is made once. Nothing here logs, and no error carries the access token.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from urllib.parse import quote

import aiohttp

from bot.channels.whatsapp.codes import GraphError
from bot.channels.wire import UnclearError, Wire

_JSON = {"Content-Type": "application/json"}

_USUAL_SECONDS = 50.0
_SLOWEST = 65_536  # bytes a second that an upload may crawl at


@dataclass(frozen=True, slots=True)
class Access:
    """One phone number of one business, and what proves that a delivery is the platform's."""

    token: str = field(repr=False)
    phone_number_id: str
    app_secret: str = field(repr=False)
    verify_token: str = field(repr=False)
    url: str
    version: str


class GraphRefusedError(Exception):
    """The platform said no."""

    def __init__(self, error: GraphError) -> None:
        super().__init__(error.note)
        self.error = error


class Graph:
    """Calls for one phone number. Raises `GraphRefusedError`, `NotSentError` or `UnclearError`."""

    def __init__(self, access: Access, wire: Wire) -> None:
        self._base = f"{access.url}/{access.version}"
        self._number = f"{self._base}/{access.phone_number_id}"
        self._headers = {"Authorization": f"Bearer {access.token}"}
        self._wire = wire

    async def send(self, body: Mapping[str, Any]) -> str:
        """The platform's name of the message that it accepted; accepted is not delivered."""
        answer = await self._call(f"{self._number}/messages", "POST", json.dumps(body).encode(), _JSON)
        try:
            wamid = answer["messages"][0]["id"]
        except (KeyError, IndexError, TypeError):
            raise UnclearError("an answer without a message") from None
        if not isinstance(wamid, str) or not wamid:
            raise UnclearError("an answer without a message")
        return wamid

    async def mark_read(self, wamid: str, *, typing: bool) -> None:
        """Show that a message was read, all before it too; and for 25 seconds at most that somebody types."""
        body: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
        if typing:
            body["typing_indicator"] = {"type": "text"}
        await self._call(f"{self._number}/messages", "POST", json.dumps(body).encode(), _JSON)

    async def upload(self, name: str, kind: str, content: bytes | BinaryIO, size: int = 0) -> str:
        """Hand a file over; the id by which messages name it for the next 30 days. `kind` is its media type.

        One that lies on the disk is read as it goes, and its `size` is what it is given time for.
        """
        form = aiohttp.FormData({"messaging_product": "whatsapp", "type": kind})
        form.add_field("file", content, filename=name, content_type=kind)
        total = _USUAL_SECONDS + size / _SLOWEST
        answer = await self._call(f"{self._number}/media", "POST", form, {}, total)
        media = answer.get("id")
        if not isinstance(media, str):
            raise UnclearError("an answer without a file")
        return media

    async def address(self, media: str) -> str:
        """Where a file lies for the next five minutes; fetched with the access token."""
        answer = await self._call(f"{self._base}/{quote(media, safe='')}", "GET", None, {})
        return str(answer.get("url") or "")

    async def number(self) -> str:
        """The phone number as people dial it, digits with the country's first."""
        answer = await self._call(f"{self._number}?fields=display_phone_number", "GET", None, {})
        return "".join(char for char in str(answer.get("display_phone_number") or "") if char.isdecimal())

    async def _call(
        self, url: str, method: str, data: Any, headers: Mapping[str, str], total: float = _USUAL_SECONDS
    ) -> dict[str, Any]:
        headers = self._headers | dict(headers)
        status, body = await self._wire.call(url, method, data=data, headers=headers, total=total)
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        if status == 200:
            if not isinstance(answer, dict):
                raise UnclearError("an answer that is no JSON")
            return answer
        if status >= 500 and not isinstance(answer, dict):
            raise UnclearError(f"HTTP {status}")
        raise GraphRefusedError(read_error(status, answer))


def read_error(status: int, answer: object) -> GraphError:
    """The error of an answer, or of a status's `errors`, whatever its shape."""
    error = answer.get("error") if isinstance(answer, dict) else None
    error = error if isinstance(error, dict) else {}
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else None
    return GraphError(status, _int(error.get("code"), -1), _int(error.get("error_subcode"), 0), str(details or ""))


def _int(value: object, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise
