"""The supplier's report, sent to the chat: what it came to, and what it proves was never sold.

The import is the same as `setrum reconcile`. Holds go back only after an owner has seen their list and confirmed it.
"""

import asyncio
import json
import re
from dataclasses import dataclass
from datetime import tzinfo

from bot.clock import SECOND, WIB, local
from bot.conversation.command import Begin, need_owner
from bot.conversation.owner import spans
from bot.conversation.prompts import CANCEL
from bot.conversation.script import Ask, Effect, Says, Turn
from bot.documents.workbook import XLSX, Cell, Column, Kind, Workbook
from bot.domain import report, stored
from bot.domain.message import Clock, Day, File, Lines, Message, MeterNumber, Option, Rupiah, Text, Value
from bot.domain.people import Role
from bot.domain.proof import Condition
from bot.domain.purchase import IN_DOUBT, Purchase
from bot.domain.report import ReportError, Stated
from bot.domain.rules import Shop
from bot.i18n import Renderer
from bot.messaging.event import Event, Sight
from bot.messaging.spool import Spool
from bot.ports import Store, Tx
from bot.services import absence, approvals, errands, notices, reconciliation, standing, trail
from bot.services.absence import Claim, Report
from bot.services.approvals import NotDone, Proposal
from bot.services.decisions import DecisionError
from bot.services.errands import Errand
from bot.services.reconciliation import Outcome
from bot.services.reported import Result

REPORT = "report"
_GIVES_BACK = re.compile(
    r"(?:R)?(?P<report>\d{1,9})\s+(?:kembalikan|give back)(?P<sales>(?:[\s,]+T?\d{1,9})*)", re.IGNORECASE
)
_FIGURE = re.compile(r"(?P<name>[a-z-]+)\s+(?P<amount>(?:rp\.?\s?)?\d[\d.,]*)", re.IGNORECASE)
_FIGURES = {
    "awal": "opening", "opening": "opening", "akhir": "closing", "closing": "closing", "isi": "top_ups",
    "topup": "top_ups", "top-up": "top_ups", "rebate": "rebates", "total": "total",
}  # fmt: skip
_RESULTS = {
    Result.MATCHED: "recon.matched",
    Result.SOLD: "recon.sold",
    Result.LATE: "recon.late",
    Result.DOUBLE: "recon.double",
    Result.UNKNOWN: "recon.unknown",
    Result.DIFFERS: "recon.differs",
    Result.NO_TOKEN: "recon.no_token",
    Result.HELD: "recon.held",
    Result.WAITING: "recon.waiting",
}
_LACKS = {
    Condition.DAYS: "recon.lacks_days",
    Condition.DATES: "recon.lacks_dates",
    Condition.TOTALS: "recon.lacks_totals",
    Condition.DEPOSIT: "recon.lacks_deposit",
    Condition.SALES: "recon.lacks_sales",
}
_T, _W = Kind.TEXT, Kind.WHOLE
_COLUMNS = (
    (8, _W),
    (22, _T),
    (11, _T),
    (12, _T),
    (30, _T),
    (14, _T),
    (14, _W),
    (14, _W),
    (12, Kind.DAY),
    (10, Kind.TIME),
)
_LISTED = 10


def received(turn: Turn, event: Event) -> list[Message] | None:
    """What an owner is told of a file at once; None for anybody else's, and for one that was not looked at."""
    if turn.person.role is not Role.OWNER:
        return None
    match event.sight:
        case Sight.READ:
            order = {"key": event.spooled, "name": event.name or "report.csv", "caption": event.text}
            errands.give(turn.tx, REPORT, turn.person, order, turn.now)
            trail.note(turn.tx, turn.person.acting, "reconciled", trail.SHOP, turn.now, reason=event.name)
            return []
        case Sight.UNOPENED:
            how_to = (notices.option("reconcile_how", "rekon"),)
            return [Message(Text("file.unopened", {"most": report.MOST_BYTES >> 20}), options=how_to)]
    return None


def how(_turn: Turn, _: str) -> list[Message]:
    """`rekon`: how it is done."""
    return [Message(Text("recon.how"), (Text("recon.how_proof"),), (notices.option("menu", "menu"),))]


