"""Children that end with the process that started them, also when that process is killed with SIGKILL."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
# Looked up here, not in the child: between fork and exec a child must not load libraries.
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def dies_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn` after which the kernel sends `death_signal` to the child when its parent is gone.

    Linux watches the *thread* that started the child, not the process: start children from a thread that lives as long
    as they shall. On other systems it does nothing.
    """
    parent = os.getpid()

    def prepare() -> None:
        if _prctl is None:
            return
        _prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died before the call took effect
            os._exit(1)

    return prepare
