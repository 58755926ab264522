"""Runs the producer: another service, in an environment of its own that has only the `leeward` wheel."""

import json
from pathlib import Path

from console.demo import programme
from console.demo.child import ROOT, Child
from console.demo.orders import Orders, read
from console.demo.pace import Pace
from console.demo.stage import Stage
from console.exit_code import Failed

PYTHON = ROOT / ".venv-producer" / "bin" / "python"
_SCRIPT = Path(__file__).with_name("producer.py")


def enqueue_all(stage: Stage, pace: Pace) -> Orders:
    """What it asked for.

    Raises:
        Failed: it could not.
    """
    check()
    order = programme.order(pace, valkey_url=stage.valkey_url, files_url=stage.files.url)
    # Isolated: neither its folder nor PYTHONPATH lends it anything of ours.
    command: list[str | Path] = [PYTHON, "-I", _SCRIPT]
    with Child("producer", command, log=stage.folder / "producer.log", env=stage.env) as producer:
        producer.tell(json.dumps(order))
        lines = list(producer.answers)
        if producer.wait():
            raise Failed(f"the producer failed: {producer.last_words()}")
    return read(lines)


def check() -> None:
    """Raises: Failed: there is no environment for the producer."""
    if not PYTHON.exists():
        raise Failed(
            "the producer's environment is missing: use script/demo, or run `python3 script/environment.py producer`"
        )
