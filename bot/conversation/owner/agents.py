"""What an owner sees of his agents: the list with what needs his eye first, a search, and the card of one.

`agen`, `agen rina`, `agen diam`, `agen utang`, `agen A017`, `agen A017 nama Berkah Jaya`, `agen A017 zona WITA`.
"""

import dataclasses
from collections.abc import Callable, Sequence

from bot.clock import DAY, ZONES, local
from bot.conversation import pages
from bot.conversation.script import Turn
from bot.domain.ledger import COUNTER, receivable_of
from bot.domain.message import Amount, Day, Lines, Message, Option, Parts, Rupiah, Text, Value
from bot.domain.people import Agent, Member
from bot.services import history, ledger, notices, people, pins, prices, roster
from bot.services.people import PeopleError
from bot.services.roster import Listed

_ROWS = 7  # a page; with the ways on it is ten options, which every channel can show
_MOST = 10
_LABEL = 20
_SILENT = ("diam", "silent")
_OWING = ("utang", "debt", "debts")
_SEARCH = ("cari", "find")
_NAME = (" nama ", " name ")
_ZONE = (" zona", " zone")
_SHOPS = ("toko", "shop", "ikut")

Say = Callable[[Agent], list[Message]]


def answer(turn: Turn, rest: str) -> list[Message]:
    """`agen` and everything behind it, but a new one's name."""
    words, page = pages.read(rest)
    first, _, more = words.partition(" ")
    if not words:
        return [_everybody(turn, page)]
    if known(turn, words) is not None:
        return about_agent(turn, words, lambda whom: [card(turn, whom)])
    match first.casefold():
        case word if word in _SILENT and not more:
            found = roster.silent(turn.tx, turn.shop, turn.now)
            days = {"days": turn.shop.waits.silent // DAY}
            if not found:
                return [_nobody(Text("agent.silent_none", days))]
            return [_list(turn, Text("agent.silent", days | {"n": len(found)}), found, page, "agen diam")]
        case word if word in _OWING and not more:
            found = roster.debtors(turn.tx)
            return [
                _list(turn, Text("agent.owing", {"n": len(found)}), found, page, "agen utang")
                if found
                else _nobody(Text("agent.owing_none"))
            ]
        case word if word in _SEARCH and more:
            return [_found(turn, more, page)]
    return _renamed(turn, words) or _moved(turn, words) or [_found(turn, words, page)]


# who is meant


def known(turn: Turn, name: str) -> Agent | None:
    """The agent of that name or code, the counter too; None for nobody, and for several."""
    try:
        return people.find_agent(turn.tx, name)
    except PeopleError:
        return None


def is_agent(turn: Turn, name: str) -> bool:
    """Whether the words are an agent's name or code, and not the counter's."""
    found = known(turn, name)
    return found is not None and found.id != COUNTER


def about_agent(turn: Turn, name: str, say: Say) -> list[Message]:
    """An answer about one agent; the counter is the owners' own, and nobody is answered with the list."""
    if not name:
        return [_everybody(turn, 1)]
    whom = people.called(turn.tx, name)
    if whom is None:
        return [Message(Text("agent.none", {"name": name[:40]}), options=(notices.option("agents", "agen"),))]
    if whom.id == COUNTER:
        return [Message(Text("agent.counter"), options=(notices.option("agents", "agen"),))]
    return say(whom)


def see(whom: Agent) -> Option:
    """The way to his card."""
    return Option("agent", Text("line.agent", {"agent": short(whom.code, whom.name)}), f"agen {whom.code}")


def short(code: str, name: str) -> str:
    """Both on a button, cut where they are too long for one."""
    label = f"{code} {name}"
    return label if len(label) <= _LABEL else label[: _LABEL - 1].rstrip() + "…"


def _found(turn: Turn, words: str, page: int) -> Message:
    """Whoever's name holds the words: the card of one, a list of several."""
    found = roster.search(turn.tx, words)
    if not found:
        return Message(Text("agent.none", {"name": words[:40]}), options=(notices.option("agents", "agen"),))
    if len(found) == 1:
        return card(turn, people.agent(turn.tx, found[0].id))
    return _list(turn, Text("agent.found", {"n": len(found)}), found, page, f"agen cari {words}")


def _nobody(said: Text) -> Message:
    return Message(said, options=(notices.option("agents", "agen"),))


# the list


def _everybody(turn: Turn, page: int) -> Message:
    """All of them: who owes or has fallen silent before the others."""
    found = roster.everybody(turn.tx)
    new = notices.option("agent_new", "agen baru")
    if not found:
        return Message(Text("agent.empty"), options=(new,))
    silent = {one.id for one in found if one.is_silent(turn.shop, turn.now)}
    owing = {one.id for one in found if one.owed > 0}
    found.sort(key=lambda one: (one.id not in silent | owing, one.id))
    ways = [notices.option("agents_silent", "agen diam", n=len(silent))] if silent else []
    ways += [notices.option("agents_owing", "agen utang", n=len(owing))] if owing else []
    return _list(turn, Text("agent.list", {"n": len(found)}), found, page, "agen", (*ways, new))


def _list(
    turn: Turn, head: Text, found: Sequence[Listed], page: int, words: str, ways: Sequence[Option] = ()
) -> Message:
    ways = ways or (notices.option("agents", "agen"),)
    page = min(page, -(-len(found) // _ROWS))
    shown = found[(page - 1) * _ROWS : page * _ROWS]
    options = [
        Option(f"agent_{one.id}", Text("line.agent", {"agent": short(one.code, one.name)}), f"agen {one.code}")
        for one in shown
    ]
    if page * _ROWS < len(found):
        options.append(notices.option("next", f"{words} hal {page + 1}"))
    options += ways[: _MOST - len(options)]
    rows = Lines(tuple(_row(turn, one) for one in shown))
    return Message(head, (Text("line.parts", {"parts": rows}),), tuple(options))


def _row(turn: Turn, one: Listed) -> Text:
    parts = [_state(turn, one.id, one.state), Text("line.amount", {"rp": Rupiah(one.balance)})]
    if one.owed > 0:
        parts.append(Text("agent.owes", {"rp": Amount(one.owed)}))
    if one.is_silent(turn.shop, turn.now):
        days = (turn.now - one.sold_at) // DAY
        parts.append(Text("agent.silent_for", {"n": days}) if one.sold_at else Text("agent.never"))
    return Text("agent.row", {"code": one.code, "name": one.name, "facts": Parts(tuple(parts))})


def _state(turn: Turn, agent_id: int, state: str) -> Text:
    if state != "active":
        return Text("agent.is_frozen")
    is_locked = pins.is_locked(turn.tx, people.agent(turn.tx, agent_id))
    return Text("agent.is_locked" if is_locked else "agent.is_active")


# the card


def card(turn: Turn, whom: Agent) -> Message:
    """*agent.card*: what he has, owes and sold today, his terms, his last sale, his chats, and the ways on."""
    members = people.chats(turn.tx, whom.id)
    lines = [Text("line.parts", {"parts": Parts(tuple(one))}) for one in (_money(turn, whom), _terms(turn, whom))]
    sold_at = roster.sold_at(turn.tx, whom.id)
    lines.append(Text("agent.last", {"day": Day(sold_at)}) if sold_at else Text("agent.never_sold"))
    lines += [chat(one) for one in members] or [Text("agent.no_chat")]
    args: dict[str, Value] = {"code": whom.code, "name": whom.name, "state": _state(turn, whom.id, whom.state)}
    head = Text("agent.card", args | {"zone": _zone(turn, whom)})
    return Message(head, tuple(lines), _ways(turn, whom, has_chats=bool(members)))


def _money(turn: Turn, whom: Agent) -> list[Text]:
    account = ledger.agent_account(turn.tx, whom.id)
    owed = ledger.owed(turn.tx, receivable_of(whom.id))
    parts = [Text("part.balance", {"rp": Rupiah(account.posted)})]
    if account.held:
        parts.append(Text("part.held", {"rp": Rupiah(account.held)}))
    if owed:
        parts.append(Text("agent.owes", {"rp": Amount(owed)}))
    shop = people.seen_by(whom, turn.shop)
    return [*parts, Text("agent.today", {"n": history.today(turn.tx, whom, shop, turn.now).count})]


def _terms(turn: Turn, whom: Agent) -> list[Text]:
    least, most = prices.range_of(turn.tx, whom, turn.shop)
    markup = Text("agent.markup", {"rp": Rupiah(least)})
    if least != most:
        markup = Text("agent.markups", {"least": Rupiah(least), "most": Rupiah(most)})
    return [Text("agent.limit", {"rp": Rupiah(whom.daily_limit)}), markup] if whom.daily_limit else [markup]


def _zone(turn: Turn, whom: Agent) -> str:
    """By its usual short name; a zone that has none, by its distance from UTC."""
    return whom.zone or local(turn.now, turn.shop.zone).tzname() or ""


def _ways(turn: Turn, whom: Agent, *, has_chats: bool) -> tuple[Option, ...]:
    code = whom.code
    options = [top_up(whom), notices.option("markup", f"markup {code}"), notices.option("statement", f"mutasi {code}")]
    if whom.state != "active":
        options.append(notices.option("unfreeze", f"aktif {code}"))
    else:
        if pins.is_locked(turn.tx, whom):
            options.append(notices.option("unlock", f"aktif {code}"))
        options += [notices.option("freeze", f"beku {code}"), notices.option("invite_chat", f"undang {code}")]
    options.append(notices.option("limit", f"batas {code}"))
    if has_chats:
        options.append(notices.option("remove_chat", f"keluar {code}"))
    # where there is room for any number; typed elsewhere
    more = [("prices", f"harga {code}"), ("zone", f"agen {code} zona"), ("rename", f"agen {code} nama")]
    options += [dataclasses.replace(notices.option(*one), extra=True) for one in more]
    return (*options, notices.option("agents", "agen"))


def top_up(whom: Agent) -> Option:
    """What an owner does most for an agent."""
    return notices.option("top_up", f"isi {whom.code}")


def chat(one: Member) -> Text:
    """A chat of an account, by the number that removes it."""
    args: dict[str, Value] = {"number": f"#{one.id}", "chat": one.chat, "day": Day(one.created_at)}
    return Text("agent.chat", args | {"role": Text(f"role.{one.role}")})


# changes that need no question


def _split(words: str, *by: str) -> tuple[str, str] | None:
    """What stands before and behind the first of these words that has an agent before it."""
    line = f"{words} ".casefold()
    place, word = min(((at, one) for one in by if (at := line.find(one)) > 0), default=(0, ""))
    return (words[:place], words[place + len(word) :].strip()) if place else None


def _renamed(turn: Turn, words: str) -> list[Message]:
    """`agen A017 nama Berkah Jaya`; what names nobody is no change."""
    found = _split(words, *_NAME)
    whom = people.called(turn.tx, found[0]) if found else None
    if found is None or whom is None or whom.id == COUNTER:
        return []
    try:
        name = roster.rename(turn.tx, whom, found[1], turn.person.acting, turn.now)
    except PeopleError:
        taken = known(turn, found[1])
        key = "agent.name_how" if taken is None else "agent.exists"
        args: dict[str, Value] = {"code": whom.code} if taken is None else {"agent": taken.name}
        return [Message(Text(key, args), options=(see(whom),))]
    now = dataclasses.replace(whom, name=name)
    return [Message(Text("agent.renamed", {"old": whom.name, "new": name}), options=(see(now),))]


def _moved(turn: Turn, words: str) -> list[Message]:
    """`agen A017 zona WITA`, `agen A017 zona toko`; without a zone they are offered."""
    found = _split(words, *_ZONE)
    whom = people.called(turn.tx, found[0]) if found else None
    if found is None or whom is None or whom.id == COUNTER:
        return []
    zone = "" if found[1].casefold() in _SHOPS else found[1].upper()
    if not found[1] or zone not in ("", *ZONES):
        offered = [
            Option(one.casefold(), Text("line.agent", {"agent": one}), f"agen {whom.code} zona {one}")
            for one in ZONES
            if one != whom.zone
        ]
        if whom.zone:
            offered.append(notices.option("zone_shop", f"agen {whom.code} zona toko"))
        args: dict[str, Value] = {"agent": whom.name, "zone": _zone(turn, whom), "code": whom.code}
        return [Message(Text("agent.zone_how", args), options=(*offered, see(whom)))]
    roster.move(turn.tx, whom, zone, turn.person.acting, turn.now)
    now = dataclasses.replace(whom, zone=zone)
    told = Text("agent.zone_done", {"agent": whom.name, "zone": _zone(turn, now)})
    return [Message(told, options=(see(now),))]
