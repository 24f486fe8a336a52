"""A secret number is set, changed, taken away, or told from which price on it is asked: the old one first."""

from bot.conversation import grammar
from bot.conversation.authority import authorised, number
from bot.conversation.pinning import AskedFrom, Keep, MaySet, Remove, SetFrom, Weigh
from bot.conversation.prompts import CANCEL
from bot.conversation.script import Ask, Given, Say
from bot.domain.message import Message, Option, Rupiah, Text
from bot.services import notices

_WAYS = {
    "ganti": "change",
    "change": "change",
    "hapus": "remove",
    "remove": "remove",
    "limit": "limit",
    "batas": "limit",
}
_HIGHEST = 1_000_000_000


async def pin() -> None:
    """`pin` alone sets the first one, or asks what is wanted."""
    wanted = await Given("rest")
    way, _, amount = wanted.partition(" ")
    way = _WAYS.get(way.casefold(), "")
    asked_from = await AskedFrom()
    if asked_from and not way:
        way = await _what(asked_from)
    if not asked_from and way in ("remove", "limit"):
        options = (notices.option("pin_set", "pin"), notices.option("menu", "menu"))
        await Say(Message(Text("pin.none"), options=options))
        return
    if not await MaySet():
        await Say(Message(Text("pin.too_new"), options=(_MENU,)))
        return
    rupiah = await _limit(amount) if way == "limit" else 0
    if not await authorised():
        return
    match way:
        case "remove":
            await Remove()
            await Say(Message(Text("pin.removed"), options=(notices.option("pin_set", "pin"), _MENU)))
        case "limit":
            await SetFrom(rupiah)
            await Say(Message(Text("pin.from", {"rp": Rupiah(rupiah)}), options=(_MENU,)))
        case _:
            await _set()


_MENU = notices.option("menu", "menu")


async def _set() -> None:
    said: Text | None = None
    while True:
        first = await number(Message(Text("pin.new")), said, "pin_new")
        if wrong := await Weigh(first):
            said = Text(wrong)
            continue
        second = await number(Message(Text("pin.again")), None, "pin_again")
        said = await Keep(first, second)
        if said is None:
            break
    asked_from = await AskedFrom()
    options = (notices.option("pin_limit", "pin limit"), _MENU)
    await Say(Message(Text("pin.set", {"rp": Rupiah(asked_from)}), options=options))


def _what(asked_from: int) -> Ask:
    options = (
        Option("change", Text("btn.pin_change")),
        Option("limit", Text("btn.pin_limit")),
        Option("remove", Text("btn.pin_remove")),
        CANCEL,
    )
    message = Message(Text("pin.what", {"rp": Rupiah(asked_from)}), options=options)
    return Ask("pin.what", message, parse=lambda text: _WAYS.get(text.casefold()))


async def _limit(typed: str) -> int:
    rupiah = _rupiah(typed)
    if rupiah is None:
        rupiah = _rupiah(await Ask("pin.limit", Message(Text("pin.limit"), options=(CANCEL,)), parse=_amount))
    return rupiah or _HIGHEST


def _rupiah(text: str) -> int | None:
    rupiah = grammar.amount(text) if text else None
    return rupiah if rupiah is not None and 1 <= rupiah <= _HIGHEST else None


def _amount(text: str) -> str | None:
    return None if _rupiah(text) is None else text
