"""A receiver's address is someone else's choice: a webhook reaches nothing that a download would not."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from leeward import NotifyWebhook
from leeward.extension.errors import Misconfigured, Permanent, ProviderError, TargetUnavailable
from providers.webhook.sender import Sender
from simulators.webhook.server import SECRET, WebhookSimulator
from tests.support.fleets.raw_host import answering, raw_host

Connect = Callable[..., Sender]
AT = datetime(2026, 12, 1, tzinfo=UTC)


def failure(sender: Sender, url: str) -> ProviderError:
    job = NotifyWebhook(event="ping", url=url, secret=SecretStr(SECRET))
    with pytest.raises(ProviderError) as failed:
        sender.send(job, key="k", enqueued_at=AT)
    return failed.value


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]
)
def test_our_own_host_is_refused_however_it_is_written(host: str, connect: Connect, receiver: WebhookSimulator) -> None:
    port = receiver.url.split(":")[2].split("/")[0]

    refused = failure(connect(allow_private=False), f"http://{host}:{port}/hook")

    assert type(refused) is Permanent
    assert receiver.record.counts() == {}


@pytest.mark.parametrize("address", ["169.254.169.254", "224.0.0.1", "fe80::1"])
def test_what_clouds_and_links_keep_to_themselves_is_refused_in_any_case(address: str, connect: Connect) -> None:
    def resolver(host: str, port: int) -> Sequence[str]:
        return [address]

    sender = connect(allow_private=True, inside={"resolver": resolver})

    assert "webhooks do not go there" in str(failure(sender, "https://metadata.example/"))


def test_a_name_that_changes_its_answer_is_asked_once(connect: Connect, receiver: WebhookSimulator) -> None:
    answers = [["169.254.169.254"], ["127.0.0.1"]]

    def resolver(host: str, port: int) -> Sequence[str]:
        return answers.pop(0)

    sender = connect(allow_private=True, inside={"resolver": resolver})
    failure(sender, "http://rebinding.example/")

    assert len(answers) == 1


def test_an_own_receiver_at_a_private_address_says_which_setting_allows_it(
    connect: Connect, receiver: WebhookSimulator
) -> None:
    sender = connect(url=receiver.url, secret=SECRET, allow_private=False)

    with pytest.raises(Misconfigured, match="set allow_private"):
        sender.send(NotifyWebhook(event="ping"), key="k", enqueued_at=AT)


def test_a_proxy_is_not_asked_for_our_own_host_either(connect: Connect) -> None:
    sender = connect(allow_private=False, proxy="http://127.0.0.1:9")

    assert "loopback" in str(failure(sender, "http://127.0.0.1/hook"))


def test_paths_queries_and_passwords_are_in_no_error(connect: Connect) -> None:
    def resolver(host: str, port: int) -> Sequence[str]:
        return ["10.0.0.1"]

    sender = connect(allow_private=False, inside={"resolver": resolver})

    said = str(failure(sender, "https://user:pass-w@example.org/T0KEN-in-path?key=k3y"))

    assert not any(secret in said for secret in ("pass-w", "T0KEN", "k3y"))


def test_a_receiver_that_never_ends_its_answer_is_given_up(connect: Connect) -> None:
    with raw_host(lambda connection: host.drip(connection, b"HTTP/1.1 100 Continue\r\n\r\n")) as host:
        # Shorter than the settings allow, for the test.
        sender = connect()
        sender._settings = sender._settings.model_copy(update={"timeout": timedelta(milliseconds=300)})

        assert type(failure(sender, host.url)).__mro__[1] is TargetUnavailable


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
        b"",
    ],
)
def test_whatever_a_receiver_says_has_a_class(said: bytes, connect: Connect) -> None:
    with raw_host(answering(said)) as host:
        assert isinstance(failure(connect(), host.url), ProviderError)
