from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from demo.pace import FULL, QUICK


def test_an_outage_in_which_a_job_could_spend_all_its_attempts_is_refused() -> None:
    changes: tuple[dict[str, Any], ...] = (
        {"unavailable": FULL.retry_after * 5},
        {"refusing": timedelta(seconds=2)},
        {"unavailable": FULL.retry_after * 4},
    )
    for change in changes:
        with pytest.raises(ValueError, match="attempts"):
            replace(FULL, **change)


def test_the_quick_one_is_shorter_in_everything() -> None:
    assert QUICK.unavailable < FULL.unavailable
    assert QUICK.lease < FULL.lease
    assert QUICK.users + QUICK.mails + QUICK.files < FULL.users + FULL.mails + FULL.files
