"""One input after another through every reader and the gate, held against the oracle; nothing stops at a finding.

An input is known by the campaign's seed and its number alone, whoever runs it and in whatever order.
"""

import dataclasses
import resource
import tracemalloc
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from bot.domain.gate import Attribution, Surroundings, attribute
from bot.domain.purchase import Purchase
from bot.domain.supply import (
    AdviceAnswer,
    BillAnswer,
    Command,
    InquiryAnswer,
    InquiryVerdict,
    PayAnswer,
    PayVerdict,
    Reply,
    Sale,
    Transport,
)
from bot.vsi import reading
from tests.fuzz import oracle
from tests.fuzz.corpus import SENT, Base, Family, corpus
from tests.fuzz.draft import Draft
from tests.fuzz.elements import ELEMENTS
from tests.fuzz.wire import BYTES, HEAVY

# what a body of at most 64 KiB may cost while it is read, in bytes: a small multiple of it
MOST_MEMORY = 24 * 64 * 1024
_MEASURED_EVERY = 250
_FAMILIES = [Family.SALE] * 56 + [Family.REFUSAL] * 34 + [Family.INQUIRY] * 6 + [Family.BILL] * 4
_STATUSES = (201, 204, 302, 400, 401, 403, 404, 405, 408, 414, 429, 500, 502, 503, None)
_ELEMENT_NAMES = tuple(ELEMENTS)
_LIGHT_NAMES = tuple(name for name in BYTES if name not in HEAVY)


@dataclass(frozen=True, slots=True)
class Readers:
    """What is under test; a test of the oracle puts a broken one in its place."""

    payment: Callable[[Reply], PayAnswer] = reading.read_payment
    advice: Callable[[Reply, bool], AdviceAnswer] = reading.read_advice
    inquiry: Callable[[Reply], InquiryAnswer] = reading.read_inquiry
    bill: Callable[[Reply, Command], BillAnswer] = reading.read_bill
    gate: Callable[[Sale, Purchase, Surroundings], Attribution] = attribute


@dataclass(frozen=True, slots=True)
class Input:
    """A spoilt answer, and the purchase that it is read for."""

    reply: Reply
    purchase: Purchase
    around: Surroundings
    mutations: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """What was seen. `findings` are sentences; a campaign without any is a good one."""

    inputs: int = 0
    mutations: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    cautious: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    exceptions: int = 0
    measured: int = 0
    peak: int = 0
    peak_of: str = ""

    def add(self, other: "Tally") -> None:
        """Take another's counts in."""
        self.inputs += other.inputs
        self.mutations += other.mutations
        self.verdicts += other.verdicts
        self.cautious += other.cautious
        self.findings += other.findings
        self.exceptions += other.exceptions
        self.measured += other.measured
        if other.peak > self.peak:
            self.peak, self.peak_of = other.peak, other.peak_of


def made(seed: int, number: int) -> Input:
    """The input of that number."""
    chance = Random((seed << 40) + number)
    base = chance.choice(corpus()[chance.choice(_FAMILIES)])
    body, mutations = _spoilt(chance, base)
    transport, status = Transport.ANSWERED, 200
    if chance.random() < 0.04:
        transport, status = chance.choice(list(Transport)), chance.choice((200, None, *_STATUSES))  # type: ignore[assignment]
    sale = base if chance.random() < 0.9 else chance.choice(corpus()[Family.SALE])
    around = Surroundings(
        now=(sale.purchase.sent_at or SENT) + chance.choice((2_000, 5_000, 60_000, 3_600_000)),
        skew=120_000,
        offset=chance.choice((None, None, 0, 0, 3_600_000, -1_000)),
        elsewhere=chance.random() < 0.05,
        bounded_by=(sale.purchase.sent_at or SENT) + 240_000 if chance.random() < 0.1 else None,
        direct=True,
    )
    return Input(Reply(transport, status, body), sale.purchase, around, mutations)


def _spoilt(chance: Random, base: Base) -> tuple[bytes, tuple[str, ...]]:
    """None, one or several mutations: of elements, of bytes, or of both."""
    kind = chance.random()
    if kind < 0.05:
        return base.body, ("none",)
    draft = Draft(chance, base, elements=list(base.elements))
    names: list[str] = []
    if kind < 0.7:
        names += [chance.choice(_ELEMENT_NAMES) for _ in range(chance.choice((1, 1, 1, 2, 3)))]
        for name in names:
            ELEMENTS[name](draft)
        draft.write()
    else:
        draft.body = base.body
    if kind > 0.6:
        more = [chance.choice(_LIGHT_NAMES) for _ in range(chance.choice((1, 1, 1, 2)))]
        if chance.random() < 0.03:
            more.append(chance.choice(HEAVY))
        for name in more:
            BYTES[name](draft)
        names += more
    return draft.body, tuple(names)


