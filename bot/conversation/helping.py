"""What can be typed, by examples: to each role its own; an owner's are many, so they are told by subject."""

import dataclasses

from bot.conversation.script import Turn
from bot.domain.message import Message, MeterNumber, Option, Text
from bot.domain.people import Role
from bot.services import notices, sales

_SUBJECTS = {
    "help.sell": "jual sell",
    "help.money": "uang money",
    "help.agents": "agen agents agent",
    "help.shop": "toko shop",
}
_BY_WORD = {word: key for key, words in _SUBJECTS.items() for word in words.split()}
_MENU = notices.option("menu", "menu")


def answer(turn: Turn, rest: str) -> list[Message]:
    """`bantuan`; to an owner also `bantuan jual`, `bantuan uang`, `bantuan agen` and `bantuan toko`."""
    if turn.person.agent is None:
        where = Text("start.buy_at", {"contacts": sales.contacts(turn.tx, turn.shop)})
        more = (where, Text("faq.less"))
        return [Message(Text("help.customer"), more, (notices.option("find_token", "cari"), _MENU))]
    if turn.person.role is Role.OWNER:
        if key := _BY_WORD.get(rest.casefold()):
            return [Message(Text(key), options=(*_subjects(but=key), _MENU))]
        return _before_practice(turn, Message(Text("help.owner"), options=(*_subjects(), _MENU)))
    ways = (notices.option("buy", "beli"), _MENU)
    return _before_practice(turn, Message(Text(f"help.{turn.person.role}"), (Text("faq.less"),), ways))


def _subjects(but: str = "") -> tuple[Option, ...]:
    """The subjects that are not shown already."""
    return tuple(
        notices.option(key.replace(".", "_"), f"bantuan {words.split()[0]}")
        for key, words in _SUBJECTS.items()
        if key != but
    )


def _before_practice(turn: Turn, said: Message) -> list[Message]:
    """In a practice shop followed by what goes wrong on purpose; the buttons stand below the last."""
    rows = tuple(
        Text("help.scenario", {"meter": MeterNumber(meter, plain=True), "what": words[turn.person.language]})
        for meter, words in turn.shop.practice
    )
    if not rows:
        return [said]
    return [dataclasses.replace(said, options=()), Message(Text("help.scenarios"), rows, said.options)]
