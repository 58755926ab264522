from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from tests.chaos.fleet import FleetUnderTest
from tests.support.processes import RunningProcess
from tests.support.servers import connect_valkey
from workers.embedded import EmbeddedValkey


@pytest.fixture
def fleet(
    valkey_url: str, valkey: "redis.Redis", tmp_path: Path, start_process: Callable[..., RunningProcess]
) -> FleetUnderTest:
    """On the session's Valkey."""
    return FleetUnderTest(valkey_url, valkey, tmp_path / "effects", start_process)


@pytest.fixture
def mortal_fleet(
    own_valkey: EmbeddedValkey, tmp_path: Path, start_process: Callable[..., RunningProcess]
) -> Iterator[FleetUnderTest]:
    """On a Valkey that the test may kill: `own_valkey`."""
    with connect_valkey(own_valkey.url) as client:
        yield FleetUnderTest(own_valkey.url, client, tmp_path / "effects", start_process)