def begins(_turn: Turn, rest: str) -> Begin | None:
    """`rekon R5 kembalikan`, `rekon R5 kembalikan T10482 T10483`."""
    found = _GIVES_BACK.fullmatch(rest)
    return None if found is None else Begin("absent", {"report": found["report"], "sales": found["sales"]})


class Reconciliation:
    """One report that is held against the books; finished by the next start where a kill interrupts it."""

    def __init__(self, errand: Errand, store: Store, spool: Spool, shop: Shop, renderer: Renderer, now: int) -> None:
        self._errand = errand
        self._store = store
        self._spool = spool
        self._shop = shop
        self._renderer = renderer
        self._now = now
        self._name = errand.order["name"]

    def notice(self) -> Message:
        """That it is being done."""
        return Message(Text("recon.wait", {"name": self._name}))

    def ready(self) -> Message:
        """What the notice turns into."""
        return Message(Text("recon.ready", {"name": self._name}))

    def stop(self) -> None:
        """It ends with the process; the units that were done stay done."""

    async def run(self) -> list[Message]:
        """Import it; what came of it."""
        key = self._errand.order["key"]
        try:
            data = await asyncio.to_thread(self._spool.path(key).read_bytes)
        except OSError:
            return [Message(Text("file.gone"))]
        said = await self._reconciled(data)
        self._spool.remove([key])
        return said

    async def _reconciled(self, data: bytes) -> list[Message]:
        if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            return [self._refused(Text("recon.xlsx", {"name": self._name}))]
        layout, actor, name = self._shop.report, self._errand.actor, self._name
        try:
            what = await asyncio.to_thread(reconciliation.filed, data, name, layout, actor)
        except ReportError as error:
            return [self._refused(_damage(name, error) if data.strip() else Text("recon.empty", {"name": name}))]
        claim = _claim(self._errand.order["caption"], self._now)
        try:
            outcome = await reconciliation.reconcile(self._store, what, claim, self._shop, lambda: self._now)
        except DecisionError:
            return [self._refused(Text("recon.foreign", {"name": name, "n": what.outline.count}))]
        return [await asyncio.to_thread(self._said, outcome)]

    def _refused(self, why: Text) -> Message:
        return Message(why, (Text("recon.nothing"),), (notices.option("reconcile_how", "rekon"),))

    def _said(self, outcome: Outcome) -> Message:
        known = outcome.report
        head = Text("recon.head", {"name": known.name, "n": known.row_count, "rp": Rupiah(known.row_total)})
        lines = [Text("recon.again")] if outcome.was_known else []
        lines += [Text(_RESULTS[Result(one.result)], {"n": one.count, "rp": Rupiah(one.total)}) for one in outcome.sums]
        for key, found in (("recon.ours_only", outcome.verdict.ours_only), ("recon.unlisted", outcome.unlisted)):
            if found:
                lines.append(Text(key, {"n": len(found), "rp": Rupiah(sum(one.price for one in found))}))
        if more := sum(one.count for one in outcome.sums if one.result != Result.MATCHED) - len(outcome.notable):
            lines.append(Text("recon.cut", {"n": more, "most": reconciliation.MOST_LISTED}))
        lines += _proof(outcome)
        options = [notices.option("report", "rekap")]
        if outcome.notable or outcome.unlisted:
            options.insert(0, notices.option("pending", "pending"))
        if outcome.absent and outcome.restriction is None:
            options.insert(0, Option("give_back", Text("btn.give_back"), f"rekon R{known.id} kembalikan"))
        return Message(head, tuple(lines), tuple(options), files=self._sheet(outcome))

    def _sheet(self, outcome: Outcome) -> tuple[File, ...]:
        """What does not match, as a workbook; none where everything does."""
        words = _listed(self._renderer, "recon.columns", self._errand.language)
        names = dict(zip((*Result, "ours_only", "absent", "unlisted"), self._results(), strict=True))
        rows: list[tuple[Cell, ...]] = []
        for one in outcome.notable:
            sale = f"T{one.purchase_id}" if one.purchase_id else ""
            ours = one.ours if one.purchase_id else None
            facts = (one.line, names[one.result], sale, one.state, one.trxid, one.msn, one.total, ours)
            rows.append((*facts, *_when(one.paid_at)))
        named = ("ours_only", outcome.verdict.ours_only), ("absent", outcome.absent), ("unlisted", outcome.unlisted)
        for result, purchases in named:
            for sold in purchases:
                about = (sold.sale, sold.state, sold.trxid, sold.msn, None, sold.total)
                rows.append((None, names[result], *about, *_when(sold.sent_at)))
        if not rows:
            return ()
        key = f"{self._errand.id}-1.xlsx"
        with Workbook(self._spool.path(key)) as book:
            book.fill(words[0], [Column(word, *shape) for word, shape in zip(words[1:], _COLUMNS, strict=True)], rows)
        self._spool.finish(key, self._now)
        return (File(key, f"rekon-R{outcome.report.id}.xlsx", XLSX),)

    def _results(self) -> list[str]:
        return _listed(self._renderer, "recon.results", self._errand.language)


