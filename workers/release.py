"""Which release of the fleet's package this is."""

from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "leeward-fleet"


def release() -> str:
    """Empty for a checkout that is not installed."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return ""
