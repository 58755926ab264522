"""Mixed jobs under a random script of faults: which effects happened, how often, and what became of the jobs."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.mixed.load import Effect, counted, load_of
from bench.mixed.providers import Site, misbehaving, site
from bench.report import Report, say
from bench.stage import Stage
from bench.waiting import wait_for
from leeward.client import Leeward
from leeward.embedded.death_signal import dies_with_parent
from leeward.jobs.dead_reason import DeadReason
from leeward.status import JobState, JobStatus
from leeward.wire.keys import ProviderKeys

LEEWARD = Path(sys.executable).with_name("leeward")
SEED = 218
SETTINGS = """
[retry_presets.bench]
attempts = 12
shortest = "200ms"
longest = "4s"

[providers.jellyfin]
url = "{jellyfin}"
token = "{token}"
timeout = "4s"
answer_timeout = "2s"
[providers.smtp]
host = "127.0.0.1"
port = {mail_port}
sender = "fleet@example.org"
tls = "none"
final_reply_timeout = "4s"
[providers.http]
root = "{folder}"
allow_private = true
[providers.telegram]
url = "{telegram}"
token = "{telegram_token}"
"""
GUARDS = 'retry_preset = "bench"\nopen_for = "1s"\nopen_at_most = "3s"\nramp = "1s"\nlimit = 16\n'
"""A circuit that opens for minutes would make the measurement hours long; how that goes is measured by `outage`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Attributes:
    jobs: how many.
    faulty_seconds: for how long the providers misbehave at least.
    limit_seconds: until when all jobs must have ended.
    """

    jobs: int
    faulty_seconds: float
    limit_seconds: float


FULL = Plan(jobs=2_000, faulty_seconds=60, limit_seconds=600)
QUICK = Plan(jobs=200, faulty_seconds=8, limit_seconds=240)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job ended, and how often its effect happened."""

    effect: Effect
    state: JobState
    reason: str
    times: int


def run(stage: Stage, *, quick: bool) -> Report:
    plan = QUICK if quick else FULL
    with TemporaryDirectory(prefix="leeward mixed ") as name, site() as providers:
        folder = Path(name)
        load = load_of(plan.jobs, SEED, providers.files.url)
        with _workers(stage, providers, folder), Leeward(stage.url) as fleet:
            began = time.monotonic()
            with misbehaving(providers, SEED):
                ids = [fleet.enqueue(one.job).job_id for one in load]
                time.sleep(plan.faulty_seconds)
            left = _Unended(fleet, ids)
            say(f"{left.count()} of {len(ids)} jobs have not ended when the faults do")
            wait_for(lambda: not left.count(), "every job to end", limit_seconds=plan.limit_seconds, every_seconds=0.5)
            seconds = time.monotonic() - began
            statuses = [fleet.status(one) for one in ids]
        times = counted(providers, load, folder / "files")
    ended = [_ended(one, status, times) for one, status in zip(load, statuses, strict=True)]
    return _report(ended, seconds, times)


def _report(ended: list[Ended], seconds: float, times: Counter[str]) -> Report:
    unknown = [one for one in ended if one.reason == DeadReason.UNKNOWN_OUTCOME]
    known = [one for one in ended if one not in unknown]
    done = [one for one in known if one.state is JobState.DONE]
    lost = [one for one in done if one.times == 0]
    twice = [one for one in ended if one.times > 1]
    unlabelled = [one for one in known if one.state is not JobState.DONE and one.times]
    for one in [*lost, *twice, *unlabelled][:10]:
        say(f"{one.effect.mark}: {one.state} {one.reason}, {one.times} times")
    return Report(
        bench="mixed",
        unit="jobs done of those whose outcome is known",
        plain=None,
        leeward=len(done) / len(known) if known else 1.0,
        ratio=None,
        target="every recoverable job done, its effect exactly once; what cannot be known is labelled so, and happened at most once",
        met=len(done) == len(known) and not lost and not twice,
        details={
            "jobs": len(ended),
            "jobs_done": len(done),
            "effects_lost": len(lost),
            "effects_twice": len(twice),
            "effects_of_failed_jobs": len(unlabelled),
            "labelled_unknown": len(unknown),
            "labelled_unknown_and_happened": sum(one.times for one in unknown),
            "unknown_by_kind": dict(Counter(one.effect.what for one in unknown)),
            "dead_by_reason": dict(Counter(one.reason for one in ended if one.state is JobState.DEAD)),
            "effects": sum(times.values()),
            "seconds": seconds,
            "seed": SEED,
        },
    )


def _ended(effect: Effect, status: JobStatus, times: Mapping[str, int]) -> Ended:
    return Ended(effect, status.state, status.reason or "", times.get(effect.mark, 0))


class _Unended:
    """The jobs that had not ended when they were counted last."""

    def __init__(self, fleet: Leeward, ids: list[str]) -> None:
        self._fleet = fleet
        self._ids = ids

    def count(self) -> int:
        self._ids = [one for one in self._ids if not self._fleet.status(one).state.is_final]
        return len(self._ids)


@contextmanager
def _workers(stage: Stage, providers: Site, folder: Path) -> Iterator[None]:
    """One `leeward worker` with its processes, as an operator starts it."""
    (folder / "files").mkdir()
    settings = folder / "leeward.toml"
    text = SETTINGS.format(
        jellyfin=providers.jellyfin.url,
        token=providers.jellyfin.settings.token,
        mail_port=providers.mail.url.rpartition(":")[2],
        folder=folder / "files",
        telegram=providers.telegram.url,
        telegram_token=providers.telegram.settings.token,
    )
    settings.write_text("\n".join(_guarded(text)), encoding="utf-8")
    given = {"LEEWARD_CONFIG": str(settings), "LEEWARD_VALKEY_URL": stage.url, "LEEWARD_HTTP_PORT": "0"}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LEEWARD_")}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(LEEWARD), "worker"],
            env=clean | given,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=0,
            preexec_fn=dies_with_parent(signal.SIGKILL),  # noqa: PLW1509 # system calls only, looked up before
        )
    try:
        wait_for(lambda: _is_served(stage), "the workers to serve every provider", limit_seconds=120)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _guarded(text: str) -> Iterator[str]:
    """The numbers of a measurement in each table of a provider."""
    for line in text.splitlines():
        yield line
        if line.startswith("[providers."):
            yield GUARDS


def _is_served(stage: Stage) -> bool:
    providers = ("jellyfin", "smtp", "http", "telegram")
    return all(stage.client.exists(ProviderKeys(name).root + "workers") for name in providers)
