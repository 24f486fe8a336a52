"""What owners must know. A fact is told once; a state is an episode: it rises, is told once, and ends. Decides nothing.

While an episode stands, what repeats it is counted and not said. Any owner takes it on or quietens its kind; if
nobody has taken it after some hours, it is said again, once. Every alert leaves a row, every step of an episode one.
"""

import dataclasses
from dataclasses import dataclass
from enum import StrEnum

from bot.clock import DAY, HOUR, next_time_of_day
from bot.domain import stored
from bot.domain.message import Message, Option, Rupiah, Text, Value
from bot.domain.purchase import Purchase
from bot.domain.rules import Shop
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.ports import Tx
from bot.services import notices, people, ways


class Kind(StrEnum):
    """What can be wrong for a while. Money or all sales are at stake where it is `urgent`."""

    BOOKS = "books"  # wrong, or a restored copy: read-only
    STOP = "stop"  # the breaker
    EMPTY = "empty"  # the supplier's deposit
    DEPOSIT = "deposit"  # it is low
    PENDING = "pending"  # purchases that have been open for long
    ADVICE = "advice"  # the supplier refuses them
    NOTE = "note"  # a code that no purchase should get
    CHANNEL = "channel"  # nothing comes in
    CLOCK = "clock"
    BACKUP = "backup"
    MESSAGES = "messages"  # some went wrong today

    @property
    def is_urgent(self) -> bool:
        """Whether it can be quietened for a short time only."""
        return self in (Kind.BOOKS, Kind.STOP, Kind.EMPTY, Kind.PENDING)


_NAMES = {
    Kind.BOOKS: "alarm.is_books",
    Kind.STOP: "alarm.is_stop",
    Kind.EMPTY: "alarm.is_empty",
    Kind.DEPOSIT: "alarm.is_deposit",
    Kind.PENDING: "alarm.is_pending",
    Kind.ADVICE: "alarm.is_advice",
    Kind.NOTE: "alarm.is_note",
    Kind.CHANNEL: "alarm.is_channel",
    Kind.CLOCK: "alarm.is_clock",
    Kind.BACKUP: "alarm.is_backup",
    Kind.MESSAGES: "alarm.is_messages",
}
# what nobody can see the end of: over when it has not been repeated for so long, without a word
_MOST_QUESTIONS = 5  # of single cases, an hour
_MORNING = 6  # o'clock in the shop's zone: when "until tomorrow" ends
_LAPSES = {Kind.ADVICE: DAY + HOUR, Kind.NOTE: DAY, Kind.MESSAGES: DAY}


@dataclass(frozen=True, slots=True)
class Episode:
    """One alert from its rise to its end; `message` as stored, times in epoch milliseconds.

    `told_at` is None while no owner heard it, `taken_by` is '' while nobody has taken it on.
    """

    id: int
    kind: str
    subject: str
    message: str
    times: int
    raised_at: int
    last_at: int
    told_at: int | None
    again_at: int | None
    taken_by: str
    taken_at: int | None
    ended_at: int | None

    @property
    def name(self) -> Text:
        """What it is about, in a few words."""
        return Text(_NAMES[Kind(self.kind)])

    @property
    def said(self) -> Message:
        """What it says."""
        return stored.decode(self.message)


@dataclass(frozen=True, slots=True)
class Event:
    """A step of an episode; `actor` is '' where no person took it."""

    event: str
    actor: str
    at: int


@dataclass(frozen=True, slots=True)
class Quiet:
    """A kind that makes no sound until then, by whose word."""

    kind: str
    until: int
    actor: str


# facts


def raise_alert(
    tx: Tx, kind: str, purchase: Purchase, detail: str, shop: Shop, now: int, *, code: int | None = None
) -> None:
    """Record it and tell the owners, once a purchase and kind, so that it arrives; what lasts is one episode."""
    note(tx, kind, purchase, detail, now)
    args: dict[str, Value] = {"sale": purchase.sale}
    more: tuple[Text, ...] = ()
    if kind == "own.note":
        args |= {"command": "VSI", "code": "–" if code is None else str(code)}
        if code is not None:
            rise(tx, Kind.NOTE, Message(Text(kind, args)), shop, now, subject=str(code))
            return
    elif kind == "own.pending":
        args |= {
            "agent": people.agent(tx, purchase.agent_id).name,
            "rp": Rupiah(purchase.price),
            "age": notices.age(now - purchase.confirmed_at),
        }
        others = sum(is_long_open(one, shop, now) for one in tx.all(Purchase, "purchase_open_list")) - 1
        more = (Text("alarm.others", {"n": others}),) if others > 0 else ()
        said = Message(Text(kind, args), more, ways.on(kind, purchase))
        rise(tx, Kind.PENDING, said, shop, now, pause=shop.waits.owner_alert)
        return
    elif kind == "own.manual":
        args |= {"trxid": purchase.trxid}
        told_lately = count(tx, kind, now - HOUR)
        if told_lately > _MOST_QUESTIONS:  # an outage: the list has them all
            return
        more = (Text("own.manual_more"),) if told_lately == _MOST_QUESTIONS else ()
    told = Message(Text(kind, args), more, ways.on(kind, purchase))
    tell_owners(tx, told, f"alert:{kind}:{purchase.id}", shop, now, message_class=Class.CRITICAL)


