"""Who may be sent to next: order in a chat, pace, pauses, blocked heads, and tokens before the rest."""

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.messaging.channel import UNHURRIED, Pace
from bot.messaging.lineup import Lineup
from bot.messaging.outbox import Class, Outgoing

NOW = 1_000_000
HELD = 10_000  # so long a blocked head keeps its chat waiting
CLASSES = tuple(Class)


def row(number: int, chat: int = 1, kind: Class = Class.PROMPT, **fields: int) -> Outgoing:
    made = Outgoing(number, chat, str(chat), "id", kind, "", None, "", None, 0, 0)
    return dataclasses.replace(made, **fields)  # type: ignore[arg-type]  # times by name


def lineup(*rows: Outgoing, pace: Pace = UNHURRIED) -> Lineup:
    made = Lineup(pace)
    for one in rows:
        made.add(one, NOW)
    return made


def ids(rows: list[Outgoing]) -> list[int]:
    return [one.id for one in rows]


def test_a_chat_sends_one_message_at_a_time_in_the_order_of_the_outbox() -> None:
    line = lineup(row(2), row(1), row(3))
    left = []
    while taken := line.take(NOW, 64):
        assert len(taken) == 1
        assert line.take(NOW, 64) == []
        left += ids(taken)
        line.done(taken[0], NOW)
    assert left == [1, 2, 3]


def test_a_row_that_is_known_is_not_taken_twice() -> None:
    line = lineup(row(1), row(1))
    line.done(line.take(NOW, 64)[0], NOW)
    assert (line.take(NOW, 64), line.next_at()) == ([], None)


def test_chats_do_not_wait_for_each_other_and_the_slots_are_kept() -> None:
    line = lineup(*(row(number, chat=number) for number in range(1, 6)))
    assert ids(line.take(NOW, 3)) == [1, 2, 3]
    assert ids(line.take(NOW, 64)) == [4, 5]


def test_tokens_go_before_questions_and_questions_before_notices() -> None:
    line = lineup(
        row(1, 1, Class.NOTICE), row(2, 2), row(3, 3, Class.CRITICAL), row(4, 4, Class.EDIT), row(5, 5, Class.CRITICAL)
    )
    assert ids(line.take(NOW, 64)) == [3, 5, 2, 4, 1]


def test_within_a_chat_a_token_overtakes_nothing() -> None:
    assert ids(lineup(row(1, kind=Class.NOTICE), row(2, kind=Class.CRITICAL)).take(NOW, 64)) == [1]


def test_a_blocked_head_is_overtaken_after_ten_seconds_and_keeps_its_turn() -> None:
    line = lineup(row(1), row(2))
    (head,) = line.take(NOW, 64)
    line.again(dataclasses.replace(head, next_at=NOW + 60_000, first_at=NOW), NOW)
    assert line.take(NOW + HELD - 1, 64) == []
    assert line.next_at() == NOW + HELD
    (second,) = line.take(NOW + HELD, 64)
    assert second.id == 2
    line.done(second, NOW + HELD)
    assert line.next_at() == NOW + 60_000
    assert ids(line.take(NOW + 60_000, 64)) == [1]


def test_the_word_of_the_money_never_overtakes_its_own_token() -> None:
    token, done = row(1, kind=Class.CRITICAL, purchase_id=10_001), row(2, kind=Class.CRITICAL, purchase_id=10_001)
    line = lineup(token, done, row(3))
    (head,) = line.take(NOW, 64)
    line.again(dataclasses.replace(head, next_at=NOW + 60_000, first_at=NOW), NOW)
    (other,) = line.take(NOW + HELD, 64)
    assert other.id == 3
    line.done(other, NOW + HELD)
    assert line.take(NOW + 2 * HELD, 64) == []
    assert line.next_at() == NOW + 60_000
    (head,) = line.take(NOW + 60_000, 64)
    assert head.id == 1
    line.done(head, NOW + 60_000)
    assert ids(line.take(NOW + 60_000, 64)) == [2]


def test_a_token_that_may_have_arrived_and_a_card_said_before_it_hold_nobody_up() -> None:
    for number, fields in enumerate(({"unknowns": 1}, {"created_at": NOW - 60_000})):
        first = row(1, kind=Class.CRITICAL, purchase_id=10_001, **fields)
        line = lineup(first, row(2, kind=Class.CRITICAL, purchase_id=10_001))
        (head,) = line.take(NOW, 64)
        line.again(dataclasses.replace(head, next_at=NOW + 600_000, first_at=NOW), NOW)
        assert ids(line.take(NOW + HELD, 64)) == [2], number


def test_a_head_that_comes_back_sooner_is_not_overtaken() -> None:
    line = lineup(row(1), row(2))
    (head,) = line.take(NOW, 64)
    line.again(dataclasses.replace(head, next_at=NOW + 5_000, first_at=NOW), NOW)
    assert line.next_at() == NOW + 5_000
    assert ids(line.take(NOW + 5_000, 64)) == [1]


