"""Where agents transfer to: a whole account or none. How long what is kept of people is kept: within bounds."""

from pathlib import Path

import pytest

from bot import settings
from bot.domain.people import Owner
from bot.domain.rules import Bank, Keeps, Shop
from bot.settings import SettingsError

ACCOUNT = {"TOPUP_BANK": "BCA", "TOPUP_ACCOUNT": "0123456789", "TOPUP_HOLDER": "Sri Wahyuni"}


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where no `.env` lies."""
    monkeypatch.chdir(tmp_path)


def shop() -> Shop:
    set_up, waits, _ = settings.read()
    return set_up.shop(waits)


def test_a_whole_account_is_what_tickets_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ACCOUNT.items():
        monkeypatch.setenv(name, value)
    assert shop().bank == Bank("BCA", "0123456789", "Sri Wahyuni")


def test_without_an_account_there_are_no_tickets() -> None:
    assert shop().bank is None


@pytest.mark.parametrize("missing", list(ACCOUNT))
def test_half_an_account_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    for name, value in ACCOUNT.items():
        monkeypatch.setenv(name, " " if name == missing else value)
    with pytest.raises(SettingsError, match=f"^{missing}: not set"):
        shop()


def test_bounds_that_no_ticket_fits_in_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOPUP_MIN", "50000")
    monkeypatch.setenv("TOPUP_MAX", "20000")
    with pytest.raises(SettingsError, match="TOPUP_MIN: is more than TOPUP_MAX"):
        shop()


def test_what_is_kept_is_kept_as_long_as_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shop().keeps == Keeps()
    for number, name in enumerate(("TEXTS", "MESSAGES", "INQUIRIES", "REQUESTS", "PHONES"), 91):
        monkeypatch.setenv(f"RETENTION_{name}", str(number))
    assert shop().keeps == Keeps(texts=91, messages=92, inquiries=93, requests=94, phones=95)


@pytest.mark.parametrize(
    ("name", "least"),
    [("TEXTS", 2), ("MESSAGES", 30), ("INQUIRIES", 2), ("REQUESTS", 15), ("PHONES", Shop().claim_days)],
)
def test_nothing_is_kept_shorter_than_it_serves(monkeypatch: pytest.MonkeyPatch, name: str, least: int) -> None:
    monkeypatch.setenv(f"RETENTION_{name}", str(least))
    shop()
    for wrong in (least - 1, 0, -1, 3_651, "bald"):
        monkeypatch.setenv(f"RETENTION_{name}", str(wrong))
        with pytest.raises(SettingsError, match=f"^RETENTION_{name}: "):
            shop()


def test_owners_are_people_with_their_chats_and_perhaps_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWNERS", "Ibu Sri=telegram:123456+whatsapp:0812 3456 7890, telegram:987654,console:boss")
    monkeypatch.setenv("SECOND_APPROVER", "1")
    sri = Owner("Ibu Sri", (("telegram", "123456"), ("whatsapp", "6281234567890")))
    found = shop()
    assert found.partners == (sri, Owner("", (("telegram", "987654"),)), Owner("", (("console", "boss"),)))
    assert [one.called for one in found.partners] == ["Ibu Sri", "Telegram …7654", "boss"]
    assert found.owner([("whatsapp", "6281234567890")]) == sri
    assert found.owner([("whatsapp", "62800")]) is None


@pytest.mark.parametrize("owners", ["console:boss", "telegram:123+whatsapp:62812", ""])
def test_a_second_approver_needs_a_second_person(monkeypatch: pytest.MonkeyPatch, owners: str) -> None:
    monkeypatch.setenv("OWNERS", owners)
    monkeypatch.setenv("SECOND_APPROVER", "1")
    with pytest.raises(SettingsError, match=r"^SECOND_APPROVER: needs two people in OWNERS, with a comma between them"):
        shop()


@pytest.mark.parametrize("owners", ["=telegram:1", "telegram:1,Sri=telegram:1", "Sri Wahyuni binti Ahmad=telegram:1"])
def test_owners_that_cannot_be_told_apart_are_refused(monkeypatch: pytest.MonkeyPatch, owners: str) -> None:
    monkeypatch.setenv("OWNERS", owners)
    with pytest.raises(SettingsError, match=r"^OWNERS: "):
        shop()