def _proof(outcome: Outcome) -> list[Text]:
    """What the file proves by what it lacks, or what it would need for that; how the database stands."""
    lines: list[Text] = []
    if outcome.absent:
        held = Rupiah(sum(one.price for one in outcome.absent))
        lines.append(Text("recon.absent", {"n": len(outcome.absent), "rp": held}))
    if outcome.unlisted:
        conditions = dict.fromkeys(one.condition for one in outcome.verdict.shortcomings)
        lines += [Text(_LACKS[condition]) for condition in conditions]
    if outcome.lifted:
        lines.append(Text("recon.lifted"))
    elif outcome.restriction is not None:
        lines.append(Text("recon.read_only"))
    return lines


def _damage(name: str, error: ReportError) -> Text:
    """What is wrong with the file, and where, in the reader's language; the error itself is the operator's."""
    args: dict[str, Value] = {"name": name}
    if error.lacking:
        return Text("recon.no_header", args | {"columns": error.lacking})
    if not error.is_csv:
        return Text("recon.no_csv", args)
    if error.line and error.column:
        return Text("recon.bad_cell", args | {"line": error.line, "column": error.column})
    if error.line:
        return Text("recon.bad_line", args | {"line": error.line})
    return Text("recon.bad_header", args | {"column": error.column}) if error.column else Text("recon.refused", args)


def _claim(caption: str, now: int) -> Claim:
    """What stands below the file: the days that it covers, and figures such as `awal 10.000.000 akhir 9.800.000`."""
    figures: dict[str, int] = {}
    for found in _FIGURE.finditer(caption):
        name, amount = _FIGURES.get(found["name"].casefold()), report.amount(found["amount"].strip(".,"))
        if name is not None and amount is not None:
            figures[name] = amount
    words = _FIGURE.sub(lambda found: "" if found["name"].casefold() in _FIGURES else found[0], caption)
    return Claim(Stated(**figures), spans.read(words.removeprefix("rekon"), local(now, WIB).date()))


def _listed(renderer: Renderer, key: str, language: str, zone: tzinfo = WIB) -> list[str]:
    return renderer.render(Text(key), language, zone).split("|")


