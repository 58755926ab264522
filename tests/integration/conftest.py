from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from storage.database.engine import create_engine


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """Not in a transaction."""
    with engine.connect() as connection:
        yield connection
