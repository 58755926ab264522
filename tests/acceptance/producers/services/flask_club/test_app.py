import pytest
from app import create_app
from flask.testing import FlaskClient

from leeward import Leeward, SendEmail
from leeward.extension import Permanent
from leeward.testing import FakeLeeward, RunningServer

ALICE = {"email": "alice@example.org", "name": "Alice"}


@pytest.fixture
def browser(fake_leeward: FakeLeeward) -> FlaskClient:
    return create_app(fake_leeward).test_client()


def test_a_new_member_is_welcomed_once(browser: FlaskClient, fake_leeward: FakeLeeward) -> None:
    first = browser.post("/members", json=ALICE)
    again = browser.post("/members", json=ALICE)

    assert (first.status_code, again.json) == (202, first.json)
    job = fake_leeward.assert_enqueued(SendEmail, to=["alice@example.org"], subject="Welcome")
    assert job.idempotency_key == "welcome:alice@example.org"


def test_a_job_can_be_followed_to_its_end(browser: FlaskClient, fake_leeward: FakeLeeward) -> None:
    url = f"/jobs/{browser.post('/members', json=ALICE).json['job']}"
    assert browser.get(url).json["state"] == "ready"

    fake_leeward.run_all({SendEmail: lambda mail: {"recipient": mail.to[0]}})

    assert browser.get(url).json == {"state": "done", "reason": None, "result": {"recipient": "alice@example.org"}}


def test_a_mail_that_is_refused_is_dead(browser: FlaskClient, fake_leeward: FakeLeeward) -> None:
    def refuse(mail: SendEmail) -> None:
        raise Permanent("no such mailbox")

    url = f"/jobs/{browser.post('/members', json=ALICE).json['job']}"
    fake_leeward.run_all({SendEmail: refuse})

    assert browser.get(url).json == {"state": "dead", "reason": "permanent", "result": None}


def test_a_job_that_waits_can_be_cancelled(browser: FlaskClient, fake_leeward: FakeLeeward) -> None:
    url = f"/jobs/{browser.post('/members', json=ALICE).json['job']}"

    assert browser.delete(url).json == {"outcome": "cancelled"}
    assert browser.delete(url).json == {"outcome": "ended"}
    assert browser.get(url).json["state"] == "cancelled"


def test_errors_of_the_fleet_have_a_status(browser: FlaskClient, fake_leeward: FakeLeeward) -> None:
    assert browser.get("/jobs/unknown").status_code == 404
    browser.post("/members", json=ALICE)
    assert browser.post("/members", json=ALICE | {"name": "Al"}).json["error"] == "idempotency_conflict"
    with fake_leeward.unreachable():
        assert browser.post("/members", json=ALICE).status_code == 503
    with fake_leeward.limited("smtp", max_waiting=1):
        assert browser.post("/members", json={"email": "bob@example.org", "name": "Bob"}).json["error"] == "queue_full"


def test_with_a_real_server(leeward_server: RunningServer) -> None:
    with Leeward(leeward_server.url) as fleet:
        browser = create_app(fleet).test_client()
        url = f"/jobs/{browser.post('/members', json=ALICE).json['job']}"

        assert browser.get(url).json["state"] == "ready"
        assert browser.delete(url).json == {"outcome": "cancelled"}
