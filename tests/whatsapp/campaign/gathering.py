"""Gathers the evidence of a run on WhatsApp: from the phones, the platform's record, the books and our database.

Reads only, and only after the shop was stopped.
"""

from collections import Counter, defaultdict

from bot.domain.rules import Waits
from tests.campaign import books
from tests.campaign.agents import Agent
from tests.campaign.books import Books
from tests.campaign.evidence import Key, Line, see_ends
from tests.campaign.outcome import Outcome
from tests.double.faults import Kind
from tests.telegram.campaign import gathering as telegram
from tests.whatsapp.campaign.evidence import End, Try, WhatsAppEvidence
from tests.whatsapp.campaign.phone import answers, words_of
from tests.whatsapp.campaign.stage import Stage
from tests.whatsapp.double import ACCESS, Call, CloudApi, Person, Shown
from tests.whatsapp.double.desk import SENDS

_LEFT_OPEN = {
    Kind.RESET, Kind.HANG, Kind.DROP_APPLIED, Kind.HANG_APPLIED, Kind.JSON_500, Kind.HTML_502, Kind.EMPTY_503,
    Kind.JSON_LIST_500, Kind.TRUNCATED, Kind.HTML_200, Kind.OK_WITHOUT_WAMID,
}  # fmt: skip
TRANSIENT = (131000, 131016, 1, 2)
BATCH, EARLY = "several items in a post", "status before its call was answered"
_FOR_ITS_RATE = {131056, 130429}
_NEVER_LOGGED = ("a send failed unexpectedly", "without looking into it")
_MOST_OPEN = len(Waits().resend)  # repeats of what was left open, then it is given up until its person writes
_PROOFS = {"sent", "delivered", "read"}


async def gather(
    stage: Stage, people: list[Agent], *, closings: list[tuple[str, float]] | None = None,
    forged: list[str] | None = None, counted: int | None = None, away: tuple[float, ...] = (),
) -> WhatsAppEvidence:  # fmt: skip
    """After the shop was stopped."""
    api, found = stage.api, books.read(stage.folder)
    intents = [one for each in people for one in each.intents]
    lines = [line_of(each, one) for each in api.persons.values() for one in each.phone.messages.values()]
    tries = tries_of(api)
    tried, claimed = _tried(tries, found)
    bot = stage.telegram
    if bot is not None:
        theirs = telegram.lines_of(bot)
        tried |= telegram.tried_on(bot, theirs, found)
        lines += theirs
    see_ends(lines, intents)
    return WhatsAppEvidence(
        lines=lines,
        deeds=[one for each in people for one in each.deeds],
        intents=intents,
        taps=[] if bot is None else telegram.taps_of(bot),
        sales=found.sales,
        payments=dict(stage.relay.payments),
        deposits=found.deposits,
        balances=found.balances,
        held=found.held,
        states=found.states,
        tried=tried,
        lost=_lost(api, found) + ([] if bot is None else telegram.lost_of(bot, found)),
        dead=found.dead,
        audit=await stage.audit(),
        complaints=_complaints(stage) + ([] if bot is None else telegram.complaints_of(bot)),
        leaks=_leaks(stage, found, intents={one.meter: "the meter" for one in intents}),
        kills=tuple(stage.kills),
        midnight=stage.has_seen_midnight,
        let_go=_let_go(tries, found),
        accounts=found.accounts,
        tries=tries,
        window=api.window.hours * 3_600,
        closings=closings or [],
        breaks=(*stage.kills, *away),
        cut_off=tuple(api.cut_off),
        claimed=claimed,
        elsewhere=_elsewhere(found),
        forged=forged or [],
        stored=frozenset(found.stored.get("whatsapp", ())),
        admitted=api.admitted,
        turned_away=sum(one.forged and one.status == 403 for one in api.webhook.posts),
        counted=counted,
    )


def line_of(person: Person, shown: Shown) -> Line:
    """A message as it stands."""
    nonce = shown.options[0].id.partition(".")[0] if shown.options and not shown.mine else ""
    return Line(
        person.key, shown.serial, shown.mine, words_of(shown), (shown.at,), answers(person, shown), nonce,
        _row(shown.opaque), shown.kind == "template",
    )  # fmt: skip


