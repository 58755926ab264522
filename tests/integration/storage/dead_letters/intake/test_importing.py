"""Dead letters on their way from one installation to another."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text, update

from leeward import SyncUser
from leeward.wire.dead_letter_id import dead_letter_id
from leeward_admin.dead_letters.importing import Imported, import_lines
from storage.database.engine import create_engine
from storage.dead_letters.audit import EventKind
from storage.dead_letters.intake.imported_letter import InvalidLetter, imported_letter
from storage.dead_letters.letter.queries import export
from storage.dead_letters.retention.partitions import partitions
from storage.dead_letters.search.filter import Filter
from storage.dead_letters.state import State
from storage.dead_letters.triage.decisions import assign
from storage.dead_letters.triage.editing import edit
from storage.tables import dead_letters
from tests.integration.storage.rows import events, failing_with, keep, letter, read
from tests.support.servers import fresh_database
from tests.unit.storage.dead_letters.intake.dead_entries import message_of

NOW = datetime.now(UTC)
OF_THIS_PLACE = {"created_at"}


@pytest.fixture
def elsewhere(postgres_server: Any, _migrated_template: str) -> Iterator[Engine]:
    with fresh_database(postgres_server.url, template=_migrated_template) as url:
        engine = create_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture
def exported(connection: Connection) -> list[str]:
    """An export of every state, with an edit, a hold, hostile text, bytes that are no message, and a lost secret."""
    secret = SyncUser.model_validate({"user": "alice", "password": "hunter2-hunter2"})
    ids = keep(
        connection,
        *(letter(number) for number in range(6)),
        letter(6, message=message_of(secret), error=failing_with("E", "hunter2-hunter2 was not taken")),
        letter(7, message=b"\xff not a message", reason="undecodable"),
        letter(8, error=failing_with("=1+1", "\x1b[2J\x00 nul"), message=message_of(options={"tenant": "acme"})),
    )
    row = dead_letters.c
    with connection.begin():
        for id_, state in zip(ids, State, strict=False):
            connection.execute(update(dead_letters).where(row.id == id_).values(state=state.value, hold=True))
        edit(connection, ids[5], 1, who="ada", payload={"user": "right", "provider": "jellyfin", "state": "enabled"})
        assign(connection, ids[8], 1, who="ada", owner="grace")
        connection.execute(
            update(dead_letters).where(row.state == "requeued").values(replayed_as="job", replay_id=ids[0])
        )
    return lines_of(connection)


def lines_of(connection: Connection) -> list[str]:
    with connection.begin():
        return [json.dumps(document) for document in export(connection, Filter())]


def outcomes(engine: Engine, lines: list[str]) -> list[str]:
    return [line.outcome.value for line in import_lines(engine, lines, who="grace", now=NOW)]


def test_what_is_exported_imported_and_exported_again_is_the_same(exported: list[str], elsewhere: Engine) -> None:
    assert set(outcomes(elsewhere, exported)) == {Imported.NEW}

    with elsewhere.connect() as connection:
        again = lines_of(connection)
    assert len(again) == len(exported) == 9
    for before, after in zip(map(json.loads, exported), map(json.loads, again), strict=True):
        documented = set(OF_THIS_PLACE)
        if before["state"] == "requeued":
            assert (after["state"], after["replayed_as"], after["replay_id"]) == ("failed", None, None)
            documented |= {"state", "replayed_as", "replayed_at", "replay_id"}
        assert {name for name in before if before[name] != after[name]} <= documented


def test_importing_again_changes_nothing(exported: list[str], elsewhere: Engine) -> None:
    outcomes(elsewhere, exported)
    with elsewhere.connect() as connection:
        before = lines_of(connection)

    assert set(outcomes(elsewhere, exported)) == {Imported.KNOWN}

    with elsewhere.connect() as connection:
        assert lines_of(connection) == before
        id_ = json.loads(exported[2])["id"]
        (event,) = events(connection, id_)
    assert (event.event, event.who, event.detail) == (EventKind.IMPORTED, "grace", {"state": "requeued"})


def test_what_comes_back_to_a_month_that_was_dropped_gets_a_partition_of_its_own(
    exported: list[str], elsewhere: Engine
) -> None:
    first = json.loads(exported[0])
    died, long_ago = datetime.fromisoformat(first["died_at"]), datetime(2020, 1, 1, tzinfo=UTC)
    older = first | {"id": str(dead_letter_id("jellyfin/1-0", long_ago)), "died_at": long_ago.isoformat()}
    with elsewhere.begin() as connection:
        for partition in partitions(connection):
            connection.execute(text(f"DROP TABLE {partition.table}"))

    assert set(outcomes(elsewhere, [*exported, json.dumps(older)])) == {Imported.NEW}

    with elsewhere.begin() as connection:
        held = connection.execute(text("SELECT tableoid::regclass::text, count(*) FROM dead_letters GROUP BY 1")).all()
    assert sorted(held) == [(f"dead_letters_{died:%Y_%m}", 9), ("dead_letters_rest", 1)]


def test_a_line_twice_in_a_file_is_one_dead_letter(exported: list[str], elsewhere: Engine) -> None:
    assert outcomes(elsewhere, [exported[0], exported[0]]) == [Imported.NEW, Imported.KNOWN]


def test_bad_lines_are_told_and_the_rest_is_imported(exported: list[str], elsewhere: Engine) -> None:
    first = json.loads(exported[0])
    missing = {name: value for name, value in first.items() if name != "error"}
    bad = ["{", "[]", json.dumps(missing), json.dumps(first | {"state": "dead-secret"}), "1" * 50, "[" * 100_000]

    lines = list(import_lines(elsewhere, [exported[1], *bad, "", exported[2]], who="grace", now=NOW))

    assert [line.outcome for line in lines] == [Imported.NEW, *[Imported.INVALID] * 6, Imported.NEW]
    assert [line.number for line in lines] == [1, 2, 3, 4, 5, 6, 7, 9]
    told = [line.why or "" for line in lines if line.outcome is Imported.INVALID]
    assert "no JSON" in told[0]
    assert "error: Field required" in told[2]
    assert told[3].startswith("state: ")
    assert not any("dead-secret" in why for why in told)


def test_groups_count_what_was_imported(exported: list[str], elsewhere: Engine) -> None:
    outcomes(elsewhere, exported)
    outcomes(elsewhere, exported)

    with elsewhere.begin() as connection:
        unknown = (
            "SELECT count(*) FROM dead_letters WHERE fingerprint NOT IN (SELECT fingerprint FROM dead_letter_groups)"
        )
        counted = "SELECT sum(letters) FROM dead_letter_changes"
        assert connection.execute(text(unknown)).scalar() == 0
        assert connection.execute(text(counted)).scalar() == 9


def test_a_secret_in_a_file_is_not_written_down(exported: list[str], elsewhere: Engine) -> None:
    first = json.loads(exported[0])
    message = message_of(SyncUser.model_validate({"user": "alice", "password": "hunter2-hunter2"}))
    first["message_base64"] = first["edited_message_base64"] = base64.b64encode(message).decode()
    first["payload"] = first["edited_payload"] = {"user": "alice", "password": "hunter2-hunter2"}
    first["error"] = {"message": "hunter2-hunter2 was not taken"}

    assert outcomes(elsewhere, [json.dumps(first)]) == [Imported.NEW]

    with elsewhere.connect() as connection:
        (line,) = lines_of(connection)
        kept = read(connection, first["id"])
    assert "hunter2" not in line
    assert b"hunter2" not in kept.message
    assert kept.edited_message is None
    assert "password" in (kept.replay_refusal or "")


def test_an_id_that_is_not_of_its_time_of_death_is_refused(exported: list[str]) -> None:
    first = json.loads(exported[0])
    first["died_at"] = (imported_letter(first, NOW).values["died_at"] + timedelta(days=1)).isoformat()

    with pytest.raises(InvalidLetter, match="id: it does not begin with the time of died_at"):
        imported_letter(first, NOW)


@pytest.mark.parametrize("name", ["died_at", "enqueued_at", "updated_at", "replayed_at", "finished_at"])
@pytest.mark.parametrize(
    "at", ["2100-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z"]
)
def test_a_time_that_no_clock_can_have_shown_is_refused(exported: list[str], name: str, at: str) -> None:
    first = json.loads(exported[0])
    first[name] = at

    with pytest.raises(InvalidLetter, match=rf"^{name}: it lies (in the future|before 2000): a clock was wrong"):
        imported_letter(first, NOW)


def test_no_partition_is_made_for_a_time_that_no_clock_can_have_shown(exported: list[str], elsewhere: Engine) -> None:
    """Also where the id says the same."""
    first = json.loads(exported[0])
    first["died_at"] = "2100-01-01T00:00:00Z"
    first["id"] = str(dead_letter_id(first["outbox_id"], datetime(2100, 1, 1, tzinfo=UTC)))
    with elsewhere.connect() as connection:
        before = partitions(connection)

    assert outcomes(elsewhere, [json.dumps(first)]) == [Imported.INVALID]

    with elsewhere.connect() as connection:
        assert partitions(connection) == before


def test_an_export_of_a_release_that_knew_fewer_secrets_brings_none(exported: list[str], elsewhere: Engine) -> None:
    url = "https://files.example/x?token=t0psecret"
    old = json.loads(exported[0]) | {"idempotency_key": url, "request_id": url, "tenant": url, "note": f"from {url}"}

    assert outcomes(elsewhere, [json.dumps(old)]) == [Imported.NEW]

    with elsewhere.connect() as connection:
        (line,) = lines_of(connection)
    assert "t0psecret" not in line
    assert json.loads(line)["idempotency_key"] is None
    assert json.loads(line)["note"] == "from https://files.example/x?token=[redacted]"
