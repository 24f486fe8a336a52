"""The settings: environment or `.env`, read once, frozen. The only reader of the environment.

Waiting times are settings, too (`WAIT_…`, in seconds), so that campaigns can compress them; nothing has a default
that sells for real.
"""

import dataclasses
import os
import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyrage
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, create_model, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot import disks
from bot.domain import report
from bot.domain.people import dialled, owners_from
from bot.domain.report import Layout, ReportError, layout
from bot.domain.rules import CLAIM_DAYS, Bank, Keeps, Shop, Waits

_SOURCE = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)
_SQLITE = "sqlite:///"
# what hosts put into the environment whose disk is empty again after a restart
_EPHEMERAL_HOSTS = (
    "DYNO",
    "K_SERVICE",
    "CLOUD_RUN_JOB",
    "AWS_LAMBDA_FUNCTION_NAME",
    "FUNCTIONS_WORKER_RUNTIME",
    "VERCEL",
    "NETLIFY",
)


_TELEGRAM_TOKEN = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{10,80}")
_TELEGRAM_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_TELEGRAM_NAME = re.compile(r"@[A-Za-z][A-Za-z0-9_]{3,31}")
_VISIBLE = re.compile(r"[!-~]+")
_PUBLIC_HTTPS = re.compile(r"https://[^/:]+(?::(?:443|80|88|8443))?(?:/.*)?")


class SettingsError(Exception):
    """A setting is missing or contradictory; the text names it and says what to do."""


