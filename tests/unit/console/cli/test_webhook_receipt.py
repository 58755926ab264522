"""What a person reads who has handed in a webhook."""

import pytest

from console.cli.providers.webhooks import said_of
from leeward_admin import Receipt, WebhookOutcome


@pytest.mark.parametrize(
    ("receipt", "said"),
    [
        (Receipt(WebhookOutcome.ACCEPTED, "job-1"), "Accepted: job job-1 asks the service."),
        (Receipt(WebhookOutcome.DUPLICATE, "job-1"), "Duplicate: job job-1 of an earlier one asks the service."),
        (Receipt(WebhookOutcome.DUPLICATE), "Duplicate: an earlier one is being taken right now."),
        (Receipt(WebhookOutcome.IGNORED), "Ignored: it needs nothing."),
    ],
)
def test_each_outcome_is_a_sentence(receipt: Receipt, said: str) -> None:
    assert said_of(receipt) == said
