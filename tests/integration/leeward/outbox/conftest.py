from collections.abc import Iterator

import psycopg
import pytest

from leeward import outbox


@pytest.fixture
def shop_url(empty_database_url: str) -> str:
    """A producer's database, with the outbox."""
    with psycopg.connect(empty_database_url) as connection:
        outbox.create_table(connection)
    return empty_database_url


@pytest.fixture
def looking(shop_url: str) -> Iterator[psycopg.Connection]:
    """Another session, which sees what is committed."""
    with psycopg.connect(shop_url, autocommit=True) as connection:
        yield connection
