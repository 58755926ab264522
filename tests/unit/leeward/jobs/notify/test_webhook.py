import pytest
from pydantic import SecretStr, ValidationError

from leeward import NotifyWebhook
from leeward.jobs.secret import REDACTED, redact

SECRET = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")


@pytest.mark.parametrize("event", ["ping", "user.created", "media_library.item_added2"])
def test_an_event_is_named_by_words_with_stops_between_them(event: str) -> None:
    assert NotifyWebhook(event=event).queue == "notify.webhook"


@pytest.mark.parametrize("event", ["", ".", "user.", "user created", "user-created", "a..b"])
def test_anything_else_names_no_event(event: str) -> None:
    with pytest.raises(ValidationError):
        NotifyWebhook(event=event)


def test_a_receiver_of_its_own_has_a_secret_of_its_own() -> None:
    assert NotifyWebhook(event="ping", url="https://example.org/hook", secret=SECRET)
    with pytest.raises(ValidationError, match="both url and secret"):
        NotifyWebhook(event="ping", url="https://example.org/hook")
    with pytest.raises(ValidationError, match="both url and secret"):
        NotifyWebhook(event="ping", secret=SECRET)


@pytest.mark.parametrize("url", ["ftp://example.org/hook", "example.org", "file:///etc/passwd"])
def test_a_receiver_is_a_web_address(url: str) -> None:
    with pytest.raises(ValidationError):
        NotifyWebhook(event="ping", url=url, secret=SECRET)


def test_the_secret_is_shown_nowhere() -> None:
    job = NotifyWebhook(event="ping", url="https://example.org/hook", secret=SECRET)

    assert SECRET.get_secret_value() not in repr(job)
    assert redact(NotifyWebhook, job.to_payload())["secret"] == REDACTED
