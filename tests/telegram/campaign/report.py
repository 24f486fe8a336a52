"""The campaign's page, docs/proof/telegram.md: what was played, what was counted, what was found, how to repeat it."""

from collections import Counter
from collections.abc import Sequence

from tests.campaign import report
from tests.campaign.checker import OVERTAKES_AFTER
from tests.campaign.outcome import Outcome
from tests.campaign.plants import Planted
from tests.campaign.report import summed, table
from tests.telegram.campaign import kill, taps
from tests.telegram.campaign.flood import BLUE, FOUL

_SORTS = ("kill", "taps", "taps with kills", "hour")
_COUNTS = (
    ("runs", "runs"),
    ("kills", "SIGKILLs"),
    ("orders", "orders begun"),
    ("purchases", "purchases"),
    ("sales", "sales in the supplier's books"),
    ("payments", "payments on the wire"),
    ("advices", "advices on the wire"),
    ("failed", "purchases that ended unsold"),
    ("settled by hand", "of which by the owner: killed before the payment left"),
    ("taps", "taps"),
    ("updates", "updates"),
    ("redeliveries", "updates delivered once more"),
    ("calls", "calls of the Bot API"),
    ("messages", "messages on the phones"),
    ("headed", "of which repeats under their heading"),
    ("twice", "of which questions shown once more"),
    ("faults", "faults"),
    ("flooding messages", "messages of the flooding chat"),
    ("asked again", "times that somebody asked again after 160 seconds"),
)
_WHAT = (
    "The Bot API's double with its people, `setrum sandbox` and `setrum serve` are processes of their own, as in a"
    " shop; all that is compressed is time, by settings. The checker sees the phones, what people did, the supplier's"
    " ledger, every payment on the wire to it, what `setrum check` says, and our balances: it believes no message that"
    " the phones do not show."
)
_CHECKED = (
    "Checked in each run: everything that a person said or tapped was answered, and each order came to its end; each"
    " update that the platform counts as taken is in our inbox; at most one payment for each purchase, at most one sale"
    " for each order; every sold token is on its agent's phone and on no other; every further copy is headed KIRIM"
    " ULANG or SENT AGAIN; in each chat messages appear in the order in which they were first tried, the card before"
    " the token, the token before the word of the money; balances and the supplier's deposit follow from the ledger to"
    " the rupiah, and nothing is left on hold; no token, secret or name in the log; no call that the platform refuses."
    " Among faults a question may get lost twice: there people ask again, and everything else holds all the same."
)


def text(outcomes: Sequence[Outcome], plants: Sequence[Planted], seed: int, factor: float) -> str:
    """The page."""
    sorts = {name: summed(one for one in outcomes if one.name == name) for name in _SORTS}
    hours = [one for one in outcomes if one.name == "hour"]
    parts = [
        "# Killed, tapped and lied to: the campaigns on Telegram",
        report.headline(outcomes, seed),
        _WHAT,
        _CHECKED,
        "## What was played",
        _played(sorts, factor),
        "## What was counted",
        table(
            ("", *_SORTS),
            ((words, *(sorts[name][key] for name in _SORTS)) for key, words in _COUNTS),
        ),
        "## Violations",
        report.violations(outcomes),
        "## What was under way when it was killed",
        report.moments(outcomes),
        "## Faults of the hours",
        "A run in which one of them never came about fails.",
        table(("fault", "times"), sorted(report.fired(hours).items())),
        "## The flood, as the others felt it",
        _flood(hours),
        "## Planted errors",
        "The same checker on a record in which nothing went wrong, one error planted in each.",
        report.planted(plants),
        "## What is not in it",
        _NOT_IN_IT,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


_NOT_IN_IT = (
    "What a 429 asks to wait, the deadline of a call (20 seconds), and the "
    f"{OVERTAKES_AFTER + 0.1:.0f} seconds after which a message that waits is passed by later ones are not compressed:"
    " they weigh as many times heavier as time is compressed. A kill spares what the kernel holds; for power cuts see"
    " [crash.md](crash.md) and [disk.md](disk.md). The supplier answers well here; [crash.md](crash.md) has the"
    " hostile one. A question killed while it is sent is shown once more after each kill, for silence would be worse."
    " Around midnight WIB a purchase in doubt waits for the supplier's report, so balances are not judged then."
)


def _played(sorts: dict[str, Counter[str]], factor: float) -> str:
    hours = sorts["hour"]["simulated seconds"] / 3_600
    return (
        f"- **Kill**: fifty agents buy at once, by taps and by typing, ask in between and tap twice; ten times at"
        f" random moments the shop is killed and started again at once. Polling and webhook in turn; time compressed"
        f" {kill.FACTOR:.0f} times.\n"
        f"- **Taps**: {taps.TAPS} taps on one payment within a second from two devices, each under an update and a"
        f" callback id of its own, some of them doubled by the platform, delivered side by side; in both modes, and"
        f" again with the shop killed in the middle. Time compressed {taps.FACTOR:.0f} times.\n"
        f"- **Hours of faults**: {hours:g} hours in all, half of them by polling, compressed {factor:.0f} times by the"
        " double's clock and the shop's `WAIT_…` settings alike; thirty agents buy while calls and deliveries go"
        " wrong at random, connections are refused, the platform is away for minutes twice a run, and one chat floods"
        " in each second quarter."
    )


def _flood(outcomes: Sequence[Outcome]) -> str:
    """Answer times without and with the flood, in seconds of the double's clock."""
    rows = [
        (one.mode, name, f"{seconds:.1f}", f"{one.times[f'{name}, flooded']:.1f}")
        for one in outcomes
        for name, seconds in one.times.items()
        if not name.endswith("flooded")
    ]
    bound = (
        f"Seconds of the double's clock from what somebody said to its answer, payments left out. With the flood it"
        f" may take {BLUE[0]:.0f} times as long and {BLUE[1]:.0f} seconds more under a blue sky, {FOUL[0]:.0f} times"
        f" and {FOUL[1]:.0f} seconds among faults."
    )
    return f"{bound}\n\n{table(('mode', 'sky', 'without', 'with the flood'), rows)}"
