"""A job belongs on one queue: that of its kind's family and its provider."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward import DownloadFile, SendEmail, SyncUser
from leeward.jobs.job import Job
from leeward.jobs.placement import misaddressed, misplaced
from leeward.jobs.queue_name import queue_name

NAMES = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True)
FAMILIES = st.one_of(st.sampled_from(["sync", "email", "download", "probe"]), NAMES)


def jobs(provider: str) -> list[Job]:
    return [
        SyncUser(provider=provider, user="alice"),
        SendEmail(provider=provider, to=("a@example.org",), subject="s", text="t"),
        DownloadFile(provider=provider, url="https://example.org/a", destination="a"),
    ]


@given(NAMES, st.integers(0, 2), FAMILIES, NAMES)
def test_a_job_belongs_on_its_own_queue_and_on_no_other(provider: str, which: int, family: str, other: str) -> None:
    job = jobs(provider)[which]
    queue = queue_name(family, other)

    assert misplaced(job, job.queue) is None
    assert (misplaced(job, queue) is None) == (queue == job.queue)


@pytest.mark.parametrize(
    ("queue", "why"),
    [
        ("sync.smtp", "the payload names the provider 'jellyfin', the queue 'sync.smtp' is another's"),
        ("email.smtp", "the payload names the provider 'jellyfin'"),
        ("lab", "the payload names the provider 'jellyfin'"),
        ("jellyfin", "jobs of the kind 'sync.user' do not belong on the queue 'jellyfin'"),
        ("email.jellyfin", "jobs of the kind 'sync.user' do not belong on the queue 'email.jellyfin'"),
    ],
)
def test_the_sentence_says_what_is_wrong_and_where_it_belongs(queue: str, why: str) -> None:
    told = misplaced(SyncUser(user="alice"), queue) or ""

    assert told.startswith(why)
    assert told.endswith("enqueue it on 'sync.jellyfin', as the `leeward` client does")


@given(NAMES, NAMES)
def test_a_message_is_for_the_queue_where_it_waits(written: str, queue: str) -> None:
    assert (misaddressed(written, queue) is None) == (written == queue)
