"""A mail with files in it has the bytes of the same mail that holds them."""

import base64
import io
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from leeward.extension.errors import TargetUnavailable
from leeward.jobs.email.attachment import Attachment
from leeward.jobs.email.send import SendEmail
from providers.smtp.attachments.attached_file import AttachedFile
from providers.smtp.config import SmtpConfig
from providers.smtp.mail.body import Body
from providers.smtp.mail.message import compose, stand_ins
from providers.smtp.mail.wire import wire

CONFIG = SmtpConfig(host="mail.example.org", port=25, sender="fleet@example.org")
IDENTITY = "invoice-7"
SIZES = [0, 1, 2, 3, 56, 57, 58, 113, 114, 115, 57 * 1024 - 1, 57 * 1024, 57 * 1024 + 1, 200_000]


def _content(size: int) -> bytes:
    return bytes(number * 31 % 251 for number in range(size))


def _wire(*attachments: Attachment, files: list[AttachedFile]) -> tuple[int, bytes]:
    job = SendEmail(to=("a@example.org",), subject="Hi", text="Hello\n.\n", attachments=attachments)
    at = datetime(2026, 12, 1, tzinfo=UTC)
    message = compose(job, "a@example.org", Body(job.text, None), config=CONFIG, identity=IDENTITY, date=at)
    found = wire(message, dict(zip(stand_ins(job, IDENTITY), files, strict=True)))
    return found.size, b"".join(found.blocks())


@pytest.mark.parametrize("size", SIZES)
def test_a_streamed_file_gives_the_same_bytes_as_one_in_the_job(size: int) -> None:
    content = _content(size)
    held = Attachment.model_validate({"name": "a.bin", "content": _base64(content)})
    named = Attachment(name="a.bin", file="a.bin")

    _, whole = _wire(held, files=[])
    announced, streamed = _wire(named, files=[AttachedFile("a.bin", io.BytesIO(content), size)])

    assert streamed.replace(b"\r\n\r\n--", b"\r\n--") == whole.replace(b"\r\n\r\n--", b"\r\n--")
    assert announced == len(streamed)


def test_several_files_stand_in_the_order_of_the_job_beside_what_it_holds() -> None:
    named = [Attachment(name=f"{name}.bin", file=name) for name in "ab"]
    between = Attachment.model_validate({"name": "held.bin", "content": _base64(b"held")})
    files = [AttachedFile(name, io.BytesIO(name.encode() * 60), 60) for name in "ab"]

    _, sent = _wire(named[0], between, named[1], files=files)

    places = [sent.index(_base64(part).encode()) for part in (b"a" * 57, b"held", b"b" * 57)]
    assert places == sorted(places)


def test_a_large_file_is_never_whole_in_memory(tmp_path: Path) -> None:
    size = 25 * 1024 * 1024
    with (tmp_path / "large").open("wb+") as large:
        large.truncate(size)
        attached = AttachedFile("large", large, size)
        tracemalloc.start()
        sent = sum(len(block) for block in attached.lines())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert sent == attached.encoded_size
    assert peak < size / 20


@pytest.mark.parametrize(("there", "words"), [(b"short", "shorter"), (b"much longer than that", "longer")])
def test_a_file_that_changes_while_it_is_sent_ends_the_mail(there: bytes, words: str) -> None:
    named = Attachment(name="a.bin", file="a.bin")

    with pytest.raises(TargetUnavailable, match=f"has become {words}"):
        _wire(named, files=[AttachedFile("a.bin", io.BytesIO(there), 10)])


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"content": "aGk=", "file": "a"},
        {"file": "a", "url": "https://example.org/a"},
        {"content": "aGk=", "sha256": "0" * 64},
        {"file": "a\x00b"},
        {"url": "ftp://example.org/a"},
    ],
)
def test_an_attachment_has_one_source(fields: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Attachment.model_validate({"name": "a.bin"} | fields)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
