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
)
from bot.vsi import codec, codes
from bot.vsi.codec import Unreadable
from bot.vsi.codes import Unread

_PENDING = "pay.pending"
_ODD = "status and rc missing or at odds"


def read_inquiry(reply: Reply) -> InquiryAnswer:
    """Who was found, or what to say; no money is involved."""
    later = InquiryVerdict.LATER
    found = codec.document(reply)
    if isinstance(found, Unreadable):
        alert = _means(reply, found).alert
        return InquiryAnswer(later, "err.inquiry", found.code, alert=alert, note=found.why)
    if found.is_success:
        customer = codec.inquiry(found)
        if customer is None:
            return InquiryAnswer(later, "err.inquiry", 0, alert=True, note="success without its fields")
        return InquiryAnswer(InquiryVerdict.FOUND, "", 0, customer)
    if not found.is_error or found.code is None:
        return InquiryAnswer(later, "err.inquiry", found.code, alert=True, note=_ODD)
    row = codes.row(found.code)
    note = codec.quoted(found.words)
    return InquiryAnswer(row.inquiry, row.inquiry_key, found.code, alert=row.inquiry_alert, note=note)


def read_payment(reply: Reply) -> PayAnswer:
    """What a payment's reply proves: the most cautious reading that it allows."""
    found = codec.document(reply)
    if isinstance(found, Unreadable):
        means = _means(reply, found)
        return PayAnswer(means.pay, means.key, found.code, alert=means.alert, breaker=means.breaker, note=found.why)
    if found.is_success:
        return PayAnswer(PayVerdict.SETTLED, "pay.done", 0, codec.sale(found, advice=False))
    if not found.is_error or found.code is None:
        return PayAnswer(PayVerdict.UNKNOWN, _PENDING, found.code, alert=True, note=_ODD)
    row = codes.row(found.code)
    note = codec.quoted(found.words)
    if row.pay is not PayVerdict.UNKNOWN and not found.is_explicit:
        # nobody refused in words: the hold stays until a sale or a person settles it, but new sales may still stop
        note = f"a refusal whose words lack its code: {note}"
        return PayAnswer(PayVerdict.UNKNOWN, _PENDING, found.code, alert=True, breaker=row.breaker, note=note)
    return PayAnswer(row.pay, row.key, found.code, alert=row.pay_alert, breaker=row.breaker, note=note)


def read_advice(reply: Reply, by_payref: bool = False) -> AdviceAnswer:
    """What an advice's reply says; a wrong reference means something only where one was asked about."""
    found = codec.document(reply)
    if isinstance(found, Unreadable):
        means = _means(reply, found)
        return AdviceAnswer(means.advice, found.code, alert=means.alert, note=found.why)
    if found.is_success:
        return AdviceAnswer(AdviceVerdict.SALE, 0, codec.sale(found, advice=True))
    if not found.is_error or found.code is None:
        return AdviceAnswer(AdviceVerdict.NOTHING, found.code, alert=True, note=_ODD)
    row = codes.row(found.code)
    verdict = row.advice
    if verdict is AdviceVerdict.WRONG_REFERENCE and not by_payref:
        verdict = AdviceVerdict.NOTHING
    return AdviceAnswer(verdict, found.code, alert=row.advice_alert, note=codec.quoted(found.words))


def read_bill(reply: Reply, command: Command) -> BillAnswer:
    """A postpaid bill or its payment; success without a bill where the supplier's amounts cannot be read. # VSI §9

    The caller knows the trxid, and the number asked for where the answer leaves it out.
    """
    found = codec.document(reply)
    if isinstance(found, Unreadable):
        return BillAnswer(success=False, code=found.code, note=found.why)
    if not found.is_success:
        note = "" if found.is_error else _ODD
        return BillAnswer(success=False, code=found.code, note=note, words=found.words)
    bill = codec.bill(found, paid=command is Command.POSTPAID_PAYMENT)
    note = "success without its fields" if bill is None else ""
    return BillAnswer(success=True, code=0, bill=bill, note=note, words=found.words)


def _means(reply: Reply, found: Unreadable) -> Unread:
    return codes.unread(reply.transport, reply.status, found.form)