class Settings(BaseSettings):
    """Every setting but the waiting times; names in capitals are those of the environment."""

    model_config = _SOURCE

    database_url: str = "sqlite:///data/setrum.db"
    vsi_url: str = ""
    vsi_cid: str = ""
    vsi_secret: SecretStr = SecretStr("")
    vsi_fee: int = Field(0, ge=0)
    vsi_adv_trxid: str = Field("same", pattern="^(same|fresh)$")
    vsi_insecure_http: bool = False
    telegram_token: SecretStr = SecretStr("")
    telegram_api_url: str = "https://api.telegram.org"
    telegram_mode: str = Field("polling", pattern="^(polling|webhook)$")
    telegram_secret: SecretStr = SecretStr("")
    whatsapp_token: SecretStr = SecretStr("")
    whatsapp_phone_number_id: str = ""
    whatsapp_app_secret: SecretStr = SecretStr("")
    whatsapp_verify_token: SecretStr = SecretStr("")
    whatsapp_api_url: str = "https://graph.facebook.com"
    whatsapp_api_version: str = Field("v26.0", pattern=r"^v\d{1,3}\.\d$")
    whatsapp_template_token: str = Field("token_siap", pattern="^[a-z0-9_]{1,512}$")
    whatsapp_template_status: str = Field("status_pembelian", pattern="^[a-z0-9_]{1,512}$")
    whatsapp_template_news: str = Field("", pattern="^[a-z0-9_]{0,512}$")
    whatsapp_template_shop: str = Field("", pattern="^[a-z0-9_]{0,512}$")
    whatsapp_template_languages: str = Field("id,en", pattern="^(id|en|id,en|en,id)$")
    public_url: str = ""
    owners: str = ""
    owner_contact: str = ""
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, le=65535)
    shop_name: str = Field("Setrum", min_length=1, max_length=40)
    locale: str = Field("id", pattern="^(id|en)$")
    timezone: str = "Asia/Jakarta"
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    markup: int = Field(400, ge=-100_000, le=100_000)
    markup_cap: int = Field(5_000, ge=0, le=100_000)
    service_fee: int = Field(1_400, ge=0, le=100_000)
    service_fee_cap: int = Field(5_000, ge=0, le=100_000)
    adjust_limit: int = Field(1_000_000, ge=0)
    second_approver: int = Field(0, ge=0)
    new_chat_limit: int = Field(500_000, ge=0)
    topup_bank: str = Field("", max_length=40)
    topup_account: str = Field("", max_length=40)
    topup_holder: str = Field("", max_length=60)
    topup_min: int = Field(10_000, ge=1_000)
    topup_max: int = Field(10_000_000, ge=1_000, le=1_000_000_000)
    approve_confirm_from: int = Field(1_000_000, ge=0)
    pin_from: int = Field(200_000, ge=1)
    pin_pepper: SecretStr = SecretStr("")
    denominations: str = "20000,50000,100000,200000,500000,1000000"
    recon_columns: str = report.COLUMNS
    recon_success: str = report.SUCCESS
    retention_texts: int = Field(14, ge=2, le=3_650)
    retention_messages: int = Field(90, ge=30, le=3_650)
    retention_inquiries: int = Field(30, ge=2, le=3_650)
    retention_requests: int = Field(90, ge=15, le=3_650)
    retention_phones: int = Field(90, ge=CLAIM_DAYS, le=3_650)
    backup_recipient: str = ""
    backup_dir: str = ""
    ephemeral_disk: bool = False

    @field_validator("timezone")
    @classmethod
    def _zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("is no time zone; for Indonesia Asia/Jakarta, Asia/Makassar or Asia/Jayapura") from error
        return name

    @field_validator("markup")
    @classmethod
    def _profitable(cls, markup: int, info: ValidationInfo) -> int:
        least = -info.data.get("vsi_fee", 0)
        if markup < least:
            raise ValueError(f"sells at a loss: with VSI_FEE={-least} it is at least {least}")
        return markup

    @field_validator("markup_cap")
    @classmethod
    def _markup_cap(cls, cap: int, info: ValidationInfo) -> int:
        if cap < info.data.get("markup", 0):
            raise ValueError("is less than MARKUP")
        return cap

    @field_validator("service_fee_cap")
    @classmethod
    def _cap(cls, cap: int, info: ValidationInfo) -> int:
        if cap < info.data.get("service_fee", 0):
            raise ValueError("is less than SERVICE_FEE")
        return cap

    @field_validator("denominations")
    @classmethod
    def _amounts(cls, text: str) -> str:
        amounts = [part.strip() for part in text.split(",")]
        if not all(part.isdecimal() and 1_000 <= int(part) <= 100_000_000 for part in amounts) or len(amounts) > 8:
            raise ValueError("is a list of up to 8 amounts in rupiah, such as 20000,50000")
        return text

    @field_validator("owners")
    @classmethod
    def _addresses(cls, text: str) -> str:
        owners_from(text)
        return text

    @field_validator("second_approver")
    @classmethod
    def _approver(cls, rupiah: int, info: ValidationInfo) -> int:
        if rupiah and len(owners_from(info.data.get("owners", ""))) < 2:
            raise ValueError(
                "needs two people in OWNERS, with a comma between them; + joins chats of one person, who approves "
                "nothing of his own. Name a second owner, or set SECOND_APPROVER=0"
            )
        return rupiah

    @field_validator("owner_contact")
    @classmethod
    def _contact(cls, text: str) -> str:
        contact = text.strip()
        number = dialled(contact)
        if contact and not _TELEGRAM_NAME.fullmatch(contact) and not (number.isdecimal() and 8 <= len(number) <= 15):
            raise ValueError("is neither a phone number such as 0812… nor a Telegram name such as @tokosaya")
        return contact if contact.startswith("@") else number

    @field_validator("backup_recipient")
    @classmethod
    def _public_key(cls, text: str) -> str:
        try:
            if text:
                pyrage.x25519.Recipient.from_str(text)
        except pyrage.RecipientError as error:
            raise ValueError("is no public key of age, age1…; `age-keygen` prints one") from error
        return text

    @property
    def database(self) -> Path:
        """The SQLite file. Raises `SettingsError` for any other kind of database."""
        if not self.database_url.startswith(_SQLITE):
            kind = self.database_url.split(":")[0]
            raise SettingsError(f"DATABASE_URL: only sqlite:///… is supported, not {kind}:")
        return Path(self.database_url.removeprefix(_SQLITE))

    def shop(self, waits: Waits) -> Shop:
        """The shop as services know it."""
        return Shop(
            name=self.shop_name,
            owners=owner_addresses(self.owners),
            report=self.report_layout(),
            partners=owners_from(self.owners),
            second_approver=self.second_approver,
            owner_contact=self.owner_contact,
            denominations=tuple(int(part) for part in self.denominations.split(",")),
            markup=self.markup,
            markup_cap=self.markup_cap,
            fee=self.service_fee,
            fee_cap=self.service_fee_cap,
            rebate=self.vsi_fee,
            adjust_limit=self.adjust_limit,
            new_chat_limit=self.new_chat_limit,
            bank=self._bank(),
            top_up_least=self.topup_min,
            top_up_most=self.topup_max,
            has_news_template=bool(self.whatsapp_template_news),
            approve_confirm_from=self.approve_confirm_from,
            pin_from=self.pin_from,
            pin_pepper=self.pin_pepper.get_secret_value(),
            zone=ZoneInfo(self.timezone),
            locale=self.locale,
            backup_recipient=self.backup_recipient,
            backup_dir=self.backup_dir,
            fresh_advice_id=self.vsi_adv_trxid == "fresh",
            keeps=Keeps(
                self.retention_texts,
                self.retention_messages,
                self.retention_inquiries,
                self.retention_requests,
                self.retention_phones,
            ),
            waits=waits,
        )

    def _bank(self) -> Bank | None:
        """Where agents transfer to. Raises `SettingsError` for half an account, or bounds that nothing fits in."""
        if self.topup_min > self.topup_max:
            raise SettingsError("TOPUP_MIN: is more than TOPUP_MAX")
        names = ("TOPUP_BANK", "TOPUP_ACCOUNT", "TOPUP_HOLDER")
        values = [value.strip() for value in (self.topup_bank, self.topup_account, self.topup_holder)]
        if any(values) and (missing := [name for name, value in zip(names, values, strict=True) if not value]):
            raise SettingsError(f"{', '.join(missing)}: not set; agents need bank, account and holder to transfer to")
        return Bank(*values) if all(values) else None

    def report_layout(self) -> Layout:
        """How the supplier's report is to be read. Raises `SettingsError` naming what is wrong with RECON_COLUMNS."""
        try:
            return layout(self.recon_columns, self.recon_success)
        except ReportError as error:
            raise SettingsError(f"RECON_COLUMNS: {error}") from None

    def need_supplier(self) -> None:
        """Raise `SettingsError` naming what is missing to talk to the supplier."""
        values = {"VSI_URL": self.vsi_url, "VSI_CID": self.vsi_cid, "VSI_SECRET": self.vsi_secret.get_secret_value()}
        missing = [name for name, value in values.items() if not value]
        if missing:
            raise SettingsError(f"{', '.join(missing)}: not set; the supplier gives them, `setrum sandbox` prints some")

    def telegram(self) -> tuple[str, str, str, str] | None:
        """Token, address of the Bot API, and for a webhook our address and secret ('' and '' for polling).

        None without TELEGRAM_TOKEN. Raises `SettingsError` where the rest does not fit to it.
        """
        token, secret = self.telegram_token.get_secret_value(), self.telegram_secret.get_secret_value()
        if not token:
            return None
        if not _TELEGRAM_TOKEN.fullmatch(token):
            raise SettingsError("TELEGRAM_TOKEN: is no token of BotFather's, which look like 123456789:AA…")
        url = self.telegram_api_url.rstrip("/")
        is_cloud = url == "https://api.telegram.org"
        if not url.startswith(("https://", "http://")) or (
            url.startswith("http:") and url.endswith("api.telegram.org")
        ):
            raise SettingsError("TELEGRAM_API_URL: is the address of a Bot API, https://…")
        if self.telegram_mode == "polling":
            return token, url, "", ""
        if not _TELEGRAM_SECRET.fullmatch(secret):
            raise SettingsError("TELEGRAM_SECRET: a webhook needs one, 1 to 256 of A-Z a-z 0-9 _ -")
        public = self.public_url.rstrip("/")
        if not public or (is_cloud and not _PUBLIC_HTTPS.fullmatch(public)):
            raise SettingsError("PUBLIC_URL: a webhook needs it, https://… on port 443, 80, 88 or 8443")
        return token, url, f"{public}/telegram", secret

    def whatsapp(self) -> dict[str, str] | None:
        """What the channel needs to call the platform and to know its deliveries, by name; None without WHATSAPP_TOKEN.

        Raises `SettingsError` where the rest does not fit to it: no signature is ever taken on trust.
        """
        values = {
            "token": self.whatsapp_token.get_secret_value(),
            "phone_number_id": self.whatsapp_phone_number_id,
            "app_secret": self.whatsapp_app_secret.get_secret_value(),
            "verify_token": self.whatsapp_verify_token.get_secret_value(),
        }
        if not values["token"]:
            return None
        if missing := [f"WHATSAPP_{name.upper()}" for name, value in values.items() if not value]:
            raise SettingsError(f"{', '.join(missing)}: not set; the app's dashboard at Meta shows them")
        if odd := [f"WHATSAPP_{name.upper()}" for name, value in values.items() if not _VISIBLE.fullmatch(value)]:
            raise SettingsError(f"{', '.join(odd)}: has a blank, a line's end or another sign that was copied along")
        if not values["phone_number_id"].isascii() or not values["phone_number_id"].isdigit():
            raise SettingsError("WHATSAPP_PHONE_NUMBER_ID: is the id of the number, digits; not the number itself")
        url = self.whatsapp_api_url.rstrip("/")
        if not url.startswith(("https://", "http://")) or (url.startswith("http:") and "facebook.com" in url):
            raise SettingsError("WHATSAPP_API_URL: is the address of the Graph API, https://…")
        return values | {"url": url, "version": self.whatsapp_api_version}

    def need_lasting_disk(self) -> None:
        """Raise `SettingsError` where the database would be gone after a restart (money rules §4.7)."""
        if self.ephemeral_disk:
            return
        advice = "put DATABASE_URL on a disk that persists; EPHEMERAL_DISK=1 allows this one, for practice only"
        host = next((name for name in _EPHEMERAL_HOSTS if os.environ.get(name)), None)
        if host is not None:
            raise SettingsError(f"DATABASE_URL: {host} is set, so this host forgets its disk at each restart; {advice}")
        kind = disks.in_memory(self.database.parent)
        if kind is not None:
            place = self.database.parent.absolute()
            raise SettingsError(f"DATABASE_URL: {place} is in memory ({kind}) and gone after a restart; {advice}")


