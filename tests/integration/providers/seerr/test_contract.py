"""What we send, and what the simulator answers, against what Seerr and Overseerr publish."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from leeward.jobs.sync.request import MediaType, SyncRequest
from providers.seerr.provider import Seerr
from providers.seerr.settings import SeerrSettings
from simulators.faults import FaultPlan
from simulators.http_server import Answer, HttpServer, Request
from simulators.seerr.server import API, SeerrSimulator
from tests.support.contracts import contract_file

Exchange = tuple[Request, Answer]
servers = pytest.mark.parametrize("server_name", ["seerr", "overseerr"])


@pytest.fixture
def exchanges(server: SeerrSimulator) -> Iterator[list[Exchange]]:
    """Every call that the client knows, with its answer."""
    seen: list[Exchange] = []

    def watch(request: Request) -> Answer:
        answer = server.respond(request)
        seen.append((request, answer))
        return answer

    listener = HttpServer(("127.0.0.1", 0), watch, FaultPlan())
    listener.start()
    seerr = Seerr("seerr", SeerrSettings.model_validate({"url": listener.url, "api_key": server.settings.api_key}))
    seerr.open()
    _call_everything(seerr)
    seerr.close()
    yield seen
    listener.stop()


def _call_everything(seerr: Seerr) -> None:
    seerr.health()
    number = seerr.submit(SyncRequest(media_type=MediaType.MOVIE, tmdb_id=603, user_id=2))["request_id"]
    seerr.submit(SyncRequest(media_type=MediaType.TV, tmdb_id=1416, seasons=(1, 2), tvdb_id=73762, server_id=0))
    seerr.submit(SyncRequest(media_type=MediaType.TV, tmdb_id=1416, is_4k=True, profile_id=1, root_folder="/tv"))
    requests = seerr.requests
    requests.get(number)
    requests.page()
    requests.counts()
    requests.decline(number)
    requests.approve(number)
    requests.retry(number)
    requests.delete(number)


def _document(server_name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(contract_file(f"{server_name}-api.trimmed.json").read_text())
    return found


def _operation(document: dict[str, Any], request: Request) -> dict[str, Any]:
    """The published operation of a request; the last of those that fit, as `/request/count` fits `/request/{requestId}`, too."""
    path = request.path.removeprefix(API)
    fits = [
        known
        for known in document["paths"]
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known), path) and request.method.lower() in document["paths"][known]
    ]
    assert fits, f"{request.method} {path} is not published"
    found: dict[str, Any] = document["paths"][min(fits, key=lambda known: known.count("{"))][request.method.lower()]
    return found


def _schema(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any] | None:
    content = part.get("content", {}).get("application/json")
    return None if content is None else _nullable(content["schema"]) | {"components": _nullable(document["components"])}


def _nullable(value: Any) -> Any:
    """OpenAPI 3.0 writes null types in its own way; and a tv show has no tvdbId here, which the documents call a number."""
    if isinstance(value, list):
        return [_nullable(one) for one in value]
    if not isinstance(value, dict):
        return value
    changed = {name: _nullable(one) for name, one in value.items()}
    return changed | {"type": [changed["type"], "null"]} if isinstance(changed.get("type"), str) else changed


@servers
def test_every_request_and_query_is_published(server_name: str, exchanges: list[Exchange]) -> None:
    document = _document(server_name)
    for request, _ in exchanges:
        operation = _operation(document, request)
        documented = {one["name"]: one["schema"] for one in operation.get("parameters", []) if one["in"] == "query"}
        assert set(request.query) <= set(documented)
        for name, value in request.query.items():
            assert value in documented[name].get("enum", [value])


@servers
def test_every_body_fits_its_schema(server_name: str, exchanges: list[Exchange]) -> None:
    document = _document(server_name)
    for request, _ in exchanges:
        schema = _schema(document, _operation(document, request).get("requestBody", {}))
        assert (schema is None) == (not request.body)
        if schema is not None:
            jsonschema.validate(request.json(), schema)


@servers
def test_the_simulators_answers_fit_their_schemas(server_name: str, exchanges: list[Exchange]) -> None:
    document = _document(server_name)
    for request, answer in exchanges:
        schema = _schema(document, _operation(document, request)["responses"][str(answer.status)])
        if schema is not None:
            jsonschema.validate(json.loads(answer.body), schema)


@pytest.mark.parametrize("name", ["seerr.create_movie_request", "seerr.create_tv_request"])
def test_what_is_read_of_a_recorded_request_is_in_a_simulated_one(name: str, exchanges: list[Exchange]) -> None:
    recorded = json.loads(contract_file(f"examples/{name}.json").read_text())
    bodies = [
        json.loads(answer.body) for request, answer in exchanges if request.method == "POST" and answer.status == 201
    ]
    simulated = next(body for body in bodies if body["type"] == recorded["type"])

    assert set(simulated) - {"seasonCount"} <= set(recorded)
    assert set(simulated["media"]) <= set(recorded["media"])
    assert {name: type(simulated[name]) for name in ("id", "status", "is4k", "type", "media")} == {
        name: type(recorded[name]) for name in ("id", "status", "is4k", "type", "media")
    }


@pytest.mark.parametrize("name", ["seerr.request_count", "overseerr.request_count"])
def test_the_simulated_count_has_the_recorded_names(
    server: SeerrSimulator, exchanges: list[Exchange], name: str
) -> None:
    server.configure({"overseerr": name.startswith("overseerr")})
    recorded = json.loads(contract_file(f"examples/{name}.json").read_text())
    count = next(request for request, _ in exchanges if request.path.endswith("/count"))

    assert set(json.loads(server.respond(count).body)) == set(recorded)
