"""Files that people send on Telegram: a file's id becomes a path, and the path is fetched from the same Bot API.

The address of a file carries the bot's token: it is made here, used once, and never kept, logged or shown.
"""

import re

from telegram.error import TelegramError

from bot.channels.telegram.request import Api, Refused
from bot.channels.wire import NotSentError, TooLargeError, UnclearError, Wire
from bot.messaging.channel import UnfetchedError

_PATH = re.compile(r"\w[\w-]*(?:[./][\w-]+)*", re.ASCII)  # relative, and no step upwards


class Files:
    """The files of one bot, over lines of their own: a slow file keeps no message waiting. `base` carries the token."""

    def __init__(self, api: Api, base: str, wire: Wire) -> None:
        self._api = api
        self._base = base
        self._wire = wire

    async def fetch(self, file: str, most: int) -> bytes:
        """The bytes of a file. Raises `UnfetchedError`."""
        try:
            found = await self._api.call("getFile", {"file_id": file})
        except Refused as refused:  # unknown, or over the platform's own 20 MB
            raise UnfetchedError(f"refused, HTTP {refused.status}") from None
        except TelegramError as error:
            raise UnfetchedError(type(error).__name__, again=True) from None
        path = found.get("file_path") if isinstance(found, dict) else None
        if not isinstance(path, str) or not _PATH.fullmatch(path):
            raise UnfetchedError("no path that is one")
        try:
            status, body = await self._wire.call(f"{self._base}/{path}", "GET", most=most)
        except TooLargeError:
            raise UnfetchedError("too large") from None
        except (NotSentError, UnclearError) as error:
            raise UnfetchedError(str(error), again=True) from None
        if status != 200:
            raise UnfetchedError(f"HTTP {status}", again=status >= 500)
        return body
