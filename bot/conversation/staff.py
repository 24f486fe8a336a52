"""What is said about people: an invitation taken, the owner's agents and their chats, an agent's cashiers.

Answers like any other, reachable at any moment. What takes something away asks once, and its button names the one
chat or agent by a number that never means another; what is done takes effect with the answer.
"""

from collections.abc import Callable

from bot.conversation.grammar import INVITED
from bot.conversation.proofs import with_seller
from bot.conversation.script import Turn
from bot.domain.ledger import COUNTER
from bot.domain.message import Day, Lines, Message, Option, Parts, Rupiah, Text, Value
from bot.domain.people import Agent, Member, Role
from bot.services import history, invitations, ledger, notices, people, pins, recovery
from bot.services.invitations import Declined, Joined
from bot.services.people import PeopleError
from bot.services.recovery import Proof, Way

LETS_IN = ("undang", "invite", "chat")  # the words by which an agent lets somebody into his account
_YES = ("ya", "yes")
_ROWS = 9  # a page; with the way on it is ten options, which every channel can show
_LABEL = 20

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
        return [_welcome(joined, turn)]
    if joined is Declined.UNKNOWN and rest == code:
        claimed = recovery.prove(turn.tx, "", Proof(Way.CODE, code), turn.person, turn.shop, turn.now)
        if not claimed.found:
            invitations.missed(turn.tx, turn.person, turn.shop, turn.now)
            return [with_seller(claimed.messages[0])]
        return list(claimed.messages)
    if joined is Declined.UNKNOWN and turn.person.role is Role.OWNER:
        return agents(turn, code)  # a name of ten letters can look like a code
    if joined is Declined.UNKNOWN:
        invitations.missed(turn.tx, turn.person, turn.shop, turn.now)
    args: dict[str, Value] = {"agent": turn.person.agent.name} if joined is Declined.TAKEN and turn.person.agent else {}
    return [Message(Text(_DECLINED[joined], args), options=(notices.option("menu", "menu"),))]


def _welcome(joined: Joined, turn: Turn) -> Message:
    args: dict[str, Value] = {"agent": joined.agent.name}
    buy, pin, help_ = notices.option("buy", "beli"), notices.option("pin_set", "pin"), notices.option("help", "bantuan")
    if not joined.is_limited:
        return Message(Text("invite.done", args), options=(buy, pin, help_))
    args["rp"] = Rupiah(turn.shop.new_chat_limit)
    if joined.role is Role.CASHIER:
        return Message(Text("invite.cashier", args), options=(buy, pin, help_))
    return Message(Text("invite.added", args), options=(buy, help_))  # its PIN is the account's


# the owner's agents


def agents(turn: Turn, rest: str) -> list[Message]:
    """`agen`, `agen hal 2`, `agen baru Berkah Cell`, `agen A017`, `agen Berkah Cell`."""
    first, _, more = rest.partition(" ")
    if first.casefold() in ("baru", "new"):
        return _new_agent(turn, more)
    if not rest or (first.casefold() in ("hal", "page") and more.isdecimal()):
        return [_list(turn, int(more or 1))]
    return about_agent(turn, rest, lambda whom: [_card(turn, whom)])


