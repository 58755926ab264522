"""The stock `dramatiq` command runs stock actors on our broker, and SIGTERM ends it well."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis
from dramatiq import Message

from leeward.wire.entry import entry_of, submit
from leeward.wire.keys import ProviderKeys
from tests.support.answers import raw, text
from tests.support.fleets.workers_under_test import outcome
from tests.support.processes import RunningProcess
from tests.support.waiting import wait_until

DRAMATIQ = Path(sys.executable).with_name("dramatiq")
MODULE = "tests.integration.conformance.stock_actors"
KEYS = ProviderKeys("default")


class Stock:
    def __init__(self, url: str, client: "redis.Redis", effects: Path, start: Callable[..., RunningProcess]) -> None:
        self.client = client
        self.effects = effects
        self._start = start
        self._environment = {"STOCK_URL": url, "STOCK_EFFECTS": str(effects)}

    def run(self, *options: str) -> RunningProcess:
        command = [DRAMATIQ, MODULE, "--processes", "2", "--threads", "2", *options]
        process = self._start(command, env=self._environment)
        process.wait_for_output("is ready for action")
        return process

    def send(self, actor: str, *args: object) -> str:
        message: Message[Any] = Message(queue_name="default", actor_name=actor, args=args, kwargs={}, options={})
        submit(self.client, "default", [entry_of(message)])
        return message.message_id

    def effects_of(self, what: str) -> list[str]:
        lines = self.effects.read_text().splitlines() if self.effects.exists() else []
        return sorted(line.split()[1] for line in lines if line.startswith(what))

    def wait_for_end(self, *ids: str) -> None:
        wait_until(
            lambda: all(outcome(self.client, "default", job) for job in ids), description="their outcomes", timeout=20
        )


@pytest.fixture
def stock(
    valkey_url: str, valkey: "redis.Redis", tmp_path: Path, start_process: Callable[..., RunningProcess]
) -> Stock:
    return Stock(valkey_url, valkey, tmp_path / "effects", start_process)


def test_the_stock_command_runs_stock_actors(stock: Stock) -> None:
    process = stock.run()
    ids = [stock.send("write", f"job-{n}") for n in range(100)]
    ids += [stock.send("write", "stumbles"), stock.send("nobody")]

    stock.wait_for_end(*ids)

    assert stock.effects_of("effect") == sorted([*(f"job-{n}" for n in range(100)), "stumbles", "stumbles"])
    assert stock.client.xlen(KEYS.dead) == 2
    assert process.terminate() == 0


def test_sigterm_lets_what_runs_finish_and_gives_the_rest_back(stock: Stock, tmp_path: Path) -> None:
    process = stock.run()
    let_go = tmp_path / "let go"
    running = [stock.send("linger", str(let_go)) for _ in range(4)]
    wait_until(lambda: len(stock.effects_of("started")) == 4, description="four running jobs")
    waiting = [stock.send("write", f"job-{n}") for n in range(10)]

    process.send(signal.SIGTERM)
    process.wait_for_output("Stopping worker")
    let_go.touch()
    assert process.wait() == 0

    assert stock.effects_of("effect").count("linger") == 4
    assert all(outcome(stock.client, "default", job) for job in running)
    left = stock.client.lrange(KEYS.ready("default", "normal"), 0, -1)
    ended = [job for job in waiting if outcome(stock.client, "default", job)]
    assert sorted(text(job) for job in left) == sorted(set(waiting) - set(ended))
    assert stock.client.exists(KEYS.leases) == 0


def test_what_outlasts_the_drain_goes_back_without_a_spent_attempt(stock: Stock, tmp_path: Path) -> None:
    process = stock.run("--worker-shutdown-timeout", "500")
    job = stock.send("linger", str(tmp_path / "never"))
    wait_until(lambda: stock.effects_of("started"), description="a running job")

    process.terminate()

    assert stock.client.lrange(KEYS.ready("default", "normal"), 0, -1) == [job.encode()]
    assert b'"retries"' not in raw(stock.client.hget(KEYS.jobs, job))
