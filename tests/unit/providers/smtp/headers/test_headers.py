# ruff: noqa: RUF001 # letters of other alphabets are what this is about
"""What a reader decodes is what was given, on one line, by whichever reader."""

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from leeward.extension.errors import Permanent
from leeward.jobs.email.attachment import Attachment
from leeward.jobs.email.send import SendEmail
from providers.smtp.config import SmtpConfig
from providers.smtp.headers import Unwritable, disposition, mailbox, unstructured
from providers.smtp.mail.body import Body
from providers.smtp.mail.message import compose
from providers.smtp.mail.wire import wire_form
from tests.unit.providers.smtp.headers.judges import (
    legacy,
    legacy_filename,
    legacy_name,
    legacy_text,
    parsed,
)

DATE = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
UNWRITABLE = "\r\n\x00\t\x1b\x7f\x85\x9f\u2028\u2029\ufdd0\uffff\U0001fffe"
PIECES = (
    *(
        "日本 ",
        "é",
        "of ",
        " ",
        "  ",
        "(beta) ",
        "_x_",
        "50% ",
        "«new»",
        "-",
        "Ωmega",
        "𝒳",
        "👩\u200d👧",
        "e\u0301",
        "\u00a0",
        "\u3000",
        "\ufeff",
        "ẞ",
    ),
    *(
        "=?",
        "?=",
        "=?utf-8?q?Hi=0AReply-To=3A_x=40example.net?=",
        "=?utf-8?b?SGk=?=",
        "?==?",
        "=?x?q?a?=",
        "=?utf-8?Q?",
        "%0d%0a",
        "''",
        "utf-8''",
    ),
    *(
        '"',
        "\\",
        "'",
        ",",
        ";",
        ":",
        "<",
        ">",
        "@",
        "(",
        ")",
        "[",
        "]",
        ".",
        "=",
        "?",
        "*0*=",
        "%",
        "&",
        '\\"',
        "a" * 80,
        "x " * 60,
    ),
)
WRITABLE = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cn"])
TEXTS = st.one_of(
    st.text(WRITABLE, min_size=1, max_size=120),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=40).map("".join),
)
GIVEN = [
    "=?utf-8?q?Hi=0AReply-To=3A_x=40attacker.example?=",
    "a Ωmega Übersicht I 50% account été — I re: a",
    "schön of 50% (beta) _x_ I & 日本 _x_ of schön 日本",
    "日本 été (beta) «new» (beta) «new» 日本 50% naïve",
    "日本 " * 20 + "x",
    "указанному подтверждён доставлен адресу ваш понедельник подтверждён спасибо в в понедельник подтверждён будет",
    "Отдел по работе с клиентами компании Рога и Копыта международный филиал",
    " ",
    "a  b",
    " a",
    "a ",
    "Smith, John",
    'The "Fleet"',
    "a" * 190,
    "word " * 35 + "end",
]


def sent(*, subject: str = "s", sender_name: str = "", **fields: Any) -> bytes:
    config = SmtpConfig(host="mail.example.org", port=25, sender="fleet@example.org", sender_name=sender_name)
    job = SendEmail(to=("a@example.org",), subject="s", text="t").model_copy(update={"subject": subject} | fields)
    return wire_form(compose(job, "a@example.org", Body("t", None), config=config, identity="k", date=DATE))


def attached(name: str) -> bytes:
    return sent(attachments=(Attachment.model_construct(name=name, content_type="application/x-thing", content=b"x"),))


def head(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[0] + b"\r\n"


def fields_of(raw: bytes) -> list[bytes]:
    return re.findall(rb"^([A-Za-z-]+):", head(raw), re.MULTILINE)


NAMES = [
    b"Message-ID",
    b"Date",
    b"From",
    b"To",
    b"Subject",
    b"Content-Type",
    b"Content-Transfer-Encoding",
    b"MIME-Version",
]


def given_texts(test: Any) -> Any:
    for text in GIVEN:
        test = example(text)(test)
    return given(TEXTS)(test)


@given_texts
def test_a_subject_reads_as_it_was_given(subject: str) -> None:
    raw = sent(subject=subject)

    assert fields_of(raw) == NAMES
    assert str(parsed(raw)["Subject"]) == subject
    assert legacy_text(legacy(raw)["Subject"]) == subject
    assert max(map(len, head(raw).split(b"\r\n"))) <= 78
    assert b"?==?" not in head(raw)


@given_texts
def test_a_senders_name_reads_as_it_was_given_or_is_refused(name: str) -> None:
    assume(len(name) < 200)
    if re.search(r"\s\s", name):
        refused(lambda: mailbox("From", "fleet@example.org", name), "two spaces")
        return
    raw = sent(sender_name=name)

    assert fields_of(raw) == NAMES
    (sender,) = parsed(raw)["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name, "fleet@example.org")
    assert legacy_name(legacy(raw)["From"]) == name


@given_texts
def test_an_attachments_name_reads_as_it_was_given_or_is_refused(name: str) -> None:
    if name != name.strip():
        refused(lambda: disposition(name), "space|brackets")
        return
    if re.fullmatch(r'".*"|<.*>', name):
        refused(lambda: disposition(name), "brackets")
        return
    raw = attached(name)

    (part,) = parsed(raw).iter_attachments()
    assert part.get_filename() == name
    read: Any = legacy(raw).get_payload()
    assert legacy_filename(read[-1]) == name
    assert not {"Bcc", "Reply-To"} & set(read[-1].keys())
    assert max(map(len, raw.split(b"\r\n"))) <= 78


def refused(write: Callable[[], object], why: str) -> None:
    with pytest.raises(Unwritable, match=why):
        write()


def sample(n: int) -> list[str]:
    dice = random.Random(17)
    return GIVEN + ["".join(dice.choices(PIECES, k=dice.randrange(1, 30))) for _ in range(n)]


@pytest.mark.parametrize("character", UNWRITABLE)
def test_what_no_reader_reads_back_is_refused_with_its_name(character: str) -> None:
    text = f"a{character}b"

    ways: tuple[Callable[[], object], ...] = (
        lambda: unstructured("Subject", text),
        lambda: mailbox("From", "a@b", text),
        lambda: disposition(text),
    )
    for write in ways:
        with pytest.raises(Unwritable, match=f"U\\+{ord(character):04X}"):
            write()
    with pytest.raises(Permanent, match="U\\+"):
        sent(subject=text)


@pytest.mark.parametrize("character", "\r\n\x00\x7f\x85\x9f\u2028\u2029\uffff")
def test_what_cannot_be_written_is_refused_at_enqueue(character: str) -> None:
    with pytest.raises(ValueError, match="subject"):
        SendEmail(to=("a@example.org",), subject=f"a{character}b", text="t")
    with pytest.raises(ValueError, match="name"):
        SendEmail(
            to=("a@example.org",), subject="s", text="t", attachments=(Attachment(name=f"a{character}", content=b""),)
        )


def test_a_name_too_long_for_a_line_is_refused() -> None:
    with pytest.raises(Unwritable, match="too long"):
        mailbox("From", "a@example.org", "é" * 500)
