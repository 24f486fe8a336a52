"""People of two names, for tests: messages that show either or both, and what a shop makes of them."""

from typing import Any

from bot.domain.people import Agent, Person, Role
from bot.messaging import inbox
from bot.messaging.inbox import Inbound
from bot.ports import Tx
from bot.services import addresses, alerts, invitations, people
from bot.services.addresses import Name
from bot.services.people import Conversation
from tests.world import Said, World

CHANNEL = "console"  # whose phone shows what is sent; people have two names here
METER = "54123456789"
N1, N2, N3 = "6281200000001", "6281200000002", "6281200000003"
P1, P2 = "ID.1001", "ID.1002"


def named(number: str = "", person: str = "") -> list[Name]:
    found = [Name(number, "number")] if number else []
    return [*found, Name(person, "person")] if person else found


async def settle(shop: World, number: str = "", person: str = "") -> Conversation:
    return await shop.store.write(
        addresses.settle, CHANNEL, named(number, person), "", shop.shop, shop.clock()
    )  # fmt: skip


async def put(shop: World, text: str, number: str = "", person: str = "") -> Conversation:
    """A message with these names arrives; nothing is done about it yet."""
    shop.count += 1
    shop.clock.forward(10)
    now, count = shop.clock(), shop.count

    def take(tx: Tx) -> Conversation:
        chat = addresses.settle(tx, CHANNEL, named(number, person), "", shop.shop, now)
        addresses.heard(tx, chat.id, now)
        inbox.put(tx, Inbound(CHANNEL, f"w:{now}:{count}", chat.handle, text, count, now), now)
        return chat

    return await shop.store.write(take)


async def says(shop: World, text: str, number: str = "", person: str = "") -> list[Said]:
    """A message with these names arrives and is worked off; all that anybody then reads."""
    await put(shop, text, number, person)
    before = len(shop.phone.read)
    await shop.setrum.drain()
    return shop.phone.read[before:]


async def keys(shop: World, text: str, number: str = "", person: str = "") -> list[str]:
    """What is answered to these names."""
    return [one.key for one in await says(shop, text, number, person) if one.to in (number, person)]


async def renumber(shop: World, old: str, new: str) -> None:
    await shop.store.write(addresses.renumber, CHANNEL, old, new, shop.shop, shop.clock())


async def who(shop: World, chat: Conversation) -> Person:
    return await shop.store.read(people.person, chat, shop.shop)


async def agent(shop: World, name: str) -> Agent:
    return await shop.store.read(people.find_agent, name)


async def member(shop: World, name: str, number: str = "", person: str = "") -> Conversation:
    """Somebody who joined an account of his own by an invitation, with Rp700.000 in it."""

    def made(tx: Tx) -> str:
        account = people.add_agent(tx, name, None, shop.shop, shop.clock())
        people.top_up(tx, account, 700_000, name, "test", shop.shop, shop.clock())
        return invitations.make(tx, account, Role.AGENT, "test", shop.shop, shop.clock())

    code = await shop.store.write(made)
    assert await keys(shop, f"AGEN {code}", number, person) == ["invite.done"]
    return await settle(shop, number, person)


async def names(shop: World, chat: Conversation) -> dict[str, str]:
    """The live names of a chat, each with how far it is to be trusted."""
    return dict(
        await rows(shop, "SELECT value, state FROM address WHERE conversation_id = ? AND state <> 'gone'", chat.id)
    )


async def trail(shop: World, name: str) -> list[tuple[str, str, str]]:
    deeds = await shop.store.read(people.deeds, (await agent(shop, name)).id)
    return [(one.action, one.chat, one.reason) for one in deeds if one.action == "removed"]


async def rows(shop: World, statement: str, *values: int | str) -> list[tuple[Any, ...]]:
    """What stands in the database."""
    found: list[tuple[Any, ...]] = await shop.store.raw(lambda one: one.execute(statement, values).fetchall())
    return found


async def told(shop: World, kind: str) -> int:
    return await shop.store.read(alerts.count, kind, 0)


def read_by(shop: World, *to: str) -> list[str]:
    return [one.key for one in shop.phone.read if one.to in to]


async def invited(shop: World, name: str, role: Role = Role.AGENT) -> str:
    """A code for one chat of the account."""

    def make(tx: Tx) -> str:
        return invitations.make(tx, people.find_agent(tx, name), role, "test", shop.shop, shop.clock())

    return await shop.store.write(make)
