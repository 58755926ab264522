"""What a running job enqueues belongs to the same story."""

from types import SimpleNamespace
from typing import Any

from dramatiq import Message

from leeward import Request, SyncUser
from leeward.request import entry_for
from leeward.wire.running import running_job


def options_of(request: Request) -> dict[str, Any]:
    options: dict[str, Any] = Message.decode(entry_for(request).message).options
    return options


def test_a_child_has_the_request_and_the_trace_of_the_job_that_enqueues_it() -> None:
    running = SimpleNamespace(options={"request_id": "invite-17", "traceparent": "00-aa-bb-01", "priority": "bulk"})
    token = running_job.set(running)
    try:
        options = options_of(Request(SyncUser(user="alice")))
    finally:
        running_job.reset(token)

    assert (options["request_id"], options["traceparent"]) == ("invite-17", "00-aa-bb-01")
    assert options["priority"] == "normal"


def test_a_job_that_nothing_of_ours_caused_begins_its_own_story() -> None:
    message = Message.decode(entry_for(Request(SyncUser(user="alice"))).message)

    assert message.options["request_id"] == message.message_id
    assert "traceparent" not in message.options
