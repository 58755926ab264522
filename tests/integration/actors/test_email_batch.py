"""`email.batch`: one mail each, and an outcome for each."""

from typing import Any

import pytest

from actors.email import extension
from leeward import BatchRecipient, SendEmailBatch
from leeward.status import JobState
from leeward.testing import FleetUnderTest, fleet_with
from simulators.faults import Effect, Rule
from simulators.mail.server import MailSimulator

SHARED = {"user": "u", "link": "https://example.org"}


def _settings(mail: MailSimulator) -> dict[str, dict[str, Any]]:
    common = {"sender": "fleet@example.org", "local_name": "worker.example.org", "tls": "none", "rate": 0}
    return {"smtp": {"host": "127.0.0.1", "port": mail.port, **common}}


def _batch(*recipients: str, **fields: Any) -> SendEmailBatch:
    found = tuple(BatchRecipient(to=to) for to in recipients)
    return SendEmailBatch(**{"recipients": found, "subject": "Doors open", "text": "At seven"} | fields)


def _accepted(mail: MailSimulator) -> list[str]:
    return sorted(to for entry in mail.record.entries("mail_accepted") for to in entry["recipients"])


def test_each_recipient_has_an_outcome_and_one_that_fails_keeps_no_other() -> None:
    with MailSimulator() as mail, fleet_with(extension, _settings(mail)) as fleet:
        mail.faults.set(
            Rule(operation="RCPT b@example.org", effect=Effect.STATUS, status=550, body="5.1.1 no such user"),
            Rule(operation="RCPT c@example.org", effect=Effect.STATUS, status=451, body="4.3.0 not now", times=1),
        )

        ended = fleet.run(_batch("a@example.org", "b@example.org", "c@example.org", "A@EXAMPLE.org", "a@EXAMPLE.org"))

    assert ended.state is JobState.DONE
    assert ended.result["counts"] == {"pending": 0, "sent": 3, "failed": 1, "cancelled": 0}
    outcomes = {to: one["outcome"] for to, one in ended.result["recipients"].items()}
    assert outcomes == {
        "a@example.org": "sent",
        "b@example.org": "failed",
        "c@example.org": "sent",
        "A@EXAMPLE.org": "sent",
    }
    failed = ended.result["recipients"]["b@example.org"]
    assert (failed["reason"], failed["error"]["code"]) == ("permanent", "SMTP_REFUSED")
    assert _accepted(mail) == ["A@EXAMPLE.org", "a@example.org", "c@example.org"]


def test_values_of_a_recipient_come_before_those_of_all(fleet: FleetUnderTest, mail: MailSimulator) -> None:
    job = _batch(
        text=None,
        template="welcome",
        values=SHARED | {"name": "all"},
        recipients=(BatchRecipient(to="a@example.org", values={"name": "Zoe"}), BatchRecipient(to="b@example.org")),
    )

    fleet.run(job)

    texts = {_to(content): content for content in mail.mails()}
    assert b"Zoe" in texts["a@example.org"]
    assert b"all" in texts["b@example.org"]


def test_a_missing_value_is_the_outcome_of_that_recipient(fleet: FleetUnderTest, mail: MailSimulator) -> None:
    recipients = (BatchRecipient(to="a@example.org", values={"name": "Zoe"}), BatchRecipient(to="b@example.org"))

    ended = fleet.run(_batch(text=None, template="welcome", values=SHARED, recipients=recipients))

    outcomes = {to: one["outcome"] for to, one in ended.result["recipients"].items()}
    assert outcomes == {"a@example.org": "sent", "b@example.org": "failed"}
    assert "lacks a value" in ended.result["recipients"]["b@example.org"]["error"]["message"]


@pytest.fixture
def mail() -> Any:
    from simulators.mail.server import Settings

    with MailSimulator(settings=Settings(keep_content=True)) as simulator:
        yield simulator


@pytest.fixture
def fleet(mail: MailSimulator) -> Any:
    with fleet_with(extension, _settings(mail)) as found:
        yield found


def _to(content: bytes) -> str:
    return next(line[4:] for line in content.decode().splitlines() if line.startswith("To: "))
