"""What an owner says to all his agents: once to each, after everything else that is to be sent, until he stops it.

Each agent hears it in one chat. Rows are made in pages while few of them wait, so a broadcast never fills the queue,
and each agent's turn is written down with his row: a kill loses nobody and repeats nothing that may have arrived.
"""

from dataclasses import dataclass

from bot.clock import DAY
from bot.domain.message import Message, Parts, Prose, Text, Value
from bot.domain.people import Person
from bot.domain.rules import Shop
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.ports import Tx
from bot.services import notices, people, trail

MOST_CHARACTERS = 800  # as platforms count: a template has no room for more
ACTIVE_DAYS = 30
_PAGE = 500
_FEW = 250  # rows that wait; below that the next page is made
_NAMED = 20  # agents that are named in the end


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One as it stands. `upto` is the last agent whose turn has come; epoch milliseconds."""

    id: int
    conversation_id: int
    actor: str
    text: str
    active_since: int
    total: int
    upto: int
    state: str
    created_at: int
    shown_at: int


@dataclass(frozen=True, slots=True)
class Reach:
    """How many agents would hear it, by platform, and how many not: `closed` too long silent, `away` without a chat."""

    agents: int
    telegram: int
    whatsapp: int
    console: int
    closed: int
    away: int

    @property
    def reached(self) -> int:
        """How many would hear it."""
        return self.agents - self.closed - self.away


@dataclass(frozen=True, slots=True)
class _Chat:
    id: int
    channel: str
    heard_at: int
    away: int


@dataclass(frozen=True, slots=True)
class _Fate:
    fate: str
    count: int


def size(text: str) -> int:
    """How long a text is, as platforms count it."""
    return len(text.encode("utf-16-le")) // 2


def message(shop: Shop, text: str) -> Message:
    """As an agent reads it."""
    return Message(Text("bc.message", {"shop": shop.name, "text": Prose(text)}))


def since(now: int, *, active: bool) -> int:
    """From when on an agent must have sold to hear it; 0 for everybody."""
    return now - ACTIVE_DAYS * DAY if active else 0


def reach(tx: Tx, active_since: int, shop: Shop, now: int) -> Reach:
    """Whom it would reach if it were sent now."""
    found = {"telegram": 0, "whatsapp": 0, "console": 0, "closed": 0, "away": 0}
    agents = _agents(tx, 0, active_since, 2**31)
    for agent_id in agents:
        chat, passed_over = _chat(tx, agent_id, shop, now)
        found[passed_over or (people.platform(chat.channel) if chat else "away")] += 1
    return Reach(len(agents), **found)


def going(tx: Tx) -> Broadcast | None:
    """The one that is under way."""
    return tx.one(Broadcast, "broadcast_going")


def begin(tx: Tx, text: str, active_since: int, who: Person, now: int) -> Broadcast | None:
    """Begin it; None while another is under way. It goes on whatever becomes of this process."""
    total = len(_agents(tx, 0, active_since, 2**31))
    facts: dict[str, str | int] = {"text": text, "active_since": active_since, "total": total}
    if not tx.run("broadcast_add", conversation_id=who.conversation_id, actor=who.acting, now=now, **facts):
        return None
    made = going(tx)
    if made is not None:
        trail.note(tx, who.acting, "broadcast", trail.SHOP, now, reason=f"→ {total}: {text}")
        stop = (notices.option("stop", f"umumkan stop {made.id}"),)
        told = Message(Text("bc.started", {"n": total}), options=stop)
        outbox.put(tx, who.conversation_id, told, now, cause=_cause(made, "progress"))
        tx.signal("broadcast")
    return made


def stop(tx: Tx, wanted: Broadcast, actor: str, now: int) -> bool:
    """Send it to nobody else; False if it has ended. What a platform has taken already arrives."""
    if not tx.run("broadcast_end", id=wanted.id, state="stopped", now=now):
        return False
    tx.run("broadcast_supersede", id=wanted.id)
    trail.note(tx, actor, "stopped the broadcast", trail.SHOP, now, reason=wanted.text)
    tx.signal("unparked")
    return True


def spread(tx: Tx, shop: Shop, now: int) -> int:
    """Make the next page of rows if few wait, show how far it is, or end it; how many rows that made."""
    one = going(tx)
    if one is None:
        return 0
    made, waiting, is_over = 0, tx.one(int, "broadcast_waiting", id=one.id) or 0, False
    if waiting <= _FEW:
        agents = _agents(tx, one.upto, one.active_since, _PAGE)
        made, is_over = _page(tx, one, agents, shop, now), len(agents) < _PAGE
    if is_over and not made and not waiting:
        tx.run("broadcast_end", id=one.id, state="done", now=now)
        outbox.put(tx, one.conversation_id, _ended(tx, one, "bc.done"), now, cause=_cause(one, "done"))
    elif now - one.shown_at >= shop.waits.broadcast:
        tx.run("broadcast_shown", id=one.id, now=now)
        shown, cause = progress(tx, one), _cause(one, f"progress:{now}")
        outbox.change(tx, one.conversation_id, _cause(one, "progress"), shown, now, cause=cause)
    return made


def is_going(tx: Tx) -> bool:
    """Whether one is under way."""
    return going(tx) is not None


def progress(tx: Tx, one: Broadcast) -> Message:
    """How far it is, with the way to stop it."""
    fates = _fates(tx, one)
    args: dict[str, Value] = {"ok": fates.get("sent", 0), "n": one.total}
    return Message(Text("bc.progress", args), options=(notices.option("stop", f"umumkan stop {one.id}"),))


def stopped(tx: Tx, one: Broadcast) -> Message:
    """What was sent until it was stopped."""
    return _ended(tx, one, "bc.stopped")


def latest(tx: Tx) -> Message | None:
    """How the last one went, or goes; None where nothing was ever said."""
    one = tx.one(Broadcast, "broadcast_latest")
    if one is None:
        return None
    match one.state:
        case "sending":
            return progress(tx, one)
        case "stopped":
            return stopped(tx, one)
        case _:
            return _ended(tx, one, "bc.done")


def _page(tx: Tx, one: Broadcast, agents: list[int], shop: Shop, now: int) -> int:
    """One row an agent, and a note that his turn has come."""
    made = 0
    for agent_id in agents:
        chat, passed_over = _chat(tx, agent_id, shop, now)
        tx.run("broadcast_to_add", id=one.id, agent_id=agent_id, passed_over=passed_over)
        if chat is not None and not passed_over:
            made += 1
            outbox.put(
                tx,
                chat.id,
                message(shop, one.text),
                now,
                cause=f"broadcast:{one.id}:{agent_id}",
                message_class=Class.NOTICE,
                broadcast_id=one.id,
            )
    if agents:
        tx.run("broadcast_upto", id=one.id, upto=agents[-1])
    return made


def _agents(tx: Tx, after: int, active_since: int, most: int) -> list[int]:
    return tx.all(int, "broadcast_agents", after=after, active_since=active_since, most=most)


def _chat(tx: Tx, agent_id: int, shop: Shop, now: int) -> tuple[_Chat | None, str]:
    """Where the agent hears it: where he can be reached freely, else where he wrote last; or why nowhere."""
    chats = [one for one in tx.all(_Chat, "broadcast_chats", agent_id=agent_id) if not one.away]
    if not chats:
        return None, "away"

    def is_open(one: _Chat) -> bool:
        return people.platform(one.channel) != "whatsapp" or now - one.heard_at <= shop.waits.window

    chosen = max(chats, key=lambda one: (is_open(one), one.heard_at, one.id))
    return chosen, "" if is_open(chosen) or shop.has_news_template else "closed"


def _fates(tx: Tx, one: Broadcast) -> dict[str, int]:
    return {row.fate: row.count for row in tx.all(_Fate, "broadcast_fates", id=one.id)}


def _ended(tx: Tx, one: Broadcast, key: str) -> Message:
    """*bc.done*: how many heard it, and who did not, by name."""
    fates = _fates(tx, one)
    parts = [
        Text(part, {"n": count})
        for fate, part in (("failed", "bc.failed"), ("closed", "bc.closed"), ("away", "bc.away"))
        if (count := fates.get(fate, 0))
    ]
    more = [Text("line.parts", {"parts": Parts(tuple(parts))})] if parts else []
    missed = tx.all(int, "broadcast_missed", id=one.id, most=_NAMED + 1)
    if missed:
        names = ", ".join(f"A{number:03d}" for number in missed[:_NAMED])
        more.append(Text("bc.missed", {"agents": names + ("…" if len(missed) > _NAMED else "")}))
    args: dict[str, Value] = {"ok": fates.get("sent", 0), "n": one.total}
    return Message(Text(key, args), tuple(more), (notices.option("menu", "menu"),))


def _cause(one: Broadcast, what: str) -> str:
    return f"broadcasting:{one.id}:{what}"
