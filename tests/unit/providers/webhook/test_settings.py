from typing import Any

import pytest
from pydantic import ValidationError

from providers.webhook.settings import WebhookSettings

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"url": "https://example.org/hook?key=1", "secret": SECRET},
        {"url": "https://example.org/hook", "secret": SECRET, "previous_secret": OTHER},
    ],
)
def test_an_instance_has_a_receiver_or_leaves_it_to_jobs(values: dict[str, Any]) -> None:
    assert WebhookSettings.model_validate(values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"url": "https://example.org/hook"}, "both url and secret"),
        ({"secret": SECRET}, "both url and secret"),
        ({"previous_secret": OTHER}, "previous_secret is for"),
        ({"url": "ftp://example.org/hook-7", "secret": SECRET}, "not a web address"),
        ({"url": "hook-7", "secret": SECRET}, "not a web address"),
        ({"url": "https://example.org/hook-7", "secret": "hook-7"}, "whsec_"),
    ],
)
def test_what_cannot_work_is_refused_and_not_repeated(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words) as refused:
        WebhookSettings.model_validate(values)
    assert "hook-7" not in str(refused.value)


def test_what_is_secret_is_not_shown() -> None:
    settings = WebhookSettings.model_validate({"url": "https://example.org/hook-7", "secret": SECRET})

    assert "hook-7" not in repr(settings)
    assert SECRET not in repr(settings)
