"""WhatsApp, by the Cloud API: how messages look there, and what may be said after a day of silence."""

from bot.channels.whatsapp.channel import WhatsApp
from bot.channels.whatsapp.graph import Access
from bot.channels.whatsapp.templates import Templates

__all__ = ["Access", "Templates", "WhatsApp"]
