"""Who may be sent to next: a line per chat in order, tokens before the rest across chats, no faster than the pace.

A broadcast comes last, in its chat and across chats, at a pace of its own: nobody who buys waits for it.

In memory only; the rows in the database say what is left after a restart. It knows times, never a clock of its own.
"""

import dataclasses
import heapq
from dataclasses import dataclass, field

from bot.messaging.channel import Pace
from bot.messaging.outbox import Class, Outgoing

_MOST_BLOCKED = 10_000  # a waiting head keeps its chat waiting for so long, then later messages overtake it
_SET_BACK = 1_000  # less than this is no set clock
_RANK = {Class.CRITICAL: 0, Class.PROMPT: 1, Class.EDIT: 1, Class.NOTICE: 2}
_LAST = 3  # the rank of a broadcast


@dataclass(slots=True)
class _Chat:
    rows: list[Outgoing] = field(default_factory=list)
    busy: bool = False
    paused_until: int = 0
    spent_until: int = 0  # how far ahead of the pace the chat is: grows by one step a message
    entry: tuple[int, int, int] | None = None  # its place in the heap; any other entry of it is stale


class Lineup:
    """The rows that wait, by chat. Times are epoch milliseconds."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._chats: dict[int, _Chat] = {}
        self._known: set[int] = set()
        self._heap: list[tuple[int, int, int, int]] = []  # ready at, rank, row, conversation
        self._ready: list[tuple[int, int, int, int]] = []  # rank, row, conversation, ready at: their time has come
        self._channel_at = 0
        self._broadcast_at = 0
        self._now = 0

    def add(self, outgoing: Outgoing, now: int) -> None:
        """Take a row in; one that is known is not taken twice."""
        if outgoing.id in self._known:
            return
        self._known.add(outgoing.id)
        self._follow(now)
        if len(self._chats) > 256 + 2 * len(self._known):
            self._sweep(now)
        chat = self._chats.setdefault(outgoing.conversation_id, _Chat())
        chat.rows.append(outgoing)
        if len(chat.rows) > 1 and _order(chat.rows[-2]) > _order(outgoing):
            chat.rows.sort(key=_order)
        self._place(outgoing.conversation_id, chat, now)

    def take(self, now: int, most: int) -> list[Outgoing]:
        """Rows that may leave now, at most one a chat; each keeps its chat busy until `done` or `again`."""
        self._follow(now)
        while self._heap and self._heap[0][0] <= now:
            at, rank, number, conversation = heapq.heappop(self._heap)
            heapq.heappush(self._ready, (rank, number, conversation, at))
        taken: list[Outgoing] = []
        while self._ready and len(taken) < most and self._channel_at <= now:
            rank, number, conversation, at = heapq.heappop(self._ready)
            chat = self._chats.get(conversation)
            if chat is None or chat.entry != (at, rank, number):
                continue
            chat.entry = None
            row, at = self._head(chat, now)
            if row is None or at > now or (row.broadcast_id is not None and self._broadcast_at > now):
                self._place(conversation, chat, now)
                continue
            chat.busy = True
            self._pay(chat, now)
            if row.broadcast_id is not None:
                self._broadcast_at = now + self._pace.broadcast
            taken.append(row)
        return taken

    def done(self, outgoing: Outgoing, now: int) -> None:
        """The row has left for good."""
        self._known.discard(outgoing.id)
        chat = self._chats[outgoing.conversation_id]
        chat.rows = [row for row in chat.rows if row.id != outgoing.id]
        chat.busy = False
        if chat.rows:
            self._place(outgoing.conversation_id, chat, now)
        elif max(chat.paused_until, chat.spent_until) <= now:
            del self._chats[outgoing.conversation_id]

    def again(self, outgoing: Outgoing, now: int) -> None:
        """The row comes back as it now stands: its next try, and what is known of it."""
        chat = self._chats[outgoing.conversation_id]
        chat.rows = [outgoing if row.id == outgoing.id else row for row in chat.rows]
        chat.busy = False
        self._place(outgoing.conversation_id, chat, now)

    def keep(self, waiting: set[int], now: int) -> None:
        """Let go of every row that is none of these: whoever waited behind it need not."""
        if self._known <= waiting:
            return
        self._known &= waiting
        for number, chat in self._chats.items():
            left = [row for row in chat.rows if row.id in waiting]
            if len(left) < len(chat.rows):
                chat.rows, chat.entry = left, None
                self._place(number, chat, now)

    def pause(self, conversation_id: int, until: int, now: int) -> None:
        """The platform wants this chat to wait."""
        chat = self._chats.setdefault(conversation_id, _Chat())
        chat.paused_until = max(chat.paused_until, until)
        if chat.rows and not chat.busy:
            self._place(conversation_id, chat, now)

    def pause_all(self, until: int) -> None:
        """The platform wants everybody to wait."""
        self._channel_at = max(self._channel_at, until)

    def next_at(self) -> int | None:
        """When something may leave; None while nothing waits."""
        while self._ready:
            rank, number, conversation, at = self._ready[0]
            if self._is_placed(conversation, (at, rank, number)):
                return max(at, self._channel_at)
            heapq.heappop(self._ready)
        while self._heap:
            at, rank, number, conversation = self._heap[0]
            if self._is_placed(conversation, (at, rank, number)):
                return max(at, self._channel_at)
            heapq.heappop(self._heap)
        return None

    def _is_placed(self, conversation: int, entry: tuple[int, int, int]) -> bool:
        chat = self._chats.get(conversation)
        return chat is not None and chat.entry == entry

    def _follow(self, now: int) -> None:
        """A clock that was set back takes every time along that was reckoned by it; else all would wait for it."""
        back, self._now = self._now - now, now
        if back <= _SET_BACK:
            return
        self._heap.clear()
        self._ready.clear()
        self._channel_at -= back
        self._broadcast_at -= back
        for number, chat in self._chats.items():
            chat.paused_until -= back
            chat.spent_until -= back
            chat.entry = None
            chat.rows = [
                dataclasses.replace(row, next_at=row.next_at - back, first_at=row.first_at and row.first_at - back)
                for row in chat.rows
            ]
            self._place(number, chat, now)

    def _sweep(self, now: int) -> None:
        """Forget chats that wait for nothing any more."""
        self._chats = {
            number: chat
            for number, chat in self._chats.items()
            if chat.rows or chat.busy or max(chat.paused_until, chat.spent_until) > now
        }

    def _head(self, chat: _Chat, now: int) -> tuple[Outgoing | None, int]:
        """Whose turn it is in the chat, and when: the first, or one behind those that have blocked it long enough.

        What was said of a purchase in one breath keeps its order: nobody reads that it was sold before its token.
        """
        earliest = None
        waiting: set[tuple[int | None, int]] = set()  # of which purchase, and since when, something is not delivered
        for row in chat.rows:
            breath = (row.purchase_id, row.created_at)
            if breath in waiting:
                continue
            if (
                row.next_at <= now or row.first_at is None
            ):  # what was never tried is due, by whatever clock it was added
                return row, chat.paused_until
            free = row.first_at + _MOST_BLOCKED
            earliest = row.next_at if earliest is None else min(earliest, row.next_at)
            if free > now:
                return row, max(min(earliest, free), chat.paused_until)
            if row.purchase_id is not None and not row.unknowns:
                waiting.add(breath)
        return (chat.rows[0], max(earliest or now, chat.paused_until)) if chat.rows else (None, now)

    def _place(self, conversation: int, chat: _Chat, now: int) -> None:
        row, at = self._head(chat, now)
        if row is None or chat.busy:
            return
        ahead = chat.spent_until - (self._pace.burst - 1) * self._pace.chat
        at = max(at, ahead, self._channel_at, now)
        rank = _RANK[row.message_class]
        if row.broadcast_id is not None:
            at, rank = max(at, self._broadcast_at), _LAST
        entry = (at, rank, row.id)
        if chat.entry != entry:
            chat.entry = entry
            heapq.heappush(self._heap, (*entry, conversation))

    def _pay(self, chat: _Chat, now: int) -> None:
        """Count one message against the pace of its chat and of the channel."""
        chat.spent_until = max(chat.spent_until, now) + self._pace.chat
        if self._pace.channel:
            self._channel_at = max(self._channel_at, now - self._pace.burst * self._pace.channel) + self._pace.channel


def _order(row: Outgoing) -> tuple[bool, int]:
    """Within a chat: as the rows were written, but a broadcast last."""
    return row.broadcast_id is not None, row.id
