"""The scripts of one provider, driven by hand and by a clock that the test moves."""

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

import redis

from broker.session.committer import LOOK_AT_HEALTH
from leeward.wire.keys import ProviderKeys, place
from leeward.wire.script import Script
from tests.support.answers import entries, text

T0 = 1_750_000_000_000
LEASE_MS = 15_000
KEPT_MS = 900_000
KEY_MS = 86_400_000

_enqueue = Script("leeward.wire.scripts", "enqueue.lua")
_cancel = Script("leeward.wire.scripts", "cancel.lua")
_status = Script("leeward.wire.scripts", "status.lua")
_admit = Script("broker.scripts", "admit.lua")
FACTS = '"kind":"sync.user","queue":"sync.media"'
"""What a worker says of a job that is done plainly."""
_settle = Script("broker.scripts", "settle.lua")
_renew = Script("broker.scripts", "renew.lua")
_apart = Script("broker.scripts", "apart.lua")
_begin = Script("broker.scripts", "begin.lua")
_flush = Script("broker.scripts", "flush.lua")
_size = Script("broker.scripts", "size.lua")
_nudge = Script("broker.scripts", "nudge.lua")


@dataclass(frozen=True)
class Leased:
    job_id: str
    token: str
    begun: bool
    message: bytes


@dataclass(frozen=True)
class Admission:
    why: str
    look_at: int
    taken_back: int
    jobs: list[Leased]
    suspects: str = ""
    alone_ms: int = 0

    @property
    def ids(self) -> list[str]:
        return [job.job_id for job in self.jobs]


