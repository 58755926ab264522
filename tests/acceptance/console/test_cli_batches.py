"""What people see of batches, and of running jobs that they cancel."""

import redis

from console.cli.exit_code import ExitCode
from leeward import Leeward, SyncUser
from tests.acceptance.console.leeward import Command
from tests.integration.broker.lab import Lab


def test_a_batch_is_shown_with_its_counts(leeward: Command, valkey_url: str) -> None:
    with Leeward(valkey_url) as fleet:
        batch = fleet.enqueue_batch([SyncUser(user="alice"), SyncUser(user="bob")])

    shown = leeward("batch", "show", batch.batch_id).out.splitlines()
    document = leeward("batch", "show", batch.batch_id, "--json").json()

    assert shown[0].split() == ["batch:", batch.batch_id]
    assert ["pending:", "2"] in [line.split() for line in shown]
    assert (document["batch"], document["state"], document["total"]) == (batch.batch_id, "running", 2)
    assert "there is no batch jellyfin:none" in leeward("batch", "show", "jellyfin:none", expect=ExitCode.NOT_FOUND).err


def test_cancelling_a_running_job_says_what_is_known(leeward: Command, valkey_url: str, valkey: "redis.Redis") -> None:
    with Leeward(valkey_url) as fleet:
        job = fleet.enqueue(SyncUser(user="alice")).job_id
    (leased,) = Lab(valkey, "jellyfin").ask(1, queue="sync.jellyfin").jobs

    answer = leeward("job", "cancel", job, "--wait", "0s")

    assert "still runs, and its worker has not confirmed yet" in answer.out
    assert "of a release that does not know cancellations" in answer.err
    document = leeward("job", "cancel", job, "--wait", "0s", "--json").json()
    assert document == {"job": job, "state": "cancelling", "confirmed": False}
    valkey.hset("leeward:{jellyfin}:cancelling", job, "heard")
    assert "Its worker has confirmed" in leeward("job", "cancel", job, "--wait", "0s").out
    assert leased.job_id == job


def test_a_job_whose_effect_has_begun_is_not_cancelled(
    leeward: Command, valkey_url: str, valkey: "redis.Redis"
) -> None:
    lab = Lab(valkey, "jellyfin")
    with Leeward(valkey_url) as fleet:
        job = fleet.enqueue(SyncUser(user="alice")).job_id
    (leased,) = lab.ask(1, queue="sync.jellyfin").jobs
    lab.begin(leased)

    refused = leeward("job", "cancel", job, expect=ExitCode.CONFLICT)

    assert "is running and cannot be cancelled: its effect has begun" in refused.err
