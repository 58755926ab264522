"""What each reply of `providers.md` section 6 stands for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.extension.errors import (
    AuthFailed,
    Misconfigured,
    Permanent,
    QuotaExceeded,
    RateLimited,
    TargetUnavailable,
    Transient,
)
from providers.smtp.answers.override import Override
from providers.smtp.answers.replies import Stage, enhanced, meaning, needs_patience


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.RCPT])
@pytest.mark.parametrize("code", [421, 450, 451, 452])
def test_4yz_is_the_relays_where_no_recipient_is_asked_about(code: int, stage: Stage) -> None:
    assert meaning(code, "later", stage) is Transient


@pytest.mark.parametrize("code", [450, 451, 452, 455])
@pytest.mark.parametrize("text", ["later", "4.0.0 later", "4.1.1 later", "4.2.0 later", "4.4.1 later", "4.7.1 later"])
def test_4yz_for_a_recipient_is_about_that_recipient(code: int, text: str) -> None:
    assert meaning(code, text, Stage.RCPT) is TargetUnavailable


@pytest.mark.parametrize("text", ["421 later", "4.3.0 later", "4.3.1 later", "4.3.2 later", "4.3.5 later"])
def test_421_and_a_trouble_of_the_system_are_the_relays_also_at_rcpt(text: str) -> None:
    code, said = (421, "4.2.1 later") if text.startswith("421") else (451, text)

    assert meaning(code, said, Stage.RCPT) is Transient


@given(
    st.sampled_from(Stage),
    st.integers(0, 9),
    st.integers(0, 999),
    st.sampled_from(["closing", "no such user", "denied"]),
)
def test_a_server_that_closes_kills_no_mail_whatever_enhanced_code_it_adds(
    stage: Stage, subject: int, detail: int, text: str
) -> None:
    assert meaning(421, f"5.{subject}.{detail} {text}", stage) is Transient


@pytest.mark.parametrize("stage", [Stage.RCPT, Stage.DATA, Stage.FINAL])
@pytest.mark.parametrize("code", [550, 551, 552, 553, 554, 521, 556])
def test_5yz_is_permanent_for_that_recipient(code: int, stage: Stage) -> None:
    assert meaning(code, "no", stage) is Permanent
    assert meaning(code, "5.0.0 no", stage) is Permanent


@pytest.mark.parametrize("stage", [Stage.RCPT, Stage.DATA, Stage.FINAL])
@pytest.mark.parametrize(("code", "text"), [(521, "5.3.2 host does not accept mail"), (556, "5.1.10 null MX")])
def test_a_host_that_never_takes_mail_is_permanent_for_that_recipient(code: int, text: str, stage: Stage) -> None:
    assert meaning(code, text, stage) is Permanent


@pytest.mark.parametrize("code", [530, 534, 535, 538])
@pytest.mark.parametrize("stage", [Stage.AUTH, Stage.MAIL, Stage.RCPT])
def test_refused_credentials_stop_the_whole_queue_wherever_they_are_noticed(code: int, stage: Stage) -> None:
    assert meaning(code, "5.7.0 no", stage) is AuthFailed


@pytest.mark.parametrize(("code", "stage"), [(454, Stage.AUTH), (432, Stage.AUTH), (454, Stage.STARTTLS)])
def test_a_temporary_failure_of_auth_or_tls_is_transient(code: int, stage: Stage) -> None:
    assert meaning(code, "4.7.0 Temporary authentication failure", stage) is Transient


def test_amazons_454_means_what_its_text_says() -> None:
    rate = "Throttling failure: Maximum sending rate exceeded."
    quota = "Throttling failure: Daily message quota exceeded."

    assert meaning(454, rate, Stage.FINAL) is RateLimited
    assert meaning(454, quota, Stage.FINAL) is QuotaExceeded
    assert meaning(454, "Throttling failure: Daily sending quota exceeded.", Stage.FINAL) is QuotaExceeded
    assert meaning(454, "Throttling failure", Stage.FINAL) is RateLimited


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize(
    ("code", "text"),
    [
        (500, "The number of sessions exceeds the maximum (10)"),
        (554, "5.7.1 The number of connections exceeds the maximum"),
        (550, "Too many concurrent SMTP connections"),
        (550, "5.7.1 Connection limit exceeded"),
        (521, "Maximum number of sessions reached"),
    ],
)
def test_a_permanent_code_for_sessions_that_are_all_in_use_is_transient(code: int, text: str, stage: Stage) -> None:
    assert meaning(code, text, stage) is Transient


@pytest.mark.parametrize(
    "text",
    [
        "no session for you",
        "connection refused by policy",
        "too many mails per session",
        "mails per connection limit reached",
    ],
)
def test_a_session_or_connection_in_other_words_changes_no_meaning(text: str) -> None:
    assert meaning(550, text, Stage.RCPT) is Permanent


def test_an_override_of_ones_own_comes_first() -> None:
    overrides = (Override(550, "try tomorrow", QuotaExceeded), Override(454, "throttling failure", Transient))

    assert meaning(550, "5.7.1 Please TRY TOMORROW", Stage.RCPT, overrides) is QuotaExceeded
    assert meaning(454, "Throttling failure", Stage.FINAL, overrides) is Transient


def test_the_enhanced_class_is_preferred_to_the_code() -> None:
    assert meaning(550, "4.2.1 receiving too quickly", Stage.RCPT) is TargetUnavailable
    assert meaning(550, "4.3.1 disk full", Stage.RCPT) is Transient
    assert meaning(450, "5.1.1 no such user", Stage.RCPT) is Permanent
    assert meaning(535, "4.7.0 try again", Stage.AUTH) is Transient


@pytest.mark.parametrize("stage", [Stage.CONNECT, Stage.STARTTLS, Stage.AUTH])
def test_a_permanent_refusal_before_any_mail_is_an_operators_error(stage: Stage) -> None:
    assert meaning(554, "5.3.2 no SMTP service here", stage) is Misconfigured


@pytest.mark.parametrize("text", ["5.1.7 bad sender", "5.1.8 bad sender domain"])
def test_a_refused_sender_is_an_operators_error(text: str) -> None:
    assert meaning(553, text, Stage.MAIL) is Misconfigured


@pytest.mark.parametrize(
    "name",
    [
        *("rate-limit", "ratelimit", "slow.down", "too.fast", "throttled", "your.quota", "daily.limit", "hourly-quota"),
        *(
            "spf",
            "dmarc",
            "spamhaus",
            "starttls.required",
            "relaying.denied",
            "greylist",
            "internal.error",
            "over.quota",
        ),
        *('"rate limit"', '"daily limit exceeded"', '"relay access denied"'),
    ],
)
@pytest.mark.parametrize("domain", ["example.org", "rate-limit.example.org"])
@pytest.mark.parametrize(
    "text",
    [
        "{}: no such user",
        "<{}>: Recipient address rejected: unknown",
        "no mailbox {} here",
        "unknown user <{}>",
        "{}... no",
    ],
)
def test_whoever_chooses_the_recipient_does_not_choose_what_its_refusal_means(
    name: str, domain: str, text: str
) -> None:
    said = text.format(f"{name}@{domain}")

    assert meaning(550, said, Stage.RCPT) is Permanent
    assert meaning(450, said, Stage.RCPT) is TargetUnavailable


def test_a_message_that_is_too_large_is_permanent_although_it_is_refused_at_mail_from() -> None:
    assert meaning(552, "5.3.4 message too big", Stage.MAIL) is Permanent


def test_what_does_not_speak_smtp_is_an_operators_error_at_first_and_later_a_line_out_of_step() -> None:
    assert meaning(-1, "HTTP/1.1 400 Bad Request", Stage.CONNECT) is Misconfigured
    assert meaning(250, "OK", Stage.DATA) is Transient


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (450, "4.2.1 The user you are trying to contact is receiving mail too quickly"),
        (452, "4.2.2 The email account that you tried to reach is over quota"),
        (451, "4.7.1 Greylisted, please try again later"),
        (450, "4.2.0 <b@example.org>: Recipient address rejected: Greylisted"),
        (451, "grey-listed"),
        (451, "Graylisting in effect"),
    ],
)
def test_greylisting_and_full_mailboxes_need_patience(code: int, text: str) -> None:
    assert needs_patience(code, text)


@pytest.mark.parametrize(
    ("code", "text"), [(451, "4.3.0 local error"), (421, "shutting down"), (550, "5.7.1 greylisted")]
)
def test_other_refusals_do_not(code: int, text: str) -> None:
    assert not needs_patience(code, text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4.7.1 later", "4.7.1"),
        ("2.0.0", "2.0.0"),
        ("see 4.7.1", None),
        ("4.7.1234 x", None),
        ("10.0.0.1 refused", None),
    ],
)
def test_only_a_code_at_the_beginning_is_an_enhanced_code(text: str, code: str | None) -> None:
    assert enhanced(text) == code
