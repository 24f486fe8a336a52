"""What a script may do for a customer who lost a token: prove a sale, ask its seller, remember or forget a meter.

Each is one call of a service. The log keeps no token: what was found is said in the turn that found it.
"""

from bot.conversation.script import Effect, Turn
from bot.domain import stored
from bot.services import recovery, requests
from bot.services.recovery import Outcome, Proof


class Prove(Effect[Outcome]):
    """What a proof brings: the token in its own message and what it is, or the neutral answer."""

    def __init__(self, number: str, proof: Proof) -> None:
        self.name = "prove"
        self.number = number
        self.proof = proof

    def perform(self, turn: Turn) -> Outcome:
        """Count the try, look, and note what was fetched."""
        return recovery.prove(turn.tx, self.number, self.proof, turn.person, turn.shop, turn.now)

    def dump(self, value: Outcome) -> str:
        """Only what a talk can go on from; whatever was found ends it in the same turn."""
        return "" if value.found else stored.encode(value.messages[0])

    def load(self, turn: Turn, logged: str) -> Outcome:
        """The neutral answer back."""
        return Outcome(False, (stored.decode(logged),))


class KnownUntil(Effect[int]):
    """Until when this chat's proof of the meter is remembered; 0 if it is not."""

    def __init__(self, number: str) -> None:
        self.name = "known_until"
        self.number = number

    def perform(self, turn: Turn) -> int:
        """By what the chat asked to have remembered."""
        return recovery.known_until(turn.tx, self.number, turn.person, turn.now) or 0

    def load(self, turn: Turn, logged: str) -> int:
        """As it was."""
        return int(logged)


class HasNumber(Effect[bool]):
    """Whether the chat's own name is a phone number, so that nothing need be shared."""

    def __init__(self) -> None:
        self.name = "has_number"

    def perform(self, turn: Turn) -> bool:
        """By its sure names."""
        return recovery.has_number(turn.tx, turn.person)

    def load(self, turn: Turn, logged: str) -> bool:
        """As it was."""
        return logged == "True"


class AskSeller(Effect[None]):
    """Note that the seller is to be asked, if there is one."""

    def __init__(self, number: str) -> None:
        self.name = "ask_seller"
        self.number = number

    def perform(self, turn: Turn) -> None:
        """Whose sale it is, is looked for later."""
        requests.ask(turn.tx, self.number, turn.person, turn.shop, turn.now)

    def load(self, turn: Turn, logged: str) -> None:
        """Nothing comes of it here."""


class Forget(Effect[None]):
    """Remember the meter no longer."""

    def __init__(self, number: str) -> None:
        self.name = "forget"
        self.number = number

    def perform(self, turn: Turn) -> None:
        """For this chat."""
        recovery.forget(turn.tx, self.number, turn.person)

    def load(self, turn: Turn, logged: str) -> None:
        """Nothing comes of it."""