def _row(opaque: str) -> str:
    """`mark.row.attempt.left` without what differs from try to try."""
    parts = opaque.split(".")
    return f"{parts[1]}.{parts[3]}" if len(parts) == 4 else ""


# calls


def tries_of(api: CloudApi) -> list[Try]:
    """Every call for a message, in the order in which they came."""
    settled = _settled(api)
    return [
        Try(
            call.person or "", row, call.at, *_ended(call), is_template=call.kind == "template",
            settled_at=settled.get(call.wamid), is_denied=bool(call.failed),
        )
        for call in api.calls
        if call.kind in SENDS and (row := _row(str(call.params.get("biz_opaque_callback_data", ""))))
    ]  # fmt: skip


def _ended(call: Call) -> tuple[End, int]:
    if call.fault == Kind.ERROR.value:
        return (End.OPEN if call.code in TRANSIENT else End.REFUSED), call.code
    if call.fault in _LEFT_OPEN or not call.status:
        return End.OPEN, 0
    if call.code:
        return End.REFUSED, call.code
    return (End.FAILED, call.failed) if call.failed else (End.TAKEN, 0)


def _settled(api: CloudApi) -> dict[str, float]:
    """When the first status by which a message went out was taken, by its wamid, for calls that were left open."""
    found: dict[str, float] = {}
    calls = {call.wamid: call for call in api.calls if call.wamid and _ended(call)[0] is End.OPEN}
    for item in api.state.items.log:
        call = calls.get(item.id)
        if call is None or item.kind != "status" or item.state != "confirmed" or call.failed:
            continue
        is_whole = str(call.params.get("biz_opaque_callback_data", "")).endswith(".0")
        if is_whole and item.payload.get("status") in _PROOFS:
            at = call.at + (item.ended - call.ticks) / api.clock.factor
            found[item.id] = min(at, found.get(item.id, at))
    return found


def _tried(tries: list[Try], found: Books) -> tuple[dict[Key, float], dict[str, float]]:
    """When each message was first tried, by the platform's record, or by ours if that is earlier; and ours alone."""
    tried: dict[Key, float] = {}
    first_parts: dict[str, str] = {}
    for one in tries:
        tried.setdefault((one.chat, one.row, ""), one.at)
        first_parts.setdefault(one.row.partition(".")[0], one.row)
    ours = {str(row.id): row.first_at for row in found.rows.get("whatsapp", []) if row.first_at}
    claimed = {part: ours[row] for row, part in first_parts.items() if row in ours}
    for chat, part, _ in list(tried):
        if part in claimed:
            tried[chat, part, ""] = min(tried[chat, part, ""], claimed[part])
    return tried, claimed


def _let_go(tries: list[Try], found: Books) -> frozenset[Key]:
    """What the platform said it would not deliver, and what was left open so often that it was given up: all parts."""
    rows: dict[str, set[Key]] = defaultdict(set)
    gone = {str(one.id) for one in found.rows.get("whatsapp", []) if one.unknowns > _MOST_OPEN}
    for one in tries:
        row = one.row.partition(".")[0]
        rows[row].add((one.chat, one.row, ""))
        if one.is_denied or (one.end is End.REFUSED and one.code not in _FOR_ITS_RATE):
            gone.add(row)
    return frozenset(key for row in gone for key in rows[row])


def _elsewhere(found: Books) -> frozenset[str]:
    """Messages that were said in another chat, too: `elsewhere:<row>:<chat>` caused that."""
    causes = [row.cause for rows in found.rows.values() for row in rows]
    return frozenset(one.split(":")[1] for one in causes if one.startswith("elsewhere:"))


# what must not be


def _lost(api: CloudApi, found: Books) -> list[str]:
    stored = found.stored.get("whatsapp", set())
    return [
        f"{one.id} of {one.person}"
        for one in api.state.items.log
        if one.kind == "message" and one.state == "confirmed" and one.id not in stored
    ]


