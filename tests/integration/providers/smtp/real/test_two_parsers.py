"""300 mails of all shapes, through Postfix: what Perl's MIME::Parser and Python's parser read is what was given."""

import base64
import email
import email.policy
import hashlib
import io
import json
import os
import random
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from leeward.jobs.email.attachment import Attachment
from leeward.jobs.email.send import SendEmail
from providers.smtp.attachments.attached_file import AttachedFile
from providers.smtp.mail.body import Body
from providers.smtp.mail.message import compose, stand_ins
from providers.smtp.mailer import Mailer
from tests.support.real_servers.mail import MailServer
from tests.support.real_servers.program import REQUIRED

MAILS = 300
LARGEST = 25 * 1024 * 1024
_LARGEST_HELD = 100_000
_AT = datetime(2026, 12, 1, 12, tzinfo=UTC)
_WORDS = (
    "Rechnung", "Zoë", "naïve", "日本語の件名", "😀👩‍👩‍👧", "=?utf-8?q?no?=", "a=b", "x" * 120, "é" * 90, "عربى", "two  spaces", '"quoted"',
    "back\\slash", "(comment)", "semi;colon", "<angle>", "100%", "_under_", "e\u0301",
)  # fmt: skip
_LINES = (
    "plain", "", ".", "..", ".hidden", "From here on", "tab\tinside", "trailing space ", "x" * 2000, "日本語" * 200, "=3D", "--boundary",
    "😀" * 50,     "\u2028separator", "nul\0inside", "form\ffeed",
)  # fmt: skip
_PERL = r"""
use MIME::Parser; use JSON::PP; use Encode qw(decode); use Digest::SHA qw(sha256_hex);
my $parser = MIME::Parser->new; $parser->output_to_core(1); $parser->tmp_to_core(1);
sub words { my $raw = shift // ""; $raw =~ s/\r?\n(?=[ \t])//g; chomp $raw; return decode("MIME-Header", $raw); }
while (my $path = <STDIN>) {
  chomp $path; my $mail = $parser->parse_open($path); my %found = (subject => words($mail->head->get("Subject", 0)), files => []);
  my @parts = $mail->parts_DFS;
  for my $part (@parts) {
    next if $part->is_multipart;
    my $content = $part->bodyhandle ? $part->bodyhandle->as_string : "";
    if (($part->head->mime_attr("content-disposition") // "") eq "attachment") {
      my $name = $part->head->mime_attr("content-disposition.filename");
      # How this parser hands over a value in the encoding of RFC 2231.
      if ($name =~ s/^=\?utf-8\?Q\?(.*)\?=$/$1/s) { $name =~ s/=([0-9A-F]{2})/chr hex $1/ge; }
      $name = decode("UTF-8", $name);
      push @{$found{files}}, [$name, length $content, sha256_hex($content)];
    } else { $found{$part->mime_type} = decode($part->head->mime_attr("content-type.charset") // "ascii", $content); }
  }
  my ($id) = $mail->head->get("Message-ID", 0) =~ /(<.*>)/;
  print encode_json([$id, \%found]), "\n";
}
"""


@dataclass(frozen=True)
class Given:
    """What a mail was made of, as both parsers should see it."""

    job: SendEmail
    files: dict[str, bytes]

    @property
    def seen(self) -> dict[str, Any]:
        texts = {"text/plain": self.job.text, "text/html": self.job.html}
        files = [[one.name, *_digest(self._content(one))] for one in self.job.attachments]
        return {"subject": self.job.subject, "files": files} | {
            kind: _lines(text) for kind, text in texts.items() if text is not None
        }

    def _content(self, one: Attachment) -> bytes:
        return self.files[one.name] if one.content is None else one.content


