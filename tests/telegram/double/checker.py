"""What can be read from the double's record about the bot that it served: a list of what it did wrong.

Looks at phones, calls and deliveries, and at the bot's own table of orders; never at what the bot thinks that it sent.
"""

from collections import Counter
from dataclasses import dataclass, field

from tests.double import story
from tests.double.tiny import HEADING
from tests.telegram.double import BotApi, Person


@dataclass(slots=True)
class Account(story.Account[int]):
    """With what happens on Telegram alone."""

    probes: list[int] = field(default_factory=list)  # how a wrong secret was answered


def findings(api: BotApi, account: Account) -> set[str]:
    """Nothing for a careful bot."""
    found = account.noted()
    for person in api.persons.values():
        found |= _questions(person) | _tokens(person, account)
    if any("can't parse entities" in call.outcome for call in api.calls):
        found.add("sent broken markup")
    if api.state.pace.refused:
        found.add("was too fast for a chat")
    if api.state.hook.drops_asked:
        found.add("dropped what waited")
    if any(200 <= status < 300 for status in account.probes):
        found.add("accepted a wrong secret")
    if api.webhook.executed:
        found.add("answered a delivery with a method")
    return found | {f"unsupported: {one}" for one in api.unsupported}


def _questions(person: Person) -> set[str]:
    """Every request gets one question, which is shown twice at most; every tap is answered."""
    found = set()
    shown: Counter[str] = Counter()
    for message in person.screen:
        looks = [message.buttons, *(edit.buttons for edit in message.edits)]
        shown.update({button.data for look in looks for row in look for button in row})
    asked = sum(one.text == "beli" for one in person.said)
    if len(shown) < asked:
        found.add("left somebody unanswered")
    if len(shown) > asked:
        found.add("handled an update twice")
    if any(count > 2 for count in shown.values()):
        found.add("repeated a question blindly")
    if person.spinning:
        found.add("left a tap unanswered")
    return found


def _tokens(person: Person, account: Account) -> set[str]:
    """Every order brings its token; copies after the first say that they are copies."""
    found = set()
    for chat, nonce in account.orders:
        if chat != person.id:
            continue
        copies = [one.text for one in person.screen if f"TOKEN {nonce}" in one.text.splitlines()]
        if not copies:
            found.add("lost a token")
        if account.orders.count((chat, nonce)) == 1 and any(not one.startswith(HEADING) for one in copies[1:]):
            found.add("sent an unmarked copy")
    return found
