"""The checker: phones and deeds held against the supplier's books, and our books against both. It believes no bot.

Every violation has a name, and each name is proved by an error planted in the evidence of a run without any.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from tests.campaign.evidence import Chat, Evidence, Key, Line, bare

MARKUP = 400
_UNDER_WAY = 1.0  # seconds for which a call outlives the process that made it
OVERTAKES_AFTER = 9.9  # seconds for which a message that waits may hold up its chat, then later ones pass it

_TOKEN = re.compile(r"(\d{4}(?: \d{4}){4})\nMeter ([\d ]+) · .* · (T\d+) · ")
# in a template the lines stand beside each other
_DONE = re.compile(r"(?:✅ (?:Token sudah|The token is)[^✅]*)?✅ (?:SUKSES|SUCCESS) (T\d+) · (?:.|\n)*−")
_FAILED = re.compile(r"↩️ (T\d+) ")
_PENDING = re.compile(r"⏳ (?:Sedang diproses PLN|PLN is processing) · (T\d+)\n")
_CARD = re.compile(r"💳 (?:.|\n)*?Meter ([\d ]+) · ")
_APOLOGY = re.compile(r"gagal kami proses|could not handle that message")


class Violation(StrEnum):
    """What must never happen."""

    UNANSWERED = "something said or tapped that was never answered"
    LOST = "an update acknowledged and not stored"
    DEAD = "an update that could not be handled"
    PAID_TWICE = "two payments for one purchase"
    SOLD_TWICE = "two sales for one order"
    NO_TOKEN = "a sold purchase whose token is not on its agent's phone"
    ELSEWHERE = "a token on a phone to which it was not sold"
    NOT_TOLD = "a purchase whose agent was not told how it ended"
    CONTRADICTED = "a purchase told failed and sold"
    UNHEADED = "a repeat without its heading"
    COPIES = "a question shown too often"
    ORDER = "messages of a chat in another order than they were said"
    BALANCE = "a balance that does not add up"
    HELD = "money still on hold"
    OPEN = "a purchase still open after everything came to rest"
    UNKIND = "an apology instead of an answer"
    AUDIT = "the audit complains"
    COMPLAINT = "a call that the platform does not take"
    LEAK = "a secret in the log"
    RESTLESS = "something that never came to rest"
    HARMED = "chats slowed down by another chat's flood"
    UNFOUNDED = "a repeat of what was clear"
    OUTSIDE = "something said freely while the window was closed"
    FORGED = "a forged delivery that was taken, or not counted"
    TWICE = "one delivery handled twice"
    BROKEN = "a run that broke off"
    NEVER = "a planned fault that never came about"


@dataclass(frozen=True, slots=True)
class Found:
    """One violation."""

    name: Violation
    detail: str

    def __str__(self) -> str:
        return f"{self.name}: {self.detail}"


@dataclass(slots=True)
class Story:
    """The phones, read: who saw which token when, and what was said about each sale, by chat, in order."""

    chats: dict[Chat, list[Line]]
    tokens: dict[str, list[Line]]
    said: dict[tuple[Chat, int | None, str], list[Line]]  # critical messages by chat, what they answer, and their words
    resent: int = 0

    @classmethod
    def of(cls, evidence: Evidence) -> "Story":
        """Read all phones."""
        story = cls(defaultdict(list), defaultdict(list), defaultdict(list))
        for line in sorted(evidence.lines, key=lambda one: one.id):
            if line.mine:
                continue
            story.chats[line.chat].append(line)
            text = bare(line.text)
            story.resent += line.is_result and text != line.text
            if token := _TOKEN.match(text):
                story.tokens[token[1].replace(" ", "")].append(line)
            if line.is_result:
                story.said[line.chat, line.reply_to, text].append(line)
        return story


def check(evidence: Evidence) -> list[Found]:
    """Every violation."""
    story = Story.of(evidence)
    found = [Found(Violation.AUDIT, line) for line in evidence.audit]
    found += [Found(Violation.COMPLAINT, line) for line in evidence.complaints]
    found += [Found(Violation.LEAK, line) for line in evidence.leaks]
    found += [Found(Violation.LOST, line) for line in evidence.lost]
    found += [Found(Violation.DEAD, line) for line in evidence.dead]
    for part in (_wire, _tokens, _told, _copies, _order, _line, _money, _rest):
        found += part(evidence, story)
    return found


def unanswered(evidence: Evidence) -> list[Found]:
    """What people said or tapped in vain, chats whose last word is not the shop's, and orders without an end."""
    found = [Found(Violation.UNANSWERED, f"{one.chat}: {one.what}") for one in evidence.deeds if one.seconds < 0]
    return [
        *found,
        *last_words(evidence),
        *(
            Found(Violation.UNANSWERED, f"{one.chat}: order of {one.meter} without an end")
            for one in evidence.intents
            if one.ended in {"", "in doubt"}
        ),
    ]


