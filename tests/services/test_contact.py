"""Whom agents may write to about a sale: as the owner sets it, and as a link with the sale's number in it."""

import dataclasses

import pytest
from pydantic import ValidationError

from bot.domain.rules import Waits
from bot.services import notices
from bot.settings import Settings
from tests.world import SHOP


@pytest.mark.parametrize(
    ("setting", "link"),
    [
        ("0812-3456-7890", "https://wa.me/6281234567890?text=T10482"),
        ("+62 812 3456 7890", "https://wa.me/6281234567890?text=T10482"),
        ("@toko_saya", "https://t.me/toko_saya?text=T10482"),
    ],
)
def test_a_number_or_a_name_becomes_a_link(setting: str, link: str) -> None:
    shop = Settings(owner_contact=setting).shop(Waits())
    (option,) = notices.contact_owner(shop, "T10482")
    assert option.url == link


@pytest.mark.parametrize(
    "setting", ["toko", "@x", "@toko saya", "12", "https://wa.me/62812", "@1toko", "+1234567890123456"]
)
def test_anything_else_is_refused_at_the_start(setting: str) -> None:
    with pytest.raises(ValidationError, match="neither a phone number"):
        Settings(owner_contact=setting)


def test_what_is_put_in_cannot_leave_the_link() -> None:
    shop = dataclasses.replace(SHOP, owner_contact="@tokouji")
    (option,) = notices.contact_owner(shop, "T1 &text=#x?é")
    assert option.url == "https://t.me/tokouji?text=T1%20%26text%3D%23x%3F%C3%A9"


def test_where_nobody_is_named_there_is_no_link() -> None:
    assert notices.contact_owner(SHOP, "T10482") == ()
