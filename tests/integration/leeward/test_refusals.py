"""A server that refuses: each refusal is provoked for real, and told with what to do about it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from redis._parsers.base import BaseParser

from leeward import Leeward, SyncUser, Unavailable
from leeward.wire.valkey.refusal import ADVICE, code_of, sentence
from leeward_admin.server_errors import ServerUnreachable, translated
from tests.support.servers import connect_valkey
from tests.support.waiting import wait_until
from workers.embedded import EmbeddedValkey
from workers.settings.settings import Settings


@contextmanager
def full(client: "redis.Redis", _: Path) -> Iterator[None]:
    client.config_set("maxmemory", 1)
    yield
    client.config_set("maxmemory", 0)


@contextmanager
def too_few_replicas(client: "redis.Redis", _: Path) -> Iterator[None]:
    client.config_set("min-replicas-to-write", 1)
    yield
    client.config_set("min-replicas-to-write", 0)


@contextmanager
def replica(client: "redis.Redis", _: Path) -> Iterator[None]:
    client.replicaof("127.0.0.1", 1)
    yield
    client.replicaof("NO", "ONE")


@contextmanager
def failed_save(client: "redis.Redis", directory: Path) -> Iterator[None]:
    (directory / str(client.config_get("dbfilename")["dbfilename"])).mkdir()
    client.config_set("save", "3600 1")
    client.bgsave()
    wait_until(
        lambda: client.info("persistence")["rdb_last_bgsave_status"] == "err",
        description="a save that fails because a folder has its file's name",
    )
    yield
    client.config_set("stop-writes-on-bgsave-error", "no")


REFUSALS = {
    "OOM": (full, "raise maxmemory"),
    "NOREPLICAS": (too_few_replicas, "min-replicas-to-write"),
    "READONLY": (replica, "point the address at the primary"),
    "MISCONF": (failed_save, "make room on its disk"),
}


@pytest.mark.parametrize("code", REFUSALS)
def test_each_refusal_of_a_server_is_told_with_what_to_do(own_valkey: EmbeddedValkey, code: str) -> None:
    provoked, advice = REFUSALS[code]
    settings = Settings(valkey_url=own_valkey.url)
    with (
        connect_valkey(own_valkey.url) as client,
        provoked(client, own_valkey.directory),
        Leeward(own_valkey.url) as fleet,
    ):
        with pytest.raises(Unavailable, match=advice) as refused:
            fleet.enqueue(SyncUser(user="alice"))
        with pytest.raises(ServerUnreachable, match=advice), translated(settings):
            client.set("anything", 1)

    assert refused.value.__cause__ is not None
    assert code_of(refused.value.__cause__) == code


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        ("LOADING Valkey is loading the dataset in memory", "wait until it has"),
        ("CLUSTERDOWN Hash slot not served", "CLUSTER INFO"),
        ("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", "lost its primary"),
        ("TRYAGAIN Multiple keys request during rehashing of slot", "repeat the call"),
        ("MOVED 3999 127.0.0.1:6381", "all slots"),
        ("BUSY Valkey is busy running a script.", "SCRIPT KILL"),
        ("NOAUTH Authentication required.", "a user and a password"),
        ("WRONGPASS invalid username-password pair or user is disabled.", "correct them"),
        ("NOPERM User x has no permissions to run the 'evalsha' command", "lacks a permission"),
        ("ERR max number of clients reached", "maxclients"),
        ("OOM command not allowed when used memory > 'maxmemory'. script: abc, on @user_script:1.", "maxmemory"),
        ("READONLY You can't write against a read only replica.", "is a replica"),
        ("MISCONF Errors writing to the AOF file: No space left on device", "make room on its disk"),
        ("NOREPLICAS Not enough good replicas to write.", "bring a replica back"),
    ],
)
def test_every_known_answer_is_a_sentence_and_keeps_the_servers_own_words(answer: str, advice: str) -> None:
    error = BaseParser.parse_error(answer)

    assert code_of(error) in ADVICE
    assert advice in sentence(error)
    assert answer.rpartition(" ")[2] in sentence(error)


@pytest.mark.parametrize(
    "error",
    [
        redis.ConnectionError("Connection reset by peer"),
        redis.TimeoutError("Timeout reading from socket"),
        redis.ResponseError("ERR unknown command"),
        redis.ResponseError("WRONGTYPE Operation against a key holding the wrong kind of value"),
        ValueError("OOM"),
    ],
)
def test_other_errors_keep_their_words(error: Exception) -> None:
    assert code_of(error) == ""
    assert sentence(error) == str(error)
