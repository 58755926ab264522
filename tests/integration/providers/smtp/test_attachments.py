"""Attachments that a job names: they arrive as they are, and what must not be attached is not."""

import email
import email.policy
import hashlib
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from actors.email import send_email
from leeward.client import Leeward
from leeward.extension.errors import Permanent, TargetUnavailable
from leeward.jobs.email.send import SendEmail
from providers.smtp.provider import Smtp
from providers.smtp.settings import SmtpSettings
from simulators.mail.server import MailSimulator

MIB = 1024 * 1024


class _Files(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        status = {"/files/away": 404, "/files/broken": 503, "/files/moved": 302, "/files/out": 302}.get(self.path, 200)
        body = b"x" * (3000 if self.path == "/files/large" else 20)
        self.send_response(status)
        if status == HTTPStatus.FOUND:
            self.send_header("Location", "/files/plan" if self.path == "/files/moved" else "/secret")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def files() -> Iterator[str]:
    _Files.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Files) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def make(mail: MailSimulator) -> Iterator[Callable[..., Smtp]]:
    made: list[Smtp] = []

    def smtp(**settings: Any) -> Smtp:
        usual: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": mail.port,
            "tls": "none",
            "sender": "fleet@example.org",
            "local_name": "worker.example.org",
            "final_reply_timeout": timedelta(seconds=30),
        }
        made.append(Smtp("smtp", SmtpSettings.model_validate(usual | settings)))
        made[-1].open()
        return made[-1]

    yield smtp
    for one in made:
        one.close_thread()
        one.close()


def _send(smtp: Smtp, *attachments: dict[str, str]) -> dict[str, Any]:
    job = SendEmail.model_validate(
        {"to": ["alice@example.org"], "subject": "Plan", "text": "Here it is", "attachments": attachments}
    )
    return send_email(job, smtp, Leeward("redis://127.0.0.1:1/0"))


def _arrived(mail: MailSimulator) -> dict[str | None, bytes]:
    (content,) = mail.mails()
    message = email.message_from_bytes(content, policy=email.policy.default)
    return {part.get_filename(): part.get_content() for part in message.iter_attachments()}


def test_the_largest_file_arrives_whole(make: Callable[..., Smtp], mail: MailSimulator, tmp_path: Path) -> None:
    content = hashlib.shake_256(b"plan").digest(MIB) * 25
    (tmp_path / "plan.bin").write_bytes(content)

    _send(make(attachments=tmp_path), {"name": "plan.bin", "file": "plan.bin"})

    assert hashlib.sha256(_arrived(mail)["plan.bin"]).digest() == hashlib.sha256(content).digest()


def test_files_and_what_the_job_holds_arrive_beside_each_other(
    make: Callable[..., Smtp], mail: MailSimulator, tmp_path: Path
) -> None:
    content = bytes(range(256)) * 500
    (tmp_path / "plan.bin").write_bytes(content)

    _send(
        make(attachments=tmp_path),
        {"name": "a.bin", "content": "aGk="},
        {"name": "plän.bin", "file": "plan.bin", "sha256": hashlib.sha256(content).hexdigest()},
    )

    assert _arrived(mail) == {"a.bin": b"hi", "plän.bin": content}


@pytest.mark.parametrize(
    ("attachment", "words"),
    [
        ({"file": "other.bin"}, "is not there"),
        ({"file": "plan.bin", "sha256": "0" * 64}, "SHA-256"),
        ({"file": "large.bin"}, "more than the 1000"),
        ({"url": "http://127.0.0.1/plan"}, "no URL is allowed"),
    ],
)
def test_what_cannot_be_attached_ends_the_mail_before_the_relay_hears_of_it(
    attachment: dict[str, str], words: str, make: Callable[..., Smtp], mail: MailSimulator, tmp_path: Path
) -> None:
    (tmp_path / "plan.bin").write_bytes(b"plan")
    (tmp_path / "large.bin").write_bytes(b"x" * 1001)
    smtp = make(attachments=tmp_path, attachment_limit_bytes=1000)

    with pytest.raises(Permanent, match=words):
        _send(smtp, {"name": "a.bin"} | attachment)

    assert mail.record.counts().get("session_opened", 0) == 0


def test_the_limit_is_for_all_attachments_of_a_mail(make: Callable[..., Smtp], tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 600)
    smtp = make(attachments=tmp_path, attachment_limit_bytes=1000)

    with pytest.raises(Permanent, match="more than the 400"):
        _send(smtp, {"name": "a", "file": "a"}, {"name": "b", "file": "a"})


def test_an_allowed_url_is_fetched_also_through_a_redirect_to_an_allowed_one(
    make: Callable[..., Smtp], mail: MailSimulator, files: str
) -> None:
    smtp = make(attachment_urls=f"{files}/files", attachments_allow_private=True)

    _send(smtp, {"name": "plan", "url": f"{files}/files/moved"})

    assert _arrived(mail) == {"plan": b"x" * 20}


@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [
        ("/secret", Permanent, "not allowed"),
        ("/files/../secret", Permanent, "not allowed"),
        ("/files/out", Permanent, "not allowed"),
        ("/files/away", Permanent, "404"),
        ("/files/large", Permanent, "larger than the 1000"),
        ("/files/broken", TargetUnavailable, "503"),
    ],
)
def test_what_a_url_does_not_bring(
    path: str, kind: type[Exception], words: str, make: Callable[..., Smtp], mail: MailSimulator, files: str
) -> None:
    smtp = make(attachment_urls=f"{files}/files", attachments_allow_private=True, attachment_limit_bytes=1000)

    with pytest.raises(kind, match=words):
        _send(smtp, {"name": "a", "url": files + path})

    assert "/secret" not in _Files.asked
    assert mail.record.counts().get("session_opened", 0) == 0


def test_a_private_address_is_asked_only_where_the_operator_allows_it(make: Callable[..., Smtp], files: str) -> None:
    smtp = make(attachment_urls=f"{files}/files")

    with pytest.raises(Permanent, match="attachments do not come from there"):
        _send(smtp, {"name": "a", "url": f"{files}/files/plan"})

    assert _Files.asked == []


def test_a_host_that_does_not_answer_defers_this_mail_alone(make: Callable[..., Smtp]) -> None:
    smtp = make(attachment_urls="http://127.0.0.1:1/", attachments_allow_private=True)

    with pytest.raises(TargetUnavailable, match="cannot be reached"):
        _send(smtp, {"name": "a", "url": "http://127.0.0.1:1/plan"})
