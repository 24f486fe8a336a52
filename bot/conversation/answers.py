"""Commands that are answered at once and ask nothing back: menu, help, balance, prices, history, a sale again.

They work in the middle of any question and leave it standing. Each is a function of the turn and the rest of the line.
"""

from collections.abc import Callable

from bot.clock import DAY
from bot.conversation import (
    complaints,
    customers,
    deposit,
    favourites,
    grammar,
    guarding,
    helping,
    history,
    outlet,
    pricing,
    privacy,
    staff,
    taking,
    tickets,
)
from bot.conversation.command import (
    ACCOUNTS,
    ALL,
    CUSTOMERS,
    OWNERS,
    PRINCIPALS,
    SELLERS,
    Answer,
    about,
    sold,
)
from bot.conversation.owner import (
    alarms,
    announcing,
    approving,
    backing,
    booking,
    correcting,
    doubt,
    exporting,
    noting,
    opening,
    reporting,
    slipwords,
    supplier_deposit,
    trailing,
)
from bot.conversation.script import Turn
from bot.domain.message import Day, Message, MeterNumber, Option, Parts, Rupiah, Text
from bot.domain.people import Role
from bot.domain.purchase import Purchase
from bot.services import breaker, copies, ledger, notices, people, prices, sales, settlement, slips, status

_PRICES_ARE_NEW = 3 * DAY  # so long an agent's menu says that they changed
_LANGUAGES = {"id": "id", "indonesia": "id", "bahasa indonesia": "id", "en": "en", "english": "en", "inggris": "en"}


def greeting(turn: Turn) -> Message:
    """The start text of one's own role: what a command outside one's role gets, too."""
    person, shop, tx = turn.person, turn.shop, turn.tx
    if person.agent is None:
        return Message(Text("start.customer", {"shop": shop.name}), options=CUSTOMERS)
    parts: list[Text] = []
    options = [notices.option("buy", "beli")]
    if person.role is Role.OWNER:
        head = Text("start.owner", {"shop": shop.name})
        left = ledger.noted_deposit(tx)
        parts.append(notices.deposit(left))
        options.append(notices.option("report", "rekap"))
        options.append(notices.option("agents", "agen"))
        options[0] = breaker.way_in(tx) or options[0]  # while nothing can be bought
        if left is None:
            options.append(notices.option("deposit", "deposit"))
    else:
        head = Text("start.agent", {"outlet": person.agent.heading})
    if person.role is Role.AGENT:
        account = ledger.agent_account(tx, person.agent.id)
        parts.append(Text("part.balance", {"rp": Rupiah(account.posted)}))
        if account.held:
            parts.append(Text("part.held", {"rp": Rupiah(account.held)}))
    changed = (
        None if person.role is Role.CASHIER else prices.changed_since(tx, person.agent, turn.now - _PRICES_ARE_NEW)
    )
    if person.role is not Role.OWNER:  # whose three stay few enough to be seen at once on every channel
        options.append(notices.option("history", "riwayat"))
    if person.role is Role.AGENT:
        options.append(slips.top_up() if shop.bank else notices.option("balance", "saldo"))
    parts.append(status.line(tx, shop, turn.now))
    lines = [Text("line.parts", {"parts": Parts(tuple(parts))})]
    if changed is not None:
        lines.append(Text("price.changed", {"day": Day(changed)}))
    return Message(head, tuple(lines), tuple(options))


def _menu(turn: Turn, _: str) -> list[Message]:
    return [greeting(turn)]


def _language(turn: Turn, rest: str) -> list[Message]:
    language = _LANGUAGES.get(rest.casefold())
    if language is None:
        options = (
            Option("indonesian", Text("btn.indonesian"), "bahasa id"),
            Option("english", Text("btn.english"), "bahasa en"),
        )
        return [Message(Text("lang.ask"), options=options)]
    people.speak(turn.tx, turn.person.conversation_id, language)
    return [Message(Text("lang.done"), options=(Option("menu", Text("btn.menu"), "menu"),))]


