"""What we send, and what the simulator answers, against the documents that Jellyfin publishes."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from pydantic import SecretStr

from leeward.sync_user import UserState
from providers.jellyfin import JellyfinConfig, UserDirectory
from simulators.faults import FaultPlan
from simulators.http_server import Answer, HttpServer, Request
from simulators.jellyfin import JellyfinSimulator
from tests.support.contracts import contract_file

VERSIONS = ["10.11.11", "12.0.0"]
Exchange = tuple[Request, Answer]


@pytest.fixture
def exchanges(jellyfin: JellyfinSimulator) -> Iterator[list[Exchange]]:
    """Every request of a user's whole life, with its answer."""
    seen: list[Exchange] = []

    def watch(request: Request) -> Answer:
        answer = jellyfin.respond(request)
        seen.append((request, answer))
        return answer

    server = HttpServer(("127.0.0.1", 0), watch, FaultPlan())
    server.start()
    config = JellyfinConfig(url=server.url, token=SecretStr(jellyfin.settings.token))
    for state in (UserState.ENABLED, UserState.DISABLED, UserState.ENABLED):
        with UserDirectory(config) as directory:
            directory.ensure_user("alice", state, SecretStr("correct horse battery staple"))
    yield seen
    server.stop()


@pytest.mark.parametrize("version", VERSIONS)
def test_every_request_is_one_that_jellyfin_documents(version: str, exchanges: list[Exchange]) -> None:
    document = published(version)

    operations = {operation_of(document, request) for request, _ in exchanges}

    assert operations == {
        ("post", "/Users/New"),
        ("get", "/Users"),
        ("get", "/Users/{userId}"),
        ("post", "/Users/{userId}/Policy"),
        ("post", "/Users/Password"),
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_every_body_that_is_sent_fits_its_schema(version: str, exchanges: list[Exchange]) -> None:
    document = published(version)
    for request, _ in exchanges:
        method, path = operation_of(document, request)
        if method == "post":
            schema = document["paths"][path][method]["requestBody"]["content"]["application/json"]["schema"]
            jsonschema.validate(request.json(), schema | {"components": document["components"]})


@pytest.mark.parametrize("version", VERSIONS)
def test_every_query_parameter_is_documented(version: str, exchanges: list[Exchange]) -> None:
    document = published(version)
    for request, _ in exchanges:
        method, path = operation_of(document, request)
        declared = {parameter["name"] for parameter in document["paths"][path][method].get("parameters", [])}
        assert set(request.query) <= declared


@pytest.mark.parametrize("version", VERSIONS)
def test_the_simulators_answers_fit_their_schemas(version: str, exchanges: list[Exchange]) -> None:
    document = published(version)
    for request, answer in exchanges:
        method, path = operation_of(document, request)
        declared = document["paths"][path][method]["responses"].get(str(answer.status), {})
        if answer.status == 200:
            schema = declared["content"]["application/json"]["schema"]
            jsonschema.validate(json.loads(answer.body), schema | {"components": document["components"]})


def test_a_new_account_looks_like_the_example(exchanges: list[Exchange]) -> None:
    example = json.loads(contract_file("examples/derived.jellyfin.user_dto_new.200.json").read_text())
    created = next(json.loads(answer.body) for request, answer in exchanges if request.path == "/Users/New")

    assert created["Policy"] == example["Policy"]
    assert set(created) == set(example)


def published(version: str) -> dict[str, Any]:
    """The OpenAPI document as JSON Schema: OpenAPI 3.0 writes null types in its own way."""
    document = json.loads(contract_file(f"jellyfin-openapi-{version}.trimmed.json").read_text())
    assert isinstance(document, dict)
    return _with_null_types(document)


def _with_null_types(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_null_types(item) for item in value]
    if not isinstance(value, dict):
        return value
    changed = {name: _with_null_types(item) for name, item in value.items()}
    return {"anyOf": [changed, {"type": "null"}]} if value.get("nullable") is True else changed


def operation_of(document: dict[str, Any], request: Request) -> tuple[str, str]:
    parts = request.path.split("/")
    exact = request.path in document["paths"]
    path = request.path if exact else "/".join(["", "Users", "{userId}", *parts[3:]])
    assert request.method.lower() in document["paths"][path], f"{request.method} {request.path} is not documented"
    return request.method.lower(), path
