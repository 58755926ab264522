"""What a failed assertion says: which jobs there are, and how the nearest one differs."""

from collections.abc import Sequence
from difflib import ndiff

from leeward.testing.fake.job import FakeJob
from leeward.testing.fake.match import Wanted, shown

MOST_SHOWN = 20
NUMBERS = {0: "no", 1: "one"}
LONG = 60
"""Characters of a text from which on its lines are compared."""


def not_found(wanted: Wanted, jobs: Sequence[FakeJob]) -> str:
    """For a job that should have been enqueued."""
    lines = [f"no {wanted.named()} was enqueued."]
    near = [job for job in jobs if wanted.is_kind_of(job)]
    if near:
        nearest = min(near, key=lambda job: len(wanted.differences(job)))
        lines += ["", f"The nearest of {_counted(len(near))} of this kind differs:", *_difference(wanted, nearest)]
    return "\n".join([*lines, "", *listed(jobs)])


def miscounted(wanted: Wanted, found: Sequence[FakeJob], times: int, jobs: Sequence[FakeJob]) -> str:
    """For another number of jobs than expected."""
    expected = f"{NUMBERS.get(times, times)} {wanted.named(times or 1)}"
    positions = ", ".join(f"#{jobs.index(job) + 1}" for job in found)
    which = f" ({positions})" if found else ""
    were = "was" if len(found) == 1 else "were"
    return "\n".join([f"expected {expected}; {len(found)} {were} enqueued{which}.", "", *listed(jobs)])


def listed(jobs: Sequence[FakeJob]) -> list[str]:
    """A line for each job."""
    if not jobs:
        return ["No job at all was enqueued."]
    rows = [(f"#{number}", job.kind, job.state.value, _given(job)) for number, job in enumerate(jobs, start=1)]
    widths = [max(len(row[at]) for row in rows) for at in range(3)]
    lines = ["  ".join([*map(str.ljust, row[:3], widths), row[3]]) for row in rows[:MOST_SHOWN]]
    left_out = len(rows) - MOST_SHOWN
    return ["All jobs:", *(f"  {line}" for line in lines), *([f"  and {left_out} more"] if left_out > 0 else [])]


def _given(job: FakeJob) -> str:
    """What was given, without defaults."""
    fields = " ".join(f"{name}={_short(shown(job.job, name, getattr(job.job, name)))}" for name in _set_fields(job))
    return f"{fields}  {job.reason}: {job.error!r}" if job.error is not None else fields


def _set_fields(job: FakeJob) -> list[str]:
    return [name for name in type(job.job).model_fields if name in job.job.model_fields_set]


def _difference(wanted: Wanted, job: FakeJob) -> list[str]:
    lines: list[str] = []
    for name in wanted.differences(job):
        expected, found = wanted.values[name], getattr(job.job, name, None)
        lines.append(f"  {name}")
        if _is_text(expected) and _is_text(found) and shown(job.job, name, found) == repr(found):
            lines += [f"    {line.rstrip()}" for line in ndiff(str(expected).splitlines(), str(found).splitlines())]
        else:
            lines += [
                f"    expected {shown(job.job, name, expected)}",
                f"    found    {shown(job.job, name, found) if hasattr(job.job, name) else 'no such field'}",
            ]
    return lines


def _is_text(value: object) -> bool:
    return isinstance(value, str) and ("\n" in value or len(value) > LONG)


def _short(text: str) -> str:
    return text if len(text) <= LONG else f"{text[: LONG - 3]}..."


def _counted(number: int) -> str:
    return f"{number} job{'' if number == 1 else 's'}"
