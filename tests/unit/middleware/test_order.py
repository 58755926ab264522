"""The rings in their order, and what each may own."""

from collections import Counter

from middleware.contract import Contract
from middleware.correlation import Correlation
from middleware.deadline import Deadline
from middleware.idempotency.middleware import Idempotency
from middleware.order import rings
from middleware.retries.middleware import Retries


def places() -> dict[type, int]:
    return {type(ring): at for at, ring in enumerate(rings())}


def test_a_job_is_tied_to_its_cause_before_anybody_can_refuse_it() -> None:
    at = places()

    assert at[Correlation] < min(at[Deadline], at[Contract], at[Idempotency], at[Retries])


def test_an_expired_job_is_not_even_read_and_a_read_one_is_verified_before_it_runs() -> None:
    at = places()

    assert at[Deadline] < at[Contract] < at[Idempotency]


def test_who_decides_about_a_failure_is_the_first_to_see_it() -> None:
    at = places()

    assert at[Retries] > at[Idempotency]
    assert at[Retries] > at[Contract]


def test_no_option_has_two_owners() -> None:
    owners = Counter(option for ring in rings() for option in ring.actor_options)

    assert [option for option, n in owners.items() if n > 1] == []


def test_every_broker_gets_rings_of_its_own() -> None:
    one, other = rings(), rings()

    assert not {id(ring) for ring in one} & {id(ring) for ring in other}
