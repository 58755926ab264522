"""A query that takes too long is given up, and nothing else is."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DataError, OperationalError

from storage.dead_letters.search.time_budget import TimeBudget, TimeBudgetExceeded

MOMENT = timedelta(milliseconds=5)
MINUTE = timedelta(minutes=1)


def test_a_query_that_takes_longer_is_given_up_and_the_transaction_goes_on(connection: Connection) -> None:
    with connection.begin():
        connection.execute(text("SET LOCAL statement_timeout = '1min'"))
        with pytest.raises(TimeBudgetExceeded), TimeBudget(MOMENT).guarding(connection):
            connection.execute(text("SELECT pg_sleep(600)"))

        assert connection.execute(text("SHOW statement_timeout")).scalar() == "1min"


def test_what_is_quick_enough_is_answered_and_settings_go_with_it(connection: Connection) -> None:
    with connection.begin():
        with TimeBudget(MINUTE).guarding(connection):
            connection.execute(text("SET LOCAL enable_indexscan = off"))
            assert connection.execute(text("SELECT 1")).scalar() == 1

        assert connection.execute(text("SHOW enable_indexscan")).scalar() == "on"
        assert connection.execute(text("SHOW statement_timeout")).scalar() == "0"


def test_what_is_asked_first_takes_from_the_time_of_what_comes_next(connection: Connection) -> None:
    with connection.begin(), TimeBudget(MINUTE).guarding(connection) as hurry:
        first = connection.execute(text("SHOW statement_timeout")).scalar()
        connection.execute(text("SELECT pg_sleep(0.05)"))
        hurry()

        assert connection.execute(text("SHOW statement_timeout")).scalar() != first
        assert (
            connection.execute(
                text("SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout'")
            ).scalar_one()
            <= 59_950
        )


def test_no_patience_is_a_millisecond_and_not_no_limit(connection: Connection) -> None:
    with connection.begin(), pytest.raises(TimeBudgetExceeded), TimeBudget(timedelta(0)).guarding(connection):
        connection.execute(text("SELECT pg_sleep(600)"))


def test_other_errors_are_told(connection: Connection) -> None:
    with connection.begin():
        with pytest.raises(DataError), TimeBudget(MINUTE).guarding(connection):
            connection.execute(text("SELECT 1 / 0"))
        with pytest.raises(OperationalError), TimeBudget(MINUTE).guarding(connection):
            connection.execute(text("DO $$ BEGIN RAISE SQLSTATE '55P03'; END $$"))

        assert connection.execute(text("SELECT 1")).scalar() == 1
