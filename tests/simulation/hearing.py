"""What the model supplier may say to a request, given what is true: drawn by a number, so that it can be repeated.

It tells the truth, is silent, or says something else that a supplier of this contract says. It never declines what it
sold, unless the purchase is settled by then and only an alert can come of it.
"""

from tests.simulation import answers
from tests.simulation.answers import CODES, SILENCES, Evidence
from tests.simulation.books import FINAL, Bought
from tests.simulation.simulation import Flight, Simulation
from tests.simulation.truth import dated

GARBLED = (
    "token unreadable",
    "token unreadable",
    "token at odds",
    "undated",
    "no adm",
    "no reference",
    "without admin",
)


def payment(here: Simulation, flight: Flight, how: int, *, late: bool = False) -> Evidence:
    """What PAY's answer may say. `late`: it will meet a settled purchase, and may contradict it."""
    one, ahead = here.books.bought[flight.number], here.truth.habits.clock_ahead
    sold = here.truth.of_payment(one.trxid)
    reached = bool(here.truth.payments[one.trxid])
    kind, how = how % 10, how // 10
    settled = late or one.state in FINAL
    if not reached or (settled and kind == 9):
        return answers.UNSENT if kind != 8 else SILENCES[how % len(SILENCES)]
    if sold and kind < 4:
        return answers.sale(sold[-1], ahead, "", advice=False)
    if sold and kind == 4:
        return answers.sale(sold[0], ahead, GARBLED[how % len(GARBLED)], advice=False)
    if kind == 5:
        return _another_sale(here, one, how, advice=False)
    if kind == 6:
        silences = [*SILENCES, answers.WITHOUT_WORDS, *[answers.FORBIDDEN] * 6]
        return silences[how % len(silences)]
    if kind == 7 and sold:
        return answers.cut(answers.sale(sold[0], ahead, "", advice=False))
    may_decline = (not sold and one.trxid not in here.truth.hanging) or settled
    wanted = ("U", "V", "V+", "F" if may_decline else "U")[how % 4]
    codes = [code for code, means in CODES.items() if means.pay == wanted and means.stops == (how // 4 % 5 == 0)]
    codes = codes or [51]
    return answers.refusal(codes[how // 20 % len(codes)], one.msn, advice=False)


def _another_sale(here: Simulation, one: Bought, how: int, *, advice: bool) -> Evidence:
    """A sale that is not this purchase's: of another meter or amount, or one whose token is known."""
    others = [
        sold
        for sold in here.truth.sales
        if (sold.msn, sold.nominal) != (one.msn, one.nominal)
        or (sold.trxid != one.trxid and here.books.knows(sold.tokens[-1], sold.payref))
    ]
    if not others:
        return answers.refusal(68, one.msn, advice=advice)
    return answers.sale(others[how % len(others)], here.truth.habits.clock_ahead, "", advice=advice)


def advice(here: Simulation, flight: Flight, how: int) -> Evidence:
    """What an advice's answer may say: the truth, nothing, or something of the same supplier's that is not asked."""
    one, ahead = here.books.bought[flight.number], here.truth.habits.clock_ahead
    by_payref = flight.payref is not None
    kind, how = how % 10, how // 10
    if kind < 4:
        return here.honest(flight)
    if kind == 4:
        return _another_sale(here, one, how, advice=True)
    if kind == 5 and not by_payref and (pair := here.truth.of_pair(one.msn, one.nominal)):
        return answers.sale(pair[how % len(pair)], ahead, "", advice=True)
    if kind == 6 and (own := here.truth.of_payment(one.trxid)):
        garbled = GARBLED[how % len(GARBLED)]
        shown = own[-1] if garbled == "undated" else dated(own[-1], how // 10 % 3 - 1)
        return answers.sale(shown, ahead, garbled, advice=True, by_payref=by_payref)
    if kind == 7:
        silences = [*SILENCES, *[answers.FORBIDDEN] * 6]
        return silences[how % len(silences)]
    wanted = ("C", "P", "O", "R1", "W", "N")[how % 6] if kind == 8 else "W" if by_payref else "N"
    codes = [code for code, means in CODES.items() if means.advice == wanted]
    return answers.refusal(codes[how // 6 % len(codes)], one.msn, advice=True, by_payref=by_payref)
