"""The verb `agents`: the agents of a shop, the chats that speak for them, and invitations, beside a running shop.

What it does takes effect at once in every chat, and is written down with the name of whoever ran it.
"""

import argparse
from collections.abc import Callable

from bot import clock, ids, settings
from bot.domain.people import Agent, Member, Role, dialled
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import invitations, people, pins, prices, trail
from bot.verbs.common import CommandError, Facts, actor, agent_rows, beside, operator, show

ACTIONS = ("list", "add", "invite", "freeze", "unfreeze", "unlock", "remove", "trail")
_LATEST = 1_000  # rows of the whole trail, where no agent is named


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is done, to whom."""
    parser.add_argument("action", nargs="?", choices=ACTIONS, default="list")
    parser.add_argument("name", nargs="?", help="the agent's name, or code such as A017")
    parser.add_argument(
        "--on", metavar="CHANNEL:ADDRESS", help="the chat to add or remove: telegram:123, whatsapp:62812…"
    )
    parser.add_argument("--deposit", type=int, default=0, metavar="RUPIAH", help="`add`: credit this at once, in cash")
    parser.add_argument("--cashier", action="store_true", help="`invite`: a cashier's chat, which sees no margin")
    parser.add_argument("--forget-pin", action="store_true", help="`unlock`: take the account's PINs away, too")
    parser.add_argument("--reason", default="", help="`freeze`, `unfreeze`, `remove`: why, kept for ever")


async def run(arguments: argparse.Namespace) -> int:
    """Do the one action and print what came of it."""
    set_up, waits, _ = settings.read()
    shop = set_up.shop(waits)
    action: str = arguments.action
    async with beside(set_up, shop) as store:
        if action == "list":
            rows: list[Facts] = await store.read(_rows, shop, as_json=arguments.json)
        elif action == "trail":
            rows = await store.read(_trail, arguments.name, shop, as_json=arguments.json)
        elif not arguments.name:
            raise CommandError(f"which agent? setrum agents {_USAGE[action]}")
        else:
            rows = [await store.write(_CHANGES[action], arguments, shop)]
    show(arguments, rows if action in ("list", "trail") else rows[0])
    return 0


def _rows(tx: Tx, shop: Shop, *, as_json: bool) -> list[Facts]:
    return [
        row | _markup(tx, agent, shop, as_json=as_json) | {"chats": _chats(people.chats(tx, agent.id), as_json=as_json)}
        for row, agent in zip(agent_rows(tx), people.agents(tx), strict=True)
    ]


def _markup(tx: Tx, agent: Agent, shop: Shop, *, as_json: bool) -> Facts:
    """From the least to the most, where amounts differ; of the counter, its service fee."""
    if as_json:
        least, most = prices.range_of(tx, agent, shop)
        return {"markup_least": least, "markup_most": most}
    return {"markup": " – ".join(str(one) for one in dict.fromkeys(prices.range_of(tx, agent, shop)))}


def _chats(members: list[Member], *, as_json: bool) -> str | list[dict[str, str]]:
    if as_json:
        return [{"chat": one.chat, "role": one.role} for one in members]
    return ", ".join(one.chat if one.role is Role.AGENT else f"{one.chat} ({one.role})" for one in members)


def _trail(tx: Tx, name: str | None, shop: Shop, *, as_json: bool) -> list[Facts]:
    deeds = people.deeds(tx, people.find_agent(tx, name).id) if name else trail.latest(tx, most=_LATEST)[::-1]
    return [
        {
            "at": one.at if as_json else clock.local(one.at, shop.zone).strftime("%Y-%m-%d %H:%M %Z"),
            "about": one.subject,
            "action": one.action,
            "by": one.actor,
            "chat": one.chat,
            "reason": one.reason,
        }
        for one in deeds
    ]


def _add(tx: Tx, arguments: argparse.Namespace, shop: Shop) -> Facts:
    address = _address(arguments.on) if arguments.on else None
    agent = people.add_agent(tx, arguments.name, address, shop, clock.now(), _actor())
    if arguments.deposit:
        people.top_up(tx, agent, arguments.deposit, ids.ulid(), _actor(), shop, clock.now())
    return {"agent": agent.code, "name": agent.name, "deposit": arguments.deposit}


def _invite(tx: Tx, arguments: argparse.Namespace, shop: Shop) -> Facts:
    agent = people.find_agent(tx, arguments.name)
    role = Role.CASHIER if arguments.cashier else Role.AGENT
    code = invitations.make(tx, agent, role, _actor(), shop, clock.now())
    telegram, whatsapp = people.invitation_links(tx, code)
    links = {"link": telegram or whatsapp or ""} | ({"whatsapp": whatsapp} if telegram and whatsapp else {})
    return _named(agent) | {"role": role, "code": code} | links


def _freeze(tx: Tx, arguments: argparse.Namespace, _: Shop) -> Facts:
    agent = people.find_agent(tx, arguments.name)
    people.freeze(tx, agent, _actor(), clock.now(), arguments.reason)
    return _named(agent) | {"state": "frozen"}


def _unfreeze(tx: Tx, arguments: argparse.Namespace, _: Shop) -> Facts:
    agent = people.find_agent(tx, arguments.name)
    people.unfreeze(tx, agent, _actor(), clock.now(), arguments.reason)
    return _named(agent) | {"state": "active"}


def _unlock(tx: Tx, arguments: argparse.Namespace, _: Shop) -> Facts:
    """Of the shop's own counter, too: nobody else can let an owner in who is locked out or forgot his PIN."""
    agent = people.find_agent(tx, arguments.name)
    unlocked = pins.unlock(tx, agent, _actor(), clock.now())
    forgotten = arguments.forget_pin and pins.forget(tx, agent, _actor(), clock.now())
    return _named(agent) | {"unlocked": unlocked, "pin": "removed" if forgotten else "kept"}


