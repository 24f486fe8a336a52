"""Reading the body of a call: each part checked for its type and its limits, unknown fields noted."""

from collections.abc import Callable
from typing import Any

from tests.whatsapp.double.wire import Json, invalid, missing, param

Strange = Callable[[str], None]


def units(text: str) -> int:
    """The length of a label: what lies beyond the basic plane, as most emoji do, counts twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class Part:
    """An object within a body. `where` is its name in refusals, `known` are the fields that are not strange."""

    def __init__(self, raw: Any, where: str, known: str, strange: Strange) -> None:
        if not isinstance(raw, dict):
            raise param(f"Param {where} must be a JSON object.")
        self.raw: Json = raw
        self.where = where
        self._strange = strange
        for name in sorted(raw.keys() - set(known.split())):
            strange(f"{where or 'message'} field {name}")

    def __contains__(self, name: str) -> bool:
        return self.raw.get(name) is not None

    def part(self, name: str, known: str) -> "Part":
        """An object that has to be there."""
        if name not in self:
            raise missing(f"{self._named(name)} is required")
        return Part(self.raw[name], self._named(name), known, self._strange)

    def parts(self, name: str, known: str) -> "list[Part]":
        """A list of objects; empty if it is absent."""
        raw = self.raw.get(name, [])
        if not isinstance(raw, list):
            raise param(f"Param {self._named(name)} must be an array.")
        return [Part(one, f"{self._named(name)}[{number}]", known, self._strange) for number, one in enumerate(raw)]

    def text(self, name: str, most: int, *, least: int = 1, label: bool = False) -> str:
        """A text of that many characters that has to be there."""
        value = self.raw.get(name)
        if value is None:
            raise missing(f"{self._named(name)} is required")
        if not isinstance(value, str):
            raise param(f"Param {self._named(name)} must be a string.")
        length = units(value) if label else len(value)
        if length < least or (least and not value.strip()):
            raise invalid(f"{self._named(name)} must not be empty")
        if length > most:
            raise invalid(f"{self._named(name)} has {length} characters, {most} are allowed")
        return value

    def optional(self, name: str, most: int, *, label: bool = False) -> str:
        """A text that may be absent."""
        return self.text(name, most, label=label) if name in self else ""

    def word(self, name: str, *allowed: str) -> str:
        """One of a few words."""
        value = self.text(name, 64)
        if value not in allowed:
            raise invalid(f"{self._named(name)} is {value!r}, which is none of {', '.join(allowed)}")
        return value

    def strange(self, what: str) -> None:
        self._strange(f"{self.where or 'message'} {what}")

    def _named(self, name: str) -> str:
        return f"{self.where}.{name}" if self.where else name
