"""The double's time, which is that of every double."""

from tests.double.clock import PATIENCE, Clock, Signal

__all__ = ["PATIENCE", "Clock", "Signal"]
