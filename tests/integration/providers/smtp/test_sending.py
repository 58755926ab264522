"""One message to one recipient, and the moment in which nobody knows."""

import email
import email.policy
from collections.abc import Callable
from datetime import timedelta

import pytest

from leeward.extension.errors import (
    Ambiguous,
    Misconfigured,
    Permanent,
    QuotaExceeded,
    RateLimited,
    TargetUnavailable,
    Transient,
)
from providers.smtp.mailer import Mailer
from simulators.faults import Effect, Rule, Stage
from simulators.mail.server import MailSimulator
from tests.integration.providers.smtp.sending import accepted, failure, mail_to, send, sessions

BEFORE_THE_FINAL_DOT = ["EHLO", "MAIL *", "RCPT *", "DATA"]


def test_a_message_is_handed_over(mail: MailSimulator, mailer: Mailer) -> None:
    receipt = send(mailer)

    (entry,) = mail.record.entries("mail_accepted")
    assert receipt == {"code": 250, "reply": "2.0.0 queued as 1"}
    assert entry["message_id"] == "<1@example.org>"
    assert entry["sender"] == "fleet@example.org"
    assert entry["recipients"] == ["alice@example.org"]


def test_a_message_arrives_as_it_was_written(mail: MailSimulator, mailer: Mailer) -> None:
    message = mail_to()
    message.set_content(".\n..\n.hidden\nGrüße\n" + "x" * 3000 + "\n")

    mailer.send(message, "alice@example.org", lambda: None)

    parsed = email.message_from_bytes(mail.mails()[0], policy=email.policy.default)
    assert parsed.get_content().replace("\r\n", "\n") == message.get_content()


def test_a_domain_beyond_ascii_is_reached_in_its_ascii_form(mail: MailSimulator, mailer: Mailer) -> None:
    send(mailer, "alice@bücher.example")

    assert mail.record.entries("mail_accepted")[0]["recipients"] == ["alice@xn--bcher-kva.example"]


def test_an_address_that_no_mail_can_reach_is_permanent_without_a_connection(
    mail: MailSimulator, mailer: Mailer
) -> None:
    assert type(failure(mailer, "jürgen@example.org")) is Permanent
    assert sessions(mail) == 0


@pytest.mark.parametrize("stage", [Stage.BEFORE, Stage.AFTER])
def test_a_connection_lost_after_the_final_dot_is_ambiguous(stage: Stage, mail: MailSimulator, mailer: Mailer) -> None:
    mail.faults.set(Rule(operation="ACCEPT *", effect=Effect.RESET, stage=stage))

    error = failure(mailer)

    assert type(error) is Ambiguous
    assert error.unreachable
    assert accepted(mail) == (1 if stage is Stage.AFTER else 0)


def test_no_answer_to_the_final_dot_is_ambiguous(mail: MailSimulator, connect: Callable[..., Mailer]) -> None:
    mail.faults.set(Rule(operation="ACCEPT *", effect=Effect.HANG, stage=Stage.AFTER))

    assert type(failure(connect(final_reply_timeout=timedelta(seconds=0.2)))) is Ambiguous


def test_the_final_dot_has_a_patience_of_its_own(mail: MailSimulator, connect: Callable[..., Mailer]) -> None:
    mail.faults.set(Rule(operation="ACCEPT *", latency_ms=1000))

    send(connect(command_timeout=timedelta(seconds=0.5)))

    assert accepted(mail) == 1


@pytest.mark.parametrize("operation", BEFORE_THE_FINAL_DOT)
def test_a_connection_lost_before_the_final_dot_is_safe_to_repeat(
    operation: str, mail: MailSimulator, mailer: Mailer
) -> None:
    mail.faults.set(Rule(operation=operation, effect=Effect.RESET))

    error = failure(mailer)

    assert type(error) is Transient
    assert error.unreachable


@pytest.mark.parametrize("operation", BEFORE_THE_FINAL_DOT)
def test_no_answer_before_the_final_dot_is_safe_to_repeat(
    operation: str, mail: MailSimulator, connect: Callable[..., Mailer]
) -> None:
    mail.faults.set(Rule(operation=operation, effect=Effect.HANG))

    error = failure(connect(command_timeout=timedelta(seconds=0.2)))

    assert type(error) is Transient
    assert error.unreachable


def test_the_effect_begins_after_the_recipient_was_accepted(mail: MailSimulator, mailer: Mailer) -> None:
    mail.faults.set(Rule(operation="RCPT *", effect=Effect.STATUS, status=550, body="5.1.1 no such user"))
    begun: list[str] = []

    with pytest.raises(Permanent):
        mailer.send(mail_to(), "alice@example.org", lambda: begun.append("begun"))

    assert begun == []


def test_the_effect_begins_before_data(mail: MailSimulator, mailer: Mailer) -> None:
    mail.faults.set(Rule(operation="DATA", effect=Effect.STATUS, status=451, body="4.3.0 not now"))
    begun: list[str] = []

    with pytest.raises(Transient):
        mailer.send(mail_to(), "alice@example.org", lambda: begun.append("begun"))

    assert begun == ["begun"]


