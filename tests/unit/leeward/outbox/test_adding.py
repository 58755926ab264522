"""A job in an outbox takes what an enqueued one takes."""

import json
from collections.abc import Callable
from inspect import signature
from typing import Any

import pytest

from leeward import Leeward, Request, SendEmail, SyncUser, outbox
from leeward.outbox.row import row_for

OF_THE_CALL = {"self", "job", "wait", "require_worker"}
"""Says nothing about the job."""


def options(call: Callable[..., Any]) -> dict[str, Any]:
    found = signature(call).parameters.values()
    return {one.name: (one.default, one.annotation) for one in found if one.name not in OF_THE_CALL | {"connection"}}


@pytest.mark.parametrize("call", [outbox.add, outbox.add_async])
def test_the_options_are_those_of_the_client(call: Callable[..., Any]) -> None:
    assert options(call) == options(Leeward.enqueue)


def test_follow_ups_and_tags_travel_with_the_row() -> None:
    mail = SendEmail(to=("alice@example.org",), subject="Hi", text="Hello")
    message = json.loads(row_for(Request(SyncUser(user="alice"), then=mail, tags=("vip",))).message)

    assert message["options"]["tags"] == ["vip"]
    assert "email.send" in json.dumps(message["options"])
