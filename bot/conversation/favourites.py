"""Favourites: the agent's short names for meters, listed, given, changed and forgotten.

The list and what forgets are answers; giving a name is a flow, for it asks. Cashiers use the names, principals change
them.
"""

from collections.abc import Sequence

from bot.conversation import grammar, pages
from bot.conversation.command import PRINCIPALS, Begin, seller
from bot.conversation.grammar import Order
from bot.conversation.prompts import CANCEL
from bot.conversation.script import Ask, Effect, Turn
from bot.domain.message import Lines, Message, MeterNumber, Option, Text
from bot.domain.people import Person
from bot.ports import Tx
from bot.services import favourites, notices
from bot.services.favourites import Favourite

_ROWS = 6  # a page; with what can be done to them it is ten options, which every channel can show
_RENAME, _DROP = ("ganti", "rename"), ("hapus", "delete")


def order(tx: Tx, person: Person, text: str) -> Order | None:
    """The order that a line is by a favourite of whoever typed it; None if it names none of his."""
    named = grammar.named(text) if person.agent is not None else None
    found = favourites.find(tx, person.agent, named.alias) if named and person.agent else None
    return Order(found.msn, named.denomination, named.repeat, named.phone) if named and found else None


def begins_naming(turn: Turn, rest: str) -> Begin | None:
    """The flow, where `fav …` gives a name: `T10482`, `T10482 budi`, `ganti budi`, `ganti budi andi`.

    None where it asks for an answer, `answer`'s. Alone it gives the first name, to the latest sale.
    """
    agent = seller(turn)
    if turn.person.role not in PRINCIPALS:
        return None
    words = rest.split()
    if words[:1] and words[0].casefold() in _RENAME:
        found = favourites.find(turn.tx, agent, words[1]) if words[1:] else None
        return _begin(found.msn, found.name, words[2:], found.alias) if found else None
    if words:
        sale = favourites.sale_of(turn.tx, agent, words[0])
        known = favourites.of_meter(turn.tx, agent, sale.msn) if sale else None
        return _begin(sale.msn, sale.name, words[1:]) if sale and (known is None or words[1:]) else None
    latest = _unnamed(turn)
    empty = latest is not None and not favourites.all_of(turn.tx, agent)
    return _begin(latest.msn, latest.name) if latest and empty else None


def _begin(msn: str, name: str, alias: Sequence[str] = (), was: str = "") -> Begin:
    given = {"msn": msn, "name": name, "was": was}
    return Begin("favourite", given | ({"alias": " ".join(alias)} if alias else {}))


def _unnamed(turn: Turn) -> favourites.Recent | None:
    """The latest meter sold to, if it has no name yet."""
    for one in favourites.recents(turn.tx, turn.person, turn.shop)[:1]:
        if favourites.of_meter(turn.tx, seller(turn), one.msn) is None:
            return one
    return None


def answer(turn: Turn, rest: str) -> list[Message]:
    """`fav`, `fav hal 2`, `fav budi`, `fav hapus budi`; `fav hapus` and `fav ganti` ask which one."""
    agent, words = seller(turn), rest.split()
    found = favourites.all_of(turn.tx, agent)
    changes = turn.person.role in PRINCIPALS
    if not found:
        return [Message(Text("fav.empty"), options=(notices.option("buy", "beli"),))]
    first = words[0].casefold() if words else ""
    if first in (*_DROP, *_RENAME) and changes:
        named = favourites.find(turn.tx, agent, words[1]) if words[1:] else None
        if named is not None and first in _DROP:
            return [_dropped(turn, named)]
        return [_which(found, *(("fav.drop", "hapus") if first in _DROP else ("fav.rename", "ganti")))]
    named = favourites.find(turn.tx, agent, rest) if rest else None
    sale = favourites.sale_of(turn.tx, agent, first) if first and named is None else None
    named = named or (favourites.of_meter(turn.tx, agent, sale.msn) if sale else None)
    if named is not None:
        return [_one(named, changes=changes)]
    return [_list(turn, found, pages.read(rest)[1], changes=changes)]