def test_an_effect_that_may_not_begin_sends_nothing_and_keeps_the_connection(
    mail: MailSimulator, mailer: Mailer
) -> None:
    def lease_lost() -> None:
        raise LookupError("the lease is gone")

    with pytest.raises(LookupError, match="the lease is gone"):
        mailer.send(mail_to(), "alice@example.org", lease_lost)

    send(mailer, number=2)
    assert [entry["message_id"] for entry in mail.record.entries("mail_accepted")] == ["<2@example.org>"]
    assert sessions(mail) == 1


def test_an_interruption_ends_the_connection(mail: MailSimulator, mailer: Mailer) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mailer.send(mail_to(), "alice@example.org", interrupt)

    send(mailer)
    assert accepted(mail) == 1
    assert sessions(mail) == 2


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (550, "5.1.1 no such user", Permanent),
        (552, "5.2.2 mailbox full", Permanent),
    ],
)
@pytest.mark.parametrize("operation", ["RCPT *", "ACCEPT *"])
def test_a_session_is_kept_after_a_recipient_was_refused(
    operation: str, status: int, text: str, kind: type, mail: MailSimulator, mailer: Mailer
) -> None:
    mail.faults.set(Rule(operation=operation, effect=Effect.STATUS, status=status, body=text, times=1))

    error = failure(mailer)
    send(mailer)

    assert type(error) is kind
    assert error.status == status
    assert text in str(error)
    assert (accepted(mail), sessions(mail)) == (1, 1)


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (450, "4.2.0 busy", TargetUnavailable),
        (452, "4.2.2 mailbox full", TargetUnavailable),
        (550, "4.2.1 the enhanced class decides", TargetUnavailable),
        (452, "4.3.1 disk full", Transient),
        (450, "4.3.2 service currently unavailable", Transient),
        (554, "5.7.1 relaying denied", Misconfigured),
        (550, "5.4.5 Daily user sending limit exceeded", QuotaExceeded),
        (454, "Throttling failure: Maximum sending rate exceeded", RateLimited),
        (454, "Throttling failure: Daily message quota exceeded", QuotaExceeded),
    ],
)
@pytest.mark.parametrize("operation", ["RCPT *", "ACCEPT *"])
def test_a_session_is_closed_after_a_refusal_that_may_pass_with_it(
    operation: str, status: int, text: str, kind: type, mail: MailSimulator, mailer: Mailer
) -> None:
    mail.faults.set(Rule(operation=operation, effect=Effect.STATUS, status=status, body=text, times=1))

    error = failure(mailer)
    send(mailer)

    assert type(error) is kind
    assert error.status == status
    assert text in str(error)
    assert (accepted(mail), sessions(mail)) == (1, 2)


def test_one_refused_recipient_does_not_touch_the_next(mail: MailSimulator, mailer: Mailer) -> None:
    mail.faults.set(Rule(operation="RCPT bad@*", effect=Effect.STATUS, status=550, body="5.1.1 no such user"))

    assert type(failure(mailer, "bad@example.org")) is Permanent
    send(mailer, "good@example.org")

    assert [entry["recipients"] for entry in mail.record.entries("mail_accepted")] == [["good@example.org"]]


def test_a_greylisted_recipient_is_asked_again_after_minutes_and_then_accepted(
    mail: MailSimulator, mailer: Mailer
) -> None:
    mail.configure({"greylist_seconds": 3600})

    error = failure(mailer)
    mail.configure({"greylist_seconds": 0})
    send(mailer)

    assert isinstance(error, TargetUnavailable)
    assert error.patience is not None
    assert error.patience.first > timedelta(minutes=5)
    assert accepted(mail) == 1


def test_421_ends_the_connection_and_the_next_mail_opens_another(mail: MailSimulator, mailer: Mailer) -> None:
    mail.faults.set(Rule(operation="RCPT *", effect=Effect.STATUS, status=421, body="4.3.2 shutting down", times=1))

    error = failure(mailer)
    send(mailer)

    assert type(error) is Transient
    assert sessions(mail) == 2


def test_a_late_answer_is_never_taken_for_the_next_mails(mail: MailSimulator, connect: Callable[..., Mailer]) -> None:
    hasty = connect(command_timeout=timedelta(seconds=0.5))
    mail.faults.set(Rule(operation="RCPT late@*", latency_ms=1000))

    assert type(failure(hasty, "late@example.org")) is Transient
    send(hasty)

    assert [entry["recipients"] for entry in mail.record.entries("mail_accepted")] == [["alice@example.org"]]
    assert sessions(mail) == 2


def test_an_answer_that_is_out_of_step_ends_the_connection(mail: MailSimulator, mailer: Mailer) -> None:
    mail.faults.set(Rule(operation="DATA", effect=Effect.STATUS, status=250, body="2.0.0 OK", times=1))

    error = failure(mailer)
    send(mailer)

    assert type(error) is Transient
    assert (accepted(mail), sessions(mail)) == (1, 2)
