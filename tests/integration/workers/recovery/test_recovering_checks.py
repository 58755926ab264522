"""A provider that is found broken at a health check is recovered by the actions of its extension; an open circuit is tried early."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import redis
from pydantic import BaseModel

from broker.fleet.recovery.record import Attempt, Outcome, history, totals
from broker.guards.config import Mode
from broker.guards.store import Guards
from leeward.extension import (
    AuthFailed,
    Context,
    Extension,
    Failure,
    Health,
    Provider,
    Recovered,
    recovery_action,
)
from tests.integration.broker.guards.guard_lab import GuardLab
from tests.support.composing import instances
from tests.support.waiting import wait_until
from workers.composition.binding.opened_providers import OpenedProviders
from workers.composition.composition import Composition
from workers.composition.installed.extensions import composed_of
from workers.embedded import EmbeddedValkey
from workers.recovery.of_extensions import actions_of
from workers.recovery.own_actions import TRY_EARLY, circuit_of, try_circuit_early
from workers.recovery.recovering_checks import RecoveringChecks
from workers.recovery.recovery import Recovery
from workers.settings.instances.fleet import FleetSettings


class LampSettings(BaseModel):
    """A lamp needs none."""


class Lamp(Provider[LampSettings], type="lamp"):
    signed_in = False
    ruined = False

    def health(self) -> Health:
        if not self.signed_in:
            raise AuthFailed("the session has ended")
        return Health.unhealthy("it is ruined") if self.ruined else Health.healthy()


@recovery_action(priority=10)
def hope(_: Failure) -> None:
    """Does nothing."""


@recovery_action(provider=Lamp, priority=80, pause=timedelta(minutes=1))
def sign_in(failure: Failure, lamp: Lamp) -> Recovered:
    """Signs in again."""
    lamp.signed_in = True
    return Recovered(detail=f"signed in after {failure.code}")


@sign_in.when
def _refused(failure: Failure) -> bool:
    return failure.code.endswith("AUTH_FAILURE")


EXTENSION = Extension("lamps", api=1, providers=[Lamp], recovery=[hope, sign_in])


@pytest.fixture
def opened() -> Iterator[OpenedProviders]:
    opened = OpenedProviders(_composition().instances, lambda _: Context())
    yield opened
    opened.close()


@pytest.fixture
def recovery(valkey: redis.Redis, opened: OpenedProviders) -> Recovery:
    actions = [try_circuit_early(valkey), *actions_of(_composition(), opened)]
    return Recovery(valkey, actions, by=lambda: "host:1")


@pytest.fixture
def checks(opened: OpenedProviders, recovery: Recovery) -> RecoveringChecks:
    return RecoveringChecks(opened.health, recovery)


def _composition() -> Composition:
    return Composition(
        composed_of([EXTENSION]), FleetSettings(instances=instances(EXTENSION, {"lamp": LampSettings()}))
    )


@pytest.fixture
def noted(valkey: redis.Redis) -> Callable[[int], list[Attempt]]:
    def noted(number: int) -> list[Attempt]:
        wait_until(lambda: len(history(valkey)) >= number, description=f"{number} attempts are on record")
        return history(valkey)

    return noted


def test_the_action_of_an_extension_recovers_its_provider_before_it_counts_as_unhealthy(
    checks: RecoveringChecks, noted: Callable[[int], list[Attempt]]
) -> None:
    assert checks.check("lamp").ok

    (attempt,) = noted(1)
    assert (attempt.action, attempt.of, attempt.outcome) == ("lamps.sign_in", "lamp", Outcome.RECOVERED)
    assert attempt.detail == "signed in after LAMP_AUTH_FAILURE"
    assert attempt.by == "host:1"


def test_the_health_check_decides_whether_an_action_has_helped(
    checks: RecoveringChecks, opened: OpenedProviders, noted: Callable[[int], list[Attempt]], valkey: redis.Redis
) -> None:
    opened.get("lamp").ruined = True  # type: ignore[attr-defined] # of a lamp

    assert checks.check("lamp").detail == "it is ruined"

    found = {one.action: (one.outcome, one.detail) for one in noted(2)}
    assert found == {
        "lamps.sign_in": (Outcome.FAILED, "signed in after LAMP_AUTH_FAILURE; still: it is ruined"),
        "lamps.hope": (Outcome.FAILED, "it could do nothing"),
    }
    assert totals(valkey)["lamps.sign_in"].success_rate == 0


def test_an_action_is_not_repeated_within_its_pause_by_any_process(
    checks: RecoveringChecks, opened: OpenedProviders, noted: Callable[[int], list[Attempt]]
) -> None:
    assert checks.check("lamp").ok
    opened.get("lamp").signed_in = False  # type: ignore[attr-defined] # of a lamp

    assert not checks.check("lamp").ok

    assert sorted(one.action for one in noted(2)) == ["lamps.hope", "lamps.sign_in"]


@pytest.mark.parametrize(("end", "outcome"), [(Mode.FORCED_CLOSED, Outcome.RECOVERED), (None, Outcome.UNDER_WAY)])
def test_an_open_circuit_is_tried_early_and_the_record_says_what_came_of_it(
    checks: RecoveringChecks,
    opened: OpenedProviders,
    noted: Callable[[int], list[Attempt]],
    valkey: redis.Redis,
    end: Mode | None,
    outcome: Outcome,
) -> None:
    GuardLab(valkey, "lamp").opened()
    opened.get("lamp").signed_in = True  # type: ignore[attr-defined] # of a lamp

    assert checks.check("lamp").ok
    assert circuit_of(valkey, "lamp") == "half_open"
    assert noted(1)[0].outcome is Outcome.UNDER_WAY
    if end is not None:
        Guards(valkey, "lamp").mode(end, "ann", "it works")
    checks.check("lamp")

    (attempt,) = history(valkey)
    assert (attempt.action, attempt.outcome) == (TRY_EARLY, outcome)


def test_without_valkey_the_health_check_is_what_it_was(opened: OpenedProviders, own_valkey: EmbeddedValkey) -> None:
    client = redis.Redis.from_url(own_valkey.url)
    own_valkey.stop()
    recovery = Recovery(client, [*actions_of(_composition(), opened)], by=lambda: "host:1")

    found = RecoveringChecks(opened.health, recovery).check("lamp")

    assert found.detail == "LAMP_AUTH_FAILURE: the session has ended"
