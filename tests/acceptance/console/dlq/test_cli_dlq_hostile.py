"""Whatever jobs, workers and people bring along: kept, shown harmlessly, or refused in words."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from sqlalchemy import Connection

from console.cli.exit_code import ExitCode
from leeward.wire.keys import ProviderKeys
from storage.database.engine import create_engine
from tests.acceptance.console.leeward import Command
from tests.integration.storage.rows import keep, letter
from tests.unit.storage.dead_letters.intake.dead_entries import dead_fields, message_of
from workers.background.drainer import Drainer

HTML = "<script>alert(1)</script><img src=x onerror=alert(2)>"
TERMINAL = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\u202e\u200b"
SQL = "'; DROP TABLE dead_letters; --"
DEEP = 20_000
HOSTILE: dict[str, dict[bytes, bytes]] = {
    "50 MB": dead_fields(message_of(kwargs={"payload": {"user": "x" * 50_000_000}}, message_id="50 MB")),
    "long error": dead_fields(message_of(message_id="long error"), error=json.dumps({"message": "e" * 5_000_000})),
    "NUL": dead_fields(message_of(message_id="NUL", actor_name="a\x00b"), error=json.dumps({"message": "n\x00l"})),
    "no UTF-8": dead_fields(b"\xff\xfe\x80" * 9, job=b"no UTF-8", error=b"\xc3\x28", worker=b"\xff", queue=b"\xfe"),
    "surrogates": dead_fields(message_of(message_id="surrogates", kwargs={"payload": {"user": "\ud800"}})),
    "terminal": dead_fields(message_of(message_id="terminal"), error=json.dumps({"type": TERMINAL, "message": TERMINAL + HTML})),
    "deep": dead_fields(b'{"message_id": "deep", "kwargs": ' + b"[" * DEEP + b"]" * DEEP + b"}", job=b"deep", error=b"[" * DEEP),
    "SQL": dead_fields(message_of(message_id="SQL", queue_name=SQL), queue=SQL, error=json.dumps({"message": SQL})),
}  # fmt: skip

SHOWN = {"50 MB": "[cut: 50,000,000 characters in all]", "terminal": HTML, "deep": "[cut:", "no UTF-8": "\\xff"}
"""What has to be seen of some of them."""


@pytest.fixture
def drained(valkey: redis.Redis, database_url: str) -> Iterator[None]:
    """All of them have gone the real way: from an outbox, through a drainer."""
    for fields in HOSTILE.values():
        valkey.xadd(ProviderKeys("jellyfin").dead, dict[Any, Any](fields))
    engine = create_engine(database_url)
    Drainer(valkey, engine, lambda: ["jellyfin"]).sweep()
    yield
    engine.dispose()


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("drained")
def test_every_hostile_entry_is_kept_bounded_and_shown_harmlessly(leeward: Command, valkey: redis.Redis) -> None:
    assert valkey.xlen(ProviderKeys("jellyfin").dead) == 0
    listed = leeward("dlq", "list", "--json").json()["dead_letters"]
    assert {row["job_id"] for row in listed} == HOSTILE.keys()

    code, shown = leeward.on_a_terminal("dlq", "list", columns=100)
    assert code == 0
    assert _harmless(shown)
    ids = {row["job_id"]: row["id"] for row in listed}
    for name, mark in SHOWN.items():
        plain = leeward("dlq", "show", ids[name]).out
        assert _harmless(plain)
        assert len(plain) < 400_000
        assert mark in plain


@pytest.mark.parametrize("text", [SQL, "%", "_", "\\", HTML, "' OR '1'='1"])
def test_what_looks_like_sql_in_a_filter_is_only_text(leeward: Command, connection: Connection, text: str) -> None:
    error = json.dumps({"type": "Permanent", "message": f"before {text} after"})
    one, _ = (str(id_) for id_ in keep(connection, letter(1, error=error), letter(2)))

    found = leeward("dlq", "list", "--error", text, "--json").json()["dead_letters"]
    none = leeward("dlq", "list", "--provider", text, "--queue", text, "--actor", text, "--json").json()["dead_letters"]

    # The other one's message has an underscore in its error's operation only, which is not searched.
    assert [row["id"] for row in found] == [one]
    assert none == []
    assert leeward("dlq", "list", "--json").json()["dead_letters"]


def test_bytes_that_are_no_text_are_refused_in_a_filter_and_written_out_in_a_note(
    leeward: Command, connection: Connection
) -> None:
    (id_,) = keep(connection, letter(1))

    for option in ("--error", "--provider"):
        answer = leeward("dlq", "list", option, "\udcff", expect=ExitCode.USAGE)
        assert "can match nothing" in answer.err
    leeward("dlq", "hold", id_, "--because", f"\udcff{TERMINAL}")

    shown = leeward("dlq", "show", id_).out
    assert "\\udcff" in shown
    assert _harmless(shown)


def _harmless(shown: str) -> bool:
    """Nothing in it that a terminal would obey, but for what our own tables draw with."""
    return not any(part in shown for part in ("\x1b]", "\x1b[2J", "\x9b", "\u202e", "\u200b", "\x00", "\x07"))
