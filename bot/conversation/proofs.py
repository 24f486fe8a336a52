"""The questions of a customer's recovery, asked alike of every number; and the proofs that answers to them are.

A proof stands in the log as one line: `own`, `ref A94C 50000`, `code K7Q2M9XT4B`, or the digits of a shared phone.
"""

import dataclasses
import re

from bot.conversation import grammar, prompts
from bot.conversation.script import PHONE, Ask
from bot.domain import meter
from bot.domain.message import Day, Message, MeterNumber, Option, Text, Value
from bot.services import notices
from bot.services.recovery import Proof, Way

SHARED = PHONE
OWN, REFERENCE, CODE, SELLER = "own", "ref", "code", "seller"
TYPED_PHONE = "typed_phone"  # whoever can type a number need not have it: it proves nothing
ASKED_SELLER = "minta"  # typed, or brought along: the same as the option

_SHARE = Option(PHONE, Text("btn.my_phone"))
_OWN = Option(OWN, Text("btn.my_phone"))
_REFERENCE = Option(REFERENCE, Text("btn.reference"))
_CODE = Option(CODE, Text("btn.claim_code"))
_SELLER = Option(SELLER, Text("btn.ask_seller"))
_FIND = notices.option("find_token", "cari")


def proof_of(answer: str) -> Proof:
    """What an answer offers."""
    kind, _, rest = answer.partition(" ")
    if kind == REFERENCE:
        tail, _, rupiah = rest.partition(" ")
        return Proof(Way.REFERENCE, tail, int(rupiah))
    if kind == CODE:
        return Proof(Way.CODE, rest)
    return Proof(Way.PHONE, "" if answer == OWN else answer)


def lost_meter() -> Ask:
    """Step 1: which meter; a claim code says more than that."""

    def parse(text: str) -> str | None:
        return grammar.number(text) or _code(text)

    return Ask(
        "rec.meter",
        Message(Text("rec.meter"), options=(prompts.CANCEL,)),
        parse=parse,
        given="meter",
        refusal=_no_meter,
    )


def _no_meter(text: str) -> Text:
    said = prompts.not_a_number(text)
    return Text("rec.meter") if said.key == "buy.meter" else said


def known(number: str, until: int) -> Ask:
    """A meter that this chat has proved before."""
    options = (Option("send", Text("btn.send_token")), Option("forget", Text("btn.forget_meter")), prompts.CANCEL)
    args: dict[str, Value] = {"meter": MeterNumber(number, short=True), "date": Day(until)}
    return Ask("rec.known", Message(Text("rec.known", args), options=options))


def proof(*, has_number: bool) -> Ask:
    """Step 2: one proof of four, asked for every number; whoever knows what to type need not choose first."""
    options = (_OWN if has_number else _SHARE, _REFERENCE, _CODE, _SELLER)
    message = Message(Text("rec.proof"), options=options, opener=Text("btn.choose_proof"))
    return Ask("rec.proof", message, parse=_anything, given="proof", refusal=lambda _: Text("rec.proof"))


def own_phone(*, has_number: bool) -> Ask:
    """A phone counts only if its owner shares it, or writes from it."""
    options = (_OWN if has_number else _SHARE, _REFERENCE, _CODE, _SELLER)
    return Ask("rec.own", Message(Text("rec.own"), options=options), parse=_anything, refusal=lambda _: Text("rec.own"))


def reference() -> Ask:
    """The last four of NO REF and the amount; whoever has no receipt finds another way."""

    def parse(text: str) -> str | None:
        return _reference(text) or _anything(text)

    message = Message(Text("rec.ref"), options=(_CODE, _SELLER, prompts.CANCEL))
    return Ask("rec.ref", message, parse=parse, refusal=lambda _: Text("rec.ref"), shared=True)


def claim_code() -> Ask:
    """The ten characters on the receipt, by which a customer may begin."""
    message = Message(Text("rec.code"), options=(_FIND, prompts.CANCEL))
    return Ask("rec.code", message, parse=_code, given="code", refusal=lambda _: Text("rec.code"))


def code_chosen() -> Ask:
    """The same as one of several proofs."""
    message = Message(Text("rec.code"), options=(_REFERENCE, _SELLER, prompts.CANCEL))
    return Ask("rec.code", message, parse=_anything, refusal=lambda _: Text("rec.code"), shared=True)


def again(answered: Message, *, has_number: bool) -> Ask:
    """After a proof that brought nothing: another is as good as the first."""
    reference = () if answered.key == "rec.locked" else (_REFERENCE,)
    options = (_OWN if has_number else _SHARE, *reference, _CODE, _SELLER)
    message = dataclasses.replace(answered, options=options, opener=Text("btn.choose_proof"))
    return Ask("another_proof", message, parse=_anything, refusal=lambda _: Text("rec.proof"))


def with_seller(answered: Message) -> Message:
    """The same outside a talk."""
    return dataclasses.replace(answered, options=(_FIND, notices.option("ask_seller", ASKED_SELLER)))


def _anything(text: str) -> str | None:
    """Any proof, however the question was put; a meter number is none, it begins anew.

    One NO REF in several hundred ends like the beginning of a phone; the amounts on receipts end in 00.
    """
    if text.casefold() == ASKED_SELLER:
        return SELLER
    digits, reference = re.sub(r"[\s.+-]", "", text), _reference(text)
    is_reference = reference is not None and reference.endswith("00")
    if meter.looks_like_phone(digits) and digits.isdecimal() and 9 <= len(digits) <= 14 and not is_reference:
        return TYPED_PHONE
    is_number = grammar.number(text) is not None and "." not in text
    return None if is_number else reference or _code(text)


def _reference(text: str) -> str | None:
    found = grammar.reference(text)
    return f"{REFERENCE} {found[0]} {found[1]}" if found else None


def _code(text: str) -> str | None:
    found = grammar.claim_code(text)
    return f"{CODE} {found}" if found else None
