"""`setrum doctor` as an operator calls it: against a Bot API of our own and the sandbox, in a process of its own."""

import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from bot import books, clock
from bot.domain.rules import Shop
from bot.sandbox import Sandbox, SandboxConfig
from bot.services import people
from bot.verbs import doctor
from tests.e2e.test_commands import PLAIN
from tests.telegram.double import BotApi, Kind
from tests.whatsapp.double import ACCESS, CloudApi

SECRET, OTHER_TOKEN = "webhook-secret-of-the-shop", "7000000001:BBHsetrumSetrumSetrumSetrumSetrum_u"
STATES = ("ok", "warning", "bad")
CLEAN = {name: value for name, value in PLAIN.items() if not name.startswith(("TELEGRAM_", "WHATSAPP_"))}


@dataclass(frozen=True)
class Seen:
    """What the doctor found: the worst state, the last words and the last advice of each thing."""

    states: dict[str, str]
    says: dict[str, str]
    advice: dict[str, str]


@dataclass(frozen=True)
class Surgery:
    """A shop's settings and the platform that they lead to."""

    folder: Path
    api: BotApi
    settings: dict[str, str]
    patch: pytest.MonkeyPatch

    async def look(self, **changed: str) -> Seen:
        """Look at everything: nothing secret stands in what is said, and nothing was changed at the platform."""
        given = self.settings | changed
        before = len(self.api.calls)
        with self.patch.context() as patch:
            patch.chdir(self.folder)
            for name, value in given.items():
                patch.setenv(name, value)
            found = await doctor.examine()
        self.keeps_secrets(json.dumps([asdict(one) for one in found], ensure_ascii=False), given)
        assert {one.method for one in self.api.calls[before:]} <= {"getMe", "getWebhookInfo"}
        worst = sorted(found, key=lambda one: STATES.index(one.state))
        return Seen(
            {one.what: one.state for one in worst},
            {one.what: one.says for one in worst},
            {one.what: one.advice for one in worst},
        )

    async def visit(self, *arguments: str, **changed: str) -> tuple[int, str]:
        """Call `setrum doctor`; its exit code and what it printed."""
        given = self.settings | changed
        code, printed, errors = await called(self.folder, *arguments, **given)
        self.keeps_secrets(printed + errors, given)
        return code, printed

    def keeps_secrets(self, text: str, given: dict[str, str]) -> None:
        for name in ("TELEGRAM_TOKEN", "TELEGRAM_SECRET", "VSI_SECRET", "WHATSAPP_TOKEN", "WHATSAPP_APP_SECRET"):
            for secret in (given.get(name, ""), given.get(name, "").partition(":")[2]):
                assert not secret or secret not in text, name


async def called(folder: Path, *arguments: str, **settings: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "doctor", *arguments, cwd=folder, env=CLEAN | settings,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    printed, errors = await process.communicate()
    assert "Traceback" not in errors.decode(), errors.decode()
    return process.returncode or 0, printed.decode(), errors.decode()


@pytest.fixture
async def surgery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Surgery]:
    for name in {*os.environ} - {*CLEAN}:
        monkeypatch.delenv(name)
    sandbox = Sandbox(SandboxConfig(cid="uji", secret="rahasia-pemasok", clock=clock.now))
    supplier = {"VSI_URL": await sandbox.start(), "VSI_CID": "uji", "VSI_SECRET": "rahasia-pemasok"}
    shop = Shop()
    async with books.opened(tmp_path / "data" / "setrum.db", shop) as store:
        await store.write(lambda tx: people.add_agent(tx, "Budi", None, shop, clock.now()))
    async with BotApi() as api:
        access = {"TELEGRAM_TOKEN": api.token, "TELEGRAM_API_URL": api.url, "OWNERS": "telegram:11"}
        yield Surgery(tmp_path, api, supplier | access, monkeypatch)
    await sandbox.stop()


async def test_a_shop_that_is_well_is_told_so(surgery: Surgery) -> None:
    seen = await surgery.look()
    expected = ["owners", "photos", "database", "books", "retention", "supplier", "telegram", "clock", "updates"]
    elsewhere = ("disk", "whatsapp")  # /tmp may be in memory; and this shop is on Telegram only
    states = {what: state for what, state in seen.states.items() if what not in elsewhere}
    assert states == dict.fromkeys(expected, "ok")
    assert "1 agents" in seen.says["database"]
    assert "@SetrumUjiBot" in seen.says["telegram"]
    assert "polling, 0 waiting" in seen.says["updates"]
    code, printed = await surgery.visit()
    assert code == int("disk" in seen.states)
    assert "OK       telegram: the bot is @SetrumUjiBot\n" in printed


