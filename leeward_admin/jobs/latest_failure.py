"""What a job that has not ended failed with last."""

import redis

from leeward.status import JobStatus
from leeward.wire.keys import ProviderKeys
from leeward_admin.jobs.attempts import past_attempts


def latest_code(client: redis.Redis, status: JobStatus) -> str:
    """The code of its latest error, or the error's type where it has none; empty where it has not failed.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    if not status.attempts:
        return ""
    from storage.payloads.message import member
    from storage.payloads.redaction import redacted

    message = client.hget(ProviderKeys(status.provider).jobs, status.job_id)
    if not isinstance(message, bytes):
        return ""
    attempts = past_attempts(member(redacted(message).body or {}, "options"))
    return (attempts[-1].code or attempts[-1].type or "") if attempts else ""
