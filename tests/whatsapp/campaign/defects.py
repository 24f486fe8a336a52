"""Defects planted in the product on purpose: the shop is started with one of them, and the campaign has to name it.

`python -m tests.whatsapp.campaign.defects NAME` is `setrum serve` with that defect.
"""

import asyncio
import dataclasses
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

from bot import __main__ as setrum
from bot import ids
from bot.channels.whatsapp import reading
from bot.channels.whatsapp.channel import WhatsApp
from bot.channels.whatsapp.sending import Sending
from bot.messaging import inbox
from bot.messaging.sender import Sender
from tests.campaign.checker import Violation
from tests.campaign.plants import Planted
from tests.campaign.playing import Play, played
from tests.whatsapp.campaign import hour, kill


def _no_deduplication() -> None:
    """Every delivery is news."""
    whole = inbox.put

    def put(tx: Any, item: Any, *rest: Any, **more: Any) -> Any:
        is_said = item.kind in ("message", "tap")
        name = f"{item.ext_id}#{ids.nonce()}" if is_said else item.ext_id
        return whole(tx, dataclasses.replace(item, ext_id=name), *rest, **more)

    _replace(inbox, "put", put)


def _first_item_only() -> None:
    """Of what one post brings, the first."""
    whole = reading.split

    def split(raw: bytes, number: str, now: int) -> Any:
        delivery = whole(raw, number, now)
        return dataclasses.replace(delivery, heard=delivery.heard[:1], statuses=delivery.statuses[:1])

    _replace(reading, "split", split)


def _acknowledged_before_stored() -> None:
    """The 200 leaves first, and the rest is done when there is time."""
    whole, tasks = WhatsApp.ingest, set[asyncio.Task[None]]()

    async def later(self: WhatsApp, raw: bytes) -> None:
        await asyncio.sleep(0.2)
        await whole(self, raw)

    async def ingest(self: WhatsApp, raw: bytes) -> None:
        tasks.add(asyncio.create_task(later(self, raw)))

    _replace(WhatsApp, "ingest", ingest)


def _unsigned_taken() -> None:
    """Whoever posts is believed."""
    _replace(WhatsApp, "is_genuine", lambda *_: True)


def _repeated_without_heading() -> None:
    """What may have arrived is sent again as if it were new."""
    whole = Sender._send  # there is no other way to leave a safeguard out

    async def send(self: Sender, outgoing: Any) -> Any:
        return await whole(self, dataclasses.replace(outgoing, unknowns=0))

    _replace(Sender, "_send", send)


def _accepted_is_delivered() -> None:
    """A 200 is trusted: what fails later is nobody's business."""
    _heeds_statuses(lambda status: status.proof > 0)


def _proof_ignored() -> None:
    """A status that says that an unclear message went out is not heeded."""
    _heeds_statuses(lambda status: status.proof == 0)


def _no_template() -> None:
    """Outside the window nothing is said until the person writes."""
    _replace(Sending, "_template", lambda *_: None)


def _window_not_counted() -> None:
    """The platform will say when a window is closed."""
    _replace(Sending, "_is_closed", lambda *_: False)


def _heeds_statuses(which: Callable[[Any], bool]) -> None:
    whole = WhatsApp._settle  # there is no other way to leave a safeguard out

    def settle(self: WhatsApp, tx: Any, status: Any, now: int) -> bool:
        return whole(self, tx, status, now) if which(status) else True

    _replace(WhatsApp, "_settle", settle)


def _replace(owner: object, name: str, other: Any) -> None:
    setattr(owner, name, other)


_WEATHER = partial(hour.play, hours=0.12, agents=12, pause=30.0)
_KILLS = partial(kill.play, agents=6, kills=4, least=1)
DEFECTS: dict[str, tuple[Callable[[], None], frozenset[Violation], Any]] = {
    "a delivery is not compared with earlier ones": (_no_deduplication, frozenset({Violation.TWICE}), _WEATHER),
    "only the first item of a post is read": (_first_item_only, frozenset({Violation.LOST}), _WEATHER),
    "acknowledged before it is stored": (_acknowledged_before_stored, frozenset({Violation.LOST}), _KILLS),
    "signatures are not looked at": (_unsigned_taken, frozenset({Violation.FORGED}), _WEATHER),
    "a repeat has no heading": (_repeated_without_heading, frozenset({Violation.UNHEADED}), _WEATHER),
    "accepted is taken for delivered": (
        _accepted_is_delivered, frozenset({Violation.NO_TOKEN, Violation.NOT_TOLD}), _WEATHER,
    ),
    "proof of delivery is ignored": (_proof_ignored, frozenset({Violation.UNFOUNDED}), _WEATHER),
    "no template leaves": (_no_template, frozenset({Violation.NEVER}), _WEATHER),
    "the window's hours are not counted": (_window_not_counted, frozenset({Violation.OUTSIDE}), _WEATHER),
}  # fmt: skip


def caught(seed: int, jobs: int = 2) -> list[Planted]:
    """Each defect, and whether the campaign named it; what chance did not lead there is tried again."""
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(partial(tried, seed=seed), DEFECTS))


def tried(name: str, seed: int, tries: int = 3) -> Planted:
    """One of them."""
    _, wanted, play = DEFECTS[name]
    with_defect: Play = partial(play, program=("tests.whatsapp.campaign.defects", name))
    said = ""
    for number in range(tries):
        outcome = played("defect", with_defect, seed + number, "alone")
        said = ", ".join(sorted({one.name for one in outcome.found}))
        if wanted & {one.name for one in outcome.found}:
            return Planted(name, True, said)
    return Planted(name, False, said)


def main() -> int:
    """Serve with the defect named on the command line."""
    DEFECTS[sys.argv[1]][0]()
    return setrum.main(["serve"])


if __name__ == "__main__":
    sys.exit(main())
