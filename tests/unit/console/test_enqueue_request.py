"""From the command line to a job."""

import io
from datetime import timedelta

import click
import pytest

from console.enqueue_request import payload_from, request_for
from leeward import DownloadFile, Priority, SendEmail, SyncUser


def test_fields_are_set_as_text_and_the_model_makes_the_types() -> None:
    payload = payload_from("download.file", ["url=https://example.org/a", "destination=a=b", "size_bytes=10"], None)

    job = request_for("download.file", payload, {}).job

    assert isinstance(job, DownloadFile)
    assert (job.destination, job.size_bytes) == ("a=b", 10)


def test_a_field_that_holds_several_is_set_several_times() -> None:
    payload = payload_from("email.send", ["to=a@example.org", "to=b@example.org", "subject=Hi", "text=Hello"], None)

    assert request_for("email.send", payload, {}).job == SendEmail(
        to=("a@example.org", "b@example.org"), subject="Hi", text="Hello"
    )


def test_a_field_can_be_json() -> None:
    assert payload_from("email.send", ['values:={"n": 1}', 'to:=["a@example.org"]'], None) == {
        "values": {"n": 1},
        "to": ["a@example.org"],
    }


def test_what_is_set_goes_over_what_the_file_says() -> None:
    file = io.StringIO('{"user": "alice", "state": "disabled"}')

    assert payload_from("sync.user", ["user=bob"], file) == {"user": "bob", "state": "disabled"}


def test_options_may_be_text_or_spans() -> None:
    request = request_for(
        "sync.user", {"user": "alice"}, {"key": "k", "delay": "10s", "deadline": timedelta(hours=2), "priority": "bulk"}
    )

    assert request.job == SyncUser(user="alice")
    assert (request.idempotency_key, request.delay, request.deadline, request.priority) == (
        "k", timedelta(seconds=10), timedelta(hours=2), Priority.BULK,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "payload", "said"),
    [
        ("sync.usr", {}, "Did you mean sync.user?"),
        ("mail", {}, "There are download.file, email.send, sync.user"),
        ("sync.user", {}, "user: Field required"),
        ("sync.user", {"user": "a", "stat": "enabled"}, "stat: no such field, did you mean state?"),
        ("sync.user", {"user": "a", "zzz": 1}, "zzz: no such field, there are provider, user, state"),
        ("sync.user", {"user": "a", "state": "gone"}, "state: Input should be 'enabled' or 'disabled'"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_write(kind: str, payload: dict[str, object], said: str) -> None:
    with pytest.raises(click.UsageError) as refused:
        request_for(kind, payload, {})
    assert said in refused.value.message


@pytest.mark.parametrize(
    ("setting", "said"),
    [("user", "has no value"), ("=x", "has no value"), (":=1", "has no value"), ("user:=alice", "is no JSON")],
)
def test_a_setting_that_cannot_be_read_is_refused(setting: str, said: str) -> None:
    with pytest.raises(click.UsageError) as refused:
        payload_from("sync.user", [setting], None)
    assert said in refused.value.message


@pytest.mark.parametrize("text", ["", "[1]", "{", "nul", "7"])
def test_a_file_that_is_no_payload_is_refused(text: str) -> None:
    file = io.StringIO(text)
    file.name = "mail.json"
    with pytest.raises(click.UsageError, match=r"mail.json is no"):
        payload_from("sync.user", [], file)


def test_a_secret_is_never_repeated() -> None:
    with pytest.raises(click.UsageError) as refused:
        request_for("sync.user", {"user": "", "password": "hunter2", "passwort": "hunter2"}, {})
    assert "hunter2" not in refused.value.message


def test_an_impossible_option_is_refused() -> None:
    for options in ({"delay": "soon"}, {"priority": "urgent"}):
        with pytest.raises(click.UsageError):
            request_for("sync.user", {"user": "a"}, options)
