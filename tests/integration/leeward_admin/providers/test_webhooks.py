"""Webhooks arrive: verified, taken once, and answered with a job that asks the service itself."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from console.cli.providers.webhooks import webhooks
from leeward import Leeward, ProviderDisabled
from leeward.extension import WebhookRefused, WebhookUnreadable
from leeward.jobs.sync.requests import SyncRequests
from leeward_admin.providers.webhooks import Receipt, UnknownReceiver, WebhookOutcome, Webhooks
from workers.settings.settings import Settings

SECRET = "Bearer 7c1d"
HEADERS = {"authorization": SECRET}
TOML = f"""
[providers.seerr]
url = "http://127.0.0.1:1"
api_key = "k"
webhook_authorization = "{SECRET}"

[providers.overseerr]
type = "seerr"
url = "http://127.0.0.1:1"
api_key = "k"

[providers.http]
root = "/tmp"
"""
Receive = Callable[..., Receipt]


def about(number: int, kind: str = "MEDIA_AVAILABLE") -> bytes:
    return json.dumps({"notification_type": kind, "request": {"request_id": str(number)}}).encode()


@pytest.fixture
def configuration(tmp_path: Path, valkey_url: str) -> dict[str, str]:
    file = tmp_path / "leeward.toml"
    file.write_text(TOML)
    return {"LEEWARD_CONFIG": str(file), "LEEWARD_VALKEY_URL": valkey_url}


@pytest.fixture
def receiver(configuration: dict[str, str], client: Leeward) -> Webhooks:
    return Webhooks(Settings.load(configuration), lambda: client)


@pytest.fixture
def client(valkey_url: str) -> "Leeward":
    return Leeward(valkey_url)


def waiting(client: Leeward, receipt: Receipt) -> str:
    assert receipt.job_id is not None
    return client.status(receipt.job_id).kind or ""


def test_a_webhook_becomes_a_job_that_asks_the_service(receiver: Webhooks, client: Leeward) -> None:
    receipt = receiver.receive("seerr", HEADERS, about(16))

    assert receipt.outcome is WebhookOutcome.ACCEPTED
    assert waiting(client, receipt) == SyncRequests.kind


def test_the_same_webhook_again_is_the_same_job(receiver: Webhooks) -> None:
    first, again = (receiver.receive("seerr", HEADERS, about(16)) for _ in range(2))

    assert again == Receipt(WebhookOutcome.DUPLICATE, first.job_id)


def test_another_type_or_another_request_is_another_hint(receiver: Webhooks) -> None:
    bodies = (about(16), about(17), about(16, "MEDIA_FAILED"))

    assert len({receiver.receive("seerr", HEADERS, body).job_id for body in bodies}) == 3


def test_webhooks_that_arrive_at_once_make_one_job(receiver: Webhooks) -> None:
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda _: receiver.receive("seerr", HEADERS, about(16)), range(16)))

    assert [one.outcome for one in receipts].count(WebhookOutcome.ACCEPTED) == 1
    assert len({one.job_id for one in receipts if one.job_id}) == 1


def test_what_needs_nothing_is_ignored(receiver: Webhooks) -> None:
    assert receiver.receive("seerr", HEADERS, b'{"notification_type":"TEST_NOTIFICATION"}') == Receipt(
        WebhookOutcome.IGNORED
    )


def test_a_webhook_that_is_refused_or_unreadable_is_kept_nowhere(receiver: Webhooks, client: Leeward) -> None:
    with pytest.raises(WebhookRefused):
        receiver.receive("seerr", {"authorization": "Bearer another"}, about(16))
    with pytest.raises(WebhookRefused):
        receiver.receive("overseerr", HEADERS, about(16))
    with pytest.raises(WebhookUnreadable):
        receiver.receive("seerr", HEADERS, b"[]")

    assert receiver.receive("seerr", HEADERS, about(16)).outcome is WebhookOutcome.ACCEPTED


@pytest.mark.parametrize("name", ["http", "nothing", "", "seerr ", "\x00"])
def test_only_an_instance_whose_type_takes_webhooks_gets_one(receiver: Webhooks, name: str) -> None:
    with pytest.raises(UnknownReceiver, match="overseerr, seerr"):
        receiver.receive(name, HEADERS, about(16))


def test_a_webhook_whose_job_was_not_accepted_may_be_sent_again(
    receiver: Webhooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Leeward, "enqueue", _refuse)
        with pytest.raises(ProviderDisabled):
            receiver.receive("seerr", HEADERS, about(16))

    assert receiver.receive("seerr", HEADERS, about(16)).outcome is WebhookOutcome.ACCEPTED


def _refuse(*_: object, **__: object) -> None:
    raise ProviderDisabled("seerr")


def test_the_command_takes_one_from_a_file_and_hides_the_secret_in_another(
    configuration: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in configuration.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "body.json").write_bytes(about(16))
    (tmp_path / "headers").write_text(f"Content-Type: application/json\n\nAuthorization: {SECRET}\n")
    run = CliRunner().invoke

    listed = run(webhooks, ["list", "--json"])
    taken = run(webhooks, ["receive", "seerr", str(tmp_path / "body.json"), "-H", f"@{tmp_path / 'headers'}"])
    again = run(webhooks, ["receive", "seerr", "--json", "-H", f"Authorization: {SECRET}"], input=about(16))

    assert "overseerr" in listed.output
    assert taken.output.startswith("Accepted: job ")
    assert json.loads(again.output)["outcome"] == "duplicate"
    assert run(webhooks, ["receive", "seerr", "-H", "nonsense"], input=b"").exit_code == 2
