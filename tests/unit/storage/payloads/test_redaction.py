import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward import SyncUser
from leeward.jobs.secret import REDACTED
from storage.payloads.redaction import redacted
from tests.unit.storage.dead_letters.intake.dead_entries import message_of

SECRET = 'hunter2 "quoted" \\ \N{SNOWMAN}'


def with_password(password: Any = SECRET, **changes: Any) -> bytes:
    return message_of(kwargs={"payload": {"provider": "jellyfin", "user": "alice", "password": password}}, **changes)


def forms(secret: str) -> list[bytes]:
    return [secret.encode(), json.dumps(secret)[1:-1].encode(), json.dumps(secret, ensure_ascii=False)[1:-1].encode()]


def test_a_message_without_secrets_keeps_its_exact_bytes() -> None:
    message = b'{ "actor_name":"sync.user",  "kwargs":{"payload":{"user":"a"}},"options":{"kind_version":1}}'

    kept = redacted(message)

    assert kept.message == message
    assert kept.removed == frozenset()


def test_a_secret_field_is_replaced_and_named() -> None:
    kept = redacted(with_password())

    assert kept.removed == {"password"}
    assert kept.body is not None
    assert kept.body["kwargs"]["payload"] == {"provider": "jellyfin", "user": "alice", "password": REDACTED}
    assert not [form for form in forms(SECRET) if form in kept.message]
    assert json.loads(kept.message) == kept.body


def test_a_secret_field_that_is_not_set_is_no_secret() -> None:
    assert redacted(with_password(None)).removed == frozenset()


def test_the_contract_itself_marks_what_is_hidden() -> None:
    job = SyncUser.model_validate({"user": "alice", "password": "correct horse"})

    kept = redacted(message_of(job))

    assert b"correct horse" not in kept.message


def test_a_secret_is_hidden_wherever_else_it_stands() -> None:
    errors = [f"cannot set password {SECRET!r}", "unrelated"]
    kept = redacted(with_password(options={"errors": errors, "note": SECRET}))

    assert kept.body is not None
    assert kept.body["options"]["errors"] == [f"cannot set password '{REDACTED}'", "unrelated"]
    assert kept.body["options"]["note"] == REDACTED


def test_the_digest_of_a_payload_with_a_secret_goes_too() -> None:
    kept = redacted(with_password(options={"fingerprint": "ab" * 32}))

    assert kept.body is not None
    assert "fingerprint" not in kept.body["options"]


@pytest.mark.parametrize(
    "text", [SECRET, repr(SECRET), json.dumps(SECRET), "?p=hunter2%20%22quoted%22%20%5C%20%E2%98%83"]
)
def test_scrub_finds_a_secret_as_errors_quote_it(text: str) -> None:
    kept = redacted(with_password())

    assert "hunter2" not in kept.scrub({"message": [text]})["message"][0]


def test_a_short_secret_is_hidden_only_where_it_stands_alone() -> None:
    kept = redacted(with_password("ab"))

    assert kept.scrub("about 'ab'") == f"about '{REDACTED}'"


def test_a_small_number_that_is_secret_hides_no_other_numbers() -> None:
    kept = redacted(message_of(actor_name="legacy", kwargs={"token_count": 5}, options={"retries": 5}))

    assert kept.body is not None
    assert (kept.body["kwargs"]["token_count"], kept.body["options"]["retries"]) == (REDACTED, 5)


@pytest.mark.parametrize("password", [12345678, ["hunter22"], {"nested": {"deep": "hunter22"}}])
def test_an_invalid_secret_is_hidden_all_the_same(password: object) -> None:
    kept = redacted(with_password(password))

    assert kept.removed == {"password"}
    assert b"hunter22" not in kept.message
    assert b"12345678" not in kept.message
    assert "12345678" not in kept.scrub("not a string: 12345678 ") or password != 12345678


