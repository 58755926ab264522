"""Readers of mail headers: Python's two parsers, and Perl's, which shares no code with them."""

import base64
import email
import email.policy
import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import collapse_rfc2231_value, parseaddr

import pytest

_PERL = r"""
use Encode qw(decode encode); use MIME::Base64;
while (<STDIN>) {
  chomp; my ($kind, $data) = split / /; my $raw = decode_base64($data);
  $raw =~ s/\r\n(?=[ \t])//g;
  if ($kind eq "phrase") { $raw =~ s/\s*<[^<>]*>$//; if ($raw =~ /^"(.*)"$/s) { ($raw = $1) =~ s/\\(.)/$1/g; } }
  print encode_base64(encode("UTF-8", decode("MIME-Header", $raw)), ""), "\n";
}
"""


def perl_reads(kind: str, values: Sequence[str]) -> list[str]:
    """What Perl's Encode makes of field values: `text`, or the `phrase` before an address. Skips the test where there is no Perl."""
    perl = shutil.which("perl")
    if (
        perl is None
        or subprocess.run([perl, "-MEncode::MIME::Header", "-MMIME::Base64", "-e", "1"], check=False).returncode
    ):
        pytest.skip("there is no perl with Encode::MIME::Header")
    lines = [f"{kind} {base64.b64encode(value.encode()).decode()}\n" for value in values]
    run = subprocess.run([perl, "-e", _PERL], input="".join(lines), capture_output=True, text=True, check=True)
    assert run.stderr == ""
    return [base64.b64decode(line).decode() for line in run.stdout.splitlines()]


def parsed(raw: bytes) -> EmailMessage:
    """By the current parser."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def legacy(raw: bytes) -> Message:
    """By the parser that most programs in Python still use."""
    return email.message_from_bytes(raw)


def legacy_text(value: str) -> str:
    return str(make_header(decode_header(re.sub(r"\r?\n", "", value))))


def legacy_name(value: str) -> str:
    return legacy_text(parseaddr(re.sub(r"\r?\n", "", value))[0])


def legacy_filename(part: Message) -> str:
    """From the parameter itself: `get_filename` unquotes what it has read once more."""
    return collapse_rfc2231_value(part.get_param("filename", header="content-disposition"))  # type: ignore[arg-type]


def as_json(texts: Sequence[str]) -> str:
    """For messages of failures: escapes show what looks alike."""
    return json.dumps(texts)