def last_words(evidence: Evidence) -> list[Found]:
    """Chats whose last word is not the shop's."""
    spoken: dict[Chat, float] = {}
    for line in evidence.lines:
        if line.mine:
            spoken[line.chat] = max(spoken.get(line.chat, 0.0), line.at)
    for tap in evidence.taps:
        spoken[tap.chat] = max(spoken.get(tap.chat, 0.0), tap.at)
    heard: dict[Chat, float] = defaultdict(float)
    for line in evidence.lines:
        if not line.mine:
            heard[line.chat] = max(heard[line.chat], *line.moments)
    return [
        Found(Violation.UNANSWERED, f"{chat}: nothing came after the last word")
        for chat, at in spoken.items()
        if heard[chat] < at
    ]


def _wire(evidence: Evidence, _: Story) -> Iterator[Found]:
    for trxid, count in evidence.payments.items():
        if count > 1:
            yield Found(Violation.PAID_TWICE, f"{trxid} {count} times")
    for (msn, nominal), count in Counter((one.msn, one.nominal) for one in evidence.sales).items():
        intents = sum((one.meter, one.amount) == (msn, nominal) for one in evidence.intents)
        if count > intents:
            yield Found(Violation.SOLD_TWICE, f"{msn} {nominal}: {count} sales, {intents} orders")


def _tokens(evidence: Evidence, story: Story) -> Iterator[Found]:
    """Each sale's token is on the phone of whoever ordered it, and on none but his; no other token is on any phone."""
    buyers = {(one.meter, one.amount): one.chat for one in evidence.intents}
    known = set()
    for one in evidence.sales:
        known.add(one.tokens[-1])
        lines = story.tokens.get(one.tokens[-1], [])
        chats = {line.chat for line in lines}
        buyer = buyers.get((one.msn, one.nominal))
        if buyer not in chats and not (evidence.midnight and not chats):
            yield Found(Violation.NO_TOKEN, f"{one.trxid} of {buyer}: {one.tokens[-1]}")
        if {evidence.account(chat) for chat in chats} - {evidence.account(buyer)}:
            yield Found(Violation.ELSEWHERE, f"{one.tokens[-1]} on {sorted(map(str, chats))}")
        for line in lines:
            shown = _TOKEN.match(bare(line.text))
            if shown and shown[2].replace(" ", "") != one.msn:
                yield Found(Violation.ELSEWHERE, f"{one.tokens[-1]} shown for meter {shown[2]}")
    for digits in story.tokens.keys() - known:
        yield Found(Violation.ELSEWHERE, f"{digits} was never sold")


def _told(evidence: Evidence, story: Story) -> Iterator[Found]:
    """Whose token came also hears of the money; nobody hears of a failure and of a sale."""
    for (account, sale), kinds in _kinds(evidence, story).items():
        if ("token" in kinds) != ("done" in kinds):
            yield Found(Violation.NOT_TOLD, f"{sale} of {account}: only {sorted(kinds)}")
        if {"failed", "done"} <= kinds:
            yield Found(Violation.CONTRADICTED, f"{sale} of {account}")
    for chat, lines in story.chats.items():
        for line in lines:
            if _APOLOGY.search(line.text):
                yield Found(Violation.UNKIND, f"{chat}: {line.text[:60]}")
    sold = {(one.msn, one.nominal) for one in evidence.sales}
    for one in evidence.intents:
        if one.ended in {"sold", "failed"} and ((one.meter, one.amount) in sold) != (one.ended == "sold"):
            yield Found(Violation.CONTRADICTED, f"{one.chat} was told: {one.meter} {one.ended}")


def _kinds(evidence: Evidence, story: Story) -> dict[tuple[str, str], set[str]]:
    """What was said of each sale to each account."""
    said: dict[tuple[str, str], set[str]] = defaultdict(set)
    for chat, _, text in story.said:
        account = evidence.account(chat)
        if token := _TOKEN.match(text):
            said[account, token[3]].add("token")
        for kind, form in (("done", _DONE), ("failed", _FAILED)):
            if match := form.match(text):
                said[account, match[1]].add(kind)
    return said


