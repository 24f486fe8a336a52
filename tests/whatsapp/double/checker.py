"""What can be read from the double's record about the bot that it served: a list of what it did wrong.

Looks at phones, calls and deliveries, and at the bot's own table of orders; never at what the bot thinks that it sent.
"""

from collections import Counter
from dataclasses import dataclass, field

from tests.double import story
from tests.double.tiny import HEADING
from tests.whatsapp.double import CloudApi, Person, Shown


@dataclass(slots=True)
class Account(story.Account[str]):
    """With what happens on WhatsApp alone."""

    strangers: set[str] = field(default_factory=set)  # who wrote to another number
    late: set[str] = field(default_factory=set)  # whose window was closed when it was time to send


def findings(api: CloudApi, account: Account) -> set[str]:
    """Nothing for a careful bot."""
    found = account.noted()
    for person in api.persons.values():
        found |= _questions(person) | _tokens(api, person, account)
    if api.pace.refused:
        found.add("was too fast for a person")
    if api.admitted:
        found.add("accepted a wrong signature")
    if any(one.status == 403 and not one.forged for one in api.webhook.posts):
        found.add("turned a signed delivery away")
    if any(one.person in account.late and one.failed == 131047 for one in api.calls):
        found.add("sent free-form outside of the window")
    if any(one.person in account.strangers for one in api.calls):
        found.add("answered for another number")
    return found | {f"unsupported: {one}" for one in api.unsupported} | {f"refused: {one}" for one in api.refused}


def _questions(person: Person) -> set[str]:
    """Every request gets one question, which is shown twice at most."""
    shown = Counter(option.id for one in person.screen for option in one.options)
    asked = sum(one.text.startswith("beli") for one in person.said)
    found = set()
    if len(shown) < asked:
        found.add("left somebody unanswered")
    if len(shown) > asked:
        found.add("handled a message twice")
    if any(count > 2 for count in shown.values()):
        found.add("repeated a question blindly")
    return found


def _tokens(api: CloudApi, person: Person, account: Account) -> set[str]:
    """Every order brings its token; copies after the first say that they are copies, and are needed."""
    found = set()
    for chat, nonce in account.orders:
        if chat != person.key:
            continue
        copies = [one for one in person.screen if _has(one, nonce)]
        if not copies:
            found.add("lost a token")
        if account.orders.count((chat, nonce)) > 1:
            continue
        if any(not (one.text.startswith(HEADING) or "(kirim ulang)" in one.text) for one in copies[1:]):
            found.add("sent an unmarked copy")
        if len(copies) > 1 and _was_told(api, copies[0], copies[1]):
            found.add("sent a needless copy")
    return found


def _was_told(api: CloudApi, first: Shown, second: Shown) -> bool:
    """Whether the bot had been told that the first went out when it sent the second."""
    sent = next(one.ticks for one in api.calls if one.wamid == second.wamid)
    return any(
        one.kind == "status" and one.id == first.wamid and one.state == "confirmed" and one.ended < sent
        for one in api.state.items.log
    )


def _has(shown: Shown, nonce: str) -> bool:
    return f"TOKEN {nonce}" in [*shown.text.splitlines(), *shown.parameters]
