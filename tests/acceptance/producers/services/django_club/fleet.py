from functools import cache

from django.conf import settings

from leeward import Leeward


@cache
def fleet() -> Leeward:
    """One client per process; its threads share it."""
    return Leeward(settings.LEEWARD_URL)
