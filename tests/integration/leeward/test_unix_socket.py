"""Valkey behind a socket in the file system."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import redis

from leeward import AsyncLeeward, Leeward, SyncUser
from leeward.embedded.programs import valkey_program
from leeward.wire.valkey.connection import connect
from middleware.order import rings
from tests.support.fleets.workers_under_test import actor_of, broker_at, run_until_empty
from tests.support.waiting import wait_until


@pytest.fixture(scope="module")
def socket() -> Iterator[Path]:
    # pytest's folders are too deep for the path of a socket.
    with TemporaryDirectory() as folder:
        path = Path(folder) / "valkey.sock"
        arguments = ["--port", "0", "--unixsocket", str(path), "--save", "", "--dir", folder, "--loglevel", "warning"]
        with subprocess.Popen([valkey_program(), *arguments], stdout=subprocess.DEVNULL) as process:
            try:
                wait_until(lambda: _answers(path), description="a Valkey behind the socket")
                yield path
            finally:
                process.kill()


def _answers(path: Path) -> bool:
    with suppress(redis.RedisError), redis.Redis(unix_socket_path=str(path)) as client:
        return bool(client.ping())
    return False


@pytest.mark.parametrize("scheme", ["unix", "redis+unix"])
@pytest.mark.parametrize("query", ["", "?db=1", "?protocol=2", "?decode_responses=true", "?socket_timeout=2&db=3"])
def test_a_job_is_enqueued_found_and_cancelled(socket: Path, scheme: str, query: str) -> None:
    with Leeward(f"{scheme}://{socket}{query}") as fleet:
        job = fleet.enqueue(SyncUser(user="alice"), idempotency_key=f"{scheme}{query}")

        assert fleet.enqueue(SyncUser(user="alice"), idempotency_key=f"{scheme}{query}").duplicate
        assert fleet.status(job.job_id).state == "ready"
        assert fleet.cancel(job.job_id)


@pytest.mark.parametrize("query", ["", "?db=1", "?protocol=2", "?client_name=shop&db=3"])
def test_a_task_enqueues_and_finds_a_job(socket: Path, query: str) -> None:
    async def run() -> None:
        async with AsyncLeeward(f"unix://{socket}{query}") as fleet:
            job = await fleet.enqueue(SyncUser(user="alice"))
            assert (await fleet.status(job.job_id)).state == "ready"
            assert await fleet.cancel(job.job_id)

    asyncio.run(run())


def test_a_worker_is_woken_and_works(socket: Path) -> None:
    ran: list[str] = []
    url = f"unix://{socket}?db=5"
    with broker_at(url, middleware=rings()) as broker, Leeward(url) as fleet:
        actor_of(broker, "sync.jellyfin")(lambda job: ran.append(job.user), actor_name="sync.user", job=SyncUser)
        fleet.enqueue(SyncUser(user="alice"))
        run_until_empty(broker, "sync.jellyfin")

    assert ran == ["alice"]
    with connect(url) as client:
        assert client.connection_pool.connection_kwargs["db"] == 5
