from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

import pytest

from leeward import Job, SyncUser
from leeward.jobs.kinds import Kinds
from leeward.jobs.secret import SecretText
from leeward.record import Origin, PublishedKind


class Ship(Job):
    kind: ClassVar[str] = "ship.parcel"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "ship"
    idempotent: ClassVar[bool] = True

    number: str


class ShipWithCode(Ship):
    door_code: SecretText | None = None


PUBLISHED = PublishedKind.of(Ship, Origin(packages=("leeward_acme",)))


@pytest.fixture
def known() -> Kinds:
    kinds = Kinds([SyncUser])
    kinds.learn([PUBLISHED])
    return kinds


def test_a_published_kind_is_a_class_that_is_made_once(known: Kinds) -> None:
    job = known.get("ship.parcel", 1)
    assert job is not None
    assert (job.kind, job.idempotent) == ("ship.parcel", True)
    known.learn([PUBLISHED])
    assert known.get("ship.parcel", 1) is job


def test_what_is_published_anew_takes_the_place_of_what_was(known: Kinds) -> None:
    known.learn([PublishedKind.of(ShipWithCode)])
    (job,) = known.versions("ship.parcel")
    assert "door_code" in job.model_fields


def test_a_class_goes_before_what_is_published(known: Kinds) -> None:
    known.add([Ship])
    assert known.versions("ship.parcel") == (Ship,)


def test_a_field_that_was_ever_secret_stays_so(known: Kinds) -> None:
    known.learn([PublishedKind.of(ShipWithCode)])
    known.learn([PUBLISHED])
    known.add([Ship])
    own, hides_more = known.descriptions("ship.parcel")
    assert own is Ship
    assert hides_more.hidden_fields == {"door_code"}


def test_a_description_is_kept_until_something_is_published_anew(known: Kinds) -> None:
    before = known.descriptions("ship.parcel")
    known.learn([PUBLISHED])
    assert known.descriptions("ship.parcel") is before
    known.learn([PublishedKind.of(ShipWithCode)])
    assert known.descriptions("ship.parcel") != before


def test_a_description_from_before_a_kind_was_published_anew_is_not_kept(
    known: Kinds, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = known.versions

    def meanwhile(kind: str) -> tuple[type[Job], ...]:
        found = versions(kind)
        monkeypatch.undo()
        known.learn([PublishedKind.of(ShipWithCode)])
        return found

    monkeypatch.setattr(known, "versions", meanwhile)
    known.descriptions("ship.parcel")
    assert known.descriptions("ship.parcel")[0].model_fields.keys() == ShipWithCode.model_fields.keys()


def test_a_published_kind_whose_secrets_its_class_knows_is_not_made(known: Kinds) -> None:
    known.learn([PublishedKind.of(SyncUser)])
    assert known.descriptions("sync.user") == (SyncUser,)


def test_names_and_packages_are_of_all_kinds(known: Kinds) -> None:
    assert known.names() == ["ship.parcel", "sync.user"]
    assert known.packages() == {"leeward_acme"}
    assert list(known) == [SyncUser]


def test_nothing_is_known_of_other_kinds(known: Kinds) -> None:
    assert known.get("ship.parcel", 2) is None
    assert known.versions("ship.letter") == known.descriptions("ship.letter") == ()


def test_a_source_is_asked_when_something_is_looked_for_and_not_too_often() -> None:
    asked, now = [0], [100.0]

    def source() -> list[PublishedKind]:
        asked[0] += 1
        return [PUBLISHED]

    known = Kinds([SyncUser], clock=lambda: now[0])
    looks: list[Callable[[], object]] = [
        known.names,
        known.facts,
        known.packages,
        lambda: known.versions("ship.parcel"),
    ]
    with known.following(source, every=timedelta(seconds=1)):
        assert asked == [0]
        for look in looks:
            assert look()
        assert asked == [1]
        now[0] += 1
        known.names()
        assert asked == [2]
    now[0] += 1
    assert "ship.parcel" in known.names()
    assert asked == [2]


def test_a_source_that_cannot_be_asked_is_asked_again() -> None:
    answers: list[list[PublishedKind]] = []
    known = Kinds([SyncUser])
    with known.following(answers.pop, every=timedelta(hours=1)):
        with pytest.raises(IndexError):
            known.names()
        answers.append([PUBLISHED])
        assert "ship.parcel" in known.names()
