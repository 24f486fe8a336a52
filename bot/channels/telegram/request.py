"""The Bot API over aiohttp: python-telegram-bot's seam for a transport, and plain calls for what is called all day.

Errors say what is proven, and never carry an address: the bot's token stands in it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.channels.wire import NotSentError, UnclearError, Wire

_TIMEOUTS = {"pool_timeout": 5.0, "connect_timeout": 5.0, "write_timeout": 20.0, "read_timeout": 20.0}
_SLOWEST = 65_536  # bytes a second that an upload may crawl at
_USUAL_PAUSE = 5.0  # where a 429 does not say for how long
_JSON = {"Content-Type": "application/json"}


class NotSent(NetworkError):
    """Proven: no byte of the request left."""


class Throttled(TelegramError):
    """Refused for its rate; `seconds` is how long to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too fast, wait {seconds:g} s")
        self.seconds = seconds


class Refused(TelegramError):
    """The platform answered a plain call with an error; the text is its description."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(f"{status} {description}")
        self.status = status
        self.description = description


class AiohttpRequest(BaseRequest):
    """One pool of connections to one Bot API."""

    def __init__(self, connections: int = 256) -> None:
        self._wire = Wire(connections)

    @property
    def read_timeout(self) -> float:
        """Seconds that an answer may take."""
        return _TIMEOUTS["read_timeout"]

    async def initialize(self) -> None:
        """Open the pool; again is nothing new."""
        await self._wire.open()

    async def shutdown(self) -> None:
        """Close the pool."""
        await self._wire.close()

    async def do_request(  # type: ignore[override]  # the four time-outs by name, as whoever calls gives them
        self, url: str, method: str, request_data: RequestData | None = None, **given: Any
    ) -> tuple[int, bytes]:
        """One call, once. Raises `NotSent`, `Throttled`, `TimedOut`, `NetworkError` or `Refused`."""
        timeouts = _TIMEOUTS | {name: value for name, value in given.items() if isinstance(value, int | float)}
        data: Any = request_data.json_parameters if request_data else None
        if request_data and request_data.contains_files:
            data = aiohttp.FormData(data)
            for name, (file_name, content, kind) in request_data.multipart_data.items():
                data.add_field(name, content, filename=file_name, content_type=kind)
        return await self.call(url, method, data=data, timeouts=timeouts)

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """As the library does it, but without logging what could not be read: answers name people."""
        try:
            document: dict[str, Any] = json.loads(payload.decode("utf-8", "replace"))
        except ValueError:
            raise TelegramError("an answer that is no JSON") from None
        return document

    async def call(
        self,
        url: str,
        method: str,
        *,
        data: Any = None,
        timeouts: Mapping[str, float] = _TIMEOUTS,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """As `do_request`, with data as aiohttp takes it."""
        connect = timeouts["pool_timeout"] + timeouts["connect_timeout"]
        read = timeouts["read_timeout"]
        total = connect + timeouts["write_timeout"] + read
        try:
            status, body = await self._wire.call(
                url, method, data=data, headers=headers, connect=connect, read=read, total=total
            )
        except NotSentError as error:
            raise NotSent(str(error)) from None
        except UnclearError as error:
            raise (TimedOut if error.timed_out else NetworkError)(str(error)) from None
        if status == 429:
            raise Throttled(_pause(body))
        if 300 <= status < 400 or status in (405, 413):
            raise Refused(status, f"HTTP {status}")  # answered, by whomever, and not taken
        return status, body


class Api:
    """Plain calls of one bot: JSON out, the result in."""

    def __init__(self, url: str, token: str, request: AiohttpRequest) -> None:
        self._base = f"{url}/bot{token}/"
        self._request = request

    async def call(self, method: str, parameters: Mapping[str, Any], read_seconds: float = 20.0) -> Any:
        """The result. Raises `Refused`, `Throttled`, `NotSent`, or another `TelegramError` where nobody knows."""
        return _result(200, await self.raw(method, parameters, read_seconds))

    async def upload(self, method: str, parameters: Mapping[str, Any], field: str, name: str, path: Path) -> Any:
        """As `call`, with a file of the disk, read as it goes: a large one is never held whole."""
        seconds = _TIMEOUTS["write_timeout"] + path.stat().st_size / _SLOWEST
        with path.open("rb") as content:
            form = aiohttp.FormData({name: str(value) for name, value in parameters.items()})
            form.add_field(field, content, filename=name, content_type="application/octet-stream")
            timeouts = {**_TIMEOUTS, "read_timeout": 60.0, "write_timeout": seconds}
            status, body = await self._request.call(self._base + method, "POST", data=form, timeouts=timeouts)
        return _result(status, body)

    async def raw(self, method: str, parameters: Mapping[str, Any], read_seconds: float = 20.0) -> bytes:
        """The whole answer as it came."""
        status, body = await self._request.call(
            self._base + method,
            "POST",
            data=json.dumps(parameters).encode(),
            timeouts=_TIMEOUTS | {"read_timeout": read_seconds},
            headers=_JSON,
        )
        return _taken(status, body)


def _taken(status: int, body: bytes) -> bytes:
    if status >= 500:
        raise NetworkError(f"HTTP {status}")
    if status != 200:
        raise Refused(status, _description(body))
    return body


def _result(status: int, body: bytes) -> Any:
    try:
        return json.loads(_taken(status, body))["result"]
    except (ValueError, KeyError, TypeError):
        raise TelegramError("an answer that is no result") from None


def _description(body: bytes) -> str:
    try:
        return str(json.loads(body)["description"])[:200]
    except (ValueError, KeyError, TypeError):
        return "an answer that is no JSON"


def _pause(body: bytes) -> float:
    try:
        seconds = json.loads(body)["parameters"]["retry_after"]
        return max(0.0, float(seconds))
    except (ValueError, KeyError, TypeError):
        return _USUAL_PAUSE
