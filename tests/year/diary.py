"""What the simulation did, as it did it: the third recount, from nothing that the shop wrote but a row's state."""

from bisect import bisect_right
from dataclasses import dataclass, field

OPEN = ("CONFIRMED", "SENDING", "UNKNOWN", "VERIFY", "MANUAL")


@dataclass(slots=True)
class Deal:
    """One confirmed purchase, at the price that the simulation reckoned itself; rupiah and epoch milliseconds.

    `moves` are the states that it was seen in and since when; `decided` is how a late sale was settled, and when.
    One that was settled `by_hand` or by a report has no kWh: neither names them.
    """

    number: int
    trxid: str
    agent: int
    msn: str
    nominal: int
    adm: int
    surcharge: int
    rebate: int
    confirmed_at: int
    fate: str
    moves: list[tuple[int, str]] = field(default_factory=list)
    taken_adm: int = 0
    decided: tuple[int, str] | None = None
    by_hand: bool = False

    @property
    def price(self) -> int:
        return self.nominal + self.adm + self.surcharge

    @property
    def state(self) -> str:
        return self.moves[-1][1]

    def state_at(self, at: int) -> str:
        """The state that it was in at the moment; '' before it was confirmed."""
        place = bisect_right(self.moves, at, key=lambda move: move[0])
        return self.moves[place - 1][1] if place else ""

    @property
    def cost(self) -> int:
        """What the supplier took for it in the end."""
        return self.nominal + self.taken_adm - self.rebate

    def decided_by(self, at: int) -> str:
        """How the late sale had been settled by then: `paid`, `loss` or not yet."""
        return self.decided[1] if self.decided is not None and self.decided[0] <= at else ""


@dataclass(slots=True)
class Diary:
    """Deals by number, and every rupiah that the simulation moved by itself."""

    deals: dict[int, Deal] = field(default_factory=dict)
    unsettled: dict[int, Deal] = field(default_factory=dict)  # what may still move
    changed: dict[int, Deal] = field(default_factory=dict)  # what has moved or was decided since this was emptied
    topped_up: dict[int, int] = field(default_factory=dict)  # agent → rupiah, by whatever way
    owed: dict[int, int] = field(default_factory=dict)  # agent → rupiah
    sent_to_supplier: int = 0
    till: int = 0
    refused: dict[str, int] = field(default_factory=dict)  # what was not placed, by the words' key
    deeds: dict[str, int] = field(default_factory=dict)  # what else happened, counted
    _spent: dict[int, int] = field(default_factory=dict)

    def deal(self, made: Deal) -> None:
        """Write a new deal down."""
        self.deals[made.number] = self.unsettled[made.number] = made

    def move(self, made: Deal, at: int, state: str, taken_adm: int | None) -> None:
        """It was seen in a state; what is new is kept."""
        if made.moves and made.state == state:
            return
        made.moves.append((at, state))
        self.changed[made.number] = made
        if taken_adm is not None:
            made.taken_adm = taken_adm
        if state == "SUCCESS":
            self.unsettled.pop(made.number, None)

    def decide(self, made: Deal, at: int, how: str) -> None:
        """The late sale was settled as `paid` or as a `loss`."""
        made.decided = (at, how)
        self.changed[made.number] = made
        if how == "paid":
            self.spend(made)

    def did(self, what: str) -> None:
        """Count it."""
        self.deeds[what] = self.deeds.get(what, 0) + 1

    # sums

    def balance(self, agent: int) -> int:
        """What the shop owes the agent: what he brought less what he bought."""
        return self.topped_up.get(agent, 0) - self._spent.get(agent, 0)

    def spend(self, made: Deal) -> None:
        """The agent has paid the price."""
        self._spent[made.agent] = self._spent.get(made.agent, 0) + made.price
