"""Messages that take several calls: one that comes again goes on where it was stopped, as long as the process lives."""

from collections.abc import Awaitable, Callable, Sequence

_MOST = 10_000


class Several:
    """What has left of each row that was stopped halfway: the platform's names of its parts."""

    def __init__(self) -> None:
        self._begun: dict[int, list[str]] = {}

    async def in_turn(self, row: int, calls: Sequence[Callable[[], Awaitable[str]]]) -> list[str]:
        """One call after another; the names of all parts. Raises what a call raises."""
        done = self._begun.pop(row, [])
        try:
            for call in calls[len(done) :]:
                done.append(await call())
        except Exception:
            if done:
                self._begun[row] = done
            if len(self._begun) > _MOST:
                del self._begun[next(iter(self._begun))]
            raise
        return done

    def forget(self, row: int) -> None:
        """The row begins anew, in another form."""
        self._begun.pop(row, None)
