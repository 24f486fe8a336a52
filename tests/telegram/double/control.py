"""The double from outside: persons, faults, clock and record over HTTP, for campaigns that kill the bot's process.

Runs on a port of its own.
"""

import dataclasses
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tests.double import control
from tests.double.faults import kind_of
from tests.telegram.double.wire import Json

if TYPE_CHECKING:
    from tests.telegram.double.server import BotApi

_ACTS = {
    "start", "say", "tap", "send_photo", "send_sticker", "voice", "contact", "edit", "block", "unblock", "group_say",
    "add_to_group", "deactivate",
}  # fmt: skip
Do = Callable[["BotApi", Json], Awaitable[Any]]


async def _person(api: "BotApi", wanted: Json) -> Any:
    return api.person(**wanted).id


async def _act(api: "BotApi", wanted: Json) -> Any:
    person = api.person(wanted.pop("person"))
    return control.carry_out(person, wanted.pop("act"), _ACTS, wanted)


async def _screen(api: "BotApi", wanted: Json) -> Any:
    person = api.person(wanted["person"])
    return {
        "screen": [one.look() for one in person.screen],
        "all": [one.look() for one in person.chat.messages.values()] if wanted.get("all") else [],
        "toasts": [dataclasses.asdict(one) for one in person.toasts],
        "typing": person.typing,
        "spinning": person.spinning,
        "mark": person.mark(),
    }


async def _sees(api: "BotApi", wanted: Json) -> Any:
    person = api.person(wanted.pop("person"))
    return (await person.sees(**wanted)).look()


async def _fault(api: "BotApi", wanted: Json) -> Any:
    api.fault(wanted.pop("method", None), kind_of(wanted.pop("kind")), **wanted)
    return True


async def _pace(api: "BotApi", wanted: Json) -> Any:
    for name in ("chat_rate", "chat_burst", "overall_rate", "overall_burst"):
        if name in wanted:
            setattr(api.state.pace, name, wanted[name])
    return True


async def _again(api: "BotApi", wanted: Json) -> Any:
    for _ in range(int(wanted.get("times", 1))):
        api.again(api.state.updates.find(wanted["update"]))
    return True


async def _hold(api: "BotApi", wanted: Json) -> Any:
    (api.webhook.hold if wanted["hold"] else api.webhook.release)()
    return True


async def _calls(api: "BotApi", wanted: Json) -> Any:
    return [dataclasses.asdict(one) for one in api.calls[int(wanted.get("after", 0)) :]]


async def _updates(api: "BotApi", _wanted: Json) -> Any:
    return [
        {"id": one.id, "kind": one.kind, "chat": one.chat, "state": one.state, "handed": one.handed, "born": one.born}
        for one in api.state.updates.log
    ]


async def _summary(api: "BotApi", _wanted: Json) -> Any:
    states = [one.state for one in api.state.updates.log]
    return {
        "fired": api.fired, "unsupported": api.unsupported, "calls": len(api.calls), "posts": len(api.webhook.posts),
        "updates": {name: states.count(name) for name in sorted(set(states))}, "followed": api.followed,
        "executed": api.webhook.executed, "paced": api.state.pace.refused, "drops_asked": api.state.hook.drops_asked,
        "webhook": api.state.hook.url,
    }  # fmt: skip


async def _jump(api: "BotApi", _wanted: Json) -> Any:
    api.state.updates.jump()
    return api.state.updates.next_id


async def _menu(api: "BotApi", wanted: Json) -> Any:
    return api.menu(wanted["chat"], wanted.get("language", ""))


DOES: dict[str, Do] = {
    **control.SHARED,
    "person": _person, "act": _act, "screen": _screen, "sees": _sees, "fault": _fault, "pace": _pace, "again": _again,
    "hold": _hold, "calls": _calls, "updates": _updates, "summary": _summary, "menu": _menu, "jump": _jump,
}  # fmt: skip
