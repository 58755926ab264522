import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward import SyncUser
from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.groups.fingerprint import RULE, Failure, failure_of, values_of
from storage.dead_letters.intake.new_letter import DeadLetter
from tests.unit.storage.dead_letters.intake.dead_entries import dead_fields, message_of

FAILURE = Failure(
    "jellyfin", "create_user", "Transient", "answered <number>", "providers/jellyfin/answers.py:understood"
)


def letter(error: object, *, user: str = "alice", **changes: str) -> DeadLetter:
    fields_ = dead_fields(
        message_of(SyncUser(user=user), message_id=f"job-of-{user}"), error=json.dumps(error), **changes
    )
    return DeadLetter.from_outbox("jellyfin", "1790000000000-0", fields_)


def test_a_fingerprint_is_sixteen_digits_and_tells_its_rule() -> None:
    assert FAILURE.fingerprint[0] == f"{RULE:x}"
    assert len(FAILURE.fingerprint) == 16
    assert int(FAILURE.fingerprint, 16) >= 0


@pytest.mark.parametrize("name", [field.name for field in fields(Failure)])
def test_every_part_of_a_failure_tells_it_from_others(name: str) -> None:
    assert replace(FAILURE, **{name: "another"}).fingerprint != FAILURE.fingerprint


def test_a_release_that_moves_files_within_a_package_keeps_the_group() -> None:
    moved = replace(FAILURE, frame="providers/jellyfin/answers/meaning.py:understood")

    assert moved.fingerprint == FAILURE.fingerprint


@given(*[st.text(max_size=8)] * 4)
def test_parts_do_not_run_into_each_other(one: str, two: str, three: str, four: str) -> None:
    first, second = Failure("p", one, two, None, None), Failure("p", three, four, None, None)

    assert (first.fingerprint == second.fingerprint) == ((one, two) == (three, four))


def test_the_same_failure_of_two_users_is_one_group() -> None:
    one, other = (
        letter({"type": "Permanent", "message": f"no user {user!r} ({user})"}, user=user) for user in ("alice", "bob")
    )

    assert one.failure == other.failure
    assert one.failure.message == "no user '<user>' (<user>)"


def test_what_was_done_is_the_operation_or_else_the_actor() -> None:
    assert letter({"type": "KeyError", "operation": "set_policy"}).failure.operation == "set_policy"
    assert letter({"type": "KeyError"}).failure.operation == "sync.user"


def test_crash_loops_of_any_job_and_worker_are_one_group() -> None:
    groups = {
        letter(
            {"type": "CrashLoop", "message": f"3 workers in a row stopped renewing its lease; the last was {worker}"},
            user=user,
            reason="crash_loop",
            worker=worker,
        ).failure.fingerprint
        for user, worker in (("alice", "host-a:4711"), ("bob", "another.example.org:12"))
    }

    assert len(groups) == 1


@pytest.mark.parametrize(
    ("reason", "one", "other"),
    [
        ("expired", "the deadline passed 0:00:01.5 ago", "the deadline passed 3 days, 12:00:00 ago"),
        (
            "invalid",
            "to.3.address: value is not a valid email address",
            "to.17.address: value is not a valid email address",
        ),
        (
            "undecodable",
            "unexpected character: line 1 column 1 (char 0)",
            "unexpected character: line 2 column 77 (char 90)",
        ),
        (
            "unknown_outcome",
            "delivery 1 began its effect and did not report how it ended",
            "delivery 2 began its effect and did not report how it ended",
        ),
    ],
)
def test_what_no_client_reports_has_sensible_groups(reason: str, one: str, other: str) -> None:
    first, second = (letter({"type": "X", "message": said}, reason=reason) for said in (one, other))

    assert first.failure == second.failure


def test_a_status_tells_failures_apart() -> None:
    first, second = (letter({"type": "T", "message": f"answered {code}", "status": code}) for code in (502, 503))

    assert first.failure.fingerprint != second.failure.fingerprint
    assert first.failure.message == "answered 502"


def test_no_secret_gets_into_a_group() -> None:
    error = {
        "type": "AuthFailed",
        "message": "the password hunter2hunter2 was refused",
        "operation": "sign_in hunter2hunter2",
    }
    fields_ = dead_fields(message_of(SyncUser(user="alice", password="hunter2hunter2")), error=json.dumps(error))

    found = DeadLetter.from_outbox("jellyfin", "1790000000000-0", fields_).failure

    assert "hunter2" not in repr(found)
    assert found.message == "the password [redacted] was refused"


def test_an_entry_that_cannot_be_read_has_a_group() -> None:
    found = [DeadLetter.minimal("jellyfin", f"179000000000{n}-0", {b"x": b"\xff"}, "poisoned") for n in range(2)]

    assert found[0].failure == found[1].failure
    assert (found[0].reason, found[0].failure.error_type) == (DeadReason.UNDECODABLE, "UnreadableEntry")


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_an_error_and_a_payload_hold_there_is_a_group(anything: object) -> None:
    error = anything if isinstance(anything, dict) else {"message": anything, "status": anything, "type": anything}

    assert len(failure_of("p", "a", error, values_of(anything, job="job")).fingerprint) == 16


def test_arguments_of_a_stock_actor_count_by_their_names() -> None:
    values = values_of({"args": ["first"], "kwargs": {"user": "alice"}}, job="j-1", worker=None)

    assert values == {"job": "j-1", "argument": ["first"], "user": "alice"}
