"""An owner's alerts: what stands, who has taken it on, what is quiet until when, and what was."""

from bot.conversation import pages
from bot.conversation.command import owner_of
from bot.conversation.script import Turn
from bot.domain.message import Lines, Message, Option, Parts, Text, Value
from bot.services import alerts, facts, notices
from bot.services.alerts import Episode, Event
from bot.services.facts import Fact

_TAKE = ("urus", "take", "seen")
_QUIET = ("diam", "quiet", "mute")
_SOUND = ("bunyi", "sound", "unmute")
_HISTORY = ("riwayat", "history")
_TOMORROW = ("besok", "tomorrow")
_ROWS = 8
_STEPS = {
    "raised": "alarm.step_raised",
    "told": "alarm.step_told",
    "again": "alarm.step_again",
    "taken": "alarm.step_taken",
    "quieted": "alarm.step_quieted",
    "sounded": "alarm.step_sounded",
    "ended": "alarm.step_ended",
}
_LIST = notices.option("alarms", "alarm")


def answer(turn: Turn, rest: str) -> list[Message]:
    """`alarm`, `alarm 7`, `alarm urus 7`, `alarm diam 7 besok`, `alarm bunyi 7`, `alarm riwayat`, and its pages."""
    word, _, more = rest.casefold().partition(" ")
    if not word:
        return [_list(turn)]
    if word in _HISTORY:
        return [_history(turn, pages.read(more)[1])]
    number, _, how = (more if word in (*_TAKE, *_QUIET, *_SOUND) else rest).partition(" ")
    found = alerts.by_number(turn.tx, number)
    if found is None:
        return [Message(Text("alarm.unknown"), options=(_LIST,))]
    if word in _TAKE:
        return [_take(turn, found)]
    if word in _QUIET:
        return [_quieten(turn, found, tomorrow=how in _TOMORROW)]
    if word in _SOUND:
        alerts.sound(turn.tx, found, owner_of(turn), turn.now)
        return [Message(Text("alarm.sounds", {"what": found.name}), options=(_quiet_option(turn, found), _LIST))]
    return [_card(turn, found)]


def _take(turn: Turn, found: Episode) -> Message:
    if alerts.take(turn.tx, found, owner_of(turn), turn.person.conversation_id, turn.shop, turn.now):
        # its own way out comes first: whoever takes it on is about to do something
        return Message(Text("alarm.taken", {"what": found.name}), options=(*found.said.options, _LIST))
    if found.ended_at is not None:
        return Message(Text("alarm.ended", {"what": found.name, "time": _time(turn, found.ended_at)}), options=(_LIST,))
    args: dict[str, Value] = {"who": found.taken_by, "time": _time(turn, found.taken_at or 0)}
    return Message(Text("alarm.taken_before", args), options=(_LIST,))


def _quieten(turn: Turn, found: Episode, *, tomorrow: bool) -> Message:
    until = alerts.quiet_until(found.kind, turn.shop, turn.now, tomorrow=tomorrow)
    alerts.quieten(turn.tx, found, until, owner_of(turn), turn.now)
    options = [notices.option("alarm_sound", f"alarm bunyi {found.id}"), _LIST]
    args: dict[str, Value] = {"what": found.name, "time": notices.when(until, turn.shop, turn.now)}
    if alerts.Kind(found.kind).is_urgent:
        return Message(Text("alarm.quiet", args), (Text("alarm.quiet_urgent"),), tuple(options))
    if not tomorrow:
        options.insert(0, notices.option("alarm_tomorrow", f"alarm diam {found.id} besok"))
    return Message(Text("alarm.quiet", args), options=tuple(options))


def _list(turn: Turn) -> Message:
    found = alerts.standing(turn.tx)
    history = notices.option("alarm_history", "alarm riwayat")
    if not found:
        return Message(Text("alarm.none"), options=(history, notices.option("report", "rekap")))
    rows = tuple(_row(turn, one) for one in found[:_ROWS])
    options = tuple(map(_see_card, found[:_ROWS]))
    head = Text("alarm.list", {"n": len(found)})
    return Message(head, (Text("line.parts", {"parts": Lines(rows)}),), (*options, history))


