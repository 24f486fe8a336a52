"""What an owner reads of the trail: who did what, when and from where; all of it, a day's, an agent's, a sale's."""

import re
from datetime import date

from bot.clock import date_span, local
from bot.conversation import dates, grammar, pages
from bot.conversation.owner import naming
from bot.conversation.script import Turn
from bot.domain.message import Clock, Day, Message, Option, Text, Value
from bot.domain.people import Role, dialled
from bot.services import notices, people, trail
from bot.services.trail import Deed

_ROWS = 10
_SALE = re.compile(r"[ts]\d{1,9}")
_PROPOSAL = re.compile(r"p\d{1,9}")
_TICKET = re.compile(r"#?\d{1,9}")
_CHAT = re.compile(r"(?P<channel>telegram|whatsapp|console):(?P<value>\S+)", re.IGNORECASE)
_ADJUSTED = "adjust "  # and the agent, and by how much
_LONGEST_REASON = 120
_SAID_ALREADY = ("joined",)  # who invited whom is the row before it
_DEEDS = {
    "absent": "deed.unsold",
    "added": "deed.added",
    "answered the note": "deed.answered",
    "approved the ticket": "deed.approved",
    "blocked the meter": "deed.blocked",
    "broadcast": "deed.broadcast",
    "close:sales": "deed.closed_sales",
    "changed what the PIN guards": "deed.pin_from",
    "exported": "deed.exported",
    "closed the note": "deed.closed_note",
    "declined the late sale": "deed.declined",
    "corrected the supplier": "deed.supplier_corrected",
    "reconciled": "deed.reconciled",
    "fee": "deed.fee",
    "footer": "deed.footer",
    "approved the proposal": "deed.approved_proposal",
    "frozen": "deed.frozen",
    "invited": "deed.invited",
    "joined": "deed.joined",
    "late: agent pays": "deed.paid",
    "late: loss": "deed.loss",
    "limited": "deed.limited",
    "locked": "deed.locked",
    "locked out": "deed.locked",
    "markup": "deed.markup",
    "open:sales": "deed.opened_sales",
    "not sold": "deed.unsold",
    "offered the late sale": "deed.offered",
    "outlet": "deed.outlet",
    "proposed": "deed.proposed",
    "refused the proposal": "deed.refused_proposal",
    "rejected the ticket": "deed.rejected",
    "release:breaker": "deed.opened",
    "removed": "deed.removed",
    "renamed": "deed.renamed",
    "removed the PIN": "deed.pin_removed",
    "set a PIN": "deed.pin_set",
    "sold": "deed.sold",
    "stopped the broadcast": "deed.stopped",
    "stray:claimed": "deed.claimed",
    "stray:loss": "deed.loss",
    "asked for a backup": "deed.backup_now",
    "set the summary's time": "deed.summary_time",
    "switched the summary off": "deed.summary_off",
    "set the receipts' address": "deed.words",
    "set the receipts' footer": "deed.words",
    "set the receipts' heading": "deed.words",
    "set the receipts' phone": "deed.words",
    "switched nightly backups off": "deed.backup_off",
    "switched nightly backups on": "deed.backup_on",
    "sold on credit": "deed.credit",
    "took a repayment": "deed.repaid",
    "took the PIN away": "deed.pin_removed",
    "topped up": "deed.topped_up",
    "topped up the supplier": "deed.supplier",
    "withdrew the proposal": "deed.withdrawn",
    "unblocked the meter": "deed.unblocked",
    "unfrozen": "deed.unfrozen",
    "unlocked": "deed.unlocked",
    "zone": "deed.zone",
}


def answer(turn: Turn, rest: str) -> list[Message]:
    """`jejak`, `jejak kemarin`, `jejak A017`, `jejak T10482`, `jejak #88`, `jejak telegram:123`, each with `hal 2`."""
    words, page = pages.read(rest)
    found = _found(turn, words, (page - 1) * _ROWS)
    if found is None:
        return [Message(Text("trail.how"), options=(notices.option("trail", "jejak"), notices.option("menu", "menu")))]
    options: list[Option] = []
    if len(found) > _ROWS:
        options.append(notices.option("next", f"jejak {words} hal {page + 1}".replace("  ", " ")))
    if words:
        options.append(notices.option("trail", "jejak"))
    options.append(notices.option("menu", "menu"))
    if not found:
        return [Message(Text("trail.none"), options=tuple(options))]
    head = Text("trail.of", {"what": words}) if words else Text("trail.head")
    return [Message(head, tuple(_row(turn, one) for one in found[:_ROWS]), tuple(options))]


def _found(turn: Turn, words: str, skip: int) -> list[Deed] | None:
    """One more than a page holds; None for words that mean nothing here."""
    tx, most, word = turn.tx, _ROWS + 1, words.casefold()
    if not words:
        return trail.latest(tx, most=most, skip=skip)
    if _SALE.fullmatch(word) or _PROPOSAL.fullmatch(word):
        return trail.about(tx, word.upper(), most=most, skip=skip)
    if chat := _CHAT.fullmatch(words):
        channel = chat["channel"].casefold()
        value = dialled(chat["value"]) if channel == "whatsapp" else chat["value"]
        return trail.by(tx, f"{channel}:{value}", most=most, skip=skip)
    if word.startswith("#") and _TICKET.fullmatch(word):
        return trail.about(tx, word, most=most, skip=skip)
    if meter := grammar.number(words):
        return trail.about(tx, meter, most=most, skip=skip)
    if day := dates.read(words, _today(turn)):
        return trail.between(tx, *date_span(day, turn.shop.zone), most=most, skip=skip)
    whom = people.called(tx, words)
    return None if whom is None else trail.about(tx, whom.code, most=most, skip=skip)


def _row(turn: Turn, deed: Deed) -> Text:
    who = trail.doer(turn.tx, deed.actor)
    by: Value = Text("trail.by", {"role": naming.called(turn, who), "chat": who.name}) if who.role else who.name
    said: Value = Text(key) if (key := _DEEDS.get(deed.action)) else deed.action
    if deed.action.startswith(_ADJUSTED):
        amount = int(deed.action.rpartition(" ")[2])
        said = Text("deed.adjusted", {"rp": trail.signed(amount)})
    if deed.subject != trail.SHOP:
        said = Text("trail.did", {"did": said, "about": deed.subject})
    reason = "" if deed.action in _SAID_ALREADY else deed.reason
    more = " ".join(part for part in (deed.chat, _short(reason)) if part not in ("", "–", who.name))
    args: dict[str, Value] = {"day": Day(deed.at), "time": Clock(deed.at), "who": by, "did": said}
    is_role = deed.action == "invited" and more in set(Role)
    why: Value = Text(f"role.{more}") if is_role else more
    return Text("trail.row_why", args | {"why": why}) if more else Text("trail.row", args)


def _short(reason: str) -> str:
    return reason if len(reason) <= _LONGEST_REASON else f"{reason[: _LONGEST_REASON - 1].rstrip()}…"


def _today(turn: Turn) -> date:
    return local(turn.now, turn.shop.zone).date()
