"""A Telegram Bot API for tests: real HTTP on loopback, people with phones, faults, and a record of all that happened.

It knows nothing of the bot that it serves; its rules are Telegram's.
"""

from tests.double.clock import Clock
from tests.double.faults import Fault, Kind, Mail
from tests.telegram.double.markup import Button
from tests.telegram.double.persons import Person, Toast
from tests.telegram.double.phones import Shown
from tests.telegram.double.server import TOKEN, BotApi
from tests.telegram.double.state import Call
from tests.telegram.double.updates import Update

__all__ = ["TOKEN", "BotApi", "Button", "Call", "Clock", "Fault", "Kind", "Mail", "Person", "Shown", "Toast", "Update"]
