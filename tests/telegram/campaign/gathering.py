"""Gathers the evidence of a run: from the phones, the platform's record, the supplier's ledger and our database.

Reads only, and only after the shop was stopped.
"""

import re
from html import unescape

from tests.campaign import books
from tests.campaign.agents import Agent
from tests.campaign.books import Books
from tests.campaign.evidence import Evidence, Key, Line, Tap, bare, see_ends
from tests.campaign.outcome import Outcome
from tests.telegram.campaign.stage import Stage
from tests.telegram.double import BotApi, Shown

_TAGS = re.compile(r"</?(?:b|code|pre)>")
_NONCE = re.compile(r"callback_data\W+([A-Za-z0-9_-]{8})\.")
_SPEAKS = {"message", "callback_query"}


def line_of(shown: Shown) -> Line:
    """A message as it stands, or stood before its buttons went."""
    looks = [shown.buttons, *(edit.buttons for edit in shown.edits)]
    data = [button.data for look in looks for row in look for button in row if button.data]
    return Line(
        shown.chat_id, shown.message_id, shown.mine, shown.edits[0].text if shown.edits else shown.text,
        tuple(shown.seen), shown.reply_to, data[0].partition(".")[0] if data else "",
    )  # fmt: skip


async def gather(stage: Stage, people: list[Agent]) -> Evidence:
    """After the shop was stopped."""
    api, found = stage.api, books.read(stage.folder)
    intents = [one for each in people for one in each.intents]
    lines = lines_of(api)
    see_ends(lines, intents)
    return Evidence(
        lines=lines,
        deeds=[one for each in people for one in each.deeds],
        intents=intents,
        taps=taps_of(api),
        sales=found.sales,
        payments=dict(stage.relay.payments),
        deposits=found.deposits,
        balances=found.balances,
        held=found.held,
        states=found.states,
        tried=tried_on(api, lines, found),
        lost=lost_of(api, found),
        dead=found.dead,
        audit=await stage.audit(),
        complaints=[
            *complaints_of(api),
            *(f"exit code {code}" for code in stage.codes if code),
            *books.troubles(stage.shop.log),
        ],
        leaks=books.leaks(
            stage.shop.log,
            {"the bot's token": api.token, "the supplier's secret": stage.environment["VSI_SECRET"]},
            {one.name: "the name" for one in api.persons.values()},
            found.sales,
        ),
        kills=tuple(stage.kills),
        midnight=stage.has_seen_midnight,
    )


def lines_of(api: BotApi) -> list[Line]:
    """Everything on every phone."""
    return [line_of(one) for person in api.persons.values() for one in person.chat.messages.values()]


def taps_of(api: BotApi) -> list[Tap]:
    """Every query, and what popped up."""
    queries = api.state.queries.values()
    return [Tap(one.chat, one.id, one.at, tuple(words for _, words, _ in one.answers)) for one in queries]


def count(outcome: Outcome, evidence: Evidence, stage: Stage) -> None:
    """What any run counts, and what this platform does beside it."""
    outcome.count(evidence, stage.relay, stage.api.fired)
    handed = [one.handed for one in stage.api.state.updates.log]
    outcome.counts.update(
        {
            "updates": len(handed),
            "redeliveries": sum(max(0, one - 1) for one in handed),
            "taps": len(evidence.taps),
            "calls": len(stage.api.calls),
            "paced": stage.api.state.pace.refused,
        }
    )


def tried_on(api: BotApi, lines: list[Line], found: Books) -> dict[Key, float]:
    """When each message was first tried; the same words under other buttons are another message.

    By the platform's record; a connection that it refused is in no record of its own, so our outbox may know earlier.
    """
    firsts = {one.ext_id: one.first_at for one in found.rows.get("telegram", []) if one.state == "sent"}
    tried: dict[Key, float] = {}
    for call in api.calls:
        if call.method == "sendMessage" and call.chat is not None:
            nonce = _NONCE.search(str(call.params.get("reply_markup", "")))
            words = bare(plain(str(call.params.get("text", ""))))
            tried.setdefault((call.chat, words, nonce[1] if nonce else ""), call.at)
    for line in lines:
        if line.key in tried and (first := firsts.get(str(line.id))):
            tried[line.key] = min(tried[line.key], first)
    return tried


def plain(html: str) -> str:
    """A text as it was sent, without its markup."""
    return unescape(_TAGS.sub("", html))


def lost_of(api: BotApi, found: Books) -> list[str]:
    """Updates that were acknowledged and are not in our inbox."""
    stored = {int(one.rpartition(":")[2]) for one in found.stored.get("telegram", ())}
    return [
        f"update {one.id} of {one.chat}"
        for one in api.state.updates.log
        if one.kind in _SPEAKS and one.state == "confirmed" and one.id not in stored
    ]


def complaints_of(api: BotApi) -> list[str]:
    """What the platform heard and does not take."""
    said = [f"unsupported: {one}" for one in sorted(set(api.unsupported))]
    if api.state.hook.drops_asked:
        said.append("asked to drop pending updates")
    said += [f"answered a delivery with {one}" for one in api.webhook.executed]
    bad = {call.outcome for call in api.calls if call.status == 400 and not _is_harmless(call.outcome)} - {"gone"}
    return said + [f"refused: {one}" for one in sorted(bad)]


def _is_harmless(outcome: str) -> bool:
    """A tap that is answered too late, or an edit that was applied before and is made once more."""
    return "query is too old" in outcome or "message is not modified" in outcome