class Lab:
    """Every method is one script call at `now`, which only the test moves. `looks` counts how often a health probe was asked for."""

    def __init__(self, client: "redis.Redis", provider: str = "lab", *, crash_limit: int = 3) -> None:
        self.client = client
        self.keys = ProviderKeys(provider)
        self.now = T0
        self.queue = provider
        self.crash_limit = crash_limit
        self.looks = 0

    def enqueue(
        self,
        *ids: str,
        lane: str = "normal",
        delay: int = 0,
        key: str = "",
        fingerprint: str = "same",
        reopen: bool = False,
        again: bool = False,
        message: bytes | None = None,
        queue: str | None = None,
        partition: str = "",
    ) -> list[tuple[int, str, str, str]]:
        arguments: list[Any] = [self.now, "1" if again else "", 0, 0]
        for job_id in ids:
            body = message_bytes(job_id, key) if message is None else message
            arguments += [job_id, place(queue or self.queue, lane, partition), delay, body]
            arguments += [key, fingerprint if key else "", "1" if reopen else ""]
        reply = _enqueue(self.client, self.keys.root, arguments)
        return [
            (reply[at], reply[at + 1].decode(), reply[at + 2].decode(), reply[at + 3].decode())
            for at in range(0, len(reply), 5)
        ]

    def admit(self, n: int = 10, *, worker: str = "host:1", queue: str | None = None) -> Admission:
        """As a process that holds nothing: it asks for suspects when it is invited to."""
        first = self.ask(n, worker=worker, queue=queue, asks="idle")
        if first.suspects != "apart":
            return first
        second = self.ask(n, worker=worker, queue=queue, asks="apart")
        self.mark_apart(*second.jobs)
        return replace(second, taken_back=first.taken_back)

    def ask(self, n: int = 10, *, worker: str = "host:1", queue: str | None = None, asks: str = "") -> Admission:
        """One question. `asks` is what the process is: see admit.lua."""
        reply = _admit(
            self.client,
            self.keys.root,
            [self.now, queue or self.queue, n, LEASE_MS, worker, self.crash_limit, KEPT_MS, KEY_MS, asks],
        )
        jobs = [
            Leased(reply[at].decode(), reply[at + 1].decode(), bool(reply[at + 2]), reply[at + 3])
            for at in range(7, len(reply), 4)
        ]
        return Admission(reply[1].decode(), reply[2], reply[3], jobs, reply[4].decode(), reply[5])

    def mark_apart(self, *jobs: Leased, together: int | None = None) -> int:
        pairs = [part for job in jobs for part in (job.job_id, job.token)]
        return int(_apart(self.client, self.keys.root, [len(jobs) if together is None else together, *pairs]))

    def settle(self, job: Leased, end: str | None = None, *, message: bytes | None = None, **fields: Any) -> list[str]:
        """`end` None is a plain success."""
        if end is None:
            return self._settle([], [(job.job_id, job.token)], [])
        ending = {"id": job.job_id, "token": job.token, "end": end} | fields
        if end in {"later", "hold", "dead"}:
            ending["message"] = 1
        if end == "done":
            ending.setdefault("kept_ms", KEPT_MS)
        if end == "dead" or "key" in ending:
            ending.setdefault("key_ms", KEY_MS)
        messages = [job.message if message is None else message] if "message" in ending else []
        return self._settle([ending], [], messages)

    def succeed(self, *jobs: Leased) -> list[str]:
        return self._settle([], [(job.job_id, job.token) for job in jobs], [])

    def _settle(self, endings: list[dict[str, Any]], plain: list[tuple[str, str]], messages: list[bytes]) -> list[str]:
        flat = [part for pair in plain for part in (*pair, FACTS)]
        arguments = [self.now, KEPT_MS, json.dumps(endings) if endings else "", len(plain), *flat, *messages]
        reply = _settle(self.client, self.keys.root, arguments)
        self.looks += reply.count(LOOK_AT_HEALTH)
        return [late.decode() for late in reply if not isinstance(late, int)]

    def ending_reply(self, ending: dict[str, Any], message: bytes | None = None) -> list[Any]:
        """What `settle.lua` answers about one ending, as it is."""
        arguments = [self.now, KEPT_MS, json.dumps([ending]), 0, *([] if message is None else [message])]
        return list(_settle(self.client, self.keys.root, arguments))

    def die(self, job: Leased, reason: str = "exhausted", *, key: str | None = None) -> list[str]:
        extra: dict[str, Any] = {"key": key} if key else {}
        return self.settle(job, "dead", reason=reason, error='{"type":"Boom"}', **extra)

    def renew(self, *jobs: Leased, progress: str = "") -> list[str]:
        triples = [part for job in jobs for part in (job.job_id, job.token, progress)]
        lost, _ = _renew(self.client, self.keys.root, [self.now, LEASE_MS, *triples])
        return [job.decode() for job in lost]

    def expire_leases(self) -> None:
        """A lease's time passes while somebody goes on speaking, so that it counts as the workers' silence."""
        for _ in range(3):
            self.now += LEASE_MS // 3
            self.renew()

    def begin(self, job: Leased) -> bool:
        return bool(_begin(self.client, self.keys.root, [job.job_id, job.token]))

    def cancel(self, job_id: str, key: str = "", *, running: bool = False) -> str:
        return text(_cancel(self.client, self.keys.root, [job_id, KEPT_MS, key or "message", "1" if running else ""]))

    def flush(self, queue: str | None = None) -> int:
        return int(_flush(self.client, self.keys.root, [queue or self.queue]))

    def flush_all(self, queue: str | None = None) -> int:
        dropped, n, look_on = 0, 1, b""
        while n or look_on:
            n, look_on = _flush(self.client, self.keys.root, [queue or self.queue, look_on])
            dropped += n
        return dropped

    def size(self, queue: str | None = None) -> list[int]:
        return list(_size(self.client, self.keys.root, [queue or self.queue]))

    def nudge(self) -> None:
        _nudge(self.client, self.keys.root, [self.queue])

    def status(self, job_id: str) -> str | None:
        reply = _status(self.client, self.keys.root, [self.now, job_id])
        if not reply:
            return None
        return text(reply[0]) if reply[0] != b"ended" else str(json.loads(reply[5])["state"])

    def places_of(self, job_id: str) -> list[str]:
        """Every structure that says the job is waiting, scheduled or running: must be exactly one while it lives, none after."""
        return self.places()[job_id]

    def places(self) -> "defaultdict[str, list[str]]":
        """The same of all jobs."""
        found = defaultdict(list)
        for name in sorted(self.client.keys(self.keys.root.replace("{", r"\{").replace("[", r"\[") + "ready:*")):
            for item in self.client.lrange(name, 0, -1):
                found[text(item)].append(text(name).removeprefix(self.keys.root))
        for name, key in (("scheduled", self.keys.scheduled), ("leases", self.keys.leases), *self._suspects()):
            for job_id in self.client.zrange(key, 0, -1):
                found[text(job_id)].append(name)
        return found

    def _suspects(self) -> list[tuple[str, str]]:
        names = self.client.keys(self.keys.root.replace("{", r"\{").replace("[", r"\[") + "suspects:*")
        return [(text(name).removeprefix(self.keys.root), text(name)) for name in sorted(names)]

    def dead(self) -> list[dict[str, Any]]:
        """The outbox, decoded but for the messages."""
        return [
            {name.decode(): value if name == b"message" else value.decode() for name, value in entry.items()}
            for _, entry in entries(self.client, self.keys.dead)
        ]

    def key(self, key: str) -> dict[str, str]:
        return {text(name): text(value) for name, value in self.client.hgetall(self.keys.key(key)).items()}


def message_bytes(job_id: str, key: str = "") -> bytes:
    options = {"idempotency_key": key} if key else {}
    message = {"queue_name": "lab", "actor_name": "act", "args": [], "kwargs": {}, "options": options}
    return json.dumps(message | {"message_id": job_id, "message_timestamp": T0}).encode()


def keys_that_stay(client: "redis.Redis") -> set[str]:
    """Names of the keys without a time to live: what a drained fleet may keep has to be declared."""
    return {name.decode() for name in client.scan_iter(count=1000) if client.ttl(name) == -1}