def is_long_open(purchase: Purchase, shop: Shop, now: int) -> bool:
    """Whether an open purchase has been in doubt so long that owners hear of it."""
    return now - (purchase.sent_at or purchase.confirmed_at) >= shop.waits.owner_alert


def announce(tx: Tx, message: Message, kind: str, detail: str, cause: str, shop: Shop, now: int) -> None:
    """Record a fact that belongs to no purchase and tell the owners, once a cause; it must arrive."""
    record(tx, kind, detail, now)
    tell_owners(tx, message, f"alert:{cause}", shop, now, message_class=Class.CRITICAL)


def record(tx: Tx, kind: str, detail: str, now: int) -> None:
    """Record what belongs to no purchase and tell nobody."""
    tx.run("alert_add", kind=kind, purchase_id=None, detail=detail[:300], created_at=now)


def note(tx: Tx, kind: str, purchase: Purchase, detail: str, now: int) -> None:
    """Record the alert and tell nobody: for what was told often enough."""
    tx.run("alert_add", kind=kind, purchase_id=purchase.id, detail=detail[:300], created_at=now)


def count(tx: Tx, kind: str, since: int) -> int:
    """How many alerts of this kind were raised since then."""
    return tx.one(int, "alert_count_of_kind", kind=kind, since=since) or 0


def announced(tx: Tx, kind: str, since: int) -> bool:
    """Whether an alert of this kind was raised since then."""
    return count(tx, kind, since) > 0


def tell_owners(
    tx: Tx,
    message: Message,
    cause: str,
    shop: Shop,
    now: int,
    *,
    message_class: Class = Class.NOTICE,
    but: int | None = None,
) -> bool:
    """A notice to every owner's chat that has spoken before and is still known to be his; False if there is none.

    `but` is a conversation that knows it already.
    """
    chats = owners_chats(tx, shop)
    for chat in chats:
        if chat != but:
            outbox.put(tx, chat, message, now, cause=f"{cause}:{chat}", message_class=message_class)
    return bool(chats)


def owners_chats(tx: Tx, shop: Shop) -> list[int]:
    """The conversations in which owners hear of something."""
    found = [
        tx.one(people.Conversation, "conversation_by_proof", channel=channel, value=value)
        for channel, value in shop.owners
    ]
    return [chat.id for chat in found if chat is not None]


# episodes


def rise(
    tx: Tx,
    kind: Kind,
    message: Message,
    shop: Shop,
    now: int,
    *,
    subject: str = "",
    again: bool = False,
    pause: int | None = None,
) -> bool:
    """The state holds: a new episode, told at once, or one more time of the episode that stands.

    `again` marks news that is worth a message though the episode stands; `pause` makes every repeat so, but not within
    so many milliseconds of the last message. True for a new episode.
    """
    found = standing_of(tx, kind, subject)
    fresh = found is None
    if found is None:
        tx.run("episode_add", kind=kind, subject=subject, message=stored.encode(message), now=now)
        found = standing_of(tx, kind, subject)
        if found is None:
            raise LookupError("the episode that just rose")
        _step(tx, found, "raised", now)
    elif again or (pause is not None and found.told_at is not None and now - found.told_at >= pause):
        found = dataclasses.replace(found, told_at=None, again_at=None, taken_by="", taken_at=None)
    found = dataclasses.replace(found, message=stored.encode(message), times=found.times + 1, last_at=now)
    _save(tx, found)
    if found.told_at is None:
        _tell(tx, found, shop, now)
    return fresh


def holds(
    tx: Tx, kind: Kind, message: Message | None, shop: Shop, now: int, *, subject: str = "", detail: str = ""
) -> int:
    """What was looked at: rises, stands or ends with whether there is something to say. 1 if it rose just now.

    With `detail` its rise is recorded as an alert; without, something else recorded the alerts that it counts.
    """
    found = standing_of(tx, kind, subject)
    if message is None:
        if found is not None:
            end(tx, kind, shop, now, subject=subject)
        return 0
    if found is not None:
        _save(tx, dataclasses.replace(found, message=stored.encode(message), last_at=now))
        return 0
    if detail:
        record(tx, message.key, detail, now)
    return int(rise(tx, kind, message, shop, now, subject=subject))


def end(
    tx: Tx,
    kind: Kind,
    shop: Shop,
    now: int,
    *,
    subject: str = "",
    said: Message | None = None,
    silently: bool = False,
) -> bool:
    """The state holds no longer: said once, if its rise was and the kind is not quiet. False if none stood."""
    found = standing_of(tx, kind, subject)
    if found is None:
        return False
    _save(tx, dataclasses.replace(found, ended_at=now))
    _step(tx, found, "ended", now)
    if not silently and found.told_at is not None and quiet(tx, kind, now) is None:
        over = said or Message(
            Text("alarm.over", {"what": found.name, "time": notices.when(found.raised_at, shop, now)})
        )
        tell_owners(tx, over, f"over:{found.id}", shop, now)
    return True


