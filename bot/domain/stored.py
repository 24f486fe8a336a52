"""Messages as JSON, so that an outbox row can be read in any language and by the next release.

A value is an object whose `$` names its kind; whatever is not in `message` is refused.
"""

import dataclasses
import json
from collections.abc import Mapping
from typing import cast

from bot.domain import message as kinds
from bot.domain.message import Message

_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        kinds.Rupiah,
        kinds.Amount,
        kinds.Nominal,
        kinds.Clock,
        kinds.Day,
        kinds.MeterNumber,
        kinds.TokenDigits,
        kinds.Text,
        kinds.Parts,
        kinds.Lines,
        kinds.Prose,
        kinds.Block,
        kinds.Draft,
        kinds.Option,
        kinds.Sheet,
        kinds.File,
        kinds.Chart,
        kinds.Message,
    )
}

_FIELDS = {kind: tuple(field.name for field in dataclasses.fields(kind)) for kind in _KINDS.values()}


def encode(message: Message) -> str:
    """The message as ASCII JSON."""
    return json.dumps(_out(message), separators=(",", ":"))


def decode(text: str) -> Message:
    """The message back, equal to what was encoded."""
    return cast("Message", _in(json.loads(text)))


def _out(value: object) -> object:
    kind = type(value)
    if (names := _FIELDS.get(kind)) is not None:
        return {"$": kind.__name__} | {name: _out(getattr(value, name)) for name in names}
    if kind is str or kind is int:
        return value
    if isinstance(value, tuple):
        return [_out(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): _out(item) for name, item in value.items()}
    return value


def _in(value: object) -> object:
    if isinstance(value, list):
        return tuple([_in(item) for item in value])
    if isinstance(value, dict):
        kind = value.pop("$", None)
        for name, item in value.items():
            if type(item) is list or type(item) is dict:
                value[name] = _in(item)
        return value if kind is None else _KINDS[kind](**value)
    return value
