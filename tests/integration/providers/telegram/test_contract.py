"""What we send, and what the simulator answers, against what the Bot API documents."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from leeward import NotifyTelegram
from leeward.extension import Calls
from providers.telegram.bot import Bot
from providers.telegram.settings import TelegramSettings
from simulators.faults import FaultPlan
from simulators.http_server import Answer, HttpServer, Request
from simulators.telegram.server import TelegramSimulator
from tests.support.contracts import contract_file
from tests.support.fixtures import fixture

Exchange = tuple[Request, Answer]
WRITTEN_DOWN, PUBLISHED = "written down", "published"
sources = pytest.mark.parametrize("source", [WRITTEN_DOWN, PUBLISHED])
PYTHON = {"Integer": int, "String": str, "Boolean": bool}
EVERYTHING = NotifyTelegram(
    text="<b>hello</b>",
    chat=-1001234567890,
    parse_mode="HTML",
    topic=3,
    reply_to=2,
    silent=True,
    protected=True,
    link_preview=False,
)


def documented(source: str) -> dict[str, Any]:
    """`methods` and `types`, each name -> `fields` by name, with their types and whether they are required."""
    if source == WRITTEN_DOWN:
        found: dict[str, Any] = fixture("telegram/api.json")
        return found
    return _published()


def _published() -> dict[str, Any]:
    document = json.loads(contract_file("telegram-bot-api-10.1.trimmed.json").read_text())
    return {
        part: {
            name: {field["name"]: [field["types"], field["required"]] for field in one.get("fields", [])}
            for name, one in document[part].items()
        }
        for part in ("methods", "types")
    }


@pytest.fixture
def exchanges(telegram: TelegramSimulator) -> Iterator[list[Exchange]]:
    seen: list[Exchange] = []

    def watch(request: Request) -> Answer:
        answer = telegram.respond(request)
        seen.append((request, answer))
        return answer

    server = HttpServer(("127.0.0.1", 0), watch, FaultPlan())
    server.start()
    bot = Bot(TelegramSettings.model_validate({"url": server.url, "token": telegram.settings.token}), Calls("telegram"))
    bot.health()
    bot.send(EVERYTHING, lambda: None)
    bot.send(NotifyTelegram(text="hello", chat="@releases"), lambda: None)
    yield seen
    bot.close()
    server.stop()


@sources
def test_every_method_and_parameter_is_documented_and_of_its_type(source: str, exchanges: list[Exchange]) -> None:
    methods = documented(source)["methods"]
    for request, _ in exchanges:
        fields, sent = methods[request.path.rpartition("/")[2]], request.json()
        assert {name for name, (_, required) in fields.items() if required} <= sent.keys()
        for name, value in sent.items():
            types = fields[name][0]
            assert any(isinstance(value, PYTHON.get(one, dict)) for one in types), (name, types)


@sources
def test_the_parts_of_parameters_are_documented(source: str, exchanges: list[Exchange]) -> None:
    types = documented(source)["types"]
    (sent,) = [request.json() for request, _ in exchanges if "reply_parameters" in request.body.decode()]

    assert sent["reply_parameters"].keys() <= types["ReplyParameters"].keys()
    assert sent["link_preview_options"].keys() <= types["LinkPreviewOptions"].keys()


@sources
def test_the_simulators_answers_have_what_is_documented(source: str, exchanges: list[Exchange]) -> None:
    types = documented(source)["types"]
    for request, answer in exchanges:
        said = json.loads(answer.body)
        assert said["ok"] is True
        kind = "User" if request.path.endswith("/getMe") else "Message"
        for name, value in said["result"].items():
            assert name in types[kind]
            of = {"from": "User", "chat": "Chat"}.get(name)
            assert of is None or value.keys() <= types[of].keys()
        assert {name for name, (_, required) in types[kind].items() if required} <= said["result"].keys()


def test_what_is_written_down_is_what_is_published() -> None:
    published, written = _published(), fixture("telegram/api.json")
    for part in ("methods", "types"):
        for name, fields in written[part].items():
            assert fields == {field: published[part][name][field] for field in fields}, name
            assert {f for f, (_, required) in published[part][name].items() if required} <= fields.keys()
