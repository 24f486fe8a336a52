"""What is said about people: an invitation taken, the owner's agents and their chats, an agent's cashiers.

Answers like any other, reachable at any moment. What takes something away asks once, and its button names the one
chat or agent by a number that never means another; what is done takes effect with the answer.
"""

from bot.conversation import grammar
from bot.conversation.command import Begin, chat_of
from bot.conversation.grammar import INVITED
from bot.conversation.owner import agents
from bot.conversation.prompts import CANCEL
from bot.conversation.proofs import with_seller
from bot.conversation.script import Ask, Says, Turn
from bot.domain.message import Message, Option, Rupiah, Text, Value
from bot.domain.people import Agent, Member, Role
from bot.services import alerts, invitations, ledger, notices, people, pins, recovery
from bot.services.invitations import Declined, Joined
from bot.services.recovery import Proof, Way

SURE = ("freeze_yes", "remove_yes")  # options that a plain yes means, too
LETS_IN = ("undang", "invite", "chat")  # the words by which an agent lets somebody into his account
_YES = ("ya", "yes")
_NEW = ("baru", "new", "tambah", "add")
_ROWS = 9  # a page; with the way on it is ten options, which every channel can show

_DECLINED = {
    Declined.UNKNOWN: "invite.none",
    Declined.OWNER: "invite.owner",
    Declined.TAKEN: "invite.taken",
    Declined.FROZEN: "invite.frozen",
    Declined.UNPROVEN: "invite.unproven",
}


def join(turn: Turn, rest: str) -> list[Message]:
    """A code as it was typed, tapped or linked: an invitation first; given without that word it may claim a token."""
    code = rest.removeprefix(INVITED)
    joined = invitations.join(turn.tx, code, turn.person, turn.shop, turn.now)
    if isinstance(joined, Joined):
        _tell_owners(joined, turn)
        return [_welcome(joined, turn)]
    if joined is Declined.UNKNOWN and rest == code:
        claimed = recovery.prove(turn.tx, "", Proof(Way.CODE, code), turn.person, turn.shop, turn.now)
        if not claimed.found:
            invitations.missed(turn.tx, turn.person, turn.shop, turn.now)
            return [with_seller(claimed.messages[0])]
        return list(claimed.messages)
    if joined is Declined.UNKNOWN and turn.person.role is Role.OWNER:
        return agents.answer(turn, code)  # a name of ten letters can look like a code
    if joined is Declined.UNKNOWN:
        invitations.missed(turn.tx, turn.person, turn.shop, turn.now)
    args: dict[str, Value] = {"agent": turn.person.agent.name} if joined is Declined.TAKEN and turn.person.agent else {}
    return [Message(Text(_DECLINED[joined], args), options=(notices.option("menu", "menu"),))]


def _tell_owners(joined: Joined, turn: Turn) -> None:
    """Whom they invited is there; a cashier is his agent's own affair."""
    if joined.role is not Role.AGENT:
        return
    whom = joined.agent
    args: dict[str, Value] = {"agent": whom.name, "chat": chat_of(turn.person)}
    told = Message(Text("agent.joined", args), options=(agents.top_up(whom), agents.see(whom)))
    alerts.tell_owners(turn.tx, told, f"joined:{whom.id}:{turn.person.conversation_id}:{turn.now}", turn.shop, turn.now)


def _welcome(joined: Joined, turn: Turn) -> Message:
    args: dict[str, Value] = {"agent": joined.agent.name}
    buy, pin, help_ = notices.option("buy", "beli"), notices.option("pin_set", "pin"), notices.option("help", "bantuan")
    if not joined.is_limited:
        balance = Text("part.balance", {"rp": Rupiah(ledger.agent_account(turn.tx, joined.agent.id).posted)})
        return Message(Text("invite.done", args), (balance,), (buy, pin, help_))
    args["rp"] = Rupiah(turn.shop.new_chat_limit)
    if joined.role is Role.CASHIER:
        return Message(Text("invite.cashier", args), options=(buy, pin, help_))
    return Message(Text("invite.added", args), options=(buy, help_))  # its PIN is the account's


# the owner's agents


def listed(turn: Turn, rest: str) -> list[Message]:
    """`agen baru Berkah Cell`, and everything else that `agen` may be said with."""
    first, _, more = rest.partition(" ")
    if first.casefold() not in _NEW:
        return agents.answer(turn, rest)
    return _new_agent(turn, people.clean_name(more) or more)


