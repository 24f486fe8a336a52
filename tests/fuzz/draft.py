"""An answer while it is being spoilt: first as elements, then as bytes; every choice comes from one seeded chance."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.fuzz.corpus import Base, Family, corpus

HEAD = '<?xml version="1.0"?>\n'


@dataclass(slots=True)
class Draft:
    """`elements` are names and their raw, escaped insides; `body` holds only once they are written."""

    chance: Random
    base: Base
    head: str = HEAD
    elements: list[tuple[str, str]] = field(default_factory=list)
    open_tag: str = "<root>"
    close_tag: str = "</root>\n"
    glue: str = "\n"
    raw: dict[int, str] = field(default_factory=dict)  # markup that stands instead of the element at a place
    body: bytes = b""

    def index(self, *names: str) -> int | None:
        """Where an element of that name stands: any of them, or any at all without names."""
        places = [place for place, (name, _) in enumerate(self.elements) if not names or name in names]
        return self.chance.choice(places) if places else None

    def change(self, place: int | None, value: Callable[[str], str]) -> None:
        """Give the element another inside."""
        if place is not None:
            name, inside = self.elements[place]
            self.elements[place] = (name, value(inside))

    def another(self, family: Family | None = None) -> Base:
        """Another answer of the same kind, or of that family."""
        return self.chance.choice(corpus()[family or self.base.family])

    def text_changed(self, old: str, new: str) -> None:
        """Replace within `text`."""
        self.change(self.index("text"), lambda inside: inside.replace(old, new))

    def write(self) -> None:
        """Elements become bytes."""
        parts = [
            self.raw.get(place, f"<{name}>{inside}</{name}>") for place, (name, inside) in enumerate(self.elements)
        ]
        self.body = (self.head + self.glue.join([self.open_tag, *parts, self.close_tag])).encode("utf-8", "replace")
