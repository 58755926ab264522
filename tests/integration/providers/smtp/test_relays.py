"""Several relays: mail goes on where one does not serve, and never after DATA."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from leeward.extension.errors import (
    Ambiguous,
    AuthFailed,
    Misconfigured,
    Permanent,
    QuotaExceeded,
    RateLimited,
    TargetUnavailable,
    Transient,
)
from providers.smtp.config import SmtpConfig, Tls
from providers.smtp.relays.circuit import FAILURES, FIRST_PAUSE
from providers.smtp.relays.relays import Relays
from simulators.faults import Effect, Rule
from simulators.mail.server import MailSimulator
from tests.integration.providers.smtp.sending import accepted, mail_to, sessions

ALICE = "alice@example.org"


class _Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def backup() -> Iterator[MailSimulator]:
    with MailSimulator() as simulator:
        yield simulator


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


def _config(mail: MailSimulator) -> SmtpConfig:
    return SmtpConfig(
        host="127.0.0.1",
        port=mail.port,
        tls=Tls.NONE,
        sender="fleet@example.org",
        local_name="worker.example.org",
        command_timeout=timedelta(seconds=10),
        final_reply_timeout=timedelta(seconds=10),
    )


@pytest.fixture
def relays(mail: MailSimulator, backup: MailSimulator, clock: _Clock) -> Iterator[Relays]:
    made = Relays([_config(mail), _config(backup)], clock=clock)
    yield made
    made.close_this_thread()


def _send(relays: Relays, before_data: Callable[[], None] = lambda: None) -> dict[str, object]:
    return relays.send(mail_to(ALICE), ALICE, before_data)


def _refuse(mail: MailSimulator, operation: str, status: int, body: str) -> None:
    mail.faults.set(Rule(operation=operation, effect=Effect.STATUS, status=status, body=body))


def test_the_first_relay_takes_all_mail_while_it_serves(
    relays: Relays, mail: MailSimulator, backup: MailSimulator
) -> None:
    receipts = [_send(relays) for _ in range(3)]

    assert (accepted(mail), sessions(backup)) == (3, 0)
    assert {receipt["relay"] for receipt in receipts} == {f"127.0.0.1:{mail.port}"}


@pytest.mark.parametrize(
    ("operation", "status", "body"),
    [
        ("CONNECT", 421, "4.3.2 shutting down"),
        ("CONNECT", 554, "5.7.1 your address is blocked"),
        ("EHLO", 421, "4.3.2 closing"),
        ("MAIL *", 451, "4.3.0 not now"),
        ("MAIL *", 550, "5.7.1 sender not allowed"),
        ("MAIL *", 452, "4.5.3 daily message quota exceeded"),
        ("RCPT *", 421, "4.3.2 closing"),
        ("RCPT *", 554, "5.7.1 relay access denied"),
    ],
)
def test_a_mail_goes_to_the_next_relay_at_once(
    operation: str, status: int, body: str, relays: Relays, mail: MailSimulator, backup: MailSimulator
) -> None:
    _refuse(mail, operation, status, body)
    marks: list[str] = []

    receipt = _send(relays, lambda: marks.append("data"))

    assert receipt["relay"] == f"127.0.0.1:{backup.port}"
    assert (accepted(mail), accepted(backup), marks) == (0, 1, ["data"])


def test_an_open_circuit_spares_the_relay_until_its_pause_is_over(
    relays: Relays, mail: MailSimulator, backup: MailSimulator, clock: _Clock
) -> None:
    _refuse(mail, "CONNECT", 421, "4.3.2 shutting down")
    for _ in range(FAILURES + 3):
        _send(relays)
    assert (sessions(mail), accepted(backup)) == (FAILURES, FAILURES + 3)

    mail.faults.reset()
    clock.now += FIRST_PAUSE.total_seconds()
    _send(relays)
    _send(relays)

    assert accepted(mail) == 2


@pytest.mark.parametrize(
    ("operation", "status", "body", "kind"),
    [
        ("RCPT *", 550, "5.1.1 no such user", Permanent),
        ("RCPT *", 452, "4.2.2 mailbox full", TargetUnavailable),
        ("DATA", 451, "4.3.0 not now", Transient),
        ("DATA", 554, "5.7.1 sender not allowed", Misconfigured),
        ("ACCEPT *", 451, "4.3.0 not now", Transient),
        ("ACCEPT *", 554, "5.6.0 message refused", Permanent),
    ],
)
def test_what_the_recipient_is_to_blame_for_and_all_from_data_on_stays_at_one_relay(
    operation: str,
    status: int,
    body: str,
    kind: type[Exception],
    relays: Relays,
    mail: MailSimulator,
    backup: MailSimulator,
) -> None:
    _refuse(mail, operation, status, body)

    with pytest.raises(kind):
        _send(relays)

    assert sessions(backup) == 0


def test_a_connection_lost_after_the_final_dot_is_no_reason_for_another_relay(
    relays: Relays, mail: MailSimulator, backup: MailSimulator
) -> None:
    mail.faults.set(Rule(operation="ACCEPT *", effect=Effect.RESET))

    with pytest.raises(Ambiguous):
        _send(relays)

    assert sessions(backup) == 0


PASSWORD = ("MAIL *", 535, "5.7.8 authentication failed")
CLOSING = ("CONNECT", 421, "4.3.2 shutting down")
QUOTA = ("MAIL *", 452, "4.5.3 daily message quota exceeded")
RATE = ("MAIL *", 450, "4.7.1 too much mail from 192.0.2.7")


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (PASSWORD, CLOSING, Transient),
        (QUOTA, CLOSING, Transient),
        (QUOTA, RATE, RateLimited),
        (PASSWORD, QUOTA, QuotaExceeded),
        (QUOTA, PASSWORD, QuotaExceeded),
    ],
)
def test_where_none_serves_the_one_that_may_soonest_says_why(
    first: tuple[str, int, str],
    second: tuple[str, int, str],
    kind: type[Exception],
    relays: Relays,
    mail: MailSimulator,
    backup: MailSimulator,
) -> None:
    _refuse(mail, *first)
    _refuse(backup, *second)

    with pytest.raises(kind):
        _send(relays)


def test_where_all_are_left_alone_one_is_tried_nevertheless(
    relays: Relays, mail: MailSimulator, backup: MailSimulator
) -> None:
    for one in (mail, backup):
        _refuse(one, "MAIL *", 535, "5.7.8 authentication failed")
    for _ in range(3):
        with pytest.raises(AuthFailed):
            _send(relays)

    mail.faults.reset()
    assert _send(relays)["relay"] == f"127.0.0.1:{mail.port}"


def test_health_is_that_of_any_and_names_the_one_that_is_away(
    relays: Relays, mail: MailSimulator, backup: MailSimulator
) -> None:
    _refuse(mail, "CONNECT", 421, "4.3.2 shutting down")

    found = relays.health()

    assert found.ok
    assert f"127.0.0.1:{mail.port}: connect: the mail server answered 421" in found.detail
    assert f"127.0.0.1:{backup.port}: ready for mail" in found.detail