def begins(_turn: Turn, rest: str) -> Begin | None:
    """`agen baru`, alone or with what is no name."""
    first, _, more = rest.partition(" ")
    is_asked = first.casefold() in _NEW and people.clean_name(more) is None
    return Begin("newcomer", {"name": more}) if is_asked else None


def name() -> Ask:
    """*agent.name*: what the new agent is called."""
    how = Text("agent.name")
    return Ask("agent.name", Message(how, options=(CANCEL,)), parse=_name, given="name", refusal=lambda _: how)


def _name(text: str) -> str | None:
    """A line of its own stays one; but a shop may be called `Toko Melati`, and the whole line is as good."""
    match grammar.read(text):
        case None:
            return people.clean_name(text)
        case grammar.Command("toko", rest) if rest:
            return people.clean_name(text)
        case grammar.Command("agen", rest) if rest.partition(" ")[0].casefold() in _NEW:
            return people.clean_name(rest.partition(" ")[2])
        case _:
            return None


class Welcome(Says):
    """The new agent and his invitation."""

    def __init__(self, called: str) -> None:
        self.name = "welcome"
        self.called = called

    def perform(self, turn: Turn) -> Message:
        """As `agen baru` with the name."""
        (said,) = _new_agent(turn, self.called)
        return said


def _new_agent(turn: Turn, called: str) -> list[Message]:
    if (other := agents.known(turn, called)) is not None:
        return [Message(Text("agent.exists", {"agent": other.name}), options=(agents.see(other),))]
    made = people.add_agent(turn.tx, called, None, turn.shop, turn.now, turn.person.acting)
    return [_invitation(turn, made, Role.AGENT)]


def invite(turn: Turn, rest: str) -> list[Message]:
    """`undang A017`: a further chat, or the first, for an agent that exists."""

    def made(whom: Agent) -> list[Message]:
        return [_frozen(whom) if whom.state != "active" else _invitation(turn, whom, Role.AGENT)]

    return agents.about_agent(turn, rest, made)


def _invitation(turn: Turn, whom: Agent, role: Role) -> Message:
    code = invitations.make(turn.tx, whom, role, turn.person.acting, turn.shop, turn.now)
    name: Value = Text("cashier.of", {"agent": whom.name}) if role is Role.CASHIER else whom.name
    args: dict[str, Value] = {"name": name, "code": code}
    telegram, whatsapp = people.invitation_links(turn.tx, code)
    if telegram and whatsapp:
        text = Text("agent.invite_both", args | {"telegram": telegram, "whatsapp": whatsapp})
    elif link := telegram or whatsapp:
        text = Text("agent.invite", args | {"link": link})
    else:
        text = Text("agent.invite_code", args)
    options = (agents.see(whom),) if turn.person.role is Role.OWNER else (notices.option("cashiers", "kasir"),)
    return Message(text, options=options)


def freeze(turn: Turn, rest: str) -> list[Message]:
    """`beku A017` asks, `beku A017 ya` does it."""
    rest, is_sure = _confirmed(turn, rest)

    def frozen(whom: Agent) -> list[Message]:
        if is_sure or whom.state != "active":
            people.freeze(turn.tx, whom, turn.person.acting, turn.now)
            return [_frozen(whom)]
        sure = notices.option("freeze_yes", f"beku {whom.code} ya")
        return [
            Message(Text("agent.freeze_ask", {"agent": whom.name}), options=(sure, notices.back(f"agen {whom.code}")))
        ]

    return agents.about_agent(turn, rest, frozen)


def unfreeze(turn: Turn, rest: str) -> list[Message]:
    """`aktif A017`, at once: it takes nothing away."""

    def active(whom: Agent) -> list[Message]:
        people.unfreeze(turn.tx, whom, turn.person.acting, turn.now)
        pins.unlock(turn.tx, whom, turn.person.acting, turn.now)
        return [Message(Text("agent.unfrozen", {"agent": whom.name}), options=(agents.see(whom),))]

    return agents.about_agent(turn, rest, active)


