"""What the verbs do: each opens what it needs, does one thing in short transactions, and prints it.

Administrative verbs work beside a running shop; `chat` and `serve` hold the lock and are the shop.
"""

import argparse
import asyncio
import contextlib
import gc
import getpass
import json
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from bot import app, clock, http, ids, logs, settings
from bot.channels.console import NAME, Console, Look
from bot.channels.telegram import Access, Telegram
from bot.channels.whatsapp import Access as Graph
from bot.channels.whatsapp import Templates, WhatsApp
from bot.chat import Chat
from bot.domain.ledger import COUNTER, account_of
from bot.domain.rules import Shop
from bot.domain.supply import Transport
from bot.i18n import Catalogues, Renderer
from bot.ports import Tx
from bot.sandbox import Sandbox, SandboxConfig
from bot.services import adjustments, audit, crediting, exchanges, ledger, people
from bot.services.crediting import Kind
from bot.settings import Settings
from bot.store import migrate as migrations
from bot.store.lock import DatabaseLock
from bot.store.sqlite import SqliteStore
from bot.supplier import client

_UNDER_WAY = clock.MINUTE  # an answer that was stored so lately may be about to be applied by the shop at work


Facts = dict[str, str | int | list[dict[str, str]]]  # what a verb reports, by name


class CommandError(Exception):
    """A verb cannot do what it was asked; the text is for the operator."""


def needs_another_owner(words: str) -> CommandError:
    """What one owner alone may not decide is not done here either; `words` propose it in the chat."""
    return CommandError(f"SECOND_APPROVER: another owner has to approve this; propose it in the chat, by {words}")


async def chat(arguments: argparse.Namespace) -> int:
    """Talk on standard input and output; exit 0 when the talk is over."""
    set_up, waits, deadlines = settings.read()
    set_up.need_supplier()
    channel, colon, person = arguments.person.partition(":")
    if channel != NAME or not colon or not person:
        raise CommandError("--as takes console:NAME")
    shop = set_up.shop(waits)
    look = Look(as_json=arguments.json, coloured=not arguments.json and sys.stdout.isatty())
    supplier = client(set_up, deadlines)
    with DatabaseLock(set_up.database, "chat"):
        async with app.opened(set_up.database, shop) as store:
            console = Console(sys.stdout, Renderer(Catalogues()), shop.zone, look)
            setrum = app.assemble(store, supplier, shop, [console])
            talk = Chat(setrum, console, person, look)

            async def until() -> None:
                await talk.talk(sys.stdin, arguments.wait, greet=look.coloured and sys.stdin.isatty())

            await setrum.run(until=until)
    return 0


