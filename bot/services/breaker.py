"""The supplier breaker: when new purchases stop, and how they start again (money rules §1.6). Advice never stops.

It opens on codes that say that nothing can be sold, and on runs of payments without an answer. A good inquiry proves
no payment, so it only half-opens: one payment at a time, until one settles.
"""

import dataclasses
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.message import Clock, Message, Option, Rupiah, Text, Value
from bot.domain.purchase import IN_DOUBT, Purchase, State
from bot.domain.rules import Shop
from bot.domain.supply import InquiryAnswer, InquiryVerdict, PayAnswer, PayVerdict
from bot.messaging import outbox
from bot.ports import Tx
from bot.services import alerts, closing, decisions, notices, standing
from bot.services.alerts import Kind
from bot.services.decisions import DecisionError

TRY = "buka coba"  # what the button says that lets one payment try
TRIES = notices.option("try_open", TRY)
_CUT_OFF = (8, 90)  # PLN's daily closing: it comes and goes by itself, and is nobody's fault


class Way(StrEnum):
    """Who may half-open it again."""

    PROBE = "probe"  # a good inquiry
    OWNER = "owner"  # an inquiry proves neither deposit nor configuration


class Position(StrEnum):
    """Whether new purchases are taken: all, none, or one at a time."""

    CLOSED = "closed"
    OPEN = "open"
    HALF = "half"


@dataclass(frozen=True, slots=True)
class Breaker:
    """Its position since when (epoch milliseconds), by which code, and the payment that is on trial in half-open."""

    state: Position
    way_back: Way
    code: int | None
    since: int
    unclear_run: int
    probe_id: int | None
    probed_at: int | None

    @property
    def is_cut_off(self) -> bool:
        """Whether it is PLN's daily closing that stopped sales."""
        return self.code in _CUT_OFF


def read(tx: Tx) -> Breaker:
    """The breaker as it stands."""
    found = tx.one(Breaker, "breaker")
    return found or Breaker(Position.CLOSED, Way.PROBE, None, 0, 0, None, None)


def refusal(tx: Tx) -> Value | None:
    """Why no purchase is taken now, without business secrets; None if one is."""
    if standing.restriction(tx) is not None:
        return Text("maint.books")
    if (shut := closing.closing(tx)) is not None:
        return shut.why
    found = read(tx)
    if found.state is Position.CLOSED or (found.state is Position.HALF and not _is_on_trial(tx, found)):
        return None
    return _reason(found)


def is_stopped(tx: Tx) -> bool:
    """Whether sales are stopped, so that the owner may let one payment try."""
    return read(tx).state is Position.OPEN


def way_in(tx: Tx) -> Option | None:
    """How an owner opens what is closed; None while nothing is, or where no tap opens it."""
    if standing.restriction(tx) is not None:
        return notices.option("alarms", "alarm")
    if closing.closing(tx) is not None:
        return closing.OPENS
    return TRIES if is_stopped(tx) else None


def took(tx: Tx, purchase: Purchase) -> None:
    """In half-open the purchase that was just placed is the one on trial."""
    found = read(tx)
    if found.state is Position.HALF:
        _save(tx, dataclasses.replace(found, probe_id=purchase.id))


def may_send(tx: Tx, purchase: Purchase) -> bool:
    """Whether the payment may leave now; asked again in the unit that would send it."""
    if standing.restriction(tx) is not None:
        return False
    found = read(tx)
    return found.state is Position.CLOSED or (found.state is Position.HALF and found.probe_id == purchase.id)


def lapsed(tx: Tx, purchase: Purchase) -> None:
    """The purchase on trial was never sent: another may try."""
    found = read(tx)
    if found.probe_id == purchase.id:
        _save(tx, dataclasses.replace(found, probe_id=None))


def after_payment(tx: Tx, purchase: Purchase, answer: PayAnswer | None, shop: Shop, now: int) -> None:
    """What a payment's end says about the supplier; `answer` is None where nobody will ever know it."""
    found = read(tx)
    on_trial = found.state is Position.HALF and found.probe_id == purchase.id
    if answer is not None and answer.breaker:
        stopped = _open(tx, found, _way_back(answer.code, found), answer.code, now)
        if (stopped or on_trial) and answer.code not in _CUT_OFF:
            code = "–" if answer.code is None else str(answer.code)
            _alarm(tx, Text("alarm.stop", {"code": code, "meaning": answer.note} | _held(tx, now)), shop, now)
    elif _is_unclear(purchase, answer):
        run = found.unclear_run + (answer is not None)  # our own crash says nothing about the supplier
        if on_trial:
            _fail_trial(tx, found, purchase, shop, now)
        elif found.state is Position.CLOSED and run >= shop.unclear_run:
            _open(tx, found, Way.PROBE, None, now)
            _alarm(tx, Text("alarm.silent", {"run": run} | _held(tx, now)), shop, now)
        else:
            _save(tx, dataclasses.replace(found, unclear_run=run))
    elif on_trial and purchase.state in (State.SUCCESS, State.FAILED):
        _close(tx, shop, now)
    elif on_trial:
        _fail_trial(tx, found, purchase, shop, now)
    elif found.unclear_run:
        _save(tx, dataclasses.replace(found, unclear_run=0))


def look(tx: Tx, shop: Shop, now: int) -> None:
    """Stopped, and no alert of it stands: sales stopped before there were any. Then it rises now."""
    found = read(tx)
    if found.state is Position.CLOSED or found.is_cut_off or alerts.standing_of(tx, Kind.STOP) is not None:
        return
    held = _held(tx, now) | {"time": notices.when(found.since, shop, now)}
    _alarm(tx, Text("alarm.stopped", held), shop, now)