def look(tx: Tx, shop: Shop, now: int) -> None:
    """What time brings: an episode that nobody heard is told, one that nobody took is said again, some lapse."""
    for one in standing(tx):
        lapses = _LAPSES.get(Kind(one.kind))
        if lapses is not None and now - one.last_at >= lapses:
            _save(tx, dataclasses.replace(one, ended_at=now))
            _step(tx, one, "ended", now)
        elif one.told_at is None or (
            not one.taken_by and one.again_at is None and now - one.told_at >= shop.waits.alarm_again
        ):
            _tell(tx, one, shop, now)


def standing(tx: Tx) -> list[Episode]:
    """What stands now, oldest first."""
    return tx.all(Episode, "episode_standing")


def standing_of(tx: Tx, kind: Kind, subject: str = "") -> Episode | None:
    """The episode of this kind and subject that stands."""
    return tx.one(Episode, "episode_standing_of", kind=kind, subject=subject)


def latest(tx: Tx, most: int) -> list[Episode]:
    """The newest episodes, over or not, newest first."""
    return tx.all(Episode, "episode_latest", most=most)


def by_number(tx: Tx, number: str) -> Episode | None:
    """The episode by its number as it is shown."""
    digits = number.removeprefix("#")
    known = digits.isascii() and digits.isdecimal() and len(digits) <= 9
    return tx.one(Episode, "episode_by_id", id=int(digits)) if known else None


def events(tx: Tx, episode_id: int) -> list[Event]:
    """What became of it, oldest first."""
    return tx.all(Event, "episode_event_list", episode_id=episode_id)


def take(tx: Tx, found: Episode, actor: str, conversation_id: int, shop: Shop, now: int) -> bool:
    """An owner takes it on, and the other owners hear who; False if somebody has, or if it is over."""
    if found.taken_by or found.ended_at is not None:
        return False
    _save(tx, dataclasses.replace(found, taken_by=actor[:100], taken_at=now))
    _step(tx, found, "taken", now, actor)
    told = Message(Text("alarm.taken_by", {"who": actor, "what": found.name, "number": f"#{found.id}"}))
    tell_owners(tx, told, f"taken:{found.id}:{now}", shop, now, but=conversation_id)
    return True


def quieten(tx: Tx, found: Episode, until: int, actor: str, now: int) -> None:
    """No sound of this kind until then; what happens meanwhile is kept, and told then if it still stands."""
    tx.run("quiet_set", kind=found.kind, until=until, actor=actor[:100])
    _step(tx, found, "quieted", now, actor)


def sound(tx: Tx, found: Episode, actor: str, now: int) -> None:
    """The kind is heard again from now on."""
    if tx.run("quiet_remove", kind=found.kind):
        _step(tx, found, "sounded", now, actor)


def quiet(tx: Tx, kind: str, now: int) -> Quiet | None:
    """Until when and by whom the kind is quiet, if it is."""
    return tx.one(Quiet, "quiet_of", kind=kind, now=now)


def quiet_until(kind: str, shop: Shop, now: int, *, tomorrow: bool = False) -> int:
    """How long a kind may be quietened: some hours or until the morning; where money is at stake a short time only."""
    if Kind(kind).is_urgent:
        return now + shop.waits.alarm_urgent
    return next_time_of_day(now, shop.zone, _MORNING, 0) if tomorrow else now + shop.waits.alarm_quiet


def quiet_option(found: Episode, shop: Shop, now: int) -> Option:
    """What quietens the kind, with for how long."""
    hours = (quiet_until(found.kind, shop, now) - now) // HOUR
    return notices.option("alarm_quiet", f"alarm diam {found.id}", n=hours)


def _tell(tx: Tx, found: Episode, shop: Shop, now: int) -> None:
    """The first time as it stands, then headed as something that still is so; while it is quiet, not at all."""
    if quiet(tx, found.kind, now) is not None:
        return
    said, is_first = found.said, found.told_at is None
    if not is_first:
        head = Text("alarm.still", {"time": notices.when(found.raised_at, shop, now)})
        said = dataclasses.replace(said, text=head, more=(said.text, *said.more))
    take_on = notices.option("alarm_take", f"alarm urus {found.id}")
    said = dataclasses.replace(said, options=(*said.options, take_on, quiet_option(found, shop, now)))
    message_class = Class.CRITICAL if Kind(found.kind).is_urgent else Class.NOTICE
    if tell_owners(tx, said, f"episode:{found.id}:{now}", shop, now, message_class=message_class):
        again_at = found.again_at if is_first else now
        _save(tx, dataclasses.replace(found, told_at=now if is_first else found.told_at, again_at=again_at))
        _step(tx, found, "told" if is_first else "again", now)


def _save(tx: Tx, found: Episode) -> None:
    values = dataclasses.asdict(found)
    for fixed in ("kind", "subject", "raised_at"):
        del values[fixed]
    tx.run("episode_save", **values)


def _step(tx: Tx, found: Episode, event: str, now: int, actor: str = "") -> None:
    tx.run("episode_event_add", episode_id=found.id, event=event, actor=actor[:100], now=now)
