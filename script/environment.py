"""Makes `.venv` from the lock, and does nothing when it is already so.

Standard library only. Works with a distribution's Python that has no ensurepip (PEP 668 included), as any user, in a path with spaces.

Usage: python3 script/environment.py run|dev
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".venv"
PYTHON = HOME / "bin" / "python"
OLDEST = (3, 11)


def main() -> None:
    if sys.version_info < OLDEST:
        sys.exit(f"Leeward needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {sys.version.split()[0]}. Set PYTHON to a newer one.")
    lock = ROOT / "requirements" / f"{sys.argv[1]}.txt"
    with (ROOT / ".venv.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        stamp = HOME / f"stamp-{sys.argv[1]}"
        if not stamp.exists() or stamp.read_text() != digest(lock):
            build(lock)
            stamp.write_text(digest(lock))


def digest(lock: Path) -> str:
    """What the environment depends on: the lock, the two projects' metadata, the interpreter and the place."""
    parts = [lock.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), (ROOT / "schemas" / "pyproject.toml").read_bytes()]
    parts += [sys.version.encode(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def build(lock: Path) -> None:
    print(f"Preparing {HOME} from requirements/{lock.name} ...", file=sys.stderr)
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", "import sys; print(sys.version)"], capture_output=True, text=True).stdout.strip() != sys.version:
        shutil.rmtree(HOME)
    if not PYTHON.exists():
        create()
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": str(HOME)}
    if run([PYTHON, "-m", "uv", "--version"], quiet=True) or not pip("install", "--quiet", "uv"):
        done = run([PYTHON, "-m", "uv", "pip", "install", "--quiet", "--require-hashes", "-r", lock], environment) and run(
            [PYTHON, "-m", "uv", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "-e", ROOT, "-e", ROOT / "schemas"],
            environment,
        )
    else:  # no wheel of uv for this machine: slower, same lock
        done = not pip("install", "--quiet", "--require-hashes", "-r", str(lock)) and not pip(
            "install", "--quiet", "--no-deps", "--no-build-isolation", "-e", str(ROOT), "-e", str(ROOT / "schemas")
        )
    if not done:
        sys.exit("The environment could not be prepared; see the messages above. A package registry that pip can reach is needed.")


def create() -> None:
    """A bare environment: pip is brought in from outside, so that ensurepip is not needed."""
    venv.EnvBuilder(with_pip=False, clear=True, symlinks=True).create(HOME)
    if run([sys.executable, "-m", "pip", "--version"], quiet=True):
        return
    try:
        venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(HOME)
    except subprocess.CalledProcessError:
        sys.exit("Neither pip nor ensurepip is there for this Python. Install one of them (on Debian: python3-pip or python3-venv).")


def pip(*arguments: str) -> int:
    """The environment's own pip where it has one, else the interpreter's pip working on the environment. Returns the exit code."""
    own = run([PYTHON, "-m", "pip", "--version"], quiet=True)
    command = [PYTHON, "-m", "pip"] if own else [sys.executable, "-m", "pip", "--python", PYTHON]
    return subprocess.run([*command, "--disable-pip-version-check", *arguments]).returncode


def run(command: list[str | Path], environment: dict[str, str] | None = None, *, quiet: bool = False) -> bool:
    stream = subprocess.DEVNULL if quiet else None
    return subprocess.run(command, env=environment, stdout=stream, stderr=stream).returncode == 0


if __name__ == "__main__":
    main()
