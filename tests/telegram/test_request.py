"""What the transport below python-telegram-bot says, and what it keeps to itself."""

import logging

import pytest
from telegram.error import TelegramError

from bot.channels.telegram.request import AiohttpRequest


def test_an_answer_that_cannot_be_read_is_not_logged_for_it_names_people(caplog: pytest.LogCaptureFixture) -> None:
    cut_off = b'{"ok": true, "result": {"chat": {"first_name": "Budi Santoso"}, "caption": "1234 5678 9012 3456 78'
    with caplog.at_level(logging.DEBUG), pytest.raises(TelegramError) as raised:
        AiohttpRequest.parse_json_payload(cut_off)
    assert "Budi" not in caplog.text
    assert "Budi" not in str(raised.value)
    assert raised.value.__cause__ is None
