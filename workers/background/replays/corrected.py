"""A claim whose dead letter lost a secret, made whole again by what Valkey keeps of it."""

from dataclasses import replace

import redis

from broker.fleet import corrections
from leeward.wire.keys import ProviderKeys
from storage.payloads.message import closed, member, opened
from storage.payloads.redaction import lacks_secrets, redacted
from storage.replays.claims import Claim
from workers.background.replays.message import Unreplayable


def whole(client: redis.Redis, claim: Claim) -> Claim:
    """The claim with the secret of its correction, and with the fingerprint of the work that its idempotency key identifies.

    Raises:
        Unreplayable: the secret has expired.
        redis.RedisError: Valkey cannot be reached.
    """
    if claim.edited is None or not lacks_secrets(claim.message):
        return claim
    return _with_fingerprint(client, _with_secret(client, claim, claim.edited))


def _with_secret(client: redis.Redis, claim: Claim, edited: bytes) -> Claim:
    if not lacks_secrets(edited):
        return claim
    message = corrections.kept(client, claim.provider, claim.dead_letter_id)
    if message is None or redacted(message).message != edited:
        raise Unreplayable("the secret of its correction is not kept any more (seven days): edit it again")
    return replace(claim, edited=message)


def _with_fingerprint(client: redis.Redis, claim: Claim) -> Claim:
    """A letter does not keep the digest of a payload with a secret. While its key still answers, the key has it."""
    body = opened(claim.message) or {}
    key = member(body, "options").get("idempotency_key")
    if not isinstance(key, str):
        return claim
    job, fingerprint = client.hmget(ProviderKeys(claim.provider).key(key), "job", "fingerprint")
    if job != claim.died_as.encode() or not isinstance(fingerprint, bytes):
        return claim
    body["options"]["fingerprint"] = fingerprint.decode()
    return replace(claim, message=closed(body))