def _cancel(turn: Turn, _: str) -> list[Message]:
    return [greeting(turn)]


def _tell(turn: Turn, found: Purchase) -> list[Message]:
    if found.is_open:
        return [Message(Text("pend.tell", {"meter": MeterNumber(found.msn)}))]
    return [sales.status(turn.tx, found, turn.shop)]


def _tell_somebody(turn: Turn, rest: str) -> list[Message]:
    """With a sale, words for its customer; alone, a word to this chat once sales open again."""
    if rest:
        return about(_tell)(turn, rest)
    waits = breaker.watch_opening(turn.tx, turn.person.conversation_id)
    return [Message(Text("maint.tell" if waits else "maint.open"))]


def _pending(turn: Turn, rest: str) -> list[Message]:
    """What is in question: an owner's cases, a seller's own sales."""
    return (doubt.pending if turn.person.role is Role.OWNER else history.pending)(turn, rest)


def _welcome(_turn: Turn, _: str) -> list[Message]:
    """Whoever says thanks has understood, and is not told that he was not."""
    menu = (Option("menu", Text("btn.menu"), "menu"),)
    return [Message(Text("in.thanks"), options=menu)]


def _copy(turn: Turn, found: Purchase) -> list[Message]:
    return [copies.customer_copy(turn.tx, found, settlement.tokens_of(turn.tx, found.id))]


def _keep_phone(turn: Turn, rest: str) -> list[Message]:
    return about(lambda turn, found: customers.phone(turn, rest, found))(turn, rest)


def _send(turn: Turn, rest: str) -> list[Message]:
    """`kirim 7` answers a customer's request; `kirim T10482` is the sale's copy, and with a phone that is noted."""
    read = grammar.read(rest)
    match read:
        case grammar.Command("hp"):
            return _keep_phone(turn, read.rest)
        case grammar.Command("cek"):
            return sold(_copy)(turn, read.rest)
        case _:
            return customers.decide(turn, rest, sends=True)


def _or_customers(
    sellers: Callable[[Turn, str], list[Message]] | None, customer: Callable[[Turn, str], customers.Said]
) -> Callable[[Turn, str], list[Message]]:
    """A seller's command that means the customer's own sale in a customer's mouth; else it is outside his role."""

    def answer(turn: Turn, rest: str) -> list[Message]:
        if turn.person.role is not Role.CUSTOMER and sellers is not None:
            return sellers(turn, rest)
        return customer(turn, rest) or [greeting(turn)]

    return answer


def _chat_id(turn: Turn, _: str) -> list[Message]:
    """What OWNERS, and `setrum agents add --on`, call this chat."""
    menu = (Option("menu", Text("btn.menu"), "menu"),)
    if not turn.person.address:
        return [Message(Text("id.unproven"), options=menu)]
    chat = f"{people.platform(turn.person.channel)}:{turn.person.address}"
    lines = () if turn.shop.owners else (Text("id.first", {"chat": chat}),)
    return [Message(Text("id.chat", {"chat": chat}), lines, menu)]


