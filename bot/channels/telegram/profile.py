"""What Telegram shows of the bot beside its messages: command menus per role and language, and its descriptions.

What was published is kept in the database, so that only changes are told again; nobody waits for any of it.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import structlog
from telegram import Bot, BotCommand, BotCommandScopeChat
from telegram.error import BadRequest, Forbidden

from bot.channels.telegram.reading import NAME
from bot.channels.telegram.request import Throttled
from bot.domain.message import Text
from bot.domain.people import Role
from bot.domain.rules import Shop
from bot.i18n import LOCALES, Renderer
from bot.ports import Store, Tx

log = structlog.get_logger(__name__)

_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE = 60.0

MENUS = {
    Role.CUSTOMER: ("find", "refused", "claim", "help", "language"),
    Role.AGENT: (
        "buy",
        "balance",
        "topup",
        "history",
        "complain",
        "prices",
        "report",
        "cashiers",
        "pin",
        "lock",
        "help",
        "language",
    ),
    Role.CASHIER: ("buy", "history", "complain", "pin", "help", "language"),
    Role.OWNER: ("buy", "report", "agents", "notes", "balance", "history", "prices", "pin", "help", "language"),
}


@dataclass(frozen=True, slots=True)
class _Chat:
    value: str
    language: str
    role: str


@dataclass(frozen=True, slots=True)
class _Published:
    subject: str
    value: str


@dataclass(frozen=True, slots=True)
class _Task:
    """One thing to publish: under which subject, what it then says, and the call."""

    subject: str
    value: str
    call: Callable[[], Awaitable[object]]


class Profile:
    """Publishes what changed."""

    def __init__(self, bot: Bot, store: Store, shop: Shop, words: Renderer) -> None:
        self._bot = bot
        self._store = store
        self._shop = shop
        self._words = words
        self._menus: dict[tuple[Role, str], tuple[list[BotCommand], str]] = {}

    async def run(self) -> None:
        """For ever: learn our own name, then publish whatever differs from what stands there."""
        pause = 1.0
        while True:
            try:
                me = await self._bot.get_me()
                await self._store.write(_adopt, str(me.id), me.username or "")
                while True:
                    await self._once()
                    pause = 1.0
                    await asyncio.sleep(self._shop.waits.menus / 1000)
            except Exception as error:  # noqa: BLE001  # whatever a proxy answers: no sale may end for the sake of a menu
                log.debug("menus wait", why=type(error).__name__)
                await asyncio.sleep(max(pause, error.seconds if isinstance(error, Throttled) else 0.0))
                pause = min(2 * pause, _LONGEST_PAUSE)

    async def _once(self) -> None:
        chats, published = await self._store.read(_known, self._shop)
        for task in self._wanted(chats, published):
            try:
                await task.call()
            except (BadRequest, Forbidden) as error:  # a chat that never began, or left: no menu to show there
                log.debug("a menu was refused", subject=task.subject, why=error.message)
            await self._store.write(_publish, task.subject, task.value)
            await asyncio.sleep(_PAUSE_SECONDS)

    def _wanted(self, chats: list[_Chat], published: dict[str, str]) -> list[_Task]:
        """What differs from what stands there."""
        tasks = []
        for locale in ("", *LOCALES):
            speaks = locale or self._shop.locale
            tasks.append(self._menu(f"menu:{locale}", Role.CUSTOMER, speaks, None, locale or None))
            long, short = self._text("about.long", speaks), self._text("about.short", speaks)
            code = locale or None
            tasks.append(_Task(f"long:{locale}", long, partial(self._bot.set_my_description, long, code)))
            tasks.append(_Task(f"short:{locale}", short, partial(self._bot.set_my_short_description, short, code)))
        for chat in chats:
            subject, role = f"chat:{chat.value}", Role(chat.role)
            if published.get(subject) != self._menu_of(role, chat.language)[1]:  # nearly always it does not
                scope = BotCommandScopeChat(int(chat.value))
                tasks.append(self._menu(subject, role, chat.language, scope, None))
        staying = {f"chat:{chat.value}" for chat in chats}
        for subject, value in published.items():
            if subject.startswith("chat:") and subject not in staying and value:
                left = BotCommandScopeChat(int(subject.removeprefix("chat:")))
                tasks.append(_Task(subject, "", partial(self._bot.delete_my_commands, left)))
        return [task for task in tasks if published.get(task.subject) != task.value]

    def _menu(
        self, subject: str, role: Role, locale: str, scope: BotCommandScopeChat | None, code: str | None
    ) -> _Task:
        commands, digest = self._menu_of(role, locale)
        return _Task(subject, digest, partial(self._bot.set_my_commands, commands, scope, code))

    def _menu_of(self, role: Role, locale: str) -> tuple[list[BotCommand], str]:
        """The commands, and what tells them from others: made once, for thousands of chats share them."""
        known = self._menus.get((role, locale))
        if known is None:
            rows = [self._text(f"cmd.{name}", locale).partition(": ") for name in MENUS[role]]
            commands = [BotCommand(word, meaning) for word, _, meaning in rows]
            known = self._menus[role, locale] = commands, hashlib.sha256(repr(rows).encode()).hexdigest()[:16]
        return known

    def _text(self, key: str, locale: str) -> str:
        return self._words.render(Text(key, {"shop": self._shop.name}), locale, self._shop.zone)


def _known(tx: Tx, shop: Shop) -> tuple[list[_Chat], dict[str, str]]:
    chats = {chat.value: chat for chat in tx.all(_Chat, "member_chats", channel=NAME)}
    for channel, value in shop.owners:
        language = tx.one(str, "conversation_language", channel=NAME, value=value) if channel == NAME else None
        if language is not None:
            chats[value] = _Chat(value, language, Role.OWNER)
    rows = tx.all(_Published, "published_all", channel=NAME)
    return list(chats.values()), {row.subject: row.value for row in rows}


def _adopt(tx: Tx, bot_id: str, name: str) -> None:
    """Keep the bot's name, of which links are made; of another bot's menus nothing holds for this one."""
    if tx.one(str, "published_value", channel=NAME, subject="bot") != bot_id:
        tx.run("published_forget", channel=NAME)
    _publish(tx, "bot", bot_id)
    _publish(tx, "name", name)


def _publish(tx: Tx, subject: str, value: str) -> None:
    tx.run("published_set", channel=NAME, subject=subject, value=value)