def _complaints(stage: Stage) -> list[str]:
    api = stage.api
    said = [f"unsupported: {one}" for one in sorted(set(api.unsupported))]
    said += [f"refused: {one}" for one in sorted(set(api.refused))]
    said += [f"exit code {code}" for code in stage.codes if code]
    if api.pace.refused and not stage.kills:
        said.append(f"{api.pace.refused} calls too fast for the platform")
    log = stage.shop.log.read_text(encoding="utf-8", errors="replace")
    said += [f"logged: {one}" for one in _NEVER_LOGGED if one in log] + books.troubles(stage.shop.log)
    if api.followed:
        said.append(f"followed {api.followed} redirects")
    return said


def _leaks(stage: Stage, found: Books, intents: dict[str, str]) -> list[str]:
    api, bot = stage.api, stage.telegram
    secrets = {
        "the access token": ACCESS.token, "the app's secret": ACCESS.app_secret,
        "the word of verification": ACCESS.verify_token, "the supplier's secret": stage.environment["VSI_SECRET"],
    }  # fmt: skip
    people = dict(intents)
    for one in api.persons.values():
        people |= {one.name: "the name"} | {name: "the number" for name in (one.number, one.user_id) if name}
    if bot is not None:
        secrets["the bot's token"] = bot.token
        people |= {one.name: "the name" for one in bot.persons.values()}
    return books.leaks(stage.shop.log, secrets, people, found.sales)


def count(outcome: Outcome, evidence: WhatsAppEvidence, stage: Stage) -> None:
    """What any run counts, and what this platform does beside it."""
    api, bot = stage.api, stage.telegram
    outcome.count(evidence, stage.relay, dict(Counter(api.fired) + Counter(bot.fired if bot else {})))
    messages = [one for one in api.state.items.log if one.kind == "message"]
    statuses = [one for one in api.state.items.log if one.kind == "status"]
    told: dict[str, list[str]] = defaultdict(list)
    for one in sorted(statuses, key=lambda each: each.ended):
        told[one.id].append(str(one.payload["status"]))
    outcome.fired.update(_disorder(told))
    outcome.fired.update(_codes(evidence))
    outcome.fired.update({BATCH: sum(len(one.items) > 1 for one in api.webhook.posts), EARLY: api.overtaken})
    shown = Counter(one.row for one in evidence.lines if one.row and one.is_result)
    outcome.counts.update(
        {
            "updates": len(messages) + (len(bot.state.updates.log) if bot else 0),
            "statuses": len(statuses),
            "posts": len(api.webhook.posts),
            "redeliveries": sum(max(0, one.handed - 1) for one in (*messages, *statuses)),
            "taps": len(evidence.taps) + sum("interactive" in one.payload for one in messages),
            "calls": len(api.calls) + (len(bot.calls) if bot else 0),
            "paced": api.pace.refused,
            "templates": sum(one.is_template for one in evidence.lines),
            "copies": sum(one - 1 for one in shown.values()),
            "left open": sum(one.end is End.OPEN for one in evidence.tries),
            "settled by status": sum(one.settled_at is not None for one in evidence.tries),
            "turned away": evidence.turned_away,
            "said elsewhere": len(evidence.elsewhere),
        }
    )


def _codes(evidence: WhatsAppEvidence) -> dict[str, int]:
    """Refusals and failures by their code."""
    return dict(Counter(f"{one.end} {one.code}" for one in evidence.tries if one.code))


def _disorder(told: dict[str, list[str]]) -> dict[str, int]:
    """What befell the statuses of each message that arrived."""
    order = ("sent", "delivered", "read")
    found: Counter[str] = Counter()
    for names in told.values():
        ranks = [order.index(one) for one in names if one in order]
        found["statuses out of order"] += ranks != sorted(ranks)
        found["statuses repeated"] += len(set(ranks)) < len(ranks)
        found["statuses lost"] += "failed" not in names and len(set(ranks)) < len(order)
    return dict(+found)
