"""Texts within a platform's length, one after another; and what of a message goes as a file or is copied whole.

How a text that is too long by itself is cut depends on its markup: each channel says so.
"""

import dataclasses
from collections.abc import Callable, Iterable

from bot.domain.message import Block, Message, Text, TokenDigits

Cut = Callable[[str, int], list[str]]  # a text, and how long each piece of it may be
Size = Callable[[str], int]  # how the platform counts


def joined(pieces: Iterable[str], most: int, cut: Cut, size: Size = len) -> tuple[str, ...]:
    """The pieces one below the other, cut where a part would grow too long: between pieces, else by `cut`."""
    parts: list[str] = []
    for piece in pieces:
        for chunk in [piece] if size(piece) <= most else cut(piece, most):
            if parts and size(parts[-1]) + 1 + size(chunk) <= most:
                parts[-1] += f"\n{chunk}"
            else:
                parts.append(chunk)
    return tuple(parts)


def digits(text: Text) -> str:
    """The token that a text shows, or nothing."""
    return next((value.digits for value in text.args.values() if isinstance(value, TokenDigits)), "")


def token_text(message: Message) -> Text | None:
    """The text that shows a token alone: the first one, or the one below a heading."""
    return next((text for text in (message.text, *message.more) if digits(text)), None)


def without_blocks(message: Message) -> Message:
    """The message without its set lines, for a channel that sends them as a file."""
    more = tuple(text for text in message.more if not any(isinstance(value, Block) for value in text.args.values()))
    return dataclasses.replace(message, more=more)
