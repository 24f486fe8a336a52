"""`setrum deposit`: agents' deposits and the supplier's, shown, topped up, repaid, adjusted."""

import argparse

from bot import clock, ids, settings
from bot.domain.ledger import account_of
from bot.ports import Tx
from bot.services import adjustments, crediting, ledger, people
from bot.services.crediting import Kind
from bot.verbs.common import CommandError, actor, agent_rows, beside, needs_another_owner, operator, show

_KINDS = {"add": Kind.CASH, "credit": Kind.CREDIT, "repay": Kind.REPAID}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is done, to whom, how much."""
    actions = ["show", "add", "credit", "repay", "vsi", "adjust"]
    parser.add_argument("action", nargs="?", choices=actions, default="show")
    parser.add_argument("name", nargs="?", help="the agent; left out for `vsi`, the owner's own top-up at the supplier")
    parser.add_argument("amount", nargs="?", type=int, help="whole rupiah; `adjust` takes -5000, too")
    parser.add_argument("--reason", default="", help="why an `adjust` is made: kept for ever")
    parser.add_argument("--by", default=operator(), metavar="NAME", help="who books it (default: your user name)")
    parser.add_argument("--ref", help="the bank line or receipt; a reference is credited once")
    parser.add_argument("--again", action="store_true", help="the same agent and amount within a day is meant")


async def run(arguments: argparse.Namespace) -> int:
    """Show deposits; top up an agent's in cash or on credit, take a repayment, or note a top-up at the supplier."""
    set_up, waits, _ = settings.read()
    shop = set_up.shop(waits)
    async with beside(set_up, shop) as store:
        if arguments.action == "show":
            show(arguments, await store.read(agent_rows))
            return 0
        if arguments.action == "vsi":
            amount = int(arguments.name) if arguments.name and arguments.name.isdecimal() else 0
            balance = await store.write(_top_up_supplier, amount, arguments.ref or ids.ulid(), actor(arguments.by))
            show(arguments, {"deposit": "vsi", "credited": amount, "balance": balance})
            return 0
        if not arguments.name or arguments.amount is None:
            raise CommandError(f"which agent, how much? setrum deposit {arguments.action} NAME AMOUNT")

        def add(tx: Tx) -> tuple[str, int]:
            agent = people.find_agent(tx, arguments.name)
            reference = arguments.ref or ids.ulid()
            if arguments.action == "adjust":
                if adjustments.needs_approval(tx, shop, arguments.amount, clock.now()):
                    raise needs_another_owner("saldo+ or saldo-")
                said = {"actor": arguments.by, "reason": arguments.reason}
                adjustments.adjust(tx, agent, arguments.amount, reference, shop, clock.now(), **said)
                return agent.name, ledger.account(tx, account_of(agent.id)).posted
            booked = (tx, _KINDS[arguments.action], agent, arguments.amount, reference, actor(arguments.by), shop)
            crediting.book(*booked, clock.now(), again=arguments.again)
            return agent.name, ledger.account(tx, account_of(agent.id)).posted

        name, balance = await store.write(add)
    done = "repaid" if arguments.action == "repay" else "credited"
    show(arguments, {"agent": name, done: arguments.amount, "balance": balance})
    return 0


def _top_up_supplier(tx: Tx, amount: int, reference: str, by: str) -> int:
    people.top_up_supplier(tx, amount, reference, by, clock.now())
    return ledger.supplier_deposit(tx)
