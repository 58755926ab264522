"""What we send, and what the simulator answers, against what Jellyfin documents."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from pydantic import SecretStr

from leeward.jobs.sync.user import UserState
from providers.jellyfin.config import JellyfinConfig
from providers.jellyfin.user_directory import UserDirectory
from simulators.faults import FaultPlan
from simulators.http_server import Answer, HttpServer, Request
from simulators.jellyfin.server import JellyfinSimulator
from tests.support.contracts import contract_file
from tests.support.fixtures import fixture
from tests.support.jellyfin_api import PUBLISHED, WRITTEN_DOWN, operations

Exchange = tuple[Request, Answer]
CALLS = {
    "post /Users/New",
    "get /Users",
    "get /Users/{userId}",
    "post /Users/{userId}/Policy",
    "post /Users/Password",
    "delete /Users/{userId}",
    "get /System/Info",
    "post /Library/Refresh",
}
sources = pytest.mark.parametrize("source", [WRITTEN_DOWN, *PUBLISHED])


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
    policy = {"EnableAllFolders": False}
    for state in (UserState.ENABLED, UserState.DISABLED, UserState.ENABLED, UserState.DELETED):
        with UserDirectory(config) as directory:
            directory.ensure_user("alice", state, SecretStr("correct horse battery staple"), policy=policy)
            directory.server.info()
            directory.server.refresh_library()
    yield seen
    server.stop()


@sources
def test_every_request_is_one_that_jellyfin_documents(source: str, exchanges: list[Exchange]) -> None:
    documented = operations(source)

    assert {operation_of(request) for request, _ in exchanges} == CALLS
    assert documented.keys() >= CALLS


@sources
def test_every_body_that_is_sent_fits_its_schema(source: str, exchanges: list[Exchange]) -> None:
    documented = operations(source)
    for request, _ in exchanges:
        schema = documented[operation_of(request)].body
        assert (schema is None) == (not request.body)
        if schema is not None:
            jsonschema.validate(request.json(), schema)


@sources
def test_every_query_parameter_is_documented(source: str, exchanges: list[Exchange]) -> None:
    documented = operations(source)
    for request, _ in exchanges:
        assert set(request.query) <= documented[operation_of(request)].query


@sources
def test_the_simulators_answers_fit_their_schemas(source: str, exchanges: list[Exchange]) -> None:
    """Those that are no error: Jellyfin documents next to none of its errors."""
    documented = operations(source)
    for request, answer in exchanges:
        if answer.status >= 300:
            continue
        schema = documented[operation_of(request)].answers[str(answer.status)]
        assert (schema is None) == (answer.status == 204)
        if schema is not None:
            jsonschema.validate(json.loads(answer.body), schema)


def test_a_new_account_looks_like_the_one_that_was_written_down(exchanges: list[Exchange]) -> None:
    created, written_down = created_in(exchanges), fixture("jellyfin/new_account.json")

    assert created["Policy"] == written_down["Policy"]
    assert set(created) == set(written_down)


def test_a_new_account_looks_like_the_published_example(exchanges: list[Exchange]) -> None:
    created = created_in(exchanges)
    example = json.loads(contract_file("examples/derived.jellyfin.user_dto_new.200.json").read_text())

    assert created["Policy"] == example["Policy"]
    assert set(created) == set(example)


@pytest.mark.parametrize("version", PUBLISHED)
def test_what_was_written_down_is_what_is_published(version: str) -> None:
    """The names of all fields: who writes one down that is not there, or forgets one, reads it here."""
    ours, theirs = operations(WRITTEN_DOWN), operations(version)

    for name, one in ours.items():
        published = theirs[name]
        assert one.query == published.query
        assert fields_of(one.body) == fields_of(published.body)
        for status, answer in one.answers.items():
            assert fields_of(answer) == fields_of(published.answers[status])


def created_in(exchanges: list[Exchange]) -> dict[str, Any]:
    answers: Iterator[dict[str, Any]] = (
        json.loads(answer.body) for request, answer in exchanges if request.path == "/Users/New"
    )
    return next(answers)


def operation_of(request: Request) -> str:
    parts = request.path.split("/")
    is_own = not request.path.startswith("/Users/") or request.path in {"/Users/New", "/Users/Password"}
    path = request.path if is_own else "/".join(["", "Users", "{userId}", *parts[3:]])
    return f"{request.method.lower()} {path}"


def fields_of(schema: dict[str, Any] | None) -> set[str]:
    """The names in the object that a schema says, wherever it points to it."""
    if schema is None:
        return set()
    found = schema
    while "properties" not in found:
        found = found.get("items") or next(iter(found.get("allOf", [])), None) or _pointed_at(schema, found["$ref"])
    return set(found["properties"])


def _pointed_at(schema: dict[str, Any], pointer: str) -> dict[str, Any]:
    found: Any = schema
    for name in pointer.removeprefix("#/").split("/"):
        found = found[name]
    assert isinstance(found, dict)
    return found
