"""The double's time, which is that of every double."""

from tests.double.clock import Clock, Signal

__all__ = ["Clock", "Signal"]
