"""Sessions are shared by the threads of a process: reused, closed when idle, replaced when lost, given up politely."""

import threading
from collections.abc import Callable
from datetime import timedelta

from leeward.extension.errors import Transient
from providers.smtp.mailer import Mailer
from simulators.faults import Effect, Rule
from simulators.mail.server import MailSimulator
from tests.integration.providers.smtp.sending import accepted, failure, send, sessions
from tests.support.waiting import wait_until

Connect = Callable[..., Mailer]
NEVER_IDLE = timedelta(hours=1)
ALWAYS_IDLE = timedelta(0)


def test_a_thread_sends_all_its_mail_through_one_connection(mail: MailSimulator, mailer: Mailer) -> None:
    for number in range(20):
        send(mailer, number=number)

    assert (accepted(mail), sessions(mail)) == (20, 1)


def test_threads_that_send_at_once_have_a_session_each_and_never_more(mail: MailSimulator, mailer: Mailer) -> None:
    together = threading.Barrier(4)

    def work(first: int) -> None:
        together.wait()
        for number in range(10):
            send(mailer, number=first + number)
        mailer.close_this_thread()

    threads = [threading.Thread(target=work, args=(100 * index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    ids = {entry["message_id"] for entry in mail.record.entries("mail_accepted")}
    assert (len(ids), accepted(mail)) == (40, 40)
    assert sessions(mail) <= 4


def test_a_connection_is_replaced_after_its_share_of_messages(mail: MailSimulator, connect: Connect) -> None:
    mailer = connect(messages_per_connection=3)

    for number in range(7):
        send(mailer, number=number)

    assert (accepted(mail), sessions(mail)) == (7, 3)


def test_an_idle_connection_is_asked_for_a_sign_of_life(mail: MailSimulator, connect: Connect) -> None:
    mailer = connect(idle_before_noop=ALWAYS_IDLE)
    mail.faults.set(Rule(operation="NOOP"))

    for number in range(3):
        send(mailer, number=number)

    assert mail.faults.describe()[0]["hits"] == 2
    assert sessions(mail) == 1


def test_a_busy_connection_is_not_asked(mail: MailSimulator, connect: Connect) -> None:
    mailer = connect(idle_before_noop=NEVER_IDLE)
    mail.faults.set(Rule(operation="NOOP"))

    for number in range(3):
        send(mailer, number=number)

    assert mail.faults.describe()[0]["hits"] == 0


def test_an_idle_connection_that_gives_no_sign_is_replaced(mail: MailSimulator, connect: Connect) -> None:
    mailer = connect(idle_before_noop=ALWAYS_IDLE)
    send(mailer)
    mail.faults.set(Rule(operation="NOOP", effect=Effect.STATUS, status=421, body="4.4.2 idle for too long", times=1))

    send(mailer)

    assert (accepted(mail), sessions(mail)) == (2, 2)


def test_a_connection_that_the_server_dropped_is_replaced(mail: MailSimulator, connect: Connect) -> None:
    mailer = connect(idle_before_noop=NEVER_IDLE)
    send(mailer)
    mail.drop_connections()

    send(mailer)

    assert (accepted(mail), sessions(mail)) == (2, 2)


def test_a_connection_that_answers_noop_and_then_goes_is_replaced(mail: MailSimulator, connect: Connect) -> None:
    mailer = connect(idle_before_noop=ALWAYS_IDLE)
    send(mailer)
    mail.faults.set(Rule(operation="MAIL *", effect=Effect.RESET, times=1))

    send(mailer)

    assert (accepted(mail), sessions(mail)) == (2, 2)


def test_a_connection_that_says_421_to_mail_from_is_replaced(mail: MailSimulator, connect: Connect) -> None:
    mailer = connect(idle_before_noop=NEVER_IDLE)
    send(mailer)
    mail.faults.set(Rule(operation="MAIL *", effect=Effect.STATUS, status=421, body="4.4.2 timeout", times=1))

    send(mailer)

    assert (accepted(mail), sessions(mail)) == (2, 2)


def test_a_connection_is_replaced_once_and_not_for_ever(mail: MailSimulator, mailer: Mailer) -> None:
    send(mailer)
    mail.faults.set(Rule(operation="MAIL *", effect=Effect.RESET))

    assert type(failure(mailer)) is Transient
    assert sessions(mail) == 2


def test_a_new_connection_that_is_lost_at_mail_from_is_not_replaced(mail: MailSimulator, mailer: Mailer) -> None:
    mail.faults.set(Rule(operation="MAIL *", effect=Effect.RESET))

    assert type(failure(mailer)) is Transient
    assert sessions(mail) == 1


def test_a_thread_takes_leave_at_its_end(mail: MailSimulator, mailer: Mailer) -> None:
    send(mailer)

    mailer.close_this_thread()

    wait_until(lambda: mail.state()["sessions"] == 0, description="the session to end")


def test_taking_leave_of_a_server_that_is_gone_says_nothing(mail: MailSimulator, mailer: Mailer) -> None:
    send(mailer)
    mail.drop_connections()

    mailer.close_this_thread()
    mailer.close_this_thread()
