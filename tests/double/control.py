"""The control of a double from outside: one address takes `{"do": …}` and what that needs; `remote.py` speaks it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from aiohttp import web

Api = TypeVar("Api")
_WRONG = (AssertionError, AttributeError, KeyError, TypeError, ValueError, StopIteration, TimeoutError)


def application(api: Api, does: Mapping[str, Callable[[Api, dict[str, Any]], Awaitable[Any]]]) -> web.Application:
    """A server that carries out these wishes; what is wrong with one is told with 409."""

    async def answer(request: web.Request) -> web.Response:
        wanted: dict[str, Any] = await request.json()
        do = does.get(wanted.pop("do", ""))
        if do is None:
            return web.json_response({"error": "unknown"}, status=404)
        try:
            return web.json_response({"result": await do(api, wanted)})
        except _WRONG as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=409)

    made = web.Application()
    made.router.add_post("/control", answer)
    return made
