import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from leeward import DownloadFile, Job, Priority, SendEmail, SyncUser
from leeward.jobs.canonical import fingerprint
from leeward.jobs.secret import REDACTED, secret_fields
from leeward.record import Origin, PublishedKind
from leeward.redaction import hidden
from tests.unit.leeward.record.every_type import FULL, EveryType

KINDS: tuple[type[Job], ...] = (SyncUser, SendEmail, DownloadFile, EveryType)
LEAST: dict[str, dict[str, Any]] = {
    "sync.user": {"user": "alice"},
    "email.send": {"to": ["a@example.org"], "subject": "Hello", "text": "!"},
    "download.file": {"url": "https://example.org", "destination": "a/b"},
    "every.type": {"name": "bolt", "made_up": "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed", "password": "swordfish-of-ann"},
}


@pytest.fixture(scope="module")
def every_type() -> type[Job]:
    """The class as another machine makes it: from the text that travelled."""
    return _travelled(EveryType).job_class()


def _travelled(job: type[Job]) -> PublishedKind:
    read = PublishedKind.read(PublishedKind.of(job, Origin(extension="acme")).model_dump_json())
    assert read is not None
    return read


def test_a_kind_arrives_with_all_that_is_said_of_it(every_type: type[Job]) -> None:
    assert (every_type.kind, every_type.version, every_type.family) == ("every.type", 3, "every")
    assert (every_type.idempotent, every_type.marks_effect) == (True, True)
    assert (every_type.default_priority, every_type.default_deadline) == (Priority.BULK, timedelta(minutes=7))
    assert every_type.model_fields["name"].description == "In small letters."
    assert every_type.model_validate({"name": "bolt", "provider": "acme-eu"}).queue == "every.acme-eu"


@pytest.mark.parametrize("job", KINDS, ids=lambda job: job.kind)
def test_the_same_work_has_the_same_fingerprint_with_and_without_the_package(job: type[Job]) -> None:
    least = LEAST[job.kind]
    ours, theirs = job.model_validate(least), _travelled(job).job_class().model_validate(least)
    assert fingerprint(job.kind, theirs.to_payload()) == fingerprint(job.kind, ours.to_payload())


def test_values_are_written_as_the_package_writes_them(every_type: type[Job]) -> None:
    ours = EveryType.model_validate(FULL).to_payload()
    theirs = every_type.model_validate(FULL).to_payload()
    # Inside of itself a model is taken as it is.
    assert theirs["lines"].pop() == {"number": 2, "price": "2", "parent": {"number": 3}}
    ours["lines"].pop()
    assert theirs == ours


@pytest.mark.parametrize(
    "wrong",
    [
        {"provider": "Acme EU"},
        {"name": "Bolt"},
        {"count": 10},
        {"share": 1},
        {"price": "much"},
        {"day": "2026-02-30"},
        {"every": "now and then"},
        {"reference": "1b9d"},
        {"home": "no address"},
        {"size": "medium"},
        {"mode": "slower"},
        {"tags": ["a"]},
        {"tags": ["ab", "cd", "ef", "gh"]},
        {"limits": {"most": "many"}},
        {"login": {}},
        {"login": {"user": "ann", "tries": ["x"]}},
        {"lines": [{"number": 0}]},
        {"lines": [{"number": 1, "price": -1}]},
        {"lines": [{"number": 1, "colour": "red"}]},
        {"colour": "red"},
    ],
    ids=json.dumps,
)
def test_what_the_package_refuses_is_refused_without_it(every_type: type[Job], wrong: dict[str, Any]) -> None:
    for job in (EveryType, every_type):
        with pytest.raises(ValidationError):
            job.model_validate({"name": "bolt"} | wrong)


def test_a_default_that_differs_each_time_is_left_to_the_worker(every_type: type[Job]) -> None:
    assert "made_up" not in every_type.model_validate({"name": "bolt"}).to_payload()


def test_a_secret_default_is_not_published() -> None:
    text = PublishedKind.of(EveryType).model_dump_json()
    assert "swordfish" not in text
    assert "***" not in text


def test_secrets_are_known_at_any_depth(every_type: type[Job]) -> None:
    assert PublishedKind.of(EveryType).secrets == ("login.token", "password", "pin")
    assert secret_fields(every_type) == {"password", "pin"}
    found = hidden(every_type.model_validate(FULL).to_payload(), (every_type,))
    assert found.value["login"]["token"] == REDACTED
    assert found.secrets == {"t0ken-of-ann", "swordfish-of-ann"}


def test_a_field_that_another_release_calls_secret_is_one() -> None:
    kind = _travelled(EveryType).model_copy(update={"secrets": ("login.user", "name", "gone")})
    job = kind.job_class()
    found = hidden({"name": "bolt", "gone": "g0ne", "login": {"user": "ann"}}, (job,))
    assert found.secrets == {"bolt", "g0ne", "ann"}
    assert "bolt" not in repr(job.model_validate({"name": "bolt"}))


def test_a_pattern_of_another_engine_leaves_the_rest_of_the_schema_in_force() -> None:
    kind = _travelled(EveryType)
    kind.payload_schema["properties"]["name"]["pattern"] = r"^(?=b)\w+$"
    job = kind.job_class()
    assert job.model_validate({"name": "UP"})
    with pytest.raises(ValidationError):
        job.model_validate({"name": "bolt", "count": 10})


def test_a_description_of_a_newer_release_is_read_without_what_is_new() -> None:
    text = PublishedKind.of(SyncUser).model_dump_json()
    assert PublishedKind.read(text[:-1] + ',"mood":"good"}') == PublishedKind.of(SyncUser)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind":1}', "\xff"])
def test_what_cannot_be_understood_is_none(text: str) -> None:
    assert PublishedKind.read(text) is None
