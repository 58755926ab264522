"""A job is found by the beginning of its id, wherever it is."""

from datetime import timedelta

import pytest
import redis

from broker.fleet.job_ids import is_beginning, jobs_beginning
from leeward import Leeward, SyncUser
from leeward.wire.keys import ProviderKeys
from leeward_admin import AmbiguousId, fleet


def test_live_and_ended_jobs_are_found_and_no_more_than_are_wanted(valkey: redis.Redis, valkey_url: str) -> None:
    with Leeward(valkey_url) as client:
        waiting = client.enqueue(SyncUser(user="a")).job_id
        scheduled = client.enqueue(SyncUser(user="b"), delay=timedelta(hours=1)).job_id
        cancelled = client.enqueue(SyncUser(user="c")).job_id
        client.cancel(cancelled)

    for job in (waiting, scheduled, cancelled):
        assert jobs_beginning(valkey, ["jellyfin"], job[:12].upper(), limit=5) == [job]
    assert jobs_beginning(valkey, ["smtp"], waiting[:12], limit=5) == []


def test_the_candidates_of_an_ambiguous_beginning_are_named(
    valkey: redis.Redis, valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEEWARD_VALKEY_URL", valkey_url)
    known = [f"abcd{number}" for number in range(3)]
    valkey.hset(ProviderKeys("jellyfin").places, mapping=dict.fromkeys(known, "sync.jellyfin:normal"))
    valkey.sadd("leeward:queues", "sync.jellyfin")

    assert len(jobs_beginning(valkey, ["jellyfin"], "abcd", limit=2)) == 2
    with fleet() as admin:
        assert admin.job_id_of("abcd1") == "abcd1"
        assert admin.job_id_of("nothing") == "nothing"
        with pytest.raises(AmbiguousId, match="abcd0, abcd1, abcd2; type more of it"):
            admin.job_id_of("abcd")


@pytest.mark.parametrize("text", ["", "abc", "a*b?c", "nothing", "x" * 40])
def test_what_no_id_begins_with_is_not_looked_for(text: str) -> None:
    assert not is_beginning(text)
