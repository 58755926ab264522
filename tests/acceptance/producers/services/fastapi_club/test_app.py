from collections.abc import Iterator

import pytest
from app import app, get_fleet
from fastapi.testclient import TestClient

from leeward import SendEmail
from leeward.testing import FakeAsyncLeeward, RunningServer

ALICE = {"email": "alice@example.org", "name": "Alice"}


@pytest.fixture
def browser(fake_async_leeward: FakeAsyncLeeward) -> Iterator[TestClient]:
    app.dependency_overrides[get_fleet] = lambda: fake_async_leeward
    yield TestClient(app)
    app.dependency_overrides.clear()


def test_a_new_member_is_welcomed_once(browser: TestClient, fake_async_leeward: FakeAsyncLeeward) -> None:
    first = browser.post("/members", json=ALICE)
    again = browser.post("/members", json=ALICE)

    assert (first.status_code, again.json()) == (202, first.json())
    job = fake_async_leeward.assert_enqueued(SendEmail, to=["alice@example.org"], subject="Welcome")
    assert job.idempotency_key == "welcome:alice@example.org"


def test_a_job_can_be_followed_to_its_end(browser: TestClient, fake_async_leeward: FakeAsyncLeeward) -> None:
    url = f"/jobs/{browser.post('/members', json=ALICE).json()['job']}"
    assert browser.get(url).json()["state"] == "ready"

    fake_async_leeward.run_all({SendEmail: lambda mail: {"recipient": mail.to[0]}})

    assert browser.get(url).json() == {"state": "done", "reason": None, "result": {"recipient": "alice@example.org"}}


def test_a_job_that_waits_can_be_cancelled(browser: TestClient) -> None:
    url = f"/jobs/{browser.post('/members', json=ALICE).json()['job']}"

    assert browser.delete(url).json() == {"outcome": "cancelled"}
    assert browser.get(url).json()["state"] == "cancelled"


def test_errors_of_the_fleet_have_a_status(browser: TestClient, fake_async_leeward: FakeAsyncLeeward) -> None:
    assert browser.get("/jobs/unknown").status_code == 404
    with fake_async_leeward.unreachable():
        assert browser.post("/members", json=ALICE).status_code == 503


def test_with_a_real_server(leeward_server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEEWARD_URL", leeward_server.url)
    # Inside `with`, the application's own start-up runs.
    with TestClient(app) as browser:
        url = f"/jobs/{browser.post('/members', json=ALICE).json()['job']}"

        assert browser.get(url).json()["state"] == "ready"
        assert browser.delete(url).json() == {"outcome": "cancelled"}