def _list(turn: Turn, page: int) -> Message:
    new = notices.option("agent_new", "agen baru")
    found = [one for one in people.agents(turn.tx) if one.id != COUNTER]
    if not found:
        return Message(Text("agent.empty"), options=(new,))
    pages = -(-len(found) // _ROWS)
    page = min(max(page, 1), pages)
    shown = found[(page - 1) * _ROWS : page * _ROWS]
    rows = tuple(
        Text("agent.row", _named(turn, one) | {"rp": Rupiah(ledger.agent_account(turn.tx, one.id).posted)})
        for one in shown
    )
    options = tuple(
        Option(f"agent_{one.id}", Text("line.agent", {"agent": _short(one)}), f"agen {one.code}") for one in shown
    )
    if page < pages:
        options += (notices.option("next", f"agen hal {page + 1}"),)
    elif len(options) <= _ROWS:
        options += (new,)
    head = Text("agent.list", {"n": len(found)})
    return Message(head, (Text("line.parts", {"parts": Lines(rows)}),), options)


def _short(whom: Agent) -> str:
    label = f"{whom.code} {whom.name}"
    return label if len(label) <= _LABEL else label[: _LABEL - 1].rstrip() + "…"


def _named(turn: Turn, whom: Agent) -> dict[str, Value]:
    state = Text("agent.is_active" if whom.state == "active" else "agent.is_frozen")
    if whom.state == "active" and pins.is_locked(turn.tx, whom):
        state = Text("agent.is_locked")
    return {"code": whom.code, "name": whom.name, "state": state}


def _card(turn: Turn, whom: Agent) -> Message:
    account = ledger.agent_account(turn.tx, whom.id)
    money = [Text("part.balance", {"rp": Rupiah(account.posted)})]
    if account.held:
        money.append(Text("part.held", {"rp": Rupiah(account.held)}))
    money.append(Text("agent.today", {"n": history.today(turn.tx, whom, turn.shop, turn.now).count}))
    terms = [Text("agent.markup", {"rp": Rupiah(whom.markup)})]
    if whom.daily_limit:
        terms.insert(0, Text("agent.limit", {"rp": Rupiah(whom.daily_limit)}))
    lines = [Text("line.parts", {"parts": Parts(tuple(parts))}) for parts in (money, terms)]
    members = people.chats(turn.tx, whom.id)
    lines += [_chat(one) for one in members] or [Text("agent.no_chat")]
    options = [notices.option("invite_chat", f"undang {whom.code}")]
    if whom.state != "active":
        options = [notices.option("unfreeze", f"aktif {whom.code}")]
    elif pins.is_locked(turn.tx, whom):
        options = [notices.option("unlock", f"aktif {whom.code}"), notices.option("freeze", f"beku {whom.code}")]
    else:
        options.append(notices.option("freeze", f"beku {whom.code}"))
    if members:
        options.append(notices.option("remove_chat", f"keluar {whom.code}"))
    options += [notices.option("statement", f"mutasi {whom.code}"), notices.option("agents", "agen")]
    return Message(Text("agent.card", _named(turn, whom)), tuple(lines), tuple(options))


def _chat(one: Member) -> Text:
    args: dict[str, Value] = {"number": f"#{one.id}", "chat": one.chat, "day": Day(one.created_at)}
    return Text("agent.chat", args | {"role": Text(f"role.{one.role}")})


def _new_agent(turn: Turn, name: str) -> list[Message]:
    clean = people.clean_name(name)
    if clean is None:
        return [Message(Text("agent.name"), options=(notices.option("agents", "agen"),))]
    if (known := _known(turn, clean)) is not None:
        return [Message(Text("agent.exists", {"agent": known.name}), options=(see(known),))]
    made = people.add_agent(turn.tx, clean, None, turn.shop, turn.now, turn.person.acting)
    return [_invitation(turn, made, Role.AGENT)]


def invite(turn: Turn, rest: str) -> list[Message]:
    """`undang A017`: a further chat, or the first, for an agent that exists."""

    def made(whom: Agent) -> list[Message]:
        return [_frozen(whom) if whom.state != "active" else _invitation(turn, whom, Role.AGENT)]

    return about_agent(turn, rest, made)


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
    options = (see(whom),) if turn.person.role is Role.OWNER else (notices.option("cashiers", "kasir"),)
    return Message(text, options=options)


def freeze(turn: Turn, rest: str) -> list[Message]:
    """`beku A017` asks, `beku A017 ya` does it."""
    rest, is_sure = _confirmed(turn, rest)

    def frozen(whom: Agent) -> list[Message]:
        if is_sure or whom.state != "active":
            people.freeze(turn.tx, whom, turn.person.acting, turn.now)
            return [_frozen(whom)]
        sure = notices.option("freeze_yes", f"beku {whom.code} ya")
        return [Message(Text("agent.freeze_ask", {"agent": whom.name}), options=(sure, _back(f"agen {whom.code}")))]

    return about_agent(turn, rest, frozen)


def unfreeze(turn: Turn, rest: str) -> list[Message]:
    """`aktif A017`, at once: it takes nothing away."""

    def active(whom: Agent) -> list[Message]:
        people.unfreeze(turn.tx, whom, turn.person.acting, turn.now)
        pins.unlock(turn.tx, whom, turn.person.acting, turn.now)
        return [Message(Text("agent.unfrozen", {"agent": whom.name}), options=(see(whom),))]

    return about_agent(turn, rest, active)


def remove(turn: Turn, rest: str) -> list[Message]:
    """`keluar A017` lists the agent's chats, `keluar A017 12` asks, `keluar A017 12 ya` does it."""
    rest, is_sure = _confirmed(turn, rest)
    name, _, number = rest.rpartition(" ")
    if _known(turn, rest) is not None or not _is_number(number):
        name, number = rest, ""

    def removed(whom: Agent) -> list[Message]:
        chosen = people.chats(turn.tx, whom.id)
        return [_removal(turn, whom, chosen, number, is_sure=is_sure, verb=f"keluar {whom.code}", back=see(whom))]

    return about_agent(turn, name, removed)


def _removal(
    turn: Turn, whom: Agent, among: list[Member], number: str, *, is_sure: bool, verb: str, back: Option
) -> Message:
    """List what can be removed, ask about one, or remove it: `verb` is what the buttons begin with."""
    if not number:
        options = tuple(
            Option(f"remove_{one.id}", Text("btn.remove_one", {"n": str(one.id)}), f"{verb} {one.id}") for one in among
        )
        lines = tuple(_chat(one) for one in among[:_ROWS]) or (Text("agent.no_chat"),)
        return Message(Text("agent.chats", {"agent": whom.name}), lines, (*options[:_ROWS], back))
    member = next((one for one in among if one.id == int(number.removeprefix("#"))), None)
    if member is None:
        return Message(Text("agent.chat_none", {"agent": whom.name, "number": number}), options=(back,))
    args: dict[str, Value] = {"chat": member.chat, "agent": whom.name}
    if not is_sure:
        sure = notices.option("remove_yes", f"{verb} {member.id} ya")
        return Message(Text("agent.remove_ask", args), options=(sure, _back(back.says)))
    people.remove(turn.tx, whom, member, turn.person.acting, turn.now)
    return Message(Text("agent.removed", args), options=(back,))


def _is_number(word: str) -> bool:
    digits = word.removeprefix("#")
    return digits.isdecimal() and len(digits) <= 9


def _frozen(whom: Agent) -> Message:
    unfreeze_it = notices.option("unfreeze", f"aktif {whom.code}")
    return Message(Text("agent.frozen", {"agent": whom.name}), options=(unfreeze_it, see(whom)))


def see(whom: Agent) -> Option:
    """The way to his card."""
    return Option("agent", Text("line.agent", {"agent": _short(whom)}), f"agen {whom.code}")


def _back(says: str) -> Option:
    return Option("back", Text("btn.cancel"), says)


def is_agent(turn: Turn, name: str) -> bool:
    """Whether the words are an agent's name or code, and not the counter's."""
    found = _known(turn, name)
    return found is not None and found.id != COUNTER


def _known(turn: Turn, name: str) -> Agent | None:
    try:
        return people.find_agent(turn.tx, name)
    except PeopleError:
        return None


def _confirmed(turn: Turn, rest: str) -> tuple[str, bool]:
    """The rest without its closing yes, unless that belongs to a name."""
    head, _, last = rest.rpartition(" ")
    return (head, True) if last.casefold() in _YES and _known(turn, rest) is None else (rest, False)


def about_agent(turn: Turn, name: str, say: Callable[[Agent], list[Message]]) -> list[Message]:
    """An answer about one agent; the counter is the owners' own, and nobody is answered with the list."""
    if not name:
        return [_list(turn, 1)]
    whom = _known(turn, name)
    if whom is None:
        return [Message(Text("agent.none", {"name": name}), options=(notices.option("agents", "agen"),))]
    if whom.id == COUNTER:
        return [Message(Text("agent.counter"), options=(notices.option("agents", "agen"),))]
    return say(whom)


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
    lines = tuple(_chat(one) for one in mine)
    return [Message(Text("cashier.list", {"n": len(mine)}), lines, (*removals[: _ROWS - 1], *invites))]


def _invited(turn: Turn, whom: Agent, role: Role) -> Message:
    """A chat that is new itself lets nobody in: or its own limit would be none."""
    if whom.state != "active":
        return Message(Text("pay.frozen"), options=(notices.option("menu", "menu"),))
    if people.new_since(turn.tx, turn.person.conversation_id, turn.now) is not None:
        return Message(Text("cashier.too_new"), options=(notices.option("menu", "menu"),))
    return _invitation(turn, whom, role)
