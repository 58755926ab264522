import pytest
import views
from django.test import Client

from leeward import Leeward, SendEmail
from leeward.testing import FakeLeeward, RunningServer

ALICE = {"email": "alice@example.org", "name": "Alice"}


@pytest.fixture
def browser(fake_leeward: FakeLeeward, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(views, "fleet", lambda: fake_leeward)
    return Client()


def sign_up(browser: Client, **changes: str) -> str:
    """Returns the address of the job."""
    answer = browser.post("/members", ALICE | changes, content_type="application/json")
    return f"/jobs/{answer.json()['job']}"


def test_a_new_member_is_welcomed_once(browser: Client, fake_leeward: FakeLeeward) -> None:
    assert sign_up(browser) == sign_up(browser)

    job = fake_leeward.assert_enqueued(SendEmail, to=["alice@example.org"], subject="Welcome")
    assert job.idempotency_key == "welcome:alice@example.org"


def test_a_job_can_be_followed_to_its_end(browser: Client, fake_leeward: FakeLeeward) -> None:
    url = sign_up(browser)
    assert browser.get(url).json()["state"] == "ready"

    fake_leeward.run_all({SendEmail: lambda mail: {"recipient": mail.to[0]}})

    assert browser.get(url).json()["result"] == {"recipient": "alice@example.org"}


def test_a_job_that_waits_can_be_cancelled(browser: Client) -> None:
    url = sign_up(browser)

    assert browser.delete(url).json() == {"outcome": "cancelled"}
    assert browser.get(url).json()["state"] == "cancelled"


def test_errors_of_the_fleet_have_a_status(browser: Client, fake_leeward: FakeLeeward) -> None:
    assert browser.get("/jobs/unknown").status_code == 404
    with fake_leeward.unreachable():
        assert browser.post("/members", ALICE, content_type="application/json").status_code == 503


def test_with_a_real_server(leeward_server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with Leeward(leeward_server.url) as fleet:
        monkeypatch.setattr(views, "fleet", lambda: fleet)
        browser = Client()
        url = sign_up(browser)

        assert browser.get(url).json()["state"] == "ready"
        assert browser.delete(url).json() == {"outcome": "cancelled"}