def _remove(tx: Tx, arguments: argparse.Namespace, shop: Shop) -> Facts:
    agent = people.find_agent(tx, arguments.name)
    if not arguments.on:
        raise CommandError(f"which chat? setrum agents {_USAGE['remove']}")
    channel, value = _address(arguments.on)
    if (channel, value) in shop.owners:
        raise CommandError(f"{channel}:{value} is an owner's chat: owners stand in OWNERS")
    member = next((one for one in people.chats(tx, agent.id) if one.chat == f"{channel}:{value}"), None)
    if member is None:
        raise CommandError(f"{channel}:{value} does not speak for {agent.name}; `setrum agents` lists who does")
    people.remove(tx, agent, member, _actor(), clock.now(), arguments.reason)
    return _named(agent) | {"removed": member.chat}


def _named(agent: Agent) -> Facts:
    return {"agent": agent.code, "name": agent.name}


def _actor() -> str:
    return actor(operator())


def _address(text: str) -> tuple[str, str]:
    channel, _, value = text.partition(":")
    try:
        pairs = settings.owner_addresses(f"{channel}:{dialled(value)}" if channel == "whatsapp" else text)
    except ValueError as error:
        raise CommandError(f"--on {error}") from None
    if len(pairs) != 1:
        raise CommandError("--on takes one chat, such as console:budi")
    return pairs[0]


_CHANGES: dict[str, Callable[[Tx, argparse.Namespace, Shop], Facts]] = {
    "add": _add,
    "invite": _invite,
    "freeze": _freeze,
    "unfreeze": _unfreeze,
    "unlock": _unlock,
    "remove": _remove,
}
_USAGE = {
    "add": "add NAME --on telegram:123 --deposit 1000000",
    "invite": "invite NAME",
    "freeze": "freeze NAME",
    "unfreeze": "unfreeze NAME",
    "unlock": "unlock NAME --forget-pin",
    "remove": "remove NAME --on telegram:123",
}
