"""What each answer of plex.tv means: of a token, 200 and 401 alone say anything; of a PIN, only 404 says that it is over."""

import json
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.extension.errors import AuthFailed, Misconfigured, Permanent, ProviderError, RateLimited, Transient
from providers.http_client.answer import Answer
from providers.plextv.answers import CHECK_PIN, CHECK_TOKEN, LIST_SERVERS, PinExpired, TokenInvalid, classify
from tests.support.contracts import contract_file

NOW = datetime(2026, 11, 23, tzinfo=UTC)
JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html"}
EXPIRED = '{"errors":[{"code":1020,"message":"Code not found or expired"}]}'
CREATE_PIN = "create_pin"


def meaning(operation: str, status: int, body: str = "", headers: dict[str, str] | None = None) -> ProviderError | None:
    answer = Answer(status, httpx.Headers(JSON if headers is None else headers), body.encode())
    return classify(answer, operation=operation, now=NOW)


def errors(code: int, message: str) -> str:
    return json.dumps({"errors": [{"code": code, "message": message}]})


@pytest.mark.parametrize("status", [200, 201])
def test_a_pin_is_made_with_either_status(status: int) -> None:
    assert meaning(CREATE_PIN, status, "{}") is None


@pytest.mark.parametrize("body", [EXPIRED, "", errors(1, "other")])
def test_404_says_that_a_pin_is_over(body: str) -> None:
    found = meaning(CHECK_PIN, 404, body)

    assert type(found) is PinExpired
    assert found.condition == "PIN_EXPIRED"


def test_the_published_404_says_so_too() -> None:
    body = contract_file("examples/derived.plextv.pin_404_expired.json").read_text()

    assert type(meaning(CHECK_PIN, 404, body)) is PinExpired


@pytest.mark.parametrize("status", [400, 401, 403, 408, 429, 500, 502, 503, 504, 520])
@pytest.mark.parametrize("body", ["", errors(1, "x")])
def test_nothing_else_says_that_a_pin_is_over(status: int, body: str) -> None:
    assert not isinstance(meaning(CHECK_PIN, status, body), PinExpired)


def test_a_page_of_a_proxy_says_nothing_of_a_pin() -> None:
    assert type(meaning(CHECK_PIN, 404, "<h1>404 Not Found</h1><hr>nginx", HTML)) is Misconfigured


@pytest.mark.parametrize("operation", [CHECK_TOKEN, LIST_SERVERS])
@pytest.mark.parametrize("body", ["", errors(1001, "User could not be authenticated"), "<html>no</html>"])
def test_401_says_that_a_token_is_not_valid(operation: str, body: str) -> None:
    found = meaning(operation, 401, body)

    assert type(found) is TokenInvalid
    assert found.condition == "TOKEN_INVALID"


@pytest.mark.parametrize(("status", "body"), [(498, ""), (498, "{}"), (422, errors(1105, "Invalid token"))])
def test_how_signed_tokens_are_refused(status: int, body: str) -> None:
    headers = JSON if body != "{}" else JSON | {"X-Plex-Protocol": "1.0"}

    assert type(meaning(CHECK_TOKEN, status, body, headers)) is TokenInvalid


@pytest.mark.parametrize("status", [301, 400, 403, 404, 408, 422, 429, 500, 502, 503, 504, 522])
@pytest.mark.parametrize("body", ["", errors(1, "x"), "<html>no</html>"])
def test_no_other_answer_says_anything_of_a_token(status: int, body: str) -> None:
    assert not isinstance(meaning(CHECK_TOKEN, status, body), TokenInvalid | PinExpired)


TOO_MANY = '<errors><error code="1003" message="API rate limit exceeded" status="429"/></errors>'


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind"),
    [
        (400, errors(1000, "X-Plex-Client-Identifier is missing"), JSON, Permanent),
        (401, errors(1001, "no"), JSON, AuthFailed),
        (403, "", {}, AuthFailed),
        (404, errors(1002, "Resource not found"), JSON, Misconfigured),
        (405, "", {}, Misconfigured),
        (408, "", {}, Transient),
        (429, TOO_MANY, {"Content-Type": "application/xml"}, RateLimited),
        (429, "", {}, RateLimited),
        (429, "<h1>429 Too Many Requests</h1>", HTML, RateLimited),
        (500, errors(1, "oops"), JSON, Transient),
        (500, "", {}, Transient),
        (502, "<h1>502 Bad Gateway</h1>", HTML, Transient),
        (503, "", {}, Transient),
        (504, "", {}, Transient),
        (522, "<title>522: Connection timed out</title>", HTML, Transient),
        (302, "", {"Location": "https://login.example/"}, Misconfigured),
        (200, "<html>Sign in</html>", HTML, Misconfigured),
        (204, "", {}, Misconfigured),
    ],
)
def test_whatever_else_it_answers(status: int, body: str, headers: dict[str, str], kind: type[ProviderError]) -> None:
    assert type(meaning(CREATE_PIN, status, body, headers)) is kind


def test_the_words_of_a_limit_are_shown() -> None:
    assert "API rate limit exceeded" in str(meaning(CREATE_PIN, 429, TOO_MANY))


@given(
    st.sampled_from([CREATE_PIN, CHECK_PIN, CHECK_TOKEN, LIST_SERVERS]),
    st.integers(300, 599),
    st.binary(max_size=100),
)
def test_every_answer_that_is_no_success_has_a_class(operation: str, status: int, body: bytes) -> None:
    assert isinstance(classify(Answer(status, httpx.Headers(), body), operation=operation, now=NOW), ProviderError)