def _copies(evidence: Evidence, story: Story) -> Iterator[Found]:
    """What may be repeated says that it is a repeat; a question has two copies at most, and one more for each kill."""
    for (chat, _reply, text), lines in story.said.items():
        plain = [line for line in lines if line.text == text]
        if len(plain) > 1 or (plain and plain[0] is not lines[0]):
            yield Found(Violation.UNHEADED, f"{chat}: {text[:50]!r} {len(plain)} times")
    for digits, lines in story.tokens.items():
        plainly = Counter(line.chat for line in lines if line.text == bare(line.text))
        yield from (Found(Violation.UNHEADED, f"token {digits}") for count in plainly.values() if count > 1)
    for lines in story.chats.values():
        shown: dict[str, list[float]] = defaultdict(list)
        for line in lines:
            if line.nonce and not line.is_result:
                shown[line.nonce].append(line.at)
        for nonce, times in shown.items():
            kills = sum(times[0] - _UNDER_WAY <= at <= times[-1] for at in evidence.kills)
            if len(times) > max(2, 1 + kills):
                yield Found(Violation.COPIES, f"{lines[0].chat}: buttons {nonce} {len(times)} times")


def overtaken(evidence: Evidence, earlier: Line, later: Line) -> bool:
    """Whether the earlier message had been tried for so long that the later one was allowed to pass it, or let go."""
    first = evidence.tried.get(earlier.key)
    return earlier.key in evidence.let_go or (first is not None and later.at - first >= OVERTAKES_AFTER)


def _order(evidence: Evidence, story: Story) -> Iterator[Found]:
    """In each chat the card comes before its token, the token before the word of the money, doubt before both."""
    for chat, lines in story.chats.items():
        cards: set[str] = set()
        first: dict[tuple[str, str], Line] = {}
        for line in lines:
            text = bare(line.text)
            if card := _CARD.search(text):
                cards.add(card[1])
            if (token := _TOKEN.match(text)) and line.is_result:
                if token[2] not in cards:
                    yield Found(Violation.ORDER, f"{chat}: the token for {token[2]} before its card")
                first.setdefault((token[3], "token"), line)
            for kind, form in (("pending", _PENDING), ("done", _DONE), ("failed", _FAILED)):
                if (match := form.match(text)) and line.is_result:
                    first.setdefault((match[1], kind), line)
        for (sale, kind), line in first.items():
            for follows in {"pending": ("token", "failed"), "token": ("done",)}.get(kind, ()):
                later = first.get((sale, follows))
                if later is not None and later.id < line.id and not overtaken(evidence, line, later):
                    yield Found(Violation.ORDER, f"{chat}: {sale} {follows} before {kind}")


def _line(evidence: Evidence, story: Story) -> Iterator[Found]:
    """In each chat messages appear in the order in which they were first tried.

    Held to it is what can be told from its like: what has buttons of its own, or answers an order.
    """
    for chat, lines in story.chats.items():
        seen: set[Key] = set()
        latest: tuple[float, Line] | None = None
        for line in lines:
            tried = evidence.tried.get(line.key)
            if tried is None or line.key in seen or not (line.nonce or line.reply_to):
                continue
            seen.add(line.key)
            if latest is not None and tried < latest[0] and not overtaken(evidence, line, latest[1]):
                yield Found(Violation.ORDER, f"{chat}: {line.text[:30]!r} was tried before {latest[1].text[:30]!r}")
            if latest is None or tried > latest[0]:
                latest = tried, line


def _money(evidence: Evidence, _: Story) -> Iterator[Found]:
    """By the supplier's books alone: what each agent has left, and what is left at the supplier."""
    spent: Counter[str] = Counter()
    buyers = {(one.meter, one.amount): evidence.account(one.chat) for one in evidence.intents}
    for one in evidence.sales:
        spent[""] += one.nominal + one.adm
        spent[buyers.get((one.msn, one.nominal), "nobody")] += one.nominal + one.adm + MARKUP
    if evidence.midnight:
        return
    for who, deposit in evidence.deposits.items():
        left = deposit - spent[who]
        if evidence.balances.get(who) != left:
            yield Found(
                Violation.BALANCE, f"{who or 'supplier'}: {left}, but the books say {evidence.balances.get(who)}"
            )
        if who and evidence.held.get(who):
            yield Found(Violation.HELD, f"{who}: {evidence.held[who]}")


def _rest(evidence: Evidence, _: Story) -> Iterator[Found]:
    if evidence.midnight:
        return
    for state, count in evidence.states.items():
        if state not in ("SUCCESS", "FAILED"):
            yield Found(Violation.OPEN, f"{count} {state}")
    if (sold := evidence.states.get("SUCCESS", 0)) != len(evidence.sales):
        yield Found(Violation.BALANCE, f"{len(evidence.sales)} sales, but {sold} purchases are sold in our books")
