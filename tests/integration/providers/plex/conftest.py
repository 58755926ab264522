from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from providers.plex.provider import Plex
from providers.plex.settings import PlexSettings
from simulators.plex.server import PlexSimulator

Connect = Callable[..., Plex]
QUICK = {"poll_every": "50ms", "scan_start": "300ms"}


@pytest.fixture
def server() -> Iterator[PlexSimulator]:
    """A simulated server on a port of its own."""
    with PlexSimulator() as simulator:
        yield simulator


@pytest.fixture
def connect(server: PlexSimulator) -> Iterator[Connect]:
    """Makes instances at the simulated server."""
    with ExitStack() as stack:

        def make(**options: Any) -> Plex:
            settings = {"url": server.url, "token": server.settings.token} | QUICK | options
            plex = Plex("plex", PlexSettings.model_validate(settings))
            plex.open()
            stack.callback(plex.close)
            return plex

        yield make


@pytest.fixture
def plex(connect: Connect) -> Plex:
    return connect()


def films(*titles: str, **more: Any) -> list[dict[str, Any]]:
    """Files of films, each in a folder of its own."""
    return [
        {"section": "Movies", "title": title, "year": 2010, "path": f"/media/films/{title} (2010)/{title}.mkv"} | more
        for title in titles
    ]