async def test_a_shop_without_the_extra_is_told_that_no_photo_is_read(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await surgery.look()).says["photos"] == "barcodes and QR codes in photos are read"
    monkeypatch.setitem(sys.modules, "zxingcpp", None)
    seen = await surgery.look()
    assert seen.states["photos"] == "warning"
    assert "setrum[barcode]" in seen.advice["photos"]


async def test_texts_that_are_kept_beyond_their_time_are_named(surgery: Surgery) -> None:
    assert "phones 90; the oldest text is 0 days old, 0 chats wait" in (await surgery.look()).says["retention"]
    with closing(sqlite3.connect(surgery.folder / "data" / "setrum.db")) as connection, connection:
        for number, day in enumerate((17, 1)):
            values = (str(number), clock.now() - day * clock.DAY)
            connection.execute(
                "INSERT INTO inbox (channel, ext_id, kind, address, order_key, body, said_at, received_at, state,"
                " attempts) VALUES ('console', ?1, 'message', 'siti', 1, '{}', ?2, ?2, 'done', 0)",
                values,
            )
    seen = await surgery.look()
    assert seen.states["retention"] == "warning"
    assert "the oldest text is 17 days old" in seen.says["retention"]
    assert (await surgery.look(RETENTION_TEXTS="17")).states["retention"] == "ok"


async def test_a_token_that_telegram_does_not_know_is_named_with_what_to_do(surgery: Surgery) -> None:
    code, printed = await surgery.visit("--json", TELEGRAM_TOKEN=OTHER_TOKEN)
    (found,) = [one for one in json.loads(printed) if one["what"] == "telegram"]
    assert (code, found["state"]) == (1, "bad")
    assert "Unauthorized" in found["says"]
    assert "BotFather" in found["advice"]


async def test_a_token_that_is_none_is_named_without_being_shown(surgery: Surgery) -> None:
    seen = await surgery.look(TELEGRAM_TOKEN="copied wrongly")
    assert seen.states["telegram"] == "bad"
    assert "TELEGRAM_TOKEN" in seen.says["telegram"]


@pytest.mark.parametrize("kind", [Kind.HTML_502, Kind.RESET, Kind.JSON_LIST_500, Kind.EMPTY_503])
async def test_a_platform_in_trouble_is_a_finding_and_no_crash(surgery: Surgery, kind: Kind) -> None:
    surgery.api.fault("getMe", kind)
    seen = await surgery.look()
    assert seen.states["telegram"] == "bad"


async def test_a_platform_that_cannot_be_reached_is_named(surgery: Surgery) -> None:
    async with surgery.api.down():
        seen = await surgery.look()
    assert seen.states["telegram"] == "bad"
    assert "cannot be reached" in seen.says["telegram"]


async def test_a_foreign_webhook_is_named_in_either_mode(surgery: Surgery) -> None:
    surgery.api.state.hook.url = "https://other.example.org/hook"
    polling = await surgery.look()
    assert polling.states["updates"] == "warning"
    assert "https://other.example.org/hook" in polling.says["updates"]
    hook = {"TELEGRAM_MODE": "webhook", "TELEGRAM_SECRET": SECRET, "PUBLIC_URL": "https://toko.example.org"}
    seen = await surgery.look(**hook)
    assert seen.states["updates"] == "warning"
    assert "not https://toko.example.org/telegram" in seen.says["updates"]
    surgery.api.state.hook.url = "https://toko.example.org/telegram"
    assert (await surgery.look(**hook)).states["updates"] == "ok"
    surgery.api.state.hook.last_error, surgery.api.state.hook.last_error_at = "Connection refused", 1
    assert "Connection refused" in (await surgery.look(**hook)).says["updates"]


async def test_a_webhook_without_its_settings_is_named(surgery: Surgery) -> None:
    seen = await surgery.look(TELEGRAM_MODE="webhook")
    assert seen.states["telegram"] == "bad"
    assert "TELEGRAM_SECRET" in seen.says["telegram"]


async def test_a_supplier_that_refuses_us_or_does_not_answer_is_named(surgery: Surgery) -> None:
    wrong = await surgery.look(VSI_SECRET="wrong-secret")
    assert wrong.states["supplier"] == "bad"
    assert "refuses us: code" in wrong.says["supplier"]
    away = await surgery.look(VSI_URL="http://127.0.0.1:9/x")
    assert away.states["supplier"] == "bad"
    assert "does not answer" in away.says["supplier"]
    page = await surgery.look(VSI_URL=f"{surgery.api.url}/x")
    assert page.states["supplier"] == "bad"


