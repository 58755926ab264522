"""One request to a service, and the JSON of its answer; every failure is one of our errors."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from leeward.jobs.secret import REDACTED
from providers.http_client.address_guard import AddressRefused
from providers.http_client.answer import Answer
from providers.http_client.client import Bounds, Client
from providers.http_client.failures import Service, of_broken_json, of_no_answer
from providers.http_client.json_body import MOST_CONTAINERS, NotJson, parse_json


def exchange(
    client: Client,
    service: Service,
    method: str,
    url: httpx.URL,
    *,
    headers: Mapping[str, str],
    bounds: Bounds,
    repeatable: bool,
    content: bytes = b"",
    secrets: Sequence[str] = (),
) -> Answer:
    """The answer, whatever it says.

    Args:
        client: sends it.
        service: how it is called in errors.
        method: of HTTP.
        url: with all of its secrets: it is shown in no error.
        headers: besides those of the client.
        bounds: of this exchange.
        repeatable: whether sending it twice does no harm: decides what a lost answer means.
        content: the body.
        secrets: what an answer may quote and people must not see.

    Raises:
        AddressRefused: from the guard of the client, where it has one.
        Ambiguous: the answer to a request that is not repeatable was lost.
        ProviderError: see `providers.http_client.failures`.
    """
    try:
        answer = client.send(method, url, headers, content, bounds)
    except AddressRefused:
        raise
    except Exception as error:  # the table of failures has a class for each, and one for the rest
        kind, words, facts = of_no_answer(error, service, repeatable=repeatable)
        raise kind(words, **facts) from error
    body = answer.body
    for secret in secrets:
        body = body.replace(secret.encode(), REDACTED.encode())
    return Answer(answer.status, answer.headers, body)


def json_of(answer: Answer, service: Service, *, most_containers: int = MOST_CONTAINERS) -> Any:
    """The JSON of a success.

    Raises:
        Transient: it is broken off.
        Misconfigured: it is too deep, or has too many objects and arrays.
    """
    try:
        return parse_json(answer.body, most_containers=most_containers)
    except NotJson as problem:
        kind, words, facts = of_broken_json(answer.status, problem, service)
        raise kind(words, **facts) from problem
