"""Visits a service as a browser would, and prints what it saw as JSON.

Usage: visit.py flask|fastapi|django MAIL_ADDRESS, in the folder of the service.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Ask = Callable[..., tuple[int, Any]]
PATIENCE_SECONDS = 60
LOOK_SECONDS = 0.02


@contextmanager
def flask() -> Iterator[Ask]:
    from app import create_app

    browser = create_app().test_client()

    def ask(method: str, path: str, body: object = None) -> tuple[int, Any]:
        answer = browser.open(path, method=method, json=body)
        return answer.status_code, answer.get_json()

    yield ask


@contextmanager
def fastapi() -> Iterator[Ask]:
    from app import app
    from fastapi.testclient import TestClient

    with TestClient(app) as browser:

        def ask(method: str, path: str, body: object = None) -> tuple[int, Any]:
            answer = browser.request(method, path, json=body)
            return answer.status_code, answer.json()

        yield ask


@contextmanager
def django() -> Iterator[Ask]:
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
    from django import setup
    from django.test import Client

    setup()
    browser = Client()

    def ask(method: str, path: str, body: object = None) -> tuple[int, Any]:
        answer = browser.generic(method, path, json.dumps(body), content_type="application/json")
        return answer.status_code, answer.json()

    yield ask


def visit(ask: Ask, address: str) -> dict[str, Any]:
    member = {"email": address, "name": "Visitor"}
    first, again = ask("POST", "/members", member), ask("POST", "/members", member)
    job = f"/jobs/{first[1]['job']}"
    ended = followed(ask, job)
    unknown = ask("GET", "/jobs/unknown")
    return {
        "first": first,
        "again": again,
        "ended": ended,
        "cancelled": ask("DELETE", job)[1],
        "unknown": [unknown[1]["error"], unknown[0]],
    }


def followed(ask: Ask, job: str) -> Any:
    end = time.monotonic() + PATIENCE_SECONDS
    while (status := ask("GET", job)[1])["state"] not in {"done", "dead", "cancelled"}:
        if time.monotonic() > end:
            sys.exit(f"{job} has not ended: {status}")
        time.sleep(LOOK_SECONDS)
    return status


with {"flask": flask, "fastapi": fastapi, "django": django}[sys.argv[1]]() as ask:
    print(json.dumps(visit(ask, sys.argv[2])))
