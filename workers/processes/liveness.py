"""Whether a process of this machine runs."""

import os


def is_alive(pid: int) -> bool:
    """One that has ended and was not collected by its parent still counts."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
