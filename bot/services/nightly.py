"""The nightly backup that an owner wants in his chat: when it is due, and what he reads of it. Makes none itself."""

from dataclasses import dataclass

from bot.clock import next_time_of_day
from bot.domain.message import Clock, Day, File, Message, Option, Text, Value
from bot.domain.people import Person
from bot.domain.rules import Shop
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.ports import Tx
from bot.services import backups, notices, people, trail
from bot.services.people import Conversation

_MEGABYTE = 1_000_000
_MOST = {"telegram": 50 * _MEGABYTE, "whatsapp": 100 * _MEGABYTE}  # what a platform takes as a document
_HOUR_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Plan:
    """To which chat, at which minute of the shop's day, and when the next one is due (epoch milliseconds)."""

    conversation_id: int
    minute: int
    next_at: int


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made: its size in bytes, the sales in it, and where it lies, '' in the spool."""

    size: int
    sales: int
    kept_at: str = ""


def plan(tx: Tx) -> Plan | None:
    """What the owner wants; None where he wants none."""
    return tx.one(Plan, "nightly_plan")


def switch_on(tx: Tx, who: Person, minute: int, shop: Shop, now: int) -> Plan:
    """Into this chat from now on, at this minute of the shop's day."""
    next_at = _next(now, minute, shop)
    tx.run("nightly_set", conversation_id=who.conversation_id, minute=minute, next_at=next_at)
    hour, rest = divmod(minute, _HOUR_MINUTES)
    trail.note(tx, who.acting, "switched nightly backups on", trail.SHOP, now, reason=f"{hour:02d}:{rest:02d}")
    return Plan(who.conversation_id, minute, next_at)


def switch_off(tx: Tx, actor: str, now: int) -> bool:
    """None any more; False if there was none."""
    if not tx.run("nightly_off"):
        return False
    trail.note(tx, actor, "switched nightly backups off", trail.SHOP, now)
    return True


def at_once(tx: Tx, who: Person, now: int) -> bool:
    """The next one is due now; False where none is wanted."""
    if not tx.run("nightly_next", next_at=now):
        return False
    trail.note(tx, who.acting, "asked for a backup", trail.SHOP, now)
    tx.signal("nightly")
    return True


def due(tx: Tx, shop: Shop, now: int) -> Plan | None:
    """The one that is to be made now, if it is time and there is a key."""
    found = plan(tx)
    if found is None or found.next_at > now or not shop.backup_recipient:
        return None
    return found


def is_owners(tx: Tx, found: Plan, shop: Shop) -> bool:
    """Whether the chat that it goes to is still an owner's."""
    return people.is_owners(tx, found.conversation_id, shop)


def most(tx: Tx, found: Plan) -> int | None:
    """How many bytes the chat's platform takes as one document; None is no limit."""
    chat = tx.one(Conversation, "conversation_by_id", id=found.conversation_id)
    return _MOST.get(people.platform(chat.channel)) if chat else None


def is_text(tx: Tx, found: Plan) -> bool:
    """Whether the chat's platform takes no file but one of text, at least of this kind."""
    chat = tx.one(Conversation, "conversation_by_id", id=found.conversation_id)
    return chat is not None and people.platform(chat.channel) == "whatsapp"


def made(tx: Tx, found: Plan, file: File, backup: Made, shop: Shop, now: int) -> bool:
    """Send it, or say where it is kept, and wait for the next night. False where the chat may no longer have it."""
    if not is_owners(tx, found, shop):
        tx.run("nightly_off")
        trail.note(tx, "the shop", "switched nightly backups off", trail.SHOP, now, reason="no owner's chat any more")
        return False
    facts: dict[str, Value] = {"day": Day(now, long=True), "sales": backup.sales, "size": _shown(backup.size)}
    if backup.kept_at:
        message = Message(Text("backup.kept", facts | {"place": backup.kept_at}), options=(_settings(),))
    else:
        message = Message(Text("backup.sent", facts), (Text("backup.opens", {"file": file.name}),), files=(file,))
    cause = f"backup:{found.next_at}:{file.key}"
    outbox.put(tx, found.conversation_id, message, now, cause=cause, message_class=Class.CRITICAL)
    _wait_for_next(tx, found, shop, now)
    backups.noted(tx, True, f"{backup.size} bytes", now)
    return True


def failed(tx: Tx, found: Plan, why: str, shop: Shop, now: int) -> None:
    """Note it, so that the owners hear of it, and try again the next night."""
    _wait_for_next(tx, found, shop, now)
    backups.noted(tx, False, why, now)


def card(tx: Tx, shop: Shop) -> Message:
    """How it stands, and what can be done."""
    menu = notices.option("menu", "menu")
    if not shop.backup_recipient:
        return Message(Text("backup.no_key"), (Text("backup.key_how"),), (menu,))
    found = plan(tx)
    if found is None:
        return Message(Text("backup.off"), options=(notices.option("backup_on", "cadangan malam"), menu))
    options = (
        notices.option("backup_now", "cadangan sekarang"),
        notices.option("backup_off", "cadangan mati"),
        menu,
    )
    return Message(Text("backup.on", {"day": Day(found.next_at), "time": Clock(found.next_at)}), options=options)


def _settings() -> Option:
    return notices.option("backup_settings", "cadangan")


def _shown(size: int) -> str:
    return f"{max(1, round(size / _MEGABYTE))} MB"


def _wait_for_next(tx: Tx, ended: Plan, shop: Shop, now: int) -> None:
    """By the plan as it stands now: it may have been changed while the backup was made."""
    tx.run("nightly_next", next_at=_next(now, (plan(tx) or ended).minute, shop))


def _next(now: int, minute: int, shop: Shop) -> int:
    hour, rest = divmod(minute, _HOUR_MINUTES)
    return next_time_of_day(now, shop.zone, hour, rest)