def run(seed: int, numbers: range, readers: Readers | None = None) -> Tally:
    """Every input of those numbers."""
    tally = Tally()
    using = readers or Readers()
    for number in numbers:
        one(made(seed, number), f"seed {seed} input {number}", using, tally, measuring=number % _MEASURED_EVERY == 0)
    return tally


def run_and_weigh(seed: int, numbers: range) -> tuple[Tally, int]:
    """The same, and how large this process has ever been, in KiB."""
    return run(seed, numbers), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def one(given: Input, name: str, readers: Readers, tally: Tally, *, measuring: bool) -> None:
    """One input through everything; what is wrong becomes a finding that names it."""
    tally.inputs += 1
    tally.mutations.update(given.mutations)
    try:
        found = _judged(given, readers, tally)
        if measuring or any(mutation in HEAVY for mutation in given.mutations):
            found += _measured(given, readers, tally)
    except Exception as error:  # noqa: BLE001  # readers are total: whatever it is, it is the finding
        tally.exceptions += 1
        found = [f"raised {type(error).__name__}: {error}"]
    tally.findings += [f"{name} ({', '.join(given.mutations)}): {what}" for what in found]


def _measured(given: Input, readers: Readers, tally: Tally) -> list[str]:
    """Read once more while memory is watched."""
    tracemalloc.start()
    try:
        readers.payment(given.reply)
        readers.advice(given.reply, False)  # as the reader's signature has it
        readers.inquiry(given.reply)
        readers.bill(given.reply, Command.POSTPAID_PAYMENT)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    tally.measured += 1
    if peak > tally.peak:
        tally.peak, tally.peak_of = peak, ", ".join(given.mutations)
    return [f"took {peak} bytes"] if peak > MOST_MEMORY else []


def _judged(given: Input, readers: Readers, tally: Tally) -> list[str]:
    found: list[str] = []
    reply = given.reply
    paid = readers.payment(reply)
    verdict, proven = paid.verdict.value, oracle.payment(reply)
    if verdict != proven:
        if verdict == PayVerdict.UNKNOWN:
            tally.cautious[f"PAY {proven}"] += 1
        else:
            found.append(f"PAY is {verdict}, proven is only {proven}")
    verdict += _gated("PAY", paid.sale, given, given.around, readers, tally, found)
    tally.verdicts[f"PAY {verdict}"] += 1
    for by_payref in (False, True):
        name = "ADV by PAYREF" if by_payref else "ADV"
        advised = readers.advice(reply, by_payref)
        verdict, proven = advised.verdict.value, oracle.advice(reply, by_payref=by_payref)
        if verdict != proven:
            if verdict == "P":
                tally.cautious[f"{name} {proven}"] += 1
            else:
                found.append(f"{name} is {verdict}, proven is only {proven}")
        around = dataclasses.replace(given.around, direct=by_payref)
        verdict += _gated(name, advised.sale, given, around, readers, tally, found)
        tally.verdicts[f"{name} {verdict}"] += 1
    _judge_the_rest(reply, readers, tally, found)
    return found


def _gated(
    name: str,
    sale: Sale | None,
    given: Input,
    around: Surroundings,
    readers: Readers,
    tally: Tally,
    found: list[str],
) -> str:
    """What became of a reported sale; " through the gate", or which rule held it."""
    if sale is None:
        return ""
    passed = readers.gate(sale, given.purchase, around)
    fields = oracle.fields(given.reply)
    proof = oracle.proof(fields, given.purchase, around) if fields else oracle.Proof(passes=False)
    if passed.veto is None:
        if not proof.passes:
            found.append(f"{name}: a false settlement")
        elif (sale.tokens, passed.adm) != (proof.tokens, proof.adm):
            found.append(f"{name}: {sale.tokens} for {passed.adm} instead of {proof.tokens} for {proof.adm}")
        return " through the gate"
    if proof.passes:
        tally.cautious[f"{name} {passed.veto}"] += 1
    return f" held by {passed.veto}"


def _judge_the_rest(reply: Reply, readers: Readers, tally: Tally, found: list[str]) -> None:
    inquired = readers.inquiry(reply)
    tally.verdicts[f"INQ {inquired.verdict.value}"] += 1
    fields = oracle.fields(reply)
    if inquired.verdict is InquiryVerdict.FOUND and (
        fields is None or not oracle.is_sale(fields) or inquired.inquiry is None or not _is_customer(fields, inquired)
    ):
        found.append("INQ finds somebody whom the answer does not name")
    for command in (Command.POSTPAID_INQUIRY, Command.POSTPAID_PAYMENT):
        billed = readers.bill(reply, command)
        said = "success" if billed.success else "no success"
        tally.verdicts[f"{command.value} {said}"] += 1
        if billed.success and not oracle.is_sale(fields):
            found.append(f"{command.value} succeeds where the answer does not say so")


def _is_customer(fields: oracle.Fields, answer: InquiryAnswer) -> bool:
    msn = fields.get("msn", "").strip()
    return (
        answer.inquiry is not None and answer.inquiry.msn == msn and len(msn) == 11 and msn.isascii() and msn.isdigit()
    )
