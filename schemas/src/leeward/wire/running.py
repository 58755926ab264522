"""Whether this thread runs a job: what that job enqueues is part of work the fleet has accepted already."""

from contextvars import ContextVar
from typing import Any

running_job: ContextVar[Any] = ContextVar("leeward_delivery", default=None)
"""The delivery that this thread runs; set by the fleet's workers only."""
