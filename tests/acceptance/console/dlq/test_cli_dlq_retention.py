"""What goes and what stays, from the command line."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from bench.dlq.letters import fill
from console.cli.exit_code import ExitCode
from storage.dead_letters.retention.months import Month
from storage.dead_letters.retention.partitions import REST
from tests.acceptance.console.leeward import Command
from tests.integration.storage.rows import keep, letter


def old_month(connection: Connection) -> str:
    """Makes one that ended half a year ago, in place of the first partition: nine finished dead letters, three open ones."""
    month = Month.of(datetime.now(UTC) - timedelta(days=180))
    with connection.begin():
        connection.execute(text("ALTER TABLE dead_letters DETACH PARTITION dead_letters_first"))
        bounds = f"FROM ('{month.first_id}') TO ('{month.next.first_id}')"
        connection.execute(text(f"CREATE TABLE {month.partition} PARTITION OF dead_letters FOR VALUES {bounds}"))
    middle = month.start + timedelta(days=15)
    fill(connection, 12, days=1, until=middle.isoformat(), states=["discarded", "discarded", "recovered", "failed"])
    with connection.begin():
        connection.execute(text("UPDATE dead_letters SET finished_at = died_at WHERE state <> 'failed'"))
    return month.partition


def totals(answer: dict[str, dict[str, int]]) -> dict[str, int]:
    return answer["totals"]


def test_a_prune_does_what_its_dry_run_said_and_nothing_twice(leeward: Command, connection: Connection) -> None:
    partition = old_month(connection)

    dry = leeward("dlq", "prune", "--dry-run", "--json").json()
    done = leeward("dlq", "prune", "--json").json()
    again = leeward.installed("dlq", "prune", "--json").json()

    assert totals(dry) == totals(done) == {"dropped": 9, "moved": 3}
    assert {line["partition"] for line in done["lines"]} == {partition}
    assert {(line["state"], line["why"]) for line in dry["lines"] if line["fate"] == "moved"} == {
        ("failed", "no decision yet")
    }
    assert again["lines"] == [
        {"partition": REST, "state": "failed", "fate": "kept", "why": "no decision yet", "letters": 3}
    ]
    assert leeward("dlq", "prune", "--dry-run").out == (
        f"partition\tstate\tfate\tletters\twhy\n{REST}\tfailed\tkept\t3\tno decision yet\n"
    )


def test_periods_come_from_the_settings(leeward: Command, connection: Connection) -> None:
    old_month(connection)
    longer = Command(leeward.environment | {"LEEWARD_KEEP_DISCARDED": "3650d"}, leeward.folder)

    assert totals(longer("dlq", "prune", "--dry-run", "--json").json()) == {"kept": 12}
    refused = Command(leeward.environment | {"LEEWARD_KEEP_FINISHED": "a month"}, leeward.folder)
    answer = refused("dlq", "prune", expect=ExitCode.FAILED)
    assert "LEEWARD_KEEP_FINISHED is 'a month', which is not a valid duration; use for example 30d." in answer.err


def test_what_is_held_stays_until_it_is_released(leeward: Command, connection: Connection) -> None:
    old_month(connection)

    assert leeward("dlq", "hold", "--state", "recovered", "--because", "case 17", "--yes").out == "3 held.\n"
    assert totals(leeward("dlq", "prune", "--json").json()) == {"dropped": 6, "moved": 6}
    kept = leeward("dlq", "prune", "--json").json()["lines"]
    assert ("recovered", "legal hold", 3) in {(line["state"], line["why"], line["letters"]) for line in kept}

    assert (
        leeward("dlq", "hold", "--state", "recovered", "--release", "--because", "closed", "--yes").out
        == "3 released.\n"
    )
    assert totals(leeward("dlq", "prune", "--json").json()) == {"deleted": 3, "kept": 3}


def test_a_hold_by_id_or_filter_is_counted_first_and_told_one_by_one(leeward: Command, connection: Connection) -> None:
    one, two, other = (str(id_) for id_ in keep(connection, letter(1), letter(2), letter(3, provider="emby")))

    assert (
        leeward("dlq", "hold", "--provider", "jellyfin", "--because", "b", "--dry-run", "--json").json()["total"] == 2
    )
    leeward("dlq", "hold", "--provider", "jellyfin", "--because", "b", expect=ExitCode.USAGE)
    told = leeward("dlq", "hold", one, other, "--because", "b", "--yes", "--json").lines()
    rest = leeward("dlq", "hold", "--provider", "jellyfin", "--because", "b", "--yes", "--json").lines()

    assert told == [{"id": one, "outcome": "held"}, {"id": other, "outcome": "held"}]
    assert rest == [{"id": two, "outcome": "held"}]
    events = leeward("dlq", "show", two, "--json").json()["events"]
    assert [(event["event"], event["detail"]) for event in events] == [("held", {"reason": "b"})]


def test_a_hold_of_nothing_or_without_a_reason_is_refused(leeward: Command) -> None:
    assert "Give ids" in leeward("dlq", "hold", "--because", "b", expect=ExitCode.USAGE).err
    assert "--because" in leeward("dlq", "hold", "--state", "failed", expect=ExitCode.USAGE).err
    missing = "01920000-0000-7000-8000-000000000001"
    assert "no dead letter" in leeward("dlq", "hold", missing, "--because", "b", expect=ExitCode.NOT_FOUND).err