def owner_addresses(text: str) -> tuple[tuple[str, str], ...]:
    """Every owner's chats as (channel, address) pairs."""
    return tuple(chat for one in owners_from(text) for chat in one.chats)


def _seconds(default: object) -> tuple[Any, Any]:
    if isinstance(default, tuple):
        return (str, ",".join(f"{step / 1000:g}" for step in default))
    return (float, default / 1000 if isinstance(default, int) else default)


_DEFAULTS = {field.name: getattr(Waits(), field.name) for field in dataclasses.fields(Waits)}
_COUNTS = ("verify_negatives", "verify_long_negatives", "advice_jitter")
_DEADLINES: dict[str, Any] = {
    "deadline_pay": (float, 60.0),
    "deadline_other": (float, 15.0),
    "midnight": (float, 10.0),
}
_WaitSettings: Any = create_model(  # type: ignore[call-overload]  # fields by name, from the one home of the defaults
    "WaitSettings",
    __base__=BaseSettings,
    **_DEADLINES,
    **{name: (type(value), value) if name in _COUNTS else _seconds(value) for name, value in _DEFAULTS.items()},
)
_WaitSettings.model_config = _SOURCE | SettingsConfigDict(env_prefix="WAIT_")
_WaitSettings.model_rebuild(force=True)


@dataclasses.dataclass(frozen=True, slots=True)
class Deadlines:
    """How long calls to the supplier may take, in seconds, and how wide a berth midnight gets."""

    pay: float
    other: float
    midnight: float


def read() -> tuple[Settings, Waits, Deadlines]:
    """Everything, from the environment and `.env`. Raises `SettingsError` naming the setting."""
    try:
        settings = Settings()
        waits: Any = _WaitSettings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        prefix = "WAIT_" if error.title == "WaitSettings" else ""
        raise SettingsError(f"{prefix}{name}: {first['msg'].removeprefix('Value error, ')}") from None
    values = {name: _milliseconds(name, getattr(waits, name), default) for name, default in _DEFAULTS.items()}
    return settings, Waits(**values), Deadlines(waits.deadline_pay, waits.deadline_other, waits.midnight)


def _milliseconds(name: str, value: Any, default: object) -> Any:
    if name in _COUNTS:
        return value
    if isinstance(default, tuple):
        try:
            return tuple(round(float(step) * 1000) for step in str(value).split(","))
        except ValueError:
            raise SettingsError(f"WAIT_{name.upper()}: a list of seconds such as 5,15,30") from None
    return round(value * 1000)
