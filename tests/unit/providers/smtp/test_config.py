from typing import Any

import pytest
from pydantic import SecretStr

from providers.smtp.config import SmtpConfig, Tls

PASSWORD = SecretStr("open sesame")


def config(**options: Any) -> SmtpConfig:
    values: dict[str, Any] = {"host": "mail.example.org", "port": 587, "sender": "fleet@example.org"}
    return SmtpConfig(**values | options)


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        ({"host": ""}, "host name"),
        ({"host": "smtp://mail.example.org"}, "host name"),
        ({"port": 0}, "1 to 65535"),
        ({"sender": "fleet"}, "sender"),
        ({"sender": "jürgen@example.org"}, "sender"),
        ({"sender": "a@b\r\nBcc: c@d"}, "sender"),
        ({"sender_name": "Fleet\r\nBcc: c@d"}, "U.000D"),
        ({"sender_name": "Fleet  mail"}, "two spaces"),
        ({"username": "fleet"}, "or neither"),
        ({"password": PASSWORD}, "or neither"),
        ({"username": "fleet", "password": SecretStr("pässwort")}, "ASCII"),
        ({"username": "fleet", "password": PASSWORD, "tls": Tls.NONE}, "in the clear"),
        ({"messages_per_connection": 0}, "more than zero"),
    ],
)
def test_a_value_that_cannot_work_is_refused_with_advice(options: dict[str, Any], advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        config(**options)


def test_a_password_without_tls_is_allowed_on_loopback() -> None:
    assert config(host="127.0.0.1", tls=Tls.NONE, username="fleet", password=PASSWORD).username == "fleet"


def test_the_password_is_not_in_the_repr() -> None:
    assert "sesame" not in repr(config(username="fleet", password=PASSWORD))


def test_the_longest_send_leaves_the_final_reply_its_time() -> None:
    assert config().longest_send > config().final_reply_timeout


@pytest.mark.parametrize(
    ("host", "server"),
    [
        ("relay.example", "relay.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
    ],
)
def test_a_relay_is_reached_by_its_ascii_name(host: str, server: str) -> None:
    assert SmtpConfig(host=host, port=25, sender="fleet@example.org").server == server
