"""A customer is forgotten: his words at once, in one unit, and his names as soon as nothing needs them any more.

What was sold stays in the books. What counts against guessing stays until it no longer does: nobody gets new tries by
asking to be forgotten.
"""

from dataclasses import dataclass

import structlog

from bot.domain.people import Role
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import people

log = structlog.get_logger(__name__)

_UNNEEDED = 2**62  # later than anything was said


@dataclass(frozen=True, slots=True)
class _Chat:
    id: int
    channel: str
    handle: str


@dataclass(frozen=True, slots=True)
class _Asked:
    conversation_id: int
    asked_at: int


def erase(tx: Tx, conversation_id: int, shop: Shop, now: int) -> None:
    """Forget what the chat said, was told, proved, asked for and may do; the answer to it still arrives."""
    tx.run("erasure_add", id=conversation_id, now=now)
    for chat in _chats(tx, conversation_id):
        tx.run("erasure_unsaid", chat=chat.id, until=now)
        for phone in tx.all(str, "erasure_phones", chat=chat.id, actor=_actor(chat)):
            tx.run("erasure_drafts", phone=phone)
            tx.run("erasure_draft_steps", phone=phone)
        tx.run("erasure_own_phone", chat=chat.id)
        tx.run("erasure_proved_phones", actor=_actor(chat))
        tx.run("erasure_fetches", actor=_actor(chat))
        tx.run("proved_meter_drop", conversation_id=chat.id)
        tx.run("sale_watch_drop", conversation_id=chat.id)
        tx.run("merge_opening_watch_done", id=chat.id)
        tx.run("token_request_drop", conversation_id=chat.id)
        _sweep(tx, chat, shop, now, until=now)
    tx.signal("retention")


def finish(tx: Tx, shop: Shop, now: int) -> int:
    """Take the names of chats that were forgotten and are needed no more; how many chats that were."""
    done, after = 0, 0
    while asked := tx.all(_Asked, "erasure_waiting", after=after):
        for one in asked:
            done += _finished(tx, one, shop, now)
        after = asked[-1].conversation_id
    return done


def _finished(tx: Tx, asked: _Asked, shop: Shop, now: int) -> bool:
    chats = _chats(tx, asked.conversation_id)
    if any(tx.one(int, "erasure_is_under_way", chat=chat.id) for chat in chats):
        return False
    for chat in chats:
        _sweep(tx, chat, shop, now, until=asked.asked_at)
    if _speaks_for_the_shop(tx, asked.conversation_id, shop):  # since then: his names are his account's
        return bool(tx.run("erasure_done", id=asked.conversation_id))
    if any(tx.one(int, "erasure_is_early", chat=chat.id) for chat in chats):
        return False
    for chat in chats:
        tx.run("erasure_of_parked", chat=chat.id)
        _sweep(tx, chat, shop, now, until=_UNNEEDED)
        tx.run("erasure_of_inbox", channel=chat.channel, handle=chat.handle)
        tx.run("erasure_of_addresses", chat=chat.id)
        tx.run("erasure_of_chat", chat=chat.id)
    log.info("a customer was forgotten", conversation=asked.conversation_id)
    return bool(tx.run("erasure_done", id=asked.conversation_id))


def _sweep(tx: Tx, chat: _Chat, shop: Shop, now: int, *, until: int) -> None:
    """Everything that was said in the chat until then and is not under way."""
    tx.run("erasure_heard", channel=chat.channel, handle=chat.handle, until=until)
    tx.run("erasure_said", chat=chat.id, until=until)
    tx.run("erasure_steps", chat=chat.id, until=until)
    for what in ("erasure_answers", "erasure_effects", "erasure_talks"):
        tx.run(what, chat=chat.id)
    for request in tx.all(int, "erasure_requests", chat=chat.id):
        tx.run("erasure_asked_steps", request=request)
        tx.run("erasure_asked", request=request)
    tx.run("erasure_requests_prune", chat=chat.id, since=now - shop.waits.request)


def _chats(tx: Tx, conversation_id: int) -> list[_Chat]:
    return tx.all(_Chat, "erasure_chats", id=conversation_id)


def _actor(chat: _Chat) -> str:
    return f"{Role.CUSTOMER} in chat {chat.id}"


def _speaks_for_the_shop(tx: Tx, conversation_id: int, shop: Shop) -> bool:
    chat = tx.one(people.Conversation, "conversation_by_id", id=conversation_id)
    return chat is not None and people.person(tx, chat, shop).role is not Role.CUSTOMER
