"""The engine: one inbound row in one unit, by replaying the conversation's script with the answers given so far.

Everything that a turn does commits with the row that caused it. The engine knows questions, options and global words;
it knows no channel, and money only by the effects that scripts await.
"""

import dataclasses
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import tzinfo

from bot import ids
from bot.conversation import favourites, grammar, photos
from bot.conversation.answers import greeting
from bot.conversation.guessing import Guessing
from bot.conversation.owner import booking, reporting
from bot.conversation.play import Play, Session
from bot.conversation.script import Ask, Flow, Remote, Turn
from bot.conversation.telling import Offered
from bot.domain.message import Message, Option, Text
from bot.domain.people import Role
from bot.domain.purchase import Purchase
from bot.domain.rules import Shop
from bot.i18n import normalise
from bot.messaging import outbox, vault
from bot.messaging.event import Event, Kind
from bot.messaging.inbox import InboxRow
from bot.ports import Tx
from bot.services import batches, people, sales


@dataclass(frozen=True, slots=True)
class Engine:
    """Flows by name, and the shop that they run in.

    `label` renders an option in a language and a zone, to match typed labels.
    `editing` names the channels that can change what they have sent, `signing` those whose sign of life is enough,
    `deleting` those that can take away what their people wrote.
    """

    flows: Mapping[str, Flow]
    shop: Shop
    now: Callable[[], int]
    label: Callable[[Option, str, tzinfo], str]
    editing: Collection[str] = ()
    signing: Collection[str] = ()
    deleting: Collection[str] = ()

    def turn(self, tx: Tx, row: InboxRow, event: Event) -> bool:
        """Handle one event; False if it has to wait for an effect's answer."""
        return _Turn(self, tx, row, event).run()

    def apologise(self, tx: Tx, row: InboxRow) -> None:
        """Say that a message could not be handled; what it began is let go."""
        _Turn(self, tx, row, Event(Kind.NOTHING)).apologise()


