"""An extension's jobs on a real worker: which instance serves them, and what becomes of those that none serves."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

import pytest
import redis
from pydantic import BaseModel, SecretStr

from broker.broker import LeewardBroker
from leeward.client import Leeward
from leeward.extension import (
    Extension,
    Health,
    Misconfigured,
    Provider,
    Transient,
    actor,
    begin_effect,
    child_key,
    current_job,
)
from leeward.jobs.job import Job
from leeward.status import JobState
from middleware.order import rings
from tests.support.composing import bound
from tests.support.fleets.workers_under_test import broker_at, wait_for_letters, working
from tests.support.waiting import wait_until
from workers.composition.installed.extensions import BrokenExtensions


class ShelfSettings(BaseModel):
    key: SecretStr = SecretStr("open sesame")
    is_jammed: bool = False


class Shelf(Provider[ShelfSettings], type="shelf"):
    opened: ClassVar[list[str]] = []
    closed: ClassVar[list[str]] = []

    def open(self) -> None:
        if self.settings.is_jammed:
            raise OSError("it is jammed")
        self.opened.append(self.name)

    def close(self) -> None:
        self.closed.append(self.name)

    def close_thread(self) -> None:
        self.closed.append(threading.current_thread().name)
        raise ConnectionResetError("the shelf is away")

    def health(self) -> Health:
        return Health.healthy("dusty")


class Bin(Shelf, type="bin"): ...


class Put(Job):
    kind: ClassVar[str] = "put.item"
    version: ClassVar[int] = 2
    family: ClassVar[str] = "put"
    item: str


class PutV1(Job):
    kind: ClassVar[str] = "put.item"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "put"
    thing: str

    def upgraded(self) -> Put:
        return Put(provider=self.provider, item=self.thing)


class Empty(Job):
    kind: ClassVar[str] = "empty.bin"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "put"


@actor(Put, provider=Shelf, unknown_outcome="verify", accepts=[PutV1])
def put_item(job: Put, shelf: Shelf, fleet: Leeward) -> dict[str, Any]:
    begin_effect()
    if job.item == "hot":
        raise Transient("too hot to hold", operation="put")
    running = current_job()
    assert running is not None
    return {"item": job.item, "at": shelf.name, "key": child_key("lid"), "client": fleet is not None}


@put_item.verify
def is_put(job: Put, shelf: Shelf) -> bool:
    return job.item in shelf.opened


@actor(Empty, provider=Bin)
def empty_bin(job: Empty, bin_: Bin) -> str:
    return bin_.name


extension = Extension("shelves", api=1, providers=[Shelf, Bin], actors=[put_item, empty_bin])


@pytest.fixture
def broker(valkey_url: str) -> Iterator[LeewardBroker]:
    Shelf.opened.clear()
    Shelf.closed.clear()
    settings = {
        "shelf": ShelfSettings(),
        "shelf-eu": ShelfSettings(),
        "jammed": ShelfSettings(is_jammed=True),
        "waste": ShelfSettings(),
    }
    with broker_at(valkey_url, middleware=rings()) as broker, Leeward(valkey_url) as client:
        types = {"waste": "bin"}
        with bound(broker, extension, settings, client=client, types=types):
            yield broker


@pytest.fixture
def client(valkey_url: str, broker: LeewardBroker) -> Iterator[Leeward]:
    """A producer; a worker is running."""
    with Leeward(valkey_url) as producer, working(broker):
        yield producer


def test_each_instance_serves_its_own_jobs_and_is_opened_once(client: Leeward) -> None:
    jobs = [client.enqueue(Put(provider=name, item="book")) for name in ("shelf", "shelf-eu", "shelf")]

    assert [client.result(job.job_id)["at"] for job in jobs] == ["shelf", "shelf-eu", "shelf"]
    assert client.result(jobs[0].job_id)["key"] == f"{jobs[0].job_id}:lid"
    assert client.result(jobs[0].job_id)["client"]
    assert sorted(Shelf.opened) == ["shelf", "shelf-eu"]


def test_an_actor_serves_the_classes_below_its_own_too(client: Leeward) -> None:
    assert client.result(client.enqueue(Put(provider="waste", item="peel")).job_id)["at"] == "waste"
    assert client.result(client.enqueue(Empty(provider="waste")).job_id) == "waste"


def test_a_job_for_an_instance_that_is_not_served_is_permanent(client: Leeward, valkey: "redis.Redis") -> None:
    job = client.enqueue(Empty(provider="shelf"))

    wait_until(lambda: client.status(job.job_id).state is JobState.DEAD, description="the job to die")

    (letter,) = wait_for_letters(valkey, "shelf")
    assert letter["reason"] == "permanent"
    assert letter["error"]["message"] == "empty.bin is not served at 'shelf', only at waste"
    assert Shelf.opened == []


def test_an_instance_that_cannot_be_opened_stops_no_other(client: Leeward, valkey: "redis.Redis") -> None:
    stuck = client.enqueue(Put(provider="jammed", item="book"))

    assert client.result(client.enqueue(Put(provider="shelf", item="book")).job_id)["at"] == "shelf"
    wait_until(
        lambda: (status := client.status(stuck.job_id)).deliveries and status.state is not JobState.RUNNING,
        description="the job to be put back",
    )
    assert client.status(stuck.job_id).state is not JobState.DEAD


def test_the_worker_names_the_instance_in_an_error_that_does_not(client: Leeward, valkey: "redis.Redis") -> None:
    job = client.enqueue(Put(provider="shelf-eu", item="hot"))
    wait_until(lambda: client.status(job.job_id).state is JobState.DEAD, description="the job to die", timeout=60)

    (letter,) = wait_for_letters(valkey, "shelf-eu")
    assert (letter["error"]["type"], letter["error"]["provider"]) == ("Transient", "shelf-eu")


def test_a_job_of_an_older_version_is_done_as_one_of_the_newest(client: Leeward) -> None:
    job = client.enqueue(PutV1(provider="shelf", thing="scroll"))

    assert client.result(job.job_id)["item"] == "scroll"


@pytest.mark.expects_critical_logs
def test_what_a_thread_and_a_process_opened_is_closed_whatever_fails(broker: LeewardBroker, valkey_url: str) -> None:
    with Leeward(valkey_url) as client, working(broker, threads=2):
        client.result(client.enqueue(Put(provider="shelf", item="book")).job_id)

    threads = [name for name in Shelf.closed if name != "shelf"]
    assert len(threads) == 2
    assert not set(threads) & {thread.name for thread in threading.enumerate()}
    assert Shelf.closed[-1] == "shelf"


def test_a_verification_reads_from_the_instance_of_the_job(broker: LeewardBroker) -> None:
    verify = broker.get_actor("put.item").options["verify"]

    assert verify(Put(provider="shelf", item="shelf"))
    assert not verify(Put(provider="shelf-eu", item="book"))
    with pytest.raises(Misconfigured, match="jammed cannot be opened") as refused:
        verify(Put(provider="jammed", item="book"))
    assert refused.value.provider == "jammed"


class Hasty(Shelf, type="hasty"):
    def longest_call(self) -> timedelta:
        return self.patience  # type: ignore[attr-defined, no-any-return] # made by open()


@actor(Put, provider=Hasty)
def put_hastily(job: Put, shelf: Hasty) -> None: ...


def test_a_provider_that_needs_to_be_open_for_its_longest_call_is_broken(valkey_url: str) -> None:
    hasty = Extension("hasty", api=1, providers=[Hasty], actors=[put_hastily])
    with (
        broker_at(valkey_url, middleware=rings()) as broker,
        pytest.raises(BrokenExtensions, match=r"Hasty\.longest_call\(\) of hasty raises AttributeError"),
        bound(broker, hasty, {"hasty": ShelfSettings()}),
    ):
        pass