ANSWERS: dict[str, Answer] = {
    "menu": Answer(ALL, _menu),
    "bantuan": Answer(ALL, helping.answer),
    "bahasa": Answer(ALL, _language),
    "id": Answer(ALL, _chat_id),
    "batal": Answer(ALL, _cancel),
    "makasih": Answer(ALL, _welcome),
    "saldo": Answer(PRINCIPALS, deposit.balance),
    "mutasi": Answer(PRINCIPALS, deposit.ledger_of),
    "tiket": Answer(PRINCIPALS, tickets.ticket, tickets.begins_top_up),
    "sudah": Answer(frozenset({Role.AGENT}), tickets.said_paid),
    "setuju": Answer(OWNERS, approving.approve, approving.begins_approval),
    "tolak": Answer(OWNERS, approving.refuse, approving.begins_refusal),
    "usulan": Answer(OWNERS, approving.proposals),
    "harga": Answer(PRINCIPALS, pricing.listed),
    "markup": Answer(OWNERS, pricing.markups, pricing.begins),
    "biaya": Answer(PRINCIPALS, outlet.service_fee, guarding.proved("biaya")),
    "toko": Answer(PRINCIPALS, outlet.heading, guarding.proved("toko")),
    "riwayat": Answer(SELLERS, history.listed),
    "fav": Answer(SELLERS, favourites.answer, favourites.begins_naming),
    "rekap": Answer(PRINCIPALS, history.report),
    "umumkan": Answer(OWNERS, announcing.answer, announcing.begins),
    "cadangan": Answer(OWNERS, backing.answer),
    "jejak": Answer(OWNERS, trailing.answer),
    "catatan": Answer(OWNERS, history.notes_of, noting.begins),
    "pending": Answer(SELLERS, _pending),
    "selesai": Answer(OWNERS, doubt.settle, doubt.begins),
    "tebus": Answer(frozenset({Role.AGENT}), taking.answer, taking.begins),
    "ditolak": Answer(ALL, _menu, complaints.begins_advice),
    "komplain": Answer(SELLERS, _menu, complaints.begins),
    "bayar": Answer(SELLERS, booking.nothing_to_pay),
    "rincian": Answer(SELLERS, booking.nothing_to_pay),
    "isi": Answer(PRINCIPALS, booking.credit, booking.begins_credit),
    "terima": Answer(SELLERS, booking.repayment, booking.begins_repayment),
    "piutang": Answer(PRINCIPALS, booking.owed),
    "saldo+": Answer(OWNERS, correcting.none, correcting.begins_adding),
    "saldo-": Answer(OWNERS, correcting.none, correcting.begins_taking),
    "cek": Answer(ALL, _or_customers(history.check, customers.token_typed)),
    "kabari": Answer(ALL, _or_customers(_tell_somebody, customers.tell)),
    "buka": Answer(OWNERS, guarding.opening(opening.open_sales)),
    "tutup": Answer(OWNERS, opening.close_sales),
    "alarm": Answer(OWNERS, alarms.answer),
    "deposit": Answer(OWNERS, supplier_deposit.answer, supplier_deposit.begins),
    "gabung": Answer(ALL, staff.join),
    "agen": Answer(OWNERS, staff.listed, staff.begins),
    "rekon": Answer(OWNERS, reporting.how, reporting.begins),
    "ekspor": Answer(OWNERS, exporting.answer),
    "undang": Answer(OWNERS, staff.invite),
    "beku": Answer(OWNERS, staff.freeze),
    "aktif": Answer(OWNERS, guarding.unlock),
    "kunci": Answer(ACCOUNTS, guarding.lock),
    "batas": Answer(OWNERS, guarding.limit),
    "blokir": Answer(OWNERS, guarding.block),
    "keluar": Answer(OWNERS, staff.remove),
    "kasir": Answer(frozenset({Role.AGENT}), staff.cashiers, guarding.proved("kasir", *staff.LETS_IN)),
    "token": Answer(SELLERS, sold(lambda turn, found: sales.token_again(turn.tx, found))),
    "salin": Answer(SELLERS, sold(_copy)),
    "struk": Answer(ALL, slipwords.or_receipt(_or_customers(outlet.receipt, customers.receipt)), slipwords.begins),
    "hapus": Answer(ALL, privacy.sellers, privacy.begins),
    "ingat": Answer(frozenset({Role.CUSTOMER}), _or_customers(None, customers.remember)),
    "hp": Answer(SELLERS, _keep_phone),
    "kirim": Answer(SELLERS, _send),
    "bukan": Answer(SELLERS, lambda turn, rest: customers.decide(turn, rest, sends=False)),
}