async def serve(_: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT; what is under way is found again at the next start."""
    set_up, waits, deadlines = settings.read()
    set_up.need_supplier()
    set_up.need_lasting_disk()
    set_up.telegram()
    set_up.whatsapp()
    shop = set_up.shop(waits)
    supplier = client(set_up, deadlines)
    with DatabaseLock(set_up.database, "serve"):
        async with app.opened(set_up.database, shop) as store, contextlib.AsyncExitStack() as stack:
            telegram, whatsapp = await _platforms(set_up, store, shop, stack)
            setrum = app.assemble(store, supplier, shop, [one for one in (telegram, whatsapp) if one is not None])
            stopped = asyncio.Event()
            for number in (signal.SIGTERM, signal.SIGINT):
                asyncio.get_running_loop().add_signal_handler(number, stopped.set)

            async def until() -> None:
                gc.freeze()  # what was read and compiled stays for good: no need to look it over again and again
                gc.set_threshold(10_000, 20, 20)
                async with http.running(setrum, set_up.host, set_up.port, telegram, whatsapp) as address:
                    talks = [f"Telegram by {set_up.telegram_mode}"] if telegram else []
                    talks += ["WhatsApp"] if whatsapp else []
                    words = " and ".join(talks) or "no channel: set TELEGRAM_TOKEN or WHATSAPP_TOKEN"
                    print(f"Setrum works on {set_up.database.absolute()}, {words}, {address}", flush=True)
                    await stopped.wait()

            await setrum.run(until=until)
    return 0


async def _platforms(
    set_up: Settings, store: SqliteStore, shop: Shop, stack: contextlib.AsyncExitStack
) -> tuple[Telegram | None, WhatsApp | None]:
    """The channels that the settings name, open until the stack is left."""
    telegram: Telegram | None = None
    whatsapp: WhatsApp | None = None
    if (access := set_up.telegram()) is not None:
        telegram = await stack.enter_async_context(Telegram(Access(*access), store, shop, clock.now))
    if (values := set_up.whatsapp()) is not None:
        languages = tuple(set_up.whatsapp_template_languages.split(","))
        named = Templates(
            set_up.whatsapp_template_token,
            set_up.whatsapp_template_status,
            set_up.whatsapp_template_news,
            set_up.whatsapp_template_shop,
            languages,
        )
        opened = WhatsApp(Graph(**values), named, store, shop, clock.now)
        whatsapp = await stack.enter_async_context(opened)
    return telegram, whatsapp


async def sandbox(arguments: argparse.Namespace) -> int:
    """Run the practice supplier until SIGTERM or SIGINT."""
    secret = ids.nonce()
    ledger_file = Path(arguments.ledger) if arguments.ledger else None
    config = SandboxConfig(
        host=arguments.host,
        port=arguments.port,
        cid="practice",
        secret=secret,
        ledger=ledger_file,
        latency_ms=arguments.latency,
    )
    supplier = Sandbox(config)
    url = await supplier.start()
    try:
        print(f"VSI_URL={url}\nVSI_CID=practice\nVSI_SECRET={secret}", flush=True)
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        await stopped.wait()
    finally:
        await supplier.stop()
    return 0


async def migrate(arguments: argparse.Namespace) -> int:
    """Bring the database up to this release, alone."""
    set_up, waits, _ = settings.read()
    with DatabaseLock(set_up.database, "migrate"):
        async with app.opened(set_up.database, set_up.shop(waits)) as store:
            number = await store.raw(migrations.version)
    show(arguments, {"database": str(set_up.database.absolute()), "schema": number})
    return 0


@contextlib.asynccontextmanager
async def beside(set_up: Settings, shop: Shop) -> AsyncIterator[SqliteStore]:
    """The shop's database, beside whoever works on it: made if there is none, never migrated under a running shop."""
    if not set_up.database.is_file():
        with DatabaseLock(set_up.database, "migrate"):
            async with app.opened(set_up.database, shop):
                pass
    store = await _open(set_up)
    try:
        yield store
    finally:
        await store.close()


async def _open(set_up: Settings) -> SqliteStore:
    if not set_up.database.is_file():
        raise CommandError(f"no database at {set_up.database.absolute()}: run `setrum migrate` first")
    return await SqliteStore.open(set_up.database, clock.now(), migrating=False)


@contextlib.asynccontextmanager
async def opened_beside() -> AsyncIterator[tuple[SqliteStore, Shop]]:
    """An existing shop's database, beside whoever works on it."""
    set_up, waits, _ = settings.read()
    store = await _open(set_up)
    try:
        yield store, set_up.shop(waits)
    finally:
        await store.close()


def operator() -> str:
    """Who runs the command: the user's name, or the number of a user without one (a container's)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


async def check(arguments: argparse.Namespace) -> int:
    """Verify the invariants; exit 1 on a violation."""
    store = await _open(settings.read()[0])
    try:
        integrity = await store.raw(_integrity)
        report = await store.read(audit.check, clock.now() - _UNDER_WAY)
    finally:
        await store.close()
    violations = [*([f"integrity: {integrity}"] if integrity != "ok" else []), *report.violations]
    facts = {"verified": report.verified, "violations": violations}
    if arguments.json:
        print(json.dumps(facts))
    else:
        for name, count in report.verified.items():
            print(f"ok  {name}: {count}" if not any(one.startswith(name) for one in violations) else f"BAD {name}")
        for violation in violations:
            print(f"VIOLATION  {violation}")
        print(f"{len(violations)} violations")
    return 1 if violations else 0


def _integrity(connection: sqlite3.Connection) -> str:
    return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


def agent_rows(tx: Tx) -> list[Facts]:
    """Every agent with its deposit."""
    rows: list[Facts] = []
    for agent in people.agents(tx):
        account = ledger.agent_account(tx, agent.id)
        rows.append(
            {
                "agent": "counter" if agent.id == COUNTER else agent.code,
                "name": agent.name,
                "state": agent.state,
                "balance": account.posted,
                "on_hold": account.held,
                "usable": account.available,
                "owes": crediting.owed(tx, agent),
            }
        )
    return rows


_KINDS = {"add": Kind.CASH, "credit": Kind.CREDIT, "repay": Kind.REPAID}


async def deposit(arguments: argparse.Namespace) -> int:
    """Show deposits; top up an agent's in cash or on credit, take a repayment, or note a top-up at the supplier."""
    set_up, waits, _ = settings.read()
    shop = set_up.shop(waits)
    async with beside(set_up, shop) as store:
        if arguments.action == "show":
            show(arguments, await store.read(agent_rows))
            return 0
        if arguments.action == "vsi":
            amount = int(arguments.name) if arguments.name and arguments.name.isdecimal() else 0
            balance = await store.write(_top_up_supplier, amount, arguments.ref or ids.ulid())
            show(arguments, {"deposit": "vsi", "credited": amount, "balance": balance})
            return 0
        if not arguments.name or arguments.amount is None:
            raise CommandError(f"which agent, how much? setrum deposit {arguments.action} NAME AMOUNT")

        def add(tx: Tx) -> tuple[str, int]:
            agent = people.find_agent(tx, arguments.name)
            reference = arguments.ref or ids.ulid()
            if arguments.action == "adjust":
                if adjustments.needs_approval(tx, shop, arguments.amount, clock.now()):
                    raise needs_another_owner("saldo+ or saldo-")
                said = {"actor": arguments.by, "reason": arguments.reason}
                adjustments.adjust(tx, agent, arguments.amount, reference, shop, clock.now(), **said)
                return agent.name, ledger.account(tx, account_of(agent.id)).posted
            booked = (tx, _KINDS[arguments.action], agent, arguments.amount, reference, "command line", shop)
            crediting.book(*booked, clock.now(), again=arguments.again)
            return agent.name, ledger.account(tx, account_of(agent.id)).posted

        name, balance = await store.write(add)
    done = "repaid" if arguments.action == "repay" else "credited"
    show(arguments, {"agent": name, done: arguments.amount, "balance": balance})
    return 0


def _top_up_supplier(tx: Tx, amount: int, reference: str) -> int:
    people.top_up_supplier(tx, amount, reference, "command line", clock.now())
    return ledger.supplier_deposit(tx)


async def log(arguments: argparse.Namespace) -> int:
    """Every exchange about a sale; with `--raw` its answers word for word, meters and tokens included."""
    number = arguments.sale.lstrip("Tt")
    if not number.isdecimal():
        raise CommandError(f"{arguments.sale!r} is no sale; they look like T10482")
    store = await _open(settings.read()[0])
    try:
        rows = await store.read(exchanges.of_purchase, int(number))
    finally:
        await store.close()
    if not rows:
        raise CommandError(f"no exchange about T{number}")
    for row in rows:
        body = (row.body or b"").decode("utf-8", "replace")
        body = body if arguments.raw else logs.without_digits(body)
        facts = {
            "id": row.id,
            "trxid": row.trxid,
            "command": row.command,
            "request": row.request,
            "requested_at": row.requested_at,
            "completed_at": row.completed_at,
            "transport": row.transport,
            "status": row.status,
            "milliseconds": row.milliseconds,
            "rc": row.code,
            "class": row.verdict,
            "applied_at": row.applied_at,
            "answer": body,
        }
        if arguments.json:
            print(json.dumps(facts))
        else:
            at = clock.local(row.requested_at, clock.WIB).strftime("%Y-%m-%d %H:%M:%S WIB")
            ended = f"{row.transport or Transport.LOST} {row.status or ''}".strip() if row.completed_at else "no answer"
            print(f"{at}  {row.request}\n  {ended}, {row.milliseconds or 0} ms, rc {row.code}, class {row.verdict}")
            print("".join(f"  | {line}\n" for line in body.splitlines()), end="")
    return 0


def show(arguments: argparse.Namespace, facts: Facts | list[Facts]) -> None:
    """One JSON object, or a line of names and values for each; what is empty is left out of a line."""
    if arguments.json:
        print(json.dumps(facts, ensure_ascii=False))
        return
    for row in facts if isinstance(facts, list) else [facts]:
        print(
            "  ".join(
                f"{name} {value:,}".replace(",", ".") if isinstance(value, int) else f"{name} {value}"
                for name, value in row.items()
                if value != ""
            )
        )
