"""Message templates: which there are in which language, whether they may be sent, and what they say when filled."""

import re
from dataclasses import dataclass, field

from tests.whatsapp.double.wire import Json, Refused

BODY = 1024
_VARIABLE = re.compile(r"\{\{(\d+)\}\}")
_STATES = {"approved", "paused", "rejected", "disabled"}


@dataclass(slots=True)
class Template:
    """One template in one language; `buttons` are quick replies."""

    name: str
    language: str
    body: str
    state: str = "approved"
    buttons: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Of its variables."""
        return len(set(_VARIABLE.findall(self.body)))

    def filled(self, parameters: list[str]) -> str:
        """What is shown; refuses parameters that do not fit."""
        if len(parameters) != self.count:
            raise Refused(
                132000, f"body: number of localizable_params ({len(parameters)}) does not match "
                f"the expected number of params ({self.count})",
            )  # fmt: skip
        for number, one in enumerate(parameters, 1):
            if re.search(r"[\n\r\t]| {5}", one):
                raise Refused(132018, f"body parameter {number} has a new line, a tab or more than 4 spaces in a row")
        text = _VARIABLE.sub(lambda found: parameters[int(found[1]) - 1], self.body)
        if len(text) > BODY:
            raise Refused(132005, f"body has {len(text)} characters when filled, {BODY} are allowed")
        return text


@dataclass(slots=True)
class Templates:
    """The account's templates."""

    known: dict[tuple[str, str], Template] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.register(
            "token_siap", "id", "Token listrik {{1}} untuk meter {{2}} ({{3}} kWh), trx {{4}}. Simpan pesan ini."
        )
        self.register(
            "token_siap", "en", "Electricity token {{1}} for meter {{2}} ({{3}} kWh), trx {{4}}. Keep this message."
        )
        self.register("status_pembelian", "id", "Pembelian trx {{1}}: {{2}}. Balas pesan ini untuk rincian.")
        self.register("status_pembelian", "en", "Purchase trx {{1}}: {{2}}. Reply to this message for details.")

    def listed(self) -> Json:
        """As the account's list tells."""
        rows = [
            {"name": one.name, "language": one.language, "status": one.state.upper(), "category": "UTILITY"}
            for one in self.known.values()
        ]
        return {"data": rows, "paging": {}}

    def register(
        self, name: str, language: str, body: str, state: str = "approved", buttons: tuple[str, ...] = ()
    ) -> Template:
        """A new template, or a new text of a known one; one that begins or ends with a variable is never approved."""
        if _VARIABLE.match(body) or re.search(r"\{\{\d+\}\}$", body):
            raise ValueError("variables may not open or close a body")
        self.known[name, language] = Template(name, language, body, state, buttons)
        return self.known[name, language]

    def set(self, name: str, state: str, language: str | None = None) -> None:
        """Approved, paused, rejected or disabled, in one language or in all."""
        assert state in _STATES, state
        for one in self.known.values():
            if one.name == name and language in (None, one.language):
                one.state = state

    def forget(self, name: str, language: str | None = None) -> None:
        for key in [key for key in self.known if key[0] == name and language in (None, key[1])]:
            del self.known[key]

    def usable(self, name: str, language: str) -> Template:
        """The template, or why it cannot be sent."""
        found = self.known.get((name, language))
        if found is None or found.state == "rejected":
            raise Refused(132001, f"template name ({name}) does not exist in {language}")
        if found.state == "paused":
            raise Refused(132015, f"template {name} is paused for its quality")
        if found.state == "disabled":
            raise Refused(132016, f"template {name} was paused too often")
        return found
