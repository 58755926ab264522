"""What Perl reads of the headers that we write: its code shares nothing with Python's."""

import base64
import re
import shutil
import subprocess
from collections.abc import Sequence

import pytest

from providers.smtp.headers import mailbox, unstructured
from tests.unit.providers.smtp.headers.test_headers import sample

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


def test_a_reader_that_is_not_python_reads_subjects_as_they_were_given() -> None:
    texts = sample(400)

    read = perl_reads("text", [unstructured("Subject", text) for text in texts])

    assert [pair for pair in zip(texts, read, strict=True) if pair[0] != pair[1]] == []


def test_a_reader_that_is_not_python_reads_names_as_they_were_given() -> None:
    texts = [text for text in sample(400) if not re.search(r"\s\s", text) and len(text) < 200]

    read = perl_reads("phrase", [mailbox("From", "a@example.org", text) for text in texts])

    assert [pair for pair in zip(texts, read, strict=True) if pair[0] != pair[1]] == []
