"""Relays as operators write them."""

import pytest

from providers.smtp.config import Tls
from providers.smtp.relays.address import read_relays
from providers.smtp.settings import SmtpSettings


def test_relays_are_read_in_their_order_with_the_usual_ports() -> None:
    text = (
        "smtps://fleet%40example.org:p%2C%40ss@backup.example.org, smtp://third.example.org:2525\nsmtp+none://127.0.0.1"
    )

    first, second, third = read_relays(text)

    assert (first.host, first.port, first.tls, first.username) == (
        "backup.example.org",
        465,
        Tls.IMPLICIT,
        "fleet@example.org",
    )
    assert first.password is not None
    assert first.password.get_secret_value() == "p,@ss"
    assert (second.host, second.port, second.tls, second.username) == ("third.example.org", 2525, Tls.STARTTLS, None)
    assert (third.port, third.tls) == (25, Tls.NONE)


@pytest.mark.parametrize(
    "text",
    [
        "backup.example.org",
        "http://backup.example.org",
        "smtp://",
        "smtp://user@host",
        "smtp://host/path",
        "smtp://host:port",
        "smtp://host?x=1",
    ],
)
def test_what_is_no_relay_is_refused_by_its_number(text: str) -> None:
    with pytest.raises(ValueError, match="number 2: write smtp://host"):
        read_relays(f"smtp://good.example.org, {text}")


def test_no_refusal_repeats_a_password() -> None:
    with pytest.raises(ValueError, match="relay") as refused:
        SmtpSettings.model_validate(
            {"host": "mail.example.org", "sender": "f@example.org", "relays": "smtp://u:hunter2@h/x"}
        )

    assert "hunter2" not in str(refused.value)


def test_a_relay_takes_all_but_its_place_and_login_from_the_first() -> None:
    settings = SmtpSettings.model_validate(
        {
            "host": "mail.example.org",
            "sender": "Fleet <f@example.org>",
            "username": "first",
            "password": "one",
            "local_name": "worker.example.org",
            "relays": "smtps://backup.example.org",
        }
    )

    first, second = settings.configs("smtp")

    assert (first.host, first.port, first.username) == ("mail.example.org", 587, "first")
    assert (second.host, second.port, second.username, second.password) == ("backup.example.org", 465, None, None)
    assert (second.sender, second.sender_name, second.local_name) == (first.sender, "Fleet", "worker.example.org")


def test_a_password_does_not_travel_in_the_clear_to_any_relay() -> None:
    with pytest.raises(ValueError, match="in the clear"):
        SmtpSettings.model_validate(
            {"host": "mail.example.org", "sender": "f@example.org", "relays": "smtp+none://u:p@backup.example.org"}
        )
