"""Whatever people say, in whatever state of things, they are answered. `make babble` plays many more."""

import os
from pathlib import Path

import pytest

from bot.conversation.answers import ANSWERS
from bot.conversation.command import SELLERS, Answer
from bot.conversation.script import Turn
from bot.domain.message import Message
from tests.conversation.babble import Babble

_RUNS = int(os.environ.get("BABBLE_RUNS", "3"))
_STEPS = 240


@pytest.mark.parametrize("seed", range(1, _RUNS + 1))
async def test_whatever_is_said_is_answered_and_the_books_are_right(tmp_path: Path, seed: int) -> None:
    assert await Babble(seed).play(tmp_path, _STEPS) == ""


def _fails(_turn: Turn, _rest: str) -> list[Message]:
    raise LookupError("as planted")


@pytest.mark.parametrize(("say", "wrong"), [(_fails, "as planted"), (lambda *_: [], "is not answered")])
async def test_an_answer_that_fails_or_says_nothing_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: object, wrong: str
) -> None:
    for name in ("riwayat", "saldo", "cek", "harga"):
        monkeypatch.setitem(ANSWERS, name, Answer(SELLERS, say))  # type: ignore[arg-type]
    assert wrong in await Babble(1).play(tmp_path, _STEPS)
