"""What may be read in a log line."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
import structlog
from dramatiq import Message

from broker.delivery.current import enter
from broker.delivery.delivery import Delivery
from broker.delivery.payload_secrets import cleaned_here
from leeward import SyncUser
from leeward.extension.cancel_requested import CancelRequested
from leeward.extension.errors import Transient
from leeward.jobs.secret import REDACTED
from leeward.redaction import clean_excerpts_with, cleaned
from providers.smtp.answers.replies import Stage
from providers.smtp.config import SmtpConfig
from providers.smtp.connections.failures import refusal
from workers.processes.logs import QUIETED, configure, write_lines

SECRET = "correct-horse-battery-staple"
SMTP = SmtpConfig(host="mail.example.org", port=25, sender="fleet@example.org")


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """All that was written to standard error so far; logging is as before afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    parts: list[str] = []

    def read() -> str:
        parts.append(capsys.readouterr().err)
        return "".join(parts)

    yield read
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in QUIETED:
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()


TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def _raise(error: BaseException) -> None:
    raise error


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is too weak")


@pytest.fixture
def delivery() -> Iterator[Delivery]:
    """The job that this thread runs, as it is behind the contract ring."""
    job = SyncUser(user="alice", password=SECRET)
    message: Message[Any] = Message(
        "sync.jellyfin", "sync.user", (job.to_payload(),), {}, {"request_id": "r-1", "traceparent": TRACE}
    )
    delivery = Delivery(
        message,
        job_id="j-1",
        queue_name="sync.jellyfin",
        provider="jellyfin",
        token="2@worker:1",
        effect_begun=False,
        server_ms=0,
        mark=lambda _: True,
    )
    delivery.args = (job,)
    enter(delivery)
    yield delivery
    enter(None)


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_secret_of_the_running_job_is_hidden_in_messages_values_and_tracebacks(
    form: Literal["json", "text"], written: Callable[[], str], delivery: Delivery
) -> None:
    configure(form=form)
    try:
        _refuse(SECRET)
    except ValueError:
        structlog.get_logger("ours").exception(f"refused {SECRET}", answer=[{"said": SECRET}])
        logging.getLogger("dramatiq.worker").exception("Failed with %s", SECRET)

    lines = written()

    assert lines.count(f"ValueError: {REDACTED} is too weak") == 2
    assert SECRET not in lines


@pytest.mark.parametrize(
    ("error", "level", "said"),
    [
        (Transient(f"refused {SECRET}", provider="lab"), "warning", "sync.user (j-1) failed: LAB_UNAVAILABLE: "),
        (CancelRequested(), "info", "sync.user (j-1) stopped: it was cancelled."),
    ],
)
def test_what_is_expected_is_one_line_without_a_traceback(
    error: BaseException, level: str, said: str, written: Callable[[], str], delivery: Delivery
) -> None:
    configure(form="json")
    try:
        _raise(error)
    except BaseException:  # CancelRequested is no Exception
        logging.getLogger("dramatiq.worker.WorkerThread").exception("Failed to process message")

    line = json.loads(written())

    assert line["level"] == level
    assert line["event"].startswith(said)
    assert "exception" not in line
    assert SECRET not in line["event"]


@pytest.mark.parametrize("form", ["json", "text"])
def test_many_lines_are_written_at_once_as_the_others_are(
    form: Literal["json", "text"], written: Callable[[], str]
) -> None:
    configure(form=form)

    write_lines([{"event": "job_ended", "level": "info", "job": f"j-{number}"} for number in range(2)], form=form)

    first, second = written().splitlines()
    assert "job_ended" in first
    assert "j-1" in second
    if form == "json":
        assert json.loads(first) == {"event": "job_ended", "level": "info", "job": "j-0"}


def test_local_variables_are_not_shown_in_the_text_form(written: Callable[[], str]) -> None:
    configure(form="text")
    try:
        _refuse(word="a-secret")
    except ValueError:
        structlog.get_logger("ours").exception("failed")

    assert "ValueError: a-secret is too weak" in written()
    assert "word = " not in written()


def test_lines_carry_the_ids_of_the_running_job(written: Callable[[], str], delivery: Delivery) -> None:
    configure(form="json")

    logging.getLogger("dramatiq.worker").info("Working")

    line = json.loads(written())
    assert {name: line[name] for name in ("job", "actor", "delivery", "request_id", "trace_id", "event")} == {
        "job": "j-1",
        "actor": "sync.user",
        "delivery": 2,
        "request_id": "r-1",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "event": "Working",
    }


def test_credentials_in_urls_are_hidden_outside_of_jobs_too(written: Callable[[], str]) -> None:
    configure(form="json")

    structlog.get_logger("ours").warning("away", url="redis://:hunter2@host:6379/0")

    assert json.loads(written())["url"] == f"redis://{REDACTED}@host:6379/0"


@pytest.mark.parametrize("form", ["json", "text"])
def test_values_that_are_no_text_and_names_hide_their_secrets_too(
    form: Literal["json", "text"], written: Callable[[], str], delivery: Delivery
) -> None:
    configure(form=form)

    structlog.get_logger("ours").warning("odd", error=ValueError(SECRET), raw=SECRET.encode(), by={SECRET: {1: 2.5}})

    assert SECRET not in written()


def test_an_excerpt_is_cut_after_its_secrets_went(delivery: Delivery) -> None:
    clean_excerpts_with(cleaned_here)
    try:
        cut = [refusal(SMTP, Stage.RCPT, 550, f"{'x' * at} {SECRET}".encode()) for at in range(150, 520, 7)]
    finally:
        clean_excerpts_with(cleaned)

    assert not [error for error in cut if SECRET[:6] in str(error)]
