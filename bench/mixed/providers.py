"""The simulated providers of a mixed load, and how they misbehave: a script of faults that a seed decides."""

import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Protocol

from simulators.faults import Effect, FaultPlan, Rule, Stage
from simulators.files.server import FilesSimulator
from simulators.jellyfin.server import JellyfinSimulator
from simulators.mail.server import MailSimulator
from simulators.telegram.server import TelegramSimulator

SHORTEST_SECONDS, LONGEST_SECONDS = 0.5, 2.5
"""How long one misbehaviour of a provider lasts."""
_LATENCY = Rule(latency_ms=150, probability=0.5)
_SLOW_AND_LOST = (
    _LATENCY,
    Rule(effect=Effect.RESET, probability=0.3),
    Rule(effect=Effect.HANG, probability=0.1),
    Rule(effect=Effect.DOWN),
)
_OF_HTTP = (
    *_SLOW_AND_LOST,
    Rule(effect=Effect.STATUS, status=500, body="Error processing request.", probability=0.4),
    Rule(effect=Effect.STATUS, status=503, retry_after="1", body="<html>starting</html>", probability=0.5),
    Rule(effect=Effect.STATUS, status=429, retry_after="1", probability=0.3),
)
_LOST_ANSWERS = (
    Rule(effect=Effect.RESET, stage=Stage.AFTER, probability=0.2),
    Rule(effect=Effect.RESET, stage=Stage.DURING, probability=0.2),
)
MISBEHAVIOUR: dict[str, tuple[Rule, ...]] = {
    "jellyfin": (*_OF_HTTP, *_LOST_ANSWERS, Rule(effect=Effect.STATUS, stage=Stage.AFTER, status=500, probability=0.3)),
    "files": (*_OF_HTTP, Rule(effect=Effect.RESET, stage=Stage.DURING, after_bytes=9_000, probability=0.5)),
    "mail": (
        *_SLOW_AND_LOST,
        Rule(effect=Effect.RESET, stage=Stage.AFTER, operation="ACCEPT *", probability=0.1),
        Rule(effect=Effect.STATUS, status=451, body="4.3.0 try again later", operation="MAIL *", probability=0.4),
        Rule(effect=Effect.STATUS, status=421, body="4.3.2 closing", probability=0.3),
    ),
    "telegram": (*_SLOW_AND_LOST, Rule(effect=Effect.RESET, stage=Stage.AFTER, probability=0.1)),
}
"""What a lost answer may hide is done: a mail and a message that cannot be asked for are then labelled as unknown."""


class Misbehaving(Protocol):
    faults: FaultPlan


@dataclass(frozen=True, slots=True)
class Site:
    """The simulated providers, by what they are."""

    jellyfin: JellyfinSimulator
    mail: MailSimulator
    files: FilesSimulator
    telegram: TelegramSimulator

    def settle(self) -> None:
        """Every provider behaves well from now on."""
        for name in MISBEHAVIOUR:
            self._of(name).faults.reset()

    def _of(self, name: str) -> Misbehaving:
        found: Misbehaving = getattr(self, name)
        return found

    def misbehave(self, chance: random.Random) -> float:
        """One step of the script: some providers change how they misbehave. Returns for how many seconds that holds."""
        for name, rules in MISBEHAVIOUR.items():
            plan = self._of(name).faults
            if chance.random() < 0.6:
                plan.set(chance.choice(rules))
            else:
                plan.reset()
        return chance.uniform(SHORTEST_SECONDS, LONGEST_SECONDS)


@contextmanager
def site() -> Iterator[Site]:
    with ExitStack() as stack:
        yield Site(
            stack.enter_context(JellyfinSimulator()),
            stack.enter_context(MailSimulator()),
            stack.enter_context(FilesSimulator()),
            stack.enter_context(TelegramSimulator()),
        )


@contextmanager
def misbehaving(site: Site, seed: int) -> Iterator[None]:
    """Runs the script in a thread, and lets the providers behave at the end."""
    ended, chance = threading.Event(), random.Random(seed)

    def run() -> None:
        while not ended.wait(site.misbehave(chance)):
            pass

    thread = threading.Thread(target=run, name="faults", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        site.settle()
