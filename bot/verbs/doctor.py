"""`setrum doctor`: looks at everything that a shop rests on, and says of each what is wrong and what to do.

Looks only: it registers nothing, sends nothing to a person, and buys nothing. One inquiry at most goes to the supplier.
"""

import argparse
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import aiohttp

from bot import clock, disks, ids, settings
from bot.documents import barcodes
from bot.domain.supply import Inquire, Transport
from bot.services import audit, people, retention, standing
from bot.settings import Settings, SettingsError
from bot.store import migrate
from bot.store.errors import StoreError
from bot.store.sqlite import SqliteStore
from bot.supplier import client

OK, WARNING, BAD = "ok", "warning", "bad"
_SECONDS = 10.0
_CLOCK_SECONDS = 60
_METER = "00000000000"  # nobody's: any clear answer proves address, client id and secret


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it is, and what to do where it is not well."""

    what: str
    state: str
    says: str
    advice: str = ""


def add_arguments(_: argparse.ArgumentParser) -> None:
    """None: everything is looked at."""


async def run(arguments: argparse.Namespace) -> int:
    """Print the findings; exit 1 where one of them is bad."""
    findings = await examine()
    if arguments.json:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            print(f"{finding.state.upper():<8} {finding.what}: {finding.says}")
            if finding.advice:
                print(f"         {finding.advice}")
    return int(any(finding.state == BAD for finding in findings))


async def examine() -> list[Finding]:
    """Everything, one after another; what fails to be looked at is a finding of its own."""
    try:
        set_up = settings.read()[0]
    except SettingsError as error:
        return [Finding("settings", BAD, str(error), "mend it in the environment or in .env")]
    findings = [*_settings(set_up), _photos()]
    looks: list[tuple[str, Callable[[Settings], Awaitable[list[Finding]]]]] = [
        ("database", _database),
        ("supplier", _supplier),
        ("telegram", _telegram),
        ("whatsapp", _whatsapp),
    ]
    for what, look in looks:
        try:
            findings += await look(set_up)
        except (OSError, aiohttp.ClientError, StoreError, SettingsError, ValueError) as error:
            findings.append(Finding(what, BAD, str(error) or type(error).__name__))
    return findings


def _settings(set_up: Settings) -> Iterator[Finding]:
    if set_up.owners:
        yield Finding("owners", OK, f"{len(settings.owner_addresses(set_up.owners))} chats")
    else:
        channel = "whatsapp" if set_up.telegram() is None and set_up.whatsapp() is not None else "telegram"
        advice = f"set OWNERS={channel}:NUMBER; the bot tells you yours if you send it `id`"
        yield Finding("owners", WARNING, "nobody is told what goes wrong", advice)
    if Path(".env").is_file() and Path(".env").stat().st_mode & 0o077:
        yield Finding("settings", WARNING, ".env can be read by others on this machine", "chmod 600 .env")


def _photos() -> Finding:
    if barcodes.available():
        return Finding("photos", OK, "barcodes and QR codes in photos are read")
    advice = "install the extra: pip install 'setrum[barcode]'"
    return Finding("photos", WARNING, "barcodes in photos are not read; people are asked to type", advice)


async def _database(set_up: Settings) -> list[Finding]:
    place = set_up.database.absolute()
    found = []
    if (kind := disks.in_memory(place.parent)) is not None:
        found.append(Finding("disk", BAD, f"{place.parent} is in memory ({kind})", "put DATABASE_URL on a real disk"))
    if not place.is_file():
        return [
            *found,
            Finding("database", WARNING, f"none at {place} yet", "`setrum migrate` makes it, so does `serve`"),
        ]
    try:
        store = await SqliteStore.open(place, clock.now(), migrating=False)
    except StoreError as error:
        return [*found, Finding("database", BAD, str(error))]
    try:
        report = await store.read(audit.check, clock.now() - clock.MINUTE)
        restricted = await store.read(standing.restriction)
        agents = len(await store.read(people.agents)) - 1
        kept = await store.read(retention.kept)
    finally:
        await store.close()
    words = f"{place}, schema {migrate.latest()}, {agents} agents"
    found.append(Finding("database", OK, words))
    if report.violations:
        found.append(
            Finding("books", BAD, report.violations[0], "`setrum check` names them all; sell nothing until then")
        )
    else:
        found.append(Finding("books", OK, "every invariant holds"))
    found.append(_kept(set_up, kept))
    if restricted is not None:
        advice = "`setrum reconcile` with the supplier's reports, or `setrum release`: docs/operations.md"
        found.append(Finding("books", BAD, f"read-only: {restricted.kind}, {restricted.detail}", advice))
    return found


def _kept(set_up: Settings, kept: retention.Kept) -> Finding:
    """How long what people wrote is kept, by the settings and in truth."""
    days = (clock.now() - kept.heard) // clock.DAY if kept.heard else 0
    words = (
        f"texts {set_up.retention_texts} days, answers {set_up.retention_messages}, inquiries "
        f"{set_up.retention_inquiries}, requests {set_up.retention_requests}, phones {set_up.retention_phones}; "
        f"the oldest text is {days} days old, {kept.leaving} chats wait to be forgotten"
    )
    if days > set_up.retention_texts + 1:
        return Finding("retention", WARNING, words, "`setrum serve` deletes what is past its time; does it run?")
    return Finding("retention", OK, words)


async def _supplier(set_up: Settings) -> list[Finding]:
    set_up.need_supplier()
    _, _, deadlines = settings.read()
    supplier = client(set_up, deadlines)
    reply = await supplier.send(Inquire(ids.inquiry_trxid(), _METER))
    host = supplier.identity.host
    if reply.transport is not Transport.ANSWERED:
        advice = "is VSI_URL right, and may this machine reach it? VSI admits known addresses only"
        return [Finding("supplier", BAD, f"{host} does not answer ({reply.transport}: {reply.detail})", advice)]
    answer = supplier.read_inquiry(reply)
    if answer.code is None:
        advice = "is VSI_URL the address of the XML interface?"
        return [Finding("supplier", BAD, f"{host} answers something that is no answer of VSI's", advice)]
    if answer.alert:
        advice = "compare VSI_CID and VSI_SECRET with what VSI gave, and this machine's clock and address"
        return [Finding("supplier", BAD, f"{host} refuses us: code {answer.code}", advice)]
    return [Finding("supplier", OK, f"{host} answers in {reply.milliseconds} ms, code {answer.code} for no meter")]


async def _telegram(set_up: Settings) -> list[Finding]:
    access = set_up.telegram()
    if access is None and set_up.whatsapp() is not None:
        return [Finding("telegram", OK, "not set up, and not needed beside WhatsApp")]
    if access is None:
        return [Finding("telegram", WARNING, "TELEGRAM_TOKEN is not set", "BotFather gives one: docs/operations.md")]
    token, url, address, _ = access
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        try:
            me, served_at = await _ask(session, f"{url}/bot{token}/getMe")
            hook, _ = await _ask(session, f"{url}/bot{token}/getWebhookInfo")
        except (TimeoutError, aiohttp.ClientError) as error:  # whose text could carry the token
            words = f"{url} cannot be reached ({type(error).__name__})"
            return [Finding("telegram", BAD, words, "does this machine reach the internet? is TELEGRAM_API_URL right?")]
    if not me.get("ok"):
        advice = "copy TELEGRAM_TOKEN from BotFather once more"
        return [Finding("telegram", BAD, f"the token is refused: {me.get('description')}", advice)]
    found = [Finding("telegram", OK, f"the bot is @{(me.get('result') or {}).get('username')}")]
    found += _clock(served_at)
    return found + _webhook(hook.get("result") or {}, address)


async def _ask(session: aiohttp.ClientSession, address: str) -> tuple[dict[str, Any], datetime | None]:
    return await _answer(session.post(address, allow_redirects=False))


async def _answer(
    asking: AbstractAsyncContextManager[aiohttp.ClientResponse],
) -> tuple[dict[str, Any], datetime | None]:
    async with asking as answer:
        date = answer.headers.get("Date")
        document = json.loads(await answer.read())
    served_at = parsedate_to_datetime(date) if date else None
    return document if isinstance(document, dict) else {}, served_at


def _clock(served_at: datetime | None) -> list[Finding]:
    if served_at is None:
        return []
    off = round((datetime.fromtimestamp(clock.now() / 1000, UTC) - served_at).total_seconds())
    if abs(off) <= _CLOCK_SECONDS:
        return [Finding("clock", OK, f"within {abs(off)} s of Telegram's")]
    advice = "set it by NTP: VSI's `dt` must be right, or payments are refused"
    return [Finding("clock", BAD, f"{abs(off)} s {'ahead of' if off > 0 else 'behind'} Telegram's", advice)]


def _webhook(info: dict[str, Any], address: str) -> list[Finding]:
    url, pending = str(info.get("url") or ""), int(info.get("pending_update_count") or 0)
    if not address:
        if url:
            advice = "`setrum serve` in polling mode removes it; two programs cannot share one bot"
            return [Finding("updates", WARNING, f"a webhook is set ({url}) though TELEGRAM_MODE=polling", advice)]
        return [Finding("updates", OK, f"fetched by polling, {pending} waiting")]
    if url != address:
        words = f"the webhook is {url or 'not set'}, not {address}"
        return [Finding("updates", WARNING, words, "`setrum serve` registers it when it starts")]
    if error := info.get("last_error_message"):
        advice = "does PUBLIC_URL lead to this machine, with a certificate that Telegram trusts?"
        return [Finding("updates", WARNING, f"posted to {url}, {pending} waiting, last error: {error}", advice)]
    return [Finding("updates", OK, f"posted to {url}, {pending} waiting")]


async def _whatsapp(set_up: Settings) -> list[Finding]:
    values = set_up.whatsapp()
    if values is None and set_up.telegram() is not None:
        return [Finding("whatsapp", OK, "not set up, and not needed beside Telegram")]
    if values is None:
        return [
            Finding("whatsapp", WARNING, "WHATSAPP_TOKEN is not set", "how to get one: docs/operations.md, WhatsApp")
        ]
    base, number = f"{values['url']}/{values['version']}", values["phone_number_id"]
    fields = "display_phone_number,verified_name,quality_rating"
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    headers = {"Authorization": f"Bearer {values['token']}"}
    async with aiohttp.ClientSession(timeout=timeout, headers=headers) as session:
        try:
            me, _ = await _get(session, f"{base}/{number}?fields={fields}")
            if "error" in me:
                error = me["error"]
                why = str((error.get("message") if isinstance(error, dict) else error) or "without a word")
                why = why.replace(values["token"], "…")  # of a mistyped token the platform says which
                advice = "compare WHATSAPP_TOKEN and WHATSAPP_PHONE_NUMBER_ID with the app's dashboard"
                return [Finding("whatsapp", BAD, f"the platform refuses us: {why}", advice)]
            found = [Finding("whatsapp", OK, f"{me.get('verified_name')} on {me.get('display_phone_number')}")]
            if me.get("quality_rating") in ("YELLOW", "RED"):
                advice = "people block or report the number: read the Business Manager"
                found.append(Finding("whatsapp", WARNING, f"its quality is {me['quality_rating']}", advice))
            return found + await _templates(set_up, session, base) + _posted_to(set_up)
        except (TimeoutError, aiohttp.ClientError) as error:
            words = f"{values['url']} cannot be reached ({type(error).__name__})"
            return [Finding("whatsapp", BAD, words, "does this machine reach the internet? is WHATSAPP_API_URL right?")]


async def _templates(set_up: Settings, session: aiohttp.ClientSession, base: str) -> list[Finding]:
    """Without approved templates a late token waits until the agent writes. The account is known once it has posted."""
    account = await _account(set_up)
    if not account:
        return [
            Finding("templates", WARNING, "not looked at: the platform has not posted yet", "write to the number once")
        ]
    answer, _ = await _get(session, f"{base}/{account}/message_templates?fields=name,language,status&limit=200")
    listed = answer.get("data")
    approved = {
        (one.get("name"), one.get("language"))
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, dict) and one.get("status") == "APPROVED"
    }
    names: tuple[str, ...] = (set_up.whatsapp_template_token, set_up.whatsapp_template_status)
    names += tuple(name for name in (set_up.whatsapp_template_news, set_up.whatsapp_template_shop) if name)
    wanted = [(name, language) for name in names for language in set_up.whatsapp_template_languages.split(",")]
    missing = [f"{name} ({language})" for name, language in wanted if (name, language) not in approved]
    if not missing:
        return [Finding("templates", OK, f"{len(wanted)} are approved")]
    advice = "register them: docs/operations.md, WhatsApp; until then a late token waits until the agent writes"
    return [Finding("templates", WARNING, f"not approved: {', '.join(missing)}", advice)]


async def _account(set_up: Settings) -> str:
    """The business account that the platform's deliveries name, '' while nobody knows it."""
    if not set_up.database.is_file():
        return ""
    store = await SqliteStore.open(set_up.database, clock.now(), migrating=False)
    try:
        return await store.read(lambda tx: tx.one(str, "published_value", channel="whatsapp", subject="account")) or ""
    finally:
        await store.close()


def _posted_to(set_up: Settings) -> list[Finding]:
    if not set_up.public_url:
        advice = "set it to this machine's https address, and give the platform that address with /whatsapp"
        return [Finding("webhook", WARNING, "PUBLIC_URL is not set", advice)]
    return [Finding("webhook", OK, f"the app's dashboard must say {set_up.public_url.rstrip('/')}/whatsapp")]


async def _get(session: aiohttp.ClientSession, address: str) -> tuple[dict[str, Any], datetime | None]:
    return await _answer(session.get(address, allow_redirects=False))
