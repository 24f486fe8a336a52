"""The double from outside: persons, faults, clock and record over HTTP, for campaigns that kill the bot's process.

Runs on a port of its own.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tests.double import control
from tests.double.faults import kind_of
from tests.whatsapp.double.wire import Json

if TYPE_CHECKING:
    from tests.whatsapp.double.server import CloudApi

_ACTS = {
    "say", "tap", "template_tap", "send_photo", "send_document", "voice", "sticker", "location", "contact",
    "unsupported", "unknown", "reaction", "block", "unblock", "change_number", "hide_number", "show_number",
}  # fmt: skip
_NEWS = {"account_error", "account_update", "template_event", "template_quality", "number_quality", "status", "foreign"}
_SETTINGS = {"statuses", "pace", "window"}
Do = Callable[["CloudApi", Json], Awaitable[Any]]


async def _person(api: "CloudApi", wanted: Json) -> Any:
    return api.person(**wanted).key


async def _act(api: "CloudApi", wanted: Json) -> Any:
    person = api.persons[wanted.pop("person")]
    return control.carry_out(person, wanted.pop("act"), _ACTS, wanted)


async def _screen(api: "CloudApi", wanted: Json) -> Any:
    person = api.persons[wanted["person"]]
    return {
        "screen": [one.look() for one in person.screen], "said": [one.look() for one in person.said],
        "read": person.read, "typing": person.typing, "mark": person.mark(),
        "number": person.number, "user_id": person.user_id,
    }  # fmt: skip


async def _sees(api: "CloudApi", wanted: Json) -> Any:
    person = api.persons[wanted.pop("person")]
    return (await person.sees(**wanted)).look()


async def _fault(api: "CloudApi", wanted: Json) -> Any:
    api.fault(wanted.pop("what", None), kind_of(wanted.pop("kind")), **wanted)
    return True


async def _set(api: "CloudApi", wanted: Json) -> Any:
    """`{"what": "statuses", "early": 0.5, …}`: settings of the statuses, the pace or the window."""
    what = wanted.pop("what")
    if what not in _SETTINGS:
        raise ValueError(what)
    settings = getattr(api, what)
    for name, value in wanted.items():
        if not hasattr(settings, name):
            raise ValueError(name)
        setattr(settings, name, tuple(value) if isinstance(value, list) else value)
    return True


async def _fail(api: "CloudApi", wanted: Json) -> Any:
    api.statuses.fail(**wanted)
    return True


async def _template(api: "CloudApi", wanted: Json) -> Any:
    api.templates.register(**wanted | {"buttons": tuple(wanted.get("buttons", ()))})
    return True


async def _news(api: "CloudApi", wanted: Json) -> Any:
    return control.carry_out(api, wanted.pop("what"), _NEWS, wanted)


async def _deliver_to(api: "CloudApi", wanted: Json) -> Any:
    api.deliver_to(wanted["url"])
    return True


async def _verified(api: "CloudApi", _wanted: Json) -> Any:
    return await api.verified()


async def _mail(api: "CloudApi", wanted: Json) -> Any:
    """`hold`, `flush`, `hurry`, or a `batch` size."""
    if "batch" in wanted:
        api.mail.batch(int(wanted["batch"]))
    match wanted.get("act"):
        case "hold":
            api.mail.hold()
        case "flush":
            api.mail.flush()
        case "hurry":
            api.webhook.hurry()
    return True


async def _again(api: "CloudApi", wanted: Json) -> Any:
    for _ in range(int(wanted.get("times", 1))):
        api.again(api.state.items.find(wanted["id"]))
    return True


async def _idle(api: "CloudApi", wanted: Json) -> Any:
    await api.idle(**wanted)
    return True


async def _calls(api: "CloudApi", wanted: Json) -> Any:
    return [one.look() for one in api.calls[int(wanted.get("after", 0)) :]]


async def _items(api: "CloudApi", _wanted: Json) -> Any:
    names = ("number", "kind", "id", "person", "born", "state", "handed", "fails")
    return [{name: getattr(one, name) for name in names} for one in api.state.items.log]


async def _summary(api: "CloudApi", _wanted: Json) -> Any:
    states = [one.state for one in api.state.items.log]
    return {
        "fired": api.fired, "unsupported": api.unsupported, "refused": api.refused, "calls": len(api.calls),
        "posts": len(api.webhook.posts), "items": {name: states.count(name) for name in sorted(set(states))},
        "followed": api.followed, "admitted": api.admitted, "paced": api.pace.refused, "webhook": api.webhook.url,
        "verified": api.webhook.is_verified,
    }  # fmt: skip


DOES: dict[str, Do] = {
    **control.SHARED,
    "person": _person, "act": _act, "screen": _screen, "sees": _sees, "fault": _fault, "set": _set, "fail": _fail,
    "template": _template, "news": _news, "deliver_to": _deliver_to, "verified": _verified, "mail": _mail,
    "again": _again, "idle": _idle, "calls": _calls, "items": _items, "summary": _summary,
}  # fmt: skip
