"""From the command line to a payload."""

import io

import click
import pytest

from console.cli.jobs.payload import payload_from
from leeward import DownloadFile, SendEmail
from leeward_admin import request_for


def test_fields_are_set_as_text_and_the_model_makes_the_types() -> None:
    payload = payload_from("download.file", ["url=https://example.org/a", "destination=a=b", "size_bytes=10"], None)

    job = request_for("download.file", payload).job

    assert isinstance(job, DownloadFile)
    assert (job.destination, job.size_bytes) == ("a=b", 10)


def test_a_field_that_holds_several_is_set_several_times() -> None:
    payload = payload_from("email.send", ["to=a@example.org", "to=b@example.org", "subject=Hi", "text=Hello"], None)

    assert request_for("email.send", payload).job == SendEmail(
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


@pytest.mark.parametrize(
    ("setting", "said"),
    [("user", "has no value"), ("=x", "has no value"), (":=1", "has no value"), ("user:=alice", "is not JSON")],
)
def test_a_setting_that_cannot_be_read_is_refused(setting: str, said: str) -> None:
    with pytest.raises(click.UsageError) as refused:
        payload_from("sync.user", [setting], None)
    assert said in refused.value.message


@pytest.mark.parametrize("text", ["", "[1]", "{", "nul", "7"])
def test_a_file_that_is_no_payload_is_refused(text: str) -> None:
    file = io.StringIO(text)
    file.name = "mail.json"
    with pytest.raises(click.UsageError, match=r"mail.json is not"):
        payload_from("sync.user", [], file)
