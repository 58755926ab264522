"""One real job at a provider, for a person who wants to see it arrive."""

from collections.abc import Collection

from pydantic import ValidationError

from leeward.actions import ListProviders
from leeward.errors import Invalid
from leeward.jobs.job import Job
from leeward.jobs.kinds import KINDS
from leeward.jobs.queue_name import queue_name
from leeward_admin.jobs.request import newest_kind


def trial_at(provider: str, to: str | None, queues: Collection[str]) -> Job:
    """The job of the first kind that is served at the provider and has a trial (`Job.trial`).

    Args:
        provider: an instance.
        to: as the kind understands it.
        queues: those that live workers serve.

    Raises:
        Invalid: no kind that is served there has a trial, or `to` is none for it.
    """
    served = {one.kind for one in KINDS.facts() if queue_name(one.family, provider) in queues}
    try:
        found = [job for kind in sorted(served) if (job := newest_kind(kind).trial(provider, to)) is not None]
    except ValidationError:
        raise Invalid(f"{to!r} cannot be written to; give an address, such as ops@example.org") from None
    except ValueError as error:
        raise Invalid(f"{error}: --to ADDRESS") from None
    if not found:
        raise Invalid(
            f"no worker serves a job at {provider} that can be tried; a health probe is all there is",
            actions=(ListProviders(),),
        )
    return found[0]
