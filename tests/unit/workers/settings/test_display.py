"""What people are shown of the configuration."""

from workers.settings.display import displayed, shown_url
from workers.settings.settings import VARIABLES, Settings

SECRET = "hunter2-hunter2"


def test_every_variable_is_shown_and_no_secret() -> None:
    settings = Settings.load(
        {
            "LEEWARD_VALKEY_URL": f"redis://:{SECRET}@valkey:6379/0",
            "LEEWARD_DATABASE_URL": f"postgresql://user:{SECRET}@postgres/leeward?sslpassword={SECRET}",
            "LEEWARD_JELLYFIN_URL": "https://media.example.org",
            "LEEWARD_JELLYFIN_TOKEN": SECRET,
            "LEEWARD_KEEP_DISCARDED": "36h",
            "LEEWARD_SMTP_HOST": "mail.example.org",
            "LEEWARD_SMTP_SENDER": "fleet@example.org",
            "LEEWARD_SMTP_OVERRIDES": "550 Try tomorrow=quota;\n 554 mailbox busy =  RECIPIENT ;",
        }
    )

    shown = dict(displayed(settings))

    assert list(shown) == [f"LEEWARD_{variable}" for variable in VARIABLES]
    assert SECRET not in str(shown)
    assert shown["LEEWARD_VALKEY_URL"] == "redis://:[redacted]@valkey:6379/0"
    assert shown["LEEWARD_DATABASE_URL"] == "postgresql://user:[redacted]@postgres/leeward?[redacted]"
    assert shown["LEEWARD_JELLYFIN_TOKEN"] == "[redacted]"
    assert shown["LEEWARD_SMTP_PASSWORD"] == "(not set)"
    assert shown["LEEWARD_LEASE_SECONDS"] == "15"
    assert shown["LEEWARD_KEEP_FINISHED"] == "30d"
    assert shown["LEEWARD_KEEP_DISCARDED"] == "36h"
    assert shown["LEEWARD_SMTP_OVERRIDES"] == "550 Try tomorrow = quota; 554 mailbox busy = recipient"
    assert shown["LEEWARD_SMTP_LOCAL_NAME"] == "(not set)"
    assert shown["LEEWARD_KEEP_RECOVERED"] == "(not set)"
    assert shown["LEEWARD_DOWNLOAD_ALLOW_PRIVATE"] == "false"


def test_an_address_without_a_password_is_shown_as_it_is() -> None:
    assert shown_url("redis://valkey:6379/0") == "redis://valkey:6379/0"
