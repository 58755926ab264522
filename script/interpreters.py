"""Finds the Pythons of this machine, from 3.11 to 3.13, and runs the unit tests on each patch release but the one of `.venv`.

Looks in PATH and where pyenv keeps its versions; downloads none. What a patch release changes in the standard library, in `email` above
all, changes what the fleet sends.

Usage: python script/interpreters.py [PYTEST ARGUMENTS]
"""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("python3.11", "python3.12", "python3.13", "python3")
SUPPORTED = [(3, 11), (3, 12), (3, 13)]
QUICK = ["-q", "-n", "2", "--dist", "loadfile", "-p", "no:cacheprovider", "--ignore=tests/unit/bench", "tests/unit"]
"""Not the tests of benchmarks, which start fleets: those are of the machine, not of the interpreter."""
LIMIT_SECONDS = 900


def main() -> None:
    others = {version: python for version, python in found().items() if version != platform.python_version()}
    if not others:
        print(f"No other Python than {platform.python_version()} here: nothing to run.")
    failed = [version for version, python in sorted(others.items()) if not passes(version, python, sys.argv[1:])]
    if failed:
        sys.exit(f"Failed on Python {', '.join(failed)}.")


def found() -> dict[str, Path]:
    """By their full version, the first of each that was found."""
    pythons: dict[str, Path] = {}
    for python in candidates():
        version = version_of(python)
        if version is not None:
            pythons.setdefault(version, python)
    return pythons


def candidates() -> Iterator[Path]:
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    yield from (path for path in sorted(pyenv.glob("*/bin/python3")) if os.access(path, os.X_OK))
    for folder in os.get_exec_path():
        yield from (path for name in NAMES if os.access(path := Path(folder) / name, os.X_OK))


def version_of(python: Path) -> str | None:
    """None for one that is not supported, does not start (as pyenv's shims of versions that are not chosen), or is an environment's."""
    ask = (
        "import platform, sys;"
        "print(platform.python_implementation(), *sys.version_info[:2], platform.python_version(), sys.prefix == sys.base_prefix)"
    )
    done = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False, cwd="/")
    match done.stdout.split():
        case ["CPython", major, minor, version, "True"] if (int(major), int(minor)) in SUPPORTED:
            return version
    return None


def passes(version: str, python: Path, arguments: list[str]) -> bool:
    print(f"Python {version}: {python}", flush=True)
    environment = [python, ROOT / "script" / "environment.py", "beside"]
    if subprocess.run(environment, cwd=ROOT, check=False).returncode:
        return False
    began = time.monotonic()
    command = [ROOT / f".venv-{version}" / "bin" / "python", "-m", "pytest", *(arguments or QUICK)]
    quick = {
        "HYPOTHESIS_PROFILE": "quick",
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": f"{ROOT}/.venv-{version}/bytecode",
    }
    try:
        done = subprocess.run(command, cwd=ROOT, env=os.environ | quick, check=False, timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        print(f"Python {version}: given up after {LIMIT_SECONDS} s", flush=True)
        return False
    print(f"Python {version}: {time.monotonic() - began:.0f} s", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    main()
