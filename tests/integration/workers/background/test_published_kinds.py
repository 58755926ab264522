import json
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
import redis
import structlog
from sqlalchemy import Engine, select, text
from structlog.testing import capture_logs

from leeward import Job, SyncUser
from leeward.jobs.kinds import KINDS
from leeward.jobs.secret import REDACTED, SecretText
from leeward.wire.keys import PUBLISHED_KINDS
from storage.dead_letters.letter.repeatable import repeatable_actors
from storage.job_kinds import stored_kinds
from storage.tables import dead_letter_groups, dead_letters
from tests.support.published import publication
from tests.unit.storage.dead_letters.intake.dead_entries import dead_fields, message_of
from workers.background.drainer import Drainer
from workers.background.published_kinds import PublishedKinds


class Invoice(Job):
    """A kind whose package the drainer does not have."""

    kind: ClassVar[str] = "sync.invoice"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "sync"
    idempotent: ClassVar[bool] = True

    number: str
    door: SecretText | None = None


TRACEBACK = """Traceback (most recent call last):
  File "/x/site-packages/actors/declare.py", line 9, in run
  File "/x/site-packages/leeward_acme/work.py", line 7, in sync_invoice
  File "/x/site-packages/httpx/client.py", line 7, in put
leeward_acme.Gone: gone
"""


@pytest.fixture
def drainer(valkey: "redis.Redis", engine: Engine) -> Drainer:
    return Drainer(valkey, engine, lambda: ["acme"])


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    monkeypatch.setattr("workers.background.published_kinds._log", structlog.get_logger())
    with capture_logs() as lines:
        yield lines


def _die(client: "redis.Redis", number: str = "INV-7") -> None:
    message = message_of(Invoice(provider="acme", number=number, door="4711-and-more"), message_id=number)
    fields = dict[Any, Any](
        dead_fields(message, error=json.dumps({"type": "Gone", "message": "4711-and-more", "traceback": TRACEBACK}))
    )
    client.xadd("leeward:{acme}:dead", fields)


def _letter(engine: Engine) -> Any:
    with engine.connect() as connection:
        return connection.execute(select(dead_letters)).one()


def test_a_letter_of_a_kind_that_was_published_just_before_loses_its_secrets(
    valkey: "redis.Redis", engine: Engine, drainer: Drainer
) -> None:
    drainer.sweep()
    publication(valkey, "a:1", Invoice).announce()
    _die(valkey)
    drainer.sweep()
    letter = _letter(engine)
    assert letter.payload == {"provider": "acme", "number": "INV-7", "door": REDACTED}
    assert b"4711" not in bytes(letter.message)
    assert "4711" not in letter.error_message
    assert "door" in letter.replay_refusal


def test_its_group_is_where_the_extension_failed(valkey: "redis.Redis", engine: Engine, drainer: Drainer) -> None:
    publication(valkey, "a:1", Invoice).announce()
    _die(valkey)
    drainer.sweep()
    with engine.connect() as connection:
        assert (
            connection.execute(select(dead_letter_groups.c.frame)).scalar_one() == "leeward_acme/work.py:sync_invoice"
        )


def test_kinds_are_in_postgresql_for_those_who_read_letters_without_valkey(
    valkey: "redis.Redis", engine: Engine, drainer: Drainer
) -> None:
    publication(valkey, "a:1", Invoice, SyncUser).announce()
    _die(valkey)
    drainer.sweep()
    assert [kind.name for kind in stored_kinds(engine)] == ["sync.invoice@1", "sync.user@1"]
    assert "sync.invoice" in repeatable_actors()


def test_nothing_is_read_again_until_a_kind_changes(
    valkey: "redis.Redis", engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication(valkey, "a:1", Invoice).announce()
    kinds = PublishedKinds(valkey, engine)
    kinds.look()
    with monkeypatch.context() as patched:
        patched.setattr(valkey, "hgetall", lambda *_: pytest.fail("it was read again"))
        kinds.look()
    publication(valkey, "a:1", SyncUser).announce()
    kinds.look()
    assert len(stored_kinds(engine)) == 2


def test_where_kinds_cannot_be_written_letters_are_and_it_is_tried_again(
    valkey: "redis.Redis", engine: Engine, drainer: Drainer, logs: list[Any]
) -> None:
    publication(valkey, "a:1", Invoice).announce()
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE job_kinds RENAME TO away"))
    for number in ("INV-7", "INV-8"):
        _die(valkey, number)
        drainer.sweep()
    assert [line["event"] for line in logs] == ["kinds_not_stored"]
    with engine.begin() as connection:
        assert len(connection.execute(select(dead_letters)).all()) == 2
        connection.execute(text("ALTER TABLE away RENAME TO job_kinds"))
    _die(valkey, "INV-9")
    drainer.sweep()
    assert len(stored_kinds(engine)) == 1


def test_a_user_who_may_not_read_the_kinds_drains_all_the_same(
    valkey: "redis.Redis", valkey_url: str, engine: Engine, logs: list[Any]
) -> None:
    publication(valkey, "a:1", Invoice).announce()
    _die(valkey)
    valkey.execute_command("ACL", "SETUSER", "narrow", "on", ">word", "~leeward:{acme}:*", "&*", "+@all")
    try:
        with redis.Redis.from_url(f"redis://narrow:word@{valkey_url.partition('@')[2]}") as narrow:
            Drainer(narrow, engine, lambda: ["acme"]).sweep()
    finally:
        valkey.execute_command("ACL", "DELUSER", "narrow")
    assert _letter(engine).job_id == "INV-7"
    assert [line["event"] for line in logs] == ["kinds_not_stored"]
    assert PUBLISHED_KINDS in logs[0]["problem"]
    assert "sync.invoice" not in KINDS.names()
