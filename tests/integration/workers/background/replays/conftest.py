from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from leeward_admin.admin import Admin, opened
from workers.settings.settings import Settings


@pytest.fixture
def admin(valkey_url: str, database_url: str) -> Iterator[Admin]:
    settings = Settings(valkey_url=SecretStr(valkey_url), database_url=SecretStr(database_url))
    with opened(settings) as admin:
        yield admin
