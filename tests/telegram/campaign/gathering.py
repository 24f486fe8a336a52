"""Gathers the evidence of a run: from the phones, the platform's record, the supplier's ledger and our database.

Reads only, and only after the shop was stopped.
"""

import re
import sqlite3
from collections import Counter
from contextlib import closing
from html import unescape

from bot.sandbox import Books, Sold
from bot.sandbox.customers import customer
from tests.campaign.agents import Agent
from tests.campaign.evidence import Evidence, Key, Line, Tap, bare, see_ends
from tests.campaign.outcome import Outcome
from tests.campaign.stage import DATABASE, DEPOSIT, LEDGER, SUPPLIER_DEPOSIT
from tests.telegram.campaign.stage import Stage
from tests.telegram.double import Call, Shown
from tests.telegram.double.updates import Update

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
    api = stage.api
    intents = [one for each in people for one in each.intents]
    books = Books(stage.folder / LEDGER)
    try:
        sales = books.sales()
    finally:
        books.close()
    with closing(sqlite3.connect(f"file:{stage.folder / DATABASE}?mode=ro", uri=True)) as connection:
        accounts = connection.execute("SELECT id, posted, held FROM account").fetchall()
        names = dict(connection.execute("SELECT agent_id, value FROM member").fetchall())
        states = Counter(state for (state,) in connection.execute("SELECT state FROM purchase"))
        stored = {int(one.rpartition(":")[2]) for (one,) in connection.execute(
            "SELECT ext_id FROM inbox WHERE kind IN ('message', 'tap')"
        )}  # fmt: skip
        firsts = dict(connection.execute("SELECT CAST(ext_id AS INTEGER), first_at FROM outbox WHERE state = 'sent'"))
        # half an answer to getUpdates may be kept as a dead letter, too: it is nobody's word, and is fetched again
        spoilt = connection.execute("SELECT id FROM inbox WHERE state = 'dead' AND kind IN ('message', 'tap')")
        dead = [f"inbox {one}" for (one,) in spoilt]
    lines = [line_of(one) for person in api.persons.values() for one in person.chat.messages.values()]
    see_ends(lines, intents)
    mine = {f"agent:{agent}": value for agent, value in names.items()} | {"vsi:deposit": ""}
    return Evidence(
        lines=lines,
        deeds=[one for each in people for one in each.deeds],
        intents=intents,
        taps=[
            Tap(one.chat, one.id, one.at, tuple(words for _, words, _ in one.answers))
            for one in api.state.queries.values()
        ],
        sales=sales,
        payments=dict(stage.relay.payments),
        deposits=dict.fromkeys(names.values(), DEPOSIT) | {"": SUPPLIER_DEPOSIT},
        balances={mine[one]: posted if mine[one] else -posted for one, posted, _ in accounts if one in mine},
        held={mine[one]: held for one, _, held in accounts if one in mine},
        states=dict(states),
        tried=_tried(api.calls, lines, firsts),
        lost=_lost(api.state.updates.log, stored),
        dead=dead,
        audit=await stage.audit(),
        complaints=_complaints(stage),
        leaks=_leaks(stage, sales),
        kills=tuple(stage.kills),
        midnight=stage.has_seen_midnight,
    )


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


def _tried(calls: list[Call], lines: list[Line], firsts: dict[int | None, int]) -> dict[Key, float]:
    """When each message was first tried; the same words under other buttons are another message.

    By the platform's record; a connection that it refused is in no record of its own, so our outbox may know earlier.
    """
    tried: dict[Key, float] = {}
    for call in calls:
        if call.method == "sendMessage" and call.chat is not None:
            nonce = _NONCE.search(str(call.params.get("reply_markup", "")))
            words = bare(plain(str(call.params.get("text", ""))))
            tried.setdefault((call.chat, words, nonce[1] if nonce else ""), call.at)
    for line in lines:
        if line.key in tried and (first := firsts.get(line.id)):
            tried[line.key] = min(tried[line.key], first / 1000)
    return tried


def plain(html: str) -> str:
    """A text as it was sent, without its markup."""
    return unescape(_TAGS.sub("", html))


def _lost(log: list[Update], stored: set[int]) -> list[str]:
    return [
        f"update {one.id} of {one.chat}"
        for one in log
        if one.kind in _SPEAKS and one.state == "confirmed" and one.id not in stored
    ]


def _complaints(stage: Stage) -> list[str]:
    api = stage.api
    said = [f"unsupported: {one}" for one in sorted(set(api.unsupported))]
    said += [f"exit code {code}" for code in stage.codes if code]
    if api.state.hook.drops_asked:
        said.append("asked to drop pending updates")
    said += [f"answered a delivery with {one}" for one in api.webhook.executed]
    bad = {call.outcome for call in api.calls if call.status == 400 and not _is_harmless(call.outcome)} - {"gone"}
    return said + [f"refused: {one}" for one in sorted(bad)]


def _is_harmless(outcome: str) -> bool:
    """A tap that is answered too late, or an edit that was applied before and is made once more."""
    return "query is too old" in outcome or "message is not modified" in outcome


def _leaks(stage: Stage, sales: list[Sold]) -> list[str]:
    """Secrets, whole tokens and people's names in what the shop logged."""
    log = stage.shop.log.read_text(encoding="utf-8", errors="replace")
    secrets = {"the bot's token": stage.api.token, "the supplier's secret": stage.environment["VSI_SECRET"]}
    found = [f"{name} in the log" for name, value in secrets.items() if value in log]
    found += [f"{one.name}'s name in the log" for one in stage.api.persons.values() if one.name in log]
    found += [f"the customer of {one.msn} in the log" for one in sales if customer(one.msn).name in log]
    digits = re.sub(r"[ -]", "", log)
    return found + [f"token of {one.trxid} in the log" for one in sales if one.tokens[-1] in digits]
