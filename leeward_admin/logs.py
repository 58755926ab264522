"""What a command of ours logs: to standard error, as the configuration says."""

from typing import Literal

from workers.processes.logs import configure
from workers.settings.settings import Settings

__all__ = ["log_as_configured", "log_errors_only"]


def log_errors_only(settings: Settings) -> None:
    """For a command that answers and ends: its answer says what there is to say."""
    configure(level="ERROR", form=settings.log_format)


def log_as_configured(settings: Settings, *, form: Literal["auto", "json", "text"] | None = None) -> Settings:
    """For a process that runs until it is stopped. The settings that it and its children run with, in which `form` is chosen."""
    chosen = form or settings.log_format
    configure(level=settings.log_level, form=chosen)
    return settings.model_copy(update={"log_format": chosen})
