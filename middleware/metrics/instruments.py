"""The names, labels and units of what is measured. This table is the documentation."""

from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram

WAITED_SECONDS = (0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 900, 3600, 21600)
JOB_SECONDS = (0.001, 0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)

CALL_SECONDS = (0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Instruments:
    """One set per registry: see `instruments`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.deliveries = Counter(
            "leeward_deliveries",
            "Deliveries that ended, by how: done, retry, defer, hold, release, dead or cancelled.",
            ("provider", "queue", "actor", "outcome"),
            registry=registry,
        )
        self.dead = Counter(
            "leeward_dead_letters",
            "Jobs that died, by reason.",
            ("provider", "queue", "actor", "reason"),
            registry=registry,
        )
        self.job_seconds = Histogram(
            "leeward_job_seconds",
            "How long actors ran, in seconds.",
            ("provider", "queue", "actor"),
            buckets=JOB_SECONDS,
            registry=registry,
        )
        self.started = Counter(
            "leeward_started", "Jobs that threads began with, each attempt.", ("provider", "queue"), registry=registry
        )
        self.waited_seconds = Histogram(
            "leeward_waited_seconds",
            "How long jobs waited for their first attempt since they were enqueued, or were due, in seconds.",
            ("provider", "queue"),
            buckets=WAITED_SECONDS,
            registry=registry,
        )
        self.enqueued = Counter(
            "leeward_enqueued",
            "Jobs that this process enqueued.",
            ("provider", "queue", "actor"),
            registry=registry,
        )
        self.turned_away = Counter(
            "leeward_turned_away",
            "Requests for jobs that got fewer jobs than there were free threads, by guard.",
            ("provider", "queue", "why"),
            registry=registry,
        )
        self.throttled = Counter(
            "leeward_throttled_seconds",
            "Worker processes' time from a request that a guard refused until the next one that got a job or found the lane empty.",
            ("provider", "queue", "why"),
            registry=registry,
        )
        self.settled_late = Counter(
            "leeward_settled_late",
            "Outcomes that changed nothing, because another worker had taken over the job.",
            ("provider",),
            registry=registry,
        )
        self.permits_overrun = Counter(
            "leeward_permits_overrun",
            "Jobs that ran on after their lease had expired: each may have been one call more than its provider's limit.",
            ("provider",),
            registry=registry,
        )
        self.permits_overrun_seconds = Counter(
            "leeward_permits_overrun_seconds",
            "How long those jobs ran without their lease, added up.",
            ("provider",),
            registry=registry,
        )
        self.leases_reclaimed = Counter(
            "leeward_leases_reclaimed", "Expired leases that this process took back.", ("provider",), registry=registry
        )
        self.leases_lost = Counter(
            "leeward_leases_lost",
            "Jobs that another worker took over while they ran here.",
            ("provider", "queue"),
            registry=registry,
        )
        self.tick_items = Counter(
            "leeward_tick_items",
            "Items that periodic actors handled one by one, such as expired accounts: done or failed.",
            ("actor", "result"),
            registry=registry,
        )
        self.call_seconds = Histogram(
            "leeward_provider_call_seconds",
            "How long calls of providers took, in seconds, by how they ended: ok, or the condition of the error, as timeout.",
            ("provider", "operation", "outcome"),
            buckets=CALL_SECONDS,
            registry=registry,
        )
        self.broker_away = Counter(
            "leeward_broker_away",
            "Times that Valkey could not be reached.",
            ("provider", "queue"),
            registry=registry,
        )


@cache
def instruments(registry: CollectorRegistry) -> Instruments:
    """A registry takes each name once, however many brokers a process makes."""
    return Instruments(registry)