def _list(turn: Turn, found: list[Favourite], page: int, *, changes: bool) -> Message:
    of = -(-len(found) // _ROWS)
    page = min(page, of)
    shown = found[(page - 1) * _ROWS : page * _ROWS]
    options = [_chosen(place, one, one.alias) for place, one in enumerate(shown)]
    if page < of:
        options.append(notices.option("next", f"fav hal {page + 1}"))
    if changes:
        if latest := _unnamed(turn):
            short = MeterNumber(latest.msn, short=True)
            options.append(Option("fav_new", Text("btn.fav_new", {"meter": short}), f"fav {latest.msn}"))
        options += [notices.option("fav_rename", "fav ganti"), notices.option("fav_drop", "fav hapus")]
    rows = Lines(tuple(_row(one) for one in shown))
    return Message(Text("fav.list", {"n": len(found)}), (Text("line.parts", {"parts": rows}),), tuple(options))


def _row(one: Favourite) -> Text:
    return Text("fav.row", {"alias": one.alias, "name": one.name, "meter": MeterNumber(one.msn)})


def _chosen(place: int, one: Favourite, says: str) -> Option:
    return Option(f"fav_{place}", Text("line.favourite", {"alias": one.alias}), says, about=_row(one))


def _which(found: list[Favourite], key: str, word: str) -> Message:
    """Which one to change: the first few as options, any by typing."""
    options = tuple(_chosen(place, one, f"fav {word} {one.alias}") for place, one in enumerate(found[:_ROWS]))
    return Message(Text(key, {"alias": found[0].alias}), options=(*options, notices.option("favourites", "fav")))


def _one(named: Favourite, *, changes: bool) -> Message:
    buy = Option("buy", Text("btn.buy"), named.alias)
    change = (
        notices.option("fav_rename", f"fav ganti {named.alias}"),
        notices.option("fav_drop", f"fav hapus {named.alias}"),
    )
    return Message(_row(named), (Text("fav.use", {"alias": named.alias}),), (buy, *(change if changes else ())))


def _dropped(turn: Turn, named: Favourite) -> Message:
    favourites.drop(turn.tx, seller(turn), named.alias)
    again = notices.option("fav_again", f"fav {named.msn} {named.alias}")
    said = Text("fav.dropped", {"alias": named.alias, "meter": MeterNumber(named.msn)})
    return Message(said, options=(again, notices.option("favourites", "fav")))


# the flow's questions and its effect


def ask_alias(name: str) -> Ask:
    """Which short name; something that cannot be one is told what can."""
    message = Message(Text("fav.ask", {"name": name}), options=(CANCEL,))
    return Ask("fav.ask", message, parse=grammar.alias, given="alias", refusal=lambda _: Text("fav.rule"))


def ask_taken(alias: str, msn: str) -> Ask:
    """The name stands for another meter already: let it change, or type another."""
    options = (Option("correct", Text("btn.replace")), CANCEL)
    message = Message(Text("fav.taken", {"alias": alias, "meter": MeterNumber(msn)}), options=options)
    return Ask("fav.taken", message, parse=grammar.alias, refusal=lambda _: Text("fav.rule"))


def saved(alias: str) -> Message:
    """It is kept, and how it is used."""
    options = (notices.option("favourites", "fav"), notices.option("menu", "menu"))
    return Message(Text("fav.saved", {"alias": alias}), options=options)


def full() -> Message:
    """No more names until one is forgotten."""
    return Message(Text("fav.full"), options=(notices.option("fav_drop", "fav hapus"),))


class Keep(Effect[str]):
    """Keep the name; what comes of it is '' or the meter that has it already, or FULL."""

    FULL = "full"

    def __init__(self, favourite: Favourite, was: str, *, replaces: bool) -> None:
        self.name = "keep_name"
        self.favourite = favourite
        self.was = was
        self.replaces = replaces

    def perform(self, turn: Turn) -> str:
        """Among the account's own; a name that only changes hands takes no room."""
        agent = seller(turn)
        is_new = favourites.find(turn.tx, agent, self.favourite.alias) is None and not self.was
        if is_new and favourites.is_full(turn.tx, agent, turn.shop):
            return self.FULL
        return favourites.keep(turn.tx, agent, self.favourite, turn.now, was=self.was, replaces=self.replaces)

    def load(self, turn: Turn, logged: str) -> str:
        """As it was."""
        return logged
