"""The own settings of actors, and retry presets."""

from datetime import timedelta
from pathlib import Path

import pytest

from broker.guards.actor_config import ActorGuards
from middleware.retries.presets import PRESETS, Preset
from tests.unit.workers.settings.instances.acme import SECRET, fleet_of, problems_of
from workers.settings.instances.schedules import ActorSchedule

TWO = f"""
[providers.acme]
url = "https://acme.example"
api_key = "{SECRET}"
[providers.acme-eu]
type = "acme"
url = "https://eu.acme.example"
api_key = "{SECRET}"
"""


def test_an_actor_has_its_numbers_wherever_its_jobs_wait(tmp_path: Path) -> None:
    text = TWO + '[actors."sync.invoice"]\nlimit = 3\nslow = "20s"\n'

    fleet = fleet_of(tmp_path, text, GUARD_SYNC_INVOICE_BURST="4")

    assert fleet.problems == ()
    own = ActorGuards(limit=3, slow=timedelta(seconds=20), burst=4)
    assert fleet.actor_guards == {"sync.acme": own, "sync.acme-eu": own}


def test_an_actor_without_an_instance_may_have_numbers(tmp_path: Path) -> None:
    fleet = fleet_of(tmp_path, '[actors."sync.user"]\nlimit = 3\n')

    assert (fleet.actor_guards, fleet.problems) == ({}, ())


def test_a_preset_of_the_settings_is_chosen_by_name(tmp_path: Path) -> None:
    text = """
[retry_presets.patient]
attempts = 40
longest = "1h"
[retry_presets.quick]
attempts = 4
"""
    fleet = fleet_of(
        tmp_path,
        text + TWO + 'retry_preset = "patient"\n[actors."email.send"]\nretry_preset = "quick"\n',
        RETRY_PRESET_PATIENT_SHORTEST="5s",
    )

    assert fleet.problems == ()
    patient = Preset(40, timedelta(seconds=5), timedelta(hours=1))
    quick = Preset(4, PRESETS["quick"].shortest, PRESETS["quick"].longest)
    sync = fleet.retry_presets["sync.invoice"]
    assert (sync.at("acme"), sync.at("acme-eu")) == (PRESETS["standard"], patient)
    assert fleet.retry_presets["email.send"].at("smtp") == quick


def test_an_actors_own_preset_goes_before_its_providers(tmp_path: Path) -> None:
    text = TWO + 'retry_preset = "aggressive"\n[actors."sync.invoice"]\nretry_preset = { attempts = 2 }\n'

    sync = fleet_of(tmp_path, text).retry_presets["sync.invoice"]

    assert sync.at("acme").attempts == sync.at("acme-eu").attempts == 2


def test_everything_that_is_wrong_is_reported_at_once(tmp_path: Path) -> None:
    text = (
        TWO
        + """
[actors."sync.invoce"]
limit = 3
[actors."sync.invoice"]
limt = 2
slow = "1ms"
retry_preset = 5
self_drain = "yes"
[actors."email.send"]
self_drain = true
[actors."probe.acme"]
limit = 1
retry_preset = "quick"
[retry_presets.patient]
attempt = 4
attempts = 0
shortest = "2h"
[retry_presets.quick]
shortest = "1h"
"""
    )
    problems = problems_of(tmp_path, text)

    expected = [
        'actors."sync.invoce" is not an actor; did you mean sync.invoice?',
        'actors."sync.invoice".limt is not a setting; did you mean limit?',
        'actors."sync.invoice" cannot be used: slow must be at least',
        'actors."sync.invoice".retry_preset is 5; write the name of a retry preset, or a table with attempts.',
        "actors.\"sync.invoice\".self_drain is 'yes'; write true or false.",
        'actors."email.send".self_drain is for jobs that are idempotent',
        'actors."probe.acme" shares its queue with probe.jellyfin',
        'actors."probe.acme".retry_preset is for kinds of jobs; remove it.',
        "retry_presets.patient.attempt is not a setting; did you mean attempts?",
        "retry_presets.patient.attempts is 0, which cannot be used; write a whole number above 0",
        "retry_presets.quick cannot be used: ",
    ]
    for one in expected:
        assert any(problem.startswith(one) for problem in problems), (one, problems)
    assert len(problems) == len(expected)


@pytest.mark.parametrize("name", ["standard", "quick", "aggressive", "rate_limited"])
def test_the_built_in_presets_keep_their_figures(tmp_path: Path, name: str) -> None:
    sync = fleet_of(tmp_path, TWO + f'retry_preset = "{name}"\n').retry_presets["sync.invoice"]

    assert sync.at("acme-eu") == PRESETS[name]


def test_a_periodic_actor_may_have_a_schedule_and_a_zone_of_its_own(tmp_path: Path) -> None:
    fleet = fleet_of(tmp_path, '[actors."probe.acme"]\nschedule = "0 7 * * 1-5"\ntime_zone = "Europe/Berlin"\n')

    assert fleet.problems == ()
    assert fleet.schedules == {"probe.acme": ActorSchedule("0 7 * * 1-5", "Europe/Berlin")}


def test_an_impossible_schedule_is_named_with_what_to_write(tmp_path: Path) -> None:
    text = '[actors."probe.acme"]\nschedule = "70 * * * *"\ntime_zone = "Mars/Base"\n'

    problems = problems_of(tmp_path, text + '[actors."email.send"]\nschedule = "30s"\n')

    assert len(problems) == 3
    assert any("impossible minute" in problem for problem in problems)
    assert any("is not a time zone" in problem for problem in problems)
    assert any("is for periodic actors" in problem for problem in problems)
