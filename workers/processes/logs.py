"""Structured logs, ours and Dramatiq's, each line with the ids of the job it belongs to."""

import logging
import sys
from collections.abc import Callable, MutableMapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any, Literal

import orjson
import structlog

from broker.delivery.current import current_delivery
from broker.delivery.payload_secrets import without_secrets
from leeward.extension.cancel_requested import CancelRequested
from leeward.extension.errors import ProviderError
from leeward.jobs.correlation import trace_id_of
from leeward.jobs.secret import REDACTED
from leeward.redaction import cleaned, sounds_secret

_OURS = frozenset(
    {"job", "actor", "delivery", "request_id", "trace_id", "level", "logger", "timestamp"}
)  # never a secret
QUIETED = ("httpx", "httpcore", "alembic", "periodiq")

Line = MutableMapping[str, Any]
Form = Literal["auto", "json", "text"]


def configure(*, level: str = "INFO", form: Form = "auto") -> None:
    """Sends every log line of this process to standard error, as JSON or as text for people; `auto` is text on a terminal only."""
    text = _is_text(form)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_job,
    ]
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
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                # Plain tracebacks: pretty ones show local variables, and those are jobs with their secrets.
                structlog.processors.format_exc_info,
                hide_secrets,
                _renderer(text=text),
            ],
        )
    )
    handler.addFilter(shorten_expected_failures)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIETED:
        logging.getLogger(name).setLevel(logging.WARNING)


def write_lines(lines: Sequence[dict[str, Any]], *, form: Form) -> None:
    """Writes lines that are complete, many at once, between those of the loggers. What is in them is not looked at: no secrets."""
    render = _renderer(text=True) if _is_text(form) else _json
    text = "".join(str(render(None, "info", line)) + "\n" for line in lines)
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler):
            with handler.lock or nullcontext():
                handler.stream.write(text)
                handler.flush()


def _json(_logger: Any, _method: str, line: Line) -> str:
    return orjson.dumps(line).decode()


def _is_text(form: Form) -> bool:
    return form == "text" or (form == "auto" and sys.stderr.isatty())


def add_job(_logger: Any, _method: str, line: Line) -> Line:
    """Adds the ids of the job that this thread runs, if any. Taken at the time of the line, so that silent jobs pay nothing."""
    delivery = current_delivery()
    if delivery is not None:
        line.setdefault("job", delivery.message_id)
        line.setdefault("actor", delivery.actor_name)
        line.setdefault("delivery", delivery.number)
        line.setdefault("request_id", delivery.options.get("request_id"))
        if trace_id := trace_id_of(delivery.options.get("traceparent")):
            line.setdefault("trace_id", trace_id)
    return line


def hide_secrets(_logger: Any, _method: str, line: Line) -> Line:
    """Removes what is secret in the job that this thread runs, which a provider may echo, and whatever else `leeward.redaction` hides."""
    delivery = current_delivery()
    clean = partial(without_secrets, delivery) if delivery is not None else cleaned
    for name, value in line.items():
        if name not in _OURS:
            line[name] = _member(name, value, clean)
    return line


def _cleaned(value: Any, clean: Callable[[str], str]) -> Any:
    match value:
        case str():
            return clean(value)
        case list() | tuple():
            return [_cleaned(one, clean) for one in value]
        case dict():
            return {clean(str(name)): _member(name, one, clean) for name, one in value.items()}
        case None | bool() | int() | float():
            return value
    return clean(repr(value))  # as the renderer would write it


def _member(name: object, value: Any, clean: Callable[[str], str]) -> Any:
    hides = isinstance(name, str) and sounds_secret(name) and value is not None and not isinstance(value, bool | int)
    return REDACTED if hides else _cleaned(value, clean)


def _renderer(*, text: bool) -> structlog.typing.Processor:
    if text:
        return structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    return structlog.processors.JSONRenderer()


def shorten_expected_failures(record: logging.LogRecord) -> bool:
    """A provider that fails, or a job that was cancelled, is no bug of ours: one line, without a traceback. What becomes of the job says
    `job_ended`; the dead letter keeps the details.
    """
    error = record.exc_info[1] if record.exc_info else None
    if not record.name.startswith("dramatiq.") or not isinstance(error, ProviderError | CancelRequested):
        return True
    delivery = current_delivery()
    job = f"{delivery.actor_name} ({delivery.message_id})" if delivery else "A job"
    record.exc_info, record.args = None, ()
    if isinstance(error, CancelRequested):
        record.msg, level = f"{job} stopped: it was cancelled.", logging.INFO
    else:
        record.msg, level = f"{job} failed: {error.code}: {error}", logging.WARNING
    record.levelno, record.levelname = level, logging.getLevelName(level)
    return level >= logging.getLogger().level
