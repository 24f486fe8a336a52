"""Tasks of one kind of work: one a key, none in another's way."""

import asyncio

from structlog.testing import capture_logs

from bot.underway import UnderWay


async def test_one_that_has_ended_is_not_under_way_and_may_begin_again() -> None:
    done: list[int] = []
    work: UnderWay[str] = UnderWay("nobody")

    async def one(number: int) -> None:
        done.append(number)

    work.begin("a", one(1), "one")
    assert "a" in work
    assert "b" not in work
    await asyncio.sleep(0)  # it has run, and whoever waits for its end has not
    assert "a" not in work
    work.begin("a", one(2), "one")
    await asyncio.sleep(0)
    assert len(work) == 1  # the end of the first did not take the second away
    await work.idle()
    assert (done, len(work)) == ([1, 2], 0)


async def test_what_raises_is_logged_and_keeps_nobody() -> None:
    work: UnderWay[int] = UnderWay("the next scan")
    ended = asyncio.Event()

    async def breaks() -> None:
        raise OSError

    async def ends() -> None:
        await asyncio.sleep(0)
        ended.set()

    with capture_logs() as logs:
        work.begin(1, breaks(), "pay T1")
        work.begin(2, ends(), "pay T2")
        await work.idle()
    assert ended.is_set()
    assert [(one["event"], one["task"], one["then"], one["error"]) for one in logs] == [
        ("a task died", "pay T1", "the next scan", "OSError")
    ]


async def test_what_is_let_go_is_cancelled_before_the_end() -> None:
    work: UnderWay[int] = UnderWay("nobody")
    let_go: list[int] = []

    async def waits(number: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            let_go.append(number)

    with capture_logs() as logs:
        for number in (1, 2):
            work.begin(number, waits(number), "waits")
        await asyncio.sleep(0)
        await work.stop()
    assert (sorted(let_go), logs, len(work)) == ([1, 2], [], 0)
