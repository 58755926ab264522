"""Requests for media: submitted once whoever asks at the same time, and watched so that each change becomes an event."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import dramatiq
import pytest
from pydantic import SecretStr

from actors.requests.book import RequestBook
from actors.requests.requests import extension, sync_request, watch_requests
from actors.requests.watch import watch
from broker.broker import LeewardBroker
from broker.event_stream.stream import Cursor, EventStream
from leeward.client import Leeward
from leeward.extension import Busy, Context, Permanent, ProviderError, TargetUnavailable, Transient
from leeward.jobs.sync.requests import SyncRequests
from middleware.order import rings
from providers.seerr.provider import Seerr
from providers.seerr.settings import SeerrSettings
from simulators.faults import Effect, Rule
from simulators.seerr.server import SeerrSimulator
from simulators.seerr.titles import RequestStatus
from tests.integration.actors.request_lab import MOVIE, Fleet, run, submit
from tests.support.composing import bound
from tests.support.waiting import wait_until

JSON = "application/json"


@pytest.fixture
def server() -> Iterator[SeerrSimulator]:
    with SeerrSimulator() as simulator:
        yield simulator


@pytest.fixture
def settings(server: SeerrSimulator) -> SeerrSettings:
    return SeerrSettings.model_validate({"url": server.url, "api_key": server.settings.api_key})


@pytest.fixture
def open_seerr(settings: SeerrSettings, database_url: str) -> Iterator[Callable[[], Seerr]]:
    """Opens the instance as a worker process does that has a database."""
    with ExitStack() as stack:

        def make() -> Seerr:
            book = RequestBook(Context(database_url=SecretStr(database_url)))
            book.open()
            stack.callback(book.close)
            context = Context(database_url=SecretStr(database_url), resources={RequestBook: book}.__getitem__)
            made = Seerr("seerr", settings, context)
            made.open()
            stack.callback(made.close)
            return made

        yield make


@pytest.fixture
def seerr(open_seerr: Callable[[], Seerr]) -> Seerr:
    return open_seerr()


@pytest.fixture
def fleet() -> Fleet:
    return Fleet()


def test_a_request_that_arrives_and_becomes_available_is_announced_once_each(
    seerr: Seerr, server: SeerrSimulator, fleet: Fleet
) -> None:
    number = submit(seerr)

    _, first = run(seerr, fleet, "a")
    _, same = run(seerr, fleet, "b")
    server.make_available(server.titles.all()[0])
    result, then = run(seerr, fleet, "c")
    _, over = run(seerr, fleet, "d")

    assert first.announced == [("media.requested", number, "approved", "processing")]
    assert (same.announced, over.announced) == ([], [])
    assert then.announced == [
        ("request.changed", number, "completed", "available"),
        ("media.available", number, "completed", "available"),
    ]
    assert then.events[0][1]["was_status"] == "approved"
    assert result == {"checked": 1, "changed": 1, "discovered": 0, "gone": 0, "failed": {}}


def test_overseerr_has_no_word_for_a_request_that_is_fulfilled(
    seerr: Seerr, server: SeerrSimulator, fleet: Fleet
) -> None:
    server.configure({"overseerr": True})
    number = submit(seerr)
    run(seerr, fleet, "a")
    server.make_available(server.titles.all()[0])

    _, then = run(seerr, fleet, "b")
    result, _ = run(seerr, fleet, "c")

    assert ("media.available", number, "approved", "available") in then.announced
    assert result["checked"] == 0


def test_what_a_failed_job_announced_is_announced_again(seerr: Seerr, fleet: Fleet) -> None:
    number = submit(seerr)
    expected = [("media.requested", number, "approved", "processing")]

    _, first = run(seerr, fleet, "a")
    fleet.done.clear()  # the job died after its last line, and its events with it
    _, again = run(seerr, fleet, "b")
    _, last = run(seerr, fleet, "c")

    assert (first.announced, again.announced, last.announced) == (expected, expected, [])


def test_what_a_job_is_announcing_right_now_is_announced_by_no_other(
    seerr: Seerr, server: SeerrSimulator, fleet: Fleet
) -> None:
    number = submit(seerr)
    run(seerr, fleet, "a")
    fleet.done.clear()
    fleet.running.add("a")

    _, beside = run(seerr, fleet, "b")
    server.make_available(server.titles.all()[0])
    _, newer = run(seerr, fleet, "c")

    assert beside.announced == []
    assert ("media.available", number, "completed", "available") in newer.announced


def test_another_attempt_of_the_same_job_announces_it_again(seerr: Seerr, fleet: Fleet) -> None:
    submit(seerr)
    run(seerr, fleet, "a")

    _, again = run(seerr, fleet, "a")

    assert len(again.announced) == 1


def test_what_was_over_before_the_first_look_is_history(seerr: Seerr, server: SeerrSimulator, fleet: Fleet) -> None:
    submit(seerr, 1)
    submit(seerr, 2)
    server.titles.set_status(server.titles.all()[1], RequestStatus.DECLINED)

    result, first = run(seerr, fleet, "a")

    assert result["discovered"] == 2
    assert [number for _, number, _, _ in first.announced] == [2]


def test_more_than_one_run_can_announce_come_in_turn(seerr: Seerr, fleet: Fleet) -> None:
    for tmdb_id in range(1, 61):
        submit(seerr, tmdb_id)

    (one, first), (_, second) = run(seerr, fleet, "a"), run(seerr, fleet, "b")

    assert (one["discovered"], one["checked"]) == (60, 40)
    new = [number for name, number, _, _ in first.announced + second.announced if name == "media.requested"]
    assert sorted(new) == list(range(1, 61))


def test_a_slow_server_does_not_hold_a_run_for_longer_than_it_may_take(seerr: Seerr, fleet: Fleet) -> None:
    for tmdb_id in range(1, 6):
        submit(seerr, tmdb_id)
    minutes = iter(range(10))

    result = watch("seerr", seerr.requests, seerr.resource(RequestBook), fleet, clock=lambda: 60.0 * next(minutes))

    assert (result["discovered"], result["checked"]) == (5, 1)


def test_a_request_that_was_deleted_is_gone(seerr: Seerr, server: SeerrSimulator, fleet: Fleet) -> None:
    number = submit(seerr)
    run(seerr, fleet, "a")
    server.titles.delete(server.titles.all()[0])

    result, then = run(seerr, fleet, "b")

    assert (result["gone"], then.announced) == (1, [("request.changed", number, "deleted", "processing")])
    assert run(seerr, fleet, "c")[0]["checked"] == 0


def test_one_that_cannot_be_read_keeps_no_other(seerr: Seerr, server: SeerrSimulator, fleet: Fleet) -> None:
    one, other = submit(seerr, 1), submit(seerr, 2)
    body = '{"message":"Unable to retrieve request."}'
    path = f"GET /api/v1/request/{one}"
    server.faults.set(Rule(operation=path, effect=Effect.STATUS, status=500, content_type=JSON, body=body))

    result, then = run(seerr, fleet, "a")

    assert list(result["failed"]) == [str(one)]
    assert [number for _, number, _, _ in then.announced] == [other]


def test_none_that_can_be_read_is_a_failure(seerr: Seerr, server: SeerrSimulator, fleet: Fleet) -> None:
    submit(seerr)
    server.faults.set(Rule(operation="GET /api/v1/request/*", effect=Effect.STATUS, status=500))

    with pytest.raises(Transient):
        run(seerr, fleet, "a")


def test_a_server_that_is_away_fails_the_run_and_nothing_is_missed(
    seerr: Seerr, server: SeerrSimulator, fleet: Fleet
) -> None:
    number = submit(seerr)
    server.faults.set(Rule(operation="GET /api/v1/request/*", effect=Effect.RESET))
    with pytest.raises(Transient):
        run(seerr, fleet, "a")
    server.faults.reset()

    assert run(seerr, fleet, "a")[1].announced == [("media.requested", number, "approved", "processing")]


def test_a_hint_reads_one_request_also_one_that_is_over(seerr: Seerr, server: SeerrSimulator, fleet: Fleet) -> None:
    number, _ = submit(seerr, 1), submit(seerr, 2)
    server.titles.set_status(server.titles.all()[1], RequestStatus.DECLINED)
    run(seerr, fleet, "a")
    server.titles.set_status(server.titles.all()[1], RequestStatus.APPROVED)

    result, then = run(seerr, fleet, "b", number)

    assert (result["checked"], then.announced) == (1, [("request.changed", number, "approved", "processing")])


def test_two_that_request_the_same_at_once_take_turns(
    open_seerr: Callable[[], Seerr], seerr: Seerr, server: SeerrSimulator
) -> None:
    server.configure({"commit_delay_ms": 1})
    other = open_seerr()

    with other.resource(RequestBook).alone("seerr/movie/603/False") as is_alone:
        assert is_alone
        with pytest.raises(Busy):
            sync_request(MOVIE, seerr)
        submit(seerr, 604)

    assert submit(seerr) == 2


def test_a_spent_quota_is_one_users_and_is_waited_for(seerr: Seerr, server: SeerrSimulator) -> None:
    server.configure({"movie_quota": 0})

    with pytest.raises(TargetUnavailable) as raised:
        sync_request(MOVIE, seerr)

    assert raised.value.patience is not None
    assert raised.value.code.endswith("QUOTA_EXCEEDED")


def test_without_a_database_titles_are_requested_and_nothing_is_watched(settings: SeerrSettings, fleet: Fleet) -> None:
    bare = Seerr("seerr", settings)
    bare.open()

    assert sync_request(MOVIE, bare)["outcome"] == "created"
    watch_requests(bare, fleet)  # type: ignore[arg-type] # as far as it is needed
    with pytest.raises(Permanent):
        run(bare, fleet, "a")
    bare.close()


def test_events_travel_through_the_fleet(
    valkey_url: str, database_url: str, settings: SeerrSettings, server: SeerrSimulator
) -> None:
    broker = LeewardBroker(valkey_url, middleware=rings())
    with (
        Leeward(valkey_url) as client,
        bound(broker, extension, {"seerr": settings}, client=client, database_url=SecretStr(database_url)),
    ):
        worker = dramatiq.Worker(broker, worker_threads=2, worker_timeout=100)
        worker.start()
        number = client.result(client.enqueue(MOVIE).job_id)["request_id"]
        first, second = (client.result(client.enqueue(SyncRequests()).job_id) for _ in range(2))
        server.make_available(server.titles.all()[0])
        third = client.result(client.enqueue(SyncRequests(request_ids=(number,))).job_id)
        stream = EventStream(broker.client, "seerr")
        announced = wait_until(
            lambda: (found := [one.name for one in stream.after(Cursor("0-0")).events]) and len(found) >= 3 and found,
            description="the events to be in the stream",
        )
        worker.stop()
    broker.close()

    assert (first["changed"], second["changed"], third["changed"]) == (1, 0, 1)
    assert announced == ["media.requested", "request.changed", "media.available"]


def test_every_error_says_its_provider(seerr: Seerr, server: SeerrSimulator) -> None:
    server.configure({"api_key": "another"})

    with pytest.raises(ProviderError) as raised:
        submit(seerr)

    assert raised.value.operation == "get_movie"
