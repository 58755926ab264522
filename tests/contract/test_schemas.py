"""The contract changes only on purpose."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from leeward.jobs.email.send import SendEmail
from leeward.jobs.job import Job
from leeward.jobs.kinds import KINDS, job_type
from script.export_schemas import SNAPSHOTS, differing, file_name

RELEASED: dict[str, list[dict[str, object]]] = {
    "sync.user@1": [
        {"provider": "jellyfin", "user": "alice", "state": "enabled"},
        {"provider": "jellyfin", "user": "bob", "state": "disabled", "password": "x"},
        {"provider": "jellyfin", "user": "eve", "state": "enabled", "expires_at": "2027-01-01T00:00:00Z"},
        {"provider": "jellyfin", "user": "eve", "state": "deleted"},
        {"provider": "jellyfin", "user": "eve", "state": "disabled", "create": True, "take_over": False},
        {"provider": "jellyfin", "user": "eve", "state": "enabled", "policy": {"EnableAllFolders": False}},
    ],
    "sync.users@1": [
        {
            "provider": "jellyfin",
            "users": [
                {"user": "alice", "state": "enabled", "password": "x", "policy": {"MaxActiveSessions": 2}},
                {"user": "bob", "state": "disabled", "expires_at": "2027-01-01T00:00:00Z"},
                {"user": "eve", "state": "enabled", "create": False, "take_over": False},
            ],
        },
    ],
    "sync.library@1": [
        {"provider": "plex", "wait": True},
        {"provider": "plex", "section": "Movies", "path": "/media/films/Sintel (2010)", "wait": False},
    ],
    "sync.collection@1": [
        {"provider": "plex", "section": "Movies", "title": "New", "items": [{"path": "/media/films/Sintel (2010)"}]},
        {
            "provider": "plex",
            "section": "1",
            "title": "New",
            "items": [{"id": "7"}, {"guid": "imdb://tt1727587"}, {"title": "Sintel", "year": 2010}],
        },
    ],
    "register.account@1": [
        {"provider": "accounts", "server": "jellyfin", "user": "alice", "password": "x", "approved": True},
        {
            "provider": "accounts",
            "server": "jellyfin",
            "user": "bob",
            "approved": False,
            "expires_at": "2027-01-01T00:00:00Z",
            "policy": {"EnableAllFolders": False},
        },
    ],
    "email.batch@1": [
        {
            "provider": "smtp",
            "subject": "Doors open at seven",
            "template": "welcome",
            "values": {"place": "Hall"},
            "attachments": [
                {"name": "plan.pdf", "content_type": "application/pdf", "file": "plans/hall.pdf", "sha256": "0" * 64},
                {"name": "map.png", "content_type": "image/png", "url": "https://files.example.org/map.png"},
            ],
            "recipients": [{"to": "a@example.org", "values": {"name": "A"}}, {"to": "b@example.org", "values": {}}],
        },
    ],
    "email.send@1": [
        {
            "provider": "smtp",
            "to": ["a@example.org"],
            "subject": "Hi",
            "text": "Hello",
            "values": {},
            "attachments": [],
        },
        {"provider": "smtp", "to": ["a@example.org"], "subject": "Hi", "template": "welcome", "values": {"name": "A"}},
        {
            "provider": "smtp",
            "to": ["a@example.org"],
            "subject": "Hi",
            "html": "<p>",
            "attachments": [{"name": "a.txt", "content_type": "text/plain", "content": "aGk="}],
        },
    ],
    "notify.telegram@1": [
        {
            "provider": "telegram",
            "text": "Hello",
            "silent": False,
            "protected": False,
            "link_preview": True,
        },
        {"provider": "telegram", "text": "<b>Hello</b>", "chat": -1001234567890, "parse_mode": "HTML", "topic": 7},
        {"provider": "telegram", "text": "Hello", "chat": "@releases", "reply_to": 9, "silent": True},
    ],
    "notify.webhook@1": [
        {"provider": "webhook", "event": "user.created", "data": {"id": 1}},
        {
            "provider": "webhook",
            "event": "ping",
            "data": {},
            "occurred_at": "2027-01-01T00:00:00Z",
            "url": "https://example.org/hook",
            "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        },
    ],
    "download.file@1": [
        {"provider": "http", "url": "https://example.org/f", "destination": "a/f", "size_limit_bytes": 10},
        {"provider": "http", "url": "https://example.org/f", "destination": "f", "size_bytes": 3, "sha256": "a" * 64},
        {
            "provider": "http",
            "url": "https://example.org/f",
            "destination": "f",
            "mirrors": ["https://example.net/f"],
            "content_types": ["video/*", "application/octet-stream"],
        },
    ],
    "download.media@1": [
        {"provider": "ytdlp", "url": "https://example.org/w", "destination": "Films/A", "size_limit_bytes": 10},
        {
            "provider": "ytdlp",
            "url": "https://example.org/w",
            "destination": "A",
            "format": "bv*+ba/b",
            "container": "mkv",
        },
    ],
    "sync.request@1": [
        {"provider": "seerr", "media_type": "movie", "tmdb_id": 603, "is_4k": False},
        {"provider": "seerr", "media_type": "tv", "tmdb_id": 1416, "is_4k": True, "seasons": [1, 2], "tvdb_id": 73762},
        {
            "provider": "seerr",
            "media_type": "tv",
            "tmdb_id": 1416,
            "seasons": "all",
            "user_id": 2,
            "root_folder": "/tv",
        },
    ],
    "sync.requests@1": [{"provider": "seerr", "request_ids": []}, {"provider": "seerr", "request_ids": [16, 17]}],
}
"""Payloads as they were once sent. Add to them; never change or remove one."""
CASES = [(name, payload) for name, payloads in RELEASED.items() for payload in payloads]


def test_the_snapshots_are_this_releases_schemas() -> None:
    assert differing(SNAPSHOTS) == [], "run script/export-schemas, and read schemas/snapshots/README.md first"


def test_there_is_no_snapshot_of_a_kind_that_is_gone() -> None:
    assert {path.name for path in SNAPSHOTS.glob("*.json")} == {file_name(job) for job in KINDS}


def test_a_changed_schema_is_noticed(tmp_path: Path) -> None:
    for job in KINDS:
        (tmp_path / file_name(job)).write_text("{}")

    assert differing(tmp_path) == sorted(file_name(job) for job in KINDS)


def test_no_two_models_claim_the_same_kind_and_version() -> None:
    names = [(job.kind, job.version) for job in KINDS]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("name", "payload"), CASES)
def test_every_payload_that_was_ever_sent_is_still_read(name: str, payload: dict[str, object]) -> None:
    kind, _, version = name.partition("@")
    job = job_type(kind, int(version))

    assert job is not None
    read, unknown = job.from_payload(payload)
    assert unknown == frozenset()
    assert job.from_payload(read.to_payload())[0] == read


@pytest.mark.parametrize(("name", "payload"), CASES)
def test_the_published_schema_accepts_what_was_sent(name: str, payload: dict[str, object]) -> None:
    schema = json.loads((SNAPSHOTS / f"{name}.json").read_text())

    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(payload)


@pytest.mark.parametrize("job", list(KINDS))
def test_a_producer_cannot_send_a_field_that_is_not_in_the_contract(job: type[Job]) -> None:
    payload: dict[str, Any] = {**RELEASED[f"{job.kind}@{job.version}"][0], "surprise": 1}

    with pytest.raises(ValidationError, match="Extra inputs"):
        job(**payload)


@pytest.mark.parametrize("job", list(KINDS))
def test_a_consumer_reads_past_a_newer_producers_fields_and_names_them(job: type[Job]) -> None:
    payload = RELEASED[f"{job.kind}@{job.version}"][-1]

    read, unknown = job.from_payload(payload | {"newer": {"deep": 1}})

    assert unknown == {"newer"}
    assert read == job.from_payload(payload)[0]


def test_a_consumer_reads_past_a_newer_producers_fields_inside_a_field() -> None:
    assert job_type("email.send", 1) is SendEmail
    payload = json.loads(json.dumps(RELEASED["email.send@1"][-1]))
    payload["attachments"][0]["inline"] = True

    read, _ = SendEmail.from_payload(payload)

    assert read.attachments[0].name == "a.txt"
