from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from leeward.wire.dead_letter_id import dead_letter_id
from storage.dead_letters.groups.death_rates import Deaths, ages, deaths, first_id
from storage.dead_letters.state import State
from storage.dead_letters.triage.decisions import review
from tests.integration.storage.grouped import NOW, failed
from tests.integration.storage.rows import keep

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def found(connection: Connection) -> list[Deaths]:
    with connection.begin():
        return deaths(connection, now=NOW)


def test_deaths_are_told_beside_the_span_before(connection: Connection) -> None:
    """It is half past: an hour and a half, a day and a half hour, a week and a half hour, and full spans before those."""
    ago = [0.2, 0.4, 1.4, 2.0, 5.0, 23.0, 30.0, 100.0, 200.0]
    keep(connection, *(failed(number, ago=hours * HOUR) for number, hours in enumerate(ago)))

    (one,) = found(connection)

    assert (one.provider, one.operation) == ("jellyfin", "create_user")
    assert [rate.letters for rate in one.rates] == [3, 6, 8]
    assert [rate.per_hour for rate in one.rates] == [3 / 1.5, 6 / 24.5, 8 / 168.5]
    assert [rate.usual_per_hour for rate in one.rates] == [1.0, 1 / 24, 1 / 168]


def test_groups_of_one_operation_are_counted_together_and_others_apart(connection: Connection) -> None:
    keep(connection, failed(1, "alpha"), failed(2, "beta"), failed(3, provider="plex"), failed(4, operation="share"))
    keep(connection, failed(5, "gone", operation="long ago", ago=20 * DAY))

    told = {(one.provider, one.operation): one.rates[1].letters for one in found(connection)}

    assert told == {("jellyfin", "create_user"): 2, ("plex", "create_user"): 1, ("jellyfin", "share"): 1}
    assert found(connection)[0].operation == "create_user"


def test_nothing_died_is_nothing_told(connection: Connection) -> None:
    assert found(connection) == []


def test_open_letters_are_told_by_age(connection: Connection) -> None:
    first, *_ = keep(
        connection, *(failed(number, ago=age) for number, age in enumerate((HOUR / 2, HOUR, 3 * DAY, 40 * DAY)))
    )
    with connection.begin():
        review(connection, first, 1, who="ada")
        told = {(age.state, age.least): age.letters for age in ages(connection, now=NOW)}

    assert len(told) == 10
    assert {key: letters for key, letters in told.items() if letters} == {
        (State.REVIEWING, 0 * HOUR): 1,
        (State.FAILED, HOUR): 1,
        (State.FAILED, DAY): 1,
        (State.FAILED, 30 * DAY): 1,
    }


@pytest.mark.parametrize("instant", [datetime(1970, 1, 1, tzinfo=UTC), NOW, datetime(9999, 1, 1, tzinfo=UTC)])
def test_the_first_id_of_an_instant_is_at_most_any_id_of_it_and_above_those_before(instant: datetime) -> None:
    assert first_id(instant) <= dead_letter_id("jellyfin/1-1", instant)
    if instant.year > 1970:
        assert first_id(instant) > dead_letter_id("jellyfin/1-1", instant - timedelta(milliseconds=1))
