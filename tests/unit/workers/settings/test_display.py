"""Addresses as people may see them."""

import pytest

from workers.settings.display import shown_url


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("redis://valkey:6379/0", "redis://valkey:6379/0"),
        ("redis://:hunter2@valkey:6379/0", "redis://:[redacted]@valkey:6379/0"),
        (
            "postgresql://user:hunter2@db/leeward?sslpassword=hunter2",
            "postgresql://user:[redacted]@db/leeward?[redacted]",
        ),
    ],
)
def test_an_address_is_shown_without_its_password_and_its_query(address: str, shown: str) -> None:
    assert shown_url(address) == shown
