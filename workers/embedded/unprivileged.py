"""PostgreSQL refuses to run as root. This finds a way that adds no account and opens no folder."""

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from leeward.errors import NotReady
from workers.embedded.binaries import copy_readable

_NOBODY = "nobody"


class NoUnprivilegedWay(NotReady):
    """Raised when root cannot start PostgreSQL as another user.

    Attributes:
        directory: the data folder that `nobody` cannot reach.
    """

    code = "no_unprivileged_account"

    def __init__(self, directory: Path) -> None:
        super().__init__(
            f"PostgreSQL does not run as root, user namespaces are not allowed here, and the account {_NOBODY} cannot "
            f"reach {directory}. Run as an ordinary user, set LEEWARD_DATA_DIR to a folder that everyone can reach, "
            "or set LEEWARD_DATABASE_URL."
        )
        self.directory = directory


@dataclass(frozen=True, slots=True)
class Unprivileged:
    """How to start a program of `bindir`.

    Attributes:
        bindir: the programs, or a copy that the account can read.
        prefix: what to put before the command.
        user, group: whose rights the process gets, or None for ours; the data folder must be theirs.
    """

    bindir: Path
    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None

    def hand_over(self, directory: Path) -> None:
        """Gives the folder and all in it to the account, where it is not ours already."""
        if self.user is not None and self.group is not None:
            for path in (directory, *directory.rglob("*")):
                os.chown(path, self.user, self.group, follow_symlinks=False)


def unprivileged(bindir: Path, directory: Path) -> Unprivileged:
    """The first way that works here: we are not root; a user namespace; `nobody`; `nobody` with copied programs.

    Raises:
        NoUnprivilegedWay: none does.
    """
    if os.geteuid() != 0:
        return Unprivileged(bindir)
    nobody = pwd.getpwnam(_NOBODY)
    return _in_user_namespace(bindir, nobody) or _as_nobody(bindir, directory, nobody)


def _in_user_namespace(bindir: Path, nobody: pwd.struct_passwd) -> Unprivileged | None:
    """Root in a namespace in which it has the name of the user `nobody`: no file changes its owner, and folders closed to others stay
    closed.
    """
    unshare = shutil.which("unshare")
    if unshare is None:
        return None
    prefix = (unshare, "--user", f"--map-user={nobody.pw_uid}", f"--map-group={nobody.pw_gid}", "--")
    probe = subprocess.run([*prefix, bindir / "postgres", "--version"], capture_output=True, check=False)
    return Unprivileged(bindir, prefix=prefix) if probe.returncode == 0 else None


def _as_nobody(bindir: Path, directory: Path, nobody: pwd.struct_passwd) -> Unprivileged:
    if not is_open_to_all(directory.parent):
        raise NoUnprivilegedWay(directory)
    reachable = bindir if is_open_to_all(bindir) else copy_readable(bindir, directory / "programs")
    return Unprivileged(reachable, user=nobody.pw_uid, group=nobody.pw_gid)


def is_open_to_all(folder: Path) -> bool:
    """Whether every account may pass through the folder and those above it."""
    return all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.parents))
