"""A producer whose enqueue reaches Valkey, but whose answer is lost on the way, while the fleet works."""

from pathlib import Path

import pytest

from leeward import JobState, Leeward, SendEmail
from tests.support.faults import faulty_proxy
from tests.support.fleets.fleet import Fleet, fleet_at
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chaos


def test_an_enqueue_whose_reply_is_lost_sends_one_mail(tmp_path: Path, valkey_url: str, database_url: str) -> None:
    """With and without an idempotency key: the client repeats the same message, and the script knows it again."""
    with (
        fleet_at(tmp_path, valkey_url=valkey_url, database_url=database_url) as fleet,
        faulty_proxy(valkey_url) as proxy,
        Leeward(proxy.url) as producer,
    ):
        fleet.start_host(processes="1").wait_until_ready()
        producer.enqueue(_mail("first@example.org"))  # the script is known to the server from here on

        proxy.lose_reply_to(b"unkeyed@example.org")
        unkeyed = producer.enqueue(_mail("unkeyed@example.org"))
        proxy.lose_reply_to(b"keyed@example.org")
        keyed = producer.enqueue(_mail("keyed@example.org"), idempotency_key="lost-reply")

        assert proxy.swallowed == 2
        for job in (unkeyed, keyed):
            fleet.wait_for(job.job_id, JobState.DONE)
        again = producer.enqueue(_mail("keyed@example.org"), idempotency_key="lost-reply")
        assert (again.job_id, again.duplicate, again.state) == (keyed.job_id, True, "done")
        last = producer.enqueue(_mail("last@example.org"))
        fleet.wait_for(last.job_id, JobState.DONE)
        wait_until(lambda: "first@example.org" in _reached(fleet), description="the first mail")
        expected = ["first@example.org", "keyed@example.org", "last@example.org", "unkeyed@example.org"]
        assert sorted(_reached(fleet)) == expected


def _mail(person: str) -> SendEmail:
    return SendEmail(to=(person,), subject="Once", text="Hello")


def _reached(fleet: Fleet) -> list[str]:
    return [person for entry in fleet.mail.record.entries("mail_accepted") for person in entry["recipients"]]
