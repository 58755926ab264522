"""Mail of several processes through a relay that allows only so many sessions."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import redis

from broker.fleet.session_permits import FleetSessions
from broker.guards.config import GuardConfig
from leeward.extension.errors import Busy, TargetUnavailable
from leeward.wire.keys import ProviderKeys
from providers.smtp.config import SmtpConfig, Tls
from providers.smtp.mailer import Mailer
from simulators.mail.server import MailSimulator, Settings
from tests.integration.providers.smtp.sending import accepted, failure, send, sessions
from tests.support.waiting import wait_until

PROCESSES, THREADS, MAILS = 3, 4, 8


@contextmanager
def fleet(valkey: "redis.Redis", mail: MailSimulator, *, limit: int) -> Iterator[list[Mailer]]:
    """A mailer as each of three processes has one."""
    valkey.hset(ProviderKeys("smtp").guards, mapping=dict[Any, Any](GuardConfig(limit=limit).to_fields()))
    config = SmtpConfig(
        host="127.0.0.1",
        port=mail.port,
        sender="fleet@example.org",
        tls=Tls.NONE,
        local_name="worker.example.org",
        keep_idle=timedelta(seconds=0.3),
        wait_for_session=timedelta(seconds=1),
    )
    yield [Mailer(config, FleetSessions(valkey, "smtp")) for _ in range(PROCESSES)]
    wait_until(lambda: mail.state()["sessions"] == 0, description="every session to end by itself")


def permitted(permits: threading.Semaphore, mailer: Mailer, first: int) -> threading.Thread:
    """A thread that sends as the fleet's limit lets it, for which other processes' idle sessions are in the way."""

    def work() -> None:
        for number in range(first, first + MAILS):
            with permits:
                send(mailer, f"u{number}@example.org", number=number)

    return threading.Thread(target=work)


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_no_session_is_refused_and_every_mail_is_stored(limit: int, valkey: "redis.Redis") -> None:
    permits = threading.Semaphore(limit)  # the leases' part
    with MailSimulator(settings=Settings(sessions_at_most=limit)) as mail, fleet(valkey, mail, limit=limit) as mailers:
        threads = [
            permitted(permits, mailer, MAILS * (THREADS * process + thread))
            for process, mailer in enumerate(mailers)
            for thread in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert accepted(mail) == PROCESSES * THREADS * MAILS
        assert mail.record.counts().get("session_refused", 0) == 0
        assert sessions(mail) < accepted(mail)
        assert all(mailer.health().ok for mailer in mailers)


def test_an_idle_session_is_closed_for_whoever_waits_elsewhere(valkey: "redis.Redis") -> None:
    with MailSimulator(settings=Settings(sessions_at_most=1)) as mail, fleet(valkey, mail, limit=1) as mailers:
        for number in range(6):
            send(mailers[number % 2], number=number)

        assert (accepted(mail), mail.record.counts().get("session_refused", 0)) == (6, 0)


def test_a_mail_whose_turn_does_not_come_is_put_off_and_says_nothing_about_the_relay(valkey: "redis.Redis") -> None:
    with MailSimulator() as mail, fleet(valkey, mail, limit=1) as mailers:
        other = FleetSessions(valkey, "smtp")
        assert other.acquire("held")
        stopped = threading.Event()
        keeper = threading.Thread(target=lambda: [other.keep(["held"]) for _ in iter(lambda: stopped.wait(1), True)])
        keeper.start()
        error = failure(mailers[0])
        stopped.set()
        keeper.join()
        other.release("held")

        assert type(error) is Busy
        assert sessions(mail) == 0


def test_a_session_is_given_up_after_a_temporary_refusal_and_makes_room(valkey: "redis.Redis") -> None:
    settings = Settings(sessions_at_most=1, full_mailboxes=frozenset({"full@example.org"}))
    with MailSimulator(settings=settings) as mail, fleet(valkey, mail, limit=1) as mailers:
        assert type(failure(mailers[0], "full@example.org")) is TargetUnavailable
        send(mailers[1])

        assert (accepted(mail), sessions(mail)) == (1, 2)
