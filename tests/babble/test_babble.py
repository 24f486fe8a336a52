"""Whatever people say, in whatever state of things, they are answered. `make babble` plays many more."""

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.conversation.answers import ANSWERS
from bot.conversation.command import SELLERS, Answer
from bot.conversation.script import Turn
from bot.domain.message import Message
from tests.babble.console import Babble
from tests.babble.platforms import on_telegram, on_whatsapp

Babbling = Callable[[Path, int, int], Awaitable[str]]

_RUNS = int(os.environ.get("BABBLE_RUNS", "0"))
_STEPS, _STEPS_ON_PLATFORMS = 240, 250 if _RUNS else 40


@pytest.mark.parametrize("seed", range(1, (_RUNS or 3) + 1))
async def test_whatever_is_said_is_answered_and_the_books_are_right(tmp_path: Path, seed: int) -> None:
    assert await Babble(seed).play(tmp_path, _STEPS) == ""


@pytest.mark.parametrize("seed", range(1, (_RUNS // 5 or 1) + 1))
@pytest.mark.parametrize("babble", [on_telegram, on_whatsapp])
async def test_whatever_is_said_while_calls_go_wrong_comes_to_rest(tmp_path: Path, babble: Babbling, seed: int) -> None:
    assert await babble(tmp_path, seed, _STEPS_ON_PLATFORMS) == ""


def _fails(_turn: Turn, _rest: str) -> list[Message]:
    raise LookupError("as planted")


@pytest.mark.parametrize(("say", "wrong"), [(_fails, "as planted"), (lambda *_: [], "is not answered")])
async def test_an_answer_that_fails_or_says_nothing_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, say: object, wrong: str
) -> None:
    for name in ("riwayat", "saldo", "cek", "harga"):
        monkeypatch.setitem(ANSWERS, name, Answer(SELLERS, say))  # type: ignore[arg-type]
    assert wrong in await Babble(1).play(tmp_path, _STEPS)


@pytest.mark.parametrize("babble", [on_telegram, on_whatsapp])
async def test_an_answer_that_fails_is_noticed_on_a_platform_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, babble: Babbling
) -> None:
    for name in ("riwayat", "saldo", "cek", "harga", "menu"):
        monkeypatch.setitem(ANSWERS, name, Answer(SELLERS, _fails))
    assert "as planted" in await babble(tmp_path, 1, 100)