async def test_without_settings_each_missing_thing_is_said(tmp_path: Path) -> None:
    code, printed, _ = await called(tmp_path)
    assert code == 1
    for words in ("VSI_URL, VSI_CID, VSI_SECRET: not set", "TELEGRAM_TOKEN is not set", "OWNERS=telegram", "none at"):
        assert words in printed
    assert not (tmp_path / "data").exists()
    keys = dict.fromkeys(("TOKEN", "PHONE_NUMBER_ID", "APP_SECRET", "VERIFY_TOKEN"), "1")
    whatsapp = {f"WHATSAPP_{name}": value for name, value in keys.items()}
    _, printed, _ = await called(tmp_path, WHATSAPP_API_URL="http://127.0.0.1:9", **whatsapp)
    for words in ("not set up, and not needed beside WhatsApp", "OWNERS=whatsapp"):
        assert words in printed
    code, _, errors = await called(tmp_path, TIMEZONE="Mars")
    assert (code, errors.count("\n")) == (2, 1)
    assert "TIMEZONE" in errors


async def test_wrong_books_and_a_file_that_is_no_database_are_named(surgery: Surgery) -> None:
    database = surgery.folder / "data" / "setrum.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE account SET posted = posted + 1 WHERE id = 'agent:1'")
    seen = await surgery.look()
    assert seen.states["books"] == "bad"
    (surgery.folder / "other.db").write_text("nonsense " * 1000)
    seen = await surgery.look(DATABASE_URL="sqlite:///other.db")
    assert seen.states["database"] == "bad"


async def test_settings_that_others_can_read_are_warned_of(surgery: Surgery) -> None:
    file = surgery.folder / ".env"
    file.write_text("LOCALE=id\n")
    os.chmod(file, 0o644)  # noqa: PTH101
    assert "chmod 600" in (await surgery.look()).advice["settings"]
    os.chmod(file, 0o600)  # noqa: PTH101
    assert "settings" not in (await surgery.look()).states


# WhatsApp


@pytest.fixture
async def meta() -> AsyncIterator[CloudApi]:
    async with CloudApi() as api:
        yield api


def whatsapp(api: CloudApi, **changed: str) -> dict[str, str]:
    return {
        "WHATSAPP_TOKEN": ACCESS.token,
        "WHATSAPP_PHONE_NUMBER_ID": ACCESS.phone_number_id,
        "WHATSAPP_APP_SECRET": ACCESS.app_secret,
        "WHATSAPP_VERIFY_TOKEN": ACCESS.verify_token,
        "WHATSAPP_API_URL": api.url,
        "PUBLIC_URL": "https://toko.example.org",
    } | changed


async def test_a_number_that_is_well_is_named_with_the_address_to_enter(surgery: Surgery, meta: CloudApi) -> None:
    seen = await surgery.look(**whatsapp(meta))
    assert (seen.states["whatsapp"], seen.states["webhook"]) == ("ok", "ok")
    assert "https://toko.example.org/whatsapp" in seen.says["webhook"]
    assert seen.states["templates"] == "warning"  # nobody has written yet, so the account is not known
    assert meta.unsupported == []


async def test_templates_are_looked_at_once_the_account_is_known(surgery: Surgery, meta: CloudApi) -> None:
    async with books.opened(surgery.folder / "data" / "setrum.db", Shop()) as store:
        await store.write(
            lambda tx: tx.run("published_set", channel="whatsapp", subject="account", value=ACCESS.account_id)
        )
    assert (await surgery.look(**whatsapp(meta))).states["templates"] == "ok"
    seen = await surgery.look(**whatsapp(meta, WHATSAPP_TEMPLATE_TOKEN="token_baru"))
    assert seen.states["templates"] == "warning"
    assert "token_baru (id), token_baru (en)" in seen.says["templates"]
    assert meta.unsupported == []


async def test_an_access_that_is_refused_is_named_with_what_to_do(surgery: Surgery, meta: CloudApi) -> None:
    for name in ("WHATSAPP_TOKEN", "WHATSAPP_PHONE_NUMBER_ID"):
        seen = await surgery.look(**whatsapp(meta, **{name: "99"}))
        assert seen.states["whatsapp"] == "bad"
        assert name in seen.advice["whatsapp"]
    async with meta.down():
        assert "cannot be reached" in (await surgery.look(**whatsapp(meta))).says["whatsapp"]


@pytest.mark.parametrize("name", ["WHATSAPP_PHONE_NUMBER_ID", "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN"])
async def test_without_all_that_proves_a_delivery_nothing_starts(
    surgery: Surgery, meta: CloudApi, name: str
) -> None:  # fmt: skip
    seen = await surgery.look(**whatsapp(meta, **{name: ""}))
    assert seen.states["whatsapp"] == "bad"
    assert f"{name}: not set" in seen.says["whatsapp"]
