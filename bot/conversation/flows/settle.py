"""An owner settles a case: what the supplier answered where a token came out, the reason, one confirm."""

from bot.conversation.authority import authorised
from bot.conversation.owner import settling, stated
from bot.conversation.owner.settling import Compare, Decide, Hindered, Misfit, Why, Worth
from bot.conversation.script import Given, Say


async def settle() -> None:
    """Nothing is done before the confirm; if the case ends meanwhile, that is said and nothing is done at all."""
    number, way = await Given("case"), await Given("way")
    if hindered := await Hindered(number, way):
        return await Say(hindered)
    text = await _answer(number) if way == "sold" else ""
    if hindered := await Hindered(number, way):
        return await Say(hindered)
    why = await settling.reason(await Why(number, way), given=way != "sold")
    if hindered := await Hindered(number, way):
        return await Say(hindered)
    await settling.sure(await Compare(number, way, text, why), way)
    if not await authorised(await Worth(number), "pin.book"):
        return None
    return await Say(await Decide(number, way, text, why))


async def _answer(number: str) -> str:
    """The supplier's answer, asked for until it fits."""
    text = await settling.answer()
    while wrong := await Misfit(number, text):
        text = await settling.answer(wrong.text)
    if stated.read(text).payref:
        return text
    while True:
        chosen = await settling.reference()
        if settling.is_left_out(chosen):
            return text
        whole = stated.with_reference(text, chosen)
        wrong = await Misfit(number, whole)
        if wrong is None:
            return whole
        await Say(wrong)
