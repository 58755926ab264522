"""The configuration: LEEWARD_ variables and `leeward.toml`, read and validated."""

import os
from collections.abc import Iterator

from workers.settings.problem import InvalidSettings, Problem
from workers.settings.reader.source import Source
from workers.settings.settings import Settings

__all__ = ["InvalidSettings", "Settings", "settings_to_work"]


def settings_to_work() -> Settings:
    """The settings of this environment, for a process that is to work with the installed extensions.

    Raises:
        InvalidSettings: what is wrong with the fleet's own settings, and then also with those of providers and actors.
    """
    try:
        return Settings.from_environment()
    except InvalidSettings as invalid:
        raise InvalidSettings([*invalid.problems, *_more_problems(invalid)]) from None


def _more_problems(invalid: InvalidSettings) -> Iterator[Problem]:
    from workers.composition.composition import compose  # loads the extensions

    settings, _ = Settings.read(Source.read(os.environ))
    settings.hide_secrets()
    reported = {problem.name for problem in invalid.problems}
    yield from (problem for problem in compose(settings).problems if problem.name not in reported)
