"""The campaigns' page, docs/proof/whatsapp.md: what was played, what was counted, what was found, how to repeat it."""

from collections.abc import Sequence

from tests.campaign import report
from tests.campaign.outcome import Outcome
from tests.campaign.plants import Planted
from tests.campaign.report import summed, table
from tests.whatsapp.campaign import hour, kill, short, taps
from tests.whatsapp.campaign.stage import MODES

_SORTS = ("kill", "taps", "taps with kills", "weather", "short")
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
    ("updates", "messages and taps of people"),
    ("statuses", "statuses"),
    ("posts", "posts to the webhook"),
    ("redeliveries", "messages and statuses delivered once more"),
    ("turned away", "forged or unsigned posts, each answered 403"),
    ("calls", "calls of the platforms"),
    ("messages", "messages on the phones"),
    ("templates", "of which templates, outside the window"),
    ("headed", "of which repeats under their heading"),
    ("copies", "of which results that were on the phone already"),
    ("twice", "of which questions shown once more"),
    ("left open", "calls whose end nobody knew"),
    ("settled by status", "of which a status told the end"),
    ("said elsewhere", "results said in the agent's other chat"),
    ("faults", "faults of calls and deliveries"),
    ("asked again", "times that somebody asked again after 160 seconds"),
)
_WHAT = (
    "The Cloud API's double with its people, where it says so the Bot API's beside it, `setrum sandbox` and `setrum"
    " serve` are processes of their own, as in a shop; all that is compressed is time, by settings. The checker sees"
    " the phones, what people did, the supplier's ledger, every payment on the wire to it, what `setrum check` says,"
    " our balances, and every call as the platform took it: it believes no message that the phones do not show. Beside"
    " Telegram every other agent has a chat there, too, on the same deposit, and buys on both."
)
_CHECKED = (
    "Checked in each run: at most one payment for each purchase, at most one sale for each order; every sold token is"
    " on the phone on which it was ordered and on no other agent's; a further copy is headed KIRIM ULANG or SENT"
    " AGAIN, and comes only where a call was left open and no status told its end, or where it was said in the agent's"
    " other chat meanwhile; no question is shown more than twice, but for kills; nothing is said freely outside the"
    " window, nor tried there where the hours can be counted; in each chat messages appear in the order in which they"
    " were first tried; each message that the platform counts as taken is in our inbox, and handled once; a forged or"
    " unsigned post is answered 403, stored nowhere, and counted; balances and the supplier's deposit follow from the"
    " ledger to the rupiah, and nothing is left on hold; no call that the platform does not know or refuses by itself;"
    " no secret, token, meter, name or phone number in the log. Without faults everything said or tapped was answered;"
    " among them a question may get lost twice: there people ask again, and everything else holds all the same."
)
_NOT_IN_IT = (
    "The window is some seconds long there, so that it closes by itself often; the deadline of a call (20 seconds)"
    " and the 10 seconds after which a message that waits is passed by later ones are not compressed. Where the"
    " platform said that a message did not arrive, later ones may have come before its repeat, so order is not judged"
    " there. A kill spares what the kernel holds; for power cuts see [crash.md](crash.md) and [disk.md](disk.md). The"
    " supplier answers well here; [crash.md](crash.md) has the hostile one. Numbers that change hands are in"
    " `tests/services/test_addresses.py`. In short runs chance decides which faults come about. Around midnight WIB a"
    " purchase in doubt waits for the supplier's report, so balances are not judged then."
)


def text(
    outcomes: Sequence[Outcome], plants: Sequence[Planted], defects: Sequence[Planted], seed: int, factor: float
) -> str:  # fmt: skip
    """The page."""
    sorts = {name: summed(one for one in outcomes if one.name == name) for name in _SORTS}
    weather, shorts = ([one for one in outcomes if one.name == name] for name in ("weather", "short"))
    together = report.fired(weather), report.fired(shorts)
    kinds = sorted({kind for one in together for kind in one})
    parts = [
        "# Killed, tapped and lied to: the campaigns on WhatsApp",
        report.headline(outcomes, seed),
        _WHAT,
        _CHECKED,
        "## What was played",
        _played(outcomes, factor),
        "## What was counted",
        table(("", *_SORTS), ((words, *(sorts[name][key] for name in _SORTS)) for key, words in _COUNTS)),
        "## Violations",
        report.violations(outcomes),
        "## What was under way when it was killed",
        report.moments(outcomes),
        "## Faults",
        "A run of weather in which one of them never came about fails.",
        table(("fault", "weather", "short"), ((kind, *(one[kind] for one in together)) for kind in kinds)),
        "## Planted errors",
        "The same checker on a record in which nothing went wrong, one error planted in each.",
        report.planted(plants),
        "## Planted defects",
        "The product with a defect, under weather or kills, and what the checker said of it.",
        _caught(defects),
        "## What is not in it",
        _NOT_IN_IT,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _played(outcomes: Sequence[Outcome], factor: float) -> str:
    hours = summed(outcomes)["simulated seconds"] / 3_600
    beside = sum(one.mode == MODES[1] for one in outcomes)
    return (
        "- **Kill**: fifty agents buy at once, by taps and by typing, ask in between and tap twice; ten times at"
        f" random moments the shop is killed and started again at once; time compressed {kill.FACTOR:.0f} times.\n"
        f"- **Taps**: {taps.TAPS} taps on one payment within a second from two devices, each a message of its own, one"
        f" a post or all in one, each delivered again beside the others; and again with the shop killed in the middle;"
        f" time compressed {taps.FACTOR:.0f} times.\n"
        f"- **Weather**: {hours:g} hours in all, compressed {factor:.0f} times by the double's clock and the shop's"
        " `WAIT_…` settings alike; agents buy while calls, deliveries and statuses go wrong at random, windows close"
        f" (after {hour.WINDOW:.0f} seconds of silence, and at once for one in ten who pay), chats are blocked until"
        " their person writes again, numbers are hidden and shown, and forgers order and tap in people's names.\n"
        f"- **Short**: {short.AGENTS} agents buy, one call and one delivery in {1 / short.SHARE:.0f} go wrong, and the"
        f" shop is killed once or twice; time compressed {short.FACTOR:.0f} times.\n\n"
        f"{beside:,} of the runs were played beside Telegram."
    )


def _caught(defects: Sequence[Planted]) -> str:
    rows = ((one.what, "yes" if one.is_named else "**no**", one.said) for one in defects)
    return table(("the defect", "named", "as"), rows)
