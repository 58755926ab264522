from typing import Any

import pytest
from pydantic import ValidationError

from leeward.jobs.download.library_steps import library_steps
from leeward.jobs.download.media import DownloadMedia
from leeward.jobs.sync.collection import CollectionItem, SyncCollection
from leeward.jobs.sync.library import SyncLibrary
from leeward.request import Request


def _steps(destination: str, **options: Any) -> Request:
    media = DownloadMedia(url="https://example.org/w", destination=destination)
    return library_steps(media, **{"section": "Films", "seen_at": "/data/films"} | options)


def test_the_library_looks_at_the_films_folder_as_the_server_sees_it() -> None:
    assert _steps("Sintel (2010)/Sintel (2010)") == Request(
        SyncLibrary(section="Films", path="/data/films/Sintel (2010)")
    )


def test_then_the_film_is_put_into_the_collection() -> None:
    steps = _steps("Sintel (2010)/Sintel (2010)", collection="New", provider="plex-attic")

    item = CollectionItem(path="/data/films/Sintel (2010)")
    assert steps.then == SyncCollection(provider="plex-attic", section="Films", title="New", items=(item,))


def test_a_film_without_a_folder_of_its_own_is_found_by_its_name() -> None:
    steps = _steps("Sintel", collection="New")

    assert steps.job == SyncLibrary(section="Films", path="/data/films")
    assert steps.then == SyncCollection(section="Films", title="New", items=(CollectionItem(title="Sintel"),))


@pytest.mark.parametrize("options", [{"section": ""}, {"collection": " "}, {"seen_at": "/a\nb"}])
def test_a_step_that_cannot_be_is_refused_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        _steps("Sintel/Sintel", **options)
