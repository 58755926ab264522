"""Webhooks at a receiver that verifies them by the published rule."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from leeward import NotifyWebhook
from leeward.extension.errors import AuthFailed, Misconfigured, Permanent, TargetUnavailable, Transient
from providers.webhook.sender import Sender
from simulators.faults import Effect, Rule, Stage
from simulators.webhook.server import SECRET, WebhookSimulator

Connect = Callable[..., Sender]
AT = datetime(2026, 12, 1, 2, 30, tzinfo=UTC)
OTHER = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
EVENT = NotifyWebhook(event="user.created", data={"name": "Zoë", "n": 1})


def send(sender: Sender, job: NotifyWebhook = EVENT, key: str = "k.1") -> dict[str, Any]:
    return sender.send(job, key=key, enqueued_at=AT)


def named(receiver: WebhookSimulator, secret: str = SECRET) -> NotifyWebhook:
    return NotifyWebhook(event="user.created", url=receiver.url, secret=SecretStr(secret))


def test_the_receiver_verifies_and_takes_what_was_sent(sender: Sender, receiver: WebhookSimulator) -> None:
    result = send(sender)

    assert result["status"] == 204
    assert receiver.state()["messages"] == {
        result["webhook_id"]: {
            "type": "user.created",
            "timestamp": "2026-12-01T02:30:00Z",
            "data": {"name": "Zoë", "n": 1},
        }
    }


def test_a_repeated_attempt_is_recognised(sender: Sender, receiver: WebhookSimulator) -> None:
    receiver.faults.set(Rule(effect=Effect.RESET, stage=Stage.AFTER, times=1))
    with pytest.raises(Transient):
        send(sender)

    send(sender)

    assert receiver.record.counts() == {"message_taken": 1, "message_repeated": 1}


def test_other_work_is_another_message(sender: Sender, receiver: WebhookSimulator) -> None:
    assert send(sender, key="a")["webhook_id"] != send(sender, key="b")["webhook_id"]
    assert receiver.record.counts() == {"message_taken": 2}


def test_an_id_has_no_stop_and_nothing_of_the_key(sender: Sender) -> None:
    found = send(sender, key="invoice.of.alice@example.org")["webhook_id"]

    assert found.startswith("msg_")
    assert "." not in found
    assert "alice" not in found


def test_the_job_may_say_when_it_happened(sender: Sender, receiver: WebhookSimulator) -> None:
    send(sender, NotifyWebhook.model_validate({"event": "ping", "occurred_at": "2026-11-30T23:00:00+02:00"}))

    (message,) = receiver.state()["messages"].values()
    assert message["timestamp"] == "2026-11-30T21:00:00Z"


def test_while_secrets_are_replaced_either_side_may_be_first(connect: Connect, receiver: WebhookSimulator) -> None:
    sender = connect(url=receiver.url, secret=OTHER, previous_secret=SECRET)

    send(sender, key="before")
    receiver.configure({"secrets": {"": [OTHER]}})
    send(sender, key="after")

    assert receiver.record.counts() == {"message_taken": 2}


def test_another_secret_is_refused(connect: Connect, receiver: WebhookSimulator) -> None:
    with pytest.raises(AuthFailed, match="compare the secrets"):
        send(connect(url=receiver.url, secret=OTHER))


def test_a_job_names_a_receiver_of_its_own(connect: Connect, receiver: WebhookSimulator) -> None:
    assert send(connect(), named(receiver))["status"] == 204
    with pytest.raises(Permanent, match="answered 401"):
        send(connect(), named(receiver, OTHER))


@pytest.mark.parametrize("secret", ["whsec_short", "no secret"])
def test_a_secret_of_a_job_that_is_none_is_its_own_mistake(
    secret: str, connect: Connect, receiver: WebhookSimulator
) -> None:
    with pytest.raises(Permanent, match="random bytes") as refused:
        send(connect(), named(receiver, secret))
    assert secret not in str(refused.value)


def test_an_instance_is_for_its_own_receiver_or_for_those_of_jobs(
    sender: Sender, connect: Connect, receiver: WebhookSimulator
) -> None:
    with pytest.raises(Permanent, match="another instance"):
        send(sender, named(receiver))
    with pytest.raises(Permanent, match="names no url"):
        send(connect())


def test_a_redirect_is_not_followed(sender: Sender, connect: Connect, receiver: WebhookSimulator) -> None:
    receiver.faults.set(Rule(effect=Effect.STATUS, status=307))

    with pytest.raises(Misconfigured, match="redirect"):
        send(sender)
    with pytest.raises(Permanent, match="redirect"):
        send(connect(), named(receiver))


def test_a_receiver_that_is_down_is_an_outage_or_one_target_of_many(
    sender: Sender, connect: Connect, receiver: WebhookSimulator
) -> None:
    receiver.stop()

    with pytest.raises(Transient) as own:
        send(sender)
    with pytest.raises(TargetUnavailable) as of_a_job:
        send(connect(), named(receiver))
    assert own.value.unreachable
    assert of_a_job.value.unreachable
    assert of_a_job.value.patience is not None


def test_a_long_answer_is_cut_off_and_still_a_success(sender: Sender, receiver: WebhookSimulator) -> None:
    receiver.faults.set(Rule(effect=Effect.STATUS, status=200, body="x" * 200_000, content_type="text/plain"))

    assert send(sender)["status"] == 200


def test_health_is_that_of_the_instances_own_receiver(
    sender: Sender, connect: Connect, receiver: WebhookSimulator
) -> None:
    assert sender.health().detail == "answers 405"
    assert connect().health().ok

    receiver.faults.set(Rule(effect=Effect.STATUS, status=503))
    assert not sender.health().ok
