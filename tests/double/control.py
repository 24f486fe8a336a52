"""The control of a double from outside: one address takes `{"do": …}` and what that needs; `remote.py` speaks it.

What can be asked of any platform's is here; the rest its own control adds.
"""

from collections.abc import Awaitable, Callable, Mapping, Set
from typing import TYPE_CHECKING, Any, TypeVar

from aiohttp import web

from tests.double.faults import kind_of

if TYPE_CHECKING:
    from tests.double.server import Server

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


def carry_out(who: Any, what: str, may: Set[str], fields: dict[str, Any]) -> Any:
    """Let somebody do what is asked for, if it is one of these; what came of it by its id."""
    if what not in may:
        raise ValueError(what)
    done = getattr(who, what)(**fields)
    return [_brief(one) for one in done] if isinstance(done, list) else _brief(done)


def _brief(done: Any) -> Any:
    return getattr(done, "id", done)


async def _chance(api: "Server", wanted: dict[str, Any]) -> Any:
    """`{"kinds": {kind: probability}, "spared": […], "seconds": …, "codes": […]}`; an empty table ends all faults."""
    api.faults.clear()
    api.mail.clear()
    for name, probability in wanted.get("kinds", {}).items():
        api.chance(kind_of(name), probability)
    api.faults.spared = {one.lower() for one in wanted.get("spared", ())}
    api.faults.codes = tuple(wanted.get("codes", api.faults.codes))
    for side in (api.faults, api.mail):
        side.seconds = float(wanted.get("seconds", side.seconds))
    return True


async def _clock(api: "Server", wanted: dict[str, Any]) -> Any:
    api.clock.forward(float(wanted.get("forward", 0)))
    api.clock.factor = float(wanted.get("factor", api.clock.factor))
    return {"now": api.clock.now(), "ticks": api.clock.ticks(), "factor": api.clock.factor}


async def _net(api: "Server", wanted: dict[str, Any]) -> Any:
    match wanted["state"]:
        case "down":
            await api.cut()
        case "up":
            await api.up()
        case "hang_up":
            api.hang_up()
    return True


SHARED: Mapping[str, Callable[["Server", dict[str, Any]], Awaitable[Any]]] = {
    "chance": _chance, "clock": _clock, "net": _net,
}  # fmt: skip
