"""Mutants about prices and zones, and about who may be told and do what an owner may."""

from tests.mutants.mutant import Change, Mutant

_PRICES = ("tests/conversation/test_prices.py",)
_AGENTS = ("tests/conversation/test_agents.py",)
_ROLES = ("tests/conversation/test_roles.py",)

PRICES = (
    Mutant(
        "price: bounds that moved",
        "a markup that was set before the settings moved sells at no loss",
        _PRICES,
        (
            Change(
                "bot/services/prices.py",
                "return min(max(shop.markup if rupiah is None else rupiah, -shop.rebate), shop.markup_cap)",
                "return shop.markup if rupiah is None else rupiah",
            ),
        ),
    ),
    Mutant(
        "price: the margin below zero",
        "a price below cost by the rebate is paid for from what the agent has, and the books balance",
        _PRICES,
        (
            Change(
                "bot/domain/ledger.py", '{pid}:margin", MARGIN, payer, cost - paid,', '{pid}:margin", MARGIN, payer, 0,'
            ),
        ),
    ),
    Mutant(
        "price: two owners at once",
        "a markup that another owner has changed since the preview is not overwritten",
        _PRICES,
        (Change("bot/conversation/pricing.py", "if prices.own(turn.tx, where) != was:", "if was == -1:"),),
    ),
    Mutant(
        "price: the secret number",
        "a markup is a setting, which the owner's number guards",
        _PRICES,
        (Change("bot/conversation/flows/markup.py", "if not await authorised():", "if False:"),),
    ),
    Mutant(
        "zone: his midnight",
        "an agent's day, and its limit, begin at his own midnight",
        _AGENTS,
        (Change("bot/conversation/engine.py", "shop = people.seen_by(person.agent, shop)", "pass"),),
    ),
    Mutant(
        "zone: what workers say",
        "what is said to an agent outside his own turn carries his zone",
        _AGENTS,
        (
            Change(
                "bot/messaging/outbox.py",
                "return dataclasses.replace(message, zone=zone) if zone else message",
                "return message",
            ),
        ),
    ),
    Mutant(
        "roles: the table",
        "a command outside one's role does nothing and tells nothing",
        _ROLES,
        (
            Change(
                "bot/conversation/ordering.py",
                "messages = answer.say(self._turn, command.rest) if answer and allowed else [greeting(self._turn)]",
                "messages = answer.say(self._turn, command.rest) if answer else [greeting(self._turn)]",
            ),
        ),
    ),
    Mutant(
        "roles: a talk of an owner's",
        "whoever is no owner any more does not go on with what he began as one",
        _ROLES,
        (Change("bot/conversation/running.py", 'if session.role not in ("", self._person.role):', "if False:"),),
    ),
)