def remove(turn: Turn, rest: str) -> list[Message]:
    """`keluar A017` lists the agent's chats, `keluar A017 12` asks, `keluar A017 12 ya` does it."""
    rest, is_sure = _confirmed(turn, rest)
    name, _, number = rest.rpartition(" ")
    if agents.known(turn, rest) is not None or not _is_number(number):
        name, number = rest, ""

    def removed(whom: Agent) -> list[Message]:
        chosen = people.chats(turn.tx, whom.id)
        return [
            _removal(turn, whom, chosen, number, is_sure=is_sure, verb=f"keluar {whom.code}", back=agents.see(whom))
        ]

    return agents.about_agent(turn, name, removed)


def _removal(
    turn: Turn, whom: Agent, among: list[Member], number: str, *, is_sure: bool, verb: str, back: Option
) -> Message:
    """List what can be removed, ask about one, or remove it: `verb` is what the buttons begin with."""
    if not number:
        options = tuple(
            Option(f"remove_{one.id}", Text("btn.remove_one", {"n": str(one.id)}), f"{verb} {one.id}") for one in among
        )
        lines = tuple(agents.chat(one) for one in among[:_ROWS]) or (Text("agent.no_chat"),)
        return Message(Text("agent.chats", {"agent": whom.name}), lines, (*options[:_ROWS], back))
    member = next((one for one in among if one.id == int(number.removeprefix("#"))), None)
    if member is None:
        return Message(Text("agent.chat_none", {"agent": whom.name, "number": number}), options=(back,))
    args: dict[str, Value] = {"chat": member.chat, "agent": whom.name}
    if not is_sure:
        sure = notices.option("remove_yes", f"{verb} {member.id} ya")
        return Message(Text("agent.remove_ask", args), options=(sure, notices.back(back.says)))
    people.remove(turn.tx, whom, member, turn.person.acting, turn.now)
    return Message(Text("agent.removed", args), options=(back,))


def _is_number(word: str) -> bool:
    digits = word.removeprefix("#")
    return digits.isdecimal() and len(digits) <= 9


def _frozen(whom: Agent) -> Message:
    unfreeze_it = notices.option("unfreeze", f"aktif {whom.code}")
    return Message(Text("agent.frozen", {"agent": whom.name}), options=(unfreeze_it, agents.see(whom)))


def _confirmed(turn: Turn, rest: str) -> tuple[str, bool]:
    """The rest without its closing yes, unless that belongs to a name."""
    head, _, last = rest.rpartition(" ")
    return (head, True) if last.casefold() in _YES and agents.known(turn, rest) is None else (rest, False)


# an agent's cashiers


def cashiers(turn: Turn, rest: str) -> list[Message]:
    """`kasir`, `kasir undang`, `kasir chat` (a further chat of one's own), `kasir keluar 12`."""
    whom = turn.person.agent
    if whom is None:
        raise LookupError("only an agent has cashiers")
    words = rest.casefold().split()
    mine = [one for one in people.chats(turn.tx, whom.id) if one.role is Role.CASHIER]
    match words:
        case ["undang" | "invite"]:
            return [_invited(turn, whom, Role.CASHIER)]
        case ["chat"]:
            return [_invited(turn, whom, Role.AGENT)]
        case ["keluar" | "remove", number, *sure] if _is_number(number):
            back = notices.option("cashiers", "kasir")
            is_sure = bool(sure) and sure[0] in _YES
            return [_removal(turn, whom, mine, number, is_sure=is_sure, verb="kasir keluar", back=back)]
    removals = tuple(
        Option(f"remove_{one.id}", Text("btn.remove_one", {"n": str(one.id)}), f"kasir keluar {one.id}") for one in mine
    )
    invites = (notices.option("invite_cashier", "kasir undang"), notices.option("own_chat", "kasir chat"))
    if not mine:
        return [Message(Text("cashier.empty"), options=invites)]
    lines = tuple(agents.chat(one) for one in mine)
    return [Message(Text("cashier.list", {"n": len(mine)}), lines, (*removals[: _ROWS - 1], *invites))]


def _invited(turn: Turn, whom: Agent, role: Role) -> Message:
    """A chat that is new itself lets nobody in: or its own limit would be none."""
    if whom.state != "active":
        return Message(Text("pay.frozen"), options=(notices.option("menu", "menu"),))
    if people.new_since(turn.tx, turn.person.conversation_id, turn.now) is not None:
        return Message(Text("cashier.too_new"), options=(notices.option("menu", "menu"),))
    return _invitation(turn, whom, role)
