"""When a relay is left alone, and when it is tried again."""

from datetime import timedelta

import pytest

from leeward.extension.errors import AuthFailed, Misconfigured, ProviderError, QuotaExceeded, RateLimited, Transient
from providers.smtp.relays.circuit import FAILURES, FIRST_PAUSE, LONGEST_PAUSE, TRIAL, Circuit


class _Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, time: timedelta) -> None:
        self.now += time.total_seconds()


def _open(circuit: Circuit) -> None:
    for _ in range(FAILURES):
        circuit.failed(Transient("no answer"))


def test_a_relay_is_left_alone_after_some_failures_in_succession() -> None:
    circuit = Circuit(_Clock())
    for _ in range(FAILURES - 1):
        circuit.failed(Transient("no answer"))
    assert circuit.admits()

    circuit.failed(Transient("no answer"))

    assert not circuit.admits()


def test_a_success_in_between_begins_the_count_again() -> None:
    circuit = Circuit(_Clock())
    for _ in range(FAILURES - 1):
        circuit.failed(Transient("no answer"))
    circuit.succeeded()

    circuit.failed(Transient("no answer"))

    assert circuit.admits()


@pytest.mark.parametrize("kind", [AuthFailed, Misconfigured, QuotaExceeded, RateLimited])
def test_what_the_next_mail_would_meet_as_well_opens_it_at_once(kind: type[ProviderError]) -> None:
    circuit = Circuit(_Clock())

    circuit.failed(kind("refused"))

    assert not circuit.admits()


def test_after_the_pause_one_mail_tries_and_the_others_wait_for_it() -> None:
    clock = _Clock()
    circuit = Circuit(clock)
    _open(circuit)

    clock.pass_(FIRST_PAUSE)

    assert [circuit.admits(), circuit.admits()] == [True, False]
    clock.pass_(TRIAL)
    assert circuit.admits()


def test_pauses_grow_to_their_bound_and_a_success_ends_them() -> None:
    clock = _Clock()
    circuit = Circuit(clock)
    _open(circuit)
    pauses = []
    for _ in range(8):
        pauses.append(circuit.closed_from - clock.now)
        clock.now = circuit.closed_from
        assert circuit.admits()
        circuit.failed(Transient("no answer"))

    assert pauses[:3] == [30.0, 60.0, 120.0]
    assert max(pauses) == LONGEST_PAUSE.total_seconds()
    circuit.succeeded()
    assert [circuit.admits(), circuit.admits()] == [True, True]


def test_mails_that_were_under_way_together_lengthen_no_pause() -> None:
    clock = _Clock()
    circuit = Circuit(clock)

    for _ in range(FAILURES + 5):
        circuit.failed(Transient("no answer"))

    assert circuit.closed_from - clock.now == FIRST_PAUSE.total_seconds()


def test_a_relay_is_left_alone_for_as_long_as_it_asks() -> None:
    clock = _Clock()
    circuit = Circuit(clock)

    circuit.failed(QuotaExceeded("used up", retry_after=timedelta(minutes=40)))

    assert circuit.closed_from - clock.now == timedelta(minutes=40).total_seconds()
