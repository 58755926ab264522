"""Notifications on a real worker: what a flood, a lost answer, a chat that is gone and a receiver that fails do to their jobs."""

from collections.abc import Iterator

import pytest
import redis
from pydantic import SecretStr

from actors.notify.telegram import extension as telegram_extension
from actors.notify.telegram import notify_telegram
from actors.notify.webhook import notify_webhook
from leeward import NotifyTelegram, NotifyWebhook
from leeward.client import Leeward
from leeward.extension import Extension
from leeward.status import JobState
from middleware.order import rings
from providers.telegram.provider import Telegram
from providers.telegram.settings import TelegramSettings
from providers.webhook.provider import Webhook
from providers.webhook.settings import WebhookSettings
from simulators.faults import Effect, Rule, Stage
from simulators.telegram.server import TelegramSimulator
from simulators.webhook.server import SECRET, WebhookSimulator
from tests.support.composing import bound
from tests.support.fleets.workers_under_test import broker_at, wait_for_letters, working
from tests.support.waiting import wait_until

BOTH = Extension(
    "both",
    api=1,
    providers=[Telegram, Webhook],
    actors=[notify_telegram, notify_webhook],
    events=telegram_extension.events,
)
HELLO = NotifyTelegram(text="hello", chat=7)


@pytest.fixture
def telegram() -> Iterator[TelegramSimulator]:
    with TelegramSimulator() as simulator:
        yield simulator


@pytest.fixture
def receiver() -> Iterator[WebhookSimulator]:
    with WebhookSimulator() as simulator:
        yield simulator


@pytest.fixture
def client(valkey_url: str, telegram: TelegramSimulator, receiver: WebhookSimulator) -> Iterator[Leeward]:
    """A producer; a worker is running."""
    bot = TelegramSettings(url=telegram.url, token=SecretStr(telegram.settings.token))
    hooks = WebhookSettings(allow_private=True)
    with (
        broker_at(valkey_url, middleware=rings()) as broker,
        Leeward(valkey_url) as producer,
        bound(broker, BOTH, {"telegram": bot, "webhook": hooks}),
        working(broker),
    ):
        yield producer


def test_a_message_is_sent_once_after_a_flood(client: Leeward, telegram: TelegramSimulator) -> None:
    said = (
        '{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 1","parameters":{"retry_after":1}}'
    )
    telegram.faults.set(Rule(effect=Effect.STATUS, status=429, body=said, content_type="application/json", times=1))

    job = client.enqueue(HELLO)

    assert client.result(job.job_id) == {"chat": 7, "message_id": 1}
    assert telegram.record.counts() == {"message_sent": 1}
    assert client.status(job.job_id).attempts == 0


def test_a_message_whose_answer_was_lost_is_parked_and_not_sent_again(
    client: Leeward, telegram: TelegramSimulator, valkey: "redis.Redis"
) -> None:
    telegram.faults.set(Rule(effect=Effect.RESET, stage=Stage.AFTER))

    client.enqueue(HELLO)

    (letter,) = wait_for_letters(valkey, "telegram")
    assert letter["reason"] == "unknown_outcome"
    assert letter["error"]["code"] == "TELEGRAM_UNKNOWN_OUTCOME"
    assert telegram.record.counts() == {"message_sent": 1}


def test_a_message_to_a_chat_that_is_gone_is_dead_and_says_so(
    client: Leeward, telegram: TelegramSimulator, valkey: "redis.Redis"
) -> None:
    telegram.configure({"blocked": [7]})

    client.enqueue(HELLO)

    (letter,) = wait_for_letters(valkey, "telegram")
    assert letter["reason"] == "permanent"
    assert letter["error"]["code"] == "TELEGRAM_CHAT_GONE"
    assert telegram.settings.token not in str(letter)


def test_a_webhook_is_taken_once_however_often_its_answer_is_lost(client: Leeward, receiver: WebhookSimulator) -> None:
    receiver.faults.set(Rule(effect=Effect.RESET, stage=Stage.AFTER, times=1))
    job = client.enqueue(NotifyWebhook(event="ping", url=receiver.url, secret=SecretStr(SECRET)))

    wait_until(
        lambda: client.status(job.job_id).state is JobState.DONE, description="the webhook to be done", timeout=30
    )

    assert receiver.record.counts() == {"message_taken": 1, "message_repeated": 1}
    (taken,) = receiver.state()["messages"].items()
    assert client.result(job.job_id) == {"webhook_id": taken[0], "status": 204}


def test_a_refused_webhook_keeps_its_secret_out_of_its_letter(
    client: Leeward, receiver: WebhookSimulator, valkey: "redis.Redis"
) -> None:
    receiver.configure({"secrets": {"": []}})

    client.enqueue(NotifyWebhook(event="ping", url=receiver.url, secret=SecretStr(SECRET)))

    (letter,) = wait_for_letters(valkey, "webhook")
    assert (letter["reason"], letter["error"]["code"]) == ("permanent", "WEBHOOK_REFUSED")
    assert SECRET not in str(letter["error"])
