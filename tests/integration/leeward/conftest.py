from collections.abc import Iterator

import pytest

from leeward import Leeward
from tests.support.faults import FaultyProxy, faulty_proxy


@pytest.fixture
def fleet(valkey_url: str) -> Iterator[Leeward]:
    with Leeward(valkey_url) as fleet:
        yield fleet


@pytest.fixture
def proxy(valkey_url: str) -> Iterator[FaultyProxy]:
    """Between a client and the session's Valkey."""
    with faulty_proxy(valkey_url) as proxy:
        yield proxy
