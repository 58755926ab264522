import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from leeward.jobs.dead_reason import DeadReason
from storage.dead_letters.search.filter import Filter, InvalidFilter
from storage.dead_letters.state import State

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def parse(**typed: Any) -> Filter:
    return Filter.parse(now=NOW, **typed)


def test_nothing_typed_matches_everything() -> None:
    assert parse() == Filter()
    assert Filter().conditions() == []


def test_several_values_are_kept() -> None:
    found = parse(state=["failed", "reviewing"], reason=["expired"], provider=["jellyfin"])

    assert found.states == (State.FAILED, State.REVIEWING)
    assert found.reasons == (DeadReason.EXPIRED,)
    assert found.providers == ("jellyfin",)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("90s", NOW - timedelta(seconds=90)),
        ("2h", NOW - timedelta(hours=2)),
        ("7d", NOW - timedelta(days=7)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T12:00+01:00", datetime(2026, 1, 31, 11, tzinfo=UTC)),
        ("2026-01-31T12:00Z", datetime(2026, 1, 31, 12, tzinfo=UTC)),
    ],
)
def test_a_time_is_an_instant_or_a_span_ago(typed: str, meant: datetime) -> None:
    assert parse(since=typed).since == meant


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ({"state": ["dead"]}, "use one of failed, reviewing, requeued, discarded, recovered"),
        ({"reason": ["exausted"]}, "'exausted' does not exist: did you mean exhausted?"),
        ({"since": "yesterday"}, "use for example 2026-01-31"),
        ({"until": "999999w"}, "use for example 2026-01-31"),
        ({"ids": ["17"]}, "is not the id of a dead letter"),
        ({"provider": [" "]}, "leave it out"),
        ({"error": ""}, "leave it out"),
        ({"error": "a\x00b"}, "can match nothing"),
        ({"since": "1h", "until": "2h"}, "is not before until"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_advice(typed: dict[str, Any], advice: str) -> None:
    with pytest.raises(InvalidFilter, match=advice.replace("|", r"\|")):
        parse(**typed)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidFilter, match="has no time zone"):
        Filter(since=NOW.replace(tzinfo=None))


def test_a_filter_survives_json() -> None:
    everything = Filter(
        states=(State.FAILED,),
        reasons=(DeadReason.EXPIRED, DeadReason.INVALID),
        providers=("jellyfin",),
        queues=("sync.jellyfin",),
        actors=("sync.user",),
        operations=("create_user",),
        tenants=("acme",),
        fingerprints=("1abc",),
        owners=("ada",),
        error="503",
        text="two words",
        hold=False,
        replays=(UUID(int=7),),
        since=NOW - timedelta(hours=2),
        until=NOW,
        ids=(UUID(int=9),),
    )

    assert Filter.from_json(json.loads(json.dumps(everything.to_json()))) == everything
    assert len(everything.to_json()) == len(fields(Filter))
    assert Filter.from_json({}) == Filter()


@pytest.mark.parametrize(
    ("document", "advice"),
    [
        ({"provider": ["jellyfin"]}, "no 'provider': did you mean providers?"),
        ({"colour": "red"}, "no 'colour': use states, reasons"),
        ({"providers": "jellyfin"}, "providers is a list of texts in a filter.*this is a text"),
        ({"states": ["dead"]}, "use one of failed"),
        ({"hold": "yes"}, "hold is true or false"),
        ({"text": 7}, "text is a text in a filter; this is a number"),
        ({"since": "2h"}, "since '2h' is not a valid time"),
        ({"replays": ["17"]}, "not the id of a replay"),
        ([], "a filter is a JSON object; this is a list"),
    ],
)
def test_json_that_is_no_filter_is_refused_with_the_nearest_name(document: object, advice: str) -> None:
    with pytest.raises(InvalidFilter, match=advice.replace("?", r"\?")):
        Filter.from_json(document)


def test_spans_in_json_count_back_from_when_it_is_read() -> None:
    assert Filter.from_json({"since": "2h"}, now=NOW).since == NOW - timedelta(hours=2)


def test_two_filters_at_once_are_what_matches_both() -> None:
    saved = Filter(providers=("jellyfin", "emby"), since=NOW - timedelta(hours=5), text="one")
    typed = Filter(providers=("emby", "plex"), states=(State.FAILED,), since=NOW - timedelta(hours=2), text="two")

    both = Filter(providers=("emby",), states=(State.FAILED,), since=NOW - timedelta(hours=2), text="one two")
    assert saved.narrowed(typed) == both
    assert saved.narrowed(Filter()) == saved == Filter().narrowed(saved)
    with pytest.raises(InvalidFilter, match="contradict each other in providers"):
        saved.narrowed(Filter(providers=("plex",)))


def test_times_are_bounds_on_the_id_so_that_other_partitions_are_not_read() -> None:
    conditions = [str(each) for each in Filter(since=NOW, until=NOW + timedelta(days=1)).conditions()]

    assert conditions == ["dead_letters.id >= :since_1", "dead_letters.id < :until_1"]


def test_a_text_without_a_word_is_refused() -> None:
    with pytest.raises(InvalidFilter, match="no word in it"):
        parse(text="--- !")
