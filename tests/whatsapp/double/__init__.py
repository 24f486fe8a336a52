"""A WhatsApp Cloud API for tests: real HTTP on loopback, people with phones, faults, and a record of all that happened.

It knows nothing of the bot that it serves; its rules are Meta's.
"""

from tests.double.clock import Clock
from tests.double.faults import Fault, Kind, Mail
from tests.whatsapp.double.access import ACCESS, Access
from tests.whatsapp.double.items import Item
from tests.whatsapp.double.persons import Person
from tests.whatsapp.double.phones import Button, Shown
from tests.whatsapp.double.server import CloudApi
from tests.whatsapp.double.state import Call

__all__ = [
    "ACCESS", "Access", "Button", "Call", "Clock", "CloudApi", "Fault", "Item", "Kind", "Mail", "Person", "Shown",
]  # fmt: skip
