"""`leeward jobs`: lists of jobs."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from console.cli.fleet import fleet
from console.cli.jobs.filter_options import conditions, filter_from
from console.cli.terminal.screen import Screen, output
from console.cli.terminal.time_text import span_text, when

if TYPE_CHECKING:
    from leeward_admin import JobPage, ListedJob

STATES = {"waiting": "ready", "running": "running", "scheduled": "scheduled", "ended": "done"}
_MOST = 1_000
