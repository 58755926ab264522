"""What operators may set about their mail relay, and that it reaches the client."""

import pytest

from leeward.extension.errors import Misconfigured, QuotaExceeded, TargetUnavailable
from providers.smtp.answers.override import Override
from providers.smtp.config import SmtpConfig
from providers.smtp.settings import SmtpSettings
from workers.composition.composition import usable
from workers.settings.problem import InvalidSettings
from workers.settings.settings import Settings

RELAY = {"LEEWARD_SMTP_HOST": "mail.example.org", "LEEWARD_SMTP_SENDER": "Fleet <fleet@example.org>"}


def _relay(environment: dict[str, str]) -> SmtpConfig:
    settings = usable(Settings.load(environment)).instances["smtp"].settings
    assert isinstance(settings, SmtpSettings)
    return settings.config("smtp")


def test_the_local_name_and_overrides_reach_the_mailer() -> None:
    overrides = "550 try tomorrow = quota; 554 mailbox = busy = recipient\n550 5.7.1 go away = misconfigured"
    named = {"LEEWARD_SMTP_LOCAL_NAME": "worker.example.org", "LEEWARD_SMTP_OVERRIDES": overrides}

    config = _relay(RELAY | named)

    assert config.local_name == "worker.example.org"
    assert config.overrides == (
        Override(550, "try tomorrow", QuotaExceeded),
        Override(554, "mailbox = busy", TargetUnavailable),
        Override(550, "5.7.1 go away", Misconfigured),
    )


def test_without_them_the_machine_names_itself_and_the_known_texts_decide() -> None:
    config = _relay(RELAY)

    assert (config.local_name, config.overrides) == (None, ())


@pytest.mark.parametrize(
    "rule",
    [
        "550",
        "550 = quota",
        "quota",
        "250 fine = quota",
        "650 no = quota",
        "550 no = sometimes",
        "550 no quota",
        "550no = quota",
        "= quota",
    ],
)
def test_an_override_that_is_no_rule_is_refused_with_how_to_write_one(rule: str) -> None:
    with pytest.raises(InvalidSettings) as refused:
        _relay(RELAY | {"LEEWARD_SMTP_OVERRIDES": f"550 try tomorrow = quota; {rule}"})

    (problem,) = refused.value.problems
    assert problem.name == "LEEWARD_SMTP_OVERRIDES"
    assert repr(rule) in problem.advice
    assert "550 try tomorrow = quota" in problem.advice


@pytest.mark.parametrize(
    "name", ["worker", "worker.example.org", "w-1.example.org", "[192.0.2.7]", "[IPv6:2001:db8::1]"]
)
def test_a_local_name_is_a_host_name_or_an_address(name: str) -> None:
    assert _relay(RELAY | {"LEEWARD_SMTP_LOCAL_NAME": name}).local_name == name


@pytest.mark.parametrize(
    "name",
    [
        "a b",
        "-worker",
        "worker..example.org",
        "worker.example.org.",
        "wörker",
        "a\r\nb",
        "[192.0.2.7",
        "x" * 64,
        ".".join(["x" * 63] * 5),
    ],
)
def test_a_local_name_that_no_relay_takes_is_refused(name: str) -> None:
    with pytest.raises(InvalidSettings, match="SMTP_LOCAL_NAME"):
        _relay(RELAY | {"LEEWARD_SMTP_LOCAL_NAME": name})
