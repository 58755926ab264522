"""Settings that only make sense together."""

from collections.abc import Iterator, Mapping

from workers.settings.environment import PREFIX
from workers.settings.problem import Problem

# A -> B: whoever sets A must set B too.
_NEEDS = (
    ("JELLYFIN_URL", "JELLYFIN_TOKEN", "an API key from Jellyfin's dashboard"),
    ("JELLYFIN_TOKEN", "JELLYFIN_URL", "the server's address"),
    ("JELLYFIN_CA_FILE", "JELLYFIN_URL", "the server's address"),
    ("JELLYFIN_PROXY", "JELLYFIN_URL", "the server's address"),
    ("DOWNLOAD_PROXY", "DOWNLOAD_ROOT", "the folder that downloads stay inside"),
    ("DOWNLOAD_CA_FILE", "DOWNLOAD_ROOT", "the folder that downloads stay inside"),
    ("SMTP_HOST", "SMTP_SENDER", "the address that mail comes from"),
    ("SMTP_SENDER", "SMTP_HOST", "the mail server's name"),
    ("SMTP_PORT", "SMTP_HOST", "the mail server's name"),
    ("SMTP_TLS", "SMTP_HOST", "the mail server's name"),
    ("SMTP_LOCAL_NAME", "SMTP_HOST", "the mail server's name"),
    ("SMTP_CA_FILE", "SMTP_HOST", "the mail server's name"),
    ("SMTP_OVERRIDES", "SMTP_HOST", "the mail server's name"),
    ("SMTP_USERNAME", "SMTP_HOST", "the mail server's name"),
    ("SMTP_USERNAME", "SMTP_PASSWORD", "its password"),
    ("SMTP_PASSWORD", "SMTP_USERNAME", "whose password it is"),
)


def incomplete_groups(values: Mapping[str, str]) -> Iterator[Problem]:
    """A problem for each setting that lacks its companion."""
    for name, companion, meaning in _NEEDS:
        if name in values and companion not in values:
            yield Problem(PREFIX + name, f"is set without {PREFIX}{companion}; set that to {meaning}, or remove this.")
