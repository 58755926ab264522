from typing import Any

import pytest

from leeward import SyncUser
from leeward.record import KindSummary, Origin, PublishedKind
from leeward.record.precedence import published

OWN = PublishedKind.of(SyncUser, Origin(release="1.9"))


def _other(*, release: str = "1.9", more: int = 0, **changed: Any) -> PublishedKind:
    fields = OWN.payload_schema["properties"] | {f"new_{number}": {"type": "string"} for number in range(more)}
    schema = OWN.payload_schema | {"properties": fields}
    return OWN.model_copy(update={"payload_schema": schema, "release": release, **changed})


def _published(current: PublishedKind | None, *served: PublishedKind) -> PublishedKind:
    return published(OWN, current, [KindSummary.of(kind) for kind in served])


def test_what_nobody_has_described_is_described() -> None:
    assert _published(None) == OWN


def test_a_worker_that_is_alone_says_what_it_knows() -> None:
    assert _published(_other(more=1)) == OWN


@pytest.mark.parametrize(
    "newer",
    [_other(more=1), _other(more=1, release="1.0"), _other(release="1.10"), _other(release="2.0")],
    ids=lambda kind: f"{kind.release}, {len(kind.payload_schema['properties'])} fields",
)
def test_the_narrowest_description_wins_while_several_live_and_of_those_the_oldest(newer: PublishedKind) -> None:
    older = OWN
    assert _published(newer, newer) == older
    assert published(newer, older, [KindSummary.of(older)]) == older


def test_a_release_is_after_its_candidates() -> None:
    candidate = _other(release="1.9rc1")
    assert _published(candidate, candidate) == candidate


def test_workers_that_describe_a_kind_alike_need_not_write_it_again() -> None:
    assert _published(OWN, OWN, OWN) == OWN


def test_secrets_only_ever_grow() -> None:
    assert _published(_other(secrets=("pin", "token"))).secrets == ("password", "pin", "token")
    wider = _other(more=1, secrets=("new_0",))
    narrow = published(wider, OWN, [KindSummary.of(OWN)])
    assert (narrow.payload_schema, narrow.secrets) == (OWN.payload_schema, ("new_0", "password"))


@pytest.mark.parametrize("promise", ["idempotent", "marks_effect"])
def test_a_promise_holds_while_every_worker_makes_it(promise: str) -> None:
    makes: dict[str, Any] = {promise: True}
    breaks: dict[str, Any] = {promise: False}
    one, other = _other(**makes), _other(**breaks)
    assert not getattr(published(one, one, [KindSummary.of(other)]), promise)
    assert not getattr(published(other, one, [KindSummary.of(one)]), promise)
    assert getattr(published(one, other, [KindSummary.of(one)]), promise)
