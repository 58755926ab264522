"""Structured logs, ours and Dramatiq's, each line with the ids of the job it belongs to."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

from broker.current import current_delivery
from leeward.secret import REDACTED
from providers.errors import ProviderError

_CREDENTIALS_IN_URL = re.compile(r"(?<=://)[^/\s@]+@")
QUIETED = ("httpx", "httpcore", "alembic", "periodiq")

Line = MutableMapping[str, Any]


def configure(*, level: str = "INFO", form: Literal["auto", "json", "text"] = "auto") -> None:
    """Sends every log line of this process to standard error, as JSON or as text for people; `auto` is text on a terminal only."""
    text = form == "text" or (form == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_job,
        hide_credentials,
    ]
    last: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
        if text
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.PositionalArgumentsFormatter(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    handler.addFilter(shorten_expected_failures)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIETED:
        logging.getLogger(name).setLevel(logging.WARNING)


def add_job(_logger: Any, _method: str, line: Line) -> Line:
    """Adds the ids of the job that this thread runs, if any. Taken at the time of the line, so that silent jobs pay nothing."""
    delivery = current_delivery()
    if delivery is not None:
        line.setdefault("job", delivery.message_id)
        line.setdefault("actor", delivery.actor_name)
        line.setdefault("delivery", delivery.number)
        line.setdefault("request_id", delivery.options.get("request_id"))
    return line


def hide_credentials(_logger: Any, _method: str, line: Line) -> Line:
    """Removes user names and passwords from URLs in any text."""
    for name, value in line.items():
        if isinstance(value, str) and "://" in value:
            line[name] = _CREDENTIALS_IN_URL.sub(f"{REDACTED}@", value)
    return line


def shorten_expected_failures(record: logging.LogRecord) -> bool:
    """A provider that fails is no bug of ours: one line, without a traceback. The dead letter keeps the details."""
    error = record.exc_info[1] if record.exc_info else None
    if record.name.startswith("dramatiq.") and isinstance(error, ProviderError):
        record.msg, record.args = f"{record.getMessage()} {type(error).__name__}: {error}", ()
        record.exc_info = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return True
