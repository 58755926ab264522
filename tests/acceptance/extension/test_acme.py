"""An extension with two instances, in a fleet that has it from its wheel: everything that works for our own providers works for it."""

import os
import signal

from leeward import JobState
from tests.acceptance.environment import Environment
from tests.acceptance.extension.conftest import ACME, AcmeSite
from tests.acceptance.extension.site import Site
from tests.support.fleets.fleet import everything_in
from tests.support.waiting import wait_until

PASSWORD = "swordfish-at-the-portal"
CANNOT_RUN = 78


def test_check_names_both_instances(running: AcmeSite) -> None:
    checks = {one["name"]: one["verdict"] for one in running.site.answer("check")["checks"]}

    assert checks["provider acme"] == "ok"
    assert checks["provider acme-eu"] == "ok"


def test_a_job_is_enqueued_by_the_command_line_and_has_acmes_record_as_its_result(running: AcmeSite) -> None:
    said = running.site.answer("enqueue", "sync.invoice", "--set", "number=INV-7", "--set", "cents:=250")

    running.site.wait_for(said["job"], JobState.DONE)
    assert said["queue"] == "sync.acme"
    assert running.site.client.result(said["job"]) == {"number": "INV-7", "cents": 250}
    assert running.acme.invoices["INV-7"]["cents"] == 250


def test_a_tick_that_was_missed_runs_once_at_each_instance(running: AcmeSite) -> None:
    servers = (running.acme, running.acme_eu)
    wait_until(lambda: all(one.stored["INV-1"] for one in servers), description="both reminders", timeout=60)

    assert [one.stored["INV-1"] for one in servers] == [1, 1]


def test_a_handler_runs_when_an_account_of_another_provider_is_disabled(running: AcmeSite) -> None:
    job = running.site.enqueue("sync.user", user="alice", state="disabled")
    running.site.wait_for(job, JobState.DONE)

    wait_until(lambda: running.acme.stored["INV-2"], description="the closing fee is there", timeout=60)

    assert running.acme.stored["INV-2"] == 1


def test_an_outage_of_one_instance_leaves_the_other_alone(running: AcmeSite) -> None:
    site = running.site
    running.acme.works = False
    waits = site.enqueue_many("sync.invoice", [{"number": f"INV-{number}", "cents": 1} for number in range(20, 32)])
    wait_until(lambda: circuits(site)["acme"] != "closed", description="the circuit of acme opens", timeout=60)

    other = site.enqueue("sync.invoice", provider="acme-eu", number="INV-20", cents=1)

    site.wait_for(other, JobState.DONE)
    assert circuits(site)["acme-eu"] == "closed"
    assert "circuit" in site.run("job", "why", waits[-1])
    running.acme.works = True
    for job in waits:
        site.wait_for(job, JobState.DONE)


def circuits(site: Site) -> dict[str, str]:
    return {one["provider"]: one["state"] for one in site.answer("provider", "list")["providers"]}


def test_what_a_killed_worker_began_is_verified_and_not_repeated(running: AcmeSite) -> None:
    running.acme.held.add("INV-9")
    job = running.site.enqueue("sync.invoice", number="INV-9", cents=900)
    wait_until(lambda: running.acme.stored["INV-9"], description="the invoice is stored", timeout=60)

    for pid in running.host.workers():
        os.kill(pid, signal.SIGKILL)

    running.site.wait_for(job, JobState.DONE)
    assert running.acme.stored["INV-9"] == 1
    running.acme.release.set()


def test_a_dead_letter_has_no_secret_and_a_replay_refuses_it_for_that(running: AcmeSite) -> None:
    site = running.site
    running.acme.missing.add("INV-404")
    job = site.enqueue("sync.invoice", number="INV-404", cents=1, portal_password=PASSWORD)
    letter = site.dead_letter(job)

    assert (letter["reason"], letter["actor"]) == ("permanent", "sync.invoice")
    groups = site.answer("dlq", "groups")["groups"]
    assert letter["fingerprint"] in {group["fingerprint"] for group in groups}
    assert PASSWORD not in site.everything_in_postgresql() + everything_in(site.valkey_url)
    assert "portal_password" in site.run("dlq", "replay", str(letter["id"]), "--yes", exit_code=1)


def test_one_without_a_secret_is_taken_by_a_filter(running: AcmeSite) -> None:
    site = running.site
    running.acme.missing.add("INV-405")
    letter = site.dead_letter(site.enqueue("sync.invoice", number="INV-405", cents=1))
    running.acme.missing.clear()

    # The one with a secret is among them: it is refused, and keeps the others from nothing.
    said = site.run("dlq", "replay", "--actor", "sync.invoice", "--reason", "permanent", "--yes", exit_code=1)

    assert "1 done, 1 refused" in said
    assert running.acme.stored["INV-405"] == 1
    shown = site.answer("dlq", "show", str(letter["id"]))
    assert shown["state"] == "recovered"


def test_metrics_and_the_list_of_extensions_show_it(running: AcmeSite) -> None:
    host = running.host
    # The scheduler's own probes come with each minute.
    running.site.run("provider", "probe", "acme-eu")
    wait_until(
        lambda: host.metric("leeward_provider_healthy", provider="acme-eu") == 1,
        description="the probe's result among the metrics",
        timeout=20,
    )
    assert host.metric("leeward_deliveries_total", actor="sync.invoice", outcome="done") > 0
    assert host.metric("leeward_event_handler_lag") == 0

    said = running.site.run("extensions")

    assert "leeward-acme 0.1.0" in said.replace("\t", " ")
    assert "leeward-badges 1.2.0" in said.replace("\t", " ")


def test_without_the_package_the_reason_is_one_sentence_and_its_dead_letters_can_be_replayed_when_it_is_back(
    running: AcmeSite, environment: Environment
) -> None:
    site = running.site
    running.acme.missing.add("INV-406")
    letter = site.dead_letter(site.enqueue("sync.invoice", number="INV-406", cents=1))
    running.acme.missing.clear()
    running.host.kill_whole()
    environment.uninstall("leeward-acme")

    refused = site.run("worker", exit_code=CANNOT_RUN)

    assert "providers.acme is of the type 'acme', which no installed extension brings" in refused
    assert "Traceback" not in refused
    assert "INV-406" in site.run("dlq", "show", str(letter["id"]))

    environment.install(ACME)
    site.start_host()
    site.run("dlq", "replay", str(letter["id"]), "--yes")
    assert running.acme.stored["INV-406"] == 1