def _see(one: Episode | Fact) -> Option | None:
    """What shows it: an alert's card, a fact's sale; None for a fact about none."""
    if isinstance(one, Episode):
        return _see_card(one)
    return (
        Option(f"sale_{one.purchase_id}", Text("btn.see", {"sale": one.sale}), f"catatan {one.sale}")
        if one.sale
        else None
    )


def _see_card(one: Episode) -> Option:
    return Option(f"alarm_{one.id}", Text("btn.see", {"sale": f"#{one.id}"}), f"alarm {one.id}")


def _row(turn: Turn, one: Episode) -> Text:
    args: dict[str, Value] = {"number": f"#{one.id}", "what": one.name, "time": _time(turn, one.raised_at)}
    parts = [Text("alarm.row", args)]
    if one.times > 1:
        parts.append(Text("alarm.times", {"n": one.times}))
    if one.taken_by:
        parts.append(Text("alarm.by", {"who": one.taken_by}))
    if one.ended_at is not None:
        parts.append(Text("alarm.over_at", {"time": _time(turn, one.ended_at)}))
    elif (silence := alerts.quiet(turn.tx, one.kind, turn.now)) is not None:
        parts.append(Text("alarm.quiet_until", {"time": notices.when(silence.until, turn.shop, turn.now)}))
    return Text("line.parts", {"parts": Parts(tuple(parts))})


def _history(turn: Turn, page: int) -> Message:
    """Episodes and what was told once, by the time at which they came."""
    most = page * _ROWS + 1  # of each, for all of them may be of one kind
    found: list[Episode | Fact] = [*alerts.latest(turn.tx, most), *facts.latest(turn.tx, most)]
    if not found:
        return Message(Text("alarm.none_ever"), options=(notices.option("report", "rekap"),))
    shown = sorted(found, key=_came, reverse=True)[most - 1 - _ROWS : most - 1]
    if not shown:
        return Message(Text("hist.end"), options=(notices.option("alarm_history", "alarm riwayat"), _LIST))
    rows = tuple(_fact_row(turn, one) if isinstance(one, Fact) else _row(turn, one) for one in shown)
    sees = {one.key: one for one in map(_see, shown) if one is not None}  # several facts may be about one sale
    following = (notices.option("next", f"alarm riwayat hal {page + 1}"),) if len(found) >= most else ()
    options = (*sees.values(), *following, _LIST)
    return Message(Text("alarm.history"), (Text("line.parts", {"parts": Lines(rows)}),), options)


def _came(one: Episode | Fact) -> int:
    return one.at if isinstance(one, Fact) else one.raised_at


def _fact_row(turn: Turn, one: Fact) -> Text:
    args: dict[str, Value] = {"what": one.name, "time": _time(turn, one.at)}
    return Text("alarm.fact_of", args | {"sale": one.sale}) if one.sale else Text("alarm.fact", args)


def _card(turn: Turn, found: Episode) -> Message:
    said = found.said
    steps = tuple(_step(turn, one) for one in alerts.events(turn.tx, found.id)[-_ROWS:])
    lines = (*said.more, _row(turn, found), Text("line.parts", {"parts": Lines(steps)}))
    if found.ended_at is not None:
        return Message(said.text, lines, (_LIST,))
    options = list(said.options)
    if not found.taken_by:
        options.append(notices.option("alarm_take", f"alarm urus {found.id}"))
    if alerts.quiet(turn.tx, found.kind, turn.now) is None:
        options.append(_quiet_option(turn, found))
    else:
        options.append(notices.option("alarm_sound", f"alarm bunyi {found.id}"))
    return Message(said.text, lines, (*options, _LIST))


def _quiet_option(turn: Turn, found: Episode) -> Option:
    return alerts.quiet_option(found, turn.shop, turn.now)


def _step(turn: Turn, one: Event) -> Text:
    args: dict[str, Value] = {"time": _time(turn, one.at)}
    return Text(_STEPS[one.event], args | ({"who": one.actor} if one.actor else {}))


def _time(turn: Turn, at: int) -> Value:
    return notices.when(at, turn.shop, turn.now)
