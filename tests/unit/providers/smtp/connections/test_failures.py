"""What is kept of a relay's refusal: the wait that it asks for, and its words without control characters."""

from datetime import timedelta

import pytest

from leeward.extension.errors import ProviderError, TargetUnavailable, Transient
from providers.smtp.answers.known_texts import LONGEST
from providers.smtp.answers.replies import Stage, meaning
from providers.smtp.config import SmtpConfig
from providers.smtp.connections.failures import CROWDED, asked_pause, refusal
from providers.smtp.connections.reply import LONGEST_LINE, MOST_LINES

CONFIG = SmtpConfig(host="mail.example.org", port=25, sender="fleet@example.org")


def refused(code: int, text: bytes, stage: Stage = Stage.RCPT) -> ProviderError:
    return refusal(CONFIG, stage, code, text)


@pytest.mark.parametrize("unit", ["a", "0", '"', "<a", "a@", "your ip ", "exceeded ", "helo "])
def test_of_the_longest_reply_only_the_beginning_is_read(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def reading(code: int, text: str, *_: object) -> type[ProviderError]:
        read.append(len(text))
        return meaning(code, text, Stage.RCPT)

    monkeypatch.setattr("providers.smtp.connections.failures.meaning", reading)
    longest = "\n".join([(unit * LONGEST_LINE)[:LONGEST_LINE]] * MOST_LINES)

    assert isinstance(refused(550, f"no such user\n{longest}".encode()), ProviderError)
    assert read == [LONGEST]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("4.7.1 Greylisted, please try again in 300 seconds", 300),
        ("Greylisting in effect, please come back in 5 minutes", 300),
        ("4.2.0 Greylisted for 5 minutes", 300),
        ("4.7.1 Greylisted for 300 seconds (see http://isg.ee.ethz.ch/tools/postgrey/help/example.org.html)", 300),
        ("Please wait 60 seconds and try again", 60),
        ("4.7.1 try again after 90s", 90),
        ("try again after 10 min", 600),
        ("retry in 99999 seconds", 3600),
        ("come back in 2 days", None),
        ("Mailbox full", None),
        ("4.7.1 in 5", None),
        ("", None),
    ],
)
def test_the_pause_that_a_greylisting_server_asks_for_is_kept(text: str, seconds: int | None) -> None:
    assert asked_pause(text) == (None if seconds is None else timedelta(seconds=seconds))


def test_a_recipient_that_is_put_off_waits_as_long_as_it_asked_and_at_least_minutes() -> None:
    error = refused(451, b"4.7.1 Greylisted, try again in 30 minutes")

    assert isinstance(error, TargetUnavailable)
    assert error.retry_after == timedelta(minutes=30)
    assert error.patience == CONFIG.patience
    assert CONFIG.patience.first * 0.9 > timedelta(minutes=5)


@pytest.mark.parametrize(
    "text",
    [
        "4.7.0 mx Error: too many connections from 1.2.3.4",
        "too many concurrent SMTP connections",
        "4.3.2 all server ports are busy",
    ],
)
def test_a_relay_without_a_session_left_for_us_is_left_alone_for_a_while(text: str) -> None:
    error = refused(421, text.encode(), Stage.CONNECT)

    assert type(error) is Transient
    assert error.retry_after == CROWDED


@pytest.mark.parametrize(
    "said",
    [
        b"\x1b]0;owned\x07 no",
        b"no\r\x00user",
        b"\xff\xfe\xfd",
        b"a\nb\tc",
        "5.1.1 \u202egnirts".encode(),
        b"\x80" * 5000,
        b"x" * 5000,
    ],
)
def test_what_a_server_says_is_one_line_that_steers_no_terminal(said: bytes) -> None:
    shown = str(refused(550, said))

    assert shown.isprintable()
    assert len(shown) < 300
