"""What one worker process publishes, and how it keeps it fresh."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

import redis

from leeward.record.catalogue import Catalogue, KindSummary
from leeward.record.precedence import published
from leeward.record.published_kind import PublishedKind
from leeward.record.reader import FRESH, REVISION, text_of, workers
from leeward.wire.keys import PUBLISHED_KINDS, WORKERS, catalogue_key
from leeward.wire.script import Script

CATALOGUE_KEPT = timedelta(hours=1)
BEAT_EVERY = timedelta(seconds=10)
"""Three heartbeats within `FRESH`, so that one that is lost is not missed."""
COMPARE_EVERY = 6
"""Heartbeats between two looks at what other workers make of the same kinds."""
TRIES = 10
FAILURE_KEPT = timedelta(minutes=10)
"""How long a worker that could not start is shown: it sends no heartbeats."""

_heartbeat = Script("leeward.record", "heartbeat.lua")
_publish = Script("leeward.record", "publish.lua")


class Publication:
    """Says in Valkey what a worker process serves. Not thread-safe.

    Kinds are described before anything else, for letters of theirs may come at once. All of it is written again where Valkey has lost it.
    Every method raises `redis.RedisError` while Valkey cannot be reached, and may be called again.
    """

    def __init__(
        self, client: redis.Redis, process: str, catalogue: Catalogue, kinds: Iterable[PublishedKind] = ()
    ) -> None:
        self._client = client
        self._kinds = {kind.name: kind for kind in kinds}
        self._text, self._key = catalogue.text(), catalogue_key(catalogue.digest)
        self._member = f"{process} {catalogue.digest}"
        self._beats = 0

    def announce(self) -> None:
        """Says everything."""
        self._describe()
        self._client.set(self._key, self._text, px=CATALOGUE_KEPT)
        self._beat()

    def beat(self) -> None:
        """To be called every `BEAT_EVERY`. Three commands, seldom more."""
        self._beats += 1
        kept = self._client.pexpire(self._key, CATALOGUE_KEPT)
        if not kept or not self._client.hexists(PUBLISHED_KINDS, REVISION):
            self.announce()
            return
        self._beat()
        if self._beats % COMPARE_EVERY == 0:
            self._describe()

    def withdraw(self) -> None:
        """The process stops: others need not wait until its heartbeat is old."""
        self._client.zrem(WORKERS, self._member)

    def _beat(self) -> None:
        _heartbeat(self._client, WORKERS, [self._member, 2 * FRESH // timedelta(milliseconds=1), ""])

    def _describe(self) -> None:
        if not self._kinds:
            return
        served = [catalogue.kinds for catalogue in workers(self._client).values()]
        for _ in range(TRIES):
            changes = self._changes(served)
            if not changes or _publish(self._client, PUBLISHED_KINDS, [part for change in changes for part in change]):
                return
        raise redis.RedisError(f"the kinds in {PUBLISHED_KINDS} changed {TRIES} times while they were to be written")

    def _changes(self, served: Iterable[Mapping[str, KindSummary]]) -> list[tuple[str, str, str]]:
        """Name, what the record has, what it is to have; of the kinds where the two differ."""
        changes = []
        texts = self._client.hmget(PUBLISHED_KINDS, list(self._kinds))
        for (name, own), text in zip(self._kinds.items(), texts, strict=True):
            current = None if text is None else PublishedKind.read(text)
            others = [kinds[name] for kinds in served if name in kinds]
            wanted = published(own, current, others).model_dump_json()
            if wanted != (found := text_of(text or b"")):
                changes.append((name, found, wanted))
        return changes


def publish_failure(client: redis.Redis, process: str, catalogue: Catalogue) -> None:
    """Says of a worker that cannot start why, for `FAILURE_KEPT`. Its catalogue serves nothing.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    seconds, _ = client.time()
    until_ms = (timedelta(seconds=int(seconds)) + FAILURE_KEPT - FRESH) // timedelta(milliseconds=1)
    client.set(catalogue_key(catalogue.digest), catalogue.text(), px=CATALOGUE_KEPT)
    client.zadd(WORKERS, {f"{process} {catalogue.digest}": until_ms})