def test_a_newer_field_that_sounds_secret_is_hidden() -> None:
    kept = redacted(message_of(kwargs={"payload": {"user": "alice", "api_token": "t0ps3cret", "colour": "blue"}}))

    assert kept.removed == {"api_token"}
    assert kept.body is not None
    assert kept.body["kwargs"]["payload"]["colour"] == "blue"


@pytest.mark.parametrize("version", [99, None, "1", True])
def test_a_version_that_is_not_known_hides_what_sounds_secret(version: object) -> None:
    kept = redacted(with_password(options={"kind_version": version}))

    assert b"hunter2" not in kept.message


def test_a_stock_actor_hides_what_sounds_secret_at_any_depth() -> None:
    message = message_of(
        actor_name="legacy", args=[{"deep": [{"DB_PASSWORD": "s3cret!"}]}], kwargs={"access_token": "abcdef"}
    )

    kept = redacted(message)

    assert kept.removed == {"args.0.deep.0.DB_PASSWORD", "access_token"}
    assert b"s3cret!" not in kept.message
    assert b"abcdef" not in kept.message


@pytest.mark.parametrize(
    "broken",
    [
        b'{"kwargs": {"password": "hunter2"',
        b'{"kwargs": {"password": "hunter2',
        b'\xff\xfe {"password" : "hunter2", "user": "alice"}',
        b"{'password': 'hunter2'}",
        b'"{\\"password\\": \\"hunter2\\"}"',
        b'{"api_key": hunter2}',
    ],
)
def test_bytes_that_are_no_message_lose_what_stands_behind_a_secret_name(broken: bytes) -> None:
    kept = redacted(broken)

    assert kept.body is None
    assert b"hunter2" not in kept.message
    assert REDACTED.encode() in kept.message
    assert "hunter2" not in kept.scrub("could not decode hunter2")


SIZE = 256 * 1024


@pytest.mark.parametrize(
    "slow",
    [
        b'"' + b"password" * (SIZE // 8),
        b'"password' * (SIZE // 9),
        b'"password"' + b" " * SIZE,
        b'"password"' + b"\\" * SIZE,
        b'"password": "' + b"\\" * SIZE,
        b'"password": ' * (SIZE // 12),
        b'"' * SIZE,
        b"a" * SIZE,
    ],
)
@pytest.mark.timeout(60)
def test_bytes_that_are_made_to_be_slow_are_not(slow: bytes) -> None:
    assert redacted(slow).body is None


@pytest.mark.timeout(60)
def test_a_secret_of_any_length_is_hidden() -> None:
    secret = "a very long secret " * 50_000

    kept = redacted(with_password(secret, options={"errors": [f"before {secret} after", secret[:5_000]]}))

    assert kept.body is not None
    assert kept.body["options"]["errors"] == [f"before {REDACTED} after", REDACTED]


@pytest.mark.timeout(60)
def test_where_secrets_are_too_many_to_look_for_everything_is_hidden() -> None:
    fields = {f"token_{number}": f"value-{number}" for number in range(8_000)}

    kept = redacted(message_of(actor_name="legacy", kwargs=fields, options={"errors": ["x" * SIZE]}))

    assert b"value-" not in kept.message
    assert kept.body is not None
    assert kept.body["options"]["errors"] == [REDACTED]


@given(st.binary(max_size=300))
def test_any_bytes_can_be_redacted(raw: bytes) -> None:
    kept = redacted(raw)

    assert kept.body is not None or kept.removed or kept.message == raw


@given(st.text(min_size=4, max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_no_secret_is_left_in_the_bytes_whatever_it_is(secret: str, before: str, after: str) -> None:
    kept = redacted(with_password(secret, options={"errors": [before + secret + after]}))

    body = json.loads(kept.message)
    leaves = [*body["kwargs"]["payload"].values(), *body["options"]["errors"]]
    assert not [part for leaf in leaves for part in leaf.split(REDACTED) if secret in part]
