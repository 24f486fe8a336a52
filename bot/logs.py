"""Logging for operators: one line an event, to standard error, with a second net under secrets and tokens.

Events carry only what was allowed by name; the net masks what slipped through: long digit runs and query strings.
"""

import logging
import re
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

_DIGITS = re.compile(r"(?<![\w-])\d(?:[ -]?\d){10,}(?![\w-])")
_QUERY = re.compile(r"\?[^\s'\"]+")
_BOT_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{35}")


def masked(text: str) -> str:
    """Query strings cut, bot tokens dropped, and runs of 11 or more digits (meters, tokens) down to their last four."""
    return without_digits(_QUERY.sub("?…", _BOT_TOKEN.sub("…", text)))


def without_digits(text: str) -> str:
    """Runs of 11 or more digits, grouped or not, down to their last four: meters and tokens."""
    return _DIGITS.sub(lambda match: "…" + re.sub(r"\D", "", match.group())[-4:], text)


def _net(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {
        key: masked(value) if isinstance(value, str) and key != "timestamp" else value for key, value in event.items()
    }


def _mask_record(record: logging.LogRecord) -> bool:
    record.msg, record.args = masked(record.getMessage()), ()
    if record.exc_info:
        record.exc_text = masked(logging.Formatter().formatException(record.exc_info))
        record.exc_info = None
    return True


def set_up(level: str) -> None:
    """Log from this level on, to standard error, so that standard output stays the chat's."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    for handler in logging.getLogger().handlers:  # libraries write here; addresses of calls carry the bot's token
        handler.addFilter(_mask_record)
    for name in ("telegram", "httpx", "httpcore", "aiohttp", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            _net,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
            if sys.stderr.isatty()
            else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
