"""The configuration: LEEWARD_ variables and `leeward.toml`, read and validated."""

from workers.settings.problem import InvalidSettings
from workers.settings.settings import Settings

__all__ = ["InvalidSettings", "Settings"]
