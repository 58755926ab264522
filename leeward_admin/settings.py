"""The configuration: LEEWARD_ variables and `leeward.toml`, read and validated."""

from workers.settings import Settings
from workers.settings_problem import InvalidSettings

__all__ = ["InvalidSettings", "Settings"]
