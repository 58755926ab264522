from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, Engine

from leeward_admin.admin import Admin, opened
from storage.database.engine import create_engine
from workers.settings.settings import Settings


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


@pytest.fixture
def admin(valkey_url: str, database_url: str) -> Iterator[Admin]:
    settings = Settings(valkey_url=SecretStr(valkey_url), database_url=SecretStr(database_url))
    with opened(settings) as admin:
        yield admin
