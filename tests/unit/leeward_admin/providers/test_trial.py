"""Which job shows whether a provider really does it."""

import pytest

from leeward.errors import Invalid
from leeward.jobs.email.send import SendEmail
from leeward_admin.providers.trial import trial_at

QUEUES = frozenset({"email.smtp", "email.backup", "sync.jellyfin"})


def test_a_provider_that_sends_mail_sends_one() -> None:
    job = trial_at("backup", "ops@example.org", QUEUES)

    assert isinstance(job, SendEmail)
    assert (job.queue, job.to) == ("email.backup", ("ops@example.org",))


@pytest.mark.parametrize(
    ("provider", "to", "words"),
    [
        ("smtp", None, "name the address.*--to"),
        ("smtp", "nobody", "cannot be written to"),
        ("smtp", "a@example.org\r\nBcc: b@example.org", "cannot be written to"),
        ("jellyfin", "ops@example.org", "can be tried"),
        ("elsewhere", "ops@example.org", "can be tried"),
    ],
)
def test_what_cannot_be_tried_says_why(provider: str, to: str | None, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        trial_at(provider, to, QUEUES)
