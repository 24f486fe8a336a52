"""Whose a chat is where people have two names: numbers change hands, and no deposit goes along with them."""

from bot.domain.people import Role
from bot.ports import Tx
from bot.services import addresses, people
from bot.services.addresses import Name
from tests.world import World


async def test_a_person_of_two_names_has_one_chat(shop: World) -> None:
    def settle(tx: Tx, *names: Name) -> people.Conversation:
        return addresses.settle(tx, "whatsapp", names, "", shop.shop, shop.clock())

    number, person = Name("6281234567890", "number"), Name("ID.1349", "person")
    first = await shop.store.write(settle, number)
    assert (first.handle, first.language) == ("6281234567890", "id")
    assert await shop.store.write(settle, number, person) == first
    assert await shop.store.write(settle, person) == first
    assert (await shop.store.read(people.person, first, shop.shop)).role is Role.CUSTOMER
