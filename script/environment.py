"""Makes `.venv` from the lock, and does nothing when it is already so.

Standard library only. Works with a distribution's Python that has no ensurepip (PEP 668 included), as any user, in a path with spaces.

`producer` makes `.venv-producer` instead: the `leeward` wheel and what that needs, nothing of the fleet. `run` comes before it.
`beside` makes an environment like `dev` for another interpreter, say `.venv-3.12.1`: see script/interpreters. `dev` comes before it.

`run` holds what a fleet needs in production, `demo` also the servers and simulators of the demo, `dev` also what tests and checks need.

Usage: python3 script/environment.py run|demo|dev|producer|beside
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILDER = ROOT / ".venv" / "bin" / "python"
PRODUCER = sys.argv[1:] == ["producer"]
BESIDE = sys.argv[1:] == ["beside"]
HOME = ROOT / (".venv-producer" if PRODUCER else f".venv-{platform.python_version()}" if BESIDE else ".venv")
PYTHON = HOME / "bin" / "python"
OLDEST = (3, 11)


def main() -> None:
    if sys.version_info < OLDEST:
        sys.exit(
            f"Leeward needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {sys.version.split()[0]}. Set PYTHON to a newer one."
        )
    lock = ROOT / "requirements" / f"{'dev' if BESIDE else sys.argv[1]}.txt"
    with (ROOT / ".venv.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        stamp = HOME / f"stamp-{sys.argv[1]}"
        if not stamp.exists() or stamp.read_text() != digest(lock):
            build(lock)
            stamp.write_text(digest(lock))


def digest(lock: Path) -> str:
    """What the environment depends on: the lock, the projects' metadata, the interpreter, the place, and what was built."""
    parts = [
        lock.read_bytes(),
        (ROOT / "pyproject.toml").read_bytes(),
        (ROOT / "schemas" / "pyproject.toml").read_bytes(),
    ]
    parts += [sys.version.encode(), str(ROOT).encode()]
    if PRODUCER:  # it has a copy of these, not a link to them
        sources = sorted(path for path in (ROOT / "schemas" / "src").rglob("*") if path.suffix in {".py", ".lua"})
        parts += [part for path in sources for part in (str(path).encode(), path.read_bytes())]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def build(lock: Path) -> None:
    print(f"Preparing {HOME} from requirements/{lock.name} ...", file=sys.stderr)
    if PYTHON.exists() and version(PYTHON) != sys.version:
        shutil.rmtree(HOME)
    if not PYTHON.exists():
        create()
    with tempfile.TemporaryDirectory() as wheels:
        done = install("--require-hashes", "-r", lock) and (
            build_wheel(wheels) and install("--no-deps", "--force-reinstall", *Path(wheels).glob("*.whl"))
            if PRODUCER
            else install("--no-deps", "--no-build-isolation", "-e", ROOT, "-e", ROOT / "schemas")
        )
    if not done:
        sys.exit(
            "The environment could not be prepared; see the messages above. A package registry that pip can reach is needed."
        )


def install(*arguments: str | Path) -> bool:
    """With uv, which `.venv` has where there is a wheel of it for this machine; else with pip: slower, same lock."""
    tool = BUILDER if PRODUCER or BESIDE else PYTHON
    if run([tool, "-m", "uv", "--version"], quiet=True) or (tool == PYTHON and not pip("install", "--quiet", "uv")):
        # The certificates that the machine trusts, as pip does: a company's own registry is often signed by the company.
        environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_SYSTEM_CERTS": "true"}
        if run([tool, "-m", "uv", "pip", "install", "--quiet", "--python", PYTHON, *arguments], environment):
            return True
        print("uv could not install them; trying pip ...", file=sys.stderr)
    return not pip("install", "--quiet", *arguments)


def build_wheel(folder: str) -> bool:
    if not BUILDER.exists():
        sys.exit("Run `python3 script/environment.py run` first: it has what builds the wheel.")
    command = [BUILDER, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
    return run(command, quiet=True, folder=ROOT / "schemas")


def version(python: Path) -> str:
    command = [python, "-c", "import sys; print(sys.version)"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def create() -> None:
    """A bare environment: pip is brought in from outside, so that ensurepip is not needed."""
    venv.EnvBuilder(with_pip=False, clear=True, symlinks=True).create(HOME)
    if run([sys.executable, "-m", "pip", "--version"], quiet=True):
        return
    try:
        venv.EnvBuilder(with_pip=True, clear=True, symlinks=True).create(HOME)
    except subprocess.CalledProcessError:
        sys.exit(
            "Neither pip nor ensurepip is there for this Python. Install one of them (on Debian: python3-pip or python3-venv)."
        )


def pip(*arguments: str | Path) -> int:
    """The environment's own pip where it has one, else the interpreter's pip working on the environment. Returns the exit code."""
    own = run([PYTHON, "-m", "pip", "--version"], quiet=True)
    command = [PYTHON, "-m", "pip"] if own else [sys.executable, "-m", "pip", "--python", PYTHON]
    return subprocess.run([*command, "--disable-pip-version-check", *arguments], check=False).returncode


def run(
    command: list[str | Path], environment: dict[str, str] | None = None, *, quiet: bool = False, folder: Path = ROOT
) -> bool:
    stream = subprocess.DEVNULL if quiet else None
    return (
        subprocess.run(command, env=environment, cwd=folder, stdout=stream, stderr=stream, check=False).returncode == 0
    )


if __name__ == "__main__":
    main()
