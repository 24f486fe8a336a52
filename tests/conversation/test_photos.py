"""What the codes of a photo come to, as words that its sender might have typed."""

import pytest

from bot.conversation import photos
from bot.domain.message import Message
from bot.domain.people import Role
from bot.messaging.event import Event, Kind, Sight

METER, OTHER = "54123456789", "11111111102"
CLAIM = "https://t.me/SetrumBot?start=c_K7Q2M9XT4B"


def understood(*codes: str, caption: str = "", role: Role = Role.AGENT) -> str | Message:
    return photos.understood(Event(Kind.PHOTO, caption, sight=Sight.READ, codes=codes), role)


@pytest.mark.parametrize("code", [METER, "5412-3456-789", " 5412 3456 789 ", "５４１２３４５６７８９"])
def test_a_meter_is_its_digits_however_they_stand_in_the_code(code: str) -> None:
    assert understood(code) == METER


@pytest.mark.parametrize("code", ["5412345678", "5412345678901", "SN54123456789", "1234 5678 9012 3456 7890", ""])
def test_whatever_has_other_digits_is_no_meter(code: str) -> None:
    said = understood(code)
    assert isinstance(said, Message)
    assert said.key == "in.photo_none"


def test_a_sellers_photo_names_a_meter_and_a_customers_proves_a_sale() -> None:
    both = (METER, CLAIM)
    assert understood(*both) == METER
    assert understood(*both, role=Role.CUSTOMER) == "klaim K7Q2M9XT4B"
    assert understood(CLAIM) == "klaim K7Q2M9XT4B"


def test_an_option_carries_the_amount_and_never_a_pin() -> None:
    said = understood(METER, OTHER, caption="50 482916")
    assert isinstance(said, Message)
    assert [option.says for option in said.options] == [f"{METER} 50000", f"{OTHER} 50000"]
    assert understood(METER, caption="50 482916") == f"{METER} 50 482916"


def test_many_codes_offer_no_more_than_can_be_shown() -> None:
    said = understood(*(f"{number:011d}" for number in range(30)))
    assert isinstance(said, Message)
    assert len(said.options) == 8


@pytest.mark.parametrize("caption", ["token saya hilang kak", "struk saya", "tolong cek", "cek dong", "token"])
def test_words_below_a_photo_that_name_no_sale_leave_it_to_be_read(caption: str) -> None:
    assert not photos._is_said(caption)


@pytest.mark.parametrize("caption", ["cek T10001", "struk T10001 2000", "saldo", f"beli {METER} 50"])
def test_words_below_a_photo_that_name_one_say_enough(caption: str) -> None:
    assert photos._is_said(caption)
