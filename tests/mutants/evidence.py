"""Mutants about evidence: what an answer proves, whose sale it is, and how long doubt lasts."""

from tests.mutants.mutant import Change, Mutant

_GATE = "bot/domain/gate.py"
_CODEC = "bot/vsi/codec.py"
_READING = "bot/vsi/reading.py"
_SETTLEMENT = "bot/services/settlement.py"
_PURCHASING = "bot/services/purchasing.py"
_PURCHASES = "bot/services/purchases.py"
_TABLE = "bot/domain/purchase.py"
_BUYING = "tests/e2e/test_buying.py"
_TEST_GATE = "tests/services/test_gate.py"
_FUZZ = "tests/fuzz/test_fuzz.py::test_nothing_is_believed_beyond_its_proof_and_no_proven_sale_is_lost"

EVIDENCE = (
    Mutant(
        "G1 meter",
        "a sale of another meter is not this purchase's",
        (f"{_TEST_GATE}::test_g1_another_meter_is_somebody_elses_sale", _FUZZ),
        (Change(_GATE, "if sale.msn != purchase.msn:", "if not purchase.msn:"),),
    ),
    Mutant(
        "G2 amount",
        "a sale of another amount is not this purchase's",
        (_TEST_GATE,),
        (
            Change(
                _GATE,
                "if sale.total is None or purchase.denomination not in (sale.total - adm, sale.total):",
                "if sale.msn is None:",
            ),
        ),
    ),
    Mutant(
        "G3 token",
        "a token that is unreadable, or not the one in the text, is no token",
        (_TEST_GATE,),
        (
            Change(
                _GATE,
                "    if sale.tokens is None or sale.tokens_in_text",
                "    if sale.msn is None and sale.tokens_in_text",
            ),
        ),
    ),
    Mutant(
        "G3 text",
        "the token stands in the text as in its element",
        (_TEST_GATE,),
        (
            Change(
                _GATE,
                "sale.tokens is None or sale.tokens_in_text not in (None, sale.tokens)",
                "sale.tokens is None",
            ),
        ),
    ),
    Mutant(
        "G4 known token",
        "a token that was sold already belongs to its first owner",
        (_TEST_GATE, f"{_BUYING}::test_an_earlier_token_is_handed_to_nobody"),
        (Change(_GATE, "    if around.elsewhere:\n", "    if sale.msn is None:\n"),),
    ),
    Mutant(
        "G4 looks at tokens",
        "the shop's own tokens are looked up before one is handed out",
        ("tests/services/test_evidence.py",),
        (
            Change(
                _PURCHASES,
                "    if owner is not None and owner != purchase.id:\n",
                "    if owner is not None and owner < 0:\n",
            ),
        ),
    ),
    Mutant(
        "G4 looks at references",
        "the shop's own payment references are looked up before a token is handed out",
        ("tests/services/test_evidence.py",),
        (
            Change(
                _PURCHASES,
                "    return bool(sale.payref and tx.one(",
                "    return bool(not sale.payref and tx.one(",
            ),
        ),
    ),
    Mutant(
        "G5 date",
        "an advice that is dated outside the purchase is another's",
        (_TEST_GATE,),
        (Change(_GATE, "        if not around.direct:\n", "        if sale.msn is None:\n"),),
    ),
    Mutant(
        "G5 successor",
        "a late case never takes the token of its successor",
        (f"{_TEST_GATE}::test_g5_a_late_case_never_takes_the_token_of_its_successor",),
        (Change(_GATE, "if around.bounded_by is not None and paid_at", "if around.bounded_by is None and paid_at"),),
    ),
    Mutant(
        "G5 successor, looked up",
        "the sending of a later purchase of the same meter and amount bounds the date",
        ("tests/services/test_evidence.py",),
        (Change(_SETTLEMENT, "elsewhere, successor or None, direct)", "elsewhere, None, direct)"),),
    ),
    Mutant(
        "G5 measured clock",
        "the window is centred on the supplier's own clock",
        (_TEST_GATE,),
        (Change(_GATE, "sale.paid_at - (around.offset or 0)", "sale.paid_at"),),
    ),
    Mutant(
        "G5 successor that never sold",
        "a successor that provably never sold bounds nobody's late sale",
        ("tests/services/test_interleavings.py::test_a_successor_that_never_sold_bounds_nobodys_late_sale",),
        (
            Change(
                "bot/store/sql/queries/purchases.sql",
                "AND m.event IN ('proven unsent', 'declined, proven')",
                "AND m.event IN ('nothing')",
            ),
        ),
    ),
    Mutant(
        "a veto counts for nothing",
        "an advice that brings another sale's token does not count against a purchase that was refused",
        ("tests/services/test_interleavings.py",),
        (
            Change(
                _SETTLEMENT,
                "            return purchase\n        case AdviceVerdict.NOT_FOUND:",
                "            return _negative(tx, purchase, shop, now)\n        case AdviceVerdict.NOT_FOUND:",
            ),
        ),
    ),
    Mutant(
        "negatives of its own day",
        "advices after midnight, which may see their own day only, do not count against a purchase of the day before",
        ("tests/services/test_interleavings.py",),
        (Change(_SETTLEMENT, " or not _is_its_day(tx, purchase, shop, now):", ":"),),
    ),
    Mutant(
        "advice of a failed one waits",
        "a failed purchase is not asked about while another of the same meter and amount is open",
        ("tests/services/test_evidence.py",),
        (
            Change(
                _PURCHASING,
                "        if twin is not None:  # its token",
                "        if twin is not None and twin.id < 0:  # its token",
            ),
        ),
    ),
    Mutant(
        "64 KiB on the wire",
        "an answer without an end is not read to its end",
        ("tests/vsi/test_seam.py::test_how_a_sent_payment_ended_is_told_apart_and_it_left_once",),
        (Change("bot/vsi/client.py", "        if len(body) > codec.MOST_BYTES:\n", "        if len(body) < 0:\n"),),
    ),
    Mutant(
        "64 KiB in the reader",
        "more than 64 KiB is never parsed",
        ("tests/vsi/test_traps.py::test_a_body_beyond_the_cap_is_refused_even_if_the_transport_let_it_through", _FUZZ),
        (Change(_CODEC, "    if len(body) > MOST_BYTES:\n", "    if len(body) < 0:\n"),),
    ),
    Mutant(
        "marks in an answer",
        "no answer is taken apart that costs a hundred times its bytes",
        ("tests/vsi/test_traps.py",),
        (Change(_CODEC, '    if max(body.count(b"<"), body.count(b"=")) > _MOST_MARKS:', "    if len(body) < 0:"),),
    ),
    Mutant(
        "document type",
        "an answer that declares a document type or an entity is never parsed",
        ("tests/vsi/test_wire.py", _FUZZ),
        (Change(_CODEC, "    if _FORBIDDEN.search(body):\n", "    if len(body) < 0:\n"),),
    ),
    Mutant(
        "other charsets",
        "a declared encoding cannot hide from the guards what the parser then sees",
        ("tests/vsi/test_traps.py", _FUZZ),
        (
            Change(
                _CODEC,
                'xmltodict.parse(text, encoding="utf-8", disable_entities=True)',
                "xmltodict.parse(body, disable_entities=True)",
            ),
        ),
    ),
    Mutant(
        "HTTP status",
        "only an answer of HTTP 200 is read",
        ("tests/vsi/test_wire.py", _FUZZ),
        (Change(_CODEC, "    if reply.status != 200:\n", "    if reply.status == 503:\n"),),
    ),
    Mutant(
        "element twice",
        "an element that stands twice or has parts proves nothing",
        ("tests/vsi/test_traps.py", _FUZZ),
        (
            Change(
                _CODEC,
                "    if any(isinstance(value, dict | list) for value in elements.values()):\n",
                "    elements = {name: value[0] if isinstance(value, list) else value for name, value in "
                "elements.items()}\n"
                "    if any(isinstance(value, dict) for value in elements.values()):\n",
            ),
        ),
    ),
    Mutant(
        "status and code agree",
        "success is status and code together",
        ("tests/vsi/test_samples.py", _FUZZ),
        (
            Change(
                _CODEC,
                'return self.get("status") == "SUCCESS" and self.code == 0',
                'return self.get("status") == "SUCCESS"',
            ),
        ),
    ),
    Mutant(
        "refusal in words",
        "a decline names its code in its own words",
        ("tests/vsi/test_codes.py", _FUZZ),
        (Change(_READING, "if row.pay is not PayVerdict.UNKNOWN and not found.is_explicit:", "if row.pay is None:"),),
    ),
    Mutant(
        "unlisted codes",
        "a code that nobody knows is in doubt",
        ("tests/vsi/test_codes.py", _FUZZ),
        (
            Change(
                "bot/vsi/codes.py",
                'UNLISTED = _row(-1, "R A", "U A", "P A", "pay.pending")',
                'UNLISTED = _row(-1, "R A", "F A", "P A", "pay.pending")',
            ),
        ),
    ),
    Mutant(
        "lost is not declined",
        "a connection that breaks proves nothing: no refund",
        ("tests/vsi/test_wire.py", _FUZZ),
        (
            Change(
                "bot/vsi/codes.py",
                "    if transport is not Transport.ANSWERED or status is None:\n        return Unread()\n",
                "    if transport is not Transport.ANSWERED or status is None:\n        return "
                "Unread(PayVerdict.DECLINED)\n",
            ),
        ),
    ),
    Mutant(
        "doubt never refunds itself",
        "not found, however often, frees no money where the supplier refused nothing",
        (f"{_BUYING}::test_pending_all_night_is_never_refunded_and_never_paid_twice",),
        (
            Change(
                _SETTLEMENT,
                "    if purchase.state is not State.VERIFY or not _is_its_day(tx, purchase, shop, now):\n",
                "    if purchase.state not in IN_DOUBT:\n",
            ),
            Change(
                _TABLE,
                "    (State.VERIFY, Event.NEGATIVES): State.FAILED,\n",
                "    (State.VERIFY, Event.NEGATIVES): State.FAILED,\n    (State.UNKNOWN, Event.NEGATIVES): "
                "State.FAILED,\n"
                "    (State.MANUAL, Event.NEGATIVES): State.FAILED,\n",
            ),
        ),
    ),
    Mutant(
        "refusal is verified",
        "a refusal that a replayed payment could also hear is not believed at once",
        (f"{_BUYING}::test_a_refusal_that_sold_all_the_same_is_found",),
        (
            Change(
                _SETTLEMENT,
                "            return _verify(tx, purchase, answer, shop, now, jitter)\n",
                "            return _fail(tx, purchase, Event.DECLINED, answer.key, shop, now)\n",
            ),
        ),
    ),
    Mutant(
        "verification takes its time",
        "negative advices must be spread over their span",
        ("tests/services/test_evidence.py",),
        (Change(_SETTLEMENT, "    if enough and now - first >= span:\n", "    if enough:\n"),),
    ),
    Mutant(
        "verification takes its count",
        "one negative advice is not enough",
        ("tests/services/test_evidence.py",),
        (Change(_SETTLEMENT, "    if enough and now - first >= span:\n", "    if now - first >= span:\n"),),
    ),
    Mutant(
        "the vending engine's no takes longer",
        "a refusal of the vending engine is verified over ten minutes and five advices",
        ("tests/services/test_evidence.py",),
        (
            Change(
                "bot/domain/schedule.py",
                'return waits.verify_long if purchase.refused == "V+" else waits.verify\n',
                "return waits.verify\n",
            ),
            Change(
                "bot/domain/schedule.py",
                'return waits.verify_long_negatives if purchase.refused == "V+" else waits.verify_negatives\n',
                "return waits.verify_negatives\n",
            ),
        ),
    ),
    Mutant(
        "janitor",
        "a payment without an owner becomes doubt, so that it is asked about",
        ("tests/e2e/test_crashes.py::test_a_crash_at_any_point_loses_nothing_and_pays_once",),
        (
            Change(
                _PURCHASING, "self._store.read(_in_state, State.SENDING):", "self._store.read(_in_state, State.LATE):"
            ),
        ),
    ),
    Mutant(
        "stored answer",
        "an answer that was stored before the crash is applied after it",
        ("tests/e2e/test_crashes.py::test_a_stored_answer_is_applied_without_asking_again",),
        (Change(_PURCHASING, '    return tx.all(Exchange, "exchange_unapplied")\n', "    return []\n"),),
    ),
    Mutant(
        "answer stored before it is applied",
        "what the supplier said is on disk before anybody acts on it",
        ("tests/e2e/test_crashes.py::test_a_stored_answer_is_applied_without_asking_again",),
        (
            Change(
                _PURCHASING,
                "        await self._complete(exchange_id, reply, answer.code, answer.verdict.value)\n"
                '        self._point("answer stored")\n',
                '        self._point("answer stored")\n'
                "        await self._complete(exchange_id, reply, answer.code, answer.verdict.value)\n",
            ),
        ),
    ),
    Mutant(
        "answer applied once",
        "no answer counts twice",
        ("tests/services/test_evidence.py",),
        (
            Change(
                "bot/store/sql/queries/purchases.sql",
                "UPDATE exchange SET applied_at = :applied_at WHERE id = :id AND applied_at IS NULL;",
                "UPDATE exchange SET applied_at = :applied_at WHERE id = :id;",
            ),
        ),
    ),
    Mutant(
        "late sale",
        "a sale that turns up after the refund is known as LATE",
        (f"{_BUYING}::test_after_a_failure_that_rests_on_advices_a_late_sale_is_parked",),
        (Change(_TABLE, "    (State.FAILED, Event.SOLD): State.LATE,\n", ""),),
    ),
    Mutant(
        "late sale is parked",
        "the token of a refunded purchase is not sent by itself",
        (f"{_BUYING}::test_after_a_failure_that_rests_on_advices_a_late_sale_is_parked",),
        (
            Change(
                _TABLE,
                "    (State.FAILED, Event.SOLD): State.LATE,\n",
                "    (State.FAILED, Event.SOLD): State.SUCCESS,\n",
            ),
        ),
    ),
    Mutant(
        "failed is asked about again",
        "a failure that rests on advices or on a person's word is asked about once more",
        (f"{_BUYING}::test_after_a_failure_that_rests_on_advices_a_late_sale_is_parked",),
        (Change(_SETTLEMENT, "    if event in _ASKED_AGAIN:\n", "    if event is Event.SOLD:\n"),),
    ),
    Mutant(
        "advice moves on before it asks",
        "the next advice is scheduled before the call, so that no crash makes a burst",
        ("tests/services/test_evidence.py",),
        (
            Change(
                _PURCHASING,
                "dataclasses.replace(counted, next_at=due))\n    if purchase.state",
                "dataclasses.replace(counted, next_at=now))\n    if purchase.state",
            ),
        ),
    ),
)
