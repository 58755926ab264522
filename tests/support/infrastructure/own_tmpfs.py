"""A small tmpfs that one process of a test sees at /mnt, and that is gone with it."""

import shutil
import subprocess

ON_A_TMPFS = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=400k tmpfs /mnt && exec "$@"', "sh"]
"""What comes before the process's command."""


def can_mount() -> bool:
    """Not where namespaces are forbidden, as in many containers."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*ON_A_TMPFS, "true"], check=False, capture_output=True).returncode == 0