class _Turn(Guessing):
    def __init__(self, engine: Engine, tx: Tx, row: InboxRow, event: Event) -> None:
        shop, now = engine.shop, engine.now()
        language = normalise(event.language) if event.language else shop.locale
        self._chat = people.conversation(tx, row.channel, row.address, language, now)
        person = people.person(tx, self._chat, shop)
        if person.agent is not None:
            shop = people.seen_by(person.agent, shop)  # his days and times, in all that this turn answers
        session = tx.one(Session, "session_open", conversation_id=self._chat.id)
        order_id = event.message_id or (session.order_id if session else row.ext_id)
        super().__init__(
            tx,
            row,
            event,
            person,
            Turn(tx, person, shop, now, order_id),
            flows=engine.flows,
            session=session,
            edits=row.channel in engine.editing,
            signs=row.channel in engine.signing,
        )
        self._label = engine.label
        self._deletes = row.channel in engine.deleting

    # what came in

    def run(self) -> bool:
        if self._chat.away and self._event.kind not in (Kind.ANSWER, Kind.LEFT):
            outbox.bring_back(self._tx, self._chat.id, self._turn.now)
        if self._event.kind is not Kind.ANSWER and self._floods():
            return True
        match self._event.kind:
            case Kind.WORDS | Kind.TAP | Kind.ANSWER:
                handled = self._talk()
                self._take_buttons()
                return handled
            case Kind.GROUP:
                self._decline_group()
            case Kind.LEFT:
                self._tx.run("conversation_away", id=self._chat.id, away=1)
            case Kind.EDITED:
                self._say(Message(Text("in.edited")), cause=f"edited:{self._chat.id}:{self._event.message_id}")
            case Kind.CONTACT:
                return self._contact()
            case Kind.PHOTO:
                return self._photo()
            case Kind.FILE:
                return self._file()
            case Kind.MEDIA:
                self._play = self._resumed()
                self._say_media(Message(Text("in.media")))
            case Kind.BACK | Kind.NOTHING:
                pass
        return True

    def _contact(self) -> bool:
        """A phone number is proof only if it is the sender's own, and an answer only where it was asked for."""
        play = self._play = self._resumed()
        if play is None and self._person.role is Role.CUSTOMER:
            self._start("recover", {})  # by a keyboard that outlived its question
        elif play is None or not (isinstance(play.step, Ask) and play.step.takes_phone):
            self._say_media(Message(Text("in.media")))
        elif self._event.own:
            self._choose(play, self._event.phone)
            self._take_buttons()
        else:
            self._say(Message(Text("rec.own")))
        return True

    def _photo(self) -> bool:
        """What a photo says counts as typed; where it says nothing, the question that waits still stands."""
        found = photos.understood(self._event, self._person.role)
        if isinstance(found, str):
            self._event = dataclasses.replace(self._event, text=found)
            handled = self._talk()
            self._take_buttons()
            return handled
        self._play = self._resumed()
        self._say_media(found)
        return True

    def _file(self) -> bool:
        """An owner's file is the supplier's report; with anybody else's the words below it count, if there are any."""
        said = reporting.received(self._turn, self._event)
        is_old = self._turn.now - self._row.said_at > self._turn.shop.waits.stale
        if said is None and (self._event.text or is_old):
            handled = self._talk()
            self._take_buttons()
            return handled
        self._play = self._resumed()
        for message in [Message(Text("in.media"))] if said is None else said:
            self._say_media(message)
        return True

    def _say_media(self, said: Message) -> None:
        """Something that is no text, or a photo without one, answers nothing: the question that waits still stands."""
        asks = self._play is not None and isinstance(self._play.step, Ask)
        self._say(dataclasses.replace(said, options=said.options or (() if asks else self._ways_on())))

    def _talk(self) -> bool:
        self._play = self._resumed()
        if self._event.kind is Kind.ANSWER:
            self._effect_answered()
            return True
        text = "\n".join(grammar.lines(self._event.text))
        if self._turn.now - self._row.said_at > self._turn.shop.waits.stale:
            self._say(Message(Text("in.old")))
            self._show_again()
            return True
        return self._tapped(text) if ids.TAP.fullmatch(text) else self._heard(text)

    def _heard(self, text: str) -> bool:
        """Typed words, in which marks may stand for secret numbers; where none was asked for, nothing is one."""
        play = self._play
        if vault.MARK.fullmatch(text) and play is not None and isinstance(play.step, Ask) and play.step.secret:
            mark = self._typed_number(play, text)
            return mark is None or self._choose(play, mark)
        self._hush_stray(play, text)
        if vault.MARK.search(text) and play is not None and isinstance(play.step, Ask) and play.step.secret:
            self._hush()  # among other words it answers nothing, and can be read all the same
        plain = vault.revealed(text)
        if not plain:
            self._say(Message(Text("pin.gone")))
            self._show_again()
            return True
        return self._typed(plain)

    def apologise(self) -> None:
        if self._session is not None:
            self._close(self._session.id, "replaced")
        self._say(Message(Text("in.trouble")))

    def _effect_answered(self) -> None:
        answer = json.loads(self._event.text)
        play = self._play
        if play is None or (play.session.id, play.position) != (answer["session"], answer["position"]):
            return  # the talk went on without it
        play.resume(answer["value"])
        self._go()

    def _tapped(self, text: str) -> bool:
        nonce, _, key = text.partition(".")
        offered = self._tx.one(Offered, "step_by_nonce", nonce=nonce, conversation_id=self._person.conversation_id)
        option = next((one for one in offered.options if one.key == key), None) if offered else None
        play = self._play
        sign = vault.sign(nonce, key) if option is None else None
        if offered is None or (option is None and sign is None):
            return self._stale(None)
        if self._event.message_id:  # whoever taps has it before his eyes, whatever its sending came to
            outbox.seen(self._tx, nonce, self._event.message_id)
        if option is not None and option.says:
            return self._typed(option.says, tapped=True)
        asks = play is not None and isinstance(play.step, Ask)
        if play is None or not asks or (play.session.id, play.position) != (offered.session_id, offered.position):
            return self._stale(offered)
        if sign is not None:
            mark = self._pressed_key(play, offered, sign)
            return mark is None or self._choose(play, mark)
        return self._choose(play, key)

    def _stale(self, offered: Offered | None) -> bool:
        """An old button changes nothing and shows the present state; a payment's shows what it bought."""
        if offered is not None and offered.quote_id is not None:
            bought = self._tx.one(Purchase, "purchase_by_quote", quote_id=offered.quote_id)
            agent = self._person.agent  # whoever no longer speaks for it sees neither its sale nor its balance
            if bought is not None and agent is not None and bought.agent_id == agent.id:
                self._say(sales.status(self._tx, bought, self._turn.shop))
                return True
            if paid := batches.status(self._tx, offered.quote_id, self._person):
                self._say(paid)
                return True
        if offered is not None and (booked := booking.booked(self._tx, offered.session_id, self._person)):
            self._say(dataclasses.replace(booked, text=Text("in.booked"), more=(booked.text, *booked.more)))
            if self._play is not None:
                self._show_again()
            return True
        self._say(Message(Text("in.stale")))
        self._show_again()
        return True

    def _typed(self, text: str, *, tapped: bool = False) -> bool:
        if wanted := self._several(text):
            return self._batch(wanted)
        text = text.replace("\n", " ")
        word = text.casefold()
        play = self._play
        if play is not None and word in grammar.NO:
            self._cancel(play)
            return True
        if play is not None and isinstance(play.step, Ask) and not tapped and self._answered(play, play.step, text):
            return True
        known = grammar.customers(text) if self._person.role is Role.CUSTOMER else grammar.read(text)
        read = known or favourites.order(self._tx, self._person, text)
        if play is not None and isinstance(play.step, Remote) and not self._is_answer(read):
            return False  # waits in the inbox until the effect has answered
        if play is None and not tapped and not isinstance(known, grammar.Order) and (option := self._latest(text)):
            return self._typed(option.says, tapped=True)
        match read:
            case grammar.Order():
                self._order(read)
            case grammar.Command():
                self._command(read)
            case _:
                self._not_understood(play, read, text)
        return True

    # answers to the waiting question

    def _answered(self, play: Play, step: Ask, text: str) -> bool:
        word = text.casefold()
        if step.quote_id is not None:
            return self._paid(play, step, word)
        if word in grammar.YES:
            if any(option.key == "correct" for option in step.message.options):
                return self._choose(play, "correct")
            if step.yes is not None:
                self._ask(play, step.yes)
                return True
        if step.secret and word in grammar.PAY:  # the payment's word once more: it was heard, and waits for the number
            self._ask(play)
            return True
        value = step.parse(text) if step.parse is not None else None
        option = self._matching(step.message.options, word) if value is None else None
        if option is not None and option.says:
            return self._typed(option.says, tapped=True)
        value = option.key if option is not None else value
        return value is not None and self._choose(play, value)

    def _paid(self, play: Play, step: Ask, word: str) -> bool:
        """A payment takes its button or its word, said and stored after the card was claimed for sending."""
        read = grammar.read(word) or favourites.order(self._tx, self._person, word)
        if word in grammar.PAY:
            card = self._tx.one(Offered, "step_of_question", session_id=play.session.id, position=play.position)
            if card is not None and 0 < card.claimed_at <= min(self._row.said_at, self._row.received_at):
                return self._choose(play, "pay")
        elif option := self._matching(step.message.options, word):
            if option.says:
                return self._typed(option.says, tapped=True)
            if option.key != "pay":
                return self._choose(play, option.key)
        elif word not in grammar.YES and read is not None and not self._says_pay(read):
            return False
        question = step.message
        self._ask(play, Message(Text("pay.word"), (question.text, *question.more), question.options))
        return True

    def _says_pay(self, read: grammar.Order | grammar.Command | grammar.Mishap) -> bool:
        """`bayar` with words that are no repayment of an owner's means the payment that waits."""
        if not isinstance(read, grammar.Command):
            return False
        return read.name == "bayar" or (read.name == "terima" and self._begun(read) is None)

    def _choose(self, play: Play, value: str) -> bool:
        if value == "cancel":
            self._cancel(play)
            return True
        self._retire(play)
        play.answer(play.step.values.get(value, value) if isinstance(play.step, Ask) else value)
        self._go()
        return True

    def _cancel(self, play: Play) -> None:
        self._retire(play)
        self._close(play.session.id, "replaced")
        again = Option("buy_other", Text("btn.buy_other"), "beli")
        buys = play.session.flow in ("buy", "batch")
        self._say(Message(Text("buy.cancelled"), options=(again,)) if buys else greeting(self._turn))
        self._follow(play)
