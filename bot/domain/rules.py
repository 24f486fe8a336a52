"""How this shop runs: its prices, limits and waiting times, each a setting with the design's default.

Passed in from the composition root; nothing here reads the environment. Rupiah and milliseconds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from bot.domain.people import Owner
from bot.domain.report import COLUMNS, SUCCESS, Layout, layout

_SECOND = 1000
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE
CLAIM_DAYS = 90


@dataclass(frozen=True, slots=True)
class Waits:
    """Every waiting time of the money rules (§1.6), so that campaigns can compress them."""

    quote: int = 10 * _MINUTE
    confirmed: int = 60 * _SECOND  # a confirmed purchase may be sent for so long
    janitor: int = 10 * _SECOND
    pending: int = 10 * _SECOND  # pay.pending
    ten_minutes: int = 10 * _MINUTE  # pend.10min
    owner_alert: int = 30 * _MINUTE
    manual: int = 2 * _HOUR
    advice: tuple[int, ...] = tuple(step * _SECOND for step in (5, 15, 30, 60, 120, 300, 600, 900))
    advice_quarterly: int = 15 * _MINUTE
    advice_hourly: int = _HOUR
    advice_daily: int = 24 * _HOUR
    advice_quarterly_until: int = 2 * _HOUR
    advice_hourly_until: int = 48 * _HOUR
    advice_gap: int = 500  # two a second in total
    advice_jitter: float = 0.2
    verify: int = 90 * _SECOND
    verify_long: int = 10 * _MINUTE
    verify_negatives: int = 3
    verify_long_negatives: int = 5
    failed_again: int = _HOUR
    counts_as_open: int = 30 * _MINUTE
    skew: int = 120 * _SECOND
    inquiry_notice: int = 3 * _SECOND
    breaker_probe: int = _MINUTE
    owner_may_settle: int = 10 * _MINUTE
    clock_alert: int = _MINUTE
    unmeasured_clock: int = _HOUR  # how far the supplier's clock may be off that no payment has measured yet
    deposit_low: int = 12 * _HOUR  # alert when the supplier's deposit lasts no longer at the last day's pace
    alarm_again: int = 6 * _HOUR  # an alert that nobody has taken on is said once more after so long
    alarm_quiet: int = 6 * _HOUR  # so long an owner's tap quietens an alert
    alarm_urgent: int = 2 * _HOUR  # the same, and never longer, where money or all sales are at stake
    backup_old: int = 48 * _HOUR  # alert when the last good backup is older
    slow: int = 15 * _SECOND  # menus say so while most of the last payments took longer
    check_rest: int = 30 * _SECOND
    repeat_across_midnight: int = 10 * _MINUTE
    stale: int = 15 * _MINUTE
    same_top_up: int = 24 * _HOUR
    not_sent: tuple[int, ...] = tuple(step * _SECOND for step in (1, 2, 5, 10, 30, 60))
    resend: tuple[int, ...] = tuple(step * _SECOND for step in (5, 30, 120, 600))
    resend_prompt: int = 3 * _SECOND
    status: int = 8 * _SECOND  # so long the status of an unclear token is waited for before it is sent again
    send_critical: int = 24 * _HOUR  # so long a message is tried before it is parked (a token) or let go (the rest)
    send_prompt: int = 10 * _MINUTE
    send_edit: int = 30 * _SECOND
    send_notice: int = _HOUR
    held: int = 10 * _MINUTE  # how often a token is tried while the platform holds us back
    whatsapp_chat: int = 6 * _SECOND  # between two messages to one person, ten at once allowed; 0 is no limit
    whatsapp_all: int = 17  # between two messages to anybody
    whatsapp_broadcast: int = 100  # between two that are said to many
    whatsapp_pair: tuple[int, ...] = tuple(step * _SECOND for step in (4, 16, 64, 256))  # refused for this person
    whatsapp_crowd: tuple[int, ...] = tuple(step * _SECOND for step in (5, 10, 20, 40, 60))  # refused for everybody
    whatsapp_typing: int = 20 * _SECOND
    window: int = 23 * _HOUR + 50 * _MINUTE  # so long after his last word a person may be written to freely
    telegram_chat: int = _SECOND  # between two messages to one chat, three at once allowed; 0 is no limit
    telegram_all: int = 40  # between two messages to anybody
    telegram_broadcast: int = 50  # between two that are said to many
    intake: tuple[int, ...] = tuple(step * _SECOND for step in (1, 2, 5, 10, 30))  # until updates are asked for again
    rival: int = 30 * _SECOND  # the same, where another process takes our updates
    webhook: int = _MINUTE  # how often it is looked whether the webhook is still ours
    shut: int = _MINUTE  # how often a platform that refuses our access is tried
    invitation: int = 24 * _HOUR
    new_chat: int = 24 * _HOUR  # so long an agent's further chat has the reduced limit
    wrong_codes: int = _HOUR  # what is counted against whoever tries invitation codes
    proof_tries: int = _HOUR  # what is counted against whoever tries to prove a sale by NO REF
    proved: int = 24 * _HOUR  # so long a customer may do more with what he was shown: receipt, remember
    ask_seller: int = 24 * _HOUR  # one request a chat and meter, and few a chat, in so long
    request: int = 7 * 24 * _HOUR  # so long a seller may answer a request, and his no silences that chat
    broadcast: int = 5 * _SECOND  # how often whoever says something to many sees how far it is
    photo: int = 20 * _SECOND  # so long a photo is fetched and read before its sender is asked to type
    typing: int = 4 * _SECOND  # how often a chat that waits for the supplier sees a sign of life
    pin_pause: int = 15 * _MINUTE  # so long no PIN is taken after five wrong ones
    pin_idle: int = 0  # after so long without a purchase a chat is asked its PIN for any amount; 0 is never
    menus: int = 10 * _SECOND  # how soon a new role or language shows in a chat's menu
    proposal: int = 24 * _HOUR  # so long one owner's decision waits for another's approval
    silent: int = 7 * 24 * _HOUR  # an agent who has not sold for so long is pointed out to the owner
    ticket: int = 6 * _HOUR
    ticket_reminder: int = _HOUR  # before a ticket expires
    ticket_tail: int = 24 * _HOUR  # so long the last digits of a ticket's amount rest after it


@dataclass(frozen=True, slots=True)
class Keeps:
    """So many days what is no part of the books is kept."""

    texts: int = 14  # what people wrote, and the answers of their talks
    messages: int = 90  # what they were told, and the buttons below it
    inquiries: int = 30  # names that the supplier told, and prices that nobody paid
    requests: int = 90  # for tokens, of customers to sellers
    phones: int = 90  # of customers, on their sales; no less than a sale's token is given out


@dataclass(frozen=True, slots=True)
class Bank:
    """Where agents transfer to, as they read it."""

    name: str
    account: str
    holder: str


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop as its owner set it up. `owners` are addresses, `rebate` is what the supplier gives back a sale."""

    name: str = "Setrum"
    owners: tuple[tuple[str, str], ...] = ()
    partners: tuple[Owner, ...] = ()  # the same by person; an owner's address that is in none is a person of its own
    second_approver: int = 0  # from so many rupiah on another owner approves what one decides by hand; 0 is never
    report: Layout = field(default_factory=lambda: layout(COLUMNS, SUCCESS))  # how the supplier's file is read
    owner_contact: str = ""  # where agents reach the owner: a number in full digits, or @name on Telegram
    denominations: tuple[int, ...] = (20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000)
    markup: int = 400  # of every agent, until the owner sets another in chat
    markup_cap: int = 5_000
    fee: int = 1_400
    fee_cap: int = 5_000  # what an agent may add for the customer, a sale
    rebate: int = 0
    zone: tzinfo = UTC
    locale: str = "id"
    most_open: int = 3
    unclear_run: int = 5  # so many payments without a clear answer stop new ones
    inquiries_a_minute: int = 20
    inquiries_a_day: int = 200
    known_after_sales: int = 50
    regular_after_sales: int = 2  # so many sales to a meter make it an agent's regular
    most_favourites: int = 200  # of an agent
    most_recents: int = 5  # that the question for a meter offers
    claim_days: int = CLAIM_DAYS  # so long a sale's token is given to whoever proves it
    known_days: int = 90  # so long a chat's proof of a meter is remembered, if it asks for that
    most_proof_tries: int = 5
    most_requests: int = 3  # to sellers, of one chat in `Waits.ask_seller`
    most_requests_a_meter: int = 5  # the same, from all chats: a seller is not to be drowned
    adjust_limit: int = 1_000_000  # corrections of deposits by hand, rupiah a day over all agents
    new_chat_limit: int = 500_000  # of an agent's further chat while it is new, rupiah in all
    most_wrong_codes: int = 5
    bank: Bank | None = None  # without one, agents top up by asking the owner
    top_up_least: int = 10_000  # of a ticket, rupiah
    top_up_most: int = 10_000_000
    has_news_template: bool = False  # broadcasts reach WhatsApp after a day of silence, too
    approve_confirm_from: int = 1_000_000  # a ticket of so much is asked about once more before it is credited
    most_tickets: int = 3  # of an agent that no owner has decided yet
    pin_from: int = 200_000  # the price from which a PIN is asked, where its holder did not say
    pin_pepper: str = field(default="", repr=False)
    backup_recipient: str = ""  # the public key that nightly backups are encrypted to
    backup_dir: str = ""  # where those stay that are too large for a chat; beside the database
    verified_first: int = 20_000  # purchases; with more of them the audit at start runs beside the sales
    fresh_advice_id: bool = False
    practice: tuple[tuple[str, Mapping[str, str]], ...] = ()  # meters of the practice, with words in each language
    keeps: Keeps = field(default_factory=Keeps)
    waits: Waits = field(default_factory=Waits)

    def owner(self, chats: Iterable[tuple[str, str]]) -> Owner | None:
        """The person behind one of these chats; None where it is no owner's."""
        for chat in chats:
            found = next((one for one in self.partners if chat in one.chats), None)
            if found is not None or chat in self.owners:
                return found or Owner("", (chat,))
        return None