def test_a_paused_chat_waits_alone() -> None:
    line = lineup(row(1, 1), row(2, 2))
    line.pause(1, NOW + 3_000, NOW)
    assert ids(line.take(NOW, 64)) == [2]
    assert (line.take(NOW + 2_999, 64), line.next_at()) == ([], NOW + 3_000)
    assert ids(line.take(NOW + 3_000, 64)) == [1]


def test_a_pause_of_a_chat_without_rows_holds_for_what_comes() -> None:
    line = lineup()
    line.pause(1, NOW + 3_000, NOW)
    line.add(row(1), NOW)
    assert line.next_at() == NOW + 3_000


def test_when_everybody_waits_nobody_leaves() -> None:
    line = lineup(row(1, 1), row(2, 2, Class.CRITICAL))
    line.pause_all(NOW + 3_000)
    assert (line.take(NOW + 2_999, 64), line.next_at()) == ([], NOW + 3_000)
    assert ids(line.take(NOW + 3_000, 64)) == [2, 1]


def test_three_leave_at_once_to_a_chat_and_then_one_a_second() -> None:
    line = lineup(*(row(number) for number in range(1, 31)), pace=Pace(chat=1_000))
    now, times = NOW, []
    while line.next_at() is not None:
        now = max(now, line.next_at() or 0)
        for one in line.take(now, 64):
            times.append(now - NOW)
            line.done(one, now)
    assert times == [0, 0, 0, *range(1_000, 28_000, 1_000)]


def test_all_chats_together_keep_the_pace_of_the_channel() -> None:
    line = lineup(*(row(number, chat=number) for number in range(1, 101)), pace=Pace(channel=40))
    now, times = NOW, []
    while line.next_at() is not None:
        now = max(now, line.next_at() or 0)
        times += [now for _ in line.take(now, 64)]
    assert len(times) == 100
    assert all(later - earlier >= (97 - 3) * 40 for earlier, later in zip(times, times[97:], strict=False))


ROWS = st.lists(st.tuples(st.integers(1, 4), st.sampled_from(CLASSES)), min_size=1, max_size=25)
ENDS = st.lists(st.sampled_from([0, 0, 0, 500, 4_000, 30_000]), min_size=60, max_size=60)
PACES = st.sampled_from([UNHURRIED, Pace(1_000), Pace(1_000, 40), Pace(0, 40)])


@settings(max_examples=200, deadline=None)
@given(ROWS, ENDS, PACES, st.integers(1, 64))
def test_whatever_fails_everything_leaves_in_order_and_at_the_pace(
    rows: list[tuple[int, Class]], ends: list[int], pace: Pace, most: int
) -> None:
    """An end of 0 is sent; any other comes again after so many milliseconds, at most twice."""
    line = lineup(*(row(number, chat, kind) for number, (chat, kind) in enumerate(rows, 1)), pace=pace)
    waiting = {number: row(number, chat, kind) for number, (chat, kind) in enumerate(rows, 1)}
    now, left = NOW, []
    times: dict[int, list[int]] = {}
    outcomes = iter(ends)
    for _ in range(2_000):
        at = line.next_at()
        if at is None:
            break
        now = max(now, at)
        taken = line.take(now, most)
        assert len({one.conversation_id for one in taken}) == len(taken) <= most
        for one in taken:
            times.setdefault(one.conversation_id, []).append(now)
            assert one.next_at <= now
            for earlier in waiting.values():
                if earlier.conversation_id == one.conversation_id and earlier.id < one.id:
                    assert earlier.first_at is not None
                    assert earlier.next_at > now >= earlier.first_at + HELD
            wait = next(outcomes, 0)
            if wait == 0 or one.attempts == 2:
                del waiting[one.id]
                left.append(one.id)
                line.done(one, now)
                continue
            first_at = one.first_at or now
            tried = dataclasses.replace(one, attempts=one.attempts + 1, next_at=now + wait, first_at=first_at)
            waiting[one.id] = tried
            line.again(tried, now)
    assert sorted(left) == list(range(1, len(rows) + 1))
    for taken_at in times.values():
        for start, began in enumerate(taken_at):
            for further in range(3, len(taken_at) - start):
                assert taken_at[start + further] - began >= (further - 2) * pace.chat


def test_a_clock_that_is_set_back_holds_nothing_up() -> None:
    minutes = 600_000
    line = lineup(row(1, 1), row(2, 2), row(3, 1), pace=Pace(chat=1_000, channel=40))
    for one in line.take(NOW, 64):
        line.done(one, NOW)
    line.pause(2, NOW + 5_000, NOW)
    line.add(row(4, 2, next_at=NOW), NOW)
    earlier = NOW - minutes
    line.add(row(5, 3, next_at=NOW), earlier)
    left = []
    for at in range(earlier, earlier + 10_000, 40):
        for one in line.take(at, 64):
            left.append((one.id, at - earlier))
            line.done(one, at)
    assert [number for number, _ in left] == [3, 5, 4]
    assert left[1][1] <= 200
    assert 5_000 <= left[2][1] <= 5_040
