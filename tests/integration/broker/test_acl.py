"""Users of Valkey that may not do everything."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import dramatiq
import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from broker.broker import LeewardBroker
from broker.fleet.queues import pause, queue_states, resume
from broker.permissions import of_admin, of_worker, to_be_woken
from leeward import Leeward, SyncUser
from leeward.errors import NotPermitted, Unavailable
from leeward.wire.keys import QUEUES
from leeward.wire.permissions import PRODUCER_SCRIPTS, commands_in, of_producer, refused
from leeward.wire.script_source import source
from leeward.wire.valkey.connection import connect
from leeward.wire.valkey.performing import perform
from leeward_admin.checks import Verdict, run_checks
from middleware.order import rings
from tests.integration.workers.background.test_drainer import LONG, RING_ONLY, rows, running
from tests.support.examples import examples
from tests.support.fleets.workers_under_test import actor_of, broker_at, run_until_empty
from tests.support.waiting import wait_until
from workers.settings.settings import Settings

DOCUMENT = Path(__file__).parents[3] / "docs" / "valkey.md"
LINES = dict(re.findall(r"^ACL SETUSER leeward-(\w+) (.*)$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE))
EVERYTHING = "resetkeys ~leeward:* resetchannels &leeward:* +@all"


class Users:
    """Makes users of the session's Valkey, and takes them away at the end."""

    def __init__(self, valkey: redis.Redis, url: str) -> None:
        self._valkey = valkey
        self._url = urlsplit(url)
        self._made: set[str] = set()

    def address(self, rules: str, name: str = "somebody") -> str:
        self._valkey.execute_command(
            "ACL", "SETUSER", name, "reset", "on", ">PASSWORD", *rules.replace("on >PASSWORD", "").split()
        )
        self._made.add(name)
        return urlunsplit(self._url._replace(netloc=f"{name}:PASSWORD@{self._url.hostname}:{self._url.port}"))

    def leave(self) -> None:
        for name in self._made:
            self._valkey.execute_command("ACL", "DELUSER", name)


@pytest.fixture
def users(valkey: redis.Redis, valkey_url: str) -> Iterator[Users]:
    users = Users(valkey, valkey_url)
    yield users
    users.leave()


def test_the_documents_producer_does_what_producers_do(users: Users) -> None:
    with Leeward(users.address(LINES["producer"])) as fleet:
        job = fleet.enqueue(SyncUser(user="alice"), idempotency_key="k")
        fleet.enqueue_many(SyncUser(user=f"user-{number}") for number in range(600))

        assert fleet.enqueue(SyncUser(user="alice"), idempotency_key="k").duplicate
        assert fleet.status(job.job_id).state == "ready"
        assert fleet.cancel(job.job_id)


def test_the_documents_worker_works_and_drains(users: Users, valkey: redis.Redis, engine: Engine) -> None:
    url, ran = users.address(LINES["worker"]), []

    def work(job: SyncUser) -> None:
        ran.append(job.user)
        if job.user == "bad":
            raise ValueError(job.user)

    with broker_at(url, middleware=rings()) as broker, Leeward(url) as fleet:
        actor_of(broker, "sync.jellyfin")(work, actor_name="sync.user", job=SyncUser, max_retries=0)
        fleet.enqueue(SyncUser(user="good"))
        fleet.enqueue(SyncUser(user="bad"))
        run_until_empty(broker, "sync.jellyfin")
    with connect(url) as client, running(client, engine, options=RING_ONLY) as drainer:
        wait_until(lambda: rows(engine) == 1, description="the dead letter is drained")
        assert drainer.counts.failures == 0

    assert sorted(ran) == ["bad", "good"]
    assert valkey.zcard("leeward:{jellyfin}:leases") == 0


def test_the_documents_admin_steers_and_checks(users: Users, valkey: redis.Redis) -> None:
    url = users.address(LINES["admin"])
    with Leeward(url) as fleet, connect(url) as client:
        fleet.enqueue(SyncUser(user="alice"))
        pause(client, "sync.jellyfin")
        (state,) = queue_states(client)
        resume(client, "sync.jellyfin")

    assert state.paused
    checks = {check.name: check for check in run_checks(Settings.load({"LEEWARD_VALKEY_URL": url}))}
    assert checks["valkey permissions"].verdict is Verdict.OK
    assert checks["valkey"].verdict is Verdict.OK


@pytest.mark.parametrize("role", ["producer", "worker", "admin"])
def test_the_documents_lines_allow_what_the_sources_use(users: Users, role: str) -> None:
    needed = {
        "producer": of_producer("jellyfin"),
        "worker": [*of_worker("jellyfin"), *to_be_woken()],
        "admin": [*of_worker("jellyfin"), *to_be_woken(), *of_admin("jellyfin")],
    }
    with connect(users.address(LINES[role])) as client:
        assert perform(client, refused("jellyfin", needed[role])) == []
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.flushall()
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.get("somebody-elses")


