"""A customer gets a lost token again: which meter, one proof, the token. Every number is asked the same."""

from bot.conversation import proofs
from bot.conversation.proving import AskSeller, Forget, HasNumber, KnownUntil, Prove
from bot.conversation.script import Say
from bot.domain.message import Message, MeterNumber, Text
from bot.services import notices
from bot.services.recovery import Outcome, Proof, Way


async def recover() -> None:
    """Until a proof fits, the seller is asked, or somebody gives up."""
    number = await proofs.lost_meter()
    if number.startswith(proofs.CODE):
        return await said_alone(await Prove("", proofs.proof_of(number)))
    if (until := await KnownUntil(number)) and (chosen := await proofs.known(number, until)):
        return await _known(number, is_kept=chosen == "send")
    has_number = await HasNumber()
    answer = await proofs.proof(has_number=has_number)
    while True:
        match answer:
            case proofs.REFERENCE:
                answer = await proofs.reference()
            case proofs.CODE:
                answer = await proofs.code_chosen()
            case proofs.SHARED | proofs.TYPED_PHONE:  # chosen or typed, and not shared
                answer = await proofs.own_phone(has_number=has_number)
            case proofs.SELLER:
                await AskSeller(number)
                return await Say(Message(Text("rec.asked"), options=(notices.option("menu", "menu"),)))
            case _:
                outcome = await Prove(number, proofs.proof_of(answer))
                if outcome.found:
                    return await _said(outcome)
                answer = await proofs.again(outcome.messages[0], has_number=has_number)


async def _known(number: str, *, is_kept: bool) -> None:
    if is_kept:
        return await said_alone(await Prove(number, Proof(Way.KNOWN)))
    await Forget(number)
    find = notices.option("find_token", "cari")
    return await Say(Message(Text("rec.forgotten", {"meter": MeterNumber(number, short=True)}), options=(find,)))


async def said_alone(outcome: Outcome) -> None:
    """What a proof brought that was not one of several offered."""
    if outcome.found:
        return await _said(outcome)
    return await Say(proofs.with_seller(outcome.messages[0]))


async def _said(outcome: Outcome) -> None:
    for message in outcome.messages:
        await Say(message)
