"""Telegram: updates in by polling or webhook, messages out by the Bot API. Knows no business."""

from bot.channels.telegram.channel import Access, Telegram
from bot.channels.telegram.reading import NAME

__all__ = ["NAME", "Access", "Telegram"]