PRODUCERS = sorted(commands_in(source("leeward.wire.scripts", name) for name in PRODUCER_SCRIPTS))
RESTRICTIONS = [
    *(f"-{command.lower()}" for command in PRODUCERS),
    "-@list",
    "-@hash",
    "-@sortedset",
    "-@write",
    "-@scripting",
    "-sadd",
]


@pytest.mark.parametrize("restriction", RESTRICTIONS)
def test_a_refused_enqueue_leaves_nothing_and_names_what_is_missing(
    users: Users, valkey: redis.Redis, restriction: str
) -> None:
    with Leeward(users.address(f"{EVERYTHING} {restriction}")) as fleet:
        with pytest.raises(NotPermitted) as raised:
            fleet.enqueue(SyncUser(user="alice"), idempotency_key="k")
        with pytest.raises(Unavailable):
            fleet.enqueue_many([SyncUser(user="bob"), SyncUser(user="carol")])

    assert valkey.keys("leeward:*") == []
    assert "somebody" in str(raised.value)
    if not restriction.startswith("-@"):
        assert restriction[1:].upper() in str(raised.value)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from([*RESTRICTIONS, "-publish", "-subscribe", "-@dangerous", "resetchannels", "-info"]), max_size=3
    )
)
def test_any_user_enqueues_all_or_nothing(users: Users, valkey: redis.Redis, restrictions: list[str]) -> None:
    valkey.flushall()
    valkey.zadd("leeward:{jellyfin}:waiting:sync.jellyfin", {"host:1": 1})
    with Leeward(users.address(f"{EVERYTHING} {' '.join(restrictions)}")) as fleet:
        try:
            fleet.enqueue_many([SyncUser(user="alice"), SyncUser(user="bob")])
            enqueued = 2
        except NotPermitted:
            enqueued = 0

    assert valkey.llen("leeward:{jellyfin}:ready:sync.jellyfin:normal") == enqueued
    assert valkey.hlen("leeward:{jellyfin}:jobs") == enqueued
    assert enqueued == (0 if set(restrictions) & set(RESTRICTIONS) else 2)


def test_without_channels_everything_ends_as_it_should(users: Users, valkey: redis.Redis, engine: Engine) -> None:
    url = users.address("resetkeys ~leeward:* resetchannels +@all")

    def work(job: SyncUser) -> None:
        if job.user == "bad":
            raise ValueError(job.user)

    with broker_at(url, middleware=rings()) as broker, Leeward(url) as fleet:
        actor_of(broker, "sync.jellyfin")(work, actor_name="sync.user", job=SyncUser, max_retries=0)
        fleet.enqueue(SyncUser(user="good"))
        fleet.enqueue(SyncUser(user="bad"))
        run_until_empty(broker, "sync.jellyfin")
        assert valkey.zcard("leeward:{jellyfin}:leases") == 0
        assert valkey.hlen("leeward:{jellyfin}:jobs") == 0
    with connect(url) as client, running(client, engine) as drainer:
        wait_until(lambda: rows(engine) == 1, description="the dead letter is drained")
        assert drainer.counts.failures == 0
    assert drainer.stop(LONG)


def test_a_worker_that_may_not_settle_takes_no_job(users: Users, valkey: redis.Redis) -> None:
    broker = LeewardBroker(users.address(f"{EVERYTHING} -xadd -zrem"))
    broker.declare_queue("sync.jellyfin")
    try:
        with pytest.raises(dramatiq.errors.ConnectionClosed, match="XADD on"):
            broker.consume("sync.jellyfin")
    finally:
        broker.close()

    assert valkey.keys("leeward:*") == []


CHECKED = {
    "resetchannels": "PUBLISH on channel leeward:wake:*",
    "-zadd": "ZADD on leeward:{jellyfin}:*",
    "-@scripting": "EVAL",
    "-xdel": "XDEL",
    "-pexpire": "PEXPIRE",
    "-subscribe": "SUBSCRIBE on channel leeward:dead",
    "-smembers": "SMEMBERS on leeward:queues",
    "-lpos": "LPOS",
    "-time": "TIME",
    "resetkeys ~leeward:{jellyfin}:* ~leeward:queues": "on leeward:{smtp}:*",
}


@pytest.mark.parametrize(("restriction", "named"), CHECKED.items(), ids=CHECKED)
def test_check_names_what_a_user_lacks(users: Users, valkey: "redis.Redis", restriction: str, named: str) -> None:
    valkey.sadd(QUEUES, "sync.jellyfin", "email.smtp")
    url = users.address(f"{EVERYTHING} {restriction}")

    checks = run_checks(Settings.load({"LEEWARD_VALKEY_URL": url}))

    problems = [check.detail for check in checks if check.verdict is Verdict.PROBLEM]
    assert any(named in problem and "docs/valkey.md" in problem for problem in problems), problems


def test_check_without_info_is_a_warning(users: Users) -> None:
    checks = run_checks(Settings.load({"LEEWARD_VALKEY_URL": users.address(f"{EVERYTHING} -@dangerous")}))

    assert [check.verdict for check in checks if "INFO" in check.detail] == [Verdict.WARNING]
    assert not any(check.verdict is Verdict.PROBLEM for check in checks if check.name.startswith("valkey"))