def _when(at: int | None) -> tuple[Cell, Cell]:
    if at is None:
        return None, None
    moment = local(at // SECOND * SECOND, WIB)
    return moment.date(), moment.time()


# giving back


@dataclass(frozen=True, slots=True)
class Listed:
    """The sales whose holds would go back, and the question about them; or nothing, and why."""

    sales: tuple[int, ...]
    message: Message
    held: int = 0  # rupiah, in all


class ListAbsent(Effect[Listed]):
    """What a report proves was never sold: what its owner is asked about, and exactly that is given back."""

    def __init__(self, number: str, sales: str) -> None:
        self.name = "list_absent"
        self.number = int(number)
        self.wanted = frozenset(int(digits) for digits in re.findall(r"\d+", sales))

    def perform(self, turn: Turn) -> Listed:
        """From the books as they are now."""
        found = turn.tx.one(Report, "report_by_id", id=self.number)
        absent = [] if found is None else _returnable(turn.tx, found, turn.shop)
        chosen = [one for one in absent if not self.wanted or one.id in self.wanted]
        if not chosen or found is None:
            return Listed((), Message(Text("recon.none"), options=(notices.option("reconcile_how", "rekon"),)))
        head, *lines = _about(found, chosen)
        held = sum(one.price for one in chosen)
        if approvals.is_needed(turn.shop, held):
            lines.append(Text("adj.second"))
        options = (Option("correct", Text("btn.give_back")), CANCEL)
        return Listed(tuple(one.id for one in chosen), Message(head, tuple(lines), options), held)

    def dump(self, value: Listed) -> str:
        """Numbers, and the message."""
        return json.dumps([value.sales, stored.encode(value.message), value.held])

    def load(self, turn: Turn, logged: str) -> Listed:
        """The same list, whatever happened since."""
        sales, message, held = json.loads(logged)
        return Listed(tuple(sales), stored.decode(message), held)


class GiveBack(Says):
    """Void the holds of the list that was confirmed, all of them or none; or propose it to another owner."""

    def __init__(self, number: str, sales: tuple[int, ...]) -> None:
        self.name = "give_back"
        self.number = int(number)
        self.sales = frozenset(sales)

    def perform(self, turn: Turn) -> Message:
        """In the turn's own unit; a chat that is an owner's no more gives nothing back."""
        need_owner(turn)
        tx, shop = turn.tx, turn.shop
        try:
            found, chosen = _still(turn, self.number, self.sales)
            if not approvals.is_needed(shop, sum(one.price for one in chosen)):
                return _given_back(turn, found, chosen, turn.person.acting)
            given: dict[str, str | int] = {"report": self.number, "sales": " ".join(str(one.id) for one in chosen)}
            what = Text("line.parts", {"parts": Lines(tuple(_about(found, chosen)))})
            return approvals.propose(tx, "absent", given, what, _reason(found), turn.person, shop, turn.now)
        except NotDone as why_not:
            return why_not.message


def deed(turn: Turn, proposal: Proposal, actor: str) -> Message:
    """What another owner approved. Raises `NotDone` where the list is no longer what it was."""
    given = proposal.given
    found, chosen = _still(turn, given["report"], frozenset(int(one) for one in given["sales"].split()))
    return _given_back(turn, found, chosen, actor)


def _still(turn: Turn, number: int, sales: frozenset[int]) -> tuple[Report, list[Purchase]]:
    """The report, and the sales on its list, if all of them are still there. Raises `NotDone`."""
    found = turn.tx.one(Report, "report_by_id", id=number)
    returnable = [] if found is None else _returnable(turn.tx, found, turn.shop)
    if found is None or not sales <= {one.id for one in returnable}:
        raise NotDone(Message(Text("recon.changed"), options=(notices.option("menu", "menu"),)))
    return found, [one for one in returnable if one.id in sales]


def _given_back(turn: Turn, found: Report, chosen: list[Purchase], actor: str) -> Message:
    sales = frozenset(one.id for one in chosen)
    voided = absence.void(turn.tx, found, sales, actor, _reason(found), turn.shop, turn.now)
    held = Rupiah(sum(one.price for one in voided))
    menu = notices.option("menu", "menu")
    return Message(Text("recon.given_back", {"n": len(voided), "rp": held}), options=(menu,))


def _reason(found: Report) -> str:
    return found.name  # it stands beside words that say that the sale is not in it, in whichever language


def _about(found: Report, chosen: list[Purchase]) -> list[Text]:
    """What would be given back: how much in all, and the first of them."""
    held = Rupiah(sum(one.price for one in chosen))
    lines = [Text("recon.sure", {"n": len(chosen), "rp": held, "name": found.name})]
    lines += [_row(one) for one in chosen[:_LISTED]]
    if len(chosen) > _LISTED:
        lines.append(Text("recon.more", {"n": len(chosen) - _LISTED}))
    return lines


def sure(listed: Listed) -> Ask:
    """Whether exactly these go back."""
    return Ask("absent.sure", listed.message, refusal=lambda _: listed.message.text)


def _returnable(tx: Tx, found: Report, shop: Shop) -> list[Purchase]:
    """What can be voided now: nothing in a read-only database, and nothing by a file that is no longer complete."""
    if standing.restriction(tx) is not None or not absence.is_complete(tx, found):
        return []
    return [one for one in absence.absent(tx, found, shop) if one.state in IN_DOUBT]


def _row(one: Purchase) -> Text:
    at = one.sent_at or one.confirmed_at
    args: dict[str, Value] = {"sale": one.sale, "meter": MeterNumber(one.msn, short=True), "rp": Rupiah(one.price)}
    return Text("recon.row", args | {"day": Day(at), "time": Clock(at)})
