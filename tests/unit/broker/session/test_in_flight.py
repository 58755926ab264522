"""What a process holds, and what it may still start."""

from typing import Any

from dramatiq import Message

from broker.delivery.delivery import Delivery
from broker.session.in_flight import InFlight


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def delivery(job_id: str = "a", number: int = 1, queue: str = "lab") -> Delivery:
    message: Message[Any] = Message(
        queue_name=queue, actor_name="act", args=(), kwargs={}, options={}, message_id=job_id
    )
    return Delivery(
        message,
        job_id=job_id,
        queue_name=queue,
        provider="lab",
        token=f"{number}@host:1",
        effect_begun=False,
        server_ms=0,
        mark=lambda _: True,
    )


def test_a_later_delivery_of_the_same_job_outlives_the_settling_of_the_earlier_one() -> None:
    """The job may come back to this very process before it has heard that its settle went through."""
    held = InFlight(threads=2)
    first, second = delivery(number=1), delivery(number=2)
    held.take([first], sure_until=1e9)
    held.finish(first)
    held.take([second], sure_until=1e9)

    held.drop([first])

    assert held.leased() == [second]
    assert held.get("a") is second


def test_what_is_dropped_is_renewed_no_more() -> None:
    held = InFlight(threads=2)
    one, other = delivery("a"), delivery("b")
    held.take([one, other], sure_until=1e9)

    held.drop([one])

    assert held.leased() == [other]
    assert not held.is_sure_of(one)


def test_a_job_is_surely_ours_until_its_lease_may_have_run_out() -> None:
    clock = Clock()
    held = InFlight(threads=2, clock=clock)
    job = delivery()
    held.take([job], sure_until=clock.now + 15)

    clock.now += 14.9
    assert held.is_sure_of(job)
    clock.now += 0.1
    assert not held.is_sure_of(job)


def test_a_renewal_makes_it_ours_for_longer_and_does_not_bring_a_lost_one_back() -> None:
    clock = Clock()
    held = InFlight(threads=2, clock=clock)
    kept, lost = delivery("kept"), delivery("lost")
    held.take([kept, lost], sure_until=clock.now + 15)
    held.drop([lost])

    held.renew([kept, lost], sure_until=clock.now + 30)
    clock.now += 20

    assert held.is_sure_of(kept)
    assert not held.is_sure_of(lost)


def test_a_delivery_finishes_once() -> None:
    held = InFlight(threads=2)
    job = delivery()
    held.take([job, delivery("b")], sure_until=1e9)

    assert held.finish(job) == 1
    assert held.finish(job) is None


def test_there_is_room_for_one_job_per_idle_thread() -> None:
    held = InFlight(threads=4)
    jobs = [delivery(str(n)) for n in range(4)]
    assert _room(held, "lab") == 4

    held.take(jobs, sure_until=1e9)
    assert all(held.hand_out(job, cap=4) for job in jobs)
    assert _room(held, "lab") == 0
    assert _room(held, "email.lab") == 0

    held.finish(jobs[0])
    assert _room(held, "lab") == 1


def test_a_finished_job_leaves_room_before_it_is_settled() -> None:
    held = InFlight(threads=1)
    job = delivery()
    held.take([job], sure_until=1e9)

    held.finish(job)

    assert _room(held, "lab") == 1
    assert held.leased() == [job], "its lease is still ours"


def test_a_provider_gets_no_more_threads_than_its_cap() -> None:
    held = InFlight(threads=4)
    jobs = [delivery(str(n)) for n in range(4)]
    held.take(jobs, sure_until=1e9)

    assert [held.hand_out(job, cap=3) for job in jobs] == [True, True, True, False]

    held.finish(jobs[0])
    assert held.hand_out(jobs[3], cap=3)


def _room(held: InFlight, queue: str) -> int:
    return held.room(queue, "lab", cap=held.threads, ahead=True)
