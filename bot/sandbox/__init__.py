"""A supplier to practise against: the contract over real HTTP, with books of its own. Shares no code with the client.

What the client misreads, this must not misread with it: it is a second reading of the same contract.
"""

from bot.sandbox.config import Readings, SandboxConfig
from bot.sandbox.ledger import Books, Sold
from bot.sandbox.scenarios import SCENARIOS, Behaviour, Scenario
from bot.sandbox.server import Asked, Raw, Sandbox

__all__ = [
    "SCENARIOS",
    "Asked",
    "Behaviour",
    "Books",
    "Raw",
    "Readings",
    "Sandbox",
    "SandboxConfig",
    "Scenario",
    "Sold",
]