def due(tx: Tx, shop: Shop, now: int) -> str | None:
    """The meter to inquire about, once a minute while a good inquiry may half-open it; None if it is not time."""
    found = read(tx)
    if found.state is not Position.OPEN or found.way_back is not Way.PROBE:
        return None
    if found.probed_at is not None and now - found.probed_at < shop.waits.breaker_probe:
        return None
    meter = tx.one(str, "purchase_latest_meter")
    if meter is not None:
        _save(tx, dataclasses.replace(found, probed_at=now))
    return meter


def probed(tx: Tx, answer: InquiryAnswer) -> None:
    """An inquiry's answer: the supplier found the customer, or knows him and says why not, so it works again."""
    found = read(tx)
    good = answer.verdict in (InquiryVerdict.FOUND, InquiryVerdict.REJECTED)
    if good and found.state is Position.OPEN and found.way_back is Way.PROBE:
        _half_open(tx, found)


def try_again(tx: Tx, actor: str, reason: str, now: int) -> None:
    """The owner half-opens it. Raises `DecisionError` if sales are open, or one payment is on trial already."""
    found = read(tx)
    if found.state is Position.CLOSED:
        raise DecisionError("sales are not stopped")
    if _is_on_trial(tx, found):
        raise DecisionError(f"T{found.probe_id} is on trial already: its end opens sales or stops them again")
    decisions.record(tx, "release:breaker", actor=actor, reason=reason, now=now)
    _half_open(tx, found)


def watch_opening(tx: Tx, conversation_id: int) -> bool:
    """Tell this chat when sales open again; False if they are open."""
    if is_open(tx):
        return False
    tx.run("opening_watch_add", conversation_id=conversation_id)
    return True


def is_open(tx: Tx) -> bool:
    """Whether sales are open to everybody: not read-only, not closed by hand, not stopped."""
    restricted = standing.restriction(tx) is not None or closing.closing(tx) is not None
    return not restricted and read(tx).state is Position.CLOSED


def tell_opening(tx: Tx, now: int) -> None:
    """*maint.reopened* to everybody who asked, once nothing else keeps sales closed."""
    if not is_open(tx):
        return
    for conversation_id in tx.all(int, "opening_watch_list"):
        message = Message(Text("maint.reopened"), options=(notices.option("buy", "beli"),))
        outbox.put(tx, conversation_id, message, now, cause=f"opened:{now}:{conversation_id}")
    tx.run("opening_watch_clear")


def _is_unclear(purchase: Purchase, answer: PayAnswer | None) -> bool:
    """No answer, or none that counts. Never connected is no answer either: it proves no supplier."""
    if answer is None or answer.verdict in (PayVerdict.UNKNOWN, PayVerdict.UNSENT):
        return True
    return answer.verdict is PayVerdict.SETTLED and purchase.state in IN_DOUBT


def _way_back(code: int | None, found: Breaker) -> Way:
    waits_for_owner = found.state is Position.OPEN and found.way_back is Way.OWNER
    return Way.PROBE if code in _CUT_OFF and not waits_for_owner else Way.OWNER


def _open(tx: Tx, found: Breaker, way: Way, code: int | None, now: int) -> bool:
    """Stop new purchases; False if they were stopped for the same already."""
    since = now if found.state is Position.CLOSED else found.since
    _save(tx, Breaker(Position.OPEN, way, code, since, 0, None, now))
    return found.state is Position.CLOSED or found.code != code


def _fail_trial(tx: Tx, found: Breaker, purchase: Purchase, shop: Shop, now: int) -> None:
    """In doubt, or not even sent: closed again. Where nobody but the owner reopens it, he has to know."""
    _open(tx, found, found.way_back, found.code, now)
    if found.way_back is Way.OWNER:
        _alarm(tx, Text("alarm.trial", {"sale": purchase.sale} | _held(tx, now)), shop, now)


def _is_on_trial(tx: Tx, found: Breaker) -> bool:
    """Whether a payment is under way that will end the trial; one that was settled otherwise never will."""
    if found.probe_id is None:
        return False
    state = tx.one(str, "purchase_state", id=found.probe_id)
    return state in (State.CONFIRMED, State.SENDING)


def _held(tx: Tx, now: int) -> dict[str, Value]:
    still = tx.all(Purchase, "purchase_open_list")
    return {"n": len(still), "rp": Rupiah(sum(one.price for one in still)), "time": Clock(now)}


def _alarm(tx: Tx, head: Text, shop: Shop, now: int) -> None:
    alerts.record(tx, head.key, "sales stopped", now)
    message = Message(head, options=(TRIES,))
    alerts.rise(tx, Kind.STOP, message, shop, now, again=True)


def _half_open(tx: Tx, found: Breaker) -> None:
    _save(tx, dataclasses.replace(found, state=Position.HALF, probe_id=None, unclear_run=0))
    tx.signal("purchase")


def _close(tx: Tx, shop: Shop, now: int) -> None:
    _save(tx, Breaker(Position.CLOSED, Way.PROBE, None, now, 0, None, None))
    said = Message(Text("maint.reopened"))
    if (shut := closing.closing(tx)) is not None:
        said = Message(Text("maint.stays_closed", {"reason": shut.why}), options=(closing.OPENS,))
    alerts.end(tx, Kind.STOP, shop, now, said=said)
    tell_opening(tx, now)


def _reason(found: Breaker) -> Text:
    if found.code in _CUT_OFF:
        return Text("maint.cutoff")
    return Text("maint.silent" if found.code is None and found.way_back is Way.PROBE else "maint.trouble")


def _save(tx: Tx, changed: Breaker) -> None:
    tx.run("breaker_add", now=changed.since)
    tx.run("breaker_save", **dataclasses.asdict(changed))
