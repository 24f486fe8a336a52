"""What a reply means, command by command: codes and transport together, by the money rules §2. Pure and total.

Says no more than the reply proves: declining needs the supplier's own words with the same code, and success is only
reported here, never attributed.
"""

from bot.domain.supply import (
    AdviceAnswer,
    AdviceVerdict,
    BillAnswer,
    Command,
    InquiryAnswer,
    InquiryVerdict,
    PayAnswer,
    PayVerdict,
    Reply,
    Transport,
)
from bot.vsi import codec, codes
from bot.vsi.codec import Document, Unreadable

_FRONT_END_REFUSED = (400, 401, 403, 404, 405, 414)
_PENDING = "pay.pending"


def read_inquiry(reply: Reply) -> InquiryAnswer:
    """Who was found, or what to say; no money is involved."""
    found = codec.document(reply)
    if isinstance(found, Unreadable):
        return InquiryAnswer(
            InquiryVerdict.LATER, "err.inquiry", found.code, alert=_is_odd(reply, found), note=found.why
        )
    if found.is_success:
        customer = codec.inquiry(found)
        if customer is not None:
            return InquiryAnswer(InquiryVerdict.FOUND, "", 0, customer)
        return InquiryAnswer(InquiryVerdict.LATER, "err.inquiry", 0, alert=True, note="success without its fields")
    if not found.is_error or found.code is None:
        return InquiryAnswer(InquiryVerdict.LATER, "err.inquiry", found.code, alert=True, note="status and rc disagree")
    row = codes.row(found.code)
    return InquiryAnswer(row.inquiry, row.inquiry_key, found.code, alert=row.inquiry_alert or row.inquiry.value == "A")


def read_payment(reply: Reply) -> PayAnswer:
    """What a payment's reply proves: the most cautious reading that it allows."""
    if reply.transport is Transport.UNSENT:
        return PayAnswer(PayVerdict.UNSENT, "err.unsent", note=reply.detail)
    if reply.transport is Transport.ANSWERED and reply.status in _FRONT_END_REFUSED:
        note = f"HTTP {reply.status}"
        return PayAnswer(PayVerdict.VERIFY, "err.trouble", alert=True, breaker=True, note=note)
    found = codec.document(reply)
    if isinstance(found, Unreadable):
        return PayAnswer(PayVerdict.UNKNOWN, _PENDING, found.code, alert=_is_odd(reply, found), note=found.why)
    if found.is_success:
        return PayAnswer(PayVerdict.SETTLED, "pay.done", 0, codec.sale(found, advice=False))
    if not found.is_error or found.code is None:
        return PayAnswer(PayVerdict.UNKNOWN, _PENDING, found.code, alert=True, note="status and rc disagree")
    row = codes.row(found.code)
    if row.pay is not PayVerdict.UNKNOWN and not found.is_explicit:
        note = "a refusal whose words lack its code"
        return PayAnswer(PayVerdict.UNKNOWN, _PENDING, found.code, alert=True, note=note)
    return PayAnswer(row.pay, row.key, found.code, alert=row.pay_alert, breaker=row.breaker, note=found.words[:120])


def read_advice(reply: Reply, by_payref: bool = False) -> AdviceAnswer:
    """What an advice's reply says; W means something only where a reference was asked about."""
    if reply.transport is Transport.ANSWERED and reply.status in _FRONT_END_REFUSED:
        return AdviceAnswer(AdviceVerdict.REFUSED, alert=True, note=f"HTTP {reply.status}")
    found = codec.document(reply)
    if isinstance(found, Unreadable):
        return AdviceAnswer(AdviceVerdict.NOTHING, found.code, alert=_is_odd(reply, found), note=found.why)
    if found.is_success:
        return AdviceAnswer(AdviceVerdict.SALE, 0, codec.sale(found, advice=True))
    if not found.is_error or found.code is None:
        return AdviceAnswer(AdviceVerdict.NOTHING, found.code, alert=True, note="status and rc disagree")
    row = codes.row(found.code)
    verdict = row.advice
    if verdict is AdviceVerdict.WRONG_REFERENCE and not by_payref:
        verdict = AdviceVerdict.NOTHING
    return AdviceAnswer(verdict, found.code, alert=row.advice_alert, note=found.words[:120])


def read_bill(reply: Reply, command: Command) -> BillAnswer:
    """A postpaid bill or its payment. # VSI §9"""
    found = codec.document(reply)
    if isinstance(found, Unreadable):
        return BillAnswer(success=False, code=found.code, note=found.why)
    bill = codec.bill(found, paid=command is Command.POSTPAID_PAYMENT) if found.is_success else None
    return BillAnswer(bill is not None, found.code, bill, words=found.words)


def _is_odd(reply: Reply, found: Unreadable | Document) -> bool:
    """Worth an operator's look: an attack, a redirect, plain text in spite of `resp=XML`."""
    if isinstance(found, Document):
        return False
    is_redirect = reply.status is not None and 300 <= reply.status < 400
    return found.is_attack or is_redirect or found.code is not None