def test_two_parsers_read_every_part_as_it_was_given(
    server: MailServer, connect: Callable[..., Mailer], tmp_path: Path
) -> None:
    perl = _perl()
    before, mailer, given = len(server.mails()), connect("open"), {}
    chance = random.Random(20261201)
    for number in range(MAILS):
        one = _made(chance, number)
        given[_send(mailer, one, f"shape-{number}")] = one.seen
    arrived = server.arrived(before + MAILS)

    python = dict(_python_reads(mail) for mail in arrived)
    perls = _perl_reads(perl, arrived, tmp_path)

    assert [(name, one) for name, one in given.items() if python[name] != one] == []
    assert [(name, one, perls[name]) for name, one in given.items() if perls[name] != one] == []


def _made(chance: random.Random, number: int) -> Given:
    sizes = {7: [LARGEST], 8: [4_000_000, 0]}.get(
        number, [chance.randrange(9000) for _ in range(chance.choice([0, 0, 1, 3]))]
    )
    files = {f"{chance.choice(_NAMES)}-{at}.bin": _content(number, size) for at, size in enumerate(sizes)}
    attachments = []
    for name, content in files.items():
        is_named = len(content) > _LARGEST_HELD or chance.choice([True, False])
        attachments.append({"name": name} | ({"file": "x"} if is_named else {"content": base64.b64encode(content)}))
    bodies = chance.choice([("text",), ("html",), ("text", "html")])
    fields = {kind: "\n".join(chance.choices(_LINES, k=chance.randrange(1, 12))) + "\n" for kind in bodies}
    subject = " ".join(chance.choices(_WORDS, k=chance.randrange(1, 6)))
    job = SendEmail.model_validate(
        {"to": ["alice@example.org"], "subject": subject, "attachments": attachments} | fields
    )
    return Given(job, files)


_NAMES = ("plan", "plän", "日本語", "a b", "quote'", "100%", "semi;colon", "x" * 150, "é" * 80, "😀")


def _send(mailer: Mailer, one: Given, identity: str) -> str:
    job = one.job
    message = compose(job, job.to[0], Body(job.text, job.html), config=mailer.config, identity=identity, date=_AT)
    named = [file for file in job.attachments if file.content is None]
    streams = [AttachedFile(file.name, io.BytesIO(one.files[file.name]), len(one.files[file.name])) for file in named]
    mailer.send(message, job.to[0], lambda: None, dict(zip(stand_ins(job, identity), streams, strict=True)))
    return str(message["Message-ID"])


def _python_reads(mail: bytes) -> tuple[str, dict[str, Any]]:
    message = email.message_from_bytes(mail, policy=email.policy.default)
    found: dict[str, Any] = {"subject": str(message["Subject"]), "files": []}
    for part in message.walk():
        if part.is_multipart():
            continue
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        if part.get_content_disposition() == "attachment":
            found["files"].append([part.get_filename(), *_digest(content)])
        else:
            found[part.get_content_type()] = _lines(content.decode(part.get_content_charset("ascii")))
    return str(message["Message-ID"]), found


def _perl_reads(perl: str, mails: list[bytes], folder: Path) -> dict[str, dict[str, Any]]:
    for number, mail in enumerate(mails):
        (folder / str(number)).write_bytes(mail)
    paths = "".join(f"{folder / str(number)}\n" for number in range(len(mails)))
    run = subprocess.run([perl, "-e", _PERL], input=paths.encode(), capture_output=True, check=True, timeout=300)
    read = dict(json.loads(line) for line in run.stdout.splitlines())
    for one in read.values():
        one |= {kind: _lines(one[kind]) for kind in ("text/plain", "text/html") if kind in one}
    return read


def _perl() -> str:
    perl = shutil.which("perl")
    if perl and not subprocess.run([perl, "-MMIME::Parser", "-e", "1"], check=False, capture_output=True).returncode:
        return perl
    reason = "there is no perl with MIME::Parser: apt-get install libmime-tools-perl"
    return pytest.fail(reason) if os.environ.get(REQUIRED) else pytest.skip(reason)


def _content(number: int, size: int) -> bytes:
    return hashlib.shake_256(str(number).encode()).digest(size)


def _digest(content: bytes) -> tuple[int, str]:
    return len(content), hashlib.sha256(content).hexdigest()


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")
