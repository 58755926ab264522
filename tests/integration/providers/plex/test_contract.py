"""Client and simulator against what is documented of Plex: its API document, and answers that were recorded."""

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from leeward import CollectionItem
from providers.plex.provider import Plex
from providers.plex.settings import PlexSettings
from simulators.faults import FaultPlan
from simulators.http_server import Answer, HttpServer, Request
from simulators.plex.server import PlexSimulator
from tests.integration.providers.plex.conftest import QUICK, films
from tests.support.contracts import contract_file
from tests.support.fixtures import fixture

Exchange = tuple[Request, Answer]
WRITTEN_DOWN, PUBLISHED = "written down", "published"
sources = pytest.mark.parametrize("source", [WRITTEN_DOWN, PUBLISHED])
UNDOCUMENTED = {
    "GET /library/sections/{}/refresh": "the document has POST, to which servers since 1.32.7 answer 404",
    "DELETE /library/collections/{}": "the document has it at /library/metadata, where a wrong number deletes a film",
    "GET /library/sections": "the document has its other name, /library/sections/all",
}
OF_ALL = {"type", "sort", "title", "smart"}
"""Parameters that the document has in shared lists of media queries."""


def documented(source: str) -> dict[str, list[str]]:
    """`METHOD /path/{}` -> the names of its parameters."""
    if source == WRITTEN_DOWN:
        found: dict[str, list[str]] = fixture("plex/operations.json")
        return found
    document = json.loads(contract_file("plex-api-spec.lukehagar-2026-02.trimmed.json").read_text())
    return {
        f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path)}": [
            one["name"] for one in operation.get("parameters", []) if one.get("in") == "query"
        ]
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if isinstance(operation, dict)
    }


def operation(request: Request) -> str:
    return f"{request.method} {re.sub(r'/[0-9]+(?=/|$)', '/{}', request.path)}"


@pytest.fixture
def exchanges(server: PlexSimulator) -> Iterator[list[Exchange]]:
    """Everything that the client does, each once at least."""
    seen: list[Exchange] = []

    def watch(request: Request) -> Answer:
        answer = server.respond(request)
        seen.append((request, answer))
        return answer

    watched = HttpServer(("127.0.0.1", 0), watch, FaultPlan())
    watched.start()
    server.configure({"media": films("Sintel", "Tears of Steel")})
    settings = {"url": watched.url, "token": server.settings.token, "client_identifier": "leeward-test"} | QUICK
    plex = Plex("plex", PlexSettings.model_validate(settings))
    plex.open()
    plex.health()
    plex.refresh("Movies", "/media/films", wait=True)
    plex.collect("Movies", "New", [CollectionItem(title="Sintel")])
    plex.collect("Movies", "New", [CollectionItem(path="/media/films/Tears of Steel (2010)")])
    movies = plex.server.sections()[0]
    plex.server.cancel_refresh(movies)
    plex.server.delete_collection(plex.server.collections(movies)[0])
    yield seen
    plex.close()
    watched.stop()


@sources
def test_every_call_and_its_parameters_are_documented(source: str, exchanges: list[Exchange]) -> None:
    known = documented(source)
    for request, _ in exchanges:
        name = operation(request)
        if name not in UNDOCUMENTED and name != "GET /status/sessions":
            assert name in known
            assert {*request.query} - OF_ALL <= {*known[name]}, name


def test_what_is_written_down_is_what_is_published() -> None:
    published, written = documented(PUBLISHED), documented(WRITTEN_DOWN)

    assert {name: parameters for name, parameters in published.items() if name in written} == written


def test_a_scan_is_asked_for_with_get_alone(exchanges: list[Exchange]) -> None:
    methods = {request.method for request, _ in exchanges if request.path.endswith("/refresh")}

    assert methods == {"GET", "DELETE"}


def test_every_request_says_who_asks_and_no_token_is_in_a_url(exchanges: list[Exchange], server: PlexSimulator) -> None:
    for request, answer in exchanges:
        assert request.headers["x-plex-token"] == server.settings.token
        assert request.headers["x-plex-client-identifier"] == "leeward-test"
        assert request.headers["accept"] == "application/json"
        assert not any(name.startswith("X-Plex") for name in request.query)
        assert request.body == b""
        assert answer.status == 200
        if request.path.endswith("/all"):
            assert {"x-plex-container-start", "x-plex-container-size"} <= request.headers.keys()


def recorded(name: str) -> Any:
    return json.loads(contract_file(f"examples/plex.{name}.json").read_text())


def attributes(body: str, path: str) -> list[dict[str, str]]:
    return [dict(one.attrib) for one in ET.fromstring(body).iterfind(path)]  # a recording of our own choice


@pytest.mark.parametrize(
    ("name", "path", "element"),
    [
        ("identity.xml-default.200", "/identity", "."),
        ("library_sections.200", "/library/sections", "Directory"),
        ("library_sections.200", "/library/sections", "Directory/Location"),
        ("library_sections_empty.200", "/library/sections", "."),
    ],
)
def test_the_simulator_writes_xml_as_recorded(name: str, path: str, element: str, server: PlexSimulator) -> None:
    if name == "library_sections_empty.200":
        server.configure({"sections": []})
    wanted = recorded(name)["response"]
    answer = httpx.get(server.url + path, headers={"X-Plex-Token": server.settings.token})

    assert (answer.status_code, answer.headers["content-type"]) == (wanted["status"], wanted["content_type"])
    theirs, ours = attributes(wanted["body"], element), attributes(answer.text, element)
    assert bool(theirs) == bool(ours)
    for one in ours:
        assert one.keys() <= theirs[0].keys()
    assert "Directory" not in answer.text or name == "library_sections.200"


def test_a_section_that_is_missing_is_answered_as_recorded(server: PlexSimulator) -> None:
    wanted = recorded("section_missing.404")["response"]
    answer = httpx.get(f"{server.url}/library/sections/9/all", headers={"X-Plex-Token": server.settings.token})

    assert (answer.status_code, answer.text) == (wanted["status"], wanted["body"])
    assert answer.headers["content-type"] == wanted["content_type"]


def test_a_list_that_is_empty_is_written_as_recorded(server: PlexSimulator) -> None:
    headers = {"X-Plex-Token": server.settings.token, "Accept": "application/json"}

    assert httpx.get(f"{server.url}/status/sessions", headers=headers).json() == recorded("empty_container.200")


def test_a_token_of_another_account_may_look_and_change_nothing(server: PlexSimulator) -> None:
    server.configure({"shared_tokens": ["shared"]})
    found = [
        httpx.get(server.url + path, headers={"X-Plex-Token": token}).status_code
        for token, path in (
            ("shared", "/library/sections"),
            ("shared", "/library/sections/1/refresh"),
            ("wrong", "/library/sections"),
        )
    ]

    assert found == [200, 403, 401]
