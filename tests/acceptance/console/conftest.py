from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from storage.database.engine import create_engine
from tests.acceptance.console.leeward import Command


@pytest.fixture
def leeward(valkey_url: str, database_url: str, tmp_path: Path) -> Command:
    environment = {"LEEWARD_VALKEY_URL": valkey_url, "LEEWARD_DATABASE_URL": database_url}
    return Command(environment, tmp_path)


@pytest.fixture
def lonely(tmp_path: Path) -> Command:
    """Without any server."""
    return Command({}, tmp_path)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """Not in a transaction."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
